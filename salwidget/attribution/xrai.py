"""XRAI: whole regions in the order of their attribution."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from PIL import Image
from scipy import ndimage, sparse

from salwidget.attribution.context import Context
from salwidget.attribution.contract import Answer, Method, method
from salwidget.attribution.integrated_gradients import integrals
from salwidget.attribution.joint import INPUTS, moving, starts_of
from salwidget.engine.inputs import Input
from salwidget.engine.layers import Layer
from salwidget.engine.network import Network
from salwidget.options import Number

# The paper's segmentation; its parameters are meant for this size and range, so pictures are scaled to them.
SCALES = (50, 100, 150, 250, 500, 1200)
SIGMA = 0.8
SIDE = 224
SMALLEST = 50  # pixels of a segment, and of what a region must add
DILATION = 5
# Share of the work: the gradients, then the regions.
GRADIENTS = 0.8
# A new answer comes whenever regions have covered another such share of the picture.
STRIDE = 0.1


@method
class XRAI(Method):
    """Segments by the density of their Integrated Gradients (Kapishnikov et al. 2019, algorithm 1).

    Integrated Gradients are the mean over a black and a white baseline, summed over channels. Each pixel gets the density of
    what its region added when it was taken, so that the map's order is that in which regions were taken.
    """

    name = "xrai"
    title = "XRAI"
    group = "Gradients"
    sentence = "Which regions of the image add most to {target}, for their size."
    formula = "next region = argmax_s mean of IG over s \\ taken"
    limits = "Its outlines are those of a segmentation by colour, which has not seen the model."
    paper = "Kapishnikov, Bolukbasi, Viégas, Terry 2019, arXiv:1906.02825"
    units = "score per pixel"

    steps = Number("steps", 50, 2, 300, help="of Integrated Gradients, for each of its two baselines")
    inputs = INPUTS

    def refine(self, context: Context) -> Iterator[Answer]:
        steps, done = context.options["steps"], np.zeros(context.image.shape[:-1])
        which = moving(context)
        for index, name in enumerate(("black", "white")):
            for values, share in integrals(context, starts_of(context, name, which), steps):
                pixels = (done + values.sum(-1)) / (index + 1)
                yield Answer(pixels, signed=True, progress=GRADIENTS * (index + share) / 2)
            done += values.sum(-1)
        picture = context.example[context.query.source].shown
        masks = segments(picture)
        context.note(f"{len(masks)} segments at {len(SCALES)} scales")
        smallest = max(1, round(SMALLEST * pixels.size / SIDE**2))
        drawn = 0.0
        for densities, covered in regions(pixels, masks, smallest):
            if covered == 1 or covered >= drawn + STRIDE:
                drawn = covered
                yield Answer(densities, signed=True, progress=GRADIENTS + (1 - GRADIENTS) * covered)

    def refusal(self, network: Network, target: Layer, source: Input) -> str:
        kind = {1: "a signal", 3: "a volume"}.get(source.space)
        reason = f"{self.title} needs an image to segment, and input {source.name} is {kind}; use 'integrated_gradients'."
        return reason if kind else ""


def regions(
    attribution: np.ndarray, masks: Sequence[np.ndarray], smallest: int = SMALLEST
) -> Iterator[tuple[np.ndarray, float]]:
    """Take masks greedily by the mean attribution of what they add (algorithm 1).

    Parameters
    ----------
    attribution
        (H, W).
    masks
        Segments of any kind, bool (H, W) each; they may overlap.
    smallest
        A mask that would add fewer pixels than this is not taken.

    Yields
    ------
    tuple
        The map (H, W) so far, and the share of the work in it, 1 at the last. Each region has the density with which it was
        added; pixels of no region yet have their own mean density, so that the map adds up to the attribution.
    """
    values = attribution.ravel().astype(np.float64)
    members = [np.flatnonzero(mask) for mask in masks]
    bounds = np.cumsum([0, *map(len, members)])
    flat = np.concatenate([np.empty(0, np.intp), *members])
    pixels_in_masks = sparse.csc_array((np.ones(len(flat)), flat, bounds), (values.size, len(members))).tocsr()
    densities, free = np.full(values.size, values.mean()), np.ones(values.size, bool)
    # What each mask would add: kept up to date by subtracting what is taken, not counted anew for each region.
    counts, sums = pixels_in_masks.T @ np.ones(values.size), pixels_in_masks.T @ values
    while (counts >= smallest).any():
        gains = np.divide(sums, counts, out=np.full(len(members), -np.inf), where=counts >= smallest)
        best = members[int(gains.argmax())]
        new = best[free[best]]
        free[new] = False
        counts -= pixels_in_masks[new].T @ np.ones(len(new))
        sums -= pixels_in_masks[new].T @ values[new]
        densities[new] = values[new].mean()
        if free.any():
            densities[free] = values[free].mean()
        if (counts >= smallest).any():
            yield densities.reshape(attribution.shape).copy(), 1 - free.mean()
    yield densities.reshape(attribution.shape), 1.0


def segments(picture: np.ndarray) -> list[np.ndarray]:
    """Felzenszwalb's segments of a picture uint8 (H, W, 3) at six scales, dilated; bool (H, W) each."""
    from skimage.segmentation import felzenszwalb  # here: no other method needs scikit-image

    height, width = picture.shape[:2]
    resized = Image.fromarray(picture).resize((SIDE, SIDE), Image.Resampling.BICUBIC)
    image = np.asarray(resized, np.float64)
    image = 2 * (image - image.min()) / max(np.ptp(image), 1) - 1
    rows, columns = ((np.arange(size) + 0.5) * SIDE / size for size in (height, width))
    grid = np.ix_(rows.astype(int), columns.astype(int))
    found = []
    for scale in SCALES:
        labels = felzenszwalb(image, scale=scale, sigma=SIGMA, min_size=SMALLEST)
        found += [dilated(labels == label, box)[grid] for label, box in enumerate(ndimage.find_objects(labels + 1))]
    return found


def dilated(mask: np.ndarray, box: tuple[slice, slice]) -> np.ndarray:
    """``mask``, which lies within ``box``, and all within ``DILATION`` pixels of it."""
    around = tuple(slice(max(side.start - DILATION, 0), side.stop + DILATION) for side in box)
    found = np.zeros(mask.shape, bool)
    found[around] = ndimage.distance_transform_edt(~mask[around]) <= DILATION
    return found
