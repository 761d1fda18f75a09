"""XAI-TRIS at a small size: methods that fit a scenario are well above chance."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from benchmarks.truth.asked import Asked
from benchmarks.truth.similarity import earth_mover, precision
from benchmarks.truth.tetrominoes import SCENARIOS, found, pictures, trained


@pytest.mark.parametrize(("scenario", "pixels"), [("linear", 8), ("multiplicative", 8), ("rigid", 4), ("xor", 8)])
def test_the_truth_is_where_the_class_changes_the_picture(scenario: str, pixels: int) -> None:
    drawn = pictures(scenario, 50, 0)
    assert set(drawn.truth.sum((1, 2))) == {pixels}
    assert set(drawn.classes) == {0, 1}
    assert np.abs(drawn.images).max() == 1


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_input_x_gradient_finds_the_tetromino(scenario: str) -> None:
    kind = "linear" if scenario == "linear" else "cnn"
    accuracy, (row, chance) = found(trained(scenario, kind, 0), scenario, [Asked("input_x_gradient")], 0, 16)
    assert accuracy > 0.88
    assert row.precision > 2 * chance.precision
    assert row.earth_mover > chance.earth_mover


def test_precision_counts_the_largest_magnitudes() -> None:
    values = np.array([[5.0, -4.0], [1.0, 0.0]])
    assert precision(values, np.array([[True, False], [False, True]])) == 0.5
    assert precision(values, np.array([[True, True], [False, False]])) == 1


def test_earth_mover_of_equal_piles_is_an_assignment() -> None:
    rng = np.random.default_rng(0)
    starts, goals = (rng.choice(64, 5, replace=False) for _ in range(2))
    values, region = np.zeros(64), np.zeros(64, bool)
    values[starts], region[goals] = 1, True
    places = np.argwhere(np.ones((8, 8)))
    distance = np.linalg.norm(places[starts][:, None] - places[goals][None], axis=-1)
    cost = distance[linear_sum_assignment(distance)].mean()
    found = earth_mover(values.reshape(8, 8), region.reshape(8, 8))
    assert found == pytest.approx(1 - cost / np.hypot(7, 7), abs=1e-9)
    assert earth_mover(region.reshape(8, 8).astype(float), region.reshape(8, 8)) == pytest.approx(1)
