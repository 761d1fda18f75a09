"""Paths and noise that move all inputs of a model at once, or only the one that the map is for."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from salwidget.attribution.context import Context
from salwidget.options import MovedInputs
from salwidget.query import Array, ByInput

# One array for each of the model's inputs, with or without the axis of the batch.
Points = list[np.ndarray]

INPUTS = MovedInputs(
    "inputs",
    (("joint", "all move together"), ("alone", "only this one moves")),
    default="joint",
    help="of several: whether the others go the same way, or stay at the image",
)


def moving(context: Context) -> tuple[int, ...]:
    """The inputs that move: the map's own and, by the option ``inputs``, all others with a gradient; a note says which."""
    own, every = context.source, context.network.inputs
    joint = context.options["inputs"] == "joint"
    moved = [each for each in every if each == own or (joint and each.differentiable)]
    if len(every) > 1:
        names = " and ".join(each.name for each in moved)
        still = " and ".join(each.name for each in every if each not in moved)
        moves = f"move{'s' * (len(moved) == 1)} {'together' if len(moved) > 1 else 'alone'}"
        context.note(f"{names} {moves}" + f", {still} stay{'s' * (len(every) - len(moved) == 1)} as given" * bool(still))
    return tuple(each.index for each in moved)


def starts_of(context: Context, kind: str | Array | ByInput, which: Sequence[int]) -> Points:
    """Where a path begins: at the baseline for the inputs ``which``, at the image for the others."""
    return [context.baseline(kind, index) if index in which else picture.input for index, picture in enumerate(context.example)]


def batch_of(points: Points) -> Points:
    """A batch of one for each input."""
    return [point[None] for point in points]


def along(start: np.ndarray, image: np.ndarray, alphas: np.ndarray) -> np.ndarray:
    """The points of the straight line from ``start`` (0) to ``image`` (1), (N, ...)."""
    if start is image:
        return np.broadcast_to(image, (len(alphas), *image.shape))
    change = image - start
    points: np.ndarray = start + np.multiply.outer(alphas.astype(change.dtype), change)
    return points
