"""All the answers that a method gives on its way, and gradients of many images at once by a GradientTape."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from salwidget import Heatmap, Unit, open_network
from salwidget.attribution.explain import answers, query_of
from salwidget.images import examples_of


def refined(model: keras.Model, image: Any, method: str, *, filters: int = 0, seed: int = 0, **options: Any) -> list[Heatmap]:
    network = open_network(model)
    (example,) = examples_of(image, network.inputs, None)
    query = query_of(network, example, method, Unit(filters=filters), network.inputs[0], None, None, seed, options)
    return list(answers(network, query, example))


def assert_refines(parts: list[Heatmap], whole: Heatmap, steps: int) -> None:
    """``steps`` or more answers, ever more of the work in them, of the final shape, the last one the batch call's."""
    progress = [part.progress for part in parts]
    assert len(parts) >= steps
    assert progress == sorted(set(progress)), "it must rise"
    assert progress[-1] == 1
    assert all(part.values.shape == whole.values.shape for part in parts)
    np.testing.assert_allclose(parts[-1].values, whole.values, rtol=1e-5, atol=1e-6 * np.abs(whole.values).max())


def gradients(model: keras.Model, images: np.ndarray, which: int = 0) -> np.ndarray:
    """dS/dx (N, H, W, C) of output ``which`` at each of ``images``; the model's images do not influence each other."""
    inputs = tf.constant(images)
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        score = tf.reduce_sum(model(inputs, training=False)[:, which])
    return tape.gradient(score, inputs).numpy()


def score(model: keras.Model, image: np.ndarray, which: int = 0) -> float:
    return float(model(image[None], training=False)[0, which])
