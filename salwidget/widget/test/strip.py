"""The bqplot figure under a test: a dot for each control, the region's own change beside them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import bqplot
import ipywidgets
import numpy as np

from salwidget.evidence.intervention import Intervention
from salwidget.widget.figures import axis_of, close_figure, figure_of, round_numbers

# Dots of nearly the same change stand on each other: so many columns has the strip.
COLUMNS = 60
_REGION, _ELSEWHERE = "#3b82f6", "#8b93a1"


class ControlStrip(ipywidgets.HBox):
    """Changes of the score: of the region, and of the same patch elsewhere.

    ``pick`` is called with the number of the control whose dot was clicked.
    """

    def __init__(self, pick: Callable[[int], None]) -> None:
        scales = {"x": bqplot.LinearScale(min=-1, max=1), "y": bqplot.LinearScale(min=0, max=8)}
        # bqplot takes an array of one point for none at all: it is given twice.
        start = {"x": np.zeros(2), "y": np.zeros(2), "scales": scales}
        self._elsewhere = bqplot.Scatter(colors=[_ELSEWHERE], default_size=36, default_opacities=[0.75], **start)
        self._region = bqplot.Scatter(colors=[_REGION], default_size=90, marker="diamond", **start)
        self._zero = bqplot.Lines(
            x=[0.0, 0.0], y=[0.0, 8.0], scales=scales, colors=[_ELSEWHERE], stroke_width=1, opacities=[0.5]
        )
        self._elsewhere.on_element_click(lambda _, event: pick(int(event["data"]["index"])))
        self._change, height = axis_of(self._region, "x", "horizontal", "~g"), axis_of(self._region, "y", "vertical")
        height.visible = False
        self._figure = figure_of("Change of the score", [self._zero, self._elsewhere, self._region], [self._change, height], 24)
        self._change.label_offset = "32px"
        self._figure.layout.height = "170px"
        super().__init__()
        self.layout.min_height = "170px"  # nothing moves when the first test is made
        self._drawn = False

    def reveal(self, shown: bool) -> None:
        """Show or hide it. A figure that is made where it is hidden has no size, and bqplot draws negative widths."""
        self.layout.display = "" if shown else "none"
        self._let_in()

    def show(self, made: Intervention) -> None:
        """Draw what is known so far."""
        changes = made.controls.astype(float)
        low, high = _extent(np.array([0.0, made.change, *changes, *made.agreement.values()]))
        heights, top = stacked(changes, low, high), 8.0
        if heights.size:
            top = max(top, float(heights.max()) + 1)
        x, y = self._region.scales["x"], self._region.scales["y"]
        verb = "kept" if made.keep else "covered"
        with ExitStack() as at_once:
            for part in (x, y, self._elsewhere, self._region, self._zero, self._change):
                at_once.enter_context(part.hold_sync())
            x.min, x.max, y.min, y.max = low, high, 0.0, top
            self._elsewhere.x, self._elsewhere.y = _twice(changes), _twice(heights)
            self._elsewhere.visible = bool(len(changes))
            self._region.x, self._region.y = _twice(np.array([made.change])), _twice(np.array([0.5]))
            self._zero.y = [0.0, top]
            self._change.tick_values = round_numbers(low, high)
            self._change.label = f"{made.target}: the region {verb} (blue), {len(changes)} patches elsewhere"
        self._drawn = True
        self._let_in()

    def clear(self) -> None:
        """There is nothing to show."""
        self._drawn = False
        self.children: list[ipywidgets.Widget] = []

    def _let_in(self) -> None:
        if self._drawn and self.layout.display != "none" and not self.children:
            self.children = [self._figure]

    def close(self) -> None:
        """Close the figure with its parts: ipywidgets keeps what is not closed."""
        close_figure(self._figure)
        self.layout.close()
        super().close()


def stacked(changes: np.ndarray, low: float, high: float) -> np.ndarray:
    """Heights of dots (K,), so that those in one column of the strip stand on each other: 0.5, 1.5, ..."""
    columns = np.floor((changes - low) / (high - low) * COLUMNS)
    return np.array([0.5 + int((columns[:number] == column).sum()) for number, column in enumerate(columns)])


def _extent(values: np.ndarray) -> tuple[float, float]:
    low, high = float(values.min()), float(values.max())
    room = 0.06 * (high - low) or 1.0
    return low - room, high + room


def _twice(values: np.ndarray) -> Any:
    return np.repeat(values, 2) if len(values) == 1 else values if len(values) else np.zeros(2)
