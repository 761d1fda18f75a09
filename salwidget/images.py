"""From what a person has (an array, a Pillow image, a path) to what a model takes."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

Preprocess = Callable[[np.ndarray], np.ndarray]

LARGEST = 25_000_000  # pixels; a decoded photograph past this is a mistake, or an attack on memory
FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF")


@dataclass(frozen=True)
class Picture:
    """One image in its two roles: ``given`` (H, W, C) as it came, and ``input`` float (H, W, C) for the model."""

    name: str
    given: np.ndarray
    input: np.ndarray

    @cached_property
    def shown(self) -> np.ndarray:
        """uint8 (H, W, 3) for people."""
        return _shown(self.given)


def picture_of(source: Any, shape: tuple[int | None, ...], preprocess: Preprocess | None = None, name: str = "") -> Picture:
    """Read one image for a model of input shape (H, W, C).

    Paths, Pillow images and uint8 arrays are photographs: they are resized to H x W (Pillow, bilinear) and, where they
    are Pillow images or files, turned into grey or RGB. Float arrays are data: they must fit as they are. ``preprocess``
    then gets float32 (H, W, C) and returns the model's input.

    Raises
    ------
    TypeError, ValueError
        With both shapes, when the image, or what ``preprocess`` makes of it, does not fit.
    """
    if isinstance(source, (str, os.PathLike)):
        name = name or Path(source).name
        source = opened(source)
    if isinstance(source, Image.Image):
        source = np.asarray(source.convert("L" if shape[-1] == 1 else "RGB"))
    if not isinstance(source, np.ndarray):
        try:
            source = np.asarray(source)
        except Exception as error:
            raise TypeError(f"An image is an array, a Pillow image or a path, not {type(source).__name__}.") from error
    image = _with_channels(source, shape)
    if not np.all(np.isfinite(image)):
        raise ValueError("The image holds NaN or infinite values; replace them first.")
    if image.dtype == np.uint8 and _size(image, shape) != image.shape[:2]:
        height, width = _size(image, shape)
        grey = image.shape[-1] == 1
        small = Image.fromarray(image[..., 0] if grey else image).resize((width, height), Image.Resampling.BILINEAR)
        image = np.asarray(small).reshape(height, width, -1)
    given = image.astype(np.float64 if image.dtype == np.float64 else np.float32)
    fed = given if preprocess is None else np.asarray(preprocess(image.astype(np.float32)))
    if fed.ndim == 4 and len(fed) == 1:
        fed = fed[0]
    if fed.ndim != len(shape) or any(want not in (None, have) for have, want in zip(fed.shape, shape, strict=True)):
        made = "preprocess made" if preprocess else "the image has"
        raise ValueError(f"The model takes images of shape {_words(shape)}, but {made} {_words(fed.shape)}.")
    return Picture(name, image, fed)


def opened(source: Any) -> Image.Image:
    """A Pillow image from a path or a binary file, checked for format and size before it is decoded.

    Raises
    ------
    ValueError
        When it is no image that Pillow knows, is damaged, or has more than 25 megapixels.
    """
    label = Path(source).name if isinstance(source, (str, os.PathLike)) else "The file"
    try:
        image = Image.open(source, formats=FORMATS)
        if image.width * image.height > LARGEST:
            raise ValueError(
                f"{label} has {image.width} x {image.height} pixels; at most 25 megapixels are read: scale it down."
            )
        image.load()
    except FileNotFoundError as error:
        raise ValueError(f"There is no file {str(source)!r}.") from error
    except (OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise ValueError(f"{label} is not an image that can be read ({', '.join(FORMATS)}).") from error
    return image


def split(images: Any, shape: tuple[int | None, ...]) -> list[Any]:
    """One source for each image: a batch array or a list is taken apart, a single image becomes a list of one."""
    if isinstance(images, np.ndarray):
        return list(images) if images.ndim == len(shape) + 1 or _grey_batch(images, shape) else [images]
    if isinstance(images, Sequence) and not isinstance(images, (str, bytes)):
        return list(images)
    if hasattr(images, "numpy"):
        return split(images.numpy(), shape)
    return [images]


def is_batch(images: Any, shape: tuple[int | None, ...]) -> bool:
    """Whether ``images`` stands for several images, so that several answers come back."""
    if hasattr(images, "ndim"):
        return bool(images.ndim == len(shape) + 1) or _grey_batch(images, shape)
    return isinstance(images, Sequence) and not isinstance(images, (str, bytes))


def _grey_batch(images: Any, shape: tuple[int | None, ...]) -> bool:
    """(N, H, W) for a model with one channel."""
    return images.ndim == 3 and shape[-1] == 1 and _size_fits(images.shape[1:], shape)


def _size_fits(size: Sequence[int], shape: tuple[int | None, ...]) -> bool:
    return all(want in (None, have) for have, want in zip(size, shape[:2], strict=True))


def _with_channels(image: np.ndarray, shape: tuple[int | None, ...]) -> np.ndarray:
    if image.dtype == bool or not (np.issubdtype(image.dtype, np.integer) or np.issubdtype(image.dtype, np.floating)):
        raise TypeError(f"An image holds numbers, not {image.dtype}.")
    if image.ndim == 2 and shape[-1] == 1:
        image = image[..., None]
    if image.ndim != 3 or image.shape[-1] != shape[-1]:
        raise ValueError(f"The model takes images of shape {_words(shape)}, but the image has {_words(image.shape)}.")
    return image


def _size(image: np.ndarray, shape: tuple[int | None, ...]) -> tuple[int, int]:
    return shape[0] or image.shape[0], shape[1] or image.shape[1]


def _shown(image: np.ndarray) -> np.ndarray:
    """uint8 RGB of an image whose range is told from its values: 0..255, 0..1, -1..1, else stretched."""
    if image.dtype != np.uint8:
        low, high = float(image.min()), float(image.max())
        if low >= 0 and high <= 1:
            low, high = 0.0, 1.0
        elif low >= -1 and high <= 1:
            low, high = -1.0, 1.0
        elif low >= 0 and high <= 255:
            low, high = 0.0, 255.0
        image = np.clip((image - low) / max(high - low, 1e-12) * 255, 0, 255).round().astype(np.uint8)
    grey_or_rgb = image[..., :3] if image.shape[-1] >= 3 else image[..., :1]
    return np.ascontiguousarray(np.broadcast_to(grey_or_rgb, (*image.shape[:2], 3)))


def _words(shape: Sequence[int | None]) -> str:
    return "(" + ", ".join("any" if size is None else str(size) for size in shape) + ")"
