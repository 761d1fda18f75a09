"""visualize_cam against a tape on the layers behind a convolution, called one by one."""

from __future__ import annotations

import logging
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers
from PIL import Image

from salwidget import vis
from tests import models
from tests.models import KINDS, NAMES, SHAPE, image

pytestmark = pytest.mark.slow


def by_tape(at: str, filters: list[int], modify: Any = lambda g: g) -> np.ndarray:
    """ReLU(sum_k mean(g_k) A_k) for the sum of filters, resized by Pillow."""
    linear = models.without_final()
    maps = tf.constant(models.values_of(models.cut_by_keras(linear, at), image()[None]))
    with tf.GradientTape() as watch:
        watch.watch(maps)
        out = models.chained(maps, [linear.get_layer(name) for name in NAMES[NAMES.index(at) + 1 :]])
        score = tf.reduce_sum(tf.gather(out[0], filters))
    weights = modify(watch.gradient(score, maps).numpy()[0]).mean((0, 1))
    cells = np.maximum((weights * maps.numpy()[0]).sum(-1), 0)
    return np.asarray(Image.fromarray(cells).resize((8, 8), Image.Resampling.BILINEAR))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("filters", [0, [1, 2]])
def test_is_grad_cam_at_the_nearest_layer_with_space(kind: str, filters: Any) -> None:
    found = vis.visualize_cam(KINDS[kind](), -1, filters, image(), normalize=False)
    np.testing.assert_allclose(found, by_tape("pool", np.atleast_1d(filters).tolist()), rtol=0, atol=1e-5)


@pytest.mark.parametrize("at", ["conv2", 2])
def test_at_a_layer_of_choice(at: int | str) -> None:
    found = vis.visualize_cam(models.functional(), -1, 1, image(), at, normalize=False)
    np.testing.assert_allclose(found, by_tape("conv2", [1]), rtol=0, atol=1e-5)


def test_says_which_layer_it_looked_at(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "salwidget.vis")
    vis.visualize_cam(models.functional(), -1, 1, image())
    assert "looked at layer 4 pool" in caplog.text


def test_a_modifier_works_on_the_gradient_of_the_feature_maps() -> None:
    found = vis.visualize_cam(models.functional(), -1, 1, image(), grad_modifier="negate", normalize=False)
    np.testing.assert_allclose(found, by_tape("pool", [1], np.negative), rtol=0, atol=1e-5)


@pytest.mark.quick
def test_scaled_to_0_1_and_batches_one_by_one() -> None:
    model = models.functional()
    batch = np.stack([image(), 9 * image(seed=3)])
    found = vis.visualize_cam(model, -1, 1, batch)
    assert found.shape == (2, 8, 8)
    expected = by_tape("pool", [1])
    np.testing.assert_allclose(found[0], (expected - expected.min()) / np.ptp(expected), rtol=0, atol=1e-5)
    np.testing.assert_array_equal(found[1], vis.visualize_cam(model, -1, 1, batch[1]))


def test_all_negative_gradients_do_not_invert_the_map() -> None:
    """keras-vis divides by the largest gradient: where all are negative, the sign turns."""
    kernel = -np.abs(image((3, 2), seed=6))
    conv, dense = layers.Conv2D(3, 3, activation="relu", name="maps"), layers.Dense(2, use_bias=False)
    model = models.fill(models.in_a_row(SHAPE, conv, layers.GlobalAveragePooling2D(), dense))
    dense.kernel.assign(kernel)
    maps = models.values_of(models.cut_by_keras(model, "maps"), image()[None])[0]
    assert (maps @ kernel[:, 0]).min() < 0, "or this test says nothing"
    for normalize in (True, False):
        assert not vis.visualize_cam(model, -1, 0, image(), normalize=normalize).any()


@pytest.mark.parametrize("kind", KINDS)
def test_with_losses_is_the_gradient_of_their_weighted_sum(kind: str) -> None:
    losses = [(vis.ActivationMaximization("dense", 1), -1), (vis.ActivationMaximization("dense", [0, 2]), -1)]
    found = vis.visualize_cam_with_losses(KINDS[kind](), losses, image(), "conv2", normalize=False)
    np.testing.assert_allclose(found, by_tape("conv2", [0, 1, 2]), rtol=0, atol=1e-5)


@pytest.mark.parametrize("way", ["model", "input", "inputs"])
def test_with_losses_takes_input_tensors_and_layers_as_keras_vis(way: str) -> None:
    model = models.without_final()
    tensor = {"model": model, "input": model.input, "inputs": model.inputs}[way]
    losses = [(vis.ActivationMaximization(model.layers[-1], 1), -1)]
    found = vis.visualize_cam_with_losses(tensor, losses, image(), model.get_layer("conv2"), normalize=False)
    np.testing.assert_allclose(found, by_tape("conv2", [1]), rtol=0, atol=1e-5)


def test_a_custom_loss_has_a_cam_of_its_own() -> None:
    class Difference(vis.Loss):
        def build_loss(self) -> Any:
            scores = self.output("dense")
            return scores[:, 1] - scores[:, 0]

    linear = models.without_final()
    maps = models.values_of(models.cut_by_keras(linear, "pool"), image()[None])[0]
    # Behind the pool the network is a mean and a dense layer: dS/dA_k is the difference of two kernel rows over 9 cells.
    kernel = linear.get_layer("dense").kernel.numpy()
    cells = np.maximum(maps @ (kernel[:, 1] - kernel[:, 0]) / 9, 0)
    found = vis.visualize_cam_with_losses(linear, [(Difference(), 1)], image(), "pool", normalize=False)
    expected = np.asarray(Image.fromarray(cells).resize((8, 8), Image.Resampling.BILINEAR))
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-6)


@pytest.mark.quick
def test_no_convolution_is_a_sentence() -> None:
    model = models.in_a_row((4, 4, 1), layers.Flatten(), layers.Dense(2))
    assert isinstance(model, keras.Model)
    with pytest.raises(ValueError, match="needs a convolution"):
        vis.visualize_cam(model, -1, 0, image((4, 4, 1)))


def test_a_batch_of_one_has_no_axis_for_it() -> None:
    found = vis.visualize_cam(models.functional(), -1, 1, image()[None], normalize=False)
    np.testing.assert_allclose(found, by_tape("pool", [1]), rtol=0, atol=1e-5)
