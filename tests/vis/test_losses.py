"""Losses mean what keras-vis's table says, on every kind of model, with tensors of either sort."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from salwidget import vis
from tests import models
from tests.models import KINDS, image

pytestmark = pytest.mark.slow


def at_image(model: Any, losses: list[tuple[vis.Loss, float]]) -> tuple[float, np.ndarray, list[tuple[str, float]]]:
    """Value and gradient of the weighted losses at the image, and what callbacks are told."""
    told: list[tuple[float, list[tuple[str, float]]]] = []

    class Listen(vis.OptimizerCallback):
        def callback(self, i, named_losses, overall_loss, grads, wrt_value) -> None:
            told.append((overall_loss, named_losses))

    optimizer = vis.Optimizer(model, losses, norm_grads=False)
    _, gradient, _ = optimizer.minimize(image(), max_iter=1, callbacks=[Listen()], verbose=False)
    return told[0][0], gradient[0], told[0][1]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("filters", [0, [0, 2], [1, 1], None])
@pytest.mark.parametrize("layer", ["dense", "conv1"])
def test_activation_maximization_is_the_sum_over_filters_of_minus_the_mean(kind: str, layer: str, filters: Any) -> None:
    values = models.values_of(models.cut_by_keras(models.without_final(), layer), image()[None])[0]
    means = values.reshape(-1, values.shape[-1]).mean(0)
    expected = -means.sum() if filters is None else -means[np.atleast_1d(filters)].sum()
    found, _, _ = at_image(KINDS[kind](), [(vis.ActivationMaximization(layer, filters), 1)])
    assert found == pytest.approx(expected, abs=1e-5)


def test_probability_is_the_output_as_it_stands() -> None:
    probability = models.values_of(models.functional(), image()[None])[0, 2]
    found, _, _ = at_image(models.functional(), [(vis.ActivationMaximization(-1, 2, score="probability"), 1)])
    assert found == pytest.approx(-probability, abs=1e-6)


def test_weights_multiply_and_zero_leaves_a_loss_out() -> None:
    class Never(vis.Loss):
        def build_loss(self) -> Any:
            raise AssertionError("a loss of weight 0 is not built")

    logits = models.values_of(models.without_final(), image()[None])[0]
    losses = [(vis.ActivationMaximization(-1, 1), 2), (vis.ActivationMaximization(-1, 0), -0.5), (Never(), 0)]
    total, _, named = at_image(models.functional(), losses)
    assert total == pytest.approx(-2 * logits[1] + 0.5 * logits[0], abs=1e-5)
    assert [name for name, _ in named] == ["ActivationMax Loss", "ActivationMax Loss"]
    assert [value for _, value in named] == pytest.approx([-2 * logits[1], 0.5 * logits[0]], abs=1e-5)


def squared_and_largest() -> tuple[float, np.ndarray]:
    """mean(conv2 ^ 2) + 2 max(dense), and its gradient, by a tape."""
    flat = models.without_final()
    both = keras.Model(flat.input, [flat.get_layer("conv2").output, flat.output])
    inputs = tf.constant(image()[None])
    with tf.GradientTape() as watch:
        watch.watch(inputs)
        maps, scores = both(inputs)
        loss = tf.reduce_mean(maps**2) + 2 * tf.reduce_max(scores)
    return float(loss), watch.gradient(loss, inputs).numpy()[0]


class OfTwoLayers(vis.Loss):
    name = "of two layers"

    def build_loss(self) -> Any:
        return tf.reduce_mean(self.output("conv2") ** 2) + 2 * tf.reduce_max(self.output("dense"))


class AsInKerasVis(vis.Loss):
    """Of symbolic tensors, wherever they are."""

    def __init__(self, conv2: keras.Layer, dense: keras.Layer) -> None:
        self.conv2, self.dense = conv2, dense

    def build_loss(self) -> Any:
        return keras.ops.mean(self.conv2.output**2) + 2 * keras.ops.max(self.dense.output)


@pytest.mark.parametrize("kind", KINDS)
def test_a_loss_of_ones_own_by_output(kind: str) -> None:
    value, gradient, named = at_image(KINDS[kind](None), [(OfTwoLayers(), 3)])
    expected, slope = squared_and_largest()
    assert value == pytest.approx(3 * expected, rel=1e-5)
    np.testing.assert_allclose(gradient, 3 * slope, rtol=0, atol=1e-5)
    assert named == [("of two layers", pytest.approx(3 * expected, rel=1e-5))]


@pytest.mark.parametrize("kind", ["functional", "sequential", "nested"])
@pytest.mark.parametrize("way", ["model", "inputs"])
def test_a_loss_of_ones_own_by_symbolic_tensors(kind: str, way: str) -> None:
    model = KINDS[kind](None)
    inner = model.get_layer("middle").get_layer("inner") if kind == "nested" else model
    loss = AsInKerasVis(inner.get_layer("conv2"), model.get_layer("dense"))
    value, gradient, _ = at_image(model if way == "model" else model.inputs, [(loss, 1)])
    expected, slope = squared_and_largest()
    assert value == pytest.approx(expected, rel=1e-5)
    np.testing.assert_allclose(gradient, slope, rtol=0, atol=1e-5)


def test_inputs_of_a_sequential_model_that_grew() -> None:
    model = keras.Sequential([keras.Input(models.SHAPE)])
    for part in models.parts():
        model.add(part)
    models.fill(model)
    for _ in range(2):  # the second time, symbolic losses hang on the model's last tensor
        losses = [(AsInKerasVis(model.get_layer("conv2"), model.get_layer("dense")), 0.0), (OneMinus(model.layers[-1]), 1)]
        value, _, _ = at_image(model.inputs[0], losses)
        assert value == pytest.approx(1 - models.values_of(model, image()[None])[0, 1], abs=1e-6)
        found, _, _ = at_image(model.inputs, [(vis.ActivationMaximization(model.layers[-1], 1), 1)])
        assert found == pytest.approx(-models.values_of(models.without_final(), image()[None])[0, 1], abs=1e-5)


class OneMinus(vis.Loss):
    """One number for each image, of a final softmax as it stands."""

    def __init__(self, layer: keras.Layer) -> None:
        self.layer = layer

    def build_loss(self) -> Any:
        return 1 - self.layer.output[:, 1]


def test_a_sum_of_losses_of_both_sorts() -> None:
    model = models.functional(None)
    losses = [(AsInKerasVis(model.get_layer("conv2"), model.layers[-1]), 1), (OfTwoLayers(), 1), (vis.TotalVariation(), 1)]
    total, gradient, named = at_image(model, losses)
    assert total == pytest.approx(sum(value for _, value in named), rel=1e-5)
    _, slope = squared_and_largest()
    _, variation, _ = at_image(model, [(vis.TotalVariation(), 1)])
    np.testing.assert_allclose(gradient, 2 * slope + variation, rtol=0, atol=1e-5)


def test_the_input_itself_may_be_in_a_loss() -> None:
    model = models.sequential()

    class Energy(vis.Loss):
        def __init__(self, tensor: Any) -> None:
            self.tensor = tensor

        def build_loss(self) -> Any:
            return keras.ops.sum((self.image() if self.tensor is None else self.tensor) ** 2)

    for tensor in (None, model.inputs[0]):
        value, gradient, _ = at_image(model, [(Energy(tensor), 1)])
        assert value == pytest.approx(np.square(image()).sum(), rel=1e-5)
        np.testing.assert_allclose(gradient, 2 * image(), rtol=1e-5)


def test_the_parts_of_a_sum_can_be_asked_of_a_loss() -> None:
    class Twice(vis.ActivationMaximization):
        def target(self, network, source) -> Any:
            return vis.Loss.target(self, network, source)

        def build_loss(self) -> Any:
            return 2 * super().build_loss()

    plain, slope, _ = at_image(models.functional(None), [(vis.ActivationMaximization("conv2", [1, 4]), 2)])
    value, gradient, _ = at_image(models.functional(None), [(Twice("conv2", [1, 4]), 1)])
    assert value == pytest.approx(plain, rel=1e-5)
    np.testing.assert_allclose(gradient, slope, rtol=0, atol=1e-6)


def test_saliency_with_losses_is_the_largest_absolute_gradient() -> None:
    _, slope = squared_and_largest()
    model = models.functional(None)
    found = vis.visualize_saliency_with_losses(model, [(OfTwoLayers(), -1)], image(), normalize=False)
    np.testing.assert_allclose(found, np.abs(slope).max(-1), rtol=0, atol=1e-5)
    batch = vis.visualize_saliency_with_losses(model, [(OfTwoLayers(), -1)], np.stack([image(), image()]), normalize=False)
    np.testing.assert_allclose(batch, [found, found], rtol=0, atol=1e-6)


def test_a_dropped_model_is_freed() -> None:
    model = models.functional()
    at_image(model, [(OfTwoLayers(), 1), (vis.ActivationMaximization(model.layers[-1], 0), 1), (vis.LPNorm(), 1)])
    gone = weakref.ref(model)
    del model
    gc.collect()
    assert gone() is None


class Wrong(vis.Loss):
    def __init__(self, build: Any) -> None:
        self.build = build

    def build_loss(self) -> Any:
        return self.build(self)


def test_mistakes_get_a_sentence() -> None:
    model, other, sub = models.functional(), models.functional(), models.subclassed()
    for built, of, sentence in [
        (lambda loss: loss.output("conv2"), model, "returns one number for each image"),
        (lambda loss: loss.output("conv9"), model, "There is no layer 'conv9'"),
        (lambda loss: loss.output(other.layers[-1]), model, "is not among the layers"),
        (lambda loss: keras.ops.mean(other.output), model, "is not computed by"),
        (lambda loss: 1.0, model, "does not depend"),
        (lambda loss: sub.parts[0].output, sub, r"use self.output\(layer\)"),
    ]:
        with pytest.raises(ValueError, match=sentence):
            at_image(of, [(Wrong(built), 1)])
    with pytest.raises(ValueError, match="only inside build_loss"):
        Wrong(None).output("conv1")
    with pytest.raises(TypeError, match=r"abstract method '?build_loss"):
        vis.Loss()
    with pytest.raises(TypeError, match=r"a list of \(Loss, weight\)"):
        at_image(model, [vis.ActivationMaximization(-1, 0)])  # type: ignore[list-item]
    with pytest.raises(ValueError, match="no loss of a weight other than 0"):
        at_image(model, [(vis.ActivationMaximization(-1, 0), 0)])
    with pytest.raises(TypeError, match="input_tensor is a Keras model"):
        at_image("model", [(vis.ActivationMaximization(-1, 0), 1)])


@pytest.mark.quick
def test_one_input_of_several_is_refused_with_what_to_do() -> None:
    left, right = keras.Input((4,)), keras.Input((4,))
    model = keras.Model([left, right], layers.Dense(2, name="out")(layers.Add()([left, right])))
    with pytest.raises(ValueError, match="pass the model itself"):
        vis.Optimizer(left, [(vis.ActivationMaximization(model.layers[-1], 0), 1)])


@pytest.mark.quick
def test_a_loss_is_written_as_its_name() -> None:
    class Own(vis.Loss):
        def build_loss(self) -> Any:
            return keras.ops.sum(self.image())

    class Named(Own):
        name = "mine"

        def __init__(self) -> None:
            super().__init__()

    losses = [Own(), Named(), vis.ActivationMaximization(-1, 0), vis.LPNorm(p=2), vis.TotalVariation(beta=1.5)]
    assert [str(each) for each in losses] == ["Unnamed Loss", "mine", "ActivationMax Loss", "L-2 Norm Loss", "TV(1.5) Loss"]
