"""Steps uphill, several in one compiled call."""

from __future__ import annotations

import threading
import time
import weakref
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
from salwidget.trace import Cut

# Models of more operations are not compiled into a loop: MobileNetV2's gradient takes a second there, for steps of 30 ms.
MOST_OPERATIONS = 300
# Seconds after which a dream looks whether the weights have changed: at each step that is a tenth of it.
LOOK = 0.1


@dataclass(frozen=True)
class Scene:
    """What is climbed, whoever climbs it.

    ``cut`` is the gradient of the score with respect to the input ``source``, the only one of ``inputs`` that is changed;
    ``shape`` is that of one image, channels last, and ``count`` how many are changed at once.
    """

    cut: Cut
    inputs: tuple[Input, ...]
    source: Input
    shape: tuple[int, ...]
    count: int
    parametrization: Parametrization
    transforms: tuple[Any, ...]
    regularizers: tuple[Function, ...]
    appearance: Appearance


class Slope:
    """The compiled steps of a scene. Compiling takes longer than many steps, so dreams that differ in numbers share one.

    Its variables are those of the ascent that stepped last.
    """

    def __init__(self, scene: Scene, optimizer: keras.optimizers.Optimizer, given: Sequence[np.ndarray]) -> None:
        self._scene = scene
        self.draws = draws_of(scene.transforms, scene.source.space)
        shapes = [part.shape for part in scene.parametrization.noise(scene.shape, np.random.default_rng(0))]
        self._coordinates = [keras.Variable(np.zeros((scene.count, *shape)), dtype="float32") for shape in shapes]
        optimizer.build(self._coordinates)
        self._optimizer = optimizer
        self._all = [*self._coordinates, *optimizer.variables]
        # Of an optimizer that has taken no step.
        self._fresh = [each.numpy() for each in optimizer.variables]
        self._owner: weakref.ref[Ascent] | None = None
        self._looked = -LOOK
        self._lock = threading.Lock()
        self._show = tf.function(self._shown, autograph=False)
        self._move = tf.function(self._moved, autograph=False)
        # A large model's gradient is compiled already, and compiling it once more into a loop takes longer than it saves.
        # Any number of steps is one trace: how many fit into a call changes all the time.
        kernels, rest = ([tf.TensorSpec(each.shape, each.dtype) for each in some] for some in (scene.cut.run.kernels, given))
        specs = [tf.TensorSpec((None, scene.count, self.draws), tf.float32), kernels, *rest]
        loop = tf.function(self._loop, autograph=False, input_signature=specs)
        self._looped = loop if scene.cut.run.operations <= MOST_OPERATIONS else None

    def climb(self, ascent: Ascent, draws: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """One step of ``ascent`` for each of ``draws`` (steps, count, ...)."""
        with self._lock:
            self._let_in(ascent)
            if time.monotonic() - self._looked > LOOK:
                self._scene.cut.run.refresh()
                self._looked = time.monotonic()
            if self._looped is None:
                pairs = [self._step(self._scene.cut.run, tf.constant(each), *ascent.given) for each in draws]
                return np.stack([score.numpy() for score, _ in pairs]), np.stack([image.numpy() for _, image in pairs])
            scores, images = self._looped(tf.constant(draws), self._scene.cut.run.kernels, *ascent.given)
            return scores.numpy(), images.numpy()

    def _let_in(self, ascent: Ascent) -> None:
        """Put the variables at where ``ascent`` stood, and keep where the one before stands."""
        before = self._owner() if self._owner else None
        if before is ascent:
            return
        if before is not None:
            before.stand = [each.numpy() for each in self._all]
        stand = ascent.stand if len(ascent.stand) == len(self._all) else [*ascent.stand, *self._fresh]
        for variable, value in zip(self._all, stand, strict=True):
            variable.assign(value)
        self._owner = weakref.ref(ascent)

    def _loop(self, draws: Any, kernels: list[Any], *given: Any) -> tuple[Any, Any]:
        run = lambda *fed, fresh: self._scene.cut.run.inside(*fed, *kernels)  # noqa: E731
        steps = tf.shape(draws)[0]
        scores, images = tf.TensorArray(tf.float32, steps), tf.TensorArray(tf.float32, steps)

        def step(at: Any, scores: Any, images: Any) -> tuple[Any, Any, Any]:
            score, image = self._step(run, draws[at], *given)
            return at + 1, scores.write(at, score), images.write(at, image)

        # One at a time: the steps follow each other through the variables.
        _, scores, images = tf.while_loop(lambda at, *_: at < steps, step, (0, scores, images), parallel_iterations=1)
        return scores.stack(), images.stack()

    def _step(self, run: Any, draws: Any, *given: Any) -> tuple[Any, Any]:
        coordinates = [each.value for each in self._coordinates]
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(coordinates)
            image, seen, cost = self._show(coordinates, draws)
        at = self._scene.source.index
        score, _, slope = run(*given[:at], seen, *given[at:], fresh=True)
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
        self._optimizer.apply(slopes, self._coordinates)
        allowed = self._scene.parametrization.bounded([each.value for each in self._coordinates])
        for variable, value in zip(self._coordinates, allowed, strict=True):
            variable.assign(value)

    def _as_fed(self, images: Any) -> Any:
        """Images (N, ..., C) in the layout of the input."""
        source, rank = self._scene.source, images.shape.rank
        if len(source.shape) == 1:
            return images[..., 0] if rank == 3 else images
        return tf.transpose(images, [0, rank - 1, *range(1, rank - 1)]) if source.channel_axis == 1 else images


class Ascent:
    """Gradient ascent on the score less its costs, for a batch of images at once.

    Parameters
    ----------
    model
        Held here: all else knows it weakly, and its variables would go with it.
    coordinates
        To begin with, (N, ...) each.
    given
        The other inputs as the trace is fed, then the numbers of the target.
    seeds
        One for each image: its chance at a step depends on its seed and the step alone, so that a batch does to an image what
        would be done to it alone, and a pause changes nothing.
    """

    def __init__(
        self,
        model: keras.Model,
        slope: Slope,
        coordinates: Sequence[np.ndarray],
        given: Sequence[np.ndarray],
        seeds: Sequence[int],
    ) -> None:
        self._model = model
        self._slope = slope
        self._seeds = seeds
        self.given = [tf.constant(each) for each in given]
        # While another steps on the same slope, the values of its variables.
        self.stand = list(coordinates)

    def advance(self, first: int, steps: int) -> tuple[np.ndarray, np.ndarray]:
        """Take steps ``first`` to ``first + steps - 1``.

        Returns
        -------
        scores (steps, N), images (steps, N, ..., C) in 0..1
            At each step the image before it, and the score that the model gave it as it was transformed.
        """
        draws = [[self._chance(seed, first + step) for seed in self._seeds] for step in range(steps)]
        return self._slope.climb(self, np.array(draws, np.float32))

    def _chance(self, seed: int, step: int) -> np.ndarray:
        return np.random.Generator(np.random.Philox(key=seed, counter=[step, 0, 0, 0])).random(self._slope.draws, np.float32)
