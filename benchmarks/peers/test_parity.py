"""Ours, the paper's formula and the peers on shared noise, masks and segments: ``make parity``."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.peers.environment import MODULES
from benchmarks.peers.formulas import ASKED
from benchmarks.peers.parity import beside, peer, row
from benchmarks.peers.peer import WIDE, Theirs

ALL = [pytest.param(name, one, id=f"{name}-{one.asked}-{one.how}") for name in MODULES for one in peer(name).maps]


@pytest.mark.parametrize("asked", [name for name, asked in ASKED.items() if asked.paper])
def test_ours_is_the_formula_of_the_paper(asked: str) -> None:
    paper = ASKED[asked].paper
    assert paper is not None
    difference, _ = beside(asked, paper(WIDE))
    assert difference <= ASKED[asked].tolerance


@pytest.mark.parametrize(("name", "theirs"), ALL)
def test_a_peer_agrees_or_differs_from_the_paper_as_the_page_says(name: str, theirs: Theirs) -> None:
    found = row(name, theirs)
    if not theirs.differs:
        assert found.difference <= theirs.tolerance
        return
    paper = ASKED[theirs.asked].paper
    assert paper is not None
    by_formula = paper(theirs.case)
    assert beside(theirs.asked, by_formula, theirs.case)[0] <= ASKED[theirs.asked].tolerance
    off = np.abs(theirs.map(theirs.case) - by_formula).max() / np.abs(by_formula).max()
    assert off > 5 * ASKED[theirs.asked].tolerance


@pytest.mark.parametrize("asked", [name for name, asked in ASKED.items() if asked.paper is None])
def test_what_has_no_formula_is_compared_with_its_authors_code(asked: str) -> None:
    assert any(one.asked == asked and not one.differs for one in peer("pair").maps)
