"""Photographs: files and Pillow images of any mode, turned upright, as 8 bits of grey or RGB."""

from __future__ import annotations

import os
import struct
from pathlib import Path
from typing import IO

import numpy as np
from PIL import ExifTags, Image

LARGEST = 25_000_000  # pixels; a decoded photograph past this is a mistake, or an attack on memory
FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF")

# The transposition that turns a photograph upright, by its EXIF orientation.
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

# Pillow's own conversions clip these modes at 255.
WIDE = ("I", "I;16", "I;16B", "I;16L", "I;16N", "F")


def opened(source: str | os.PathLike[str] | IO[bytes]) -> Image.Image:
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


def pixels_of(image: Image.Image, grey: bool) -> np.ndarray:
    """uint8 (H, W) of grey, or (H, W, 3) of RGB, turned as its EXIF orientation says.

    16 bits are scaled by 1/257, floats in 0..1 by 255, and rounded; integers and floats in 0..255 stay as they are.
    Transparency is dropped, as in ``keras.utils.load_img``.

    Raises
    ------
    ValueError
        For a mode that cannot become RGB, or numbers outside these ranges.
    """
    try:
        image.load()  # first: a TIFF turns itself, and is upright then
    except (OSError, SyntaxError) as error:
        raise ValueError("The image cannot be read: its file is damaged, or closed.") from error
    turn = TURNS.get(_orientation(image))
    if image.mode in WIDE:
        image = Image.fromarray(_eight_bits(image))
    elif image.mode == "La":
        image = image.convert("LA")
    elif "transparency" in image.info:
        image = image.convert("RGBA")  # without a palette's transparency in bytes, of which Pillow warns
    try:
        image = image.convert("RGB")
    except (ValueError, ImportError) as error:
        raise ValueError(f"An image of Pillow's mode {image.mode!r} can't be read: convert it to RGB first.") from error
    image = image.convert("L") if grey else image
    return np.asarray(image if turn is None else image.transpose(turn))


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(ExifTags.Base.Orientation, 1))
    except (OSError, SyntaxError, ValueError, TypeError, struct.error):  # a damaged header, which says nothing
        return 1


def _eight_bits(image: Image.Image) -> np.ndarray:
    values = np.asarray(image).astype(np.float64)
    if not np.all(np.isfinite(values)):
        raise ValueError("The image holds NaN or infinite values; replace them first.")
    low, high = float(values.min()), float(values.max())
    tops: tuple[int, ...] = (1, 255) if image.mode == "F" else (255, 65535)
    if image.mode.startswith("I;16") or (image.mode == "I" and image.format == "PNG"):  # Pillow 10 opens 16 bits so
        tops = tops[1:]
    top = next((top for top in tops if low >= 0 and high <= top), None)
    if top is None:
        known = " or ".join(f"0..{top}" for top in tops)
        raise ValueError(f"The image holds numbers from {low:g} to {high:g}: scale it to {known}, or pass an array.")
    return np.floor(values * (255 / top) + 0.5).astype(np.uint8)
