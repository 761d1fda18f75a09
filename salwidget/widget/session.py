"""One widget at work: it asks the worker, and tells the page, the charts and Python what came of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator
from contextlib import suppress
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from salwidget.answer import query_of, remembered, shape_hints
from salwidget.attribution import METHODS, WATCHERS, method_of
from salwidget.heatmap import Heatmap
from salwidget.images import Example
from salwidget.labels import labels_of
from salwidget.network import Network
from salwidget.opening import open_network
from salwidget.query import Query
from salwidget.widget import protocol, renewal
from salwidget.widget.as_python import AsPython
from salwidget.widget.charts import Charts
from salwidget.widget.controls import filters_at, fitting, options_at, target_asked
from salwidget.widget.declared import choices_as_json, method_as_json
from salwidget.widget.dream_protocol import DreamRequest
from salwidget.widget.dreams import Dreams
from salwidget.widget.gallery import Gallery
from salwidget.widget.idle import Idle
from salwidget.widget.page import Page
from salwidget.widget.view import LOOK, QUESTION, Explorer
from salwidget.widget.wire import Wire
from salwidget.widget.worker import heeded, worker_of
from salwidget.words import target_said

if TYPE_CHECKING:
    from salwidget.widget.saliency_widget import SaliencyWidget

Asked = dict[str, Any]

# Seconds between two partial answers that are shown.
PAINT = 0.08


class Session:
    """Between the controls of a ``SaliencyWidget`` and the worker of its model.

    Controls may move on any thread (a cell, a subshell, the worker), so what follows a move is done under a lock.
    """

    def __init__(self, model: Any, images: Any, labels: Any, preprocess: Any) -> None:
        self.model = model
        self.network = open_network(model, *shape_hints(images))
        self.gallery = Gallery(self.network, images, preprocess)
        self.labels = labels_of(labels, self.network.output.filters)
        self.view = Explorer(
            **renewal.declared(self.network),
            choices=choices_as_json(),
            labels=list(self.labels),
            images=self.gallery.as_json(),
            notices=self.gallery.notices,
            limits={"upload_bytes": protocol.UPLOAD_BYTES},
        )
        self.charts = Charts(lambda index: self._page.send(protocol.picked(index)))
        self._worker = worker_of(model)
        self._lock = threading.RLock()
        self._wire = Wire(self.network, self.labels)
        self._filters: dict[bool, Any] = {}
        self._moving = False
        self._seq = self._stopped = 0
        self._answered: tuple[Any, ...] = ()
        # Of the weights that the map shown is of.
        self._version = 0
        self._outdated = self._closed = False
        self._page = Page(self.view)
        self.python = AsPython(self, self._page)
        self._idle = Idle(self.network, self.charts, self.labels, self._page)
        self.dreams = Dreams(self.gallery, self.labels, self._page, self._worker, self)

    def open(self, widget: SaliencyWidget) -> None:
        """Take up the work for ``widget``, and ask its first question."""
        self.widget = widget
        self._layer = widget.layer_idx
        for name in (*QUESTION, *LOOK):
            setattr(self.view, name, self._on_wire(name))
        self.view.observe(self._page_moved, names=[*QUESTION, *LOOK])
        self.view.on_msg(self._page_said)
        self._show_charts()
        self.python.open()
        self._worker.join(self)
        WATCHERS.add(self)
        self._show_picture()
        self._ask()

    def close(self) -> None:
        with self._lock:
            self._closed = True
        WATCHERS.discard(self)
        self.python.close()
        self._worker.leave(self)
        self.dreams.close()
        self.view.layout.close()
        self.view.close()
        self.charts.close()

    @property
    def answers_here(self) -> bool:
        """Whether this is the thread that answers."""
        return self._worker.here

    def fitting(self, name: str, value: Any, now: Any) -> Any:
        """``value`` in the form that a control keeps; raises ``ValueError`` where it does not fit."""
        if name in QUESTION:
            with suppress(Exception):  # a model that cannot be opened as it is now: the question will tell
                self._look()
        return fitting(self.network, self.labels, len(self.gallery.examples), now, name, value)

    def prepare(self, preprocess: Any) -> None:
        """Feed all images by another preprocessing, and ask anew."""
        with self._lock:
            self.gallery.prepare(preprocess)
            self._renew()

    def name_classes(self, labels: Any) -> None:
        """Call the classes by other names, wherever they are shown."""
        with self._lock:
            self.labels[:] = labels_of(labels, self.network.output.filters)
            self._page.show("labels", list(self.labels))
            self._renew()

    def cell_ran(self) -> None:
        """The kernel has run a cell, which may have changed the model."""
        self._worker.errand(self, self._check)

    def catch_up(self) -> None:
        """Ask again where the last answer is of a model, or of weights, that have changed since."""
        self._see()
        if self._outdated:
            self._ask()

    def _check(self) -> Generator[None, None, None]:
        self._see()
        yield

    def _see(self) -> None:
        """Say so where the answer shown is of a model, or of weights, that have changed since."""
        try:
            changed = self._look()
        except Exception:  # it cannot be opened as it is now: the next question tells why
            changed = True
        with self._lock:
            if self.widget.status != "fresh" or not (changed or self.network.version != self._version):
                return
            self._outdated = True
            self._become("stale")
            self._page.send(protocol.stopped(self._seq, renewal.LAYERS if changed else renewal.WEIGHTS), keep="stopped")

    def _look(self) -> bool:
        """Open the model anew where it is made of something else than before; returns whether it was."""
        if self.network.is_current:
            return False
        network = open_network(self.model, *(each.shape for each in self.network.inputs))
        with self._lock:
            before, now, self.network = self.network, self.controls(), network
            if before is network:
                return False
            said = self.gallery.take_up(network)
            for part in (self._wire, self._idle, self.dreams):
                part.take_up(network)
            if len(self.labels) != network.output.filters:
                self.labels.clear()
            self._filters, self._answered = {}, ()
            fits = lambda name, value: self.fitting(name, value, self.widget)  # noqa: E731
            self._follow(lambda: renewal.stands(before, network, now, fits, self._move))
            renewal.show(self._page, network)
            for name, value in (("labels", list(self.labels)), ("images", self.gallery.as_json())):
                self._page.show(name, value)
            self._page.show("notices", [*self.gallery.notices, renewal.changes_said(before, network), *said])
            self._show_picture()
        return True

    def _move(self, name: str, value: Any) -> None:
        setattr(self.widget, name, value)
        self._page.show(name, self._on_wire(name))

    def _become(self, status: str) -> None:
        """Under the lock; a closed widget stays so, whoever closed it meanwhile."""
        if not self._closed:
            self.widget.set_trait("status", status)

    def _renew(self) -> None:
        self._idle.forget()
        self._show_picture()
        self.python.tell()
        self._ask()

    def control_moved(self, name: str, value: Any) -> None:
        """A trait of the widget has a new value: show it, and ask anew where it decides the answer."""
        with self._lock:
            if name == "layer_idx":
                self._follow(lambda: self._new_layer(value))
            if name == "method":
                kept = options_at(self.network, value, self.widget.options)
                self._follow(lambda: self.widget.set_trait("options", kept))
            self._page.show(name, self._on_wire(name))
            if name in ("image_idx", "input_idx"):
                self._show_picture()
            elif name in ("charts", "tab"):
                self._show_charts()
                self.dreams.tab_opened()
                self._worker.when_idle(self, self._after)
            elif name == "threshold" and self.widget.heatmap is not None:
                self.charts.show_threshold(self.widget.heatmap, value)
            if name in LOOK:
                self.python.tell()
            if name in QUESTION and not self._moving:
                self._ask()

    def _follow(self, move: Callable[[], Any]) -> None:
        """Let one control move others without a question for each."""
        already, self._moving = self._moving, True
        try:
            move()
        finally:
            self._moving = already

    def _new_layer(self, layer: int) -> None:
        left, self._layer = self._layer, layer
        filters = filters_at(self.network, layer, left, self.widget.filter_indices, self._filters)
        # What another layer's filters and cells were says nothing here.
        usual = {"versus": None, "cell": None, "filter_indices": filters}
        chosen = self.widget.chosen or ()
        for name, value in usual.items():
            if name not in chosen:
                setattr(self.widget, name, value)

    def method_registered(self, name: str) -> None:
        """A method is new, or another one than before: offer it, and ask anew where it is the one that answers."""
        try:
            declared = method_as_json(name, self.network)
        except Exception as error:  # a declaration of the user's; the cell that registers it goes on
            self._page.send(protocol.error("message", f"method {name!r}: {protocol.sentence(error)}"))
            return
        with self._lock:
            others = [each for each in self.view.methods if each["name"] != name]
            at = list(METHODS).index(name)
            self._page.show("methods", [*others[:at], declared, *others[at:]])
            if self.widget.method == name:
                kept = options_at(self.network, name, self.widget.options)
                self._follow(lambda: self.widget.set_trait("options", kept))
                self._ask()

    # What the page says

    def _page_moved(self, _: Any) -> None:
        """Take over all that a message of the page has moved, in the order of ``QUESTION``, and ask once.

        A class comes with its layer, and a swap of A and B moves both. What was said wins over what is remembered of the
        layer, where it is as before too.
        """
        with self._lock:
            if self._page.showing:
                return
            said, self.view.said = self.view.said, frozenset()
            values = {name: getattr(self.view, name) for name in (*QUESTION, *LOOK)}
            moved = {name: value for name, value in values.items() if name in said or value != self._on_wire(name)}
            if not moved:
                return
            self._page.heard()
            before = self.controls()
            self._follow(lambda: self._take_over(moved))
            if self.controls() != before:
                self._ask()

    def _take_over(self, moved: dict[str, Any]) -> None:
        """Give controls the page's values, and the page the values that the controls then have."""
        for name, value in moved.items():
            try:
                setattr(self.widget, name, self._wire.from_page(name, value))
            except Exception as error:  # TraitError; or RecursionError and the like, of a page that is hostile
                self._page.send(protocol.error("message", protocol.sentence(error)))
            self._page.show(name, self._on_wire(name))

    def _page_said(self, _: Any, content: Any, buffers: Any) -> None:
        self._page.heard()
        try:
            request = protocol.read_request(content, buffers)
        except ValueError as error:
            self._page.send(protocol.error(protocol.subject(content), str(error)))
            return
        if isinstance(request, DreamRequest):
            self.dreams.asked(request)
        elif request.kind == "ready":
            self.dreams.page_opened()
            self._page.opened(request.loopback)
        elif request.kind == "stop":
            self._stop()
        elif request.kind == "again":
            self._ask()
        else:
            self._worker.errand(self, lambda: heeded(self._take_in(request.data, request.name), self._refuse))

    def _stop(self) -> None:
        with self._lock:
            self._worker.stop(self)
            self._stopped = self._seq
            self._become("stale")
            self._page.send(protocol.stopped(self._seq))

    def _take_in(self, data: bytes, name: str) -> Generator[None, None, None]:
        index = self.gallery.add(data, name)
        self.view.images = self.gallery.as_json()
        self.widget.image_idx = index
        yield

    def _refuse(self, error: BaseException) -> None:
        """What was dropped is no image; or preprocess=, which is the user's, has raised."""
        self._page.send(protocol.error("upload", protocol.sentence(error)))

    # Questions and answers

    def _ask(self) -> None:
        with self._lock:
            self._seq += 1
            # As they are now: they may move while the worker is busy.
            seq, asked, controls = self._seq, self._asked(), self.controls()
            self._outdated = False
            self._page.forget("stopped")
            self._become("computing")
            network = self.network
        # Anything that a model, a rule or a modifier of the user's raises is told in the page; the last map stays.
        answer = self._answer(seq, asked, controls, network)
        self._worker.ask(self, lambda: heeded(answer, lambda error: self._fail(seq, asked, error)))

    def _asked(self) -> Asked:
        return {name: self._on_wire(name) for name in QUESTION}

    def controls(self) -> SimpleNamespace:
        """The values of ``QUESTION`` as they are now."""
        return SimpleNamespace(**{name: getattr(self.widget, name) for name in QUESTION})

    def _answer(self, seq: int, asked: Asked, controls: SimpleNamespace, network: Network) -> Generator[None, None, None]:
        last: Heatmap | None = None
        self._look()
        with self._lock:
            if self.network is not network:
                asked, controls, network = self._asked(), self.controls(), self.network
        self._page.send(protocol.computing(seq, asked))
        place = controls.image_idx, controls.layer_idx
        example = self.gallery.examples[controls.image_idx]
        if self._idle.needs_scores(*place):
            self._idle.show_scores(*place, example)
            yield
        shown = 0.0
        for answer in remembered(network, self._query(example, controls), example):
            if self._stopped >= seq:
                return
            if self.network is not network:
                self._ask()
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
        self._answered = *place, example, last, self.widget.threshold
        self._worker.when_idle(self, self._after)
        yield

    def _after(self) -> Generator[None, None, None]:
        """What a person is likely to want next, soonest first."""
        if self.widget.tab == "dream":
            yield from self.dreams.likely()
        if self._answered:
            yield from self._idle.after(*self._answered)

    def _query(self, example: Example, controls: SimpleNamespace) -> Query:
        target, grad_modifier = target_asked(controls)
        modifiers = controls.backprop_modifier, grad_modifier
        if not method_of(controls.method).uses_gradient:
            modifiers = None, None
        source = self.network.inputs[controls.input_idx]
        return query_of(self.network, example, controls.method, target, source, *modifiers, controls.seed, controls.options)

    def _show(self, seq: int, asked: Asked, answer: Heatmap) -> None:
        final = answer.progress >= 1
        target = target_said(self.network, answer.query.target, self.labels)
        message = protocol.heatmap(seq, asked, answer, final, target)
        self._page.send(message, keep="map")
        self._page.forget("error")
        with self._lock:
            self.widget.set_trait("heatmap", answer)
            self.python.shows(answer, asked["image_idx"])
            if final and seq == self._seq:
                self._become("fresh")

    def _fail(self, seq: int, asked: Asked, error: BaseException) -> None:
        text = protocol.sentence(error)
        self._page.send(protocol.error("question", text, seq, asked), keep="error")
        with self._lock:
            if seq == self._seq:
                self._become(f"error: {text}")

    def _show_picture(self) -> None:
        index, source = self.widget.image_idx, self.widget.input_idx
        self._page.send(protocol.shown(index, source, self.gallery.examples[index][source]), keep="picture")

    def _show_charts(self) -> None:
        """The figures of the open tab, unless they are folded away."""
        open_tab = self.widget.tab if self.widget.charts else ""
        self.charts.layout.display = "" if open_tab == "explain" else "none"
        self.dreams.chart.reveal(open_tab == "dream")

    def _on_wire(self, name: str) -> Any:
        value = self._wire.to_page(name, getattr(self.widget, name))
        if name in ("backprop_modifier", "grad_modifier") and value and value not in self.view.choices[name]:
            self.view.choices = {**self.view.choices, name: [*self.view.choices[name], value]}
        return value
