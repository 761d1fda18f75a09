"""From an array, a Pillow image or a path to a model's input."""

from __future__ import annotations

import os
import weakref
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike
from PIL import Image

from salwidget.digest import digest
from salwidget.engine.inputs import Input, Shape
from salwidget.photographs import opened, pixels_of
from salwidget.tensors import Tensor

Preprocess = Callable[[np.ndarray], np.ndarray]
# An image as a person has it: an array or what becomes one, a Pillow image or a path.
ImageLike = ArrayLike | Image.Image | str | os.PathLike[str]
# One, a batch array or a list of them, for one input of a model.
ImagesLike = ImageLike | Sequence[ImageLike]
# For all inputs of a model: as they are for a single one, else by their names or in their order.
InputsLike = ImagesLike | Sequence[ImagesLike] | Mapping[str, ImagesLike]


@dataclass(frozen=True)
class Picture:
    """One image in its two roles: ``given`` (H, W, C) as it came, and ``input`` (H, W, C) for the model.

    A signal is (L, C) and a volume (D, H, W, C).
    """

    name: str
    given: np.ndarray
    input: np.ndarray
    preprocess: Preprocess | None = None

    @cached_property
    def range(self) -> tuple[float, float]:
        """Black and white of the image as given, inferred from its values: 0..255, 0..1, -1..1, else the lowest and highest."""
        low, high = float(self.given.min()), float(self.given.max())
        if self.given.dtype == np.uint8:
            return 0.0, 255.0
        if low >= -1 and high <= 1:
            return (0.0 if low >= 0 else -1.0), 1.0
        return (0.0, 255.0) if low >= 0 and high <= 255 else (low, high)

    @cached_property
    def shown(self) -> np.ndarray:
        """uint8 (H, W, 3), or (D, H, W, 3), for display."""
        return self.as_shown(self.given)

    def as_shown(self, image: np.ndarray) -> np.ndarray:
        """Another image of the same kind, as given, for display: black and white are those of this one."""
        if image.dtype != np.uint8:
            low, high = self.range
            image = np.clip((image - low) / max(high - low, 1e-12) * 255, 0, 255).round().astype(np.uint8)
        grey_or_rgb = image[..., :3] if image.shape[-1] >= 3 else image[..., :1]
        return np.ascontiguousarray(np.broadcast_to(grey_or_rgb, (*image.shape[:-1], 3)))

    @cached_property
    def origin(self) -> tuple[str, Hashable]:
        """What a baseline depends on beside ``input``: the image as given, and its preprocessing.

        It keeps no function alive; a function that cannot be hashed equals no other.
        """
        return digest(self.given), self.preprocess and _weakly(self.preprocess)

    def fed(self, given: np.ndarray) -> np.ndarray:
        """Another image of the same shape, as displayed, as the model takes it."""
        fed = given if self.preprocess is None else preprocessed(self.preprocess, given, "a baseline")
        return fed.reshape(self.input.shape).astype(self.input.dtype)


def _weakly(function: Preprocess) -> Hashable:
    try:
        hash(reference := weakref.ref(function))
    except TypeError:
        return object()
    return reference


# One picture for each of a model's inputs.
Example = tuple[Picture, ...]


def examples_of(
    images: InputsLike, inputs: Sequence[Input], preprocess: Preprocess | Mapping[str, Preprocess] | None, prefix: str = ""
) -> list[Example]:
    """Read the images that a user passes.

    Parameters
    ----------
    images
        For a model with one input: as ``split`` takes them. For several inputs a dict by input name, or a tuple or list
        with one entry for each, each a single image or all of them batches of one length.
    preprocess
        For several inputs a dict by input name.

    Raises
    ------
    TypeError, ValueError
        When an entry is missing, or an image does not fit its input.
    """
    columns = [split(entry, each.image_shape) for entry, each in zip(_by_input(images, inputs), inputs, strict=True)]
    if len({len(column) for column in columns}) != 1:
        raise ValueError("The inputs hold different numbers of images; pass one for each, or batches of one length.")
    functions = by_input(preprocess, inputs)
    return [
        tuple(
            picture_of(
                source, each.image_shape, functions.get(each.name), _name(source) or (f"{prefix} {number}" if prefix else "")
            )
            for source, each in zip(row, inputs, strict=True)
        )
        for number, row in enumerate(zip(*columns, strict=True))
    ]


