"""Occlusion: what the score loses when a patch of the image is covered."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import product

import numpy as np
from scipy import ndimage

from salwidget.attribution.context import Context
from salwidget.attribution.contract import Answer, Method, method
from salwidget.attribution.masking import spread
from salwidget.options import Baseline, PerAxis

# Patches that cover an image if no size is given: 16 x 16 pixels each at 224 x 224.
PATCHES = 196


def default_patch(space: Sequence[int]) -> int:
    """Side of a patch of which about 196 cover the image, signal or volume: 16 at 224 x 224."""
    return max(1, round(math.pow(math.prod(space) / PATCHES, 1 / len(space))))


@method
class Occlusion(Method):
    """Drop of the score when a patch is covered, as a mean over the patches on each pixel (Zeiler and Fergus 2013).

    Patches are tried coarse to fine, so that an early answer is that of a larger stride: a patch not tried yet has the drop of
    the nearest one tried.
    """

    name = "occlusion"
    title = "Occlusion"
    group = "Perturbation"
    sentence = "How much {target} falls when a patch of the image is covered."
    formula = "S(x) − S(x with the patch covered), mean over patches"
    limits = "Asks about images that the model has never seen. Misses what is there twice. Patch and fill decide much."
    paper = "Zeiler, Fergus 2013, arXiv:1311.2901"
    units = "score"
    uses_gradient = False

    patch = PerAxis(
        "patch",
        0,
        0,
        512,
        help="side in pixels, or one for each axis; 0: so that about 196 patches cover the image",
        zero=default_patch,
        of_image=True,
    )
    stride = PerAxis(
        "stride",
        0,
        0,
        512,
        help="from patch to patch, in pixels, or one for each axis; 0: the patch's side",
        zero="the patch's side",
        of_image=True,
    )
    fill = Baseline("covered by", default="mean")

    def refine(self, context: Context) -> Iterator[Answer]:
        space = context.image.shape[:-1]
        patches, strides = (PerAxis.along(name, context.options[name], space) for name in ("patch", "stride"))
        sides = [min(patch or default_patch(space), size) for patch, size in zip(patches, space, strict=True)]
        strides = [stride or side for stride, side in zip(strides, sides, strict=True)]
        for size, side, stride in zip(space, sides, strides, strict=True):
            if stride > side < size:
                raise ValueError(f"stride={stride} leaves gaps between patches of {side} pixels; use that or less.")
        starts = [starts_of(*sizes) for sizes in zip(space, sides, strides, strict=True)]
        cover = [covering(*each) for each in zip(space, sides, starts, strict=True)]
        grid = tuple(map(len, starts))
        drops, counts = np.zeros(grid), spread(np.ones((1, *grid)), cover)[0]
        order, tried = coarse_to_fine(grid), np.zeros(grid, bool)
        moved = strides[:1] if len(set(strides)) == 1 else strides
        context.note(f"{len(order)} patches of {'×'.join(map(str, sides))}, moved by {'×'.join(map(str, moved))}")
        fill, score = context.baseline(context.options["fill"]), context.score
        for part in context.batches(len(order), gradient=False):
            positions = order[part]
            images = np.repeat(context.image[None], len(positions), axis=0)
            for image, position in zip(images, positions, strict=True):
                window = tuple(
                    slice(at[index], at[index] + side) for at, index, side in zip(starts, position, sides, strict=True)
                )
                image[window] = fill[window]
            done = tuple(positions.T)
            drops[done] = score - context.scores(images)
            tried[done] = True
            nearest = ndimage.distance_transform_edt(~tried, return_distances=False, return_indices=True)
            values = spread(drops[tuple(nearest)][None], cover)[0] / counts
            yield Answer(values, signed=True, progress=part.stop / len(order))


def starts_of(size: int, side: int, stride: int) -> list[int]:
    """Where patches start along an axis; the last ends with it."""
    starts = list(range(0, size - side + 1, stride))
    return starts if starts[-1] == size - side else [*starts, size - side]


def covering(size: int, side: int, starts: Sequence[int]) -> np.ndarray:
    """Matrix (size, patches): 1 where a patch covers a pixel of an axis."""
    offset = np.arange(size)[:, None] - np.asarray(starts)
    return np.asarray((offset >= 0) & (offset < side), float)


def coarse_to_fine(grid: Sequence[int]) -> np.ndarray:
    """Indices (N, axes) of all positions of a grid: every 2^n-th along each axis first, then every 2^(n-1)-th, ..."""
    positions = np.array(list(product(*map(range, grid))))
    powers = 2 ** np.arange(max(grid).bit_length())
    level = (positions[:, None] % powers[:, None] == 0).all(-1).sum(1)  # of how many strides 1, 2, 4, ... it is a position
    return positions[np.argsort(-level, kind="stable")]
