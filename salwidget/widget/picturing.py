"""The picture that a widget saves: the map that it holds, with its look."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image

from salwidget.attribution import method_of
from salwidget.heatmap import Heatmap
from salwidget.snapshot import Look, snapshot
from salwidget.target_text import target_title
from salwidget.writing import atomic_write

if TYPE_CHECKING:
    from salwidget.widget.session import Session


def save(session: Session, path: str | os.PathLike[str]) -> None:
    """Write the picture as PNG.

    Raises
    ------
    ValueError
        For another ending, a folder that is not there or cannot be written to, or a widget without an answer.
    """
    path = Path(path)
    if path.suffix.lower() != ".png":
        raise ValueError(f"A widget's picture is saved as .png; {path.name!r} ends otherwise. Values: w.heatmap.save().")
    picture = pictured(session)
    with atomic_write(path) as file:
        picture.save(file, "PNG")


def pictured(session: Session) -> Image.Image:
    answer = answered(session)
    image = session.python.image_shown
    query, name = answer.query, session.gallery.examples[image][0].name
    method = method_of(query.method)
    title = f"{method.title} of {target_title(session.network, query.target, session.labels)}"
    question = _question(session, name, dict(query.options), answer)
    look = look_of(session)
    return snapshot(answer, session.gallery.examples[image][query.source], title, question, method.on_image, look)


def answered(session: Session) -> Heatmap:
    """The last answer.

    Raises
    ------
    ValueError
        Where there is none yet.
    """
    heatmap: Heatmap | None = session.widget.heatmap
    if heatmap is None:
        raise ValueError("The widget has no answer yet: w.wait() waits for it.")
    return heatmap


def look_of(session: Session) -> Look:
    """As the controls and the page have it; without a page, as one in a light theme would begin."""
    widget, seen = session.widget, session.view.seen
    cut = seen["slice"] if seen["slice"] >= 0 else None
    return Look(widget.opacity, widget.threshold, widget.colormap, seen["view"], cut, seen["channel"], seen["dark"])


def _question(session: Session, image: str, options: dict[str, Any], answer: Heatmap) -> list[str]:
    """The model, the image, and what else was asked where it is not the usual."""
    query = answer.query
    words = [session.network.name, image]
    changed = {name: value for name in ("backprop_modifier", "grad_modifier", "seed") if (value := getattr(query, name))}
    asked = {**changed, **options}
    words += [f"{name.replace('_', ' ')} {getattr(value, '__name__', value)}" for name, value in asked.items()]
    return [word for word in words if word]
