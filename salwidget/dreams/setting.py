"""Which inputs a dream changes, their sizes and start images, and the values of the other inputs."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from PIL import Image

from salwidget.attribution.explain import shape_hints
from salwidget.dreams.appearance import Appearance, Range, appearance_of
from salwidget.dreams.canvas import Canvas, for_each
from salwidget.dreams.views import Images
from salwidget.engine.inputs import Input, Shape
from salwidget.engine.network import Network
from salwidget.images import ImageLike, ImagesLike, InputsLike, Picture, Preprocess, is_batch, picture_of, split
from salwidget.target import Target

Size = int | Sequence[int] | None
Which = int | str | Sequence[int | str] | None
T = TypeVar("T")


@dataclass(frozen=True)
class Start:
    """One input that changes: its image's shape, the start images in 0..1 (none: noise), and their appearance."""

    source: Input
    shape: tuple[int, ...]
    images: tuple[np.ndarray, ...]
    appearance: Appearance


@dataclass(frozen=True)
class Setting:
    """All inputs of a dream, those that change and those that are held.

    ``held`` has, for each input that does not change, its values (..., C) as the model takes them, one for all images or one
    for each; ``count`` is the number of images that starts and held values are for, 0 for any number.
    """

    inputs: tuple[Input, ...]
    starts: tuple[Start, ...]
    held: Mapping[int, list[np.ndarray]]
    count: int

    def coordinates(self, canvases: Sequence[Canvas], seeds: Sequence[int]) -> list[list[np.ndarray]]:
        """The initial coordinates of each canvas, a batch with one image for each seed."""
        made = []
        for index, (canvas, start) in enumerate(zip(canvases, self.starts, strict=True)):
            inverse = [canvas.parametrization.inverse(image) for image in _one_each(start.images, seeds)]
            begins = inverse or [canvas.noise(seed, index) for seed in seeds]
            made.append([np.stack(parts) for parts in zip(*begins, strict=True)])
        return made

    def held_inputs(self, count: int) -> list[np.ndarray]:
        """The inputs that do not change, for ``count`` images, as the traced graph takes them."""
        return [
            self.inputs[index].as_fed(np.stack(_one_each(arrays, range(count)))) for index, arrays in sorted(self.held.items())
        ]

    def batch(self, images: Images) -> list[np.ndarray]:
        """The model's batch for images (N, ..., C) in 0..1: one array for each input, channels last."""
        shown = {start.source.index: start.appearance.fed(each) for start, each in zip(self.starts, images, strict=True)}
        held = {index: np.stack(_one_each(arrays, images[0])) for index, arrays in self.held.items()}
        return [np.asarray(value) for _, value in sorted({**shown, **held}.items())]


def differentiable(network: Network) -> tuple[Input, ...]:
    """The inputs that a dream can change."""
    return tuple(each for each in network.inputs if each.differentiable)


def why_no_dream(network: Network) -> str:
    """Why a model has no dreams, in a sentence; empty if it has."""
    if not differentiable(network):
        return f"{network.name} takes whole numbers, which cannot change gradually: it has no dreams."
    return ""


def dreamed(network: Network, targets: Sequence[Target], wrt: Which) -> tuple[Input, ...]:
    """The inputs that a dream changes: those named, or all that a target's gradient reaches.

    Raises
    ------
    ValueError
        When there is none, or for a name or index that the model does not have.
    """
    if reason := why_no_dream(network):
        raise ValueError(reason)
    sources = differentiable(network)
    if wrt is not None:
        chosen = {network.input(one) for one in ([wrt] if isinstance(wrt, (int, str)) else wrt)}
        if not chosen or not chosen <= set(sources):
            offered = ", ".join(each.name for each in sources)
            raise ValueError(f"wrt={wrt!r} names no inputs that a dream can change; those are {offered}.")
        return tuple(each for each in sources if each in chosen)
    if len(sources) == 1:
        return sources
    layers = {network.layer(unit.layer) for target in targets for _, unit in target.terms}
    return tuple(each for each in sources if any(network.between(each, layer) for layer in layers)) or sources


