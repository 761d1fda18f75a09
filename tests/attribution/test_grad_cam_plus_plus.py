"""Grad-CAM++ against the paper's formula, written out in numpy with its exp(S)."""

from __future__ import annotations

import numpy as np
import pytest
from keras import layers

from salwidget import explain
from tests import models
from tests.attribution.asking import maps_and_gradient
from tests.models import image

pytestmark = pytest.mark.slow


def by_the_paper(maps: np.ndarray, gradient: np.ndarray, score: float) -> np.ndarray:
    """Chattopadhay et al. 2018: Y = exp(S), whose n-th derivative is exp(S) g^n behind piecewise linear layers."""
    maps, gradient = maps.astype(np.float64), gradient.astype(np.float64)
    first, second, third = (np.exp(score) * gradient**power for power in (1, 2, 3))
    below = 2 * second + maps.sum((0, 1)) * third
    alpha = np.divide(second, below, out=np.zeros_like(below), where=below != 0)
    weights = (alpha * np.maximum(first, 0)).sum((0, 1))
    return np.maximum((weights * maps).sum(-1), 0)


@pytest.mark.parametrize("at", ["conv1", "conv2", "gate", "pool"])
@pytest.mark.parametrize("filters", [1, 2])
def test_is_the_papers_formula_up_to_the_factor_exp_s(at: str, filters: int) -> None:
    maps, gradient, score = maps_and_gradient(at, [filters])
    expected = by_the_paper(maps, gradient, score)
    assert expected.max() > 0, "or this test says nothing"
    found = explain(models.functional(), image(), "grad_cam++", filters=filters, penultimate_layer=at).cells
    np.testing.assert_allclose(found * np.exp(score), expected, rtol=0, atol=1e-5 * expected.max())
    assert np.corrcoef(found.ravel(), expected.ravel())[0, 1] == pytest.approx(1, abs=1e-9)


@pytest.mark.quick
def test_is_not_grad_cam() -> None:
    maps, gradient, score = maps_and_gradient("conv2", [1])
    grad_cam = explain(models.functional(), image(), "grad_cam", filters=1, penultimate_layer="conv2").cells
    assert np.corrcoef(grad_cam.ravel(), by_the_paper(maps, gradient, score).ravel())[0, 1] < 0.99


def gap_linear(scale: float, bias: float = 0.0) -> tuple:
    parts = [layers.Conv2D(3, 3, activation="relu", name="maps"), layers.GlobalAveragePooling2D(), layers.Dense(2)]
    model = models.fill(models.in_a_row(models.SHAPE, *parts))
    kernel = np.array([[1, -1], [0.5, 1], [-2, 1]], np.float32) * scale
    parts[-1].kernel.assign(kernel)
    parts[-1].bias.assign([bias, bias])
    return model, models.values_of(models.cut_by_keras(model, "maps"), image()[None])[0], kernel


@pytest.mark.quick
@pytest.mark.parametrize("scale", [1e-25, 1.0])
def test_gradients_whose_cubes_underflow_keep_their_map(scale: float) -> None:
    model, maps, kernel = gap_linear(scale)
    gradient = np.broadcast_to(kernel[:, 0] / maps[..., 0].size, maps.shape)
    expected = by_the_paper(maps, gradient, 0.0)
    found = explain(model, image(), "grad_cam++", filters=0).cells
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-6 * expected.max())
    assert found.max() > 0


def test_a_logit_whose_exponential_overflows_changes_nothing() -> None:
    small, large = (explain(gap_linear(1.0, bias)[0], image(), "grad_cam++", filters=0).cells for bias in (0.0, 1e4))
    np.testing.assert_array_equal(small, large)
    assert np.isfinite(large).all()
