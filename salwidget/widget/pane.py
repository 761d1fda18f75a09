"""One place of the page that shows answers to one question: it numbers them, asks the worker, and tells what came of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from typing import Any

from salwidget.attribution.explain import cached_answers
from salwidget.engine.network import Network
from salwidget.heatmap import Heatmap
from salwidget.images import Example
from salwidget.target_text import target_title
from salwidget.widget import protocol
from salwidget.widget.context import WidgetContext
from salwidget.widget.controls import Controls
from salwidget.widget.controls_query import controls_query
from salwidget.widget.worker import Steps, guarded

# Seconds between two partial answers that are shown.
PAINT = 0.08
# Why an answer is stale.
WEIGHTS = "The weights of the model have changed since this map."
LAYERS = "The model has changed since this map."

# The controls as the page has them, what is asked of them, and of which network.
Question = tuple[dict[str, Any], Controls, Network]


class Pane:
    """Questions of one place, under the lock of the widget; they are answered on the worker's thread.

    Parameters
    ----------
    name
        By which the page knows it; no other pane of the widget has it.
    question
        From the widget's controls to those that are asked here.

    Attributes
    ----------
    seq
        Number of the last question.
    status
        As the widget's.
    heatmap
        The last answer.
    """

    def __init__(
        self, context: WidgetContext, name: str, question: Callable[[Controls], Controls] = lambda controls: controls
    ) -> None:
        self.name = name
        self.seq = 0
        self.status = "stale"
        self.heatmap: Heatmap | None = None
        self._context, self._lock, self._of_controls = context, context.lock, question
        # Of the last question that was stopped.
        self._stopped = 0
        # Of the weights that the map shown is of.
        self._version = 0
        self._outdated = False

    def ask(self) -> None:
        """Ask what the controls ask now: they may move while the worker is busy."""
        with self._lock:
            self.seq += 1
            seq, question = self.seq, self._question()
            self._outdated = False
            self._context.channel.forget(f"stopped {self.name}")
            self._set_status("computing")
        # Anything that a model, a rule or a modifier of the user's raises is told in the page; the last map stays.
        answer = self._answer(seq, question)
        job = guarded(answer, lambda error: self._fail(seq, question[0], error))
        self._context.worker.ask(self._context, lambda: job, self.name)

    def stop(self) -> None:
        """Let the question be: what there is of an answer stays."""
        with self._lock:
            self._context.worker.stop(self._context, self.name)
            self._stopped = self.seq
            self._set_status("stale")
            self._context.channel.send(protocol.stopped(self.name, self.seq))

    def expire(self, reason: str) -> None:
        """Say so where the answer that shows is of a model, or of weights, that have changed since; ``reason``: of a model."""
        with self._lock:
            if self.status != "fresh" or not (reason or self._context.network.refresh() != self._version):
                return
            self._outdated = True
            self._set_status("stale")
            message = protocol.stopped(self.name, self.seq, reason or WEIGHTS)
            self._context.channel.send(message, keep=f"stopped {self.name}")

    def catch_up(self) -> None:
        """Ask again where the last answer has expired."""
        if self._outdated:
            self.ask()

    # For what else a tab shows with its answers

    def _prepare(self, controls: Controls, example: Example) -> Generator[None, None, None]:
        """What comes before the answer."""
        yield from ()

    def _shown(self, answer: Heatmap, asked: dict[str, Any]) -> None:
        """The page shows this answer; under the lock."""

    def _answered(self, controls: Controls, example: Example, answer: Heatmap) -> None:
        """That was the last and best answer."""

    def _set_status(self, status: str) -> None:
        """Under the lock."""
        self.status = status

    # On the worker's thread

    def _question(self) -> Question:
        context = self._context
        return context.asked, self._of_controls(context.controls), context.network

    def _answer(self, seq: int, question: Question) -> Steps:
        context = self._context
        context.reopen()
        with self._lock:
            question = question if context.network is question[2] else self._question()
        asked, controls, _ = question
        context.channel.send(protocol.computing(self.name, seq, asked))
        yield from self._answers(seq, question, context.gallery.examples[controls.image_idx])
        context.worker.when_idle(context, context.likely)
        yield

    def _answers(self, seq: int, question: Question, example: Example) -> Steps:
        """Show better and better maps of an image."""
        context, last, painted = self._context, None, 0.0
        asked, controls, network = question
        yield from self._prepare(controls, example)
        for answer in cached_answers(network, controls_query(network, example, controls), example):
            if self._stopped >= seq:
                return
            if context.network is not network:
                self.ask()
                return
            if last is None:
                self._version = network.version_used
            # Partial answers may come faster than a page can paint them.
            if answer.progress >= 1 or time.monotonic() - painted > PAINT:
                self._show(seq, asked, answer)
                painted = time.monotonic()
            last = answer
            yield
        assert last is not None, "a method yields at least one answer"
        self._answered(controls, example, last)

    def _show(self, seq: int, asked: dict[str, Any], answer: Heatmap) -> None:
        context, final = self._context, answer.progress >= 1
        target = target_title(context.network, answer.query.target, context.labels)
        context.channel.send(protocol.heatmap(self.name, seq, asked, answer, final, target), keep=f"map {self.name}")
        context.channel.forget(f"error {self.name}")
        with self._lock:
            self.heatmap = answer
            self._shown(answer, asked)
            if final and seq == self.seq:
                self._set_status("fresh")

    def _fail(self, seq: int, asked: dict[str, Any], error: BaseException) -> None:
        text = protocol.sentence(error)
        self._context.channel.send(protocol.error("question", text, self.name, seq, asked), keep=f"error {self.name}")
        with self._lock:
            if seq == self.seq:
                self._set_status(f"error: {text}")
