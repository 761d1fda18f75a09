"""Matched controls: the same patch elsewhere in the image."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

# Of its own area a control may share so much with the region: more, and it is that region again.
MOST_OVERLAP = 0.2


@dataclass(frozen=True, eq=False)
class Control:
    """A turned or mirrored ``patch``, bool (h, w), with its upper left corner at ``top``, ``left`` of an image of ``size``."""

    patch: np.ndarray
    top: int
    left: int
    size: tuple[int, int]

    @property
    def wraps(self) -> bool:
        """Whether it leaves the image at one edge and comes in at the opposite one."""
        height, width = self.patch.shape
        return bool(self.top + height > self.size[0] or self.left + width > self.size[1])

    @property
    def region(self) -> np.ndarray:
        """bool (H, W)."""
        return np.roll(_at_corner(self.patch, self.size), (self.top, self.left), (0, 1))


def matched_controls(region: np.ndarray, count: int, rng: np.random.Generator) -> list[Control]:
    """Up to ``count`` different copies of a region (H, W): shifted, turned by quarters, mirrored.

    They are drawn from all that share at most a fifth of their pixels with it: from those that lie within the image, and
    where these are too few (a region that is scattered over it, or large) from those that go around its edges too.
    """
    size = region.shape
    (box,) = ndimage.find_objects(region.astype(int))
    spectrum, most = np.fft.rfft2(region), MOST_OVERLAP * region.sum()
    patches = [patch for patch in _turned(region[box]) if np.all(np.less_equal(patch.shape, size))]
    found = [np.empty((0, 3), int)]
    for number, patch in enumerate(patches):
        # Pixels that it shares with the region, for every place of its corner.
        overlap = np.fft.irfft2(spectrum * np.conj(np.fft.rfft2(_at_corner(patch, size))), size)
        found += [np.insert(np.argwhere(np.rint(overlap) <= most), 0, number, axis=1)]
    places = rng.permutation(np.concatenate(found))
    extents = np.array([patch.shape for patch in patches])[places[:, 0]]
    wraps = np.any(places[:, 1:] + extents > size, axis=1)
    first = places[np.argsort(wraps, kind="stable")][:count]
    return [Control(patches[number], top, left, size) for number, top, left in first.tolist()]


def _turned(patch: np.ndarray) -> list[np.ndarray]:
    """The different ones among the eight ways to lay a patch."""
    ways = [np.rot90(side, turns) for side in (patch, patch[:, ::-1]) for turns in range(4)]
    return list({(way.shape, way.tobytes()): way for way in ways}.values())


def _at_corner(patch: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    canvas = np.zeros(size, bool)
    canvas[: patch.shape[0], : patch.shape[1]] = patch
    return canvas
