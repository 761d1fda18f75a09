"""Every kind of target: its value and its gradient, against Keras layers, a tape and finite differences."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from salwidget import Target, Unit, explain, open_network
from salwidget.engine.resolve import target_of
from tests import models
from tests.models import KINDS, image

pytestmark = pytest.mark.slow

LOGITS = functools.cache(models.without_final)
Truth = Callable[[Any], Any]


def by_tape(score: Truth, picture: np.ndarray) -> tuple[float, np.ndarray]:
    """A score of an image batch and its gradient summed over channels, in eager mode."""
    inputs = tf.constant(picture[None])
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        value = score(inputs)
    return float(tf.squeeze(value)), tape.gradient(value, inputs).numpy()[0].sum(-1)


@functools.cache
def part(name: str) -> keras.Model:
    return models.cut_by_keras(LOGITS(), name)


def logits(x: Any) -> Any:
    return LOGITS()(x)[0]


# Name, target, and the same by hand.
TARGETS: dict[str, tuple[Any, Truth]] = {
    "logit": (Unit(filters=1), lambda x: logits(x)[1]),
    "class 0": (Unit(filters=0), lambda x: logits(x)[0]),
    "probability": (Unit(filters=2, score="probability"), lambda x: tf.nn.softmax(logits(x))[2]),
    "log probability": (Unit(filters=2, score="log_probability"), lambda x: tf.math.log(tf.nn.softmax(logits(x))[2])),
    "several": (Unit(filters=(0, 3)), lambda x: (logits(x)[0] + logits(x)[3]) / 2),
    "a - b": (Unit(filters=1) - Unit(filters=2), lambda x: logits(x)[1] - logits(x)[2]),
    "weighted": (0.2 * Unit(filters=1) + Unit(filters=3) * 0.8, lambda x: 0.2 * logits(x)[1] + 0.8 * logits(x)[3]),
    "minus": (-Unit(filters=1), lambda x: -logits(x)[1]),
    "two layers": (
        Unit("conv1", 0) - 2 * Unit("conv2", 3),
        lambda x: tf.reduce_mean(part("conv1")(x)[..., 0]) - 2 * tf.reduce_mean(part("conv2")(x)[..., 3]),
    ),
    "two scores": (
        Unit(filters=1) + Unit(filters=1, score="probability"),
        lambda x: logits(x)[1] + tf.nn.softmax(logits(x))[1],
    ),
    "a cell": (Unit("conv2", 3, cell=(1, 4)), lambda x: part("conv2")(x)[0, 1, 4, 3]),
    "a cell from the end": (Unit("conv2", (0, 1), cell=(-1, 2)), lambda x: tf.reduce_mean(part("conv2")(x)[0, 5, 2, :2])),
    "two cells": (
        Unit("conv2", 3, cell=(1, 4)) - Unit("conv2", 3, cell=(0, 0)),
        lambda x: part("conv2")(x)[0, 1, 4, 3] - part("conv2")(x)[0, 0, 0, 3],
    ),
    "near a value above": (Unit(filters=1).near(50), lambda x: -tf.abs(logits(x)[1] - 50)),
    "near a value below": (Unit(filters=1).near(-50), lambda x: -tf.abs(logits(x)[1] + 50)),
    "a difference near 0": ((Unit(filters=1) - Unit(filters=2)).near(0), lambda x: -tf.abs(logits(x)[1] - logits(x)[2])),
    "a function of logits": (Unit(function=lambda z: z[:, 0] * z[:, 1]), lambda x: logits(x)[0] * logits(x)[1]),
    "a bare function": (lambda z: tf.reduce_logsumexp(z, -1), lambda x: tf.reduce_logsumexp(logits(x))),
    "a function of maps": (
        Unit("conv2", function=lambda maps: tf.reduce_max(maps, (1, 2, 3))),
        lambda x: tf.reduce_max(part("conv2")(x)),
    ),
    "half a function": (
        0.5 * Unit(function=lambda z: z[:, 0] ** 2) - Unit(filters=1),
        lambda x: 0.5 * logits(x)[0] ** 2 - logits(x)[1],
    ),
}


@pytest.mark.parametrize("kind", ["nested", "subclassed"])
@pytest.mark.parametrize("name", TARGETS)
def test_value_and_gradient_are_those_written_by_hand(kind: str, name: str) -> None:
    target, truth = TARGETS[name]
    value, gradient = by_tape(truth, image())
    found = explain(KINDS[kind](), image(), target=target, reduce="sum")
    assert found.score == pytest.approx(value, abs=2e-6)
    np.testing.assert_allclose(found.values, gradient, rtol=0, atol=2e-6)
    assert np.abs(gradient).max() > 1e-4, "or this test says nothing"


@pytest.mark.parametrize("activation", ["softmax", "sigmoid"])
def test_log_probability_keeps_its_gradient_where_the_probability_has_none(activation: str) -> None:
    """A logit of 1000 lower: log(p) in float32 would be minus infinity."""
    with models.float64():
        model, linear = models.functional(activation), models.functional(None)
    for each in (model, linear):
        each.get_layer("dense").bias.assign([0.0, 0.0, -1000.0, 0.0])
    found = explain(model, image(dtype="float64"), filters=2, score="log_probability", reduce="sum")
    log = tf.nn.log_softmax if activation == "softmax" else tf.math.log_sigmoid
    value, gradient = by_tape(lambda x: log(linear(x))[0, 2], image(dtype="float64"))
    assert value < -900
    assert found.score == pytest.approx(value, rel=1e-6)
    np.testing.assert_allclose(found.values, gradient, atol=1e-6)


@pytest.mark.parametrize(
    ("aim", "sign", "modifier"),
    [("increase", 1, None), ("decrease", -1, None), ("maintain", 1, "small_values"), (9.0, 1, None)],
)
def test_aims_of_a_regression(aim: Any, sign: int, modifier: str | None) -> None:
    weights = image((3, 4), seed=5)
    model, picture = models.wide_head(None, weights), image((3, 4, 1))
    found = explain(model, picture, aim=aim, reduce="sum")
    expected = sign * weights if modifier is None else np.abs(1 / (weights + 1e-7))
    np.testing.assert_allclose(found.values, expected, rtol=1e-4, atol=1e-5)
    assert found.query.grad_modifier == modifier


@pytest.mark.quick
def test_operands_are_never_changed() -> None:
    a, b = Unit(filters=1), Unit(filters=2)
    whole = a - b
    twice = 2 * whole
    assert whole.terms == ((1.0, a), (-1.0, b))
    assert twice.terms == ((2, a), (-2, b))
    assert (-(whole + b)).terms == ((-1, a), (1, b), (-1, b))


@pytest.mark.quick
def test_equal_units_are_merged_into_one_form() -> None:
    network = open_network(models.functional())
    merged = target_of(network, Unit(filters=1) + Unit("dense", [1]) - Unit(filters=2))
    assert merged == Target(((2.0, Unit(6, (1,))), (-1.0, Unit(6, (2,)))))


def test_what_differs_in_numbers_only_builds_one_gradient() -> None:
    model = models.nested()
    network = open_network(model)
    targets = [Unit(filters=k) for k in range(4)]
    targets += [Unit(filters=1) - Unit(filters=2), 0.3 * Unit(filters=(0, 3)) + 2 * Unit(filters=1)]
    for target in targets:
        explain(model, image(), target=target)
    assert network.cuts == 1
    for cell in [(0, 0), (3, 4), (4, 1)]:
        explain(model, image(), layer="conv2", filters=cell[0], cell=cell)
    assert network.cuts == 2
    for value in (1.0, -3.5):
        explain(model, image(), filters=1, aim=value)
    assert network.cuts == 3


@pytest.mark.parametrize(
    ("wanted", "error", "message"),
    [
        (Unit(filters=1) - Unit("dense", 1), ValueError, "cancel"),
        (Unit("conv2", cell=(6, 0)), ValueError, r"cell \(6, 0\) is out of range: the feature map of layer 2 conv2 is 6×6"),
        (Unit("conv2", cell=(1,)), ValueError, r"does not fit layer 2 conv2: its feature map is 6×6"),
        (Unit(cell=(0, 0)), ValueError, r"does not fit layer 6 dense: it has no feature map"),
        (Unit("conv2", cell=("a", 0)), TypeError, "as whole numbers"),
        (Unit(filters=1, function=abs), ValueError, "takes no filters and no cell"),
        (Unit(function=np.square), TypeError, "a Python function, written with def or lambda, not of type ufunc"),
        (Unit(function=3), TypeError, "a Python function, written with def or lambda, not of type int"),
        (20, TypeError, "a Unit, a sum of units or a callable, not int"),
        (float("nan") * Unit(filters=1), ValueError, "not finite"),
    ],
)
def test_targets_that_are_none(wanted: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        explain(models.functional(), image(), target=wanted)


def failing(z: Any) -> Any:
    raise KeyError("why\n" + "x" * 10_000)


async def awaited(z: Any) -> Any:
    return z[:, 0]


# Name, a function that gives no score for each image, and how the sentence ends.
FAULTY: dict[str, tuple[Callable[..., Any], str]] = {
    "a sum over the batch": (lambda z: tf.reduce_sum(z, 0), r"returned float32 \(4,\)"),
    "a sum of all": (tf.reduce_sum, r"returned float32 \(\)"),
    "a sum of all, as a vector": (lambda z: tf.reshape(tf.reduce_sum(z), [-1]), r"returned float32 \(1,\)"),
    "the first image's": (lambda z: z[:1, 0], r"returned float32 \(1,\)"),
    "the first image's scores": (lambda z: z[0], r"returned float32 \(4,\)"),
    "scores": (lambda z: z, r"returned float32 \(N, 4\)"),
    "scores in a row": (lambda z: tf.reshape(z, [-1]), r"returned float32 \(4 N,\)"),
    "two for each": (lambda z: tf.concat([z[:, 0], z[:, 1]], 0), r"returned float32 \(2 N,\)"),
    "an axis too much": (lambda z: z[:, :1], r"returned float32 \(N, 1\)"),
    "an axis too few for one image": (lambda z: tf.squeeze(z[:, 0]), "of unknown shape"),
    "those above zero": (lambda z: tf.boolean_mask(z[:, 0], z[:, 0] > 1e9), "of 1 image this one made 0 scores"),
    "none": (lambda z: None, "returned None"),
    "a number": (lambda z: 0.3, "returned a value of type float"),
    "a text": (lambda z: "0.3", "returned a value of type str"),
    "a tuple": (lambda z: (z[:, 0],), "returned a value of type tuple"),
    "an array": (lambda z: np.ones(1), "returned a value of type ndarray"),
    "a sparse tensor": (lambda z: tf.sparse.from_dense(z[:, 0]), "returned a value of type SparseTensor"),
    "a coroutine": (awaited, "returned a value of type coroutine"),
    "truths": (lambda z: z[:, 0] > 0, r"returned bool \(N,\)"),
    "whole numbers": (lambda z: tf.argmax(z, -1), r"returned int64 \(N,\)"),
    "texts": (lambda z: tf.strings.as_string(z[:, 0]), r"returned string \(N,\)"),
    "complex numbers": (lambda z: tf.cast(z[:, 0], tf.complex64), r"returned complex64 \(N,\)"),
    "numpy": (lambda z: np.max(z), "raised NotImplementedError: Cannot convert a symbolic"),
    "a method of eager tensors": (
        lambda z: z.numpy(),
        "raised AttributeError: 'SymbolicTensor' object has no attribute 'numpy'",
    ),
    "a loop": (lambda z: [one[0] for one in z], "raised OperatorNotAllowedInGraphError: Iterating"),
    "python's sum": (sum, "raised OperatorNotAllowedInGraphError: Iterating"),
    "a condition": (lambda z: z[:, 0] if z[0, 0] > 0 else z[:, 1], "raised OperatorNotAllowedInGraphError: Using"),
    "a class that is not there": (lambda z: z[:, 9], "raised ValueError: slice index 9 of dimension 1 out of bounds"),
    "no argument": (lambda: 1, "raised TypeError: .* takes 0 positional arguments"),
    "an error": (failing, "raised KeyError: .{0,200}$"),
}


@pytest.mark.filterwarnings("ignore:coroutine")
@pytest.mark.parametrize("method", ["saliency", "occlusion", "grad_cam"])
@pytest.mark.parametrize("name", FAULTY)
def test_a_function_that_gives_no_score_for_each_image_is_refused_with_one_sentence(name: str, method: str) -> None:
    """A batch of one hides some of them, and occlusion's batches others."""
    function, how = FAULTY[name]
    contract = r"one floating score for each image, \(N,\), with TensorFlow or keras.ops.*"
    with pytest.raises(ValueError, match=contract + how):
        explain(models.functional(), image(), method, target=function)


