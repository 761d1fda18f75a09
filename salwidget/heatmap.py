"""The answer: a map of raw values, what they mean, and what they cost."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from PIL import Image

from salwidget.query import Query


@dataclass(frozen=True, eq=False)
class Heatmap:
    """A map over the pixels of an image.

    Attributes
    ----------
    values
        float32 (H, W) at the size of the model's input, signed where the method is; never normalised.
    cells
        The same values at the size at which they were computed, before resizing (7 x 7 for a CAM, say).
    query
        The question. Two heatmaps are equal when their queries are.
    target
        The target in words, e.g. ``"layer 155 predictions, filter 20, logit"``.
    signed
        Whether negative values mean something.
    units
        What one unit of a value is.
    clip
        Percentile of the absolute values at which a drawing's scale should end (heavy tails hide a gradient map).
    notes
        What a person should know: where a CAM looked, how many rectifiers were modified.
    score
        Value of the target on this image; NaN for a method without a target.
    seconds, passes
        What it cost: wall time, and forward or forward + gradient passes of the model.
    picture
        uint8 (h, w, 3) where the map has colours of its own (weights of a first convolution), else None.
    """

    values: np.ndarray
    cells: np.ndarray
    query: Query
    target: str
    signed: bool
    units: str
    clip: float
    notes: tuple[str, ...] = ()
    score: float = float("nan")
    seconds: float = 0.0
    passes: int = 0
    picture: np.ndarray | None = field(default=None, repr=False)

    @cached_property
    def top(self) -> float:
        """The magnitude at which a drawing's scale ends; the largest, where nearly all values are zero."""
        magnitudes = np.abs(self.values)
        return float(np.percentile(magnitudes, self.clip)) or float(magnitudes.max())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Heatmap) and self.query == other.query

    def __hash__(self) -> int:
        return hash(self.query)

    def __array__(self, dtype: np.dtype | None = None, copy: bool | None = None) -> np.ndarray:
        return np.array(self.values, dtype=dtype, copy=True if copy is None else copy)

    def __repr__(self) -> str:
        height, width = self.values.shape
        low, high = self.values.min(), self.values.max()
        return f"<Heatmap {self.query.method} of {self.target}: {height}x{width}, {low:.3g} to {high:.3g} {self.units}>"


def resized(cells: np.ndarray, size: tuple[int, int], smooth: bool) -> np.ndarray:
    """``cells`` (h, w) at ``size`` (H, W): bilinear where ``smooth``, else each cell a block of its own."""
    if cells.shape == tuple(size):
        return np.ascontiguousarray(cells, np.float32)
    how = Image.Resampling.BILINEAR if smooth else Image.Resampling.NEAREST
    image = Image.fromarray(np.ascontiguousarray(cells, np.float32))
    return np.asarray(image.resize((size[1], size[0]), how), np.float32)
