"""Nets weighed by hand: the exact map to 1e-5, and nothing outside the receptive field."""

from __future__ import annotations

import pytest

from benchmarks.truth.exact import exactness

SEEDS = pytest.mark.parametrize("seed", [0, 1])


@SEEDS
def test_maps_equal_their_closed_form(seed: int) -> None:
    errors = {(row.net, row.asked.name): row.error for row in exactness(seed)}
    assert {net for net, _ in errors} == {
        "sum",
        "ReLU gate",
        "product of two branches",
        "product of neighbours by squares",
        "negative evidence",
    }
    assert {pair: error for pair, error in errors.items() if error > 1e-5} == {}


@SEEDS
def test_nothing_lies_outside_the_receptive_field(seed: int) -> None:
    outside = {(row.net, row.asked.name): row.outside for row in exactness(seed) if row.asked.method != "occlusion"}
    assert outside
    assert {pair: value for pair, value in outside.items() if value > 0} == {}
