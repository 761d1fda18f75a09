"""Maps as keras-vis defines them, by a tape in eager mode."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import activations, layers
from PIL import Image

from tests import models


def rule_by_hand(name: str | None) -> Callable[[Any], Any]:
    """A rectifier whose gradient is that of a backprop modifier."""

    @tf.custom_gradient
    def rectifier(x: Any) -> Any:
        y = tf.nn.relu(x)
        gates = {
            None: lambda r: tf.where(y > 0, r, 0),
            "guided": lambda r: tf.where((y > 0) & (r > 0), r, 0),
            "relu": lambda r: tf.where(r > 0, r, 0),
        }
        return y, gates[name]

    return rectifier


def ruled(model: keras.Model, name: str | None) -> keras.Model:
    """A copy whose every ``activation="relu"`` passes gradients back by a rule."""
    copy = keras.models.clone_model(model)
    copy.set_weights(model.get_weights())
    for layer in copy.layers:
        if getattr(layer, "activation", None) is activations.relu:
            layer.activation = rule_by_hand(name)
    return copy


def in_turn(steps: Sequence[keras.Layer], value: Any) -> Any:
    for layer in steps:
        value = value if isinstance(layer, layers.InputLayer) else layer(value, training=False)
    return value


def saliency_by_hand(model: keras.Model, picture: np.ndarray, filters: Any, rule: str | None = None) -> np.ndarray:
    """d(sum of the filters)/dx by a tape."""
    return models.tape_gradient(ruled(model, rule), picture, np.atleast_1d(filters).tolist())


def cam_by_hand(
    model: keras.Model, at: int, picture: np.ndarray, filter_idx: int, rule: str | None = None, modify: Any = None
) -> np.ndarray:
    """Grad-CAM at a layer of a model whose layers stand in a row, enlarged by Pillow."""
    steps = ruled(model, rule).layers
    maps = tf.constant(in_turn(steps[: at + 1], picture[None]))
    with tf.GradientTape() as tape:
        tape.watch(maps)
        score = in_turn(steps[at + 1 :], maps)[0, filter_idx]
    gradient = tape.gradient(score, maps).numpy()[0]
    weights = (gradient if modify is None else modify(gradient)).mean((0, 1))
    cells = np.maximum((weights * maps.numpy()[0]).sum(-1), 0).astype("float32")
    return np.asarray(Image.fromarray(cells).resize(picture.shape[1::-1], Image.Resampling.BILINEAR))


def scaled(values: np.ndarray) -> np.ndarray:
    return (values - values.min()) / (np.ptp(values) or 1)


def agree(found: np.ndarray, expected: np.ndarray, atol: float = 2e-4) -> None:
    np.testing.assert_allclose(found, scaled(expected), rtol=0, atol=atol)


def ouzel(folder: Any, seed: int = 0) -> str:
    """Some picture in a file."""
    pixels = np.random.default_rng(seed).integers(0, 256, (50, 40, 3), np.uint8)
    path = folder / f"{seed}.jpg"
    Image.fromarray(pixels).save(path)
    return str(path)


def red(heatmap: np.ndarray) -> np.ndarray:
    """A colour map, as the notebooks use one: four channels in, three kept, bytes."""
    rgba = np.stack([heatmap, 0.5 * heatmap, 1 - heatmap, np.ones_like(heatmap)], -1)
    return np.uint8(rgba[..., :3] * 255)
