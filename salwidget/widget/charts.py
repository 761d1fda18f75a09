"""The bqplot figures beside the view: class scores, and a histogram of the map's values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import bqplot
import ipywidgets
import numpy as np

from salwidget.heatmap import Heatmap

MOST_BARS = 8
BINS = 40
_ACCENT = "#3b82f6"
_MARK = "#f59e0b"


class Charts(ipywidgets.HBox):
    """Two figures in a row that wraps where it is narrow.

    ``pick`` is called with the index of the class whose bar was clicked.
    """

    def __init__(self, pick: Callable[[int], None]) -> None:
        self._pick = pick
        self._classes: list[int] = []
        self._bars = bqplot.Bars(
            x=[0], y=[0.0], scales={"x": bqplot.OrdinalScale(reverse=True), "y": bqplot.LinearScale(min=0)},
            orientation="horizontal", colors=[_ACCENT], padding=0.25,
        )  # fmt: skip
        self._bars.on_element_click(self._clicked)
        self._bins = bqplot.Bars(
            x=[0.0], y=[0.0], scales={"x": bqplot.LinearScale(), "y": bqplot.LinearScale(min=0)}, colors=[_ACCENT], padding=0.05
        )
        self._threshold = bqplot.Lines(
            x=[0.0, 0.0], y=[0.0, 0.0], scales=self._bins.scales, colors=[_MARK], stroke_width=2, line_style="dashed"
        )
        scores = _figure("class scores", [self._bars], left=150)
        self._score_axis = scores.axes[1]
        self._values = _figure("values of the map", [self._bins, self._threshold], left=48)
        super().__init__([scores, self._values])
        self.layout.flex_flow = "row wrap"

    def show_scores(self, values: np.ndarray, labels: Sequence[str], activation: str) -> None:
        """Draw the highest of all outputs (n,), most at the top."""
        self._classes = [int(index) for index in np.argsort(values)[::-1][:MOST_BARS]]
        names = [f"{labels[index][:18] if labels else 'unit'} · {index}" for index in self._classes]
        self._score_axis.label = "output" if activation == "none" else "probability"
        # bqplot redraws at every trait: all at once, or bars and names of two images meet.
        with self._bars.hold_sync():
            self._bars.x = names
            self._bars.y = values[self._classes].astype(float)
            self._bars.scales["y"].min = min(0.0, float(values.min())) if activation == "none" else 0.0

    def show_values(self, heatmap: Heatmap, threshold: float) -> None:
        """Draw how the values of a map are spread, and where the threshold cuts them."""
        counts, edges = np.histogram(heatmap.values, bins=BINS)
        # A bar of height log(1 + n): a few strong pixels beside thousands at zero are still seen.
        with self._bins.hold_sync():
            self._bins.x = ((edges[1:] + edges[:-1]) / 2).astype(float)
            self._bins.y = np.log1p(counts)
        self._values.axes[0].label = heatmap.units
        self.show_threshold(heatmap, threshold)

    def show_threshold(self, heatmap: Heatmap, threshold: float) -> None:
        """Move the mark to ``threshold`` (a fraction of the drawing's scale) of the map's values."""
        cut = threshold * scale_top(heatmap)
        top = float(np.max(self._bins.y)) if len(self._bins.y) else 0.0
        marks = [-cut, cut] if heatmap.signed else [cut]
        with self._threshold.hold_sync():
            self._threshold.x = [[mark, mark] for mark in marks]
            self._threshold.y = [[0.0, top] for _ in marks]

    def close(self) -> None:
        """Close the figures with their marks, scales and axes: ipywidgets keeps what is not closed."""
        for figure in self.children:
            parts: list[Any] = [*figure.marks, *figure.axes, figure.scale_x, figure.scale_y, figure.layout]
            parts += [scale for mark in figure.marks for scale in mark.scales.values()]
            for part in parts:
                part.close()
            figure.close()
        self.layout.close()
        super().close()

    def _clicked(self, _: Any, event: dict[str, Any]) -> None:
        place = event.get("data", {}).get("index")
        if isinstance(place, int) and 0 <= place < len(self._classes):
            self._pick(self._classes[place])


def scale_top(heatmap: Heatmap) -> float:
    """Where a drawing's scale ends: the map's ``clip`` percentile of the absolute values (as ``paint.ts`` does)."""
    return float(np.percentile(np.abs(heatmap.values), heatmap.clip))


def _figure(title: str, marks: list[Any], left: int) -> bqplot.Figure:
    scales = marks[0].scales
    horizontal = marks[0].orientation == "horizontal"
    names = {"grid_lines": "none", "num_ticks": None if horizontal else 4}
    across = bqplot.Axis(scale=scales["x"], orientation="vertical" if horizontal else "horizontal", **names)
    up = bqplot.Axis(
        scale=scales["y"], orientation="horizontal" if horizontal else "vertical", grid_lines="none", num_ticks=4
    )
    return bqplot.Figure(
        title=title, marks=marks, axes=[across, up], animation_duration=0,
        fig_margin={"top": 30, "bottom": 42, "left": left, "right": 16},
        layout=ipywidgets.Layout(height="230px", width="auto", min_width="300px", flex="1 1 340px"),
    )  # fmt: skip
