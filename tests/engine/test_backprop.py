"""The truth table of the backprop rules, by numpy, for every way to write a rectifier."""

from __future__ import annotations

from dataclasses import dataclass

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from salwidget import explain, open_network
from tests import models
from tests.data import ROOT, needs_data
from tests.models import SHAPE, image

pytestmark = pytest.mark.slow

# All combinations of an input below 0, in (0, 6), above 6 with an incoming gradient R below, at and above 0.
PIXELS = np.array([[-2.0, -1.0, -0.5], [1.0, 3.0, 5.5], [6.5, 7.0, 9.0]], np.float32)
INCOMING = np.array([[-1.5, 0.0, 2.0]] * 3, np.float32)


@dataclass(frozen=True)
class Function:
    """f(x) = x above ``threshold``, at most ``cap``; ``slope`` (x - threshold) below."""

    slope: float = 0.0
    cap: float = np.inf
    threshold: float = 0.0

    def __call__(self, x: np.ndarray) -> np.ndarray:
        return np.where(x > self.threshold, np.minimum(x, self.cap), self.slope * (x - self.threshold))

    def slopes(self, x: np.ndarray) -> np.ndarray:
        return np.where(x > self.threshold, x < self.cap, self.slope)


RELU, RELU4, RELU6, LEAKY = Function(), Function(cap=4), Function(cap=6), Function(0.25)


RECTIFIERS = {
    "activation='relu'": (layers.Conv2D(1, 1, activation="relu"), RELU),
    "activation='relu6'": (layers.Conv2D(1, 1, activation="relu6"), RELU6),
    "layers.ReLU()": (layers.ReLU(), RELU),
    "layers.ReLU(6)": (layers.ReLU(max_value=6), RELU6),
    "layers.ReLU(4)": (layers.ReLU(max_value=4), RELU4),
    "layers.ReLU, slope": (layers.ReLU(negative_slope=0.25), LEAKY),
    "layers.ReLU, slope, 4": (layers.ReLU(negative_slope=0.25, max_value=4), Function(0.25, 4)),
    "layers.ReLU, slope, 6": (layers.ReLU(negative_slope=0.25, max_value=6), Function(0.25, 6)),
    "layers.ReLU, threshold": (layers.ReLU(threshold=2), Function(0, np.inf, 2)),
    "layers.ReLU, threshold, 4": (layers.ReLU(threshold=2, max_value=4), Function(0, 4, 2)),
    "layers.ReLU, threshold, 6": (layers.ReLU(threshold=2, max_value=6), Function(0, 6, 2)),
    "layers.ReLU, threshold, slope": (layers.ReLU(None, 0.25, 2), Function(0.25, np.inf, 2)),
    "layers.ReLU, all three": (layers.ReLU(4, 0.25, 2), Function(0.25, 4, 2)),
    "layers.Activation": (layers.Activation("relu"), RELU),
    "layers.LeakyReLU": (layers.LeakyReLU(negative_slope=0.25), LEAKY),
    "layers.PReLU": (layers.PReLU(alpha_initializer=keras.initializers.Constant(0.25)), LEAKY),
    "keras.ops.relu": (keras.ops.relu, RELU),
    "keras.ops.relu6": (keras.ops.relu6, RELU6),
    "keras.ops.maximum": (lambda x: keras.ops.maximum(x, 0), RELU),
    "keras.ops.clip": (lambda x: keras.ops.clip(x, 0, 4), RELU4),
    "keras.ops.where": (lambda x: keras.ops.where(x > 0, x, 0.25 * x), LEAKY),
    "keras.ops.minimum of a LeakyReLU": (lambda x: keras.ops.minimum(keras.ops.leaky_relu(x, 0.25), 4), Function(0.25, 4)),
    "tf.nn.relu": (tf.nn.relu, RELU),
    "tf.nn.relu6": (tf.nn.relu6, RELU6),
    "tf.nn.leaky_relu": (lambda x: tf.nn.leaky_relu(x, 0.25), LEAKY),
    "tf.clip_by_value": (lambda x: tf.clip_by_value(x, 0, 4), RELU4),
    "tf.minimum of tf.nn.relu": (lambda x: tf.minimum(tf.nn.relu(x), 4), RELU4),
}


def gated(step) -> keras.Model:
    """S = INCOMING . rectifier(x): the gradient that comes into the rectifier is INCOMING."""
    head = [layers.Flatten(), layers.Dense(1, use_bias=False)]
    model = models.subclassed_of((3, 3, 1), step, *head)
    if isinstance(step, layers.Conv2D):
        step.set_weights([np.ones((1, 1, 1, 1)), np.zeros(1)])
    head[-1].kernel.assign(INCOMING.reshape(-1, 1))
    return model


def asked(model: keras.Model, rule) -> np.ndarray:
    return explain(model, PIXELS[..., None], backprop_modifier=rule, reduce="sum").values


@pytest.fixture(params=RECTIFIERS)
def rectifier(request: pytest.FixtureRequest):
    step, function = RECTIFIERS[request.param]
    return gated(step), function


def test_truth_table(rectifier) -> None:
    model, function = rectifier
    plain = INCOMING * function.slopes(PIXELS)
    guided = INCOMING * (function(PIXELS) > 0) * (INCOMING > 0)
    rectified = INCOMING * (INCOMING > 0)
    for rule, expected in [(None, plain), ("guided", guided), ("rectified", rectified), (None, plain)]:
        np.testing.assert_allclose(asked(model, rule), expected, rtol=0, atol=1e-6)
    assert not np.allclose(guided, plain)


def test_relu_and_deconv_are_names_of_rectified(rectifier) -> None:
    model, _ = rectifier
    expected = INCOMING * (INCOMING > 0)
    for name in ("relu", "deconv"):
        np.testing.assert_allclose(asked(model, name), expected, rtol=0, atol=1e-6)


