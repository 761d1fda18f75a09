"""SmoothGrad and its siblings: statistics of the gradient around the image."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from salwidget.attribution.contract import Answer, Method, method
from salwidget.attribution.question import Question
from salwidget.attribution.reduction import REDUCE, reduced
from salwidget.options import Number


@method
class SmoothGrad(Method):
    """Mean gradient over noisy copies of the image (Smilkov et al. 2017).

    Reduced over channels after the mean, so that gradients of changing sign cancel, which is what smooths.
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

    def refine(self, question: Question) -> Iterator[Answer]:
        image, samples, rng = question.image, question.options["samples"], question.rng
        width = question.options["noise"] * np.ptp(image)
        if not width:
            question.note("no noise was added: noise is 0, or the image has one value only")
        total, squares = np.zeros(image.shape), np.zeros(image.shape)
        for part in question.batches(samples, gradient=True):
            noise = rng.standard_normal((part.stop - part.start, *image.shape), dtype=np.float32)
            _, gradients = question.gradients(image + width * noise)
            total += gradients.sum(0, dtype=np.float64)
            squares += np.square(gradients, dtype=np.float64).sum(0)
            statistic = self.statistic(total / part.stop, squares / part.stop)
            yield self.answer(question, statistic, part.stop / samples)

    def statistic(self, mean: np.ndarray, mean_square: np.ndarray) -> np.ndarray:
        return mean

    def answer(self, question: Question, statistic: np.ndarray, progress: float) -> Answer:
        return reduced(question, statistic, progress)


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

    def answer(self, question: Question, statistic: np.ndarray, progress: float) -> Answer:
        # Squares have no sign to show, whichever reducer is chosen.
        return replace(reduced(question, statistic, progress), signed=False)


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
        return np.maximum(mean_square - mean**2, 0)
