"""Costs of an image, against NumPy and finite differences."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from scipy import ndimage

from salwidget.dreams import L2, REGULARIZERS, Blur, LpNorm, Regularizer, TotalVariation, dream
from salwidget.dreams.regularizers import regularizers_of
from tests import models

SHAPES = [(7, 9, 3), (8, 8, 1), (6, 5, 4), (20, 2), (5, 6, 4, 1), (1, 6, 3)]
INF = float("inf")


def pictures(shape: tuple[int, ...], count: int = 2) -> np.ndarray:
    return np.random.default_rng(0).random((count, *shape)).astype(np.float32)


def variation(image: np.ndarray, beta: float) -> float:
    """Mean over values of (sum over axes of the squared difference to the next pixel)^(beta / 2)."""
    space = image.ndim - 1
    inner = image[(slice(None, -1),) * space]
    squares = np.zeros_like(inner)
    for axis in range(space):
        squares += (
            np.diff(image, axis=axis)[tuple(slice(None) if one == axis else slice(None, -1) for one in range(space))] ** 2
        )
    return float((squares ** (beta / 2)).sum() / image.size)


def box(image: np.ndarray) -> np.ndarray:
    return ndimage.uniform_filter(image, (3,) * (image.ndim - 1) + (1,), mode="reflect")


def norm(image: np.ndarray, p: float) -> float:
    away = np.abs(image.astype(np.float64) - 0.5)
    return float(away.max() if p == INF else (away**p).mean() ** (1 / p))


# A cost, and the same of one image by NumPy.
COSTS: list[tuple[Regularizer, Any]] = [
    (TotalVariation(), lambda image: variation(image, 2)),
    (TotalVariation(1, 1.0), lambda image: variation(image, 1)),
    (TotalVariation(1, 3.0), lambda image: variation(image, 3)),
    (LpNorm(), lambda image: norm(image, 6)),
    (LpNorm(1, 1), lambda image: norm(image, 1)),
    (LpNorm(1, 2.5), lambda image: norm(image, 2.5)),
    (LpNorm(1, 40), lambda image: norm(image, 40)),
    (LpNorm(1, INF), lambda image: norm(image, INF)),
    (L2(), lambda image: float(np.square(image - 0.5).mean())),
    (Blur(), lambda image: float(np.square(image - box(image)).mean())),
]
IDS = [repr(cost) for cost, _ in COSTS]


def with_slope(function: Any, images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    given = tf.constant(images)
    with tf.GradientTape() as tape:
        tape.watch(given)
        cost = function(given)
    return cost.numpy(), tape.gradient(cost, given).numpy()


@pytest.mark.slow
@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize(("cost", "truth"), COSTS, ids=IDS)
def test_each_cost_is_its_formula(cost: Regularizer, truth: Any, shape: tuple[int, ...]) -> None:
    images = pictures(shape)
    (function,) = regularizers_of(cost)
    np.testing.assert_allclose(function(tf.constant(images)), [truth(image) for image in images], rtol=1e-4, atol=1e-7)


@pytest.mark.parametrize(("cost", "truth"), [entry for entry in COSTS if not isinstance(entry[0], Blur)], ids=IDS[:-1])
def test_each_gradient_is_that_of_finite_differences(cost: Regularizer, truth: Any) -> None:
    images = pictures((6, 5, 2), 1)
    _, slope = with_slope(cost.cost, images)
    for place in np.random.default_rng(1).integers(images.size, size=8):
        steps = np.zeros(images.size)
        steps[place] = 1e-5
        up, down = (truth(images[0].astype(np.float64) + sign * steps.reshape(images.shape[1:])) for sign in (1, -1))
        assert (up - down) / 2e-5 == pytest.approx(slope.flat[place], rel=1e-3, abs=1e-6)


def test_the_blur_is_held_fixed() -> None:
    images = pictures((7, 9, 3), 1)
    _, slope = with_slope(Blur().cost, images)
    np.testing.assert_allclose(slope[0], 2 * (images[0] - box(images[0])) / images.size, atol=1e-7)


@pytest.mark.slow
@pytest.mark.parametrize("level", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("shape", [(7, 9, 3), (1, 6, 3), (9, 2)], ids=str)
@pytest.mark.parametrize("cost", [cost for cost, _ in COSTS], ids=IDS)
def test_flat_images_have_a_finite_gradient(cost: Regularizer, shape: tuple[int, ...], level: float) -> None:
    value, slope = with_slope(cost.cost, np.full((2, *shape), level, np.float32))
    assert np.isfinite(value).all()
    assert np.isfinite(slope).all()
    if isinstance(cost, (TotalVariation, Blur)) or level == 0.5:
        np.testing.assert_allclose(value, 0, atol=1e-7, err_msg="flat, or middle grey, costs nothing")


@pytest.mark.parametrize("cost", [cost for cost, _ in COSTS], ids=IDS)
def test_a_mean_over_pixels_is_the_same_at_any_size(cost: Regularizer) -> None:
    small, large = (tf.constant(np.tile(pictures((1, 8, 3), 1), (1, times * 4, times, 1))) for times in (4, 8))
    borders = 0.2 if isinstance(cost, (TotalVariation, Blur)) else 1e-3  # the last rows and columns are not like the others
    assert float(cost.cost(large)[0]) == pytest.approx(float(cost.cost(small)[0]), rel=borders)


def by_mean(images: Any) -> Any:
    return tf.reduce_mean(images, axis=[1, 2, 3])


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (None, []),
        ((), []),
        (by_mean, [1]),
        ([by_mean, by_mean], [1, 1]),
        ((by_mean, 10), [10]),
        ([(by_mean, 0.5), by_mean], [0.5, 1]),
        ([[by_mean, np.float32(3)]], [3]),
    ],
)
def test_callables_alone_and_with_a_strength(given: Any, expected: list[float]) -> None:
    images = pictures((4, 4, 1))
    found = [function(tf.constant(images)).numpy() for function in regularizers_of(given)]
    assert len(found) == len(expected)
    for values, strength in zip(found, expected, strict=True):
        np.testing.assert_allclose(values, strength * images.mean((1, 2, 3)), rtol=1e-5)


@pytest.mark.parametrize("kind", REGULARIZERS.values())
def test_strength_multiplies(kind: type[Regularizer]) -> None:
    images = tf.constant(pictures((6, 6, 3)))
    once, seven = (regularizers_of(kind(strength))[0](images).numpy() for strength in (1.0, 7.0))
    np.testing.assert_allclose(seven, 7 * once, rtol=1e-6)
    assert once.min() > 0


@pytest.mark.slow
@pytest.mark.parametrize(
    "bad",
    [
        "tv",
        L2,
        3,
        [L2, 3],
        [(by_mean, "a")],
        [(by_mean, True)],
        [(by_mean, float("nan"))],
        TotalVariation("a"),  # type: ignore[arg-type]
        L2(float("inf")),
        Blur(float("nan")),
        LpNorm(None),  # type: ignore[arg-type]
    ],
)
def test_what_is_no_regularizer(bad: Any) -> None:
    with pytest.raises(
        TypeError, match="A regularizer is TotalVariation, LpNorm, L2, Blur or a callable, each with a strength"
    ):
        dream(models.functional(), filters=1, regularizers=bad)


@pytest.mark.parametrize("beta", [0, -1, float("nan"), "a"])
def test_beta_is_above_0(beta: Any) -> None:
    with pytest.raises(ValueError, match=r"beta=.* is out of range; use a number above 0"):
        TotalVariation(1, beta)


@pytest.mark.parametrize("p", [0, 0.5, float("nan"), "a"])
def test_p_is_at_least_1(p: Any) -> None:
    with pytest.raises(ValueError, match=r"p=.* is out of range; use a number from 1 to infinity"):
        LpNorm(1, p)


@pytest.mark.slow
@pytest.mark.parametrize("function", [lambda x: tf.reduce_mean(x, (0, 1, 2)), lambda x: x])
def test_a_callable_gives_one_cost_for_each_image(function: Any) -> None:
    with pytest.raises(ValueError, match=r"one cost for each image, \(N,\), but this one returned"):
        dream(models.functional(), filters=[1, 2, 3], steps=2, regularizers=function).run()


@pytest.mark.slow
@pytest.mark.parametrize("kind", REGULARIZERS.values())
def test_a_dream_pays_less_with_a_regularizer_than_without(kind: type[Regularizer]) -> None:
    costs = []
    for given in ([], [kind(300.0)]):
        made = dream(models.functional(), filters=1, steps=60, regularizers=given, parametrization="pixels").run()
        costs.append(float(kind().cost(tf.constant(made.image[None]))[0]))
    assert costs[1] < 0.8 * costs[0]
