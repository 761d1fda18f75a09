"""Gradient modifiers against numpy, as max over channels of modifier(g)."""

from __future__ import annotations

import numpy as np
import pytest

from salwidget import explain
from salwidget.grad_modifiers import EPSILON, MODIFIERS, invert, modifier_of
from tests import models
from tests.models import SHAPE, image

EXPECTED = {
    "absolute": np.abs,
    "negate": lambda g: -g,
    "relu": lambda g: np.where(g > 0, g, 0),
    "invert": lambda g: 1 / (g + 1e-7),
    "small_values": lambda g: np.abs(1 / (g + 1e-7)),
}


@pytest.fixture(scope="module")
def model():
    return models.functional()


@pytest.fixture(scope="module")
def gradient() -> np.ndarray:
    return models.tape_gradient(models.without_final(), image(), [1])


def test_the_names_of_keras_vis() -> None:
    assert set(MODIFIERS) == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_saliency_is_the_largest_modified_gradient_of_a_pixel(model, gradient: np.ndarray, name: str) -> None:
    found = explain(model, image(), filters=1, grad_modifier=name)
    np.testing.assert_allclose(found.values, EXPECTED[name](gradient).max(-1), rtol=1e-3, atol=1e-6)
    assert found.signed == (name in ("negate", "invert"))


@pytest.mark.parametrize("name", EXPECTED)
def test_on_numbers(name: str) -> None:
    numbers = np.array([-2.0, -1e-3, 0.0, 1e-6, 0.5, 4.0])
    np.testing.assert_allclose(modifier_of(name)(numbers), EXPECTED[name](numbers), rtol=1e-12)


def test_negate_is_not_a_no_op(model, gradient: np.ndarray) -> None:
    negated = explain(model, image(), filters=1, grad_modifier="negate").values
    assert not np.allclose(negated, explain(model, image(), filters=1).values)
    assert not np.allclose(negated, np.abs(gradient).max(-1))
    assert negated.min() < 0


def test_a_callable(model, gradient: np.ndarray) -> None:
    found = explain(model, image(), filters=1, grad_modifier=lambda g: g**2 - 3 * g)
    np.testing.assert_allclose(found.values, (gradient**2 - 3 * gradient).max(-1), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("change", [lambda g: g.max(-1), lambda g: g[:4], np.sum])
def test_a_callable_that_changes_the_shape_is_refused_with_both_shapes(model, change) -> None:
    made = np.shape(change(np.zeros(SHAPE)))
    with pytest.raises(ValueError, match=r"gradient of shape \(8, 8, 2\) into ") as caught:
        explain(model, image(), grad_modifier=change)
    assert str(made) in str(caught.value)


def test_a_callable_that_makes_nan_is_refused(model) -> None:
    with pytest.raises(ValueError, match="modified gradient is NaN"):
        explain(model, image(), grad_modifier=lambda g: g * np.nan)


def test_unknown_modifier_names_the_known(model) -> None:
    with pytest.raises(ValueError, match=r"'abs' is not known; use one of absolute, negate, relu, invert, small_values"):
        explain(model, image(), grad_modifier="abs")


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", ["invert", "small_values"])
def test_invert_stays_finite_where_it_would_divide_by_zero(dtype: type, name: str) -> None:
    near = np.array([-1e-7, -EPSILON, np.nextafter(dtype(-1e-7), dtype(0)), 0.0], dtype)
    values = MODIFIERS[name](near)
    assert np.isfinite(values).all()
    assert np.abs(values).min() > 1e6
    assert invert(np.array([0.0], dtype))[0] == pytest.approx(1e7)


def test_invert_of_a_pixel_at_minus_epsilon_through_the_front_door() -> None:
    weights = np.array([[-1e-7, 0.0], [1.0, -0.5]], np.float32)
    found = explain(models.wide_head(None, weights), image((2, 2, 1)), grad_modifier="invert").values
    assert np.isfinite(found).all()
    np.testing.assert_allclose(found.ravel()[1:], [1e7, 1.0, -2.0], rtol=1e-6)


def test_modifier_of_an_input_x_gradient(model, gradient: np.ndarray) -> None:
    found = explain(model, image(), "input_x_gradient", filters=1, grad_modifier="relu")
    expected = (image() * np.maximum(gradient, 0)).sum(-1)
    np.testing.assert_allclose(found.values, expected, rtol=1e-5, atol=1e-6)
