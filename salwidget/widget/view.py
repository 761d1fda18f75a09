"""The explorer: the one anywidget view. Its traits are the wire; nothing here decides anything."""

from __future__ import annotations

import os
from pathlib import Path

import anywidget
from traitlets import Any, Bunch, Dict, validate

from salwidget.widget.seen import UNSEEN, fitting

STATIC = Path(__file__).parent.parent / "static"


def _built(name: str) -> str | Path:
    """A file of the front end: its text, or with ANYWIDGET_HMR=1 its path, which anywidget watches.

    A watched file keeps every widget alive that was ever made (anywidget 0.11 connects a closure for each).
    """
    return STATIC / name if os.environ.get("ANYWIDGET_HMR") else (STATIC / name).read_text()


# Decide the answer; an answer carries them back as ``asked``.
QUESTION = (
    "layer_idx",
    "filter_indices",
    "versus",
    "cell",
    "aim",
    "target",
    "method",
    "score",
    "backprop_modifier",
    "grad_modifier",
    "image_idx",
    "input_idx",
    "seed",
    "options",
)
# Decide how it looks; the page applies them without asking.
LOOK = ("opacity", "threshold", "colormap", "charts", "tab")


class Explorer(anywidget.AnyWidget):
    """State of the page. The controls are untyped here on purpose: the page may write anything, and
    ``SaliencyWidget`` is where a value is checked and from where a correction is sent."""

    _esm = _built("widget.js")
    _css = _built("widget.css")

    network = Dict().tag(sync=True)
    methods = Any().tag(sync=True)
    choices = Dict().tag(sync=True)
    refusals = Dict().tag(sync=True)
    labels = Any().tag(sync=True)
    images = Any().tag(sync=True)
    notices = Any().tag(sync=True)
    limits = Dict().tag(sync=True)
    dream_settings = Any().tag(sync=True)
    dream_refusal = Any().tag(sync=True)
    # Of the map shown and of the widget, to be copied.
    python = Dict().tag(sync=True)

    layer_idx = Any().tag(sync=True)
    filter_indices = Any().tag(sync=True)
    versus = Any().tag(sync=True)
    cell = Any().tag(sync=True)
    aim = Any().tag(sync=True)
    target = Any().tag(sync=True)
    method = Any().tag(sync=True)
    score = Any().tag(sync=True)
    backprop_modifier = Any().tag(sync=True)
    grad_modifier = Any().tag(sync=True)
    image_idx = Any().tag(sync=True)
    input_idx = Any().tag(sync=True)
    seed = Any().tag(sync=True)
    options = Any().tag(sync=True)
    opacity = Any().tag(sync=True)
    threshold = Any().tag(sync=True)
    colormap = Any().tag(sync=True)
    charts = Any().tag(sync=True)
    tab = Any().tag(sync=True)
    seen = Any(UNSEEN).tag(sync=True)

    # Controls in the page's last message, those too whose value is as it was: they were chosen.
    said: frozenset[str] = frozenset()

    def set_state(self, sync_data: dict[str, object]) -> None:
        """Take over what the page says of the controls; of the rest it is told what stands."""
        self.said = said = frozenset(sync_data).intersection((*QUESTION, *LOOK))
        taken = said.union({"seen"}.intersection(sync_data))
        super().set_state({name: sync_data[name] for name in taken})
        if others := set(self.keys).intersection(sync_data) - taken:
            self.send_state(others)

    @validate("seen")
    def _fits(self, proposal: Bunch) -> dict[str, object]:
        return fitting(proposal["value"])
