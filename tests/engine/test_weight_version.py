"""A change of weights is noticed however it is made, and what was computed from the old ones is not used again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from salwidget import Unit, explain, open_network
from salwidget.engine.fingerprint import WIDTH, fingerprint
from salwidget.engine.weight_version import Weights
from tests import models
from tests.models import SHAPE, image

pytestmark = pytest.mark.slow

IMAGES, LABELS = np.stack([image(SHAPE, seed) for seed in range(8)]), np.arange(8) % 3


def net() -> keras.Model:
    model = models.in_a_row(
        SHAPE, layers.Conv2D(4, 3), layers.BatchNormalization(), layers.ReLU(), layers.Flatten(), layers.Dense(3)
    )
    return models.normalised(model)


def fit(model: keras.Model, **how: Any) -> None:
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True), **how)
    model.fit(IMAGES, LABELS, epochs=2, batch_size=4, verbose=0)


def kernel(model: keras.Model) -> tf.Variable:
    return model.layers[1].kernel.value


@tf.function(jit_compile=True)
def compiled_step(variable: tf.Variable) -> None:
    variable.assign_add(tf.ones_like(variable))


# Each changes the convolution or its normalisation.
CHANGES: dict[str, Callable[[keras.Model], Any]] = {
    "fit": fit,
    "fit, compiled by XLA": lambda model: fit(model, jit_compile=True),
    "fit, eager": lambda model: fit(model, run_eagerly=True),
    "set_weights": lambda model: model.set_weights([2 * weight + 0.01 for weight in model.get_weights()]),
    "assign": lambda model: model.layers[1].kernel.assign(0.5 * model.layers[1].kernel),
    "assign_add": lambda model: kernel(model).assign_add(tf.ones_like(kernel(model))),
    "assign_sub": lambda model: kernel(model).assign_sub(tf.ones_like(kernel(model))),
    "a slice": lambda model: kernel(model)[0, 0, 0, 0].assign(7.0),
    "scattered": lambda model: kernel(model).scatter_nd_update([[0, 0, 0, 0]], [7.0]),
    "one step of a function that XLA compiles": lambda model: compiled_step(kernel(model)),
    "a mean": lambda model: model.layers[2].moving_mean.assign(model.layers[2].moving_mean - 0.5),
    "a variance": lambda model: model.layers[2].moving_variance.assign(0.5 * model.layers[2].moving_variance),
    "gamma": lambda model: model.layers[2].gamma.assign(1.5 * model.layers[2].gamma),
    "beta": lambda model: model.layers[2].beta.assign(model.layers[2].beta + 0.5),
    "an optimizer's own operation": lambda model: tf.raw_ops.ResourceApplyGradientDescent(
        var=kernel(model).handle, alpha=0.1, delta=tf.ones_like(kernel(model))
    ),
}


@pytest.fixture(params=["by their place", "by a fingerprint"])
def looked_at(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Variables in this process's memory, and as if they lay in that of a device."""
    if request.param == "by a fingerprint":
        monkeypatch.setattr("salwidget.engine.weight_version.is_in_host_memory", lambda value: False)


@pytest.mark.usefixtures("looked_at")
@pytest.mark.parametrize("name", CHANGES)
def test_each_way_to_change_a_variable_is_another_version(name: str) -> None:
    model = net()
    weights = Weights([(variable.value.handle, variable.value.dtype) for variable in model.variables])
    for round_ in range(3):  # the second time a variable has moved before, or lies where it is copied at each read
        before, kept = weights.version(), [value.numpy() for value in weights.values]
        held = list(weights.values)
        CHANGES[name](model)
        same = all(np.array_equal(old, variable) for old, variable in zip(kept, model.variables, strict=True))
        assert not (same and round_ == 0)
        assert weights.version() != before or same  # the same values assigned again may be seen, and need not be
        # What was held is as it was, and what is held now is what the variables are.
        for value, old in zip(held, kept, strict=True):
            np.testing.assert_array_equal(value, old)
        for value, variable in zip(weights.values, model.variables, strict=True):
            np.testing.assert_array_equal(value, variable)


@pytest.mark.usefixtures("looked_at")
def test_questions_change_no_version() -> None:
    model = net()
    weights = Weights([(variable.value.handle, variable.value.dtype) for variable in model.variables])
    versions = set()
    for seed in range(40):  # past the place where reading is compiled
        explain(model, image(SHAPE, seed), filters=seed % 3)
        model.predict(IMAGES, verbose=0)
        versions.add(weights.version())
    assert len(versions) == 1


@pytest.mark.usefixtures("looked_at")
@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.parametrize("method", ["saliency", "grad_cam", "occlusion", "feature_map"])
def test_maps_follow_weights_that_change(name: str, method: str) -> None:
    model, picture = net(), image(SHAPE)
    question: dict[str, Any] = {"feature_map": {"layer": 3, "filters": 0}}.get(method, {"filters": 1})
    before = explain(model, picture, method, **question)
    CHANGES[name](model)
    after = explain(model, picture, method, **question)
    assert np.abs(after.values - before.values).max() > 1e-4 * np.abs(before.values).max()
    copied = keras.models.clone_model(model)
    copied.set_weights(model.get_weights())
    np.testing.assert_allclose(after.values, explain(copied, picture, method, **question).values, rtol=1e-5, atol=1e-6)
    if method == "saliency":
        expected = np.abs(models.tape_gradient(model, picture, [1])).max(-1)
        np.testing.assert_allclose(after.values, expected, rtol=1e-4, atol=1e-5)


