"""The tab Dream: what waits, what runs, and what the page is told of it."""

from __future__ import annotations

import threading
from collections.abc import Generator, Mapping, Sequence
from typing import Any

import numpy as np

from salwidget.dreams import Frame
from salwidget.dreams.ascent import CHANGED
from salwidget.dreams.setting import why_no_dream
from salwidget.engine.network import Network
from salwidget.widget import protocol
from salwidget.widget.context import WidgetContext
from salwidget.widget.dream import protocol as dream_protocol
from salwidget.widget.dream.as_python import dreamed
from salwidget.widget.dream.card import card_of
from salwidget.widget.dream.chart import DreamChart
from salwidget.widget.dream.dreaming import Dreaming
from salwidget.widget.dream.plan import Plan, planned, settled
from salwidget.widget.dream.protocol import READERS, DreamRequest, Form, Format, State
from salwidget.widget.dream.settings import checked_settings, settings_as_json
from salwidget.widget.panel import Panel
from salwidget.widget.worker import guarded

# Seconds without a word of the page: then the tab or the browser is gone, or a cell runs for long on the thread that would
# hear it, and the processor is for others.
UNWATCHED = 30.0
# Dreams that have not ended; and those that have are kept, for More, export and cards, while there is room.
MOST_OPEN = 16
MOST_ENDED = 4
MOST_BYTES = 2**27


