"""Guided Integrated Gradients: a path from the baseline to the image that keeps away from steep gradients."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from salwidget.attribution.completeness import note_completeness
from salwidget.attribution.context import Context
from salwidget.attribution.contract import Answer, Method, method
from salwidget.attribution.joint import INPUTS, batch_of, moving, starts_of
from salwidget.options import Baseline, Number

# Share of the whole L1 distance that counts as none.
NOTHING = 1e-9


@method
class GuidedIG(Method):
    """Gradients along a path that moves the features of the smallest gradients first (Kapishnikov et al. 2021).

    The deviation from the straight line is bounded as in the authors' code, by a band of ``max_dist`` around it, where the
    paper puts anchors on it. The integral is a sum over the left ends of the steps, as the path is known only step by step.
    With several inputs the features of all move together.
    """

    name = "guided_ig"
    title = "Guided IG"
    group = "Gradients"
    sentence = "What each pixel adds to {target} on a way from the baseline that avoids steep gradients."
    formula = "Σ_c Σ_t ∂S/∂x_c (x_t) · (x_{t+1} − x_t)_c,  smallest |∂S/∂x| first"
    limits = (
        "The path depends on the model, so that two models are compared along two paths. Adds up to S(x) − S(x0) only "
        "roughly where gradients are rough. One gradient at a time: slow."
    )
    paper = "Kapishnikov, Venugopalan, Avci, Wedin, Terry, Bolukbasi 2021, arXiv:2106.09788"
    units = "score"
    clip = 99.5

    baseline = Baseline("baseline", "black")
    steps = Number("steps", 50, 2, 300)
    fraction = Number("fraction", 0.25, 0.01, 1, 0.01, help="share of the features that move at a time")
    max_dist = Number("max distance", 0.02, 0, 1, 0.01, help="from the straight line, as a share of it")
    inputs = INPUTS

    def refine(self, context: Context) -> Iterator[Answer]:
        steps, fraction, band = (context.options[name] for name in ("steps", "fraction", "max_dist"))
        which, own = moving(context), context.query.source
        points = starts_of(context, context.options["baseline"], which)
        images = [picture.input for picture in context.example]
        start = flat([points[index] for index in which])
        change = (flat([images[index] for index in which]) - start).astype(np.float64)
        ends = np.cumsum([images[index].size for index in which])[:-1]
        alpha, values, at_start = np.zeros(change.shape), np.zeros(change.shape), 0.0
        for step in range(1, steps + 1):
            for index, part in zip(which, np.split(start + alpha * change, ends), strict=True):
                points[index] = part.reshape(images[index].shape)
            results = [context.gradients(batch_of(points), source=context.network.inputs[index]) for index in which]
            at_start = float(results[0][0][0]) if step == 1 else at_start
            gradient = flat([each for _, each in results])
            next_alpha = moved(alpha, step / steps, np.abs(gradient), np.abs(change), fraction, band)
            values += gradient * (next_alpha - alpha) * change
            alpha = next_alpha
            if step == steps:
                note_completeness(context, values, context.score, at_start)
            map_of_own = np.split(values, ends)[which.index(own)].reshape(images[own].shape).sum(-1)
            yield Answer(map_of_own * (steps / step), signed=True, progress=step / steps)


def flat(arrays: Sequence[np.ndarray]) -> np.ndarray:
    """The features of all ``arrays`` in one row."""
    return np.concatenate([each.ravel() for each in arrays])


def moved(
    alpha: np.ndarray, share: float, steepness: np.ndarray, distance: np.ndarray, fraction: float, max_dist: float
) -> np.ndarray:
    """The next point of the path: each feature's share of its own way from baseline to image, 0 to 1.

    Parameters
    ----------
    alpha
        The present point.
    share
        The share of the whole L1 distance that lies behind the next point.
    steepness, distance
        abs(dS/dx) at the present point, and abs(x - x0).
    fraction
        The share of all features, smallest ``steepness`` first, that move together until they reach the band's end.
    max_dist
        No feature is further than this from ``share``.
    """
    low, high = max(share - max_dist, 0.0), min(share + max_dist, 1.0)
    alpha = np.maximum(alpha, low)
    order = np.where(distance > 0, steepness, np.inf)
    last = int(fraction * (order.size - 1))
    missing = (distance * (share - alpha)).sum()
    while missing > NOTHING * distance.sum():
        order[alpha >= high] = np.inf
        chosen = (order <= np.partition(order, last, axis=None)[last]) & np.isfinite(order)
        room = (distance * (high - alpha))[chosen].sum()
        if not room:
            break
        part = min(missing / room, 1.0)
        # Set, not added up to: a feature at the band's end must not be chosen again for its rounding.
        alpha[chosen] = high if part == 1 else alpha[chosen] + part * (high - alpha[chosen])
        missing -= part * room
    return alpha
