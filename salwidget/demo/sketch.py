"""Paints the parts of a demo animal, large, and frames the result as a small image.

Parts are rows of (x, y, radius) in body lengths: x towards the nose, y up, the ground at 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TypeAlias

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

Rng: TypeAlias = np.random.Generator
Rows: TypeAlias = Sequence[tuple[float, float, float] | np.ndarray] | np.ndarray
Colour: TypeAlias = np.ndarray | tuple[int, int, int]

SIZE = 64
# Parts are painted on a canvas of this many pixels, about four times the final size, and reduced: that smooths edges.
CANVAS = 5 * SIZE
BODY_LENGTH = 112
OUTLINE = 0.016


def curve(points: Rows, steps: int = 9) -> np.ndarray:
    """Points of a Catmull-Rom curve through rows of (x, y, radius)."""
    points = np.asarray(points, float)
    padded = np.concatenate([2 * points[:1] - points[1:2], points, 2 * points[-1:] - points[-2:-1]])
    a, b, c, d = padded[:-3, None], padded[1:-2, None], padded[2:-1, None], padded[3:, None]
    t = np.linspace(0, 1, steps)[None, :, None]
    rows = b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)))
    return np.reshape(rows, (-1, 3))


def turned(points: Rows, angle: float, origin: np.ndarray | tuple[float, float]) -> np.ndarray:
    """Rows of (x, y, radius) turned by ``angle`` (radians) about (0, 0), then moved to ``origin``."""
    x, y, radius = np.asarray(points, float).T
    cos, sin = np.cos(angle), np.sin(angle)
    return np.stack([origin[0] + cos * x - sin * y, origin[1] + sin * x + cos * y, radius], axis=1)


def _canvas(mode: str) -> Image.Image:
    return Image.new(mode, (CANVAS, CANVAS))


@dataclass(frozen=True)
class Sketch:
    """The animal as painted so far. ``colour`` is black wherever ``cover`` is 0."""

    mirrored: bool
    tilt: float
    colour: Image.Image = field(default_factory=partial(_canvas, "RGB"), init=False)
    cover: Image.Image = field(default_factory=partial(_canvas, "L"), init=False)

    def _dots(self, image: Image.Image, rows: np.ndarray, fill: int | tuple[int, ...], grow: float = 0.0) -> None:
        placed = turned(rows, self.tilt, (0, 0)) * BODY_LENGTH
        x = CANVAS / 2 + (-placed[:, 0] if self.mirrored else placed[:, 0])
        y = 0.8 * CANVAS - placed[:, 1]
        radius = placed[:, 2] + grow * BODY_LENGTH
        draw = ImageDraw.Draw(image)
        for box in np.stack([x - radius, y - radius, x + radius, y + radius], axis=1).tolist():
            draw.ellipse(box, fill=fill)

    def part(self, points: Rows, fill: Colour, edge: float = 0.6) -> None:
        """Paint a limb, its rim darkened by ``edge`` so that it parts from what lies behind."""
        rows = curve(points)
        self._dots(self.colour, rows, _rgb(edge * np.asarray(fill)), grow=OUTLINE)
        self._dots(self.colour, rows, _rgb(fill))
        self._dots(self.cover, rows, 255, grow=OUTLINE)

    def marking(self, points: Rows, fill: Colour, within: Rows, softness: float) -> None:
        """Paint a patch of coat, only where the part ``within`` lies; its border fades over ``softness``."""
        patch, limit = Image.new("L", self.cover.size), Image.new("L", self.cover.size)
        self._dots(patch, curve(points), 255)
        self._dots(limit, curve(within), 255)
        box = limit.getbbox()
        patch = patch.crop(box).filter(ImageFilter.GaussianBlur(softness * BODY_LENGTH))
        self.colour.paste(_rgb(fill), box, ImageChops.multiply(patch, limit.crop(box)))

    def framed(
        self,
        rng: Rng,
        share: tuple[float, float],
        ground: tuple[float, float],
    ) -> tuple[np.ndarray, np.ndarray]:
        """Reduce to SIZE pixels, the animal at a random place and within the frame.

        Parameters
        ----------
        share : (float, float)
            Bounds of the longer side of the animal's box, as a share of the image's side.
        ground : (float, float)
            Bounds of the height of its feet, as a share of the image's height from the top.

        Returns
        -------
        colour : float array (SIZE, SIZE, 3)
            0..255, already multiplied by the coverage.
        coverage : float array (SIZE, SIZE)
            0..1, the share of each pixel that the animal covers.
        """
        box = self.cover.getbbox()
        assert box is not None, "nothing was painted"
        left, top, right, bottom = box
        width, height = right - left, bottom - top
        side = max(width, height) / rng.uniform(*share)
        x = left - rng.uniform(0.02, 0.98) * (side - width)
        y = max(bottom - rng.uniform(*ground) * side, bottom - side)
        y = min(y, top - 0.02 * side)
        frame = (x, y, x + side, y + side)
        small = [_reduced(image, frame) for image in (self.colour, self.cover)]
        return small[0], small[1] / 255


def _reduced(image: Image.Image, frame: tuple[float, float, float, float]) -> np.ndarray:
    # A frame may reach past the canvas, which resize() refuses and crop() fills with black.
    left, top, right, bottom = (round(edge) for edge in frame)
    return np.asarray(image.crop((left, top, right, bottom)).resize((SIZE, SIZE), Image.Resampling.BOX), float)


def _rgb(colour: Colour) -> tuple[int, ...]:
    return tuple(int(channel) for channel in colour)
