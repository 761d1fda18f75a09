"""Guided IG: the algorithm written plainly over pixels, its limits (a straight line, a linear net), its path's rules."""

from __future__ import annotations

import numpy as np
import pytest

from salwidget import explain
from salwidget.attribution.guided_ig import moved
from tests import models
from tests.attribution import nets
from tests.attribution.refining import assert_refines, gradients, refined, score
from tests.models import image

pytestmark = pytest.mark.slow

SHAPE = nets.SHAPES["image"]


def by_pixels(model, x: np.ndarray, start: np.ndarray, steps: int, fraction: float, max_dist: float) -> np.ndarray:
    """Guided IG one feature after the other, in a list sorted by gradient."""
    x, start, shape = x.ravel(), start.ravel(), x.shape
    here, found = start.copy(), np.zeros(x.size)
    for step in range(1, steps + 1):
        g = gradients(model, here.reshape(1, *shape)).ravel()
        before = here.copy()
        least, most = (start + min(max(step / steps + side * max_dist, 0), 1) * (x - start) for side in (-1, 1))
        behind = np.abs(x - here) > np.abs(x - least)
        here[behind] = least[behind]
        wanted = np.abs(x - start).sum() * (1 - step / steps)
        block = int(fraction * (x.size - 1)) + 1
        open_ones = [feature for feature in np.argsort(np.abs(g), kind="stable") if most[feature] != here[feature]]
        while open_ones and np.abs(x - here).sum() > wanted + 1e-12:
            taken, open_ones = open_ones[:block], open_ones[block:]
            room = np.abs(most[taken] - here[taken]).sum()
            part = min(1, (np.abs(x - here).sum() - wanted) / room)
            # At the band's end exactly: a rounding away from it would count as open again.
            here[taken] = most[taken] if part == 1 else here[taken] + part * (most[taken] - here[taken])
        found += g * (here - before)
    assert np.abs(here - x).max() < 1e-8
    return found.reshape(shape).sum(-1)


@pytest.mark.parametrize(("steps", "fraction", "max_dist"), [(50, 0.25, 0.02), (12, 0.1, 0.2), (7, 0.01, 1), (5, 1, 0.3)])
def test_equals_the_algorithm_over_pixels(steps: int, fraction: float, max_dist: float) -> None:
    model, (x, start) = nets.smooth(SHAPE), (image(SHAPE, seed, "float64") for seed in (0, 1))
    expected = by_pixels(model, x, start, steps, fraction, max_dist)
    found = explain(model, x, "guided_ig", filters=0, baseline=start, steps=steps, fraction=fraction, max_dist=max_dist)
    np.testing.assert_allclose(found.values, expected, rtol=1e-5, atol=1e-7)
    assert found.signed


@pytest.mark.parametrize("kind", nets.SHAPES)
def test_without_deviation_it_approaches_integrated_gradients(kind: str) -> None:
    shape = nets.SHAPES[kind]
    model, (x, start) = nets.smooth(shape), (image(shape, seed, "float64") for seed in (0, 1))
    asked = {"filters": 0, "baseline": start}
    straight = explain(model, x, "integrated_gradients", **asked).values
    errors = [
        np.abs(explain(model, x, "guided_ig", max_dist=0, steps=steps, **asked).values - straight).max() for steps in (30, 300)
    ]
    assert errors[1] < 0.02 * np.abs(straight).max()
    assert errors[1] < errors[0] / 8  # a sum over left ends is of first order


@pytest.mark.quick
def test_without_deviation_it_is_the_left_sum_on_the_line() -> None:
    model, (x, start) = nets.smooth(SHAPE), (image(SHAPE, seed, "float64") for seed in (0, 1))
    points = start + np.multiply.outer(np.arange(20) / 20, x - start)
    expected = ((x - start) * gradients(model, points).mean(0)).sum(-1)
    found = explain(model, x, "guided_ig", filters=0, baseline=start, max_dist=0, steps=20)
    np.testing.assert_allclose(found.values, expected, rtol=1e-5, atol=1e-8)


@pytest.mark.parametrize("max_dist", [0, 0.02, 1])
def test_linear_is_exact_on_any_path(max_dist: float) -> None:
    weights, x, start = (image((5, 6, 2), seed, "float64") for seed in range(3))
    found = explain(nets.linear(weights), x, "guided_ig", filters=0, baseline=start, max_dist=max_dist, steps=9)
    np.testing.assert_allclose(found.values, (weights * (x - start)).sum(-1), rtol=1e-6, atol=1e-6)


def test_completeness_on_a_smooth_net() -> None:
    model, (x, start) = nets.smooth(SHAPE), (image(SHAPE, seed, "float64") for seed in (0, 1))
    found = explain(model, x, "guided_ig", filters=0, baseline=start, steps=300)
    change = score(model, x) - score(model, start)
    assert found.values.sum() == pytest.approx(change, rel=0.05)
    assert f"S(x) − S(x0) {change:.4g}" in found.notes[0]


@pytest.mark.quick
def test_flat_features_move_first() -> None:
    alpha, distance, steepness = np.zeros(4), np.ones(4), np.array([3.0, 1.0, 0.0, 2.0])
    np.testing.assert_allclose(moved(alpha, 0.25, steepness, distance, 0.25, 1), [0, 0, 1, 0])
    np.testing.assert_allclose(moved(alpha, 0.375, steepness, distance, 0.25, 1), [0, 0.5, 1, 0])
    # Within a band of 0.1 around 0.25, all are at 0.15 at least, and the flattest at 0.35 at most.
    np.testing.assert_allclose(moved(alpha, 0.25, steepness, distance, 0.25, 0.1), [0.15, 0.35, 0.35, 0.15])


@pytest.mark.quick
@pytest.mark.parametrize("max_dist", [0.0, 0.02, 0.3, 1.0])
def test_each_step_keeps_to_the_band_and_to_the_distance(max_dist: float) -> None:
    rng = np.random.default_rng(0)
    alpha, distance = np.zeros(500), rng.exponential(size=500) * (rng.random(500) > 0.2)
    for step in range(1, 21):
        further = moved(alpha, step / 20, rng.random(500), distance, 0.25, max_dist)
        there = distance > 0
        assert np.all(further >= alpha)
        assert np.abs(further - step / 20)[there].max() <= max_dist + 1e-12
        assert (distance * further).sum() == pytest.approx(step / 20 * distance.sum(), rel=1e-8)
        alpha = further
    np.testing.assert_allclose(alpha[there], 1, atol=1e-6)


def test_an_image_that_is_its_baseline_is_zero() -> None:
    found = explain(models.functional(), image(), "guided_ig", filters=0, baseline=image(), steps=5)
    assert np.all(found.values == 0)


def test_partial_answers_one_for_each_gradient() -> None:
    model = models.functional()
    whole = explain(model, image(), "guided_ig", filters=0)
    parts = refined(model, image(), "guided_ig")
    assert_refines(parts, whole, steps=50)
    assert [part.passes for part in parts[:3]] == [2, 3, 4]  # the score with the first, for the read-out


def test_modifiers_change_it() -> None:
    plain, negated, guided = (
        explain(models.functional(), image(), "guided_ig", filters=0, **modifier)
        for modifier in ({}, {"grad_modifier": "negate"}, {"backprop_modifier": "guided"})
    )
    np.testing.assert_allclose(negated.values, -plain.values, rtol=1e-5)
    assert np.abs(guided.values - plain.values).max() > 1e-2 * np.abs(plain.values).max()
    assert any(note.startswith("no completeness") for note in guided.notes)
