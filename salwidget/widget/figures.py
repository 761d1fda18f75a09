"""Parts of the bqplot figures beside the view."""

from __future__ import annotations

from typing import Any

import bqplot
import ipywidgets
import numpy as np


def close_figure(figure: bqplot.Figure) -> None:
    """Close a figure with its marks, axes and scales."""
    parts: list[Any] = [*figure.marks, *figure.axes, figure.scale_x, figure.scale_y, figure.layout]
    parts += [scale for mark in figure.marks for scale in mark.scales.values()]
    for part in parts:
        part.close()
    figure.close()


def axis_of(mark: Any, scale: str, orientation: str, tick_format: str | None = None) -> bqplot.Axis:
    # Numbers get a format of ours: bqplot's guess fails on the empty scale that a figure starts with.
    numbers = {"num_ticks": 5, "tick_format": tick_format} if tick_format else {}
    return bqplot.Axis(
        scale=mark.scales[scale],
        orientation=orientation,
        grid_lines="none",
        tick_style={"font-size": "11px"},
        label_offset="28px",
        label_color="var(--jp-ui-font-color2)",
        **numbers,
    )


def figure_of(title: str, marks: list[Any], axes: list[bqplot.Axis], left: int) -> bqplot.Figure:
    return bqplot.Figure(
        title=title,
        # bqplot's dark theme has orange titles; the page's own text colour follows every theme.
        title_style={"font-size": "12px", "font-weight": "600", "fill": "var(--jp-ui-font-color2, currentColor)"},
        marks=marks,
        axes=axes,
        animation_duration=0,
        fig_margin={"top": 28, "bottom": 40, "left": left, "right": 24},
        layout=ipywidgets.Layout(height="220px", width="auto", min_width="300px", flex="1 1 340px"),
    )


def round_numbers(low: float, high: float) -> np.ndarray:
    """About five round numbers from ``low`` to ``high``: multiples of 1, 2 or 5 times a power of ten."""
    rough = (high - low) / 5
    power = 10.0 ** np.floor(np.log10(rough))
    step = power * min((one for one in (1, 2, 5, 10) if one * power >= rough), default=10)
    return np.asarray(np.arange(np.ceil(low / step), np.floor(high / step) + 1) * step)
