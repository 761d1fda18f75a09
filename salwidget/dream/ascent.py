"""Steps uphill, several in one compiled call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from salwidget.dream.appearance import Appearance
from salwidget.dream.parametrization import Parametrization
from salwidget.dream.regularizers import Function
from salwidget.dream.transforms import draws_of, transformed
from salwidget.inputs import Input
from salwidget.network import Gradient


@dataclass(frozen=True)
class Scene:
    """What is climbed.

    ``source`` is the input that is changed, ``shape`` that of one image, channels last; ``others`` holds for each input one
    array (..., C) as the model takes it, with ``None`` for the source.
    """

    gradient: Gradient
    source: Input
    others: tuple[np.ndarray | None, ...]
    shape: tuple[int, ...]
    parametrization: Parametrization
    transforms: tuple[Any, ...]
    regularizers: tuple[Function, ...]
    appearance: Appearance


class Ascent:
    """Gradient ascent on the score less its costs, for a batch of images at once.

    Parameters
    ----------
    coordinates
        To begin with, (N, ...) each.
    seeds
        One for each image: its chance at a step depends on its seed and the step alone, so that a batch does to an image what
        would be done to it alone, and a pause changes nothing.
    """

    def __init__(
        self,
        scene: Scene,
        coordinates: Sequence[np.ndarray],
        optimizer: keras.optimizers.Optimizer,
        seeds: Sequence[int],
    ) -> None:
        self._scene = scene
        self._seeds = seeds
        self._draws = draws_of(scene.transforms, scene.source.space)
        self._variables = [keras.Variable(each, dtype="float32") for each in coordinates]
        self._optimizer = optimizer
        optimizer.build(self._variables)
        self._numbers = [tf.constant(each) for each in scene.gradient.numbers]
        self._feeds = [
            None if held is None else tf.constant(each.as_fed(np.repeat(held[None], len(seeds), axis=0)))
            for each, held in zip(scene.gradient.network.inputs, scene.others, strict=True)
        ]
        draws = tf.TensorSpec((None, len(seeds), self._draws), tf.float32)
        self._advance = tf.function(self._climb, input_signature=[draws], autograph=False)

    def advance(self, first: int, steps: int) -> tuple[np.ndarray, np.ndarray]:
        """Take steps ``first`` to ``first + steps - 1``.

        Returns
        -------
        scores (steps, N), images (steps, N, ..., C) in 0..1
            At each step the image before it, and the score that the model gave it as it was transformed.
        """
        draws = [[self._chance(seed, first + step) for seed in self._seeds] for step in range(steps)]
        scores, images = self._advance(tf.constant(np.array(draws, np.float32)))
        return scores.numpy(), images.numpy()

    def _chance(self, seed: int, step: int) -> np.ndarray:
        return np.random.Generator(np.random.Philox(key=seed, counter=[step, 0, 0, 0])).random(self._draws, np.float32)

    def _climb(self, draws: Any) -> tuple[Any, Any]:
        steps = tf.shape(draws)[0]
        scores, images = tf.TensorArray(tf.float32, steps), tf.TensorArray(tf.float32, steps)

        def step(at: Any, scores: Any, images: Any) -> tuple[Any, Any, Any]:
            score, image = self._step(draws[at])
            return at + 1, scores.write(at, score), images.write(at, image)

        # One at a time: the steps follow each other through the variables.
        _, scores, images = tf.while_loop(lambda at, *_: at < steps, step, (0, scores, images), parallel_iterations=1)
        return scores.stack(), images.stack()

    def _step(self, draws: Any) -> tuple[Any, Any]:
        scene, coordinates = self._scene, [each.value for each in self._variables]
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(coordinates)
            image = scene.parametrization.image(coordinates, scene.shape)
            seen = self._as_fed(scene.appearance.fed(transformed(image, scene.transforms, draws)))
            cost = tf.add_n([tf.reduce_sum(each(image)) for each in scene.regularizers] or [tf.constant(0.0)])
        feeds = [seen if each is None else each for each in self._feeds]
        score, _, slope = scene.gradient.cut.run(*feeds, *self._numbers)
        # Optimizers go downhill.
        uphill = self._as_fed(tf.cast(-slope, seen.dtype), from_last=True)
        moves = tape.gradient([seen, cost], coordinates, output_gradients=[uphill, tf.constant(1.0)])
        self._optimizer.apply(moves, self._variables)
        for variable, value in zip(self._variables, scene.parametrization.bounded([v.value for v in self._variables]), strict=True):
            variable.assign(value)
        return tf.cast(score, tf.float32), image

    def _as_fed(self, images: Any, from_last: bool = False) -> Any:
        """Images (N, ..., C) in the layout of the input; its type is the trace's."""
        source = self._scene.source
        if len(source.shape) == 1:
            images = images[..., 0] if images.shape.rank == 3 else images
        elif source.channel_axis == 1:
            images = tf.transpose(images, [0, images.shape.rank - 1, *range(1, images.shape.rank - 1)])
        return images if from_last else tf.cast(images, source.dtype)
