"""The way back through SiLU is its derivative, and computes no second sigmoid."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from salwidget.engine.network import Network
from salwidget.engine.opening import open_network
from salwidget.engine.resolve import target_of
from salwidget.target import Unit

SHAPE = (5, 4, 3)
X = np.random.default_rng(0).normal(size=(2, *SHAPE)).astype("float32") * 4


def gradient(model: keras.Model) -> tuple[np.ndarray, Network]:
    network = open_network(model)
    asked = network.gradient(target_of(network, Unit(filters=None)), network.inputs[0])
    return asked([X])[2], network


def model_of(activation: Callable[[Any], Any]) -> keras.Model:
    image = keras.Input(SHAPE)
    return keras.Model(image, layers.GlobalAveragePooling2D()(activation(image)))


@pytest.mark.slow
@pytest.mark.parametrize("activation", [layers.Activation("silu"), tf.nn.silu, keras.ops.silu], ids=["layer", "tf", "ops"])
def test_the_gradient_is_the_derivative(activation: Callable[[Any], Any]) -> None:
    wrapped = activation if isinstance(activation, layers.Layer) else layers.Lambda(activation)
    found, network = gradient(model_of(wrapped))
    x = X.astype("float64")
    s = 1 / (1 + np.exp(-x))
    np.testing.assert_allclose(found, (s + x * s * (1 - s)) / (5 * 4 * 3), rtol=2e-5, atol=1e-8)
    (cut,) = network._cuts.values()
    kinds = [op.type for op in cut.run._function.graph.get_operations()]
    assert kinds.count("Sigmoid") == 1


def test_another_slope_keeps_the_gradient_of_tensorflow() -> None:
    found, _ = gradient(model_of(layers.Lambda(lambda x: tf.nn.silu(x, beta=2.5))))
    x = X.astype("float64")
    s = 1 / (1 + np.exp(-2.5 * x))
    np.testing.assert_allclose(found, (s + 2.5 * x * s * (1 - s)) / (5 * 4 * 3), rtol=2e-5, atol=1e-8)
