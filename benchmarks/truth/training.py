"""Tiny CNNs that train in seconds, from a seed."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import numpy as np
from keras import layers


def small_cnn(shape: tuple[int, ...], classes: int, filters: Sequence[int], dense: int = 0) -> keras.Model:
    """3 x 3 convolutions with rectifiers, each as large as the picture; then a mean over space and a softmax.

    With ``dense`` the maps are flattened into a hidden layer instead, for tasks in which the place matters.
    """
    inputs = x = keras.Input(shape)
    for number, count in enumerate(filters, 1):
        x = layers.Conv2D(count, 3, padding="same", activation="relu", kernel_initializer="he_normal", name=f"conv{number}")(x)
    if dense:
        x = layers.Dense(dense, activation="relu", name="hidden")(layers.Flatten()(x))
    else:
        x = layers.GlobalAveragePooling2D(name="mean")(x)
    return keras.Model(inputs, layers.Dense(classes, activation="softmax", name="out")(x))


def train(model: keras.Model, images: np.ndarray, classes: np.ndarray, epochs: int, rate: float, seed: int) -> None:
    """Adam with a cosine decay, batches of 64, in an order that the seed decides."""
    steps = epochs * -(-len(images) // 64)
    model.compile(keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(rate, steps)), "sparse_categorical_crossentropy")
    keras.utils.set_random_seed(seed)
    model.fit(images, classes, batch_size=64, epochs=epochs, verbose=0)


def predicted(model: keras.Model, images: np.ndarray) -> np.ndarray:
    """The class (n,) that a model gives each image."""
    return np.asarray(model(images, training=False)).argmax(-1)
