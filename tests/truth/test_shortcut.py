"""A model that relies on a planted cue must be seen to, and its twin that does not must not."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from benchmarks.truth.asked import Asked
from benchmarks.truth.covered import cue_covered, naming
from benchmarks.truth.shortcut import HELD_OUT, Twins, causes, cue_mass, scenes, trained_twins

SEEDS = range(5)
SCENES = 8


@cache
def twins(seed: int) -> Twins:
    return trained_twins(seed)


@pytest.mark.parametrize("seed", [0, 1])
def test_the_cue_gets_the_mass_in_the_model_that_it_moves_and_only_there(seed: int) -> None:
    cause = causes(twins(seed), seed)
    assert min(cause.accuracy_a, cause.accuracy_b) > 0.95
    assert cause.flipped_a > 0.75
    assert cause.flipped_b < 0.05
    (cam, product) = cue_mass(twins(seed), [Asked("grad_cam"), Asked("input_x_gradient")], seed, count=8)
    assert cam.a > 8 * cam.area
    assert cam.b < 2 * cam.area
    assert product.a > 3 * product.area
    assert product.b < 2 * product.area


@pytest.mark.parametrize("seed", SEEDS)
def test_the_verdict_names_the_cue_of_the_model_that_relies_on_it_and_not_of_its_twin(seed: int) -> None:
    of_a, of_b = (cue_covered(model, seed, SCENES) for model in (twins(seed).a, twins(seed).b))
    assert naming(of_a) == SCENES
    assert naming(of_b) == 0
    assert all(one.change < 0 and one.p == 1 / 65 for one in of_a)


def test_its_change_is_that_of_the_log_odds() -> None:
    held_out = scenes(HELD_OUT, 1000)
    first = np.flatnonzero(held_out.classes == 1)[0]
    model = twins(0).b  # of whose probability float32 leaves the log-odds to see
    (found,) = cue_covered(model, 0, 1)
    inside = held_out.cue[first]
    shown = held_out.with_cue[first].astype(np.float64)
    # A Gaussian by hand: four standard deviations of 3 pixels, the border repeated.
    reach = np.arange(-12, 13)
    weights = np.exp(-(reach**2) / 18) / np.exp(-(reach**2) / 18).sum()
    padded = np.pad(shown, ((12, 12), (12, 12), (0, 0)), mode="edge")
    rows = sum(weight * padded[12 + step : 28 + step] for step, weight in zip(reach, weights, strict=True))
    blurred = sum(weight * rows[:, 12 + step : 28 + step] for step, weight in zip(reach, weights, strict=True))
    edited = np.where(inside[..., None], blurred, shown)
    likely = model.predict(np.stack([shown, edited]).astype(np.float32), verbose=0).astype(np.float64)
    log_odds = np.log(likely[:, 1] / likely[:, 0])
    assert found.change == pytest.approx(log_odds[1] - log_odds[0], abs=1e-4)
