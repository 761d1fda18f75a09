"""RISE: the mean score of the random masks that show a pixel."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from salwidget.attribution.context import Context
from salwidget.attribution.contract import Answer, Method, method
from salwidget.attribution.masking import as_probability, linear, spread
from salwidget.options import Number, PerAxis


@method
class RISE(Method):
    """Mean score of the images on which a pixel is shown (Petsiuk et al. 2018).

    Masks are small random grids, upsampled to a cell more than the image and cropped at random, one crop for each. They
    multiply the model's input, as in the paper: what is hidden becomes 0 there, which behind most preprocessing is grey or
    the mean colour.
    """

    name = "rise"
    title = "RISE"
    group = "Perturbation"
    sentence = "How high {target} is, on average, when a pixel is shown and others are hidden at random."
    formula = "Σ_i S(x · M_i) · M_i / (p · N)"
    limits = "Random: noise falls with the root of the number of masks. Its zero means little, compare within the map."
    paper = "Petsiuk et al. 2018, arXiv:1806.07421"
    units = "score"
    uses_gradient = False
    random = True

    masks = Number("masks", default=500, minimum=10, maximum=8000, step=10)
    cells = PerAxis("cells", 7, 2, 32, help="of a mask along an axis, or for each, before it is upsampled")
    p = Number("p shown", 0.5, 0.1, 0.9, 0.05, help="share of the cells that a mask shows")

    def refine(self, context: Context) -> Iterator[Answer]:
        space = context.image.shape[:-1]
        count, p = context.options["masks"], context.options["p"]
        cells = PerAxis.along("cells", context.options["cells"], space)
        rng = context.rng
        grids = rng.random((count, *cells), np.float32) < p
        offsets = rng.integers(0, [cell_size(*sizes) for sizes in zip(space, cells, strict=True)], (count, len(space)))
        yield from weighed(context, lambda part: masks_of(grids[part], offsets[part], space), count, p)


def weighed(context: Context, masks: Callable[[slice], np.ndarray], count: int, p: float) -> Iterator[Answer]:
    """Estimates from more and more of ``count`` masks; ``masks(part)`` gives those of a step, (n, H, W)."""
    target, image = as_probability(context), context.image
    total = np.zeros(image.shape[:-1])
    for part in context.batches(count, gradient=False):
        shown = masks(part)
        scores = context.scores((image * shown[..., None]).astype(image.dtype, copy=False), target)
        total += np.tensordot(scores.astype(np.float64), shown, 1)
        values = total / (p * part.stop)
        yield Answer(values, signed=bool(values.min() < 0), progress=part.stop / count)


def cell_size(size: int, cells: int) -> int:
    return -(-size // cells)


def masks_of(grids: np.ndarray, offsets: np.ndarray, space: Sequence[int]) -> np.ndarray:
    """Masks (N, H, W) in 0..1 from grids (N, cells of each axis) of 0 and 1, each cropped at its own offset (pixels)."""
    cells = grids.shape[1:]
    matrices = [linear((count + 1) * cell_size(size, count), count) for size, count in zip(space, cells, strict=True)]
    large = spread(grids.astype(np.float32), matrices)
    crops = [tuple(slice(at, at + size) for at, size in zip(offset, space, strict=True)) for offset in offsets]
    return np.stack([mask[crop] for mask, crop in zip(large, crops, strict=True)])
