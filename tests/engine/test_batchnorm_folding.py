"""Batch normalisation folded into convolutions: scores, gradients and maps against the model itself in float64."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from salwidget import Unit, explain, open_network
from salwidget.engine.cache import Cache
from salwidget.engine.resolve import target_of
from salwidget.engine.traced_model import TracedModel
from tests import models
from tests.models import SHAPE, image

pytestmark = pytest.mark.slow

BATCH = image((5, *SHAPE), dtype="float64")


class Squared(layers.BatchNormalization):
    """No normalisation any more, though it is called one."""

    def call(self, inputs: Any, training: Any = None, mask: Any = None) -> Any:
        return super().call(inputs, training, mask) ** 2


class Laid(layers.Conv2D):
    """A convolution of one cell whose own call lays its kernel (inputs, outputs) into four axes."""

    def build(self, shape: Any) -> None:
        super().build(shape)
        self.flat = self.add_weight(shape=(shape[-1], self.filters))

    def call(self, inputs: Any) -> Any:
        return tf.nn.conv2d(inputs, tf.reshape(self.flat, [1, 1, *self.flat.shape]), 1, "SAME")


class Standardized(layers.Conv2D):
    """Its own call changes the kernel before it is used (weight standardization)."""

    def call(self, inputs: Any) -> Any:
        kernel = self.kernel - tf.reduce_mean(self.kernel, [0, 1, 2])
        return tf.nn.conv2d(inputs, kernel, 1, "SAME")


class Rounded(layers.Conv2D):
    """Its own call rounds the kernel by way of whole numbers."""

    def call(self, inputs: Any) -> Any:
        return tf.nn.conv2d(inputs, tf.cast(tf.cast(self.kernel, "int32"), inputs.dtype), 1, "SAME")


class Gated(layers.Conv2D):
    """Its own call goes on after the convolution."""

    def call(self, inputs: Any) -> Any:
        return tf.tanh(super().call(inputs))


def with_call(layer: keras.Layer) -> keras.Layer:
    """The layer with a call of its own, put before that of its class."""
    original = layer.call
    layer.call = lambda inputs, **given: original(inputs, **given) ** 2
    return layer


FOLDED = {
    "convolution": lambda: [layers.Conv2D(4, 3, use_bias=False), layers.BatchNormalization()],
    "with a bias": lambda: [layers.Conv2D(4, 3, strides=2), layers.BatchNormalization()],
    "padded": lambda: [layers.Conv2D(4, 3, padding="same"), layers.BatchNormalization()],
    "of one cell": lambda: [layers.Conv2D(4, 1), layers.BatchNormalization()],
    "of an even kernel": lambda: [layers.Conv2D(4, 2, padding="same"), layers.BatchNormalization()],
    "in steps of two": lambda: [layers.Conv2D(4, 1, strides=2), layers.BatchNormalization()],
    "depthwise": lambda: [layers.DepthwiseConv2D(3, depth_multiplier=3, padding="same"), layers.BatchNormalization()],
    "renormalised while it is trained": lambda: [layers.Conv2D(4, 3), layers.BatchNormalization(renorm=True)],
    "of all replicas": lambda: [layers.Conv2D(4, 3), layers.BatchNormalization(synchronized=True)],
    "behind a kernel that is laid out": lambda: [Laid(4, 1, use_bias=False), layers.BatchNormalization()],
    "without scale": lambda: [layers.Conv2D(4, 3), layers.BatchNormalization(scale=False)],
    "without centre": lambda: [layers.Conv2D(4, 3), layers.BatchNormalization(center=False, epsilon=0.1)],
}
LEFT_ALONE = {
    "behind an activation": lambda: [layers.Conv2D(4, 3, activation="relu"), layers.BatchNormalization()],
    "dilated, which TensorFlow takes apart": lambda: [layers.Conv2D(4, 3, dilation_rate=2), layers.BatchNormalization()],
    "in front": lambda: [layers.BatchNormalization(), layers.Conv2D(4, 3)],
    "over rows": lambda: [layers.Conv2D(4, 3), layers.BatchNormalization(axis=1)],
    "of a class with a call of its own": lambda: [layers.Conv2D(4, 3), Squared()],
    "with a call of its own": lambda: [layers.Conv2D(4, 3), with_call(layers.BatchNormalization())],
    "behind a kernel that is changed": lambda: [Standardized(4, 3, padding="same"), layers.BatchNormalization()],
    "behind a kernel that is rounded": lambda: [Rounded(4, 3, padding="same"), layers.BatchNormalization()],
    "behind a convolution that goes on": lambda: [Gated(4, 3), layers.BatchNormalization()],
    "behind a call of its own": lambda: [with_call(layers.Conv2D(4, 3)), layers.BatchNormalization()],
    "behind a dense layer": lambda: [layers.Dense(4), layers.BatchNormalization()],
    "a group's": lambda: [layers.Conv2D(4, 3), layers.GroupNormalization(2)],
}


def net(parts: Callable[[], list[keras.Layer]]) -> keras.Model:
    with models.float64():
        return models.normalised(models.in_a_row(SHAPE, *parts(), layers.ReLU(), layers.Flatten(), layers.Dense(3)))


def scores(model: keras.Model) -> np.ndarray:
    network = open_network(model, SHAPE)
    return network.scores(target_of(network, Unit(filters=1)), [BATCH])


def gradients(model: keras.Model, source: int | None = None) -> np.ndarray:
    """Of a logit with respect to the input, or to the output of the layer of that index."""
    network = open_network(model, SHAPE)
    place = network.inputs[0] if source is None else network.layers[source]
    return network.gradient(target_of(network, Unit(filters=1)), place)([BATCH])[2]


def replaced(model: keras.Model) -> int:
    """How many normalisations are folded, counted in a trace of its own."""
    return len(TracedModel(model, open_network(model, SHAPE).inputs).trace.folds.all)


@pytest.mark.parametrize("name", [*FOLDED, *LEFT_ALONE])
def test_scores_are_those_of_the_model(name: str) -> None:
    model = net((FOLDED | LEFT_ALONE)[name])
    np.testing.assert_allclose(scores(model), models.values_of(model, BATCH)[:, 1], rtol=1e-12)
    assert replaced(model) == (name in FOLDED)


@pytest.mark.parametrize("name", [*FOLDED, *LEFT_ALONE])
def test_gradients_are_those_of_the_model(name: str) -> None:
    model = net((FOLDED | LEFT_ALONE)[name])
    expected = np.stack([models.tape_gradient(model, one, [1]) for one in BATCH])
    np.testing.assert_allclose(gradients(model), expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", FOLDED)
def test_a_layer_that_a_fold_passes_by_has_its_values_and_gradient(name: str) -> None:
    model = net(FOLDED[name])
    inner, outer = keras.Model(model.input, model.layers[1].output), keras.Model(model.layers[1].output, model.output)
    maps = tf.constant(inner(BATCH))
    with tf.GradientTape() as tape:
        tape.watch(maps)
        score = outer(maps)[:, 1]
    np.testing.assert_allclose(gradients(model, source=1), tape.gradient(score, maps), rtol=1e-9, atol=1e-12)
    network = open_network(model, SHAPE)
    np.testing.assert_allclose(network.activations([BATCH], network.layers[1]), maps, rtol=1e-12)
    assert network.depends(network.output, network.layers[1])


def test_a_layer_with_a_second_way_past_the_fold() -> None:
    with models.float64():
        start = keras.Input(SHAPE)
        maps = layers.Conv2D(3, 3, padding="same")(start)
        both = layers.Add()([layers.ReLU()(layers.BatchNormalization()(maps)), maps])
        model = models.normalised(keras.Model(start, layers.Dense(3)(layers.Flatten()(both))))
    expected = np.stack([models.tape_gradient(model, one, [1]) for one in BATCH])
    np.testing.assert_allclose(gradients(model), expected, rtol=1e-9, atol=1e-12)
    outer = keras.Model(maps, model.output)
    values = tf.constant(keras.Model(start, maps)(BATCH))
    with tf.GradientTape() as tape:
        tape.watch(values)
        score = outer(values)[:, 1]
    np.testing.assert_allclose(gradients(model, source=1), tape.gradient(score, values), rtol=1e-9, atol=1e-12)


@pytest.mark.quick
def test_nested_and_shared_layers_are_folded_too() -> None:
    with models.float64():
        conv, norm = layers.Conv2D(2, 3, padding="same"), layers.BatchNormalization()
        inner = models.in_a_row(SHAPE, conv, norm, layers.ReLU(), conv, norm)
        model = models.normalised(models.in_a_row(SHAPE, inner, layers.Flatten(), layers.Dense(3)))
    np.testing.assert_allclose(scores(model), models.values_of(model, BATCH)[:, 1], rtol=1e-12)
    assert replaced(model) == 2


@pytest.mark.quick
def test_a_normalisation_that_all_of_keras_does_otherwise_is_not_folded(monkeypatch: pytest.MonkeyPatch) -> None:
    original = layers.BatchNormalization.call
    monkeypatch.setattr(layers.BatchNormalization, "call", lambda layer, inputs, **given: original(layer, inputs) ** 2)
    model = net(FOLDED["convolution"])
    assert replaced(model) == 0
    np.testing.assert_allclose(scores(model), models.values_of(model, BATCH)[:, 1], rtol=1e-12)


def test_statistics_of_the_batch_are_not_folded() -> None:
    with models.float64():
        norm = layers.BatchNormalization()
        parts = [layers.Conv2D(4, 3), lambda x: norm(x, training=True), layers.Flatten(), layers.Dense(3)]
        model = models.normalised(models.subclassed_of(SHAPE, *parts[:1], norm, *parts[2:]))
        model.steps = parts
    assert replaced(model) == 0
    np.testing.assert_allclose(scores(model), models.values_of(model, BATCH)[:, 1], rtol=1e-12)


def test_a_model_that_is_traced_anew_between_questions_answers_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    model, picture = net(FOLDED["padded"]), image(SHAPE, dtype="float64")
    asked = [("saliency", {"filters": 1}), ("grad_cam", {"filters": 1}), ("feature_map", {"layer": 2, "filters": 0})]
    expected = [explain(model, picture, method, **how).values for method, how in asked]
    monkeypatch.setattr("salwidget.engine.network.MOST_CUTS", 1)
    for seed in range(3):
        explain(model, image(SHAPE, seed, dtype="float64"), "grad_cam")
        for (method, how), values in zip(asked, expected, strict=True):
            open_network(model).cache = Cache()
            np.testing.assert_allclose(explain(model, picture, method, **how).values, values, rtol=1e-6)


@pytest.mark.parametrize("name", ["MobileNetV2", "ResNet50", "EfficientNetB0"])
def test_large_models_in_float32_are_near_to_themselves_in_float64(name: str) -> None:
    build = getattr(keras.applications, name)
    plain = build(weights=None, input_shape=(64, 64, 3), classes=10, classifier_activation=None)
    rng = np.random.default_rng(0)
    for layer in plain.layers:  # normalisations of a trained model: none is the identity
        if isinstance(layer, layers.BatchNormalization):
            layer.set_weights([rng.uniform(0.5, 1.5, each.shape) for each in layer.get_weights()])
    with models.float64():
        exact = build(weights=None, input_shape=(64, 64, 3), classes=10, classifier_activation=None)
    exact.set_weights(plain.get_weights())
    picture = image((64, 64, 3))
    expected = models.tape_gradient(exact, picture.astype("float64"), [3])
    network = open_network(plain)
    ours = network.gradient(target_of(network, Unit(filters=3)), network.inputs[0])([picture[None]])[2][0]
    assert np.abs(ours - expected).max() <= 1e-5 * np.abs(expected).max()
