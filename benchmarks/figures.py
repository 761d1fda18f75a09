"""What is measured, as data: the repetitions of a figure, and what stands beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import median, quantiles
from typing import Any


@dataclass(frozen=True)
class Figure:
    """All repetitions of one measurement.

    Attributes
    ----------
    what, model
        What was done, and to which model.
    values
        One for each repetition, in ``unit``.
    unit
        ``"s"`` is time; ``"MB"``, ``"GB"`` memory; ``"frames/s"``; nothing for counts.
    passes
        Images that each repetition put through the model.
    than
        What stands beside it: ``"floor"`` (forward + gradient), ``"forward"``, or the name of a peer; empty: nothing does.
    beside, beside_passes
        Seconds of what stands beside it, taken in turn with ``values``, and its passes.
    at
        Where it lies on the horizontal axis of a plot: the side of an image in pixels, or images in a batch.
    """

    what: str
    values: Sequence[float]
    unit: str = "s"
    model: str = "MobileNetV2"
    passes: float = 1
    than: str = ""
    beside: Sequence[float] = ()
    beside_passes: float = 1
    at: float | None = None

    @property
    def ratios(self) -> list[float]:
        """Ours / theirs of each turn."""
        return [ours / theirs for ours, theirs in zip(self.values, self.beside, strict=True)]

    @property
    def per_pass(self) -> list[float]:
        """The same with the time of each side divided by its passes."""
        return [ratio * self.beside_passes / self.passes for ratio in self.ratios]

    def as_json(self) -> dict[str, Any]:
        return {"kind": "figure", **asdict(self), "values": rounded(self.values), "beside": rounded(self.beside)}


@dataclass(frozen=True)
class Curve:
    """How ``unit`` went along ``along``: memory along questions or steps; ``start`` is where the first ones had settled."""

    what: str
    along: str
    unit: str
    x: Sequence[float]
    y: Sequence[float]
    start: float = 0

    @property
    def growth(self) -> float:
        """The most above the value at ``start``."""
        settled = [y for x, y in zip(self.x, self.y, strict=True) if x >= self.start]
        return max(settled) - settled[0]

    def as_json(self) -> dict[str, Any]:
        return {"kind": "curve", **asdict(self), "x": list(self.x), "y": rounded(self.y)}


@dataclass(frozen=True)
class Quartiles:
    """Of some repetitions; of a single one they are that one."""

    low: float
    middle: float
    high: float


def quartiles(values: Sequence[float]) -> Quartiles:
    if len(values) == 1:
        return Quartiles(values[0], values[0], values[0])
    low, _, high = quantiles(values, n=4, method="inclusive")
    return Quartiles(low, median(values), high)


def of_json(stored: Mapping[str, Any]) -> Figure | Curve:
    """A figure or a curve as ``as_json`` wrote it."""
    kind = {"figure": Figure, "curve": Curve}[stored["kind"]]
    return kind(**{name: value for name, value in stored.items() if name != "kind"})


def rounded(values: Sequence[float]) -> list[float]:
    """Five digits: more would be noise in a file that is committed."""
    return [float(f"{value:.5g}") for value in values]
