"""Ways to ask that ``explain`` hides (partial answers, a bare context), and feature maps by a GradientTape."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from salwidget import Heatmap, Unit, open_network
from salwidget.attribution import Context, method_of
from salwidget.attribution.explain import answers, query_of
from salwidget.engine import batch_size
from salwidget.images import examples_of
from tests import models
from tests.models import NAMES


def context_of(model: keras.Model, image: np.ndarray, method: str, filters: int | None = None, **options: Any) -> Context:
    """What ``refine`` gets."""
    network = open_network(model)
    (example,) = examples_of(image, network.inputs, None)
    query = query_of(network, example, method, Unit(filters=filters), network.inputs[0], None, None, 0, options)
    return Context(network, query, example, {**method_of(method).defaults(), **dict(query.options)})


def partial_answers(model: keras.Model, image: np.ndarray, method: str, filters: int | None = None, **options: Any) -> list:
    """All that a method yields on its way."""
    context = context_of(model, image, method, filters, **options)
    return list(answers(context.network, context.query, context.example))


def assert_refines(model: keras.Model, image: np.ndarray, method: str, monkeypatch: Any, **options: Any) -> list[Heatmap]:
    """Progress rises to 1 over several answers, and how many images a step takes changes nothing but rounding."""
    monkeypatch.setattr(batch_size, "MOST_SCORES", 64)
    *_, at_once = partial_answers(model, image, method, **options)
    monkeypatch.setattr(batch_size, "MOST_SCORES", 3)
    steps = partial_answers(model, image, method, **options)
    progress = [step.progress for step in steps]
    assert len(steps) > 2
    assert progress == sorted(set(progress))
    assert progress[-1] == 1.0
    assert all(step.values.shape == at_once.values.shape for step in steps)
    assert at_once.passes - steps[-1].passes in (0, 1)  # what a layer gave for the image is known the second time
    np.testing.assert_allclose(steps[-1].values, at_once.values, rtol=1e-5, atol=1e-6)
    return steps


def maps_and_gradient(at: str, filters: Sequence[int]) -> tuple[np.ndarray, np.ndarray, float]:
    """A, dS/dA and S of ``models.functional()`` at a layer, the layers behind it called one by one by hand."""
    linear = models.without_final()
    maps = tf.constant(models.values_of(models.cut_by_keras(linear, at), models.image()[None]))
    with tf.GradientTape() as tape:
        tape.watch(maps)
        out = models.chained(maps, [linear.get_layer(name) for name in NAMES[NAMES.index(at) + 1 :]])
        score = models.score_of(out, filters)
    return maps.numpy()[0], tape.gradient(score, maps).numpy()[0], float(score[0])


def upsampled(maps: np.ndarray, size: Sequence[int]) -> np.ndarray:
    """(h, w, K) at another size by TensorFlow: bilinear, centres of pixels at halves."""
    return tf.image.resize(maps, size).numpy()
