"""One widget at work: moves of its controls, requests of the page, and a model that changes under it."""

from __future__ import annotations

import threading
from collections.abc import Generator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from salwidget.attribution import METHODS, WATCHERS
from salwidget.attribution.explain import shape_hints
from salwidget.engine.opening import open_network
from salwidget.labels import labels_of
from salwidget.widget import protocol, renewal
from salwidget.widget.as_python import AsPython
from salwidget.widget.charts import Charts
from salwidget.widget.checks import Available, fitting_options
from salwidget.widget.controls import ROWS, Controls
from salwidget.widget.declared import choices_as_json, method_as_json
from salwidget.widget.dream_protocol import DreamRequest
from salwidget.widget.dreams import Dreams
from salwidget.widget.gallery import Gallery
from salwidget.widget.idle import Idle
from salwidget.widget.moves import Moves
from salwidget.widget.page import Page
from salwidget.widget.pane import Pane
from salwidget.widget.view import Explorer
from salwidget.widget.worker import heeded, worker_of

if TYPE_CHECKING:
    from salwidget.widget.saliency_widget import SaliencyWidget


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
        self.lock = threading.RLock()
        self._worker = worker_of(model)
        self._closed = False
        self._page = Page(self.view)
        self.moves = Moves(self, self._page)
        self.python = AsPython(self, self._page)
        self._idle = Idle(self.network, self.charts, self.labels, self._page)
        self.pane = Pane(self, self._page, self._worker, self._idle)
        self.dreams = Dreams(self.gallery, self.labels, self._page, self._worker, self)

    def open(self, widget: SaliencyWidget) -> None:
        """Take up the work for ``widget``, and ask its first question."""
        self.widget = widget
        self.moves.tell()
        self.view.moved = self.moves.by_page
        self.view.on_msg(self._page_said)
        self._show_charts()
        self.python.open()
        self._worker.join(self)
        WATCHERS.add(self)
        self._show_picture()
        self.pane.ask()

    def close(self) -> None:
        with self.lock:
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

    @property
    def controls(self) -> Controls:
        """Where the controls stand now."""
        return self.widget.controls

    @property
    def available(self) -> Available:
        """What the controls may choose from."""
        return Available(self.network, self.labels, len(self.gallery.examples))

    def become(self, status: str) -> None:
        """Under the lock; a closed widget stays so, whoever closed it meanwhile."""
        if not self._closed:
            self.widget.set_trait("status", status)

    def prepare(self, preprocess: Any) -> None:
        """Feed all images by another preprocessing, and ask anew."""
        with self.lock:
            self.gallery.prepare(preprocess)
            self._renew()

    def name_classes(self, labels: Any) -> None:
        """Call the classes by other names, wherever they are shown."""
        with self.lock:
            self.labels[:] = labels_of(labels, self.network.output.filters)
            self._page.show(labels=list(self.labels))
            self._renew()

    def _renew(self) -> None:
        self._idle.forget()
        self._show_picture()
        self.moves.tell()  # a target of one's own is told in the names of classes
        self.python.tell()
        self.pane.ask()

    def method_registered(self, name: str) -> None:
        """A method is new, or another one than before: offer it, and ask anew where it is the one that answers."""
        try:
            declared = method_as_json(name, self.network)
        except Exception as error:  # a declaration of the user's; the cell that registers it goes on
            self._page.send(protocol.error("message", f"method {name!r}: {protocol.sentence(error)}"))
            return
        with self.lock:
            others = [each for each in self.view.methods if each["name"] != name]
            at = list(METHODS).index(name)
            self._page.show(methods=[*others[:at], declared, *others[at:]])
            before = now = self.controls
            if before.method == name:
                now = replace(before, options=fitting_options(self.network, name, before.options))
                self.moves.stand(now)
                self.pane.ask()
        self.widget.tell_observers(before, now)

    # What the page says

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
            self.pane.stop()
        elif request.kind == "again":
            self.pane.ask()
        else:
            self._worker.errand(self, lambda: heeded(self._take_in(request.data, request.name), self._refuse))

    def _take_in(self, data: bytes, name: str) -> Generator[None, None, None]:
        index = self.gallery.add(data, name)
        self._page.show(images=self.gallery.as_json())
        self.moves.by_python({"image_idx": index})
        yield

    def _refuse(self, error: BaseException) -> None:
        """What was dropped is no image; or preprocess=, which is the user's, has raised."""
        self._page.send(protocol.error("upload", protocol.sentence(error)))

    # A model that changes

    def cell_ran(self) -> None:
        """The kernel has run a cell, which may have changed the model."""
        self._worker.errand(self, self._check)

    def catch_up(self) -> None:
        """Ask again where the last answer is of a model, or of weights, that have changed since."""
        self._see()
        self.pane.catch_up()

    def _check(self) -> Generator[None, None, None]:
        self._see()
        yield

    def _see(self) -> None:
        try:
            changed = self.look()
        except Exception:  # it cannot be opened as it is now: the next question tells why
            changed = True
        self.pane.expire(renewal.LAYERS if changed else "")

    def look(self) -> bool:
        """Open the model anew where it is made of something else than before; returns whether it was."""
        if self.network.is_current:
            return False
        network = open_network(self.model, *(each.shape for each in self.network.inputs))
        with self.lock:
            old, before, self.network = self.network, self.controls, network
            if old is network:
                return False
            said = self.gallery.take_up(network)
            for part in (self.moves, self._idle, self.dreams):
                part.take_up(network)
            if len(self.labels) != network.output.filters:
                self.labels.clear()
            self.pane.forget()
            now = renewal.carried(before, old, self.available)
            self.moves.stand(now, ROWS)
            renewal.show(self._page, network)
            notices = [*self.gallery.notices, renewal.changes_said(old, network), *said]
            self._page.show(labels=list(self.labels), images=self.gallery.as_json(), notices=notices)
            self._show_picture()
        self.widget.tell_observers(before, now)
        return True

    # What shows beside the map

    def likely(self) -> Generator[None, None, None]:
        """What a person is likely to want next, soonest first."""
        if self.controls.tab == "dream":
            yield from self.dreams.likely()
        yield from self.pane.likely()

    def show_moved(self, moved: Sequence[str]) -> None:
        """Show what these controls decide beside the map."""
        if "image_idx" in moved or "input_idx" in moved:
            self._show_picture()
        if "charts" in moved or "tab" in moved:
            self._show_charts()
            self.dreams.tab_opened()
            self._worker.when_idle(self, self.likely)
        if "threshold" in moved and self.widget.heatmap is not None:
            self.charts.show_threshold(self.widget.heatmap, self.controls.threshold)
        if any(ROWS[name].decides == "look" for name in moved):
            self.python.tell()

    def _show_picture(self) -> None:
        index, source = self.controls.image_idx, self.controls.input_idx
        self._page.send(protocol.shown(index, source, self.gallery.examples[index][source]), keep="picture")

    def _show_charts(self) -> None:
        """The figures of the open tab, unless they are folded away."""
        open_tab = self.controls.tab if self.controls.charts else ""
        self.charts.layout.display = "" if open_tab == "explain" else "none"
        self.dreams.chart.reveal(open_tab == "dream")
