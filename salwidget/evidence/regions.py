"""Ways to mark a region. Each gives bool (H, W) at ``size`` = (H, W), the size of the image that the model takes.

Points are (x, y) in pixels from the upper left corner, as in COCO and in the page; the centre of the first pixel is at
(0.5, 0.5), and a pixel is in a region if its centre is. What lies beyond the image is cut off.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from salwidget.drawing import photograph_of
from salwidget.region import not_empty

Size = tuple[int, int]
# Superpixels of an image, about: of 224 x 224 each has then the area of 16 x 16.
SUPERPIXELS = 196


def rectangle(size: Size, x: float, y: float, width: float, height: float) -> np.ndarray:
    """A box by its upper left corner, its width and its height, as COCO writes boxes.

    Raises
    ------
    ValueError
        When no pixel is in it.
    """
    rows, columns = _centres(size)
    return not_empty(np.outer((rows >= y) & (rows < y + height), (columns >= x) & (columns < x + width)))


def polygon(size: Size, points: Any) -> np.ndarray:
    """What a lasso encloses: corners (N, 2) of (x, y), or flat as in COCO, [x1, y1, x2, y2, ...]; it closes itself.

    Where the line crosses itself, what it goes around an even number of times is outside.

    Raises
    ------
    ValueError, TypeError
        For fewer than three corners, what is no list of points, or when no pixel is in it.
    """
    corners = _points(points)
    if len(corners) < 3:
        raise ValueError(f"A polygon has at least three corners, not {len(corners)}.")
    height, width = size
    rows, _ = _centres(size)
    # A row of pixels turns in or out where an edge crosses the line through its centres.
    turns = np.zeros((height, width + 1), int)
    for (x1, y1), (x2, y2) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        crossed = np.flatnonzero((rows >= min(y1, y2)) & (rows < max(y1, y2)))
        at = x1 + (rows[crossed] - y1) * (x2 - x1) / (y2 - y1) if crossed.size else rows[crossed]
        turns[crossed, np.clip(np.ceil(at - 0.5), 0, width).astype(int)] += 1
    return not_empty(np.cumsum(turns, axis=1)[:, :width] % 2 == 1)


def brush(size: Size, points: Any, radius: float) -> np.ndarray:
    """A stroke through ``points`` (N, 2) of (x, y): all within ``radius`` pixels of the line; one point is a dot.

    Raises
    ------
    ValueError, TypeError
        For a radius that is not positive, what is no list of points, or when no pixel is under it.
    """
    path = _points(points)
    if not radius > 0 or not math.isfinite(radius):
        raise ValueError(f"radius={radius!r} is no size of a brush: use a number of pixels above 0.")
    rows, columns = _centres(size)
    inside = np.zeros(size, bool)
    for start, end in zip(path, path[1:] if len(path) > 1 else path, strict=False):
        (x, y), (along_x, along_y) = start, end - start
        near = np.ix_(
            *(
                np.flatnonzero((centres >= min(a, b) - radius) & (centres <= max(a, b) + radius))
                for centres, a, b in ((rows, y, end[1]), (columns, x, end[0]))
            )
        )
        from_x, from_y = columns[near[1]] - x, rows[near[0]] - y
        length = along_x**2 + along_y**2
        nearest = np.clip((from_x * along_x + from_y * along_y) / length, 0, 1) if length else 0.0
        inside[near] |= (from_x - nearest * along_x) ** 2 + (from_y - nearest * along_y) ** 2 <= radius**2
    return not_empty(inside)


def superpixels(image: Any, count: int = SUPERPIXELS) -> np.ndarray:
    """The number of the superpixel of each pixel, int (H, W): scikit-image's SLIC (Achanta et al. 2012).

    ``image`` is an array, a Pillow image or a path, at the size of the model's input; about ``count`` come out.
    """
    from skimage.segmentation import slic  # here: 0.2 s to import

    labels: np.ndarray = slic(photograph_of(image), n_segments=count, start_label=0, channel_axis=-1)
    return labels


def superpixel(image: Any, points: Any, count: int = SUPERPIXELS) -> np.ndarray:
    """The superpixels of ``superpixels`` under ``points``, (x, y) each.

    Raises
    ------
    ValueError, TypeError
        For a point outside of the image, or what is no list of points.
    """
    numbers = superpixels(image, count)
    height, width = numbers.shape
    columns, rows = np.floor(_points(points)).astype(int).T
    if not np.all((rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)):
        raise ValueError(f"A point lies outside of the image, which is {width} pixels wide and {height} high.")
    return np.isin(numbers, numbers[rows, columns])


def strongest(values: Any, percent: float) -> np.ndarray:
    """The pixels of a map (H, W), or ``Heatmap``, that have its largest magnitudes: ``percent`` of all, at least one.

    Of equal ones those that come first in reading order.

    Raises
    ------
    ValueError, TypeError
        For a percentage that is not in 0 to 100, a map of a signal or volume, or one that is not finite.
    """
    return _ranked(values, percent, -1)


def weakest(values: Any, percent: float) -> np.ndarray:
    """The same of the smallest magnitudes."""
    return _ranked(values, percent, 1)


def _ranked(values: Any, percent: float, sign: int) -> np.ndarray:
    magnitudes = np.abs(np.asarray(values, np.float64))
    if magnitudes.ndim != 2:
        raise ValueError(f"Regions are of maps of images (H, W), and this one has shape {magnitudes.shape}.")
    if not np.isfinite(magnitudes).all():
        raise ValueError("The map holds NaN or infinite values, which have no rank: mark a region by hand.")
    if isinstance(percent, bool) or not 0 < percent <= 100:
        raise ValueError(f"percent={percent!r} is out of range; use a number above 0, up to 100.")
    inside = np.zeros(magnitudes.size, bool)
    inside[np.argsort(sign * magnitudes.ravel(), kind="stable")[: max(1, round(percent / 100 * magnitudes.size))]] = True
    return inside.reshape(magnitudes.shape)


def _centres(size: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
    height, width = size
    return np.arange(height) + 0.5, np.arange(width) + 0.5


def _points(points: Any) -> np.ndarray:
    try:
        flat = np.asarray(points, np.float64)
    except (TypeError, ValueError) as error:
        raise TypeError("Points are pairs (x, y) of numbers in a list or an array (N, 2).") from error
    if not flat.size or flat.ndim not in (1, 2) or (flat.size % 2 if flat.ndim == 1 else flat.shape[1] != 2):
        raise TypeError(f"Points are pairs (x, y) of numbers in a list or an array (N, 2), not of shape {flat.shape}.")
    if not np.isfinite(flat).all():
        raise ValueError("A point is NaN or infinite.")
    return flat.reshape(-1, 2)
