"""Which input is dreamed, how large, from what start, and what the other inputs hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from salwidget.answer import shape_hints
from salwidget.dream.appearance import Appearance, Range, appearance_of
from salwidget.dream.parametrization import Parametrization
from salwidget.images import Preprocess, picture_of
from salwidget.inputs import Input, Shape
from salwidget.network import Network

Size = int | Sequence[int] | None


@dataclass(frozen=True)
class Setting:
    """What there is to change.

    ``shape`` is that of the image, channels last; ``start`` is in 0..1, or ``None`` for noise; ``others`` holds for each input
    one array (..., C) as the model takes it, ``None`` for the source.
    """

    source: Input
    shape: tuple[int, ...]
    start: np.ndarray | None
    others: tuple[np.ndarray | None, ...]
    appearance: Appearance

    def coordinates(self, way: Parametrization, seeds: Sequence[int]) -> list[np.ndarray]:
        """To begin with: a batch with one image for each seed."""
        if self.start is not None:
            begins = [way.inverse(self.start)] * len(seeds)
        else:
            begins = [way.noise(self.shape, np.random.default_rng(seed)) for seed in seeds]
        return [np.stack(parts) for parts in zip(*begins, strict=True)]

    def held(self, inputs: Sequence[Input], count: int) -> list[np.ndarray]:
        """The inputs that are not changed, once for each of ``count`` images, as the trace is fed."""
        pairs = zip(inputs, self.others, strict=True)
        return [each.as_fed(np.repeat(array[None], count, axis=0)) for each, array in pairs if array is not None]

    def batch(self, images: np.ndarray) -> list[np.ndarray]:
        """What the model is given for images (N, ..., C) in 0..1: one array for each input, channels last."""
        shown = np.asarray(self.appearance.fed(images))
        return [shown if each is None else np.repeat(each[None], len(images), axis=0) for each in self.others]


def source_of(network: Network) -> Input | None:
    """The input that a dream changes: the first that has a gradient."""
    return next((each for each in network.inputs if each.differentiable), None)


def why_no_dream(network: Network) -> str:
    """Why a model has no dreams, as a sentence; empty where it has."""
    if source_of(network) is None:
        return f"{network.name} takes whole numbers, which can't be changed little by little: it has no dreams."
    return ""


def setting_of(network: Network, size: Size, start: Any, preprocess: Preprocess | None, input_range: Range | None) -> Setting:
    """Check a size and a start against a network.

    Raises
    ------
    ValueError, TypeError
        When there is nothing that can be changed, a size is missing or does not fit, or a start does not fit.
    """
    source = source_of(network)
    if source is None:
        raise ValueError(why_no_dream(network))
    names = [each.name for each in network.inputs]
    given = start if isinstance(start, Mapping) else {} if start is None else {source.name: start}
    if unknown := set(given) - set(names):
        raise ValueError(f"start has no input {sorted(unknown)[0]!r}; the model's inputs are {', '.join(names)}.")
    begun = given.get(source.name)
    shape = _shape(source, size, begun, network.name)
    picture = None if begun is None else picture_of(begun, shape, preprocess)
    if picture is not None and input_range is None:
        input_range = picture.range
    appearance = appearance_of(network, source, preprocess, input_range, shape)
    others = tuple(None if each is source else _other(each, given.get(each.name)) for each in network.inputs)
    return Setting(source, shape, None if picture is None else appearance.to_unit(picture.given), others, appearance)


def size_hint(size: Size, start: Any) -> list[Shape]:
    """The input shape of a model that does not know it, as far as a person says it."""
    if start is not None and not isinstance(start, Mapping):
        return shape_hints(start)
    return [tuple(size)] if isinstance(size, Sequence) and len(size) == 3 else []


def _shape(source: Input, size: Size, start: Any, model: str) -> tuple[int, ...]:
    wanted = source.image_shape
    space = wanted[:-1]
    if size is None:
        if start is not None and None in space:
            have = tuple(np.shape(start))[: len(space)]
            wanted = (*(have or space), wanted[-1])
        if None in wanted[:-1]:
            raise ValueError(f"{model} takes images of any size: say which with size=, e.g. size=256.")
        return (*wanted[:-1], wanted[-1] or 3)  # type: ignore[arg-type]
    if isinstance(size, Sequence) and len(size) == len(wanted) and wanted[-1] in (None, size[-1]):
        *size, channels = size
        wanted = (*space, channels)
    sides = tuple(size) if isinstance(size, Sequence) else (size,) * len(space)
    if len(sides) != len(space) or any(isinstance(s, bool) or not isinstance(s, (int, np.integer)) or s < 1 for s in sides):
        raise ValueError(f"size={size!r} is no size; give one whole number, or one for each of the {len(space)} axes.")
    if any(fixed not in (None, side) for fixed, side in zip(space, sides, strict=True)):
        takes = " × ".join("any" if side is None else str(side) for side in space)
        raise ValueError(f"size={size} does not fit: {model} takes images of {takes}; leave size= away.")
    return tuple(int(side) for side in (*sides, wanted[-1] or 3))


def _other(each: Input, given: Any) -> np.ndarray:
    shape = each.image_shape
    if given is not None:
        return picture_of(given, shape).input
    return np.zeros([side or 1 for side in shape], np.float32)
