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

# Models of more operations are not compiled into a loop: MobileNetV2's gradient takes a second there, for steps of 30 ms.
MOST_OPERATIONS = 300


@dataclass(frozen=True)
class Scene:
    """What is climbed.

    ``model`` is held here: all else knows it weakly, and its variables would go with it. ``source`` is the input that is
    changed, ``shape`` that of one image, channels last; ``others`` holds for each input one
    array (..., C) as the model takes it, with ``None`` for the source.
    """

    model: keras.Model
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
        self._show = tf.function(self._shown, autograph=False)
        self._move = tf.function(self._moved, autograph=False)
        # A large model's gradient is compiled already, and compiling it once more into a loop takes longer than it saves.
        # Any number of steps is one trace: how many fit into a call changes all the time.
        draws = tf.TensorSpec((None, len(seeds), self._draws), tf.float32)
        loop = tf.function(self._loop, autograph=False, input_signature=[draws])
        self._looped = loop if scene.gradient.cut.operations <= MOST_OPERATIONS else None

    def advance(self, first: int, steps: int) -> tuple[np.ndarray, np.ndarray]:
        """Take steps ``first`` to ``first + steps - 1``.

        Returns
        -------
        scores (steps, N), images (steps, N, ..., C) in 0..1
            At each step the image before it, and the score that the model gave it as it was transformed.
        """
        draws = np.array([[self._chance(seed, first + step) for seed in self._seeds] for step in range(steps)], np.float32)
        if self._looped is None:
            pairs = [self._step(tf.constant(each)) for each in draws]
            return np.stack([score.numpy() for score, _ in pairs]), np.stack([image.numpy() for _, image in pairs])
        scores, images = self._looped(tf.constant(draws))
        return scores.numpy(), images.numpy()

    def _chance(self, seed: int, step: int) -> np.ndarray:
        return np.random.Generator(np.random.Philox(key=seed, counter=[step, 0, 0, 0])).random(self._draws, np.float32)

    def _loop(self, draws: Any) -> tuple[Any, Any]:
        steps = tf.shape(draws)[0]
        scores, images = tf.TensorArray(tf.float32, steps), tf.TensorArray(tf.float32, steps)

        def step(at: Any, scores: Any, images: Any) -> tuple[Any, Any, Any]:
            score, image = self._step(draws[at])
            return at + 1, scores.write(at, score), images.write(at, image)

        # One at a time: the steps follow each other through the variables.
        _, scores, images = tf.while_loop(lambda at, *_: at < steps, step, (0, scores, images), parallel_iterations=1)
        return scores.stack(), images.stack()

    def _step(self, draws: Any) -> tuple[Any, Any]:
        coordinates = [each.value for each in self._variables]
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(coordinates)
            image, seen, cost = self._show(coordinates, draws)
        gradient = self._scene.gradient
        score, _, slope = gradient.cut.run(*(seen if each is None else each for each in self._feeds), *self._numbers)
        # Optimizers go downhill.
        down = self._as_fed(tf.cast(-slope, seen.dtype))
        self._move(tape.gradient([seen, cost], coordinates, output_gradients=[down, tf.constant(1.0)]))
        return tf.cast(score, tf.float32), image

    def _shown(self, coordinates: list[Any], draws: Any) -> tuple[Any, Any, Any]:
        """The image, what the model is given of it, and what it costs."""
        scene = self._scene
        image = scene.parametrization.image(coordinates, scene.shape)
        seen = self._as_fed(scene.appearance.fed(transformed(image, scene.transforms, draws)))
        cost = tf.add_n([tf.reduce_sum(each(image)) for each in scene.regularizers] or [tf.constant(0.0)])
        return image, tf.cast(seen, scene.source.dtype), cost

    def _moved(self, slopes: list[Any]) -> None:
        self._optimizer.apply(slopes, self._variables)
        allowed = self._scene.parametrization.bounded([each.value for each in self._variables])
        for variable, value in zip(self._variables, allowed, strict=True):
            variable.assign(value)

    def _as_fed(self, images: Any) -> Any:
        """Images (N, ..., C) in the layout of the input."""
        source, rank = self._scene.source, images.shape.rank
        if len(source.shape) == 1:
            return images[..., 0] if rank == 3 else images
        return tf.transpose(images, [0, rank - 1, *range(1, rank - 1)]) if source.channel_axis == 1 else images
