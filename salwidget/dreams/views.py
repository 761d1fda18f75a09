"""A dream's images as its user gets them: an array, or for several inputs a dict by input name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from salwidget.dreams.appearance import Appearance

# The images of each input that changes, float32 (N, ..., C) in 0..1.
Images = tuple[np.ndarray, ...]
T = TypeVar("T")


@dataclass(frozen=True)
class View:
    """How images leave a dream.

    ``names`` are those of the inputs, empty for a single one; ``several`` says whether to keep the axis N.
    """

    names: tuple[str, ...]
    appearances: tuple[Appearance, ...]
    several: bool

    def named(self, values: Sequence[T]) -> T | dict[str, T]:
        """The value of the one input, or a dict by input name."""
        return dict(zip(self.names, values, strict=True)) if self.names else values[0]

    def images(self, images: Images) -> np.ndarray | dict[str, np.ndarray]:
        """Images in the range of displayed images."""
        pairs = zip(self.appearances, images, strict=True)
        return self.named([self._one(appearance.displayed(each)) for appearance, each in pairs])

    def pictures(self, images: Images) -> np.ndarray | dict[str, np.ndarray]:
        """uint8 (H, W, 3) for display."""
        return self.named([self._one(pictured(each)) for each in images])

    def scores(self, scores: np.ndarray) -> float | np.ndarray:
        """(N,), or a float for a dream of one image."""
        return scores if self.several else float(scores[0])

    def _one(self, values: np.ndarray) -> np.ndarray:
        return values if self.several else values[0]


def pictured(images: np.ndarray) -> np.ndarray:
    """uint8 (N, H, W, 3) of images (N, H, W, C) in 0..1; of volumes (N, D, H, W, C) the middle slice; of signals one row."""
    if images.ndim == 3:
        images = images[:, None]
    if images.ndim == 5:
        images = images[:, images.shape[1] // 2]
    colours = images[..., :3] if images.shape[-1] >= 3 else images[..., :1]
    # In place: this is done for every frame of a film, where four new arrays would take a tenth of a step's time.
    scaled = colours * np.float32(255)
    shown = np.clip(np.rint(scaled, out=scaled), 0, 255, out=scaled).astype(np.uint8)
    return np.ascontiguousarray(np.broadcast_to(shown, (*shown.shape[:3], 3)))
