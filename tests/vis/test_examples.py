"""What each example notebook of keras-vis does, line by line in its own words, with numbers that are computed here.

The models are small ones with random weights, or the reader of digits; a tape in eager mode is the truth.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import activations, layers

from salwidget.demo import digits
from tests import models
from tests.vis.by_hand import agree, cam_by_hand, ouzel, red, rule_by_hand, ruled, saliency_by_hand

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("installed")]


# ---- examples/mnist


def reader() -> tuple[keras.Model, np.ndarray]:
    """The demo's reader of digits as a model of one's own, and its images."""
    demo = digits()
    model = keras.models.clone_model(demo.model)
    model.set_weights(demo.model.get_weights())
    return model, demo.images


def perceptron() -> keras.Model:
    """The notebook's own network, smaller, with random weights."""
    model = keras.Sequential()
    model.add(keras.Input((32, 32, 1)))
    model.add(layers.Conv2D(4, kernel_size=(3, 3), activation="relu"))
    model.add(layers.Conv2D(6, (3, 3), activation="relu"))
    model.add(layers.MaxPooling2D(pool_size=(2, 2)))
    model.add(layers.Dropout(0.25))
    model.add(layers.Flatten())
    model.add(layers.Dense(12, activation="relu"))
    model.add(layers.Dropout(0.5))
    model.add(layers.Dense(10, activation="softmax", name="predictions"))
    return models.fill(model)


def swapped(model: keras.Model, activation: Any) -> tuple[keras.Model, int]:
    """The step that begins each notebook."""
    from vis.utils import utils

    layer_idx = utils.find_layer_idx(model, "predictions")
    model.layers[layer_idx].activation = activation
    return utils.apply_modifications(model), layer_idx


def test_mnist_attention() -> None:
    from vis.visualization import visualize_cam, visualize_saliency

    model, layer_idx = swapped(perceptron(), activations.linear)
    nearest = [layer.name.partition("_")[0] for layer in model.layers].index("dropout")
    for class_idx, one in enumerate(digits().images[:3]):
        for modifier in (None, "guided", "relu"):
            asked: dict[str, Any] = {"filter_indices": class_idx, "seed_input": one, "backprop_modifier": modifier}
            gradient = saliency_by_hand(model, one, class_idx, modifier)
            agree(visualize_saliency(model, layer_idx, **asked), np.abs(gradient).max(-1))
            agree(visualize_cam(model, layer_idx, **asked), cam_by_hand(model, nearest, one, class_idx, modifier))
        negated = visualize_saliency(model, layer_idx, class_idx, one, backprop_modifier="guided", grad_modifier="negate")
        agree(negated, -saliency_by_hand(model, one, class_idx, "guided").min(-1))

    linear = saliency_by_hand(model, one, class_idx)
    model, layer_idx = swapped(model, activations.softmax)
    softmax = saliency_by_hand(model, one, class_idx)
    # keras-vis's point, without the work: what goes into the softmax is asked by default, its output on demand.
    agree(visualize_saliency(model, layer_idx, class_idx, one), np.abs(linear).max(-1))
    agree(visualize_saliency(model, layer_idx, class_idx, one, score="probability"), np.abs(softmax).max(-1))


def total_variation(picture: np.ndarray) -> float:
    """Of its documentation: sum of squared differences to the next pixel below and to the right, per value."""
    down, right = np.diff(picture, axis=0)[:, :-1], np.diff(picture, axis=1)[:-1]
    return float((down**2 + right**2).sum() / picture.size)


def length(picture: np.ndarray) -> float:
    return float((np.abs(picture) ** 6).sum() ** (1 / 6) / picture.size)


