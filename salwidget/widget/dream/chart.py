"""The bqplot figure beside a dream: the score at every step."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import ExitStack

import bqplot
import ipywidgets
import numpy as np

from salwidget.widget.figures import axis_of, close_figure, figure_of, round_numbers

# A line has no more points: more than a figure has pixels would only cost time.
MOST_POINTS = 400
# Seconds between two drawings: bqplot takes some 20 ms of the page for each.
PAUSE = 0.2
_COLOURS = ["#3b82f6", "#f59e0b", "#10b981", "#ef4444", "#8b5cf6", "#6b7280"]


class DreamChart(ipywidgets.HBox):
    """One line for each image; probabilities beside other scores have an axis of their own, at the right."""

    def __init__(self) -> None:
        steps, left, right = bqplot.LinearScale(), bqplot.LinearScale(), bqplot.LinearScale(min=0, max=1)
        start = {"x": np.array([0.0, 1.0]), "y": np.zeros((1, 2)), "stroke_width": 1.5}
        self._scores = bqplot.Lines(scales={"x": steps, "y": left}, colors=_COLOURS, **start)
        self._probabilities = bqplot.Lines(scales={"x": steps, "y": right}, colors=_COLOURS[1:], visible=False, **start)
        self._steps, self._left = axis_of(self._scores, "x", "horizontal", "~g"), axis_of(self._scores, "y", "vertical", "~g")
        self._right = axis_of(self._probabilities, "y", "vertical", ".0%")
        self._right.side, self._right.label, self._right.visible = "right", "probability", False
        # bqplot widens a scale by a line's width, and would put its ticks at broken numbers.
        self._right.tick_values, self._right.label_offset = np.array([0, 0.25, 0.5, 0.75, 1]), "44px"
        self._steps.label = "step"
        figure = figure_of("Score", [self._scores, self._probabilities], [self._steps, self._left, self._right], left=56)
        figure.fig_margin = {**figure.fig_margin, "right": 64}
        self._figure = figure
        super().__init__()
        self.layout.min_height = figure.layout.height  # nothing moves when the first scores come
        self._drawn = 0.0

    def reveal(self, shown: bool) -> None:
        """Show or hide it. A figure that is made where it is hidden has no size, and bqplot draws negative widths."""
        self.layout.display = "" if shown else "none"
        self._let_in()

    def _let_in(self) -> None:
        if self._drawn and self.layout.display != "none":
            self.children = [self._figure]

    def is_due(self, at_once: bool) -> bool:
        """Whether a drawing would be worth its time: it is seen, and the last one is old enough or this is ``at_once``."""
        return self.layout.display != "none" and (at_once or time.monotonic() - self._drawn > PAUSE)

    def show(self, scores: np.ndarray, probable: Sequence[bool]) -> None:
        """Draw the scores (steps, N), of which those that are ``probable`` are probabilities."""
        at = thinned(len(scores))
        mixed = any(probable) and not all(probable)
        apart = np.array(probable) & mixed
        values = np.where(np.isfinite(scores), scores, np.nan)[at].T.astype(float)
        steps, left = self._scores.scales["x"], self._scores.scales["y"]
        with ExitStack() as at_once:
            for part in (self._scores, self._probabilities, self._steps, self._left, self._right, steps, left):
                at_once.enter_context(part.hold_sync())
            left.min, left.max = _extent(values[~apart])
            steps.min, steps.max = 0.0, float(len(scores))
            self._left.tick_values = round_numbers(left.min, left.max)
            self._steps.tick_values = np.unique(np.linspace(0, len(scores), 5).round())
            self._scores.x, self._scores.y = at + 1.0, values[~apart]
            self._probabilities.visible = self._right.visible = mixed
            if mixed:
                self._probabilities.x, self._probabilities.y = at + 1.0, values[apart]
        self._drawn = time.monotonic()
        self._let_in()

    def close(self) -> None:
        """Close the figure with its parts: ipywidgets keeps what is not closed."""
        close_figure(self._figure)
        self.layout.close()
        super().close()


def thinned(count: int) -> np.ndarray:
    """At most ``MOST_POINTS`` of 0 to ``count - 1``, evenly spaced, the first and the last among them."""
    # bqplot takes an array of one point for none at all: it is given twice.
    return np.linspace(0, count - 1, max(2, min(count, MOST_POINTS))).round().astype(int)


def _extent(values: np.ndarray) -> tuple[float, float]:
    finite = values[np.isfinite(values)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    return (low, high) if high > low else (low, low + max(abs(low), 1e-6))
