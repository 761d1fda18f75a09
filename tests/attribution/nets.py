"""Nets in float64 with two smooth layers, or none, over signals, images and volumes."""

from __future__ import annotations

import keras
import numpy as np
from keras import layers

from tests.models import fill, float64, in_a_row

SHAPES = {"signal": (14, 2), "image": (7, 9, 2), "volume": (4, 5, 6, 1)}
CONVOLUTIONS = {2: layers.Conv1D, 3: layers.Conv2D, 4: layers.Conv3D}


def smooth(shape: tuple[int, ...]) -> keras.Model:
    with float64():
        conv = CONVOLUTIONS[len(shape)](4, 3, activation="softplus")
        return fill(in_a_row(shape, conv, layers.Flatten(), layers.Dense(5, activation="tanh"), layers.Dense(2)))


def rectified(shape: tuple[int, ...], seed: int = 1) -> keras.Model:
    with float64():
        conv = CONVOLUTIONS[len(shape)](4, 3, activation="relu")
        return fill(in_a_row(shape, conv, layers.Flatten(), layers.Dense(5, activation="relu"), layers.Dense(2)), seed)


def wide(shape: tuple[int, ...], seed: int, use_bias: bool = True) -> keras.Model:
    """Two convolutions of 32 rectified filters."""
    with float64():
        convolutions = [layers.Conv2D(32, 3, activation="relu", use_bias=use_bias) for _ in range(2)]
        return fill(in_a_row(shape, *convolutions, layers.GlobalAveragePooling2D(), layers.Dense(3)), seed)


def linear(weights: np.ndarray) -> keras.Model:
    """S = sum of weights * x."""
    with float64():
        model = in_a_row(weights.shape, layers.Flatten(), layers.Dense(1, use_bias=False))
    model.layers[-1].set_weights([weights.reshape(-1, 1)])
    return model


def cubic(weights: np.ndarray) -> keras.Model:
    """S = sum of weights * x^3."""
    with float64():
        steps = [layers.Lambda(lambda x: x * x * x), layers.Flatten(), layers.Dense(1, use_bias=False)]
        model = in_a_row(weights.shape, *steps)
    model.layers[-1].set_weights([weights.reshape(-1, 1)])
    return model
