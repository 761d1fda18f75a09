"""Blur IG: exact on a linear net, and a fine sum of -dS/dx dL/dsigma over widths of blur."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from salwidget import explain
from salwidget.attribution.blur_ig import blurred
from tests import models
from tests.attribution import nets
from tests.attribution.refining import assert_refines, gradients, refined, score
from tests.models import image

pytestmark = pytest.mark.slow


def blur_by_channel(x: np.ndarray, width: float) -> np.ndarray:
    """Each channel by itself, one axis of space after the other."""
    if width == 0:
        return x
    channels = np.moveaxis(x, -1, 0).copy()
    for axis in range(1, x.ndim):
        channels = ndimage.gaussian_filter1d(channels, width, axis=axis, mode="reflect")
    return np.moveaxis(channels, 0, -1)


@pytest.mark.quick
@pytest.mark.parametrize("kind", nets.SHAPES)
@pytest.mark.parametrize("width", [0, 0.7, 3, 50])
def test_blur_is_over_space_only_and_keeps_the_mean(kind: str, width: float) -> None:
    x = image(nets.SHAPES[kind], dtype="float64")
    space = tuple(range(x.ndim - 1))
    found = blurred(x, width)
    np.testing.assert_allclose(found, blur_by_channel(x, width), atol=1e-12)
    np.testing.assert_allclose(found.mean(space), x.mean(space), atol=1e-12)
    if width == 50:
        assert np.abs(found - x.mean(space)).max() < 1e-3


@pytest.mark.parametrize("kind", nets.SHAPES)
@pytest.mark.parametrize("steps", [3, 50])
def test_linear_is_the_difference_from_the_blurred_image(kind: str, steps: int) -> None:
    shape = nets.SHAPES[kind]
    weights, x = image(shape, 1, "float64"), image(shape, dtype="float64")
    found = explain(nets.linear(weights), x, "blur_ig", filters=0, steps=steps, max_sigma=4)
    np.testing.assert_allclose(found.values, (weights * (x - blur_by_channel(x, 4))).sum(-1), rtol=1e-5, atol=1e-6)
    assert found.signed


def smooth_image(shape: tuple[int, ...]) -> np.ndarray:
    """Without the finest details, on which a sampled Gaussian narrower than a pixel is no Gaussian."""
    return 4 * blur_by_channel(image(shape, dtype="float64"), 1.5)


def test_equals_a_fine_sum_of_the_papers_integrand() -> None:
    shape = (12, 13, 2)
    model, x = nets.smooth(shape), smooth_image(shape)
    edges = np.linspace(0, 5, 4001)
    widths = (edges[:-1] + edges[1:]) / 2
    path = np.stack([blur_by_channel(x, width) for width in edges])
    at = np.stack([blur_by_channel(x, width) for width in widths])
    slopes = np.diff(path, axis=0) / np.diff(edges)[:, None, None, None]
    expected = -(gradients(model, at) * slopes * (edges[1] - edges[0])).sum((0, -1))
    found = explain(model, x, "blur_ig", filters=0, steps=300, max_sigma=5).values
    coarse = explain(model, x, "blur_ig", filters=0, max_sigma=5).values
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-3 * np.abs(expected).max())
    np.testing.assert_allclose(coarse, expected, rtol=0, atol=2e-2 * np.abs(expected).max())


@pytest.mark.parametrize("kind", nets.SHAPES)
def test_completeness(kind: str) -> None:
    shape = nets.SHAPES[kind]
    model, x = nets.smooth(shape), image(shape, dtype="float64")
    found = explain(model, x, "blur_ig", filters=0, steps=300)
    change = score(model, x) - score(model, blur_by_channel(x, 50))
    assert found.values.sum() == pytest.approx(change, rel=2e-2)
    assert f"S(x) − S(x blurred) {change:.4g}" in found.notes[0]


@pytest.mark.quick
def test_a_constant_image_has_no_details() -> None:
    found = explain(models.functional(), np.full(models.SHAPE, 0.3, np.float32), "blur_ig", filters=0)
    assert np.abs(found.values).max() < 1e-6


def test_partial_answers_do_not_depend_on_the_step(monkeypatch: pytest.MonkeyPatch) -> None:
    model = models.functional()
    whole = explain(model, image(), "blur_ig", filters=0)
    assert_refines(refined(model, image(), "blur_ig"), whole, steps=1)
    for most, steps in ((7, 8), (1, 50)):
        monkeypatch.setattr("salwidget.engine.batch_size.MOST", most)
        assert_refines(refined(model, image(), "blur_ig"), whole, steps)


def test_modifiers_change_it() -> None:
    plain, negated, guided = (
        explain(models.functional(), image(), "blur_ig", filters=0, **modifier)
        for modifier in ({}, {"grad_modifier": "negate"}, {"backprop_modifier": "guided"})
    )
    np.testing.assert_allclose(negated.values, -plain.values, rtol=1e-5)
    assert np.abs(guided.values - plain.values).max() > 1e-2 * np.abs(plain.values).max()
    assert "no completeness: a modified gradient does not add up to S(x) − S(x blurred)" in guided.notes


@pytest.mark.quick
def test_options_out_of_range() -> None:
    with pytest.raises(ValueError, match=r"max_sigma=0 is out of range; use a whole number from 1 to 200"):
        explain(models.functional(), image(), "blur_ig", max_sigma=0)
