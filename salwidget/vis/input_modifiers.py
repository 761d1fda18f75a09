"""Changes of the image before and after each step of activation maximization."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from salwidget.vis.backend import generator


class InputModifier:
    """Change the image before and after a step. Subclass it and write ``pre``, ``post``, or both.

    Both take and return a batch of one image (1, ..., C), channels last. ``post`` undoes what should not stay in the result
    of what ``pre`` did; it may be called more than once for one ``pre``.
    """

    def pre(self, inp: np.ndarray) -> np.ndarray:
        """The image that the model is shown."""
        return inp

    def post(self, inp: np.ndarray) -> np.ndarray:
        """The image that goes on to the next step."""
        return inp


class Jitter(InputModifier):
    """Roll the image by a random number of pixels for each step, and back again after it.

    Parameters
    ----------
    jitter
        The most pixels along each axis of space; below 1 a fraction of its size. One number for all axes, or one for each.
    seed
        For reproducible offsets; ``None``: see ``set_random_seed``.
    """

    def __init__(self, jitter: float | Sequence[float] = 0.05, seed: int | None = None) -> None:
        if np.any(np.less(jitter, 0)):
            raise ValueError(f"jitter={jitter} is out of range; use pixels, or fractions below 1, that are not negative.")
        self.jitter = jitter
        self._generator = None if seed is None else generator(seed)
        self._offsets: tuple[int, ...] = ()

    def pre(self, inp: np.ndarray) -> np.ndarray:
        size = inp.shape[1:-1]
        if np.ndim(self.jitter) and np.size(self.jitter) != len(size):
            raise ValueError(f"jitter has {np.size(self.jitter)} values, but the image has {len(size)} axes of space.")
        given = np.broadcast_to(np.asarray(self.jitter, float), len(size))
        most = [int(value * length if value < 1 else value) for value, length in zip(given, size, strict=True)]
        draw = self._generator or generator()
        self._offsets = tuple(int(draw.integers(-limit, limit, endpoint=True)) for limit in most)
        return np.roll(inp, self._offsets, axis=tuple(range(1, inp.ndim - 1)))

    def post(self, inp: np.ndarray) -> np.ndarray:
        return np.roll(inp, tuple(-offset for offset in self._offsets), axis=tuple(range(1, inp.ndim - 1)))
