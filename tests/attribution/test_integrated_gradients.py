"""Integrated Gradients: closed forms, completeness with scores of the model itself, a fine sum along the line."""

from __future__ import annotations

import numpy as np
import pytest

from salwidget import Unit, explain
from salwidget.attribution.integrated_gradients import nodes
from tests import models
from tests.attribution import nets
from tests.attribution.refining import assert_refines, gradients, refined, score
from tests.models import image

pytestmark = pytest.mark.slow


def black(x: np.ndarray) -> np.ndarray:
    """The line starts at zero, whatever range the image has."""
    return np.zeros_like(x)


def total(found) -> float:
    return float(found.values.sum(dtype=np.float64))


@pytest.mark.quick
@pytest.mark.parametrize("steps", [2, 3, 50, 64, 100])
def test_nodes_are_those_of_gauss_and_legendre(steps: int) -> None:
    alphas, weights = nodes(steps)
    expected = np.polynomial.legendre.leggauss(steps)
    order = np.argsort(alphas)
    np.testing.assert_allclose(2 * alphas[order] - 1, expected[0], atol=1e-14)
    np.testing.assert_allclose(2 * weights[order], expected[1], atol=1e-14)
    for power in range(min(10, 2 * steps)):
        assert weights @ alphas**power == pytest.approx(1 / (power + 1), abs=1e-12)


@pytest.mark.quick
@pytest.mark.parametrize("seen", [4, 8, 16])
def test_the_first_nodes_are_spread_over_the_line(seen: int) -> None:
    gaps = np.diff([0, *np.sort(nodes(50)[0][:seen]), 1])
    assert gaps.max() < 2.1 / seen


@pytest.mark.quick
@pytest.mark.parametrize("steps", [2, 50])
def test_linear_is_input_times_gradient(steps: int) -> None:
    weights, x = image((5, 6, 2), dtype="float64"), image((5, 6, 2), seed=1, dtype="float64")
    model = nets.linear(weights)
    found = explain(model, x, "integrated_gradients", filters=0, steps=steps, baseline=black(x))
    np.testing.assert_allclose(found.values, (weights * x).sum(-1), rtol=1e-6, atol=1e-6)
    by_product = explain(model, x, "input_x_gradient", filters=0)
    np.testing.assert_allclose(found.values, by_product.values, rtol=1e-6, atol=1e-6)
    assert found.signed


@pytest.mark.quick
def test_a_cubic_needs_two_steps() -> None:
    """S = sum w x^3: the integral of 3 w (b + a d)^2 d is w (x^3 - b^3)."""
    weights, x, start = (image((4, 4, 2), seed, "float64") for seed in range(3))
    found = explain(nets.cubic(weights), x, "integrated_gradients", filters=0, steps=2, baseline=start)
    np.testing.assert_allclose(found.values, (weights * (x**3 - start**3)).sum(-1), rtol=1e-6, atol=1e-6)


def completeness_error(model, x: np.ndarray, steps: int) -> float:
    """abs(sum of the map - (S(x) - S(0))) / abs(S(x) - S(0)), S by the model itself."""
    found = explain(model, x, "integrated_gradients", filters=0, baseline=black(x), steps=steps)
    change = score(model, x) - score(model, black(x))
    return abs(total(found) - change) / abs(change)


@pytest.mark.parametrize("kind", nets.SHAPES)
@pytest.mark.parametrize("seed", range(3))
def test_completeness_on_smooth_nets(kind: str, seed: int) -> None:
    shape = nets.SHAPES[kind]
    assert completeness_error(nets.smooth(shape), image(shape, seed, "float64"), 50) <= 1e-6


@pytest.mark.parametrize("seed", range(6))
def test_completeness_on_rectified_nets_is_as_good_as_the_quadrature_can_be(seed: int) -> None:
    """The gradient of S along the line is a step function f there, on which a quadrature of weights w errs by at most
    max w times the variation of f (Koksma's inequality, with the separation of Gauss-Legendre's nodes)."""
    shape = nets.SHAPES["image"]
    model, x = nets.rectified(shape, seed + 1), image(shape, seed, "float64")
    alphas = np.linspace(0, 1, 4001)
    slopes = (gradients(model, np.multiply.outer(alphas, x)) * x).sum((1, 2, 3))
    change = score(model, x) - score(model, black(x))
    bound = np.abs(np.diff(slopes)).sum() * nodes(50)[1].max()
    assert completeness_error(model, x, 50) * abs(change) <= bound


@pytest.mark.parametrize("seed", range(3))
def test_completeness_on_wide_rectified_nets(seed: int) -> None:
    """Many small steps; without biases there are none between black and the image."""
    shape = (16, 16, 2)
    wide, straight = nets.wide(shape, seed + 1), nets.wide(shape, seed + 1, use_bias=False)
    x = image(shape, seed, "float64")
    assert completeness_error(wide, x, 300) <= 1e-3
    assert completeness_error(straight, x, 50) <= 1e-6


def test_equals_a_fine_sum_along_the_line() -> None:
    shape = nets.SHAPES["image"]
    model, x = nets.smooth(shape), image(shape, dtype="float64")
    alphas = (np.arange(2000) + 0.5) / 2000
    expected = (x * gradients(model, np.multiply.outer(alphas, x)).mean(0)).sum(-1)
    found = explain(model, x, "integrated_gradients", filters=0, baseline=black(x))
    np.testing.assert_allclose(found.values, expected, rtol=1e-5, atol=1e-7)


