"""Random moves of the image before the model sees it, so that what raises the score must survive them.

Olah, Mordvintsev and Schubert 2017, "Feature Visualization", section "The Enemy of Feature Visualization".
"""

from __future__ import annotations

import inspect
import itertools
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import tensorflow as tf

from salwidget.engine.inputs import Input
from salwidget.options import Number
from salwidget.tensors import Tensor

# From images (N, H, W, C) in 0..1 to such images, with or without an int32 seed (2,) that is new at each step.
Function = Callable[..., Tensor]
_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


@dataclass(frozen=True)
class Transform(ABC):
    """A random move of the image.

    It uses ``draws`` uniform random numbers in [0, 1) per image and step.
    """

    strength: float
    draws: ClassVar[int]
    # Range, default (that of the robust set) and help of its strength.
    option: ClassVar[Number]

    def __post_init__(self) -> None:
        low, high = self.option.minimum, self.option.maximum
        name = type(self).__name__
        if isinstance(self.strength, bool) or not isinstance(self.strength, (int, float, np.integer, np.floating)):
            raise TypeError(f"{name}({self.strength!r}) has no strength; use a number from {low:g} to {high:g}.")
        if not low <= self.strength <= high:
            raise ValueError(f"{name}({self.strength:g}) is out of range; use a number from {low:g} to {high:g}.")

    @abstractmethod
    def matrix(self, draws: Tensor, size: float) -> Tensor:
        """(N, 3, 3): from positions (x, y, 1) in the new image to positions in the old, in pixels from the centre.

        ``size`` is the image's longer side in pixels, ``draws`` is (N, self.draws).
        """


class Pad(Transform):
    """Show the image with a border around it, ``strength`` of its size on each side: nothing may hang on the frame."""

    draws = 0
    option = Number("Pad", 0.05, 0, 0.5, 0.01, "border around the image, as a share of its size")

    def matrix(self, draws: Tensor, size: float) -> Tensor:
        return _scaled(tf.fill([tf.shape(draws)[0]], 1 + 2 * self.strength))


class Jitter(Transform):
    """Move the image by up to ``strength`` of its size, in whole pixels, along each axis."""

    draws = 2
    option = Number("Jitter", 0.1, 0, 0.5, 0.01, "most that the image is moved, as a share of its size")

    def matrix(self, draws: Tensor, size: float) -> Tensor:
        x, y = tf.unstack(self.pixels(draws, size), axis=1)
        one, zero = tf.ones_like(x), tf.zeros_like(x)
        return _matrices([[one, zero, x], [zero, one, y], [zero, zero, one]])

    def pixels(self, draws: Tensor, size: float) -> Tensor:
        return tf.round((2 * draws - 1) * self.strength * size)


class Scale(Transform):
    """Make the image larger or smaller by up to ``strength`` (0.1: 0.9 to 1.1 times)."""

    draws = 1
    option = Number("Scale", 0.25, 0, 0.5, 0.01, "most that the image grows or shrinks, as a share")

    def matrix(self, draws: Tensor, size: float) -> Tensor:
        return _scaled(1 / (1 + (2 * draws[:, 0] - 1) * self.strength))


class Rotate(Transform):
    """Turn the image by up to ``strength`` degrees."""

    draws = 1
    option = Number("Rotate", 15, 0, 45, 1, "most that the image is turned, in degrees")

    def matrix(self, draws: Tensor, size: float) -> Tensor:
        angle = (2 * draws[:, 0] - 1) * (self.strength * np.pi / 180)
        cos, sin, zero, one = tf.cos(angle), tf.sin(angle), tf.zeros_like(angle), tf.ones_like(angle)
        return _matrices([[cos, -sin, zero], [sin, cos, zero], [zero, zero, one]])


TRANSFORMS: dict[str, type[Transform]] = {"pad": Pad, "jitter": Jitter, "scale": Scale, "rotate": Rotate}


# As a person passes them: "default", none, one or several.
Transforms = str | Transform | Function | Sequence[Transform | Function] | None


def moves_of(source: Input) -> dict[str, type[Transform]]:
    """The moves that an input allows: all for an image, ``Jitter`` for a signal or volume, none for a vector."""
    if len(source.shape) == 1:
        return {}
    return TRANSFORMS if source.space == 2 else {"jitter": Jitter}


def transforms_of(given: Transforms, source: Input) -> tuple[Transform | Function, ...]:
    """Check the argument ``transforms``: ``"default"``, ``None``, or a list of transforms and callables.

    Raises
    ------
    ValueError, TypeError
        For another word, anything that is no transform, or a transform that the input does not allow.
    """
    offered = moves_of(source)
    if isinstance(given, str):
        if given != "default":
            raise ValueError(
                f"transforms={given!r} is not known; use 'default', None, or a list such as [Jitter(0.1), Rotate(15)]."
            )
        return tuple(kind(kind.option.default) for kind in offered.values())
    listed = given if isinstance(given, Sequence) else [] if given is None else [given]
    chosen: Sequence[Transform | Function] = listed  # type: ignore[assignment] # no str is left
    for one in chosen:
        if not isinstance(one, Transform) and (isinstance(one, type) or not callable(one)):
            raise TypeError(f"A transform is Pad, Jitter, Scale, Rotate (with a strength) or a callable, not {one!r}.")
        if isinstance(one, Transform) and not isinstance(one, tuple(offered.values())):
            kind = type(one).__name__
            if not offered:
                raise ValueError(f"{kind} needs an image or a signal; for vectors ({source.name}) use a callable.")
            raise ValueError(f"{kind} needs an image; for signals and volumes ({source.name}) use Jitter or a callable.")
    return tuple(one for one in chosen if not isinstance(one, Transform) or one.strength > 0)


