"""Tiny Keras models with known weights, and the truth about them, computed without salwidget.

``KINDS`` builds one and the same network in four ways: the layers of ``NAMES`` in a row, equal weights, the flat
functional model being the one that Keras itself can cut (``keras.Model(inputs, layer.output)``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import layers

SHAPE = (8, 8, 2)
CLASSES = 4
NAMES = ("conv1", "conv2", "gate", "pool", "mean", "dense")


def image(shape: tuple[int, ...] = SHAPE, seed: int = 0, dtype: str = "float32") -> np.ndarray:
    """Normal noise: signed, so that no kink of a rectifier or a maximum is hit exactly."""
    return np.random.default_rng(seed).normal(size=shape).astype(dtype)


@contextmanager
def float64() -> Iterator[None]:
    """Models built inside compute in float64."""
    before = keras.config.floatx()
    keras.config.set_floatx("float64")
    keras.config.set_dtype_policy("float64")
    try:
        yield
    finally:
        keras.config.set_floatx(before)
        keras.config.set_dtype_policy(before)


def fill(model: keras.Model, seed: int = 1) -> keras.Model:
    """Give a model the weights that every model with the same shapes gets from this seed."""
    rng = np.random.default_rng(seed)
    model.set_weights([rng.normal(size=weight.shape) * 0.4 for weight in model.get_weights()])
    return model


def normalised(model: keras.Model, seed: int = 3) -> keras.Model:
    """Weights in which every part of a normalisation matters; variances are positive."""
    rng = np.random.default_rng(seed)
    model.set_weights([rng.uniform(0.5, 1.5, weight.shape) for weight in model.get_weights()])
    return model


def parts(final: str | None = "softmax") -> list[keras.Layer]:
    return [
        layers.Conv2D(3, 3, activation="relu", name="conv1"),
        layers.Conv2D(5, 3, padding="same", name="conv2"),
        layers.ReLU(name="gate"),
        layers.MaxPooling2D(2, name="pool"),
        layers.GlobalAveragePooling2D(name="mean"),
        layers.Dense(CLASSES, activation=final, name="dense"),
    ]


def chained(inputs: Any, steps: Sequence[Callable[[Any], Any]]) -> Any:
    for step in steps:
        inputs = step(inputs)
    return inputs


def in_a_row(shape: tuple[int, ...], *steps: Callable[[Any], Any], name: str | None = None) -> keras.Model:
    """A functional model of one path; ``steps`` are layers or ``keras.ops``."""
    inputs = keras.Input(shape)
    return keras.Model(inputs, chained(inputs, steps), name=name)


class InCall(keras.Model):
    """A subclassed model that calls its layers, or plain functions, in a row."""

    def __init__(self, *steps: Callable[[Any], Any], **named: Any) -> None:
        super().__init__(**named)
        self.parts = [step for step in steps if isinstance(step, keras.Layer)]
        self.steps = steps

    def call(self, inputs: Any) -> Any:
        return chained(inputs, self.steps)


def subclassed_of(shape: tuple[int, ...], *steps: Callable[[Any], Any], **named: Any) -> keras.Model:
    model = InCall(*steps, **named)
    model(np.zeros((1, *shape), keras.config.floatx()))
    return model


def functional(final: str | None = "softmax") -> keras.Model:
    return fill(in_a_row(SHAPE, *parts(final), name="flat"))


def sequential(final: str | None = "softmax") -> keras.Model:
    return fill(keras.Sequential([keras.Input(SHAPE), *parts(final)], name="sequence"))


def nested(final: str | None = "softmax") -> keras.Model:
    """conv2, gate and pool two models deep."""
    conv1, conv2, gate, pool, mean, dense = parts(final)
    inner = in_a_row((6, 6, 3), conv2, gate, pool, name="inner")
    middle = keras.Sequential([keras.Input((6, 6, 3)), inner, mean], name="middle")
    return fill(in_a_row(SHAPE, conv1, middle, dense, name="outer"))


def subclassed(final: str | None = "softmax") -> keras.Model:
    return fill(subclassed_of(SHAPE, *parts(final), name="subclass"))


KINDS = {"sequential": sequential, "functional": functional, "nested": nested, "subclassed": subclassed}


def softmax_by_layer() -> keras.Model:
    return fill(in_a_row(SHAPE, *parts(None), layers.Softmax(name="softmax")))


def softmax_in_call() -> keras.Model:
    return fill(subclassed_of(SHAPE, *parts(None), tf.nn.softmax, name="raw"))


def sigmoid() -> keras.Model:
    return functional("sigmoid")


def without_final(seed: int = 1) -> keras.Model:
    """The same network with its softmax left out by hand."""
    return fill(in_a_row(SHAPE, *parts(None)), seed)


def wide_head(activation: str | None, weights: np.ndarray) -> keras.Model:
    """Flatten and one dense output with given weights, on a 1-channel image: S = w . act(x)."""
    steps = [layers.Activation(activation)] if activation else []
    model = in_a_row((*weights.shape, 1), *steps, layers.Flatten(), layers.Dense(1, use_bias=False))
    model.layers[-1].kernel.assign(weights.reshape(-1, 1))
    return model


def values_of(model: keras.Model, images: np.ndarray) -> np.ndarray:
    return np.asarray(model(images, training=False))


def cut_by_keras(model: keras.Model, layer: str) -> keras.Model:
    """The part of a functional model that ends at ``layer``."""
    return keras.Model(model.input, model.get_layer(layer).output)


def score_of(values: Any, filters: Sequence[int]) -> Any:
    """Mean over filters and space of (N, ..., C) for each of N, by its definition."""
    chosen = tf.gather(values, list(filters), axis=-1)
    return tf.reduce_mean(chosen, axis=list(range(1, len(chosen.shape))))


def tape_gradient(model: keras.Model, picture: np.ndarray, filters: Sequence[int]) -> np.ndarray:
    """dS/dx (H, W, C) of the mean of filters of a model's output, in eager mode."""
    inputs = tf.constant(picture[None])
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        score = score_of(model(inputs, training=False), filters)
    return tape.gradient(score, inputs).numpy()[0]


def finite_differences(model: keras.Model, picture: np.ndarray, filters: Sequence[int], step: float = 1e-6) -> np.ndarray:
    """The same by central differences; float64 models only."""
    steps = step * np.eye(picture.size).reshape(picture.size, *picture.shape)
    up, down = (np.asarray(score_of(values_of(model, picture + sign * steps), filters)) for sign in (1, -1))
    return ((up - down) / (2 * step)).reshape(picture.shape)
