"""Regularizers against their closed forms, and their slopes against finite differences."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

from salwidget import vis
from salwidget.vis.regularizers import normalize
from tests import models

pytestmark = pytest.mark.slow


def of_shape(shape: tuple[int, ...]) -> keras.Model:
    return models.in_a_row(shape, layers.Flatten(), layers.Dense(1))


def at(loss: vis.Loss, image: np.ndarray, model: keras.Model | None = None) -> tuple[float, np.ndarray]:
    """Value and gradient of a regularizer at an image."""
    told = []

    class Listen(vis.OptimizerCallback):
        def callback(self, i, named_losses, overall_loss, grads, wrt_value) -> None:
            told.append(overall_loss)

    optimizer = vis.Optimizer(model or of_shape(image.shape), [(loss, 1)], norm_grads=False)
    _, gradient, _ = optimizer.minimize(image, max_iter=1, callbacks=[Listen()], verbose=False)
    return told[0], gradient[0]


def variation(x: np.ndarray, beta: float) -> float:
    """Sum over pixels of (dy^2 + dx^2) ^ (beta / 2) by its definition, over the number of values."""
    total = 0.0
    height, width, channels = x.shape
    for row in range(height - 1):
        for column in range(width - 1):
            for channel in range(channels):
                down = x[row + 1, column, channel] - x[row, column, channel]
                right = x[row, column + 1, channel] - x[row, column, channel]
                total += (down**2 + right**2) ** (beta / 2)
    return total / x.size


def norm(x: np.ndarray, p: float) -> float:
    return float(np.abs(x).max() if np.isinf(p) else (np.abs(x) ** p).sum() ** (1 / p)) / x.size


def slope(formula: Any, x: np.ndarray, step: float = 1e-5) -> np.ndarray:
    steps = step * np.eye(x.size).reshape(x.size, *x.shape)
    return np.array([(formula(x + each) - formula(x - each)) / (2 * step) for each in steps]).reshape(x.shape)


PICTURE = np.random.default_rng(4).normal(size=(5, 4, 2))


@pytest.mark.parametrize("beta", [1.0, 2.0, 3.5])
def test_total_variation(beta: float) -> None:
    value, gradient = at(vis.TotalVariation(beta=beta), PICTURE.astype("float32"))
    assert value == pytest.approx(variation(PICTURE, beta), rel=1e-5)
    np.testing.assert_allclose(gradient, slope(lambda x: variation(x, beta), PICTURE), rtol=1e-4, atol=1e-6)


@pytest.mark.quick
def test_total_variation_of_an_edge_in_closed_form() -> None:
    edge = np.zeros((6, 7, 1), "float32")
    edge[:, 3:] = 2.0
    value, _ = at(vis.TotalVariation(), edge)  # five rows have a neighbour below, each with one step of 2
    assert value == pytest.approx(5 * 2.0**2 / (6 * 7))


@pytest.mark.parametrize(("shape", "expected"), [((6, 1), 5 / 6), ((3, 4, 5, 1), 0.0)])
def test_total_variation_of_signals_and_volumes(shape: tuple[int, ...], expected: float) -> None:
    ramp = np.zeros(shape, "float32")
    if len(shape) == 2:
        ramp[:, 0] = np.arange(6)
    else:
        ramp += np.arange(3, dtype="float32")[:, None, None, None]
        expected = 2 * 3 * 4 / 60  # a difference of 1 along the first axis, at each voxel that has all three neighbours
    assert at(vis.TotalVariation(), ramp)[0] == pytest.approx(expected)


@pytest.mark.parametrize("p", [1.0, 2.0, 6.0, np.inf])
def test_lp_norm(p: float) -> None:
    value, gradient = at(vis.LPNorm(p=p), PICTURE.astype("float32"))
    assert value == pytest.approx(norm(PICTURE, p), rel=1e-5)
    np.testing.assert_allclose(gradient, slope(lambda x: norm(x, p), PICTURE), rtol=1e-3, atol=1e-6)


def test_the_infinity_norm_is_of_absolute_values() -> None:
    """keras-vis took the largest value without its sign, so that -9 counted for nothing."""
    image = np.array([[1.0, -9.0]], "float32")[..., None]
    assert at(vis.LPNorm(np.inf), image)[0] == pytest.approx(9 / 2)
    assert vis.LPNorm(2).p == 2


def test_large_powers_stay_within_float32() -> None:
    image = np.full((3, 3, 1), 255.0, "float32")
    value, gradient = at(vis.LPNorm(p=40), image)
    assert value == pytest.approx(255 * 9 ** (1 / 40) / 9, rel=1e-5)
    assert np.isfinite(gradient).all()


@pytest.mark.parametrize("loss", [vis.TotalVariation(beta=1), vis.TotalVariation(beta=0.5), vis.LPNorm(), vis.LPNorm(np.inf)])
def test_a_black_image_has_no_slope_that_is_not_a_number(loss: vis.Loss) -> None:
    value, gradient = at(loss, np.zeros((4, 4, 1), "float32"))
    assert value == 0
    assert np.isfinite(gradient).all()


@pytest.mark.parametrize("kind", models.KINDS)
def test_img_input_as_in_keras_vis_or_left_away(kind: str) -> None:
    model = models.KINDS[kind]()
    ways = [vis.TotalVariation(), vis.TotalVariation(0)]
    ways += [vis.TotalVariation(model.inputs[0], beta=2.0)] if kind != "subclassed" else []
    for way in ways:
        assert at(way, models.image(), model)[0] == pytest.approx(variation(models.image(), 2), rel=1e-5)


def test_normalize_divides_by_the_values_of_one_image() -> None:
    assert normalize(np.zeros((7, 3, 4, 2)), 48.0) == 2.0
    assert normalize(keras.Input((3, 4, 2)), 48.0) == 2.0


def test_a_size_that_is_known_at_the_image_only() -> None:
    model = models.fill(models.in_a_row((None, None, 2), layers.Conv2D(1, 3), layers.GlobalAveragePooling2D()))
    assert at(vis.LPNorm(p=2), PICTURE.astype("float32"), model)[0] == pytest.approx(norm(PICTURE, 2), rel=1e-5)


def test_mistakes_get_a_sentence() -> None:
    for build, sentence in [
        (lambda: vis.LPNorm(p=0.5), "use a number from 1 to infinity"),
        (lambda: vis.TotalVariation(beta=0), "above 0"),
    ]:
        with pytest.raises(ValueError, match=sentence):
            build()
