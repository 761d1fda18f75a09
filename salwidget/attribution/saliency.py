"""Saliency: which pixels move the score."""

from __future__ import annotations

from collections.abc import Iterator

from salwidget.attribution.context import Context
from salwidget.attribution.contract import Answer, Method, method
from salwidget.attribution.reduction import REDUCE, reduced


@method
class Saliency(Method):
    """Size of the gradient at each pixel (Simonyan, Vedaldi and Zisserman 2013, section 3)."""

    name = "saliency"
    title = "Saliency"
    group = "Gradients"
    sentence = "How strongly each pixel moves {target}, up or down."
    formula = "max_c | ∂S/∂x_c |"
    limits = "Noisy. Says what the score is sensitive to, not what it is made of."
    paper = "Simonyan, Vedaldi, Zisserman 2013, arXiv:1312.6034"
    units = "score per unit of input"
    clip = 99.5

    reduce = REDUCE

    def refine(self, context: Context) -> Iterator[Answer]:
        yield reduced(context, context.gradient())