STARTS = {
    "black": lambda pixels: pixels * 0,
    "white": lambda pixels: pixels * 0 + 255,
    "mean": lambda pixels: np.broadcast_to(pixels.mean((0, 1)), pixels.shape),
}


@pytest.mark.parametrize("name", STARTS)
def test_named_baselines_are_meant_as_displayed(name: str) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (6, 6, 2)).astype(np.uint8)
    weights = image((6, 6, 2), dtype="float64")
    found = explain(
        nets.linear(weights), pixels, "integrated_gradients", filters=0, baseline=name, preprocess=lambda x: x / 127.5 - 1
    )
    expected = weights * (pixels - STARTS[name](pixels.astype(float))) / 127.5
    np.testing.assert_allclose(found.values, expected.sum(-1), rtol=1e-4, atol=1e-5)


@pytest.mark.quick
def test_a_given_baseline_goes_through_the_preprocessing() -> None:
    pixels, start = np.random.default_rng(0).integers(0, 256, (2, 6, 6, 2)).astype(np.uint8)
    weights = image((6, 6, 2), dtype="float64")
    found = explain(
        nets.linear(weights), pixels, "integrated_gradients", filters=0, baseline=start, preprocess=lambda x: x / 10
    )
    expected = (weights * (pixels.astype(float) - start) / 10).sum(-1)
    np.testing.assert_allclose(found.values, expected, rtol=1e-4, atol=1e-4)


@pytest.mark.quick
def test_whole_numbers_from_the_preprocessing_do_not_wrap_around() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (6, 6, 2)).astype(np.uint8)
    weights = image((6, 6, 2), dtype="float64")
    found = explain(
        nets.linear(weights),
        pixels,
        "integrated_gradients",
        filters=0,
        baseline="white",
        preprocess=lambda x: x.astype(np.uint8),
    )
    np.testing.assert_allclose(found.values, (weights * (pixels - 255.0)).sum(-1), rtol=1e-4, atol=1e-3)


def test_the_note_says_how_complete_it_is() -> None:
    shape = nets.SHAPES["image"]
    model, x = nets.smooth(shape), image(shape, dtype="float64")
    found = explain(model, x, "integrated_gradients", filters=0, baseline=black(x), steps=3)
    change = score(model, x) - score(model, black(x))
    (note,) = found.notes
    assert note.startswith(f"completeness: sum {total(found):.4g}, S(x) − S(x0) {change:.4g}, residual ")
    residual, relative = note.split("residual ")[1].rstrip(")").split(" (relative ")
    assert float(residual) == pytest.approx(abs(total(found) - change), rel=0.06)
    assert float(relative) == pytest.approx(abs(total(found) - change) / abs(change), rel=0.06)


@pytest.mark.quick
def test_an_image_that_is_its_baseline_is_zero() -> None:
    found = explain(models.functional(), image(), "integrated_gradients", filters=0, baseline=image())
    assert np.all(found.values == 0)
    assert found.notes == ("completeness: sum 0, S(x) − S(x0) 0, residual 0",)


def test_a_difference_of_targets_is_a_difference_of_maps() -> None:
    one, other = Unit(filters=1), Unit(filters=2)
    both, first, second = (
        explain(models.functional(), image(), "integrated_gradients", target=target).values
        for target in (one - other, one, other)
    )
    np.testing.assert_allclose(both, first - second, rtol=1e-4, atol=1e-5)


def test_partial_answers_do_not_depend_on_the_step(monkeypatch: pytest.MonkeyPatch) -> None:
    model = models.functional()
    whole = explain(model, image(), "integrated_gradients", filters=0)
    assert_refines(refined(model, image(), "integrated_gradients"), whole, steps=1)
    monkeypatch.setattr("salwidget.engine.batch_size.MOST", 7)
    parts = refined(model, image(), "integrated_gradients")
    assert_refines(parts, whole, steps=8)
    assert [part.passes for part in parts[:2]] == [8, 15]  # the score with the first, for the read-out
    error = [np.abs(part.values - whole.values).max() / np.abs(whole.values).max() for part in parts]
    assert max(error) < 0.5, "early answers are on the scale of the last"
    assert parts[-1].notes
    assert not parts[-2].notes


def test_modifiers_take_completeness_away_and_say_so() -> None:
    plain, negated, guided = (
        explain(models.functional(), image(), "integrated_gradients", filters=0, **modifier)
        for modifier in ({}, {"grad_modifier": "negate"}, {"backprop_modifier": "guided"})
    )
    np.testing.assert_allclose(negated.values, -plain.values, rtol=1e-5)
    assert np.abs(guided.values - plain.values).max() > 1e-2 * np.abs(plain.values).max()
    for found in (negated, guided):
        assert "no completeness: a modified gradient does not add up to S(x) − S(x0)" in found.notes


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"steps": 1}, "steps=1 is out of range; use a whole number from 2 to 300"),
        ({"baseline": "grey"}, "baseline is one of 'black', 'white'"),
        ({"baseline": np.zeros((3, 3, 2))}, r"The given baseline has shape \(3, 3, 2\), but the image has \(8, 8, 2\)"),
    ],
)
def test_options_that_do_not_fit(options: dict, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        explain(models.functional(), image(), "integrated_gradients", **options)
