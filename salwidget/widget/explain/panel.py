"""The tab Explain: one pane, whose answers are the widget's; the figures beside it, and what follows an answer."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Any

from salwidget.heatmap import Heatmap
from salwidget.images import Example
from salwidget.widget import protocol
from salwidget.widget.as_python import explained
from salwidget.widget.context import WidgetContext
from salwidget.widget.controls import Controls
from salwidget.widget.explain.charts import Charts
from salwidget.widget.explain.idle import Idle
from salwidget.widget.names import Names
from salwidget.widget.pane import Pane
from salwidget.widget.panel import Panel


class ExplainPanel(Panel):
    """The map of what the controls ask, which is asked in every tab: ``SaliencyWidget.heatmap`` is it."""

    name = "explain"

    def __init__(self, context: WidgetContext) -> None:
        super().__init__(context)
        self.charts = self.figure = Charts(lambda index: context.channel.send(protocol.picked(index)))
        self.idle = Idle(context, self.charts)
        self.pane = ExplainPane(context, self.idle)
        self.panes = [self.pane]

    def ask(self) -> None:
        self.pane.ask()

    def moved(self, names: Sequence[str]) -> None:
        if "threshold" in names and self.pane.heatmap is not None:
            self.charts.show_threshold(self.pane.heatmap, self.context.controls.threshold)

    def labels_changed(self) -> None:
        self.idle.forget()

    def network_changed(self) -> None:
        self.idle.forget()
        self.pane.answered = None

    def likely(self) -> Generator[Any, None, None]:
        if self.pane.answered is not None:
            controls, example, answer = self.pane.answered
            yield from self.idle.after(controls, example, answer, self.context.controls.threshold)

    def python(self, names: Names) -> dict[str, str]:
        shown = self.pane.heatmap
        return {"explain": "" if shown is None else explained(self.context, names, shown, self.pane.image_shown)}


class ExplainPane(Pane):
    """Answers that are the widget's own: its ``status`` and its ``heatmap``.

    Attributes
    ----------
    image_shown
        Which image the last answer is about.
    answered
        The last question that was answered to its end: controls, image, answer.
    """

    def __init__(self, context: WidgetContext, idle: Idle) -> None:
        super().__init__(context, "explain")
        self._idle = idle
        self.image_shown = 0
        self.answered: tuple[Controls, Example, Heatmap] | None = None

    def _prepare(self, controls: Controls, example: Example) -> Generator[None, None, None]:
        if self._idle.needs_scores(controls.image_idx, controls.layer_idx):
            self._idle.show_scores(controls.image_idx, controls.layer_idx, example)
            yield

    def _shown(self, answer: Heatmap, asked: dict[str, Any]) -> None:
        self.image_shown = asked["image_idx"]
        self._context.publish(heatmap=answer)
        self._context.tell_python()

    def _answered(self, controls: Controls, example: Example, answer: Heatmap) -> None:
        self.answered = controls, example, answer

    def _set_status(self, status: str) -> None:
        super()._set_status(status)
        self._context.publish(status=status)
