"""SmoothGrad and its siblings: statistics of the gradient around the image."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from salwidget.attribution.context import Context
from salwidget.attribution.contract import Answer, Method, method
from salwidget.attribution.joint import INPUTS, moving
from salwidget.attribution.reduction import REDUCE, reduced
from salwidget.options import Number


@method
class SmoothGrad(Method):
    """Mean gradient over noisy copies of the image (Smilkov et al. 2017).

    Reduced over channels after the mean, so that gradients of changing sign cancel, which is what smooths. With several inputs
    each gets noise of its own, scaled by its own range.
    """

    name = "smoothgrad"
    title = "SmoothGrad"
    group = "Gradients"
    sentence = "How strongly each pixel moves {target}, with the gradient's noise averaged out."
    formula = "mean_i ∂S/∂x (x + ε_i),  ε_i ~ N(0, σ²),  σ = noise · (max x − min x)"
    limits = "Says what the score is sensitive to around the image, not at it; much noise leaves the data's own images."
    paper = "Smilkov, Thorat, Kim, Viégas, Wattenberg 2017, arXiv:1706.03825"
    units = "score per unit of input"
    random = True
    clip = 99.5

    samples = Number("samples", 20, 2, 200)
    noise = Number("noise", 0.15, 0, 1, 0.01, help="standard deviation, as a share of the image's range")
    reduce = REDUCE
    inputs = INPUTS

    def refine(self, context: Context) -> Iterator[Answer]:
        samples, shape = context.options["samples"], context.image.shape
        images = [picture.input for picture in context.example]
        which = moving(context)
        widths = {index: context.options["noise"] * np.ptp(images[index]) for index in which}
        rngs = {index: context.rng_of(index) for index in which}
        if not any(widths.values()):
            context.note("no noise was added: noise is 0, or the image has one value only")

        def noisy(index: int, count: int) -> np.ndarray:
            image = images[index]
            if index not in which:
                return np.broadcast_to(image, (count, *image.shape))
            copies: np.ndarray = image + widths[index] * rngs[index].standard_normal((count, *image.shape), dtype=np.float32)
            return copies

        total, squares = np.zeros(shape), np.zeros(shape)
        for part in context.batches(samples, gradient=True):
            _, gradients = context.gradients([noisy(index, part.stop - part.start) for index in range(len(images))])
            total += gradients.sum(0, dtype=np.float64)
            squares += np.square(gradients, dtype=np.float64).sum(0)
            statistic = self.statistic(total / part.stop, squares / part.stop)
            yield self.answer(context, statistic, part.stop / samples)

    def statistic(self, mean: np.ndarray, mean_square: np.ndarray) -> np.ndarray:
        return mean

    def answer(self, context: Context, statistic: np.ndarray, progress: float) -> Answer:
        return reduced(context, statistic, progress)


@method
class SquareGrad(SmoothGrad):
    """Mean square of the gradient over noisy copies of the image (Hooker et al. 2019, there "SmoothGrad-Squared")."""

    name = "squaregrad"
    title = "SquareGrad"
    sentence = "Where the gradient of {target} is large around this image, whatever its sign."
    formula = "mean_i (∂S/∂x (x + ε_i))²"
    limits = "Has no sign. A few large gradients outweigh many small ones."
    paper = "Hooker, Erhan, Kindermans, Kim 2019, arXiv:1806.10758"
    units = "(score per unit of input)²"

    def statistic(self, mean: np.ndarray, mean_square: np.ndarray) -> np.ndarray:
        return mean_square

    def answer(self, context: Context, statistic: np.ndarray, progress: float) -> Answer:
        # Squares have no sign to show, whichever reducer is chosen.
        return replace(reduced(context, statistic, progress), signed=False)


@method
class VarGrad(SquareGrad):
    """Variance of the gradient over noisy copies of the image (Adebayo et al. 2018): mean g² − (mean g)²."""

    name = "vargrad"
    title = "VarGrad"
    sentence = "Where the gradient of {target} changes most around this image."
    formula = "mean_i g_i² − (mean_i g_i)²,  g_i = ∂S/∂x (x + ε_i)"
    limits = "Has no sign, and is zero wherever the model is linear, however much a pixel matters there."
    paper = "Adebayo, Gilmer, Goodfellow, Kim 2018, arXiv:1810.03307"

    def statistic(self, mean: np.ndarray, mean_square: np.ndarray) -> np.ndarray:
        # Rounding may leave a variance of zero slightly negative.
        return np.asarray(np.maximum(mean_square - mean**2, 0))