def by_input(
    preprocess: Preprocess | Mapping[str, Preprocess] | None, inputs: Sequence[Input]
) -> Mapping[str, Preprocess | None]:
    """The preprocessing of each input by its name; raises ``TypeError`` for a single one where there are several inputs."""
    functions = preprocess if isinstance(preprocess, Mapping) else {"": preprocess}
    for function in functions.values():
        if function is not None and not callable(function):
            raise TypeError(
                f"preprocess is a function of an image (H, W, C), for several inputs a dict of them, not {function!r}."
            )
    if isinstance(preprocess, Mapping):
        if unknown := set(preprocess) - {each.name for each in inputs}:
            names = ", ".join(each.name for each in inputs)
            raise ValueError(f"preprocess= names {', '.join(map(repr, unknown))}, but the model's inputs are {names}.")
        return preprocess
    if len(inputs) > 1 and preprocess is not None:
        names = ", ".join(each.name for each in inputs)
        raise TypeError(f"The model has several inputs: pass preprocess= as a dict by input name ({names}).")
    return {each.name: preprocess for each in inputs}


def are_several(images: InputsLike, inputs: Sequence[Input]) -> bool:
    """Whether ``images`` stands for several examples, so that several answers come back."""
    return is_batch(_by_input(images, inputs)[0], inputs[0].image_shape)


def _by_input(images: InputsLike, inputs: Sequence[Input]) -> list[ImagesLike]:
    if len(inputs) == 1:
        return [images]  # type: ignore[list-item] # a dict is refused where it is read
    names = ", ".join(each.name for each in inputs)
    if isinstance(images, Mapping):
        if set(images) != {each.name for each in inputs}:
            raise ValueError(f"The model's inputs are {names}; pass an image for each by its name.")
        return [images[each.name] for each in inputs]
    if not isinstance(images, (list, tuple)) or len(images) != len(inputs):
        raise ValueError(
            f"The model has {len(inputs)} inputs ({names}); pass a dict by name, or a list with one image for each."
        )
    return list(images)


# File names by the ids of the arrays that were read from them, as long as these live.
_files: dict[int, str] = {}


def _name(source: ImageLike) -> str:
    """The name of a file, or of the file that an array was read from; else ``""``."""
    return Path(source).name if isinstance(source, (str, os.PathLike)) else _files.get(id(source), "")


def read_from(file: str, array: np.ndarray) -> None:
    """Remember the file that an array was read from: an array itself cannot carry a name."""
    _files[id(array)] = file
    weakref.finalize(array, _files.pop, id(array), None)


def picture_of(source: ImageLike, shape: Shape, preprocess: Preprocess | None = None, name: str = "") -> Picture:
    """Read one image for a model of input shape (H, W, C), a signal for (L, C), or a volume for (D, H, W, C).

    Paths, Pillow images and uint8 arrays are photographs: they are resized to H x W (Pillow, bilinear) and, where they
    are Pillow images or files, turned upright and into 8 bits of grey or RGB (``salwidget.photographs``). Float arrays are
    data: they must fit as they are. ``preprocess`` then gets float32 (H, W, C) and returns the model's input.

    Raises
    ------
    TypeError, ValueError
        When the image, or what ``preprocess`` returns for it, does not fit; with both shapes.
    """
    file = _name(source)
    if isinstance(source, (str, os.PathLike)):
        name = name or file
        source = opened(source)
    if isinstance(source, Image.Image):
        if len(shape) != 3:
            raise ValueError(f"The model takes inputs of shape {_shape_text(shape)}, not photographs; pass an array.")
        source = pixels_of(source, grey=shape[-1] == 1)
    if not isinstance(source, np.ndarray):
        try:
            source = np.asarray(source)
        except Exception as error:
            raise TypeError(f"An image is an array, a Pillow image or a path, not {type(source).__name__}.") from error
    image = _with_channels(source, shape)
    if not np.all(np.isfinite(image)):
        raise ValueError("The image holds NaN or infinite values; replace them first.")
    if image.dtype == np.uint8 and len(shape) == 3 and _size(image, shape) != image.shape[:2]:
        height, width = _size(image, shape)
        grey = image.shape[-1] == 1
        small = Image.fromarray(image[..., 0] if grey else image).resize((width, height), Image.Resampling.BILINEAR)
        image = np.asarray(small).reshape(height, width, -1)
    given = image.astype(np.float64 if image.dtype == np.float64 else np.float32)
    fed = given if preprocess is None else preprocessed(preprocess, image, name or "the image")
    if not np.issubdtype(fed.dtype, np.floating):
        fed = fed.astype(np.float32)  # methods compute with it: differences of uint8 would wrap around
    if fed.ndim == 4 and len(fed) == 1:
        fed = fed[0]
    if fed.ndim != len(shape) or any(want not in (None, have) for have, want in zip(fed.shape, shape, strict=True)):
        made = "preprocess made" if preprocess else "the image has"
        raise ValueError(f"The model takes images of shape {_shape_text(shape)}, but {made} {_shape_text(fed.shape)}.")
    if file and id(image) not in _files:
        read_from(file, image)
    return Picture(name, image, fed, preprocess)