class DreamPanel(Panel):
    """The tab Dream: takes requests on any thread; its dreams run on the worker's."""

    name = "dream"
    requests = READERS

    def __init__(self, context: WidgetContext) -> None:
        super().__init__(context)
        self.chart = self.figure = DreamChart()
        # Guards the list and the states of all dreams in it.
        self._lock = threading.RLock()
        self._all: list[Dreaming] = []
        self._count = 0
        self._card = -1, -1
        self._last_run: Dreaming | None = None

    @classmethod
    def traits(cls, network: Network) -> dict[str, Any]:
        return {"dream_settings": settings_as_json(network), "dream_refusal": why_no_dream(network)}

    def handle(self, request: DreamRequest) -> None:
        try:
            match request.kind:
                case "dream_start":
                    self.start(request.settings)
                case "dream_filters":
                    self.start(request.settings, "grid")
                case "dream_pause":
                    self._turn(self._find(request.id), "paused", among=("queued", "running"))
                case "dream_resume":
                    self._queue(self._find(request.id), among=("paused",))
                case "dream_stop":
                    self._turn(self._find(request.id), "stopped", among=("queued", "running", "paused"))
                case "dream_painted":
                    self._painted(request.id, request.step)
                case "dream_more":
                    self._more(self._find(request.id))
                case "dream_export":
                    one = self._find(request.id)
                    self.context.worker.errand(self.context, lambda: guarded(self._export(one, request.format), self._refuse))
                case "dream_card":
                    one, self._card = self._find(request.id), (request.id, request.place)
                    self.context.worker.errand(self.context, lambda: guarded(self._tell_card(one, request.place), self._refuse))
        except (ValueError, TypeError) as error:
            self._refuse(error)

    def start(self, settings: Mapping[str, Any], form: Form = "single") -> None:
        """Dream of what the controls ask, after the dreams that wait already.

        Raises
        ------
        ValueError, TypeError
            In one sentence, when a setting does not fit or there is no such dream.
        """
        if reason := why_no_dream(self.context.network):
            raise ValueError(reason)
        plan = self._planned(settings, form)
        with self._lock:
            self._make_room()
            one = Dreaming(self._count, plan)
            self._count += 1
            self._all.append(one)
            self._queue(one, among=("queued",))

    def network_changed(self) -> None:
        """Dreams of the network of before end."""
        with self._lock:
            for one in self._all:
                self._turn(one, "failed", CHANGED, among=("queued", "running", "paused"))

    def page_opened(self) -> None:
        """What a page that opens now has not painted yet, it has not been slow with."""
        with self._lock:
            for one in self._all:
                one.outbox.seen_again()

    def moved(self, names: Sequence[str]) -> None:
        if self.is_open and ("tab" in names or "charts" in names):
            # The scores that came while the chart was not seen.
            self.context.worker.errand(self.context, self._draw_last)

    def likely(self) -> Generator[None, None, None]:
        """Build the gradient for a dream of what the controls ask; it takes longer than all else before the first frame."""
        if not self.is_open:
            return
        try:
            plan = self._planned({}, "single")
        except (ValueError, TypeError):  # there is no such dream; whoever asks for it is told
            return
        yield
        network = self.context.network
        targets = settled(plan, network, self.context.labels).targets
        yield
        ready = network.gradient(list(targets), plan.sources)
        yield
        ready([np.repeat(picture.input[None], len(targets), axis=0) for picture in plan.example])

    def close(self) -> None:
        """End all dreams; the one that runs ends after its current step."""
        with self._lock:
            for one in self._all:
                one.state = "stopped"
            self._all.clear()
            self._last_run = None
        super().close()

    # On the thread of a request

    def _planned(self, settings: Mapping[str, Any], form: Form) -> Plan:
        context = self.context
        checked = checked_settings(context.network, settings)
        return planned(context.network, context.labels, form, checked, context.controls, context.example)

    def _find(self, id: int) -> Dreaming:
        with self._lock:
            for one in self._all:
                if one.id == id:
                    return one
        raise ValueError(f"There is no dream {id} any more: start another.")

    def _turn(self, one: Dreaming, state: State, text: str = "", among: tuple[State, ...] = ()) -> bool:
        """Change the state and tell it, if it is one of ``among``; returns whether it was."""
        with self._lock:
            if one.state not in among:
                return False
            one.state, one.text = state, text
            self._tell(one)
            self._let_go()
            return True

    def _queue(self, one: Dreaming, among: tuple[State, ...]) -> None:
        if self._turn(one, "queued", among=among):
            one.outbox.seen_again()
            self.context.worker.stream(self.context, lambda: guarded(self._run(one), lambda error: self._fail(one, error)))

    def _more(self, one: Dreaming) -> None:
        with self._lock:
            if one.is_grid and one.state == "done":
                raise ValueError("All filters have been dreamed of: start the grid again with more steps.")
            if one.state == "failed":
                raise ValueError("This dream failed, and more steps would fail again: start another.")
            # A grid that was stopped, and a dream that never began, only go on.
            if one.ended and one.dream is not None and not one.is_grid:
                one.more += one.plan.steps
            self._queue(one, among=("done", "stopped"))

    def _painted(self, id: int, step: int) -> None:
        with self._lock:
            for one in self._all:
                if one.id == id:
                    one.outbox.painted(step)
                    self._send(one)

    def _refuse(self, error: BaseException) -> None:
        self.context.channel.send(protocol.error("dream", protocol.sentence(error)))

    # On the worker's thread

    def _run(self, one: Dreaming) -> Generator[None, None, None]:
        """Step a dream until it ends, is stopped or paused."""
        # A second job of a dream that was paused and resumed at once finds it under way.
        if not self._turn(one, "running", among=("queued",)):
            return
        self._last_run = one
        while True:
            if one.go_on(self.context.model, self.context.network, self.context.labels):
                self._tell_made(one)
                yield
            assert one.dream is not None, "it was made above"
            for frame in one.dream:
                if not self._took(one, frame):
                    return
                yield
            with self._lock:
                one.outbox.close_part(one.id, one.is_grid)
                if not one.next_part():
                    break
            if one.state != "running":
                return
        self._draw(one, at_once=True)
        self._turn(one, "done", among=("running", "paused", "queued"))

    def _fail(self, one: Dreaming, error: BaseException) -> None:
        """The model's layers and a target function are the user's: what they raise is told, and the last frame stays."""
        self._draw(one, at_once=True)
        self._turn(one, "failed", protocol.sentence(error), among=("running", "paused", "queued"))

    def _took(self, one: Dreaming, frame: Frame) -> bool:
        """Hand a frame on; returns whether the dream goes on."""
        with self._lock:
            one.outbox.put(one.offset, frame)
            self._send(one)
            if one.outbox.unheard_for > UNWATCHED:
                self._turn(one, "paused", "Paused: no page is watching.", among=("running",))
            goes_on = one.state == "running"
        self._draw(one, at_once=not goes_on)
        return goes_on

    def _tell_made(self, one: Dreaming) -> None:
        with self._lock:
            self._tell(one)
        if not one.is_grid and one.dream is not None:
            self.context.publish(dreamed=one.dream)

    def _draw(self, one: Dreaming, at_once: bool) -> None:
        if one.dream is not None and one.dream.step and self.chart.is_due(at_once):
            self.chart.show(one.dream.scores.reshape(one.dream.step, -1), one.probable)

    def _draw_last(self) -> Generator[None, None, None]:
        if self._last_run is not None:
            self._draw(self._last_run, at_once=True)
        yield

    def _export(self, one: Dreaming, format: Format) -> Generator[None, None, None]:
        name, data = one.file(format)
        self.context.channel.send(dream_protocol.dream_file(one.id, name, format, data))
        yield

    def _tell_card(self, one: Dreaming, place: int) -> Generator[None, None, None]:
        pairs = [(target, source) for target in one.plan.targets for source in one.plan.sources]
        if place >= len(pairs):
            raise ValueError(f"The dream has {len(pairs)} images, 0 to {len(pairs) - 1}.")
        context = self.context
        steps = card_of(context.network, context.gallery, context.labels, *pairs[place], context.controls.image_idx)
        for card in steps:
            if self._card != (one.id, place):  # another was opened meanwhile
                return
            if card is not None:
                self.context.channel.send(dream_protocol.dream_card(one.id, place, *card))
            yield

    # Under the lock

    def _tell(self, one: Dreaming) -> None:
        message = one.message(lambda dream, plan: dreamed(self.context, dream, plan))
        self.context.channel.send(message, keep=f"dream {one.id} state")

    def _send(self, one: Dreaming) -> None:
        message = one.outbox.take(one.id, one.is_grid)
        if message is not None and one in self._all:
            self.context.channel.send(message, keep=f"dream {one.id} frame {message[0]['offset']}")

    def _make_room(self) -> None:
        """For one more dream: one that is paused, which others have been preferred to, gives way."""
        still_open = [one for one in self._all if not one.ended]
        if len(still_open) >= MOST_OPEN:
            paused = next((one for one in still_open if one.state == "paused"), None)
            if paused is None:
                raise ValueError(f"{MOST_OPEN} dreams wait already: stop one of them first.")
            self._turn(paused, "stopped", among=("paused",))

    def _let_go(self) -> None:
        """Forget the oldest dreams that have ended, where they are many or large; the newest of all stays."""
        old = [one for one in self._all[:-1] if one.ended]
        while old and (len(old) > MOST_ENDED or sum(one.nbytes for one in self._all) > MOST_BYTES):
            one = old.pop(0)
            self._all.remove(one)
            self.context.channel.forget_all(f"dream {one.id} ")
        # A page that is opened later needs the newest alone of those that have ended.
        for one in old:
            self.context.channel.forget_all(f"dream {one.id} ")
