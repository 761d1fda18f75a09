"""Objectives of dreams: targets that are functions of a whole layer.

A target gives one score for each image of a batch, so sums, differences and multiples work as everywhere:
``Unit(filters=3) - 0.5 * Unit(filters=5)``, ``Unit(layer, filters=7) + diversity(layer)``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import ArrayLike

from salwidget.attribution.explain import shape_hints
from salwidget.engine.opening import open_network
from salwidget.images import InputsLike, Preprocess, examples_of
from salwidget.target import Target, Unit
from salwidget.tensors import Tensor


def deep_dream(layer: int | str) -> Target:
    """Activate a whole layer: the mean square of its output. Mordvintsev, Olah and Tyka 2015, "Inceptionism"."""

    def activity(values: Tensor) -> Tensor:
        return tf.reduce_mean(tf.square(values), axis=_axes(values))

    activity.as_python = f"salwidget.dreams.deep_dream({layer!r})"  # type: ignore[attr-defined]
    return 1 * Unit(layer, function=activity)


def direction(layer: int | str, vector: ArrayLike, power: float = 1.0) -> Target:
    """A direction in the space of a layer's channels: mean over cells of v · a · max(cos(v, a), 0.1)^power.

    Carter et al. 2019, "Activation Atlas", section "Feature visualization"; ``power=0`` is the plain dot product.

    Parameters
    ----------
    vector
        (channels,); only its direction matters.
    """
    arrow = np.asarray(vector, np.float32)
    if arrow.ndim != 1 or not np.linalg.norm(arrow) > 0 or not np.isfinite(arrow).all():
        raise ValueError("A direction is a list of finite numbers, one for each channel of the layer, not all of them 0.")
    arrow = arrow / np.linalg.norm(arrow)

    def along(values: Tensor) -> Tensor:
        if values.shape[-1] != len(arrow):
            raise ValueError(f"The direction has {len(arrow)} numbers, but layer {layer} has {values.shape[-1]} channels.")
        return tf.reduce_mean(_pull(values, tf.cast(arrow, values.dtype), power), axis=_axes(values)[:-1])

    return 1 * Unit(layer, function=along)


def caricature(
    model: keras.Model, layer: int | str, image: InputsLike, *, power: float = 1.0, preprocess: Preprocess | None = None
) -> Target:
    """What a layer sees in an image, exaggerated: at each cell the direction of the image's own activation.

    Olah et al. 2018, "The Building Blocks of Interpretability", on activation grids.

    Parameters
    ----------
    image, preprocess
        As in ``salwidget.explain``.
    """
    network = open_network(model, *shape_hints(image))
    example = examples_of(image, network.inputs, preprocess)[0]
    seen = network.activations([picture.input[None] for picture in example], network.layer(layer))
    seen = seen / max(float(np.sqrt(np.square(seen).sum(-1).mean())), 1e-12)

    def alike(values: Tensor) -> Tensor:
        pull = _pull(values, tf.cast(seen, values.dtype), power)
        return tf.reduce_mean(pull, axis=_axes(values)[:-1])

    return 1 * Unit(layer, function=alike)


def diversity(layer: int | str) -> Target:
    """Minus the mean likeness of each image of a batch to the others: cosine of their layer's channel correlations (Gram).

    Olah, Mordvintsev and Schubert 2017, "Feature Visualization", section "Diversity".
    """

    def unlike(values: Tensor) -> Tensor:
        cells = tf.reshape(values, [tf.shape(values)[0], -1, values.shape[-1]])
        grams = tf.reshape(tf.matmul(cells, cells, transpose_a=True), [tf.shape(values)[0], -1])
        # The root has an infinite slope at 0: a layer that is all zero at first would make the gradient NaN.
        unit = grams * tf.math.rsqrt(tf.reduce_sum(tf.square(grams), axis=-1, keepdims=True) + 1e-12)
        others = tf.cast(tf.maximum(tf.shape(values)[0] - 1, 1), values.dtype)
        # Each pair counts for both of its images, and moves both.
        likeness = tf.matmul(unit, unit, transpose_b=True)
        return -(tf.reduce_sum(likeness, axis=1) - tf.linalg.diag_part(likeness)) / others

    unlike.as_python = f"salwidget.dreams.diversity({layer!r})"  # type: ignore[attr-defined]
    return 1 * Unit(layer, function=unlike)


def titles_of(targets: Sequence[Target], text_of: Callable[[Target], str]) -> tuple[str, ...]:
    """A text for each image; equal ones are numbered."""
    texts = [text_of(target) for target in targets]
    numbered = [f"{text} ({texts[: index + 1].count(text)})" for index, text in enumerate(texts)]
    return tuple(long if texts.count(text) > 1 else text for text, long in zip(texts, numbered, strict=True))


def _pull(values: Tensor, arrow: Tensor, power: float) -> Tensor:
    """v · a · max(cos(v, a), 0.1)^power along the channels of values (N, ..., C)."""
    dot = tf.reduce_sum(values * arrow, axis=-1)
    if power == 0:
        return dot
    lengths = tf.math.rsqrt(tf.reduce_sum(tf.square(values), -1) * tf.reduce_sum(tf.square(arrow), -1) + 1e-12)
    # Held above 0 so that the first steps, which point elsewhere, have a slope.
    return dot * tf.maximum(dot * lengths, 0.1) ** power


def _axes(values: Tensor) -> list[int]:
    return list(range(1, values.shape.rank))