def preprocessed(preprocess: Preprocess, image: np.ndarray, name: str) -> np.ndarray:
    """An image as displayed, after the user's preprocessing.

    Raises
    ------
    TypeError, ValueError
        Unless the result is an array of finite numbers.
    """
    made = np.asarray(preprocess(image.astype(np.float32)))
    if made.dtype.kind not in "biuf":
        kind = "None" if made.shape == () and made[()] is None else f"values of type {made.dtype}"
        raise TypeError(f"preprocess returns an array of numbers, but of {name} it made {kind}.")
    if not np.all(np.isfinite(made)):
        share = 1 - float(np.isfinite(made).mean())
        raise ValueError(f"preprocess made {share:.2%} of {name} NaN or infinite: does it divide by zero?")
    return made


def split(images: ImagesLike, shape: Shape) -> list[ImageLike]:
    """A list with one source per image: a batch array or a list is split, a single image becomes a list of one."""
    if isinstance(images, np.ndarray):
        return list(images) if images.ndim == len(shape) + 1 or _grey_batch(images, shape) else [images]
    if isinstance(images, Sequence) and not isinstance(images, (str, bytes)):
        return list(images)
    if hasattr(images, "numpy"):
        return split(images.numpy(), shape)
    return [images]


def is_batch(images: ImagesLike, shape: Shape) -> bool:
    """Whether ``images`` stands for several images, so that several answers come back."""
    if hasattr(images, "ndim"):
        return bool(images.ndim == len(shape) + 1) or _grey_batch(images, shape)
    return isinstance(images, Sequence) and not isinstance(images, (str, bytes))


def _grey_batch(images: np.ndarray | Tensor, shape: Shape) -> bool:
    """(N, H, W) for a model with one channel."""
    fits = all(want in (None, have) for have, want in zip(images.shape[1:], shape[:-1], strict=False))
    return images.ndim == len(shape) and shape[-1] == 1 and fits and images.shape[-1] != 1


def _with_channels(image: np.ndarray, shape: Shape) -> np.ndarray:
    if image.dtype == bool or not (np.issubdtype(image.dtype, np.integer) or np.issubdtype(image.dtype, np.floating)):
        raise TypeError(f"An image holds numbers, not {image.dtype}.")
    if image.ndim == len(shape) - 1 and shape[-1] == 1:
        image = image[..., None]
    if image.ndim != len(shape) or shape[-1] not in (None, image.shape[-1]):
        raise ValueError(f"The model takes images of shape {_shape_text(shape)}, but the image has {_shape_text(image.shape)}.")
    return image


def _size(image: np.ndarray, shape: Shape) -> tuple[int, int]:
    return shape[0] or image.shape[0], shape[1] or image.shape[1]


def _shape_text(shape: Sequence[int | None]) -> str:
    return "(" + ", ".join("any" if size is None else str(size) for size in shape) + ")"
