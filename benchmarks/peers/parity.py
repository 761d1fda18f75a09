"""Every peer's maps beside ours and the paper's."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version

import numpy as np

from benchmarks.peers.case import Case
from benchmarks.peers.environment import MODULES, ROOT
from benchmarks.peers.formulas import ASKED
from benchmarks.peers.peer import WIDE, Peer, Theirs
from benchmarks.peers.sides import table

PAGE = ROOT / "docs" / "parity.md"


@dataclass(frozen=True)
class Row:
    """``theirs`` beside our map of the same question: the largest difference, as a share of our largest value."""

    peer: str
    theirs: Theirs
    difference: float
    correlation: float


@cache
def peer(name: str) -> Peer:
    return importlib.import_module(f"benchmarks.peers.{name}").PEER


@cache
def ours(asked: str, case: Case) -> np.ndarray:
    return np.asarray(ASKED[asked].ours(case), np.float64)


def beside(asked: str, found: np.ndarray, case: Case = WIDE) -> tuple[float, float]:
    """Difference, relative to the largest of our values, and correlation of a map with ours.

    Raises
    ------
    ValueError
        When ours is zero everywhere, or the shapes differ: then nothing is compared.
    """
    mine = ours(asked, case)
    if found.shape != mine.shape or not np.abs(mine).max():
        raise ValueError(f"{asked}: maps {found.shape} and {mine.shape} cannot be compared.")
    return float(np.abs(found - mine).max() / np.abs(mine).max()), float(np.corrcoef(found.ravel(), mine.ravel())[0, 1])


def row(name: str, theirs: Theirs) -> Row:
    return Row(peer(name).name, theirs, *beside(theirs.asked, np.asarray(theirs.map(theirs.case), np.float64), theirs.case))


def write() -> None:
    """docs/parity.md."""
    PAGE.write_text(section())


def section() -> str:
    """All of the page, Markdown."""
    rows = [row(name, theirs) for name in MODULES for theirs in peer(name).maps]
    rows.sort(key=lambda one: (list(ASKED).index(one.theirs.asked), bool(one.theirs.differs)))
    versions = ", ".join(f"{peer(name).name} {version(peer(name).distribution)}" for name in MODULES)
    lines = [
        "# Parity with other libraries",
        "",
        f"{versions};",
        "written by `python -m benchmarks.peers parity`, checked by `make parity`. Both sides get the same CNN (three",
        "convolutions with rectifiers, a dense layer; float32; for Captum the same weights in torch), image and class, and the",
        "same noise, masks and segments. Raw maps are compared: the largest difference, as a share of our largest value, and",
        "the correlation. CAMs are compared before they are enlarged. Not compared: expected gradients (Captum's GradientShap",
        "draws its own images), HiResCAM, Finer-CAM and CAM (no peer here has them); `docs/truth.md` has their errors.",
        "",
        "## Ours and the paper's formula",
        "",
        "The formula in numpy, on the same network written in bare operations. For Guided IG and XRAI the reference is their",
        "authors' own code, which is PAIR's, below. The integrals are compared with sums over 4000 steps.",
        "",
        "| method | difference | correlation |",
        "|---|---|---|",
    ]
    for name, asked in ASKED.items():
        if asked.paper:
            difference, correlation = beside(name, asked.paper(WIDE))
            lines.append(f"| {name} | {number(difference)} | {correlation:.4f} |")
    for title, differ in (("Peers that agree", False), ("Peers that differ from the paper, and by how much", True)):
        head = "| method | peer | called with | difference | correlation |" + " why |" * differ
        lines += ["", f"## {title}", "", head, "|" + "---|" * (5 + differ)]
        for one in rows:
            if bool(one.theirs.differs) == differ:
                cells = [one.theirs.asked, one.peer, one.theirs.how, number(one.difference), f"{one.correlation:.4f}"]
                lines.append(f"| {' | '.join(cells + [one.theirs.differs] * differ)} |")
    return "\n".join([*lines, "", *table()]) + "\n"


def number(value: float) -> str:
    """Two decimals, or a power of ten where they would hide the value."""
    return f"{value:.2f}" if value >= 0.05 else f"{value:.0e}" if value else "0"
