"""The picture that a widget saves: the map that it holds, with its look."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from PIL import Image

from salwidget.attribution import method_of
from salwidget.heatmap import Heatmap
from salwidget.snapshot import Look, snapshot
from salwidget.target_text import target_title
from salwidget.widget.context import WidgetContext
from salwidget.widget.explain.panel import ExplainPanel
from salwidget.writing import atomic_write


def save(panel: ExplainPanel, path: str | os.PathLike[str]) -> None:
    """Write the picture as PNG.

    Raises
    ------
    ValueError
        For another ending, a folder that is not there or cannot be written to, or a widget without an answer.
    """
    path = Path(path)
    if path.suffix.lower() != ".png":
        raise ValueError(f"A widget's picture is saved as .png; {path.name!r} ends otherwise. Values: w.heatmap.save().")
    picture = pictured(panel)
    with atomic_write(path) as file:
        picture.save(file, "PNG")


def pictured(panel: ExplainPanel) -> Image.Image:
    context, answer = panel.context, answered(panel)
    example = context.gallery.examples[panel.pane.image_shown]
    query = answer.query
    method = method_of(query.method)
    title = f"{method.title} of {target_title(context.network, query.target, context.labels)}"
    question = _question(context.network.name, example[0].name, dict(query.options), answer)
    return snapshot(answer, example[query.source], title, question, method.on_image, look_of(context))


def answered(panel: ExplainPanel) -> Heatmap:
    """The last answer.

    Raises
    ------
    ValueError
        Where there is none yet.
    """
    if panel.pane.heatmap is None:
        raise ValueError("The widget has no answer yet: w.wait() waits for it.")
    return panel.pane.heatmap


def look_of(context: WidgetContext) -> Look:
    """As the controls and the page have it; without a page, as one in a light theme would begin."""
    controls, seen = context.controls, context.view.seen
    cut = seen["slice"] if seen["slice"] >= 0 else None
    return Look(controls.opacity, controls.threshold, controls.colormap, seen["view"], cut, seen["channel"], seen["dark"])


def _question(network: str, image: str, options: dict[str, Any], answer: Heatmap) -> list[str]:
    """The model, the image, and what else was asked where it is not the usual."""
    query = answer.query
    words = [network, image]
    changed = {name: value for name in ("backprop_modifier", "grad_modifier", "seed") if (value := getattr(query, name))}
    asked = {**changed, **options}
    words += [f"{name.replace('_', ' ')} {getattr(value, '__name__', value)}" for name, value in asked.items()]
    return [word for word in words if word]
