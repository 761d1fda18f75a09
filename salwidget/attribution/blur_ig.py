"""Blur Integrated Gradients: the gradient on the way from a blurred image to the sharp one."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy import ndimage

from salwidget.attribution.completeness import note_completeness
from salwidget.attribution.context import Context
from salwidget.attribution.contract import Answer, Method, method
from salwidget.attribution.joint import INPUTS, moving
from salwidget.options import Number

# Pixels of blur above which widths grow by equal factors, and below by equal differences. The completeness residual of 50
# steps has a median of 4 % on five photographs (MobileNetV2) and 0.2 % on six digits (LeNet); with equal differences all the
# way it was 36 % and 2 %.
KNEE = 0.5


@method
class BlurIG(Method):
    """Gradients times what sharpening changes, over all widths of a Gaussian blur L (Xu et al. 2020).

    The integral over sigma is a trapezoid rule on the path of images: at each width the gradient times the half difference
    of its two neighbours, which needs no derivative of a sampled kernel and adds up to S(x) - S(blurred) in the limit.
    Widths lie closer where the image is sharp; the integral itself does not depend on how its path is divided. With several
    inputs all are blurred together, by the same width.
    """

    name = "blur_ig"
    title = "Blur IG"
    group = "Gradients"
    sentence = "What each pixel adds to {target} while the image goes from blurred to sharp."
    formula = "−Σ_c ∫ ∂S/∂x_c (L_σ) · ∂L_σ,c/∂σ dσ,  L_σ = x blurred by σ"
    limits = "Speaks of details only: what the blurred image has as well, its mean colour above all, gets nothing."
    paper = "Xu, Venugopalan, Sundararajan 2020, arXiv:2004.03383"
    units = "score"
    clip = 99.5

    max_sigma = Number(
        "widest blur", 50, 1, 200, help="standard deviation of the blur that the path begins with, in pixels", of_image=True
    )
    steps = Number("steps", 50, 3, 300)
    inputs = INPUTS

    def refine(self, context: Context) -> Iterator[Answer]:
        steps, widest = context.options["steps"], context.options["max_sigma"]
        which, own = moving(context), context.query.source
        # The ends are doubled: the difference there is one-sided.
        widths = widths_of(widest, steps)[[0, *range(steps), -1]]
        values, at_image, at_blurred = np.zeros(context.image.shape), 0.0, 0.0
        for part in context.batches(steps, gradient=True):
            around = widths[part.start : part.stop + 2]
            paths = [
                np.stack([blurred(picture.input, width) if index in which else picture.input for width in around])
                for index, picture in enumerate(context.example)
            ]
            scores, gradients = context.gradients([path[1:-1] for path in paths])
            values += (gradients * (paths[own][:-2] - paths[own][2:]) / 2).sum(0, dtype=np.float64)
            at_image, at_blurred = float(scores[0]) if part.start == 0 else at_image, float(scores[-1])
            if part.stop == steps:
                note_completeness(context, values, at_image, at_blurred, "x blurred", part=len(which) > 1)
            # A partial sum is the answer for a smaller max_sigma.
            yield Answer(values.sum(-1), signed=True, progress=part.stop / steps)


def widths_of(widest: float, steps: int) -> np.ndarray:
    """Widths of blur from 0 to ``widest``."""
    return np.geomspace(KNEE, widest + KNEE, steps) - KNEE


def blurred(image: np.ndarray, width: float) -> np.ndarray:
    """``image`` (H, W, C) under a Gaussian over space; mirrored at its border, so that its mean stays."""
    return np.asarray(ndimage.gaussian_filter(image, [width] * (image.ndim - 1) + [0], mode="reflect"))
