"""Integrated Gradients: the gradient along the line from a baseline to the image."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.special import roots_legendre

from salwidget.attribution.completeness import note_completeness
from salwidget.attribution.context import Context
from salwidget.attribution.contract import Answer, Method, method
from salwidget.attribution.joint import INPUTS, Points, along, batch_of, moving, starts_of
from salwidget.options import Baseline, Number


@method
class IntegratedGradients(Method):
    """Difference from a baseline times the mean gradient on the way (Sundararajan et al. 2017, equation 1).

    With several inputs all move together, as in the paper, where x is everything that the model is fed: the maps of all inputs
    then add up to S(x) - S(x0). ``inputs="alone"`` holds the others at the image.
    """

    name = "integrated_gradients"
    title = "Integrated Gradients"
    group = "Gradients"
    sentence = "What each pixel adds to {target} on the straight way from the baseline to this image."
    formula = "Σ_c (x − x0)_c · ∫ ∂S/∂x_c (x0 + α(x − x0)) dα,  α from 0 to 1"
    limits = "Speaks of the difference from the baseline: where the image equals it, the map is zero."
    paper = "Sundararajan, Taly, Yan 2017, arXiv:1703.01365"
    units = "score"
    clip = 99.5

    baseline = Baseline("baseline", "black")
    steps = Number("steps", 50, 2, 300)
    inputs = INPUTS

    def refine(self, context: Context) -> Iterator[Answer]:
        which = moving(context)
        starts = starts_of(context, context.options["baseline"], which)
        for values, progress in integrals(context, starts, context.options["steps"]):
            if progress == 1:
                at_start = float(context.scores(batch_of(starts))[0])
                note_completeness(context, values, context.score, at_start, part=len(which) > 1)
            yield Answer(values.sum(-1), signed=True, progress=progress)


def integrals(context: Context, starts: Points, steps: int) -> Iterator[tuple[np.ndarray, float]]:
    """Better and better Integrated Gradients from ``starts``, (H, W, C), each with the share of the work done.

    An early one is the weighted mean over the nodes so far.
    """
    alphas, weights = nodes(steps)
    change = context.image - starts[context.query.source]
    total, weight = np.zeros(change.shape), 0.0
    for part in context.batches(steps, gradient=True):
        points = [along(start, picture.input, alphas[part]) for start, picture in zip(starts, context.example, strict=True)]
        _, gradients = context.gradients(points)
        # In the gradients' own precision: to turn them into float64 first takes seven times as long.
        total += np.tensordot(weights[part].astype(gradients.dtype), gradients, axes=1)
        weight += weights[part].sum()
        yield change * (total / weight), part.stop / steps


def nodes(steps: int) -> tuple[np.ndarray, np.ndarray]:
    """Gauss-Legendre nodes and weights on [0, 1], in an order in which any first few are spread over all of it.

    The order is that of the reversed bits of their positions (van der Corput): 0, 4, 2, 6, 1, 5, 3, 7.
    """
    positions, weights = roots_legendre(steps)  # numpy's leggauss takes 0.9 s for 300 nodes, this 2 ms
    bits = (steps - 1).bit_length()
    order = sorted(range(steps), key=lambda index: f"{index:0{bits}b}"[::-1])
    return (positions[order] + 1) / 2, weights[order] / 2
