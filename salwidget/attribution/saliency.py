"""Saliency: which pixels move the score."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from salwidget.attribution.contract import Answer, Choice, Method, Question, method

REDUCERS = {
    "max_abs": lambda g: np.abs(g).max(-1),
    "max": lambda g: g.max(-1),
    "mean": lambda g: g.mean(-1),
    "sum": lambda g: g.sum(-1),
    "l2": lambda g: np.sqrt(np.square(g).sum(-1)),
}


@method
class Saliency(Method):
    """Size of the gradient at each pixel (Simonyan, Vedaldi and Zisserman 2013, section 3)."""

    name = "saliency"
    title = "Saliency"
    sentence = "How strongly each pixel moves {target}, up or down."
    formula = "max_c | ∂S/∂x_c |"
    limits = "Noisy. Says what the score is sensitive to, not what it is made of."
    paper = "Simonyan, Vedaldi, Zisserman 2013, arXiv:1312.6034"
    units = "score per unit of input"
    clip = 99.5

    reduce = Choice(
        "over channels",
        (
            ("auto", "auto: max |g|, or max of a modified g"),
            ("max_abs", "max |g|"),
            ("max", "max g (signed)"),
            ("mean", "mean g (signed)"),
            ("sum", "sum g (signed)"),
            ("l2", "L2 norm"),
        ),
        default="auto",
    )

    def refine(self, question: Question) -> Iterator[Answer]:
        reducer = self.reducer(question)
        positive = reducer in ("max_abs", "l2") or question.query.grad_modifier in ("absolute", "relu", "small_values")
        yield Answer(REDUCERS[reducer](question.gradient()), signed=not positive)

    def reducer(self, question: Question) -> str:
        """A modified gradient keeps its sign: |-g| would make "negate" a silent no-op."""
        chosen = question.options["reduce"]
        if chosen != "auto":
            return str(chosen)
        return "max_abs" if question.query.grad_modifier is None else "max"
