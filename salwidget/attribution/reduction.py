"""From a gradient with channels to one value per pixel."""

from __future__ import annotations

import functools

import numpy as np

from salwidget.attribution.context import Context
from salwidget.attribution.contract import Answer
from salwidget.options import Choice


def highest(values: np.ndarray) -> np.ndarray:
    """The maximum over channels, channel by channel: numpy's ``max`` takes ten times as long along so short an axis."""
    return functools.reduce(np.maximum, np.moveaxis(values, -1, 0))


REDUCERS = {
    "max_abs": lambda g: highest(np.abs(g)),
    "max": highest,
    "mean": lambda g: g.mean(-1),
    "sum": lambda g: g.sum(-1),
    "l2": lambda g: np.sqrt(np.square(g, dtype=np.float64).sum(-1)),
}

REDUCE = Choice(
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


def reduced(context: Context, gradient: np.ndarray, progress: float = 1.0) -> Answer:
    """One value per pixel, by the option ``reduce``.

    "auto" keeps the sign of a modified gradient: |-g| would make "negate" a silent no-op.
    """
    reducer = context.options["reduce"]
    if reducer == "auto":
        reducer = "max_abs" if context.query.grad_modifier is None else "max"
    unsigned = reducer in ("max_abs", "l2") or context.query.grad_modifier in ("absolute", "relu", "small_values")
    return Answer(REDUCERS[reducer](gradient), signed=not unsigned, progress=progress)
