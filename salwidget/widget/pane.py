"""One place of the page that shows answers to one question: it numbers them, asks the worker, and tells what came of it."""

from __future__ import annotations

import time
from collections.abc import Generator
from typing import TYPE_CHECKING, Any

from salwidget.attribution.explain import cached_answers
from salwidget.engine.network import Network
from salwidget.heatmap import Heatmap
from salwidget.target_text import target_title
from salwidget.widget import protocol
from salwidget.widget.controls import Controls
from salwidget.widget.controls_query import controls_query
from salwidget.widget.idle import Idle
from salwidget.widget.page import Page
from salwidget.widget.renewal import WEIGHTS
from salwidget.widget.worker import Worker, heeded

if TYPE_CHECKING:
    from salwidget.widget.session import Session

Asked = dict[str, Any]

# Seconds between two partial answers that are shown.
PAINT = 0.08


class Pane:
    """Questions of one widget, under the lock of its session; they are answered on the worker's thread."""

    def __init__(self, session: Session, page: Page, worker: Worker, idle: Idle) -> None:
        self._session, self._page, self._worker, self._idle = session, page, worker, idle
        self._lock = session.lock
        # Of the last question, and of the last one that was stopped.
        self.seq = self._stopped = 0
        self._answered: tuple[Any, ...] = ()
        # Of the weights that the map shown is of.
        self._version = 0
        self._outdated = False

    def ask(self) -> None:
        """Ask what the controls ask now: they may move while the worker is busy."""
        session = self._session
        with self._lock:
            self.seq += 1
            seq, asked, controls, network = self.seq, session.moves.asked, session.controls, session.network
            self._outdated = False
            self._page.forget("stopped")
            session.become("computing")
        # Anything that a model, a rule or a modifier of the user's raises is told in the page; the last map stays.
        answer = self._answer(seq, asked, controls, network)
        self._worker.ask(session, lambda: heeded(answer, lambda error: self._fail(seq, asked, error)))

    def stop(self) -> None:
        """Let the question be: what there is of an answer stays."""
        with self._lock:
            self._worker.stop(self._session)
            self._stopped = self.seq
            self._session.become("stale")
            self._page.send(protocol.stopped(self.seq))

    def expire(self, reason: str) -> None:
        """Say so where the answer that shows is of a model, or of weights, that have changed since; ``reason``: of a model."""
        session = self._session
        with self._lock:
            if session.widget.status != "fresh" or not (reason or session.network.refresh() != self._version):
                return
            self._outdated = True
            session.become("stale")
            self._page.send(protocol.stopped(self.seq, reason or WEIGHTS), keep="stopped")

    def catch_up(self) -> None:
        """Ask again where the last answer has expired."""
        if self._outdated:
            self.ask()

    def forget(self) -> None:
        """What was answered is of another network."""
        self._answered = ()

    def likely(self) -> Generator[None, None, None]:
        """What a person is likely to want after the last answer, soonest first."""
        if self._answered:
            yield from self._idle.after(*self._answered)

    def _answer(self, seq: int, asked: Asked, controls: Controls, network: Network) -> Generator[None, None, None]:
        session = self._session
        last: Heatmap | None = None
        session.look()
        with self._lock:
            if session.network is not network:
                asked, controls, network = session.moves.asked, session.controls, session.network
        self._page.send(protocol.computing(seq, asked))
        place = controls.image_idx, controls.layer_idx
        example = session.gallery.examples[controls.image_idx]
        if self._idle.needs_scores(*place):
            self._idle.show_scores(*place, example)
            yield
        shown = 0.0
        for answer in cached_answers(network, controls_query(network, example, controls), example):
            if self._stopped >= seq:
                return
            if session.network is not network:
                self.ask()
                return
            # Partial answers may come faster than a page can paint them.
            if last is None:
                self._version = network.version_used
            if answer.progress >= 1 or time.monotonic() - shown > PAINT:
                self._show(seq, asked, answer)
                shown = time.monotonic()
            last = answer
            yield
        assert last is not None, "a method yields at least one answer"
        self._answered = *place, example, last, session.controls.threshold
        self._worker.when_idle(session, session.likely)
        yield

    def _show(self, seq: int, asked: Asked, answer: Heatmap) -> None:
        session = self._session
        final = answer.progress >= 1
        target = target_title(session.network, answer.query.target, session.labels)
        self._page.send(protocol.heatmap(seq, asked, answer, final, target), keep="map")
        self._page.forget("error")
        with self._lock:
            session.widget.set_trait("heatmap", answer)
            session.python.shows(answer, asked["image_idx"])
            if final and seq == self.seq:
                session.become("fresh")

    def _fail(self, seq: int, asked: Asked, error: BaseException) -> None:
        text = protocol.sentence(error)
        self._page.send(protocol.error("question", text, seq, asked), keep="error")
        with self._lock:
            if seq == self.seq:
                self._session.become(f"error: {text}")
