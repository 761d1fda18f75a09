"""A region of an image: which pixels are in it, and how much of a map lies there."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from salwidget.drawing import about_zero
from salwidget.photographs import opened, pixels_of

# Of a mask's pixels as many may be neither black nor white: edges that were smoothed. Photographs have far more.
SMOOTHED = 0.05
# Distance to black or white, of 255, at which a pixel is that (JPEG moves them).
NEAR = 16


def region_of(source: Any, size: Sequence[int]) -> np.ndarray:
    """Read a region: bool (H, W), True inside.

    Parameters
    ----------
    source
        An array (H, W) of bool, or of 0 and one other number; or a mask as a file or a Pillow
        image, white inside, which is brought to ``size`` as photographs are (each pixel takes the nearest).
    size
        (H, W) of the image.

    Raises
    ------
    ValueError, TypeError
        For an empty region, one of another size, what is no mask, or a signal or volume, which has no regions here.
    """
    if len(size) != 2:
        kind = "signal" if len(size) == 1 else "volume"
        raise ValueError(f"Regions are of images (H, W), and this is a {kind} of {'×'.join(map(str, size))}.")
    if isinstance(source, (str, os.PathLike)):
        inside = _mask(opened(source), Path(source).name, size)
    elif isinstance(source, Image.Image):
        inside = _mask(source, "The Pillow image", size)
    else:
        inside = _marked(source)
    if inside.shape != tuple(size):
        have, want = ("×".join(map(str, shape)) for shape in (inside.shape, size))
        raise ValueError(f"The region has {have} pixels, but the image has {want}: mark it at that size.")
    return not_empty(inside)


def not_empty(inside: np.ndarray) -> np.ndarray:
    """``inside``, unless it is empty."""
    if not inside.any():
        raise ValueError("The region is empty: mark at least one pixel of the image.")
    return inside


def _marked(source: Any) -> np.ndarray:
    values = np.asarray(source)
    if values.dtype.kind not in "buif":
        raise TypeError(f"A region is a boolean array (H, W), a mask file or a Pillow image, not {type(source).__name__}.")
    others = np.unique(values[values != 0])
    if len(others) > 1 or not np.isfinite(others).all():
        raise ValueError("A region says of each pixel whether it is in it, but this array holds several numbers: compare it.")
    return values.astype(bool)


def _mask(image: Image.Image, name: str, size: Sequence[int]) -> np.ndarray:
    """White pixels of a mask, at ``size``."""
    grey = pixels_of(image, grey=True)
    low, high = int(grey.min()), int(grey.max())
    # Files that count classes hold 0 and 1, or other two values.
    top = 255 if low == high or len(np.unique(grey)) > 2 else high
    if low == high:
        inside = np.full(grey.shape, low > 0)
    else:
        smoothed = np.mean((grey > NEAR) & (grey < top - NEAR)) if top == 255 else 0.0
        if smoothed > SMOOTHED:
            raise ValueError(f"{name} is no mask: {smoothed:.0%} of its pixels are neither black nor white.")
        inside = grey > top / 2
    fitted = Image.fromarray(inside.astype(np.uint8)).resize((size[1], size[0]), Image.Resampling.NEAREST)
    return np.asarray(fitted).astype(bool)


@dataclass(frozen=True)
class Share:
    """How much of a map lies in a region. Printed, it is its sentence.

    Attributes
    ----------
    positive, negative, absolute : float
        The region's part, 0 to 1, of the sum of the map's positive values, its negative ones, and all magnitudes; NaN where
        the map has none.
    area : float
        The region's part of the pixels.
    ratio : float
        ``positive / area``, or ``absolute / area`` for a map without positive values; NaN where the map is about zero.
    sentence : str
    """

    positive: float
    negative: float
    absolute: float
    area: float
    ratio: float
    sentence: str

    def __str__(self) -> str:
        return self.sentence


def share_of(values: np.ndarray, region: Any) -> Share:
    """The share of a region in a map (H, W); values that are not finite count as zero."""
    inside = region_of(region, values.shape)
    values = np.where(np.isfinite(values), values, 0).astype(np.float64)
    area = float(inside.mean())

    def part(of: np.ndarray) -> float:
        whole = float(of.sum())
        return float(of[inside].sum()) / whole if whole else float("nan")

    if about_zero(values):
        nothing = float("nan")
        return Share(nothing, nothing, nothing, area, nothing, "The map is about zero: a region has no share of it.")
    positive, negative, absolute = part(np.maximum(values, 0)), part(np.maximum(-values, 0)), part(np.abs(values))
    kind, share = ("positive", positive) if np.isfinite(positive) else ("absolute", absolute)
    ratio = share / area
    sentence = f"{share:.0%} of the {kind} attribution in {area:.0%} of the area: {ratio:.1f} times its share."
    return Share(positive, negative, absolute, area, ratio, sentence)
