"""The models that are asked, images for them, and the floor: what a person's own compiled function costs."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import keras
import numpy as np
import tensorflow as tf

from benchmarks.measuring import Call
from benchmarks.truth.photographs import MOBILENET
from tests.data import ROOT

# In the order of their cost. EfficientNetB0 scales its input itself.
RANGES = {"MobileNetV2": (-1, 1), "EfficientNetB0": (0, 255), "ResNet50": (-1, 1), "VGG16": (-1, 1)}
SIDE = 224
TRAINED = "MobileNetV2, trained"
CLASS = 20
COUNT = 32


@dataclass(frozen=True)
class Images:
    """A few images (32, H, W, 3), and new ones without end."""

    few: np.ndarray
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def fresh(self) -> np.ndarray:
        """An image (H, W, 3) that was not seen before, so that an engine can have kept nothing of it."""
        number = next(self._numbers)
        image = self.few[number % COUNT].copy()
        image[0, 0, 0] = number / 1e6
        return image


@dataclass(frozen=True)
class Asked:
    """A model and images for it."""

    name: str
    model: keras.Model
    images: Images


def images_for(name: str, side: int = SIDE) -> Images:
    """Uniform noise in the range of a model's input."""
    low, high = RANGES[name.partition(",")[0]]
    return Images(np.random.default_rng(0).uniform(low, high, (COUNT, side, side, 3)).astype(np.float32))


def asked(name: str, side: int = SIDE) -> Asked:
    """A model of ``keras.applications`` with random weights, which cost what trained ones cost; or the trained MobileNetV2."""
    keras.utils.set_random_seed(0)
    if name == TRAINED:
        model = MOBILENET.load()
    else:
        kind = getattr(keras.applications, name)
        model = kind(weights=None, input_shape=(side, side, 3))
    return Asked(name, model, images_for(name, side))


def trained_is_here() -> bool:
    """Whether the real weights are at hand."""
    return (ROOT / "models").is_dir()


def mobilenet() -> Asked:
    """With its trained weights where they are at hand."""
    return asked(TRAINED if trained_is_here() else "MobileNetV2")


def forward_and_gradient(model: keras.Model, images: np.ndarray, label: int = CLASS) -> Call:
    """The floor: a ``tf.function`` of one logit's gradient for a batch (N, H, W, C), the class a tensor, written by hand."""
    logit = logit_of(model)

    @tf.function
    def gradient(x: tf.Tensor, index: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            tape.watch(x)
            score = logit(x, index)
        return tape.gradient(score, x)

    x, index = tf.constant(images), tf.constant(label)
    gradient(x, index)
    return lambda: gradient(x, index).numpy()


def forward(model: keras.Model, images: np.ndarray, label: int = CLASS) -> Call:
    """The floor of methods without a gradient: a ``tf.function`` of one logit for a batch."""
    compiled = tf.function(logit_of(model))
    x, index = tf.constant(images), tf.constant(label)
    compiled(x, index)
    return lambda: compiled(x, index).numpy()


def logit_of(model: keras.Model) -> Callable[[tf.Tensor, tf.Tensor], tf.Tensor]:
    """What goes into the softmax of a model that ends in a dense layer, (N,) for a batch."""
    before = keras.Model(model.input, model.layers[-2].output)
    kernel, bias = model.layers[-1].kernel, model.layers[-1].bias
    return lambda x, index: tf.gather(tf.matmul(before(x, training=False), kernel) + bias, index, axis=1)
