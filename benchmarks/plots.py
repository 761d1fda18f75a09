"""The plots of docs/speed.md, drawn from benchmarks/speed.json."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import median
from typing import Any

import matplotlib
from matplotlib.figure import Figure as Sheet

from benchmarks.growth import BY_BATCH, BY_SIDE
from benchmarks.limit import BOTH
from benchmarks.limit_table import limits_of
from benchmarks.measuring import ROOT
from benchmarks.results import Section

FOLDER = ROOT / "docs"
# Section -> file -> what it shows, in words.
PLOTS = {
    "memory": {"speed-memory.svg": "Resident memory along 500 questions and 2,000 dream steps, above the first ones"},
    "growth": {"speed-growth.svg": "Milliseconds by side of the image, and for one image by images in a batch"},
    "limit": {"speed-models.svg": "Milliseconds of four models by their operations: the floor, saliency, the least time"},
}
# Without a time and with fixed names inside, the same numbers are the same file.
STYLE: Any = {
    "svg.hashsalt": "salwidget",
    "svg.fonttype": "none",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
}


def write(sections: Mapping[str, Section]) -> None:
    """Draw what the sections have."""
    draw = {"memory": memory, "growth": growth, "limit": models}
    with matplotlib.rc_context(STYLE):
        for name, files in PLOTS.items():
            if name in sections:
                for file in files:
                    sheet = draw[name](sections[name])
                    sheet.savefig(FOLDER / file, metadata={"Date": None, "Creator": None}, facecolor="white")


def memory(section: Section) -> Sheet:
    """MB above the first settled value, along the share of the way."""
    sheet, axes = sheet_of(len(section.curves))
    for axis, curve in zip(axes, section.curves, strict=True):
        base = next(y for x, y in zip(curve.x, curve.y, strict=True) if x >= curve.start)
        axis.plot(curve.x, [y - base for y in curve.y], linewidth=1.2)
        axis.axhspan(0, 20, alpha=0.12)
        axis.axvline(curve.start, linewidth=0.6, linestyle=":", color="grey")
        axis.set(title=curve.what, xlabel=curve.along, ylabel="MB above the first", ylim=(-30, 30))
        axis.title.set_fontsize(8)
    return sheet


def growth(section: Section) -> Sheet:
    """The floor of each size is that of any of its figures."""
    sheet, axes = sheet_of(2)
    for axis, begin, along in zip(axes, (BY_SIDE, BY_BATCH), ("side of the image, pixels", "images in a batch"), strict=True):
        figures = [figure for figure in section.figures if figure.what.startswith(begin)]
        lines: dict[str, list[tuple[float, float]]] = {"floor": []}
        for figure in figures:
            assert figure.at is not None
            lines.setdefault(figure.what.partition(": ")[2], []).append((figure.at, median(figure.values) / figure.passes))
            if figure.at not in dict(lines["floor"]):
                lines["floor"].append((figure.at, median(figure.beside) / figure.beside_passes))
        for name, points in lines.items():
            points.sort()
            axis.plot([x for x, _ in points], [1e3 * y for _, y in points], marker="o", markersize=3, label=name)
        axis.set(xlabel=along, ylabel="ms" if begin == BY_SIDE else "ms for one image", ylim=(0, None))
        axis.set_xscale("log", base=2)
        axis.set_xticks(sizes := [x for x, _ in lines["floor"]], [f"{size:g}" for size in sizes])
        axis.minorticks_off()
        axis.legend(frameon=False)
    return sheet


def models(section: Section) -> Sheet:
    """Forward + gradient of the four models."""
    sheet, (axis,) = sheet_of(1)
    found = sorted((one for one in limits_of(section) if one.what == BOTH), key=lambda one: one.gigaflop)
    x = [one.gigaflop for one in found]
    for name, y in (
        ("floor", [one.floor for one in found]),
        ("saliency", [one.ours or 0 for one in found]),
        ("least time", [one.least for one in found]),
    ):
        axis.loglog(x, [1e3 * each for each in y], marker="o", markersize=3, label=name)
    for one in found:
        axis.annotate(one.model, (one.gigaflop, 1e3 * one.least), (6, -9), textcoords="offset points", fontsize=8)
    axis.set(xlabel="GFLOP of a forward pass and its gradient", ylabel="ms", xlim=(x[0] / 1.5, 3 * x[-1]))
    for scale in (axis.xaxis, axis.yaxis):
        scale.set_major_formatter(lambda value, _: f"{value:g}")
    axis.legend(frameon=False)
    return sheet


def sheet_of(count: int) -> tuple[Sheet, list[Any]]:
    """A sheet of so many axes, side by side."""
    sheet = Sheet(figsize=(5.5 if count == 1 else 3.6 * count, 3), layout="constrained")
    return sheet, list(sheet.subplots(1, count, squeeze=False)[0])
