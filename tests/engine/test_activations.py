"""Every activation of Keras, and each spelling of a gate: which are rectifiers, and what the others are called."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers, ops

from salwidget import explain, open_network
from salwidget.engine.network import Network
from tests import models
from tests.models import SHAPE, image

pytestmark = pytest.mark.slow

# What why_no_rule says of a model with one of each of keras.activations; nothing for rectifiers and for "linear".
NAMES = {
    **dict.fromkeys(("relu", "relu6", "leaky_relu", "linear"), ""),
    **{"celu": "CELU", "elu": "ELU", "selu": "SELU", "gelu": "GELU", "glu": "GLU", "silu": "SiLU", "swish": "SiLU"},
    **{"hard_swish": "hard_silu", "mish": "Mish", "softplus": "Softplus"},
}
OTHERS = ("get", "serialize", "deserialize")
ALL = [name for name in dir(keras.activations) if not name.startswith("_") and name not in OTHERS]


def with_step(step: Callable[[Any], Any], *more: Callable[[Any], Any]) -> keras.Model:
    first = layers.Conv2D(4, 3, name="first")
    return models.fill(models.subclassed_of(SHAPE, first, step, *more, layers.Flatten(), layers.Dense(2)))


def opened(model: keras.Model) -> Network:
    return open_network(model, SHAPE)


def activation(name: str) -> Callable[[Any], Any]:
    return (lambda x: keras.activations.threshold(x, 0.3, 0.1)) if name == "threshold" else getattr(keras.activations, name)


@pytest.mark.parametrize("name", ALL)
def test_each_activation_of_keras_has_its_name(name: str) -> None:
    model = with_step(activation(name))
    network = opened(model)
    named = NAMES.get(name, name)
    assert network.smooth_activations == (f"1 {named}" if named else "")
    assert network.rectifiers == (name in ("relu", "relu6", "leaky_relu"))
    if named:
        with pytest.raises(ValueError, match=f"'guided' needs rectifiers: .*its activations are 1 {named}"):
            explain(model, image(), backprop_modifier="guided")


SPELLINGS = {
    "GELU": lambda x: ops.gelu(x, approximate=True),
    "ELU": layers.ELU(alpha=0.5),
    "SELU": tf.nn.selu,
    "Softplus": lambda x: ops.relu(x) + ops.log1p(ops.exp(-ops.abs(x))),
    "CELU": lambda x: ops.relu(x) + ops.expm1(ops.minimum(x, 0.0)),
    "SiLU": lambda x: x * ops.sigmoid(1.702 * x),
    "Mish": lambda x: x * tf.tanh(tf.math.softplus(x)),
    "hard_tanh": lambda x: tf.clip_by_value(x, -1.0, 1.0),
}


@pytest.mark.parametrize("name", SPELLINGS)
def test_other_spellings_have_the_name_too(name: str) -> None:
    network = opened(with_step(SPELLINGS[name]))
    assert (network.smooth_activations, network.rectifiers) == (f"1 {name}", 0)


HARD_SIGMOIDS = {
    "activation": keras.activations.hard_sigmoid,
    "Activation": layers.Activation("hard_sigmoid"),
    "ReLU(6)(x + 3) / 6, as MobileNetV3": lambda x: layers.ReLU(6.0)(x + 3.0) * (1.0 / 6.0),
    "ops.relu6": lambda x: ops.relu6(x + 3.0) / 6.0,
    "tf.nn.relu6": lambda x: tf.nn.relu6(3.0 + x) * 0.16666667,
    "Rescaling": keras.Sequential([layers.Rescaling(1.0, 3.0), layers.ReLU(6), layers.Rescaling(1 / 6)]),
    "min of relu": lambda x: tf.minimum(tf.nn.relu(x + 3), 6) / 6,
    "ReLU(1)": lambda x: layers.ReLU(max_value=1.0)(x / 6 + 0.5),
    "clip": lambda x: ops.clip(x / 6 + 0.5, 0, 1),
    "clip of a sum": lambda x: tf.clip_by_value((x + 3) / 6, 0, 1),
    "one minus": lambda x: 1 - ops.relu6(3 - x) / 6,
}


@pytest.mark.parametrize("spelling", HARD_SIGMOIDS)
@pytest.mark.parametrize("rule", ["guided", "rectified"])
def test_a_gate_keeps_its_own_gradient(spelling: str, rule: str) -> None:
    """relu(x) hard_sigmoid(x) and hard_silu, each before a rectifier: the rule has one rectifier to change, not two."""
    step = HARD_SIGMOIDS[spelling]
    for name, gate in (("hard_sigmoid", step), ("hard_silu", lambda x: x * step(x))):
        model = with_step(gate, layers.ReLU())
        picture = image() * 3
        network = opened(model)
        assert (network.smooth_activations, network.rectifiers) == (f"1 {name}", 1)
        first, _, dense = model.parts[0], *model.parts[-2:]

        # Backwards by hand: the dense weights, the rule at the rectifier, the gate's own slope, the convolution.
        hidden = np.asarray(first(picture[None]))
        height = np.clip(hidden / 6 + 0.5, 0, 1)
        slope = (np.abs(hidden) < 3) / 6.0
        if name == "hard_silu":
            height, slope = hidden * height, height + hidden * slope
        incoming = dense.kernel.numpy()[:, 1].reshape(height.shape)
        back = np.maximum(incoming, 0) * ((height > 0) if rule == "guided" else 1.0) * slope
        with tf.GradientTape() as tape:
            pixels = tf.constant(picture[None])
            tape.watch(pixels)
            out = first(pixels)
        expected = tape.gradient(out, pixels, output_gradients=tf.constant(back, tf.float32)).numpy()[0].sum(-1)

        found = explain(model, picture, filters=1, backprop_modifier=rule, reduce="sum")
        assert found.notes == (f"1 rectifier modified, not 1 {name}",)
        np.testing.assert_allclose(found.values, expected, rtol=0, atol=1e-5 * np.abs(expected).max())


@pytest.mark.parametrize("shift", [0.0, 1.0, -3.0, 6.0])
def test_a_shifted_rectifier_is_no_gate(shift: float) -> None:
    network = opened(with_step(lambda x: ops.relu6(x + shift) / 6))
    assert (network.rectifiers, network.smooth_activations) == (1, "")


@pytest.mark.quick
def test_a_final_activation_is_not_named() -> None:
    for name in ("softmax", "sigmoid"):
        assert open_network(models.functional(name)).smooth_activations == ""


def test_mobilenet_v3_has_fourteen_rectifiers() -> None:
    network = open_network(keras.applications.MobileNetV3Small(weights=None, input_shape=(32, 32, 3)))
    assert (network.rectifiers, network.smooth_activations) == (14, "19 hard_silu, 9 hard_sigmoid")
