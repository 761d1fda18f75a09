"""The explorer: the one anywidget view. Its traits are the wire; nothing here decides anything."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

import anywidget
from traitlets import Any, Bunch, Dict, validate

from salwidget.widget.controls import ROWS
from salwidget.widget.seen import UNSEEN, fitting

STATIC = Path(__file__).parent.parent / "static"


def _built(name: str) -> str | Path:
    """A file of the front end: its text, or with ANYWIDGET_HMR=1 its path, which anywidget watches.

    A watched file keeps every widget alive that was ever made (anywidget 0.11 connects a closure for each).
    """
    return STATIC / name if os.environ.get("ANYWIDGET_HMR") else (STATIC / name).read_text()


class Explorer(anywidget.AnyWidget):
    """State of the page. The controls are untyped here on purpose: the page may write anything, and what it says is
    ``moved``, where it is checked and from where a correction is sent."""

    _esm = _built("widget.js")
    _css = _built("widget.css")

    network = Dict().tag(sync=True)
    methods = Any().tag(sync=True)
    choices = Dict().tag(sync=True)
    replacements = Any().tag(sync=True)
    refusals = Dict().tag(sync=True)
    labels = Any().tag(sync=True)
    images = Any().tag(sync=True)
    notices = Any().tag(sync=True)
    limits = Dict().tag(sync=True)
    dream_settings = Any().tag(sync=True)
    dream_refusal = Any().tag(sync=True)
    # Of the map shown and of the widget, to be copied.
    python = Dict().tag(sync=True)

    vars().update({name: Any().tag(sync=True) for name in ROWS})
    seen = Any(UNSEEN).tag(sync=True)

    # Called with the controls of a page's message, those too whose value is as it was: they were chosen.
    moved: Callable[[dict[str, object]], None] | None = None

    def set_state(self, sync_data: dict[str, object]) -> None:
        """Take over what the page says of the controls; of the rest it is told what stands."""
        controls = {name: value for name, value in sync_data.items() if name in ROWS}
        taken = {name: value for name, value in sync_data.items() if name in ROWS or name == "seen"}
        super().set_state(taken)
        if controls and self.moved is not None:
            self.moved(controls)
        if others := set(self.keys).intersection(sync_data).difference(taken):
            self.send_state(others)

    def tell(self, values: Mapping[str, object]) -> None:
        """Give traits their values, and the page those that are new to it: in one message."""
        new = {name: value for name, value in values.items() if getattr(self, name) != value}
        self._trait_values.update(new)
        if new:
            self.send_state(set(new))

    @validate("seen")
    def _fits(self, proposal: Bunch) -> dict[str, object]:
        return fitting(proposal["value"])