def test_a_callable_gets_inputs_outputs_and_gradient(rectifier) -> None:
    model, function = rectifier
    found = asked(model, lambda inputs, outputs, gradient: 2 * inputs[0] * gradient + outputs[0])
    np.testing.assert_allclose(found, 2 * PIXELS * INCOMING + function(PIXELS), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("build", models.KINDS.values(), ids=models.KINDS)
@pytest.mark.parametrize("rule", ["guided", "rectified"])
def test_two_rectifiers_in_a_row_by_numpy(build, rule: str) -> None:
    """Backwards through conv2's gate and conv1's, each step by Keras's own layers except at the gates."""
    flat, picture = models.functional(), image()
    conv1, conv2 = flat.get_layer("conv1"), flat.get_layer("conv2")
    keep = {"guided": lambda y, r: r * (y > 0) * (r > 0), "rectified": lambda y, r: r * (r > 0)}[rule]
    first = models.values_of(models.cut_by_keras(flat, "conv1"), picture[None])
    second = models.values_of(models.cut_by_keras(flat, "gate"), picture[None])

    def back(tail, at: np.ndarray, incoming: np.ndarray) -> np.ndarray:
        at = tf.constant(at)
        with tf.GradientTape() as tape:
            tape.watch(at)
            out = tail(at)
        return tape.gradient(out, at, output_gradients=tf.constant(incoming, tf.float32)).numpy()

    row = np.eye(models.CLASSES)[[1]]
    head = lambda y: flat.get_layer("mean")(flat.get_layer("pool")(y)) @ flat.get_layer("dense").kernel  # noqa: E731
    incoming = keep(second, back(head, second, row))
    incoming = keep(first, back(conv2, first, incoming))
    linear = lambda x: tf.nn.conv2d(x, conv1.kernel, 1, "VALID")  # noqa: E731
    expected = back(linear, picture[None], incoming)[0].sum(-1)

    model = build()
    plain = models.tape_gradient(models.without_final(), picture, [1]).sum(-1)
    found = explain(model, picture, filters=1, backprop_modifier=rule, reduce="sum")
    assert found.notes == ("2 rectifiers modified",)
    np.testing.assert_allclose(found.values, expected, rtol=0, atol=1e-6)
    after = explain(model, picture, filters=1, reduce="sum").values
    np.testing.assert_allclose(after, plain, rtol=0, atol=1e-6)
    assert np.abs(expected - plain).max() > 1e-3


@pytest.mark.quick
def test_unknown_rule_names_the_known() -> None:
    with pytest.raises(ValueError, match=r"'giuded' is not known; use one of guided, rectified, relu, deconv, or a callable"):
        explain(models.functional(), image(), backprop_modifier="giuded")


@pytest.mark.parametrize("rule", ["guided", "rectified", lambda _i, _o, gradient: gradient])
def test_a_model_of_elus_is_refused_and_elu_is_named(rule) -> None:
    model = models.in_a_row(SHAPE, layers.Conv2D(3, 3, activation="elu"), layers.Flatten(), layers.Dense(2))
    with pytest.raises(ValueError, match=r"no rectifier.*1 ELU"):
        explain(model, image(), backprop_modifier=rule)


@pytest.mark.quick
def test_no_rectifier_between_source_and_target_is_refused() -> None:
    model = models.in_a_row(SHAPE, layers.Conv2D(3, 3, name="linear"), layers.ReLU(), layers.Flatten(), layers.Dense(2))
    with pytest.raises(ValueError, match=r"no rectifier lies between input \S+ and layer 1 linear"):
        explain(model, image(), layer="linear", backprop_modifier="guided")
    with pytest.raises(ValueError, match=r"no rectifier lies between layer 2 re_lu\S* and layer 4"):
        explain(model, image(), "grad_cam", penultimate_layer=2, backprop_modifier="guided")


RELU_IN_FUNCTION = tf.function(lambda x: tf.nn.relu(x))
HIDDEN = {
    "tf.function": RELU_IN_FUNCTION,
    "tf.function in a tf.function": tf.function(lambda x: RELU_IN_FUNCTION(x) * 1.0),
    "tf.cond": lambda x: tf.cond(tf.reduce_sum(x) > -1e9, lambda: tf.nn.relu(x), lambda: x),
    "tf.map_fn": lambda x: tf.map_fn(tf.nn.relu, x),
}


@pytest.mark.parametrize("where", HIDDEN)
def test_a_hidden_rectifier_is_refused_not_skipped(where: str) -> None:
    """The model has a rectifier in reach as well: a rule that changed only that one would be silently wrong."""
    model = models.subclassed_of(
        SHAPE, layers.Conv2D(3, 3, activation="relu"), HIDDEN[where], layers.Flatten(), layers.Dense(2)
    )
    with pytest.raises(ValueError, match="hidden inside"):
        explain(model, image(), backprop_modifier="guided")


def test_a_tf_function_call_hides_its_rectifiers() -> None:
    class Compiled(models.InCall):
        call = tf.function(models.InCall.call)

    model = Compiled(*models.parts(None))
    model(image()[None])
    with pytest.raises(ValueError, match=r"hidden inside a tf\.function"):
        explain(model, image(), backprop_modifier="guided")


@needs_data
def test_pilotnet_has_elus_only() -> None:
    model = keras.models.load_model(ROOT / "models" / "pilotnet_naokishibuya.keras", compile=False)
    frame = np.full((66, 200, 3), 128, np.uint8)
    assert np.isfinite(explain(model, frame).values).all()
    assert open_network(model).rectifiers == 0
    with pytest.raises(ValueError, match="ELU"):
        explain(model, frame, backprop_modifier="guided")
