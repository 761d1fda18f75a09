"""Gradient ascent, several steps in one compiled call."""

from __future__ import annotations

import itertools
import math
import threading
import time
import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import keras
import numpy as np
import tensorflow as tf

from salwidget.dreams.canvas import Canvas
from salwidget.dreams.views import Images
from salwidget.engine.trace import Cut
from salwidget.tensors import Tensor

# Models of more operations are not compiled into a loop: MobileNetV2's gradient takes a second there, for steps of 30 ms.
MOST_OPERATIONS = 300
# Seconds between two checks whether the model has changed: at each step they would take a tenth of the time.
RECHECK = 0.5
CHANGED = "The model has changed since this dream began: start another."
T = TypeVar("T")


@dataclass(frozen=True)
class Scene:
    """What is optimized, apart from the numbers of a single ascent.

    ``cut`` is the gradient of the score with respect to the inputs of the ``canvases``; ``count`` is the number of images of
    each that change at once.
    """

    cut: Cut
    canvases: tuple[Canvas, ...]
    count: int


class Slope:
    """The compiled steps of a scene. Compiling takes longer than many steps, so dreams that differ only in numbers share one.

    Its variables hold the state of the ascent that stepped last. ``is_current`` says whether the model has still the layers
    that were traced.
    """

    def __init__(
        self,
        scene: Scene,
        optimizers: Sequence[keras.optimizers.Optimizer],
        given: Sequence[np.ndarray],
        is_current: Callable[[], bool],
    ) -> None:
        self._scene = scene
        self._is_current = is_current
        self.draws = [canvas.draws for canvas in scene.canvases]
        shapes = [[part.shape for part in canvas.noise(0, 0)] for canvas in scene.canvases]
        self._parts = [len(each) for each in shapes]
        self._coordinates = [keras.Variable(np.zeros((scene.count, *one)), dtype="float32") for each in shapes for one in each]
        # One for each canvas, or for all of them.
        self._optimizers = optimizers
        for optimizer, own in zip(optimizers, self._by_optimizer(self._coordinates), strict=True):
            optimizer.build(own)
        own_variables = [each for optimizer in optimizers for each in optimizer.variables]
        self._all = [*self._coordinates, *own_variables]
        # Of optimizers that have taken no step.
        self._fresh = [each.numpy() for each in own_variables]
        self._owner: weakref.ref[Ascent] | None = None
        self._checked_at = -math.inf
        self._lock = threading.Lock()
        self._show = tf.function(self._shown, autograph=False)
        self._move = tf.function(self._moved, autograph=False)
        # A large model's gradient is compiled already, and compiling it once more into a loop takes longer than it saves.
        # One trace for any number of steps: how many fit into a call changes all the time.
        kernels, rest = ([tf.TensorSpec(each.shape, each.dtype) for each in some] for some in (scene.cut.run.kernels, given))
        specs = [tf.TensorSpec((None, scene.count, sum(self.draws)), tf.float32), kernels, *rest]
        loop = tf.function(self._loop, autograph=False, input_signature=specs)
        self._looped = loop if scene.cut.run.operations <= MOST_OPERATIONS else None

    def climb(self, ascent: Ascent, draws: np.ndarray) -> tuple[np.ndarray, Images]:
        """One step of ``ascent`` for each of ``draws`` (steps, count, ...).

        Raises
        ------
        ValueError
            When the model's layers have changed.
        """
        with self._lock:
            self._switch_to(ascent)
            if time.monotonic() - self._checked_at > RECHECK:
                if not self._is_current():
                    raise ValueError(CHANGED)
                self._scene.cut.run.refresh()
                self._checked_at = time.monotonic()
            if self._looped is None:
                pairs = [self._step(self._scene.cut.run, tf.constant(each), *ascent.given) for each in draws]
                films = zip(*(images for _, images in pairs), strict=True)
                return np.stack([score.numpy() for score, _ in pairs]), tuple(np.stack(list(film)) for film in films)
            scores, images = self._looped(tf.constant(draws), self._scene.cut.run.kernels, *ascent.given)
            return scores.numpy(), tuple(each.numpy() for each in images)

    def recheck(self) -> None:
        """Check at the next step whether the model has changed."""
        self._checked_at = -math.inf

    def _switch_to(self, ascent: Ascent) -> None:
        """Load the state of ``ascent`` into the variables, and save that of the ascent before it."""
        before = self._owner() if self._owner else None
        if before is ascent:
            return
        self.recheck()
        if before is not None:
            before.state = [each.numpy() for each in self._all]
        state = ascent.state if len(ascent.state) == len(self._all) else [*ascent.state, *self._fresh]
        for variable, value in zip(self._all, state, strict=True):
            variable.assign(value)
        self._owner = weakref.ref(ascent)

    def _loop(self, draws: Tensor, kernels: list[Tensor], *given: Tensor) -> tuple[Tensor, list[Tensor]]:
        run = lambda *fed, fresh: self._scene.cut.run.inside(*fed, *kernels)  # noqa: E731
        steps = tf.shape(draws)[0]
        films = [tf.TensorArray(tf.float32, steps) for _ in (None, *self._scene.canvases)]

        def step(at: Tensor, *films: tf.TensorArray) -> tuple[Tensor | tf.TensorArray, ...]:
            score, images = self._step(run, draws[at], *given)
            return at + 1, *(film.write(at, each) for film, each in zip(films, (score, *images), strict=True))

        # One at a time: the steps follow each other through the variables.
        _, scores, *films = tf.while_loop(lambda at, *_: at < steps, step, (0, *films), parallel_iterations=1)
        return scores.stack(), [film.stack() for film in films]

    def _step(self, run: Callable[..., list[Tensor]], draws: Tensor, *given: Tensor) -> tuple[Tensor, list[Tensor]]:
        coordinates, canvases = [each.value for each in self._coordinates], self._scene.canvases
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(coordinates)
            images, seen, cost = self._show(coordinates, draws)
        fed = list(given)
        for canvas, each in zip(canvases, seen, strict=True):
            fed.insert(canvas.source.index, each)
        score, *values = run(*fed, fresh=True)
        slopes = zip(canvases, values[len(canvases) :], seen, strict=True)
        # Optimizers go downhill.
        down = [canvas.laid_out(tf.cast(-slope, each.dtype)) for canvas, slope, each in slopes]
        self._move(tape.gradient([*seen, cost], coordinates, output_gradients=[*down, tf.constant(1.0)]))
        return tf.cast(score, tf.float32), images

    def _shown(self, coordinates: list[Tensor], draws: Tensor) -> tuple[list[Tensor], list[Tensor], Tensor]:
        """For each canvas the images, and the model's input made of them; and the cost of all."""
        canvases = self._scene.canvases
        chances = [draws] if len(canvases) == 1 else tf.split(draws, self.draws, axis=1)
        images = [canvas.image(own) for canvas, own in zip(canvases, self._by_canvas(coordinates), strict=True)]
        seen = [canvas.seen(*each) for canvas, *each in zip(canvases, images, chances, strict=True)]
        pairs = [(cost, each) for canvas, each in zip(canvases, images, strict=True) for cost in canvas.regularizers]
        cost = tf.add_n([tf.reduce_sum(cost(each)) for cost, each in pairs] or [tf.constant(0.0)])
        return images, seen, cost

    def _moved(self, slopes: list[Tensor]) -> None:
        steps = map(self._by_optimizer, (slopes, self._coordinates))
        for optimizer, down, own in zip(self._optimizers, *steps, strict=True):
            optimizer.apply(down, own)
        for canvas, own in zip(self._scene.canvases, self._by_canvas(self._coordinates), strict=True):
            allowed = canvas.parametrization.bounded([each.value for each in own])
            for variable, value in zip(own, allowed, strict=True):
                variable.assign(value)

    def _by_optimizer(self, coordinates: Sequence[T]) -> list[list[T]]:
        return [list(coordinates)] if len(self._optimizers) == 1 else self._by_canvas(coordinates)

    def _by_canvas(self, coordinates: Sequence[T]) -> list[list[T]]:
        rest = iter(coordinates)
        return [list(itertools.islice(rest, count)) for count in self._parts]