def draws_of(transforms: Sequence[Transform | Function], space: int) -> int:
    """The number of uniform random numbers that all transforms use per image and step; callables share two, as a seed."""
    return 2 + sum(_draws(one, space) for one in transforms if isinstance(one, Transform))


def transformed(images: Tensor, transforms: Sequence[Transform | Function], draws: Tensor) -> Tensor:
    """Images (N, ..., C) after all transforms; consecutive moves are one resampling.

    ``draws`` is (N, ``draws_of(...)``), uniform in [0, 1).
    """
    space = images.shape.rank - 2
    seed = tf.cast(draws[0, :2] * 2.0**31, tf.int32)
    used, functions = 2, 0
    for is_move, group in itertools.groupby(transforms, key=lambda one: isinstance(one, Transform)):
        if not is_move:
            for function in group:
                images = _own(function, images, seed + functions)  # type: ignore[arg-type]
                functions += 1
            continue
        moves = [one for one in group if isinstance(one, Transform)]
        counts = [_draws(one, space) for one in moves]
        shares = tf.split(draws[:, used : used + sum(counts)], counts, axis=1)
        used += sum(counts)
        if space == 2:
            longer = float(max(images.shape[1:3]))
            matrix = tf.eye(3, batch_shape=[tf.shape(images)[0]])
            for one, share in zip(moves, shares, strict=True):
                matrix = matrix @ one.matrix(share, longer)
            images = resampled(images, matrix)
        else:
            for one, share in zip(moves, shares, strict=True):
                assert isinstance(one, Jitter), "the only move that transforms_of lets through"
                images = rolled(images, one.pixels(share, float(max(images.shape[1:-1]))))
    return images


def resampled(images: Tensor, matrix: Tensor) -> Tensor:
    """Images (N, H, W, C) sampled at ``matrix`` (N, 3, 3) times (x, y, 1) from the centre; bilinear, mirrored outside.

    The gradient is the inverse map, divided by its change of area: the adjoint of the continuous move. TensorFlow's own leaves
    out that factor. Mirrored pixels get no gradient.
    """
    height, width = images.shape[1:3]
    centre = tf.constant([[1, 0, (width - 1) / 2], [0, 1, (height - 1) / 2], [0, 0, 1]], tf.float32)
    from_corner = centre @ matrix @ tf.linalg.inv(centre)
    back = tf.linalg.inv(from_corner)
    area = tf.abs(tf.linalg.det(matrix))[:, None, None, None]

    @tf.custom_gradient
    def warped(images: Tensor) -> Tensor:
        def slope(upstream: Tensor) -> Tensor:
            return _warp(upstream, back, "CONSTANT") / area

        return _warp(images, from_corner, "REFLECT"), slope

    return warped(images)


def rolled(images: Tensor, pixels: Tensor) -> Tensor:
    """Images (N, ..., C) rolled by ``pixels`` (N, axes of space)."""
    for axis in range(1, images.shape.rank - 1):
        indices = tf.range(images.shape[axis]) - tf.cast(pixels[:, axis - 1, None], tf.int32)
        first = [0, axis, *(other for other in range(1, images.shape.rank) if other != axis)]
        taken = tf.gather(tf.transpose(images, first), indices % images.shape[axis], axis=1, batch_dims=1)
        images = tf.transpose(taken, np.argsort(first))
    return images


def _warp(images: Tensor, matrix: Tensor, fill: str) -> Tensor:
    flat = tf.reshape(matrix, [-1, 9])[:, :8]
    return tf.raw_ops.ImageProjectiveTransformV3(
        images=images,
        transforms=flat,
        output_shape=images.shape[1:3],
        interpolation="BILINEAR",
        fill_mode=fill,
        fill_value=0.0,
    )


def _own(function: Function, images: Tensor, seed: Tensor) -> Tensor:
    parameters = [one for one in inspect.signature(function).parameters.values() if one.kind in _POSITIONAL]
    required = [one for one in parameters if one.default is one.empty]
    made = function(images, seed) if len(required) > 1 else function(images)
    if (shape := tuple(getattr(made, "shape", ()))) != tuple(images.shape):
        raise ValueError(f"A transform turned images {tuple(images.shape)} into {shape or made}; keep the shape.")
    return tf.cast(made, images.dtype)


def _draws(move: Transform, space: int) -> int:
    return space if isinstance(move, Jitter) else move.draws


def _scaled(factors: Tensor) -> Tensor:
    zero, one = tf.zeros_like(factors), tf.ones_like(factors)
    return _matrices([[factors, zero, zero], [zero, factors, zero], [zero, zero, one]])


def _matrices(rows: list[list[Tensor]]) -> Tensor:
    return tf.stack([tf.stack(row, axis=-1) for row in rows], axis=-2)
