"""Guided Grad-CAM: the product of two maps that TensorFlow makes in eager mode, the rule written as a custom gradient."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from salwidget import Unit, explain
from tests import models
from tests.attribution.asking import maps_and_gradient, upsampled
from tests.models import NAMES, image

pytestmark = pytest.mark.slow


def ruled_gradient(weights: dict[int, float], rule: Callable) -> np.ndarray:
    """dS/dx of a weighted sum of classes with ``rule(y, R)`` at both rectifiers of ``models.functional()``."""

    @tf.custom_gradient
    def relu(x):
        y = tf.nn.relu(x)
        return y, lambda gradient: rule(y, gradient)

    model = models.without_final()
    conv1 = model.get_layer("conv1")
    x = tf.constant(image()[None])
    with tf.GradientTape() as tape:
        tape.watch(x)
        first = relu(tf.nn.conv2d(x, conv1.kernel, 1, "VALID") + conv1.bias)
        second = relu(model.get_layer("conv2")(first))
        scores = models.chained(second, [model.get_layer(name) for name in NAMES[3:]])
        score = sum(weight * scores[0, one] for one, weight in weights.items())
    return tape.gradient(score, x).numpy()[0]


def grad_cam(filters: int) -> np.ndarray:
    maps, gradient, _ = maps_and_gradient("pool", [filters])
    return (gradient.mean((0, 1)) * maps).sum(-1)


RULES = {
    None: lambda y, gradient: tf.cast(y > 0, gradient.dtype) * tf.nn.relu(gradient),
    "rectified": lambda y, gradient: tf.nn.relu(gradient),
}


@pytest.mark.parametrize("modifier", RULES)
@pytest.mark.parametrize(("reduce", "reducer"), [("auto", lambda g: np.abs(g).max(-1)), ("sum", lambda g: g.sum(-1))])
def test_is_the_product_of_both(modifier: str | None, reduce: str, reducer: Callable) -> None:
    cam = upsampled(np.maximum(grad_cam(1), 0)[..., None], (8, 8))
    expected = reducer(ruled_gradient({1: 1.0}, RULES[modifier]) * cam)
    assert np.abs(expected).max() > 0, "or this test says nothing"
    found = explain(models.functional(), image(), "guided_grad_cam", filters=1, backprop_modifier=modifier, reduce=reduce)
    np.testing.assert_allclose(found.values, expected, rtol=0, atol=1e-6)
    assert found.signed == (reduce == "sum")
    assert "2 rectifiers modified" in found.notes


@pytest.mark.quick
def test_its_own_rule_does_not_reach_the_next_question() -> None:
    model = models.functional()
    explain(model, image(), "guided_grad_cam", filters=1)
    expected = np.maximum(grad_cam(1), 0)
    np.testing.assert_allclose(explain(model, image(), "grad_cam", filters=1).cells, expected, rtol=0, atol=1e-6)


def test_a_difference_keeps_what_speaks_against_it() -> None:
    cam = upsampled((grad_cam(1) - grad_cam(2))[..., None], (8, 8))
    assert cam.min() < 0, "or this test says nothing"
    expected = (ruled_gradient({1: 1.0, 2: -1.0}, RULES[None]) * cam).sum(-1)
    found = explain(models.functional(), image(), "guided_grad_cam", target=Unit(filters=1) - Unit(filters=2), reduce="sum")
    np.testing.assert_allclose(found.values, expected, rtol=0, atol=1e-6)


@pytest.mark.quick
def test_without_rectifiers_it_names_the_activations() -> None:
    steps = [layers.Conv2D(3, 3, activation="elu"), layers.GlobalAveragePooling2D(), layers.Dense(2)]
    with pytest.raises(ValueError, match=r"Guided Grad-CAM needs rectifiers: this model has no rectifier .* 1 ELU"):
        explain(models.in_a_row(models.SHAPE, *steps), image(), "guided_grad_cam")
