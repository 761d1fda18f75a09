"""A model that relies on a planted cue must be seen to, and its twin that does not must not."""

from __future__ import annotations

import pytest

from benchmarks.truth.asked import Asked
from benchmarks.truth.shortcut import causes, cue_mass, trained_twins


@pytest.mark.parametrize("seed", [0, 1])
def test_the_cue_gets_the_mass_in_the_model_that_it_moves_and_only_there(seed: int) -> None:
    twins = trained_twins(seed)
    cause = causes(twins, seed)
    assert min(cause.accuracy_a, cause.accuracy_b) > 0.95
    assert cause.flipped_a > 0.75
    assert cause.flipped_b < 0.05
    (cam, product) = cue_mass(twins, [Asked("grad_cam"), Asked("input_x_gradient")], seed, count=8)
    assert cam.a > 8 * cam.area
    assert cam.b < 2 * cam.area
    assert product.a > 3 * product.area
    assert product.b < 2 * product.area