def test_mnist_activation_maximization(capsys: pytest.CaptureFixture[str]) -> None:
    from vis.visualization import visualize_activation

    model, x_test = reader()
    model, layer_idx = swapped(model, activations.linear)

    def logit(pictures: np.ndarray, filters: Any) -> np.ndarray:
        return models.values_of(model, pictures)[:, np.atleast_1d(filters)].sum(-1)

    seed = np.full(x_test.shape[1:], 0.5, "float32")
    img = visualize_activation(model, layer_idx, filter_indices=0, seed_input=255 * seed, max_iter=2)
    assert img.dtype == np.uint8
    assert img.shape == x_test.shape[1:]

    brief: dict[str, Any] = {"input_range": (0.0, 1.0), "seed_input": seed, "max_iter": 40}
    img = visualize_activation(model, layer_idx, filter_indices=0, verbose=True, **brief)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 40
    told = [-logit(seed[None], 0)[0], 10 * length(seed), 10 * total_variation(seed)]
    names = ("ActivationMax Loss", "L-6.0 Norm Loss", "TV(2.0) Loss")
    each = ", ".join(f"{name} {value:.6g}" for name, value in zip(names, told, strict=True))
    assert lines[0].startswith(f"Iteration 1: {each[:20]}")
    assert float(lines[0].rpartition(" ")[2]) == pytest.approx(sum(told), rel=1e-4)

    alone = visualize_activation(model, layer_idx, filter_indices=0, tv_weight=0.0, lp_norm_weight=0.0, **brief)
    assert logit(alone[None], 0) > logit(x_test, 0).max(), "more of a 0 than any digit that was drawn"

    rough = []
    for tv_weight in (1e-3, 1, 100, 1000):
        img = visualize_activation(model, layer_idx, filter_indices=0, tv_weight=tv_weight, lp_norm_weight=0.0, **brief)
        rough.append(total_variation(img))
        loss = -logit(img[None], 0)[0] + tv_weight * total_variation(img)
        start = -logit(seed[None], 0)[0] + tv_weight * total_variation(seed)
        assert loss < start
    assert rough == sorted(rough, reverse=True)
    assert rough[-1] < rough[0] / 2

    noise = np.random.default_rng(0).uniform(size=(200, *seed.shape)).astype("float32")
    for output_idx in np.arange(0, 10, 3):
        img = visualize_activation(model, layer_idx, filter_indices=output_idx, **brief)
        assert logit(img[None], output_idx) > max(logit(noise, output_idx).max(), logit(seed[None], output_idx)[0])

    both = visualize_activation(model, layer_idx, filter_indices=[1, 7], **brief)
    assert logit(both[None], [1, 7]) > logit(x_test, [1, 7]).max()

    model, layer_idx = swapped(model, activations.softmax)
    img = visualize_activation(model, layer_idx, filter_indices=3, score="probability", **brief)
    assert models.values_of(model, img[None])[0, 3] > 0.99 > models.values_of(model, seed[None])[0, 3]


# ---- examples/vggnet


def test_vggnet_attention(tmp_path: Any) -> None:
    from vis.utils import utils
    from vis.visualization import overlay, visualize_cam, visualize_saliency

    model = keras.applications.VGG16(weights=None, input_shape=(32, 32, 3), classes=25)
    model, layer_idx = swapped(model, activations.linear)
    assert layer_idx == len(model.layers) - 1

    img = utils.load_img(ouzel(tmp_path), target_size=(32, 32))
    assert img.shape == (32, 32, 3)
    assert img.dtype == np.uint8
    picture = img.astype("float32")
    # The last pooling has one cell at this size: the nearest with space is the one that feeds it.
    nearest = next(place for place, each in utils.reverse_enumerate(model.layers) if each.name == "block5_conv3")
    for modifier in (None, "guided", "relu"):
        grads = visualize_saliency(model, layer_idx, filter_indices=20, seed_input=img, backprop_modifier=modifier)
        agree(grads, np.abs(saliency_by_hand(model, picture, 20, modifier)).max(-1))
        heatmap = visualize_cam(model, layer_idx, filter_indices=20, seed_input=img, backprop_modifier=modifier)
        agree(heatmap, cam_by_hand(model, nearest, picture, 20, modifier))
        mixed = overlay(red(heatmap), img)
        np.testing.assert_allclose(mixed, (red(heatmap).astype(float) + img) / 2, atol=0.51)


# ---- examples/resnet


def residual() -> keras.Model:
    """Two blocks as in a ResNet, small."""
    inputs = keras.Input((16, 16, 3))
    x = layers.Conv2D(4, 3, padding="same", name="stem")(inputs)
    for block in (1, 2):
        y = layers.Activation("relu", name=f"res{block}_relu")(layers.BatchNormalization()(x))
        y = layers.Conv2D(4, 3, padding="same", activation="relu", name=f"res{block}_branch2b")(y)
        y = layers.Conv2D(4, 1, name=f"res{block}_branch2c")(y)
        x = layers.Add(name=f"res{block}_sum")([x, y])
    x = layers.GlobalAveragePooling2D()(layers.Activation("relu")(x))
    return models.normalised(keras.Model(inputs, layers.Dense(25, activation="softmax", name="predictions")(x)))


