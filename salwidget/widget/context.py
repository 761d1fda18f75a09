"""What the parts of one widget share: its model as it is now, its images, its page, and where its controls stand."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from salwidget.engine.layers import Layer
from salwidget.engine.network import Network
from salwidget.images import Example
from salwidget.widget.channel import Channel
from salwidget.widget.checks import Available
from salwidget.widget.control_traits import ControlTraits
from salwidget.widget.controls import QUESTION, Controls
from salwidget.widget.explorer import Explorer
from salwidget.widget.gallery import Gallery
from salwidget.widget.worker import Steps, Worker


@dataclass(eq=False)
class WidgetContext:
    """Made by the session, and given to its panes and panels; it owns their jobs at the worker.

    Controls may move on any thread (a cell, a subshell, the worker): what follows a move is done under ``lock``.
    """

    model: Any
    # Another one where the model is made of something else than before.
    network: Network
    gallery: Gallery
    labels: list[str]
    tabs: tuple[str, ...]
    view: Explorer
    channel: Channel
    worker: Worker
    # Open the model anew where it is made of something else than before; returns whether it was.
    reopen: Callable[[], bool]
    # What a person is likely to want next, soonest first.
    likely: Callable[[], Steps]
    # Bring the texts of "copy as Python" up to date.
    tell_python: Callable[[], None]
    widget: ControlTraits = field(init=False)
    # The widget's in this process, by which copied Python finds it.
    number: int = field(init=False)
    # The controls as the page has them.
    on_wire: dict[str, Any] = field(default_factory=dict)
    closed: bool = False
    lock: threading.RLock = field(default_factory=threading.RLock)

    @property
    def controls(self) -> Controls:
        """Where the controls stand now."""
        return self.widget.controls

    @property
    def asked(self) -> dict[str, Any]:
        """The question of the controls, as the page has it."""
        return {name: self.on_wire[name] for name in QUESTION}

    @property
    def example(self) -> Example:
        """The image that the controls ask about."""
        return self.gallery.examples[self.controls.image_idx]

    def output_at(self, layer_idx: int) -> Layer:
        """The output whose classes show while that layer is explained: itself, or the first."""
        layer = self.network.layers[layer_idx]
        return layer if layer in self.network.outputs else self.network.output

    @property
    def available(self) -> Available:
        """What the controls may choose from."""
        return Available(self.network, self.labels, len(self.gallery.examples), self.tabs, self.gallery.size)

    def publish(self, **traits: Any) -> None:
        """Set read-only traits of the widget, of which a closed one keeps the last."""
        with self.lock:
            if not self.closed:
                for name, value in traits.items():
                    self.widget.set_trait(name, value)
