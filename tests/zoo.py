"""One tiny model of every kind that the engine answers for, and what is wanted of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from keras import layers

from tests import models
from tests.models import image

NO_CLASS_WEIGHTS = {"cam"}  # the head is no global average pooling with one dense layer
NO_RULE = {"lrp"}
NO_RECTIFIER = {"guided_grad_cam"}
NO_IMAGE = {"xrai"}  # nothing to segment in a signal or a volume
NO_KERNEL_IMAGES = {"weights"}  # no Conv2D
FEATURE_MAPS = {"grad_cam", "grad_cam++", "hirescam", "layercam", "score_cam", "finer_cam", "cam", "guided_grad_cam"}


@dataclass(frozen=True)
class Kind:
    """A kind of model.

    Attributes
    ----------
    inputs
        An image, or a dict of them by input name.
    refused
        The methods that must say in a sentence why they cannot answer; all others must answer.
    first, maps
        The layers that ``weights`` and ``feature_map`` are asked of.
    explained
        The layer that all others are asked of.
    wrt
        The input that the map lies over; ``None`` for all.
    batch
        How many images are enough at once; 1 where each size of a batch is compiled anew.
    named
        What an error of a backprop rule must name, where the model has no rectifier.
    """

    build: Callable[[], keras.Model]
    inputs: Any
    refused: frozenset[str] = frozenset()
    first: int | str = "first"
    maps: int | str = "maps"
    explained: int | str = -1
    named: str = ""
    wrt: str | None = None
    batch: int = 2
    channels_first: bool = False


def kind(build: Callable[[], keras.Model], inputs: Any, *refused: set[str], **others: Any) -> Kind:
    return Kind(build, inputs, frozenset().union(*refused), **others)


SQUARE = (12, 12, 3)
PHOTOGRAPH = np.random.default_rng(0).integers(0, 256, SQUARE, np.uint8)


def trunk(activation: str | Callable[[], layers.Layer] = "relu") -> list[layers.Layer]:
    first, second = (layers.Activation(activation) if isinstance(activation, str) else activation() for _ in range(2))
    second.name = "maps"
    conv = {"kernel_size": 3, "padding": "same"}
    return [layers.Conv2D(6, name="first", **conv), first, layers.MaxPooling2D(2), layers.Conv2D(8, **conv), second]


def head() -> list[layers.Layer]:
    return [layers.GlobalAveragePooling2D(), layers.Dense(4, activation="softmax")]


def activated(activation: Any) -> Callable[[], keras.Model]:
    return lambda: models.fill(models.in_a_row(SQUARE, *trunk(activation), *head()))


def shared() -> keras.Model:
    twice = layers.Conv2D(6, 3, padding="same", activation="relu", name="maps")
    first = layers.Conv2D(6, 3, padding="same", name="first")
    return models.fill(models.in_a_row(SQUARE, first, twice, layers.MaxPooling2D(2), twice, *head()))


def two_images() -> keras.Model:
    inputs = [keras.Input(SQUARE, name=name) for name in ("left", "right")]
    tower = models.in_a_row(SQUARE, *trunk())
    both = layers.Concatenate(name="both")([tower(each) for each in inputs])
    return models.fill(keras.Model(inputs, models.chained(both, head())))


def image_and_vector() -> keras.Model:
    picture, numbers = keras.Input(SQUARE, name="picture"), keras.Input((5,), name="numbers")
    pooled = models.chained(picture, [*trunk(), layers.GlobalAveragePooling2D()])
    hidden = layers.Dense(6, activation="relu")(numbers)
    output = layers.Dense(4, activation="softmax")(layers.Concatenate()([pooled, hidden]))
    return models.fill(keras.Model([picture, numbers], output))


def two_outputs() -> keras.Model:
    inputs = keras.Input(SQUARE)
    maps = models.chained(inputs, trunk())
    classes = models.chained(maps, head())
    place = layers.Dense(2, name="place")(layers.GlobalAveragePooling2D()(maps))
    return models.fill(keras.Model(inputs, [classes, place]))


def channels_first() -> keras.Model:
    first = {"data_format": "channels_first"}
    steps = [
        layers.Conv2D(6, 3, padding="same", activation="relu", name="first", **first),
        layers.AveragePooling2D(2, **first),
        layers.Conv2D(8, 3, padding="same", activation="relu", name="maps", **first),
        layers.GlobalAveragePooling2D(**first),
    ]
    return models.fill(models.in_a_row((3, 12, 10), *steps, layers.Dense(4, activation="softmax")))


def greyscale() -> keras.Model:
    return models.fill(models.in_a_row((12, 10, 1), *trunk(), layers.Flatten(), layers.Dense(4, activation="softmax")))


def signal() -> keras.Model:
    steps = [
        layers.Conv1D(6, 5, padding="same", activation="relu"),
        layers.MaxPooling1D(2),
        layers.Conv1D(8, 3, padding="same", activation="relu", name="maps"),
        layers.GlobalAveragePooling1D(),
    ]
    return models.fill(models.in_a_row((30, 2), *steps, layers.Dense(4, activation="softmax")))


def volume() -> keras.Model:
    steps = [
        layers.Conv3D(4, 3, padding="same", activation="relu"),
        layers.MaxPooling3D(2),
        layers.Conv3D(6, 3, padding="same", activation="relu", name="maps"),
        layers.GlobalAveragePooling3D(),
    ]
    return models.fill(models.in_a_row((6, 8, 7, 1), *steps, layers.Dense(3, activation="softmax")))


def whole_numbers() -> keras.Model:
    inputs = keras.Input(SQUARE, dtype="uint8")
    return models.fill(keras.Model(inputs, models.chained(inputs, [layers.Rescaling(1 / 127.5, -1.0), *trunk(), *head()])))


@contextmanager
def mixed_float16() -> Iterator[None]:
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_float16")
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def half() -> keras.Model:
    with mixed_float16():
        dense = layers.Dense(4, activation="softmax", dtype="float32")
        return models.fill(models.in_a_row(SQUARE, *trunk(), layers.GlobalAveragePooling2D(), dense))


def transformer() -> keras.Model:
    """Patches of 3 x 3, two blocks of attention and MLP, mean over the tokens (Dosovitskiy et al. 2020, in small)."""
    inputs = keras.Input(SQUARE)
    tokens = layers.Reshape((16, 8))(layers.Conv2D(8, 3, strides=3, name="first")(inputs))
    for _ in range(2):
        normed = layers.LayerNormalization()(tokens)
        tokens = layers.Add()([tokens, layers.MultiHeadAttention(2, 4)(normed, normed)])
        hidden = layers.Dense(16, activation="gelu")(layers.LayerNormalization()(tokens))
        tokens = layers.Add()([tokens, layers.Dense(8)(hidden)])
    return models.fill(keras.Model(inputs, layers.Dense(4, activation="softmax")(layers.GlobalAveragePooling1D()(tokens))))


def application(name: str, size: int) -> Callable[[], keras.Model]:
    def build() -> keras.Model:
        keras.utils.set_random_seed(1)
        return getattr(keras.applications, name)(weights=None, input_shape=(size, size, 3), classes=5)

    return build


def pixels(size: int) -> np.ndarray:
    return np.random.default_rng(0).uniform(-1, 1, (size, size, 3)).astype(np.float32)


SMOOTH = (NO_RECTIFIER, NO_RULE)
BESIDE = {"picture": image(SQUARE), "numbers": image((5,))}
IN_TESTS = {"first": "conv1", "maps": "gate"}  # the names of tests.models

ZOO: dict[str, Kind] = {
    **{name: kind(build, image(), **IN_TESTS) for name, build in models.KINDS.items()},
    "shared": kind(shared, image(SQUARE)),
    "two images": kind(two_images, {"left": image(SQUARE), "right": image(SQUARE, 1)}, maps="both"),
    "image beside vector": kind(image_and_vector, BESIDE, NO_CLASS_WEIGHTS, wrt="picture"),
    "vector beside image": kind(image_and_vector, BESIDE, FEATURE_MAPS, NO_IMAGE, {"feature_map"}, wrt="numbers"),
    "two outputs, first": kind(two_outputs, image(SQUARE)),
    "two outputs, second": kind(two_outputs, image(SQUARE), explained="place"),
    "channels first": kind(channels_first, image((12, 10, 3)), channels_first=True),
    "greyscale": kind(greyscale, image((12, 10, 1)), NO_CLASS_WEIGHTS),
    "signal": kind(signal, image((30, 2)), NO_IMAGE, NO_KERNEL_IMAGES),
    "volume": kind(volume, image((6, 8, 7, 1)), NO_IMAGE, NO_KERNEL_IMAGES),
    "uint8": kind(whole_numbers, PHOTOGRAPH),
    "mixed_float16": kind(half, image(SQUARE)),
    "transformer": kind(transformer, image(SQUARE), *SMOOTH, NO_CLASS_WEIGHTS, maps="first", named="2 GELU"),
    "ReLU": kind(activated("relu"), image(SQUARE)),
    "ReLU6": kind(activated("relu6"), image(SQUARE)),
    "ReLU(max_value=3)": kind(activated(lambda: layers.ReLU(max_value=3)), image(SQUARE)),
    "LeakyReLU": kind(activated(lambda: layers.LeakyReLU(negative_slope=0.1)), image(SQUARE)),
    "PReLU": kind(activated(lambda: layers.PReLU(shared_axes=(1, 2))), image(SQUARE)),
    "ELU": kind(activated("elu"), image(SQUARE), NO_RECTIFIER, named="2 ELU"),
    "SELU": kind(activated("selu"), image(SQUARE), NO_RECTIFIER, named="2 SELU"),
    "GELU": kind(activated("gelu"), image(SQUARE), *SMOOTH, named="2 GELU"),
    "SiLU": kind(activated("silu"), image(SQUARE), *SMOOTH, named="2 SiLU"),
    "ReLU(threshold)": kind(activated(lambda: layers.ReLU(threshold=0.3)), image(SQUARE)),
    "hard_silu": kind(activated("hard_silu"), image(SQUARE), *SMOOTH, named="2 hard_silu"),
    "MobileNetV2": kind(application("MobileNetV2", 32), pixels(32), first="Conv1", maps="out_relu"),
    "ResNet50": kind(application("ResNet50", 32), pixels(32), first="conv1_conv", maps="conv5_block3_out"),
    "EfficientNetB0": kind(
        application("EfficientNetB0", 32), pixels(32), *SMOOTH, first="stem_conv", maps="top_activation", named="49 SiLU"
    ),
    "VGG16": kind(application("VGG16", 32), pixels(32), NO_CLASS_WEIGHTS, first="block1_conv1", maps="block5_conv3"),
    "DenseNet121": kind(application("DenseNet121", 32), pixels(32), first="conv1_conv", maps="relu"),
    "InceptionV3": kind(application("InceptionV3", 75), pixels(75), first=1, maps="mixed10"),
    "ConvNeXtTiny": kind(
        application("ConvNeXtTiny", 32),
        pixels(32),
        *SMOOTH,
        NO_CLASS_WEIGHTS,
        first="convnext_tiny_stem_conv",
        maps="convnext_tiny_stage_3_block_2_identity",
        named="18 GELU",
        batch=1,
    ),
}
