"""Pictures as arrays: reading, scaling, stitching, drawing text."""

from __future__ import annotations

import logging
import math
import os
from collections.abc import Sequence

import keras
import numpy as np
from numpy.typing import ArrayLike
from PIL import Image, ImageDraw, ImageFont

from salwidget.photographs import opened, pixels_of
from salwidget.tensors import Tensor
from salwidget.vis.backend import generator

_log = logging.getLogger("salwidget.vis")


def normalize(array: ArrayLike, min_value: float = 0.0, max_value: float = 1.0) -> np.ndarray:
    """``array`` scaled as a whole so that its smallest value is ``min_value`` and its largest ``max_value``.

    A constant array becomes ``min_value`` everywhere. (keras-vis added 1e-7 to the range, which made maps of small gradients
    dark.)
    """
    array = np.asarray(array)
    if not np.issubdtype(array.dtype, np.floating):
        array = array.astype(np.float64)
    low, high = array.min(), array.max()
    if low == high:
        return np.full_like(array, min_value)
    scaled: np.ndarray = (max_value - min_value) * ((array - low) / (high - low)) + min_value
    return scaled


def deprocess_input(input_array: ArrayLike, input_range: tuple[float, float] = (0, 255)) -> np.ndarray:
    """An image scaled for display: its mean in the middle of ``input_range``, its deviation a tenth of it, clipped."""
    array = np.asarray(input_array, float)
    low, high = input_range
    centred = array - array.mean()
    deviation = centred.std()
    shares = 0.5 + (0.1 * centred / deviation if deviation > 0 else 0 * centred)
    image: np.ndarray = low + (high - low) * np.clip(shares, 0, 1)
    return image


def random_array(shape: Sequence[int], mean: float = 128.0, std: float = 20.0, seed: int | None = None) -> np.ndarray:
    """Uniform noise of exactly this mean and standard deviation; without ``seed``, see ``set_random_seed``."""
    noise = generator(seed).uniform(size=tuple(shape))
    noise -= noise.mean()
    return mean + std * noise / (noise.std() or 1.0)


def bgr2rgb(img: ArrayLike) -> np.ndarray:
    """Blue-green-red channels as red-green-blue, and vice versa: the last axis reversed."""
    return np.asarray(img)[..., ::-1]


def get_img_shape(img: np.ndarray | Tensor) -> tuple[int | None, ...]:
    """The shape of a batch of images (an array or a tensor) as (samples, channels, sizes ...).

    The axis of channels is that of ``keras.config.image_data_format()``.
    """
    shape = tuple(img.shape)
    return shape if keras.config.image_data_format() == "channels_first" else (shape[0], shape[-1], *shape[1:-1])


def load_img(path: str | os.PathLike[str], grayscale: bool = False, target_size: tuple[int, int] | None = None) -> np.ndarray:
    """A picture from a file, upright: uint8 (height, width, 3), or (height, width) in grey.

    Parameters
    ----------
    target_size
        (height, width) to resize it to (Pillow, bilinear).

    Raises
    ------
    ValueError
        When there is no such file, or it is not an image.
    """
    image = Image.fromarray(pixels_of(opened(path), grey=grayscale))
    if target_size is not None:
        image = image.resize((target_size[1], target_size[0]), Image.Resampling.BILINEAR)
    return np.asarray(image)


def stitch_images(images: Sequence[np.ndarray], margin: int = 5, cols: int = 5) -> np.ndarray:
    """Pictures (h, w, c) of one size in rows of ``cols``, with a black margin between them.

    Raises
    ------
    ValueError
        When there are no pictures, or their shapes differ.
    """
    if len(images) == 0 or len({np.shape(image) for image in images}) != 1 or np.ndim(images[0]) != 3:
        raise ValueError("images is a list of at least one picture (height, width, channels), all of one shape.")
    height, width, channels = images[0].shape
    rows, across = math.ceil(len(images) / cols), min(len(images), cols)
    size = rows * (height + margin) - margin, across * (width + margin) - margin, channels
    stitched = np.zeros(size, images[0].dtype)
    for index, image in enumerate(images):
        top, left = index // cols * (height + margin), index % cols * (width + margin)
        stitched[top : top + height, left : left + width] = image
    return stitched


def draw_text(
    img: np.ndarray,
    text: str,
    position: tuple[int, int] = (10, 10),
    font: str | None = None,
    font_size: int = 14,
    color: tuple[int, int, int] = (0, 0, 0),
) -> np.ndarray:
    """A copy of a uint8 picture (height, width, 3) with text on it.

    Parameters
    ----------
    position
        (x, y) of the text's upper left corner.
    font
        Path or name of a TrueType font. ``None``, or a font that is not found (the logger ``salwidget.vis`` warns): Pillow's
        own.
    """
    face: ImageFont.FreeTypeFont | ImageFont.ImageFont | None = None
    if font is not None:
        try:
            face = ImageFont.truetype(font, font_size)
        except OSError:
            _log.warning("There is no font %r here; the text is written in Pillow's own.", font)
    face = face or ImageFont.load_default(font_size)
    picture = Image.fromarray(np.asarray(img, np.uint8))
    ImageDraw.Draw(picture).text(position, text, fill=color, font=face)
    return np.array(picture)


def overlay(array1: np.ndarray, array2: np.ndarray, alpha: float = 0.5) -> np.ndarray:
    """``alpha`` of the first array over the rest of the second, in the first one's type.

    Raises
    ------
    ValueError
        For shapes that differ, or an ``alpha`` outside [0, 1].
    """
    if not 0 <= alpha <= 1:
        raise ValueError(f"alpha={alpha} is out of range; use a number from 0 to 1.")
    if array1.shape != array2.shape:
        raise ValueError(f"The arrays have shapes {array1.shape} and {array2.shape}; make them equal.")
    mixed = alpha * array1 + (1 - alpha) * array2
    return (np.rint(mixed) if np.issubdtype(array1.dtype, np.integer) else mixed).astype(array1.dtype)
