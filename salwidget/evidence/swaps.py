"""How often a model's top class changes with the background: the table, one sentence, tiles."""

from __future__ import annotations

import io
import json
import math
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from salwidget.evidence.intervention import GAP
from salwidget.writing import atomic_write

# 95 % of a normal distribution lies within so many standard deviations.
WITHIN = 1.959963984540054
# A background that changes more than one answer in ten decides much; its interval says which side it is on.
MUCH = 0.1
# Tiles in a row of a drawing.
COLUMNS = 8


@dataclass(frozen=True, eq=False)
class Swaps:
    """Objects on other backgrounds. Printed, it is its sentence; in a cell it draws tiles.

    Attributes
    ----------
    classes : int array (images, backgrounds)
        The top class on each; -1 where an image would lie on its own background.
    original : int array (images,)
        The top class of each image as it came.
    scores : float array (images, backgrounds)
        The logit of the original top class on each; NaN on the own background.
    probabilities : float array (images, backgrounds)
        Of the class in ``classes``; NaN where the model gives none.
    flipped : (count, of, low, high)
        How often the top class changed, of how many, and Wilson's 95 % interval of the share. Backgrounds of one image are
        not independent of each other: with few images the interval is too narrow.
    backgrounds : tuple of str
    labels : list of str
    tiles : uint8 (rows, columns, h, w, 3)
        The first edited images, as shown; of a single image all.
    sentence : str
    progress : float
        The share of the work that is in it.
    """

    classes: np.ndarray
    original: np.ndarray
    scores: np.ndarray = field(repr=False)
    probabilities: np.ndarray = field(repr=False)
    flipped: tuple[int, int, float, float]
    backgrounds: tuple[str, ...]
    labels: list[str] = field(repr=False)
    tiles: np.ndarray = field(repr=False)
    sentence: str
    progress: float

    @property
    def metadata(self) -> dict[str, Any]:
        """All numbers and words in the types of JSON; None for what is NaN."""
        arrays = {"classes": self.classes.tolist(), "original": self.original.tolist()}
        for name in ("scores", "probabilities"):
            arrays[name] = [[None if np.isnan(one) else one for one in row] for row in getattr(self, name).tolist()]
        words = {"flipped": self.flipped, "backgrounds": self.backgrounds, "labels": self.labels, "sentence": self.sentence}
        plain: dict[str, Any] = json.loads(json.dumps(arrays | words))
        return plain

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the tiles as ``.png``, or all numbers as ``.json``.

        Raises
        ------
        ValueError
            For another ending, or a place that cannot be written to: a file that was there stays as it was.
        """
        path, ending = Path(path), Path(path).suffix.lower()
        if ending not in (".png", ".json"):
            raise ValueError(f"Swaps are saved as .png or .json; {path.name!r} ends in neither.")
        with atomic_write(path) as file:
            file.write(self._repr_png_() if ending == ".png" else json.dumps(self.metadata, indent=1).encode())

    def _repr_png_(self) -> bytes:
        tiles = self.tiles
        if tiles.shape[1] > COLUMNS:  # of a single image, in rows
            tiles = np.pad(tiles, ((0, 0), (0, -tiles.shape[1] % COLUMNS), *[(0, 0)] * 3), constant_values=255)
            tiles = tiles.reshape(-1, COLUMNS, *tiles.shape[2:])
        framed = np.pad(tiles, ((0, 0), (0, 0), (0, GAP), (0, GAP), (0, 0)), constant_values=255)
        rows, columns, height, width, _ = framed.shape
        sheet = framed.swapaxes(1, 2).reshape(rows * height, columns * width, 3)[:-GAP, :-GAP]
        memory = io.BytesIO()
        Image.fromarray(sheet).save(memory, "PNG")
        return memory.getvalue()

    def __str__(self) -> str:
        return self.sentence


def wilson(count: int, of: int) -> tuple[float, float]:
    """Wilson's 95 % interval (1927): the shares p from which count / of is not more than 1.96 sqrt(p (1 - p) / of) away."""
    share, square = count / of, WITHIN**2 / of
    middle = (share + square / 2) / (1 + square)
    extent = WITHIN * math.sqrt(share * (1 - share) / of + square / (4 * of)) / (1 + square)
    # Rounding must not leave 0 or 1 outside.
    return (0.0 if count == 0 else middle - extent), (1.0 if count == of else middle + extent)


def said(changed: int, of: int, low: float, high: float, images: int) -> str:
    begin = "On other backgrounds" + f" of {images} images" * (images > 1)
    interval = f"{low:.0%} to {high:.0%} with 95% confidence"
    if low > MUCH:
        follows = "The background decides with it."
    elif high < MUCH:
        follows = "The class goes with the object."
    else:
        follows = "That is too few to tell whether the background decides."
    return f"{begin} the top class changes in {changed} of {of} ({changed / of:.0%}; {interval}). {follows}"