def setting_of(
    network: Network,
    sources: tuple[Input, ...],
    size: Size | Mapping[str, Size],
    start: InputsLike | None,
    preprocess: Preprocess | Mapping[str, Preprocess] | None,
    input_range: Range | Mapping[str, Range] | None,
) -> Setting:
    """Check sizes and starts against a network.

    Raises
    ------
    ValueError, TypeError
        When a size is missing, or a size or a start does not fit.
    """
    if start is not None and not isinstance(start, Mapping):
        if len(sources) > 1:
            names = ", ".join(each.name for each in network.inputs)
            raise ValueError(f"Several inputs are dreamed: pass start= as a dict by input name ({names}).")
        start = {sources[0].name: start}  # type: ignore[dict-item] # of the one input
    start_images: list[ImagesLike | None] = for_each("start", start or {}, None, network.inputs, network.inputs)
    preprocesses = for_each("preprocess", preprocess, None, network.inputs, network.inputs)
    sizes = for_each("size", size, None, sources, network.inputs)
    if len(sources) > 1 and not isinstance(size, Mapping) and any(None in each.image_shape[:-1] for each in sources):
        sizes = [size if None in each.image_shape[:-1] else None for each in sources]  # where it fits
    ranges = for_each("input_range", input_range, None, sources, network.inputs)
    given = [_listed(one, each.image_shape) for one, each in zip(start_images, network.inputs, strict=True)]
    counts = {len(images) for images, together in given if together}
    if len(counts) > 1:
        raise ValueError(
            "start holds different numbers of images for the inputs: pass one for each, or the same number for all."
        )
    starts, held = [], {}
    for source, wanted, limits in zip(sources, sizes, ranges, strict=True):
        (images, _), preprocessing = given[source.index], preprocesses[source.index]
        shape = _shape(source, wanted, images[0] if images else None, network.name)
        pictures = [picture_of(one, shape, preprocessing) for one in images]
        appearance = appearance_of(network, source, preprocessing, limits, shape, _range_of(pictures))
        starts.append(Start(source, shape, tuple(appearance.to_unit(each.given) for each in pictures), appearance))
    for each in network.inputs:
        if each not in sources:
            fed = [picture_of(one, each.image_shape, preprocesses[each.index]).input for one in given[each.index][0]]
            held[each.index] = fed or [np.zeros([side or 1 for side in each.image_shape], np.float32)]
    return Setting(network.inputs, tuple(starts), held, counts.pop() if counts else 0)


def size_hint(size: Size | Mapping[str, Size], start: InputsLike | None) -> list[Shape]:
    """The input shape of a model that does not know it, as far as the arguments tell."""
    if start is not None and not isinstance(start, Mapping):
        return shape_hints(start)
    return [tuple(size)] if isinstance(size, Sequence) and len(size) == 3 else []


def _listed(given: ImagesLike | None, shape: Shape) -> tuple[list[ImageLike], bool]:
    """The start images of an input, and whether there is one for each image of the dream."""
    if given is None:
        return [], False
    files = (str, os.PathLike, Image.Image, np.ndarray)
    if isinstance(given, (list, tuple)) and not any(isinstance(each, files) for each in given):
        given = np.asarray(given)  # numbers in lists
    return split(given, shape), is_batch(given, shape)


def _range_of(pictures: Sequence[Picture]) -> tuple[float, float] | None:
    """Black and white of start images."""
    lows, highs = ([picture.range[end] for picture in pictures] for end in (0, 1))
    return (min(lows), max(highs)) if pictures else None


def _one_each(values: Sequence[T], images: Sequence[object] | np.ndarray) -> list[T]:
    """One value for each image, also if there is one for all."""
    return list(values) if len(values) == len(images) else list(values) * len(images)


def _shape(source: Input, size: Size, start: ImageLike | None, model: str) -> tuple[int, ...]:
    wanted = source.image_shape
    space = wanted[:-1]
    if size is None:
        if start is not None and None in space:
            have: tuple[int, ...] = np.shape(start)[: len(space)]  # type: ignore[arg-type]
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
        raise ValueError(f"size={size} does not fit: {model} takes images of {takes}; leave out size=.")
    return tuple(int(side) for side in (*sides, wanted[-1] or 3))
