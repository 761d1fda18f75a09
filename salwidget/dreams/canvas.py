"""One input that a dream changes, and how."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import tensorflow as tf

from salwidget.dreams import regularizers, transforms
from salwidget.dreams.appearance import Appearance
from salwidget.dreams.parametrization import Parametrization
from salwidget.dreams.transforms import Transform, draws_of, transformed
from salwidget.engine.inputs import Input
from salwidget.tensors import Tensor

T = TypeVar("T")


@dataclass(frozen=True)
class Canvas:
    """An input with its parametrization, transforms, regularizers and colours; ``shape`` is one image's, channels last."""

    source: Input
    shape: tuple[int, ...]
    parametrization: Parametrization
    transforms: tuple[Transform | transforms.Function, ...]
    regularizers: tuple[regularizers.Function, ...]
    appearance: Appearance

    @property
    def draws(self) -> int:
        """The number of uniform random numbers that its transforms use per image and step."""
        return draws_of(self.transforms, self.source.space)

    def noise(self, seed: int, index: int) -> list[np.ndarray]:
        """Coordinates to begin with; ``index`` is that of the canvas in its dream."""
        return self.parametrization.noise(self.shape, np.random.default_rng([seed, index] if index else seed))

    def image(self, coordinates: list[Tensor]) -> Tensor:
        """Images (N, ..., C) in 0..1."""
        return self.parametrization.image(coordinates, self.shape)

    def seen(self, images: Tensor, draws: Tensor) -> Tensor:
        """The model's input for images (N, ..., C) in 0..1, after the transforms."""
        fed = self.laid_out(self.appearance.fed(transformed(images, self.transforms, draws)))
        return tf.cast(fed, self.source.dtype)

    def laid_out(self, images: Tensor) -> Tensor:
        """Tensors (N, ..., C) in the input's own layout."""
        source, rank = self.source, images.shape.rank
        if len(source.shape) == 1:
            return images[..., 0] if rank == 3 else images
        return tf.transpose(images, [0, rank - 1, *range(1, rank - 1)]) if source.channel_axis == 1 else images


def for_each(
    argument: str, given: T | Mapping[str, T], default: T, sources: Sequence[Input], inputs: Sequence[Input]
) -> list[T]:
    """The value of an argument for each of ``sources``: ``given`` for all, or a dict by names of the model's ``inputs``.

    Raises
    ------
    ValueError
        For a name that no input has.
    """
    if not isinstance(given, Mapping):
        return [given] * len(sources)
    names = [each.name for each in inputs]
    if unknown := [name for name in given if name not in names]:
        raise ValueError(f"{argument} has no input {unknown[0]!r}; the model's inputs are {', '.join(names)}.")
    return [given.get(each.name, default) for each in sources]
