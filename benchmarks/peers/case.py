"""What both sides get: one small CNN in several forms, one image, and the random numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import layers

import salwidget
from salwidget.attribution import rise

CLASS = 1
CLASSES = 5
LAST = "conv3"
SAMPLES, NOISE = 20, 0.15
STEPS = 300
MASKS, CELLS, SHOWN = 64, 7, 0.5
SEED = 3
CAP = 0.5


@dataclass(frozen=True)
class Case:
    """An image (H, W, 3) in 0..1 and a CNN of three convolutions and a dense layer over all cells, with fixed weights.

    The sides are multiples of 4. Feature maps of the last convolution are (H / 4, W / 4, 16).
    """

    shape: tuple[int, int, int] = (24, 32, 3)

    @cached_property
    def image(self) -> np.ndarray:
        return np.random.default_rng(SEED).uniform(0, 1, self.shape).astype(np.float32)

    @property
    def batch(self) -> np.ndarray:
        return self.image[None]

    @property
    def one_hot(self) -> np.ndarray:
        return np.eye(CLASSES, dtype=np.float32)[[CLASS]]

    @cached_property
    def noise(self) -> np.ndarray:
        """Normal noise (20, H, W, 3) as the engine draws it from ``SEED``; both sides scale it by ``width``."""
        return np.random.default_rng(SEED).standard_normal((SAMPLES, *self.shape), dtype=np.float32)

    @property
    def width(self) -> float:
        return NOISE * float(np.ptp(self.image))

    @cached_property
    def masks(self) -> np.ndarray:
        """Masks (64, H, W) of RISE as the engine draws them from ``SEED``."""
        rng, space = np.random.default_rng(SEED), self.shape[:2]
        grids = rng.random((MASKS, CELLS, CELLS), np.float32) < SHOWN
        offsets = rng.integers(0, [rise.cell_size(size, CELLS) for size in space], (MASKS, 2))
        return rise.masks_of(grids, offsets, space)

    @cached_property
    def segments(self) -> list[np.ndarray]:
        """Overlapping blocks and diagonal stripes, bool (H, W) each."""
        rows, columns = np.indices(self.shape[:2])
        blocks, stripes = rows // 6 * 100 + columns // 8, (rows + columns) // 7
        return [labels == label for labels in (blocks, stripes) for label in np.unique(labels)]

    @cached_property
    def weights(self) -> list[np.ndarray]:
        """Kernels and biases, in the order of the layers."""
        rng = np.random.default_rng(SEED)
        cells = self.shape[0] // 4 * (self.shape[1] // 4)
        shapes = [(3, 3, 3, 8), (3, 3, 8, 12), (3, 3, 12, 16), (cells * 16, CLASSES)]
        found = []
        for shape in shapes:
            found.append((rng.normal(size=shape) * np.sqrt(2 / np.prod(shape[:-1]))).astype(np.float32))
            found.append((0.1 * rng.normal(size=shape[-1:])).astype(np.float32))
        # A channel speaks for or against a class wherever it is, and more so here than there.
        found[-2] += np.tile(0.04 * rng.normal(size=(16, CLASSES)), (cells, 1)).astype(np.float32)
        return found

    # The same network in the forms that libraries stumble over

    @cached_property
    def model(self) -> keras.Model:
        """``activation="relu"`` inside the convolutions; logits."""
        return self._filled(self._functional([[conv] for conv in _convolutions("relu")]))

    @cached_property
    def with_softmax(self) -> keras.Model:
        """The same, then a layer that turns logits into probabilities."""
        inputs = self.model.input
        return keras.Model(inputs, layers.Softmax()(self.model.output))

    @cached_property
    def with_relu_layers(self) -> keras.Model:
        """``layers.ReLU`` behind each convolution."""
        return self._filled(self._functional([[conv, layers.ReLU()] for conv in _convolutions(None)]))

    @cached_property
    def with_caps(self) -> keras.Model:
        """``layers.ReLU(max_value=CAP)`` behind each convolution."""
        return self._filled(self._functional([[conv, layers.ReLU(max_value=CAP)] for conv in _convolutions(None)]))

    @cached_property
    def nested(self) -> keras.Model:
        """All but the dense layer in a model of its own."""
        inputs = keras.Input(self.shape)
        body = keras.Model(inputs, self._body(inputs, [[conv] for conv in _convolutions("relu")]), name="body")
        outer = keras.Input(self.shape)
        return self._filled(keras.Model(outer, layers.Dense(CLASSES, name="logits")(body(outer))))

    def _functional(self, blocks: list[list[keras.Layer]]) -> keras.Model:
        inputs = keras.Input(self.shape)
        return keras.Model(inputs, layers.Dense(CLASSES, name="logits")(self._body(inputs, blocks)))

    def _body(self, values: Any, blocks: list[list[keras.Layer]]) -> Any:
        for number, block in enumerate(blocks):
            values = layers.MaxPooling2D(2)(values) if number else values
            for layer in block:
                values = layer(values)
        return layers.Flatten()(values)

    def _filled(self, model: keras.Model) -> keras.Model:
        model.set_weights(self.weights)
        return model

    # Ours

    def ask(self, method: str, model: keras.Model | None = None, **question: Any) -> salwidget.Heatmap:
        return salwidget.explain(model or self.model, self.image, method, filters=CLASS, seed=SEED, **question)

    # The network once more, in bare operations: the formulas of the papers stand on this, not on Keras or salwidget

    def forward(self, images: Any, relu: Callable[[Any], Any] = tf.nn.relu) -> tuple[Any, Any]:
        """Feature maps of the last convolution (N, h, w, 16) and logits (N, 5)."""
        values = tf.convert_to_tensor(images, tf.float32)
        for place in range(3):
            values = tf.nn.max_pool2d(values, 2, 2, "VALID") if place else values
            kernel, bias = self.weights[2 * place : 2 * place + 2]
            values = relu(tf.nn.conv2d(values, kernel, 1, "SAME") + bias)
        kernel, bias = self.weights[-2:]
        return values, self.head(values)

    def head(self, maps: Any) -> Any:
        kernel, bias = self.weights[-2:]
        return tf.reshape(maps, (len(maps), -1)) @ kernel + bias

    def logit(self, images: np.ndarray) -> np.ndarray:
        return np.concatenate([self.forward(part)[1].numpy()[:, CLASS] for part in _parts(images)]).astype(np.float64)

    def probability(self, images: np.ndarray) -> np.ndarray:
        return np.concatenate([tf.nn.softmax(self.forward(part)[1]).numpy()[:, CLASS] for part in _parts(images)])

    def gradients(self, images: np.ndarray, relu: Callable[[Any], Any] = tf.nn.relu) -> np.ndarray:
        """Of the logit at each of ``images``, (N, H, W, 3), float64."""
        return np.concatenate([self._gradients(part, relu) for part in _parts(images)]).astype(np.float64)

    def _gradients(self, images: np.ndarray, relu: Callable[[Any], Any]) -> np.ndarray:
        inputs = tf.constant(images, tf.float32)
        with tf.GradientTape() as tape:
            tape.watch(inputs)
            score = self.forward(inputs, relu)[1][:, CLASS]
        return tape.gradient(score, inputs).numpy()

    @cached_property
    def maps_and_gradient(self) -> tuple[np.ndarray, np.ndarray]:
        """A and dS/dA of the last convolution, (h, w, 16) each, float64."""
        maps, _ = self.forward(self.batch)
        with tf.GradientTape() as tape:
            tape.watch(maps)
            score = self.head(maps)[:, CLASS]
        return maps.numpy()[0].astype(np.float64), tape.gradient(score, maps).numpy()[0].astype(np.float64)


def _convolutions(activation: str | None) -> list[keras.Layer]:
    return [
        layers.Conv2D(filters, 3, padding="same", activation=activation, name=f"conv{number}")
        for number, filters in enumerate((8, 12, 16), 1)
    ]


def _parts(images: np.ndarray) -> list[np.ndarray]:
    return [images[start : start + 64] for start in range(0, len(images), 64)]
