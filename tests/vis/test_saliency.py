"""visualize_saliency against a GradientTape, finite differences, and rules written by hand."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from salwidget import vis
from tests import models
from tests.models import CLASSES, KINDS, image

pytestmark = pytest.mark.slow

raw = {"normalize": False}


def tape(filters: list[int], final: str | None = None) -> np.ndarray:
    """Gradient of the *sum* of the filters' outputs, (H, W, C)."""
    return len(filters) * models.tape_gradient(models.functional(final), image(), filters)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("filters", [0, 3, [0, 2], np.int64(1), (1, 1)])
def test_is_the_largest_absolute_gradient_of_the_sum_of_the_filters(kind: str, filters: Any) -> None:
    found = vis.visualize_saliency(KINDS[kind](), -1, filters, image(), **raw)
    expected = sum(tape([one]) for one in np.atleast_1d(filters).tolist())
    np.testing.assert_allclose(found, np.abs(expected).max(-1), rtol=0, atol=1e-5)


def test_agrees_with_finite_differences() -> None:
    with models.float64():
        model = models.functional(None)
        expected = models.finite_differences(model, image(dtype="float64"), [2])
        found = vis.visualize_saliency(model, -1, 2, image(dtype="float64"), keepdims=True, grad_modifier=None, **raw)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-6)


def test_none_is_all_filters_not_the_top_class() -> None:
    found = vis.visualize_saliency(models.functional(), -1, None, image(), **raw)
    np.testing.assert_allclose(found, np.abs(tape([*range(CLASSES)])).max(-1), rtol=0, atol=1e-5)


def test_class_0_is_a_class() -> None:
    maps = [vis.visualize_saliency(models.functional(), -1, filters, image(), **raw) for filters in (0, None, 1)]
    assert not np.allclose(maps[0], maps[1])
    assert not np.allclose(maps[0], maps[2])


@pytest.mark.parametrize("kind", KINDS)
def test_a_filter_of_a_convolution_is_its_mean_over_space(kind: str) -> None:
    cut = models.cut_by_keras(models.functional(), "conv2")
    expected = models.tape_gradient(cut, image(), [3])
    found = vis.visualize_saliency(KINDS[kind](), "conv2", 3, image(), keepdims=True, grad_modifier=None, **raw)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-6)


def test_probability_is_the_output_as_it_stands() -> None:
    found = vis.visualize_saliency(models.functional(), -1, 1, image(), score="probability", **raw)
    np.testing.assert_allclose(found, np.abs(tape([1], "softmax")).max(-1), rtol=0, atol=1e-6)


@pytest.mark.parametrize(
    ("name", "formula"),
    [
        (None, lambda g: g),
        ("absolute", np.abs),
        ("negate", np.negative),
        ("relu", lambda g: np.where(g > 0, g, 0)),
        ("invert", lambda g: 1 / (g + 1e-7)),
        ("small_values", lambda g: np.abs(1 / (g + 1e-7))),
        (lambda g: g**2, np.square),
        (vis.negate, np.negative),
    ],
)
def test_grad_modifiers(name: Any, formula: Any) -> None:
    found = vis.visualize_saliency(models.functional(), -1, 1, image(), grad_modifier=name, **raw)
    np.testing.assert_allclose(found, formula(tape([1])).max(-1), rtol=1e-3, atol=1e-6)


def test_scaled_to_0_1_over_the_whole_map() -> None:
    model = models.functional()
    found = vis.visualize_saliency(model, -1, 1, image(), keepdims=True)
    expected = np.abs(tape([1]))
    np.testing.assert_allclose(found, (expected - expected.min()) / np.ptp(expected), rtol=0, atol=1e-5)
    assert vis.visualize_saliency(model, -1, 1, image()).max() == 1


@pytest.mark.quick
def test_a_batch_is_scaled_one_by_one() -> None:
    model = models.functional()
    batch = np.stack([image(), 100 * image(seed=5), image(seed=6)])
    found = vis.visualize_saliency(model, -1, 1, batch)
    assert found.shape == (3, 8, 8)
    for one, alone in zip(batch, found, strict=True):
        np.testing.assert_array_equal(alone, vis.visualize_saliency(model, -1, 1, one))
    np.testing.assert_array_equal(vis.visualize_saliency(model, -1, 1, batch[:1]), found[0])


def by_rule(rule: Any) -> np.ndarray:
    """The functional network by hand, its rectifiers with a gradient of their own."""

    @tf.custom_gradient
    def rectifier(x: Any) -> Any:
        y = tf.nn.relu(x)
        return y, lambda upstream: rule(y, upstream)

    flat = models.without_final()
    flat.get_layer("conv1").activation = rectifier
    inputs = tf.constant(image()[None])
    with tf.GradientTape() as watch:
        watch.watch(inputs)
        maps = flat.get_layer("conv2")(flat.get_layer("conv1")(inputs))
        score = models.chained(rectifier(maps), [flat.get_layer(name) for name in ("pool", "mean", "dense")])[0, 1]
    return watch.gradient(score, inputs).numpy()[0]