def test_resnet_attention(tmp_path: Any) -> None:
    from vis.utils import utils
    from vis.visualization import visualize_cam, visualize_saliency

    model, layer_idx = swapped(residual(), activations.linear)
    img = utils.load_img(ouzel(tmp_path, 1), target_size=(16, 16))
    penultimate_layer = utils.find_layer_idx(model, "res2_branch2c")
    assert model.layers[penultimate_layer].name == "res2_branch2c"
    for modifier in (None, "guided", "relu"):
        asked: dict[str, Any] = {"filter_indices": 20, "seed_input": img, "backprop_modifier": modifier}
        agree(
            visualize_saliency(model, layer_idx, **asked),
            np.abs(saliency_by_hand(model, img.astype("float32"), 20, modifier)).max(-1),
        )
        copy = ruled(model, modifier)
        both = keras.Model(copy.input, [copy.get_layer("res2_branch2c").output, copy.get_layer("res2_sum").output])
        maps, total = (tf.constant(each) for each in both(img[None].astype("float32")))
        with tf.GradientTape() as tape:
            tape.watch(maps)
            features = rule_by_hand(modifier)(maps + (total - tf.stop_gradient(maps)))
            score = copy.get_layer("predictions")(tf.reduce_mean(features, (1, 2)))[0, 20]
        weights = tape.gradient(score, maps).numpy()[0].mean((0, 1))
        cells = np.maximum((weights * maps.numpy()[0]).sum(-1), 0).astype("float32")
        agree(visualize_cam(model, layer_idx, penultimate_layer_idx=penultimate_layer, **asked), cells)


# ---- README.md


@pytest.mark.parametrize("build", [models.functional, models.sequential])
def test_the_introduction_of_its_readme(build: Any) -> None:
    from vis.losses import ActivationMaximization
    from vis.optimizer import Optimizer
    from vis.regularizers import LPNorm, TotalVariation

    model, filter_indices = build(None), [1, 2, 3]
    # Of a Sequential model, Keras 3 knows model.inputs only.
    tensor = model.input if build is models.functional else model.inputs
    keras_layer = model.layers[-1]
    losses = [(ActivationMaximization(keras_layer, filter_indices), 1), (LPNorm(tensor), 10), (TotalVariation(tensor), 10)]
    seed = np.clip(0.3 * models.image(), -1, 1)
    opt_img, grads, _ = Optimizer(tensor, losses, (-1.0, 1.0)).minimize(seed, max_iter=60, verbose=False)

    def loss(picture: np.ndarray) -> float:
        chosen = models.values_of(model, picture[None])[0, filter_indices].sum()
        return float(-chosen + 10 * length(picture) + 10 * total_variation(picture))

    assert loss(opt_img) < loss(seed)
    assert np.linalg.norm(grads) == pytest.approx(1, rel=1e-5)
    ahead = grads[0] / np.linalg.norm(grads)
    step = 1e-3
    slope = (loss(opt_img + step * ahead) - loss(opt_img - step * ahead)) / (2 * step)
    plain = Optimizer(tensor, losses, (-1.0, 1.0), norm_grads=False).minimize(opt_img, 1, verbose=False)[1]
    assert slope == pytest.approx(np.linalg.norm(plain), rel=2e-2), "the gradient points uphill, as steep as it says"


# ---- a loss of one's own, as in notebooks/from_keras_vis.ipynb


def test_a_difference_of_logits_raises_one_class_and_lowers_the_other() -> None:
    from vis.losses import Loss
    from vis.optimizer import Optimizer
    from vis.regularizers import TotalVariation

    model, x_test = reader()
    linear, _ = swapped(model, activations.linear)
    three = x_test[6]

    class Difference(Loss):
        def build_loss(self) -> Any:
            logits = linear.layers[-1].output
            return logits[:, 3] - logits[:, 8]

    losses = [(Difference(), -1), (TotalVariation(linear.inputs), 200)]
    image, gradient, _ = Optimizer(linear, losses, (0.0, 1.0), norm_grads=False).minimize(three, 30, verbose=False)
    (before, after) = models.values_of(linear, np.stack([three, image]))
    assert after[3] > before[3] + 10
    assert after[8] < before[8] - 10
    before, after = keras.ops.softmax(np.stack([before, after])).numpy()
    assert after[8] < before[8]
    assert after[3] > before[3]

    def loss(picture: np.ndarray) -> float:
        logits = models.values_of(linear, picture[None].astype("float32"))[0]
        return float(logits[8] - logits[3] + 200 * total_variation(picture))

    step = 0.02 * gradient[0] / np.linalg.norm(gradient)
    slope = (loss(image + step) - loss(image - step)) / (2 * np.linalg.norm(step))
    assert slope == pytest.approx(np.linalg.norm(gradient), rel=0.05), "the signs of both weights are as written"
