"""Linear imputation: missing pixels as weighted means of their neighbours, a sparse linear system."""

from __future__ import annotations

import numpy as np
from scipy import ndimage, sparse
from scipy.sparse.linalg import splu

# Those beside a pixel count twice as much as those at its corners.
WEIGHTS = np.array([[1, 2, 1], [2, 0, 2], [1, 2, 1]]) / 12
OFFSETS = [(row, column) for row in (-1, 0, 1) for column in (-1, 0, 1) if (row, column) != (0, 0)]


class Imputation:
    """Solves for the missing pixels of images; regions of one shape, wherever they lie, share a factorization.

    With w the weights of the neighbours that lie within the image, for each missing pixel i: sum_j w_ij x_i = sum_j w_ij x_j.
    """

    def __init__(self) -> None:
        self._solvers: dict[tuple[bytes, ...], sparse.linalg.SuperLU] = {}

    def __call__(self, image: np.ndarray, missing: np.ndarray) -> np.ndarray:
        """``image`` float64 (H, W, C) with its ``missing`` pixels, bool (H, W), filled; some pixel must be there."""
        totals = ndimage.correlate(np.ones(missing.shape), WEIGHTS, mode="constant")
        known = np.where(missing[..., None], 0.0, image)
        given = ndimage.correlate(known, WEIGHTS[..., None], mode="constant")[missing]
        filled = image.copy()
        filled[missing] = self._solver(missing, totals).solve(given)
        return filled

    def _solver(self, missing: np.ndarray, totals: np.ndarray) -> sparse.linalg.SuperLU:
        (box,) = ndimage.find_objects(missing.astype(int))
        inside = missing[box]
        # At the image's edge the weights add up to less.
        key = np.packbits(inside).tobytes(), repr(inside.shape).encode(), np.where(inside, totals[box], 0).round(6).tobytes()
        if key not in self._solvers:
            self._solvers[key] = splu(_system(inside, totals[box]))
        return self._solvers[key]


def _system(missing: np.ndarray, totals: np.ndarray) -> sparse.csc_array:
    """The matrix (missing pixels, missing pixels), these in reading order."""
    numbers = np.full(np.add(missing.shape, 2), -1)
    numbers[1:-1, 1:-1][missing] = np.arange(missing.sum())
    rows, columns = np.nonzero(missing)
    own = np.arange(len(rows))
    entries = [(own, own, totals[missing])]
    for down, right in OFFSETS:
        neighbours = numbers[rows + 1 + down, columns + 1 + right]
        there = neighbours >= 0
        entries.append((own[there], neighbours[there], np.full(there.sum(), -WEIGHTS[1 + down, 1 + right])))
    row, column, value = (np.concatenate(parts) for parts in zip(*entries, strict=True))
    return sparse.csc_array((value, (row, column)), (len(own), len(own)))
