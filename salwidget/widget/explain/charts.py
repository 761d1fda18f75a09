"""The bqplot figures beside the view: class scores, and a histogram of the map's values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import bqplot
import ipywidgets
import numpy as np

from salwidget.heatmap import NO_VALUE, Heatmap
from salwidget.widget.figures import axis_of, close_figure, figure_of

MOST_BARS = 8
BINS = 40
# ImageNet's longest first name has 31 letters; one is 6 px wide at 11 px.
MOST_LETTERS, LETTER = 34, 6.0
_ACCENT = "#3b82f6"
_MARK = "#f59e0b"


class Charts(ipywidgets.HBox):
    """Two figures in a row that wraps where it is narrow.

    ``pick`` is called with the index of the class whose bar was clicked.
    """

    def __init__(self, pick: Callable[[int], None]) -> None:
        self._pick = pick
        self._classes: list[int] = []
        ranks = {"x": bqplot.OrdinalScale(reverse=True), "y": bqplot.LinearScale(min=0, max=1)}
        row = {"x": [""], "y": [0.0], "scales": ranks, "orientation": "horizontal", "colors": [_ACCENT], "padding": 0.25}
        # A faint bar over the whole row: the bar of an unlikely class is too thin to be clicked.
        self._rows, self._bars = bqplot.Bars(opacities=[0.08], **row), bqplot.Bars(**row)
        for mark in (self._rows, self._bars):
            mark.on_element_click(self._clicked)
        scales = {"x": bqplot.LinearScale(min=0, max=1), "y": bqplot.LinearScale(min=0, max=1)}
        # As many bars as there will be: from a single one bqplot makes a scale that it keeps.
        self._bins = bqplot.Bars(x=np.linspace(0, 1, BINS), y=np.zeros(BINS), scales=scales, colors=[_ACCENT], padding=0.05)
        self._threshold = bqplot.Lines(
            x=[0.0, 0.0], y=[0.0, 0.0], scales=scales, colors=[_MARK], stroke_width=2, line_style="solid"
        )
        self._names, self._score = axis_of(self._bars, "x", "vertical"), axis_of(self._bars, "y", "horizontal", "~g")
        self._units, pixels = axis_of(self._bins, "x", "horizontal", "~g"), axis_of(self._bins, "y", "vertical")
        pixels.visible = False  # heights are log(1 + pixels): their shape says enough
        super().__init__(
            [
                figure_of("Class scores", [self._rows, self._bars], [self._names, self._score], left=150),
                figure_of("Values of the map", [self._bins, self._threshold], [self._units, pixels], left=24),
            ]
        )
        self.layout.flex_flow = "row wrap"

    def show_scores(self, values: np.ndarray, labels: Sequence[str], activation: str) -> None:
        """Draw the highest of all outputs (n,), most at the top."""
        self._classes = [int(index) for index in np.argsort(-values, kind="stable")[:MOST_BARS]]
        probabilities = activation != "none"
        shown = values[self._classes].astype(float)
        self._score.label = "probability" if probabilities else "output"
        self._score.tick_format = ".0%" if probabilities else ".2f"
        scale = self._bars.scales["y"]
        low, high = (0.0, 1.0) if probabilities else _around(np.append(shown, 0.0))
        # bqplot redraws at every trait: all at once, or bars and names of two images meet.
        with self._bars.hold_sync(), self._rows.hold_sync(), scale.hold_sync():
            # Of all classes: the bars must not jump when another image has shorter names.
            self._make_room(max(len(_name(labels, index)) for index in range(len(values))))
            scale.min, scale.max = low, high
            names = [_name(labels, index) for index in self._classes]
            self._rows.x = self._bars.x = names
            self._rows.y, self._bars.y = np.full(len(names), high), shown

    def show_values(self, heatmap: Heatmap, threshold: float) -> None:
        """Draw how the values of a map are spread, and where the threshold cuts them."""
        finite = heatmap.values[np.isfinite(heatmap.values)]
        # A scale that is not signed begins at 0, as the colours do.
        low, high = _around(finite if heatmap.signed else np.append(finite, 0.0)) if finite.size else (0.0, 1.0)
        counts, edges = np.histogram(finite, bins=BINS, range=(low, high))
        # A bar of height log(1 + n): a few strong pixels beside thousands at zero are still seen.
        heights = np.log1p(counts)
        across, up = self._bins.scales["x"], self._bins.scales["y"]
        with self._bins.hold_sync(), across.hold_sync(), up.hold_sync():
            # bqplot adds half a bar at each end, which then lie at the extremes.
            self._bins.x = centres = ((edges[1:] + edges[:-1]) / 2).astype(float)
            across.min, across.max, up.max = float(centres[0]), float(centres[-1]), float(heights.max()) or 1.0
            self._bins.y = heights
        self._units.tick_values = np.linspace(low, high, 5)
        self._units.label = heatmap.units if finite.size else NO_VALUE
        self._units.tick_format = ".1e" if max(abs(low), abs(high)) < 0.01 else ".3~f"
        self.show_threshold(heatmap, threshold)

    def show_threshold(self, heatmap: Heatmap, threshold: float) -> None:
        """Move the mark to ``threshold`` (a fraction of the drawing's scale) of the map's values."""
        cut, top = threshold * heatmap.top, self._bins.scales["y"].max
        marks = [-cut, cut] if heatmap.signed else [cut]
        with self._threshold.hold_sync():
            self._threshold.x = np.array([[mark, mark] for mark in marks])
            self._threshold.y = np.array([[0.0, top] for _ in marks])

    def _make_room(self, letters: int) -> None:
        figure = self.children[0]
        left = int(np.clip(LETTER * letters + 14, 60, 260))
        if figure.fig_margin["left"] != left:
            figure.fig_margin = {**figure.fig_margin, "left": left}

    def reveal(self, shown: bool) -> None:
        """Show or hide them."""
        self.layout.display = "" if shown else "none"

    def close(self) -> None:
        """Close the figures with their parts: ipywidgets keeps what is not closed."""
        for figure in self.children:
            close_figure(figure)
        self.layout.close()
        super().close()

    def _clicked(self, _: Any, event: dict[str, Any]) -> None:
        place = event.get("data", {}).get("index")
        if isinstance(place, int) and 0 <= place < len(self._classes):
            self._pick(self._classes[place])


def _name(labels: Sequence[str], index: int) -> str:
    if not labels:
        return f"class {index}"
    label = labels[index]
    return f"{label if len(label) <= MOST_LETTERS else label[: MOST_LETTERS - 1] + '…'} · {index}"


def _around(values: np.ndarray) -> tuple[float, float]:
    """Lowest and highest of ``values``, a little apart where they are one: a scale needs an extent."""
    low, high = float(values.min()), float(values.max())
    return (low, high) if high > low else (low, low + max(abs(low), 1e-6))
