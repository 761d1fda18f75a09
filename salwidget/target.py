"""The scalar that is explained: a unit of a layer, or a weighted sum of units.

``Unit(filters=20) - Unit(filters=21)`` reads as it means; operands are never changed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from salwidget.tensors import Tensor

SCORES = ("logit", "probability", "log_probability")
AIMS = ("increase", "decrease", "maintain")

Function = Callable[[Tensor], Tensor]
Filters = int | Sequence[int] | None


class _Algebra:
    """Sums, differences and multiples of targets are targets."""

    @property
    def _sum(self) -> Target:
        raise TypeError(f"{type(self).__name__} is no target.")

    def __add__(self, other: Unit | Target) -> Target:
        return Target(self._sum.terms + other._sum.terms)

    def __sub__(self, other: Unit | Target) -> Target:
        return self + -1 * other

    def __mul__(self, factor: float) -> Target:
        return Target(tuple((factor * weight, unit) for weight, unit in self._sum.terms))

    __rmul__ = __mul__

    def __neg__(self) -> Target:
        return -1 * self

    def near(self, value: float) -> Target:
        """Come closer to ``value``: S = -|y - value|."""
        return Target(self._sum.terms, _finite(value))


@dataclass(frozen=True)
class Unit(_Algebra):
    """Mean over filters, and over space or at one cell, of a layer's output.

    Parameters
    ----------
    layer
        By index (negative from the end) or name.
    filters
        One, several (their mean), or ``None``: all of them; on a dense output, the top class of the image.
    score
        For a layer that is an output of the model: ``"logit"`` (what goes into its final softmax or sigmoid),
        ``"probability"`` or ``"log_probability"``. Elsewhere it is ignored.
    cell
        One cell of the feature map, e.g. (row, column); ``None`` for the mean over space.
    function
        A score of your own: a function from the layer's output (N, ..., channels), a TensorFlow tensor, to floats (N,), one
        for each image, written with TensorFlow or ``keras.ops`` (NumPy cannot be traced). It combines with ``score``, and
        replaces ``filters`` and ``cell``.
    """

    layer: int | str = -1
    filters: Filters = None
    score: str = "logit"
    cell: tuple[int, ...] | None = None
    function: Function | None = None

    @property
    def _sum(self) -> Target:
        return Target(((1.0, self),))


@dataclass(frozen=True)
class Target(_Algebra):
    """A weighted sum of units, or with ``nearness_to`` minus its distance to that value."""

    terms: tuple[tuple[float, Unit], ...]
    nearness_to: float | None = None

    @property
    def _sum(self) -> Target:
        if self.nearness_to is not None:
            raise TypeError("The distance to a value is the last step of a target: add and multiply before near().")
        return self

    @property
    def layer(self) -> int:
        """Index of its earliest layer; for a checked target only."""
        return min(int(unit.layer) for _, unit in self.terms)

    @property
    def filters(self) -> tuple[int, ...] | None:
        """Filters of its first unit; for a checked target only."""
        return self.terms[0][1].filters  # type: ignore[return-value]

    @property
    def is_difference(self) -> bool:
        return any(weight < 0 for weight, _ in self.terms) and any(weight > 0 for weight, _ in self.terms)


def aimed(target: Target, aim: str | float) -> Target:
    """The target for an aim: higher, lower, or closer to a value; "maintain" is done by the gradient modifier."""
    if isinstance(aim, str):
        if aim not in AIMS:
            raise ValueError(f"aim {aim!r} is not known; use one of {', '.join(AIMS)}, or a number to come closer to.")
        return -target if aim == "decrease" else target
    return target.near(aim)


def _finite(value: float) -> float:
    try:
        number = float("nan") if isinstance(value, (bool, str, bytes)) else float(value)
    except (TypeError, ValueError):
        number = float("nan")
    except OverflowError:
        number = float("inf")  # a whole number of any length; to write it out may be refused too
    if not np.isfinite(number):
        shown = number if number > 0 else repr(value)[:40]
        raise ValueError(f"aim is a finite number to come closer to, or one of {', '.join(map(repr, AIMS))}, not {shown}.")
    return number


def written(
    target: Target,
    unit_text: Callable[[Unit], str],
    *,
    times: str = " · ",
    minus: str = "−",
    first: str = "−",
    number: Callable[[float], str] = "{:g}".format,
) -> str:
    """The sum of a target as text: ``"a − b"``; ``first`` stands before a first term that is subtracted."""
    text = ""
    for weight, unit in target.terms:
        sign = f" {minus if weight < 0 else '+'} " if text else first * (weight < 0)
        factor = "" if abs(weight) == 1 else f"{number(abs(weight))}{times}"
        text += f"{sign}{factor}{unit_text(unit)}"
    return text
