"""Costs of an image, subtracted from the score, so that noise which raises the score does not pay.

A regularizer maps images (N, ..., C) in 0..1 to (N,); each is a mean over pixels, so that a strength means the same at any
size.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import tensorflow as tf

from salwidget.options import Number
from salwidget.tensors import Tensor

Function = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class Regularizer(ABC):
    """A cost with a strength; ``cost`` is the formula."""

    strength: float = 1.0
    option: ClassVar[Number]

    @abstractmethod
    def cost(self, images: Tensor) -> Tensor:
        """(N,) of images (N, ..., C) in 0..1, before the strength."""

    def __call__(self, images: Tensor) -> Tensor:
        return self.strength * self.cost(images)


@dataclass(frozen=True)
class TotalVariation(Regularizer):
    """Mean over pixels of (sum over axes of the squared difference to the next pixel) ^ (beta / 2).

    Mahendran and Vedaldi 2014, "Understanding deep image representations by inverting them", section 2.
    """

    beta: float = 2.0
    option = Number("Variation", 0, 0, 1000, 1, "total variation, the cost of differences between neighbouring pixels: smooths")

    def __post_init__(self) -> None:
        if not isinstance(self.beta, (int, float, np.number)) or not self.beta > 0:
            raise ValueError(f"beta={self.beta!r} is out of range; use a number above 0.")

    def cost(self, images: Tensor) -> Tensor:
        return _mean_over_values(images, total_variation(images, self.beta))


@dataclass(frozen=True)
class LpNorm(Regularizer):
    """(Mean of abs(x - 1/2)^p) ^ (1/p); for p = inf the largest.

    Simonyan, Vedaldi and Zisserman 2013, "Deep inside convolutional networks", section 2, with p = 2.
    """

    p: float = 6.0
    option = Number("Lp norm", 0, 0, 100, 1, "cost (p = 6) of the brightest and darkest values: keeps to middle grey")

    def __post_init__(self) -> None:
        if not isinstance(self.p, (int, float, np.number)) or not self.p >= 1:
            raise ValueError(f"p={self.p!r} is out of range; use a number from 1 to infinity.")

    def cost(self, images: Tensor) -> Tensor:
        count = tf.cast(tf.reduce_prod(tf.shape(images)[1:]), images.dtype)
        return lp_norm(images - 0.5, self.p) / count ** (1 / self.p)


class L2(Regularizer):
    """Mean of (x - 1/2)^2: pulls towards middle grey."""

    option = Number("L2", 0, 0, 1000, 1, "cost of all that is not middle grey")

    def cost(self, images: Tensor) -> Tensor:
        return _mean_over_values(images, tf.reduce_sum(tf.square(images - 0.5), _axes(images)))


class Blur(Regularizer):
    """Mean squared difference to the image's own blur (box of 3 along each axis), held fixed: takes fine noise away."""

    option = Number("Blur", 0, 0, 1000, 1, "cost of what a small blur would take away: removes fine noise")

    def cost(self, images: Tensor) -> Tensor:
        return _mean_over_values(images, tf.reduce_sum(tf.square(images - tf.stop_gradient(blurred(images))), _axes(images)))


REGULARIZERS: dict[str, type[Regularizer]] = {"tv": TotalVariation, "lp": LpNorm, "l2": L2, "blur": Blur}


# As a person passes them: alone, or with a strength; none, one or several.
Weighed = Function | tuple[Function, float]
Regularizers = Weighed | Sequence[Weighed] | None


def regularizers_of(given: Regularizers) -> tuple[Function, ...]:
    """Check the argument ``regularizers``; each becomes a function from images (N, ..., C) to costs (N,).

    Raises
    ------
    TypeError, ValueError
        For anything but a regularizer, a callable, or a pair of a callable and its strength.
    """
    listed = () if given is None else given if isinstance(given, (list, tuple)) else (given,)
    is_pair = len(listed) == 2 and callable(listed[0]) and isinstance(listed[1], (int, float))
    return tuple(map(_weighed, [tuple(listed)] if is_pair else listed))


def total_variation(images: Tensor, beta: float) -> Tensor:
    """(N,): sum over pixels of (sum over axes of the squared difference to the next pixel) ^ (beta / 2)."""
    axes = range(1, images.shape.rank - 1)
    inner = [slice(None), *(slice(None, -1) for _ in axes)]
    squares = []
    for axis in axes:
        after = [*inner[:axis], slice(1, None), *inner[axis + 1 :]]
        squares.append(tf.square(images[tuple(after)] - images[tuple(inner)]))
    variation = tf.add_n(squares)
    if beta == 2:
        return tf.reduce_sum(variation, _axes(images))
    # A power below 1 has an infinite slope at 0: flat places would make the gradient NaN.
    changes = variation > 0
    return tf.reduce_sum(tf.where(changes, tf.pow(tf.where(changes, variation, 1), beta / 2), 0), _axes(images))


def lp_norm(values: Tensor, p: float) -> Tensor:
    """(N,): (sum of abs(x)^p) ^ (1/p) over everything but the first axis; for p = inf the largest."""
    axes = _axes(values)
    sizes = tf.abs(values)
    largest = tf.reduce_max(sizes, axis=axes, keepdims=True)
    if p == float("inf"):
        return tf.reshape(largest, [-1])
    # Taken relative to the largest value: 255^20 is past float32. The norm is the same for any scale, so is its slope.
    scale = tf.stop_gradient(tf.where(largest > 0, largest, 1))
    total = tf.reduce_sum(tf.pow(sizes / scale, p), axis=axes)
    norm = tf.where(total > 0, tf.pow(tf.where(total > 0, total, 1), 1 / p), 0)
    return norm * tf.reshape(scale, [-1])


def blurred(images: Tensor) -> Tensor:
    """The mean of each value and its two neighbours along every axis of space, mirrored at the borders."""
    for axis in range(1, images.shape.rank - 1):
        borders = [[1, 1] if one == axis else [0, 0] for one in range(images.shape.rank)]
        padded = tf.pad(images, borders, "SYMMETRIC")
        length = images.shape[axis]
        images = tf.add_n([tf.gather(padded, tf.range(start, start + length), axis=axis) for start in range(3)]) / 3
    return images


def _weighed(given: Weighed) -> Function:
    alone = (given, given.strength if isinstance(given, Regularizer) else 1.0)
    function, strength = given if isinstance(given, (list, tuple)) and len(given) == 2 else alone
    is_number = isinstance(strength, (int, float, np.number)) and not isinstance(strength, bool) and np.isfinite(strength)
    if isinstance(function, type) or not callable(function) or not is_number:
        raise TypeError(
            "A regularizer is TotalVariation, LpNorm, L2, Blur or a callable, each with a strength that is a finite number, "
            f"not {given!r}."
        )
    if isinstance(given, Regularizer):
        return given

    def cost(images: Tensor) -> Tensor:
        own = tf.cast(tf.convert_to_tensor(function(images)), images.dtype)
        if own.shape.rank != 0 and own.shape != images.shape[:1]:
            raise ValueError(f"A regularizer returns one cost for each image, (N,), but this one returned {own.shape}.")
        return strength * own

    return cost


def _mean_over_values(images: Tensor, sums: Tensor) -> Tensor:
    return sums / tf.cast(tf.reduce_prod(tf.shape(images)[1:]), images.dtype)


def _axes(images: Tensor) -> list[int]:
    return list(range(1, images.shape.rank))