class Ascent:
    """Gradient ascent on the score less its costs, for a batch of images at once.

    Parameters
    ----------
    model
        Held here: everything else refers to it weakly, and its variables would be freed with it.
    coordinates
        The initial ones of each canvas, (N, ...) each.
    given
        The other inputs as the traced graph takes them, then the numbers of the target.
    seeds
        One for each image: its random numbers at a step depend on its seed and the step alone, so that an image comes out the
        same in a batch as alone, and a pause changes nothing.
    """

    def __init__(
        self,
        model: keras.Model,
        slope: Slope,
        coordinates: Sequence[Sequence[np.ndarray]],
        given: Sequence[np.ndarray],
        seeds: Sequence[int],
    ) -> None:
        self._model = model
        self._slope = slope
        self._seeds = seeds
        self.given = [tf.constant(each) for each in given]
        # The values of its variables while another ascent uses the slope.
        self.state = [each for own in coordinates for each in own]

    def recheck(self) -> None:
        """Check at the next step whether the model has changed."""
        self._slope.recheck()

    def advance(self, first: int, steps: int) -> tuple[np.ndarray, Images]:
        """Take steps ``first`` to ``first + steps - 1``.

        Returns
        -------
        scores (steps, N), of each canvas images (steps, N, ..., C) in 0..1
            At each step the images before it, and the score that the model gave them as they were transformed.
        """
        draws = [[self._random_numbers(seed, first + step) for seed in self._seeds] for step in range(steps)]
        return self._slope.climb(self, np.array(draws, np.float32))

    def _random_numbers(self, seed: int, step: int) -> np.ndarray:
        chances = (np.random.Philox(key=seed, counter=[step, index, 0, 0]) for index in range(len(self._slope.draws)))
        pairs = zip(chances, self._slope.draws, strict=True)
        return np.concatenate([np.random.Generator(chance).random(count, np.float32) for chance, count in pairs])
