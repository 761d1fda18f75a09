"""Scores with batch normalisation folded into convolutions, against the model itself in float64."""

from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np
import pytest
from keras import layers

from salwidget import Unit, open_network
from salwidget.anatomy import Anatomy
from salwidget.folding import folded
from salwidget.target import target_of
from tests import models
from tests.models import SHAPE, image

BATCH = image((5, *SHAPE), dtype="float64")
FOLDED = {
    "convolution": lambda: [layers.Conv2D(4, 3, use_bias=False), layers.BatchNormalization()],
    "with a bias": lambda: [layers.Conv2D(4, 3, strides=2), layers.BatchNormalization()],
    "depthwise": lambda: [layers.DepthwiseConv2D(3, depth_multiplier=3, padding="same"), layers.BatchNormalization()],
    "without scale": lambda: [layers.Conv2D(4, 3), layers.BatchNormalization(scale=False)],
    "without centre": lambda: [layers.Conv2D(4, 3), layers.BatchNormalization(center=False, epsilon=0.1)],
}
LEFT_ALONE = {
    "behind an activation": lambda: [layers.Conv2D(4, 3, activation="relu"), layers.BatchNormalization()],
    "dilated, which TensorFlow takes apart": lambda: [layers.Conv2D(4, 3, dilation_rate=2), layers.BatchNormalization()],
    "in front": lambda: [layers.BatchNormalization(), layers.Conv2D(4, 3)],
    "over rows": lambda: [layers.Conv2D(4, 3), layers.BatchNormalization(axis=1)],
    "a group's": lambda: [layers.Conv2D(4, 3), layers.GroupNormalization(2)],
}


def net(parts: Callable[[], list[keras.Layer]]) -> keras.Model:
    with models.float64():
        return normalised(models.in_a_row(SHAPE, *parts(), layers.ReLU(), layers.Flatten(), layers.Dense(3)))


def normalised(model: keras.Model, seed: int = 3) -> keras.Model:
    """Weights in which every part of a normalisation matters; variances are positive."""
    rng = np.random.default_rng(seed)
    model.set_weights([rng.uniform(0.5, 1.5, weight.shape) for weight in model.get_weights()])
    return model


def scores(model: keras.Model) -> np.ndarray:
    network = open_network(model, SHAPE)
    return network.scores(target_of(network, Unit(filters=1)), [BATCH], many=True)


def replaced(model: keras.Model) -> int:
    """How many outputs of layers were given another."""
    count = 0

    def counting(layer: keras.Layer, inputs: object, output: object) -> object:
        nonlocal count
        other = folded(layer, inputs, output)
        count += other is not output
        return other

    Anatomy(model, open_network(model, SHAPE).inputs, counting)
    return count


@pytest.mark.parametrize("name", [*FOLDED, *LEFT_ALONE])
def test_scores_are_those_of_the_model(name: str) -> None:
    model = net((FOLDED | LEFT_ALONE)[name])
    np.testing.assert_allclose(scores(model), models.values_of(model, BATCH)[:, 1], rtol=1e-12)
    assert replaced(model) == (name in FOLDED)


def test_nested_and_shared_layers_are_folded_too() -> None:
    with models.float64():
        conv, norm = layers.Conv2D(2, 3, padding="same"), layers.BatchNormalization()
        inner = models.in_a_row(SHAPE, conv, norm, layers.ReLU(), conv, norm)
        model = normalised(models.in_a_row(SHAPE, inner, layers.Flatten(), layers.Dense(3)))
    np.testing.assert_allclose(scores(model), models.values_of(model, BATCH)[:, 1], rtol=1e-12)
    assert replaced(model) == 2


def test_weights_that_change_are_followed() -> None:
    model = net(FOLDED["depthwise"])
    before = scores(model)
    normalised(model, seed=4)
    np.testing.assert_allclose(scores(model), models.values_of(model, BATCH)[:, 1], rtol=1e-12)
    assert np.abs(scores(model) - before).max() > 0.1


def test_statistics_of_the_batch_are_not_folded() -> None:
    with models.float64():
        norm = layers.BatchNormalization()
        parts = [layers.Conv2D(4, 3), lambda x: norm(x, training=True), layers.Flatten(), layers.Dense(3)]
        model = normalised(models.subclassed_of(SHAPE, *parts[:1], norm, *parts[2:]))
        model.steps = parts
    assert replaced(model) == 0
    np.testing.assert_allclose(scores(model), models.values_of(model, BATCH)[:, 1], rtol=1e-12)