def doubled(inputs: Any, outputs: Any, gradient: Any) -> Any:
    return 2 * gradient


RULES = [
    ("guided", lambda y, r: tf.where((y > 0) & (r > 0), r, 0)),
    ("rectified", lambda y, r: tf.where(r > 0, r, 0)),
    ("relu", lambda y, r: tf.where(r > 0, r, 0)),
    ("deconv", lambda y, r: tf.where(r > 0, r, 0)),
    (vis.guided, lambda y, r: tf.where((y > 0) & (r > 0), r, 0)),
    (vis.backprop_modifiers.relu, lambda y, r: tf.where(r > 0, r, 0)),
    (doubled, lambda y, r: 2 * r),
]


@pytest.mark.parametrize(("modifier", "rule"), RULES)
@pytest.mark.parametrize("kind", ["functional", "nested", "subclassed"])
def test_backprop_modifiers(kind: str, modifier: Any, rule: Any) -> None:
    model = KINDS[kind]()
    expected = by_rule(rule)
    found = vis.visualize_saliency(model, -1, 1, image(), None, modifier, None, True, **raw)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5)
    assert not np.allclose(found, tape([1])), "or the rule did nothing"


def two_inputs() -> keras.Model:
    left, right = keras.Input((6, 6, 1), name="left"), keras.Input((5, 4, 1), name="right")
    both = layers.Concatenate()([layers.Flatten()(left), layers.Flatten()(right)])
    return models.fill(keras.Model([left, right], layers.Dense(3)(both)))


@pytest.mark.parametrize("which", ["index", "name", "tensor", None])
def test_wrt_tensor_picks_an_input(which: str | None) -> None:
    model = two_inputs()
    wrt = {"index": 1, "name": "right", "tensor": model.inputs[1], None: None}[which]
    kernel = np.abs(model.get_weights()[0][:, 2])
    expected = kernel[:36].reshape(6, 6) if which is None else kernel[36:].reshape(5, 4)
    seeds = {"left": image((6, 6, 1)), "right": image((5, 4, 1))}
    found = vis.visualize_saliency(model, -1, 2, seeds, wrt_tensor=wrt, **raw)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-6)


def test_wrt_tensor_may_be_the_output_of_a_layer() -> None:
    model = models.without_final()
    maps = tf.constant(models.values_of(models.cut_by_keras(model, "conv2"), image()[None]))
    with tf.GradientTape() as watch:
        watch.watch(maps)
        score = models.chained(maps, [model.get_layer(name) for name in ("gate", "pool", "mean", "dense")])[0, 1]
    expected = np.abs(watch.gradient(score, maps).numpy()[0]).max(-1)
    for wrt in (model.get_layer("conv2"), model.get_layer("conv2").output):
        found = vis.visualize_saliency(model, -1, 1, image(), wrt_tensor=wrt, **raw)
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"layer_idx": "dens"}, "There is no layer 'dens'"),
        ({"filter_indices": 4}, "filter 4 is out of range"),
        ({"filter_indices": "1"}, "given as whole numbers"),
        ({"grad_modifier": "abs"}, "grad_modifier 'abs' is not known"),
        ({"backprop_modifier": "guidd"}, "backprop_modifier 'guidd' is not known"),
        ({"wrt_tensor": 1}, "has no input 1"),
        ({"seed_input": image((3, 3, 2))}, "takes images of shape"),
    ],
)
def test_mistakes_get_a_sentence(change: dict[str, Any], sentence: str) -> None:
    asked = {"layer_idx": -1, "filter_indices": 1, "seed_input": image(), **change}
    with pytest.raises((ValueError, TypeError), match=sentence):
        vis.visualize_saliency(models.functional(), **asked)


@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("one", [lambda x: x, lambda x: x[None], lambda x: [x]])
def test_a_batch_of_one_has_no_axis_for_it(one: Any, keepdims: bool) -> None:
    asked = {"keepdims": keepdims, "grad_modifier": None, **raw}
    expected = tape([1]) if keepdims else tape([1]).max(-1)
    found = vis.visualize_saliency(models.functional(), -1, 1, one(image()), **asked)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5)


@pytest.mark.quick
@pytest.mark.parametrize("keepdims", [False, True])
def test_the_map_of_a_vector_is_a_vector(keepdims: bool) -> None:
    kernel = image((5, 3), seed=2)
    model = models.in_a_row((5,), layers.Dense(3, use_bias=False))
    model.layers[-1].kernel.assign(kernel)
    vectors = image((4, 5))
    found = vis.visualize_saliency(model, -1, 2, vectors, keepdims=keepdims, **raw)
    np.testing.assert_allclose(found, np.tile(np.abs(kernel[:, 2]), (4, 1)), rtol=1e-6)
    assert vis.visualize_saliency(model, -1, 2, vectors[:1], keepdims=keepdims).shape == (5,)
