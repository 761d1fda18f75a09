"""The pointing game on composed digits: another class of the same picture moves the map."""

from __future__ import annotations

from benchmarks.truth.asked import Asked
from benchmarks.truth.composed import Composed, accuracy, pointed, trained_reader


def test_maps_follow_the_digit_that_is_asked_for() -> None:
    model, drawn = trained_reader(0, 100)
    assert accuracy(model, drawn) > 0.95
    few = Composed(drawn.images[:6], drawn.classes[:6])
    for row in pointed(model, [Asked("grad_cam"), Asked("input_x_gradient")], few, 0):
        assert row.hits > 0.85
        assert row.share > 0.4
        assert row.followed > 0.75
