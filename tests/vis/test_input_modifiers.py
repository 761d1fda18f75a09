"""Jitter rolls, within its limits, and back."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from salwidget import vis
from tests import models

PLACES = np.arange(40 * 20).reshape(1, 40, 20, 1)


def offsets(jitter: Any, times: int = 300) -> np.ndarray:
    """By how much each axis was rolled, read from where the first pixel went."""
    modifier = vis.Jitter(jitter, seed=0)
    found = [np.argwhere(modifier.pre(PLACES)[0, ..., 0] == 0)[0] for _ in range(times)]
    return (np.array(found) + [20, 10]) % [40, 20] - [20, 10]


@pytest.mark.parametrize(
    ("jitter", "most"), [(0.05, (2, 1)), (0.2, (8, 4)), (3, (3, 3)), ((0.1, 2), (4, 2)), (0, (0, 0)), (1, (1, 1))]
)
def test_below_1_a_fraction_of_the_size_else_pixels(jitter: Any, most: tuple[int, int]) -> None:
    found = offsets(jitter)
    assert tuple(found.max(0)) == most
    assert tuple(found.min(0)) == tuple(-each for each in most)


def test_post_rolls_back_as_often_as_it_is_asked() -> None:
    jitter = vis.Jitter(0.3)
    for _ in range(20):
        moved = jitter.pre(PLACES)
        assert sorted(moved.ravel()) == sorted(PLACES.ravel())
        for _ in range(2):
            np.testing.assert_array_equal(jitter.post(moved), PLACES)


def test_a_signal_and_a_volume() -> None:
    for shape in ((1, 30, 2), (1, 6, 5, 4, 1)):
        jitter, values = vis.Jitter(2, seed=1), np.random.default_rng(0).normal(size=shape)
        np.testing.assert_array_equal(jitter.post(jitter.pre(values)), values)


def test_seeds_repeat() -> None:
    np.testing.assert_array_equal(vis.Jitter(5, seed=4).pre(PLACES), vis.Jitter(5, seed=4).pre(PLACES))


def test_mistakes_get_a_sentence() -> None:
    with pytest.raises(ValueError, match="not negative"):
        vis.Jitter(-1)
    with pytest.raises(ValueError, match="has 3 values, but the image has 2 axes"):
        vis.Jitter((1, 2, 3)).pre(PLACES)


@pytest.mark.slow
def test_pre_all_then_post_all_in_reverse_around_each_step() -> None:
    order: list[str] = []

    class Note(vis.InputModifier):
        def __init__(self, name: str) -> None:
            self.name = name

        def pre(self, inp: np.ndarray) -> np.ndarray:
            order.append(f"pre {self.name}")
            return inp + 0.01

        def post(self, inp: np.ndarray) -> np.ndarray:
            order.append(f"post {self.name}")
            return inp - 0.01

    seed = np.zeros(models.SHAPE, "float32")
    optimizer = vis.Optimizer(models.functional(), [(vis.ActivationMaximization(-1, 0), 1)], (-1, 1))
    found, _, value = optimizer.minimize(seed, 1, [Note("a"), Note("b")], verbose=False)
    assert order == ["pre a", "pre b", "post b", "post a"]
    np.testing.assert_allclose(value[0], seed + 0.02, atol=1e-6)
    np.testing.assert_allclose(found, seed, atol=1e-6)


def test_a_modifier_need_not_do_both() -> None:
    np.testing.assert_array_equal(vis.InputModifier().pre(PLACES), PLACES)
    np.testing.assert_array_equal(vis.InputModifier().post(PLACES), PLACES)


@pytest.mark.slow
def test_jittered_ascent_raises_the_score() -> None:
    model = models.functional()
    seed = np.zeros(models.SHAPE, "float32")
    found = vis.visualize_activation(
        model, -1, 2, seed_input=seed, input_range=(-1.0, 1.0), input_modifiers=[vis.Jitter(1, seed=0)], max_iter=60
    )
    before, after = models.values_of(models.without_final(), np.stack([seed, found]))[:, 2]
    assert after > before
