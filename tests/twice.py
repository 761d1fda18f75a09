"""A tab of two panes, for tests: this file and one row; ``js/test/twice`` is its page."""

from __future__ import annotations

from dataclasses import replace

from salwidget.widget.context import WidgetContext
from salwidget.widget.pane import Pane
from salwidget.widget.panel import Panel


class TwicePanel(Panel):
    """What the controls ask, by saliency at the left and by occlusion at the right."""

    name = "twice"

    def __init__(self, context: WidgetContext) -> None:
        super().__init__(context)
        self.panes = [
            Pane(context, "left", lambda controls: replace(controls, method="saliency", options={})),
            Pane(context, "right", lambda controls: replace(controls, method="occlusion", options={})),
        ]

    def ask(self) -> None:
        if self.is_open:
            for pane in self.panes:
                pane.ask()

    def opened(self) -> None:
        self.ask()

    def closed(self) -> None:
        for pane in self.panes:
            pane.stop()
