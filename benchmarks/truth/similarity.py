"""How alike two maps are, and how much of a map lies where it should."""

from __future__ import annotations

import numpy as np
from scipy.optimize import linprog
from scipy.stats import spearmanr
from skimage.metrics import structural_similarity


def spearman(a: np.ndarray, b: np.ndarray) -> float:
    """Rank correlation of the pixels of two maps; 0 where one of them is constant and orders nothing."""
    if np.ptp(a) == 0 or np.ptp(b) == 0:
        return 0.0
    return float(spearmanr(a.ravel(), b.ravel()).statistic)


def ssim(a: np.ndarray, b: np.ndarray) -> float:
    """Structural similarity (Wang et al. 2004) of two maps, each scaled to 0..1 by itself, windows of 7 x 7."""
    return float(structural_similarity(_unit(a), _unit(b), data_range=1.0))


def _unit(values: np.ndarray) -> np.ndarray:
    values = values.astype(np.float64)
    return (values - values.min()) / max(float(np.ptp(values)), 1e-30)


def mass(values: np.ndarray, region: np.ndarray) -> float:
    """Share of the magnitude of a map that lies in ``region`` (bool, same shape); of an empty map, the area's share."""
    magnitudes = np.abs(values).astype(np.float64)
    total = magnitudes.sum()
    return float(magnitudes[region].sum() / total) if total > 0 else float(region.mean())


def precision(values: np.ndarray, region: np.ndarray) -> float:
    """Share of the n largest magnitudes that lie in ``region``, n being its size (Clark et al. 2023, section 3).

    A map of one magnitude, which orders nothing, gets what chance gives: the region's share of the area.
    """
    if np.ptp(np.abs(values)) == 0:
        return float(region.mean())
    count = int(region.sum())
    largest = np.argsort(-np.abs(values).ravel(), kind="stable")[:count]
    return float(region.ravel()[largest].mean())


def earth_mover(values: np.ndarray, region: np.ndarray) -> float:
    """1 - cost of moving the magnitude of a map onto ``region`` evenly / the longest distance (Clark et al. 2023).

    The cost is the solution of the transport problem, as a linear program, with Euclidean distances between pixels. An
    empty map counts as one that is even everywhere.
    """
    supply = np.abs(values).astype(np.float64).ravel()
    supply = supply / supply.sum() if supply.sum() > 0 else np.full(supply.size, 1 / supply.size)
    places = np.argwhere(np.ones(values.shape, bool)).astype(np.float64)
    goals = np.argwhere(region).astype(np.float64)
    starts = supply > 0
    distance = np.linalg.norm(places[starts][:, None] - goals[None], axis=-1)
    rows, columns = distance.shape
    leaving = np.kron(np.eye(rows), np.ones(columns))
    arriving = np.kron(np.ones(rows), np.eye(columns))
    demand = np.full(columns, supply.sum() / columns)
    # The last constraint follows from the others, and rounding would make it contradict them.
    constraints, totals = np.vstack([leaving, arriving])[:-1], np.concatenate([supply[starts], demand])[:-1]
    solved = linprog(distance.ravel(), A_eq=constraints, b_eq=totals, method="highs")
    longest = np.linalg.norm(np.array(values.shape) - 1.0)
    return float(1 - solved.fun / longest)