def test_a_function_of_half_floats_and_one_by_keras_ops_are_scores() -> None:
    half = explain(models.functional(), image(), "occlusion", target=lambda z: tf.cast(z[:, 0], tf.float16))
    np.testing.assert_allclose(half.values, explain(models.functional(), image(), "occlusion", filters=0).values, atol=2e-3)
    mean = explain(models.functional(), image(), target=lambda z: keras.ops.mean(z, -1), reduce="sum")
    _, gradient = by_tape(lambda x: tf.reduce_mean(logits(x)), image())
    np.testing.assert_allclose(mean.values, gradient, rtol=0, atol=2e-6)


@pytest.mark.quick
def test_target_and_its_parts_do_not_go_together() -> None:
    with pytest.raises(ValueError, match="target= already defines the score"):
        explain(models.functional(), image(), target=Unit(filters=1), filters=2)
    with pytest.raises(ValueError, match="remove grad_modifier"):
        explain(models.functional(), image(), aim="maintain", grad_modifier="negate")
    with pytest.raises(TypeError, match="last step"):
        Unit(filters=1).near(2) + Unit(filters=2)


def test_class_zero_is_a_class() -> None:
    top = int(np.argmax(models.values_of(models.functional(), image()[None])))
    assert top != 0, "or this test says nothing"
    assert explain(models.functional(), image(), target=Unit(filters=0)).query.target.filters == (0,)
    assert explain(models.functional(), image(), target=1 * Unit()).query.target.filters == (top,)


@pytest.mark.parametrize("name", [name for name in TARGETS if "function" not in name])
def test_the_call_that_a_query_writes_gives_the_same_map(name: str) -> None:
    import salwidget

    model = models.functional()
    found = explain(model, image(), target=TARGETS[name][0], method="input_x_gradient")
    again = eval(found.query.as_python(), {"salwidget": salwidget, "model": model, "image": image()})
    assert again == found
    np.testing.assert_array_equal(again.values, found.values)