TYPES = ["float32", "float64", "float16", "bfloat16", "int8", "uint8", "int16", "int32", "int64", "uint64", "bool", "complex64"]


def variable(dtype: str, *shape: int) -> tf.Variable:
    values = np.random.default_rng(0).integers(0, 2 if dtype == "bool" else 100, shape)
    return tf.Variable(tf.cast(values, dtype))


def version_of(*variables: tf.Variable) -> Callable[[], int]:
    return Weights([(each.handle, each.dtype) for each in variables]).version


@pytest.mark.usefixtures("looked_at")
@pytest.mark.parametrize("dtype", TYPES)
def test_a_change_of_one_value_of_any_type_is_another_version(dtype: str) -> None:
    changed = variable(dtype, 5, 3)
    version = version_of(tf.Variable(1.0), variable(dtype, 0, 4), changed, variable(dtype, 70, 300))
    before = version()
    assert version() == before
    value = changed.numpy()
    value[4, 2] = not value[4, 2] if dtype == "bool" else value[4, 2] + 1
    changed.assign(value)
    assert version() != before


@pytest.mark.parametrize("shape", [(3, 3, 4, 8), (1, 1, 200, 300), (5_000_000,)])
def test_a_fingerprint_sees_one_bit_and_every_order(shape: tuple[int, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("salwidget.engine.weight_version.is_in_host_memory", lambda value: False)
    rng = np.random.default_rng(0)
    kernel, other = (rng.normal(size=shape).astype(np.float32) for _ in range(2))
    variables = tf.Variable(kernel), tf.Variable(other)
    version, versions = version_of(*variables), []

    def assigned(*values: np.ndarray) -> None:
        for each, value in zip(variables, values, strict=True):
            each.assign(value)
        versions.append(version())
        assert version() == versions[-1]

    ulp, flat = kernel.copy(), kernel.reshape(-1)
    ulp.flat[-1] = np.nextafter(flat[-1], np.float32(9))
    swapped = flat.copy()
    swapped[[0, -1]] = swapped[[-1, 0]]
    up_and_down = kernel + np.float32(0.5) * np.sign(rng.normal(size=shape)).astype(np.float32)
    orders = flat[::-1], rng.permutation(flat), swapped, np.roll(flat, 1)
    for first, second in [(kernel, other), (other, kernel), (ulp, other), (up_and_down, other), (-kernel, -other)]:
        assigned(first, second)
    for order in orders:
        assigned(order.reshape(shape), other)
    assert len(set(versions)) == len(versions)


@pytest.mark.quick
@pytest.mark.parametrize("count", [3, 16384, 50_000])
def test_a_fingerprint_is_the_sum_that_it_says(count: int) -> None:
    values = np.random.default_rng(1).normal(size=count).astype(np.float32)
    held = tf.Variable(values)
    rng, rows = np.random.default_rng(0), -(-count // WIDTH)
    column, row = (rng.integers(-(2**63), 2**63 - 1, size, endpoint=True) | 1 for size in (WIDTH, rows))
    words = values.view(np.int32).tolist()
    total = sum(int(row[at // WIDTH]) * int(column[at % WIDTH]) * word for at, word in enumerate(words))
    assert fingerprint([(held.handle, held.dtype)])() == ((total + 2**63) % 2**64 - 2**63,)


def test_a_model_of_no_normalisation_follows_too() -> None:
    model, picture = models.functional(), image()
    network = open_network(model)
    layer = network.layer("conv2")
    before = network.activations([picture[None]], layer)
    model.get_layer("conv2").bias.assign_add(np.ones(layer.filters, np.float32))
    after = network.activations([picture[None]], layer)
    assert np.abs(after - before).max() > 0.5
    unit = Unit(layer.index, 0)
    assert explain(model, picture, target=unit).score == pytest.approx(float(after[0, ..., 0].mean()), rel=1e-5)


class Hidden(layers.Layer):
    """Variables that only a ``tf.function`` reads: Keras's and one of TensorFlow's own."""

    def __init__(self) -> None:
        super().__init__(name="hidden")
        self.factor = self.add_weight(shape=(), initializer="ones")
        self.shift = tf.Variable(0.0)

    @tf.function
    def call(self, values: Any) -> Any:
        return values * self.factor + self.shift


@pytest.mark.parametrize("name", ["factor", "shift"])
def test_variables_inside_a_function_of_the_models_own_are_followed(name: str) -> None:
    hidden = Hidden()
    model = models.fill(models.in_a_row(SHAPE, layers.Conv2D(3, 3), hidden, layers.GlobalAveragePooling2D(), layers.Dense(2)))
    network, picture = open_network(model), image(SHAPE)
    layer = network.layer("hidden")
    before, factor = network.activations([picture[None]], layer), float(hidden.factor)
    getattr(hidden, name).assign(3.0)
    expected = before * 3 / factor if name == "factor" else before + 3
    np.testing.assert_allclose(network.activations([picture[None]], layer), expected, rtol=1e-5, atol=1e-6)
