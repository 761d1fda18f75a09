"""One widget at work: requests of the page, what follows a move, and a model that changes under it."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from salwidget.attribution import METHODS, WATCHERS
from salwidget.attribution.explain import shape_hints
from salwidget.engine.opening import open_network
from salwidget.labels import labels_of
from salwidget.widget import protocol, renewal
from salwidget.widget.as_python import constructed
from salwidget.widget.catalogue import choices_as_json, method_as_json, replacements_as_json
from salwidget.widget.channel import Channel
from salwidget.widget.checks import fitting_options
from salwidget.widget.context import WidgetContext
from salwidget.widget.controls import ROWS
from salwidget.widget.explorer import Explorer
from salwidget.widget.gallery import Gallery
from salwidget.widget.moves import Moves
from salwidget.widget.names import CellWatch, Names, register
from salwidget.widget.pane import LAYERS, Pane
from salwidget.widget.panel import Panel
from salwidget.widget.panels import PANELS
from salwidget.widget.probe import Probe
from salwidget.widget.protocol import Request
from salwidget.widget.superpixels import tell_superpixels
from salwidget.widget.worker import guarded, worker_of

P = TypeVar("P", bound=Panel)
# What an error about a message of the page is said to be about, and what does what it asks for.
Handler = tuple[str, Callable[[Any], None]]


class Session:
    """Between the controls of a ``SaliencyWidget`` and the worker of its model."""

    def __init__(self, model: Any, images: Any, labels: Any, preprocess: Any) -> None:
        network = open_network(model, *shape_hints(images))
        gallery = Gallery(network, images, preprocess)
        names = labels_of(labels, network.output.filters)
        view = Explorer(
            **renewal.traits_of(network, PANELS.values()),
            choices=choices_as_json(),
            replacements=replacements_as_json(),
            labels=list(names),
            images=gallery.as_json(),
            notices=gallery.notices,
            limits={"upload_bytes": protocol.UPLOAD_BYTES},
        )
        self.context = context = WidgetContext(
            model=model,
            network=network,
            gallery=gallery,
            labels=names,
            tabs=tuple(PANELS),
            view=view,
            channel=Channel(view),
            worker=worker_of(model),
            reopen=self.reopen,
            likely=self.likely,
            tell_python=self._tell_python,
        )
        self.panels = {name: kind(context) for name, kind in PANELS.items()}
        self.panes = {pane.name: pane for panel in self.panels.values() for pane in panel.panes}
        self.figures = [panel.figure for panel in self.panels.values() if panel.figure is not None]
        self.probe = Probe(context)
        self.moves = Moves(context, self._moved, self.ask)
        self._cells: CellWatch | None = None
        self._readers, self._handlers = dict(protocol.READERS), self._own_handlers()
        for panel in self.panels.values():
            self._readers |= panel.requests
            self._handlers |= dict.fromkeys(panel.requests, (panel.name, panel.handle))

    def open(self) -> None:
        """Take up the work for the widget of the context, and ask its first question."""
        context = self.context
        context.number = register(context.widget)
        self._open = context.controls.tab
        self.moves.tell_page()
        context.view.moved = self.moves.by_page
        context.view.on_msg(self._received)
        self._reveal_figures()
        self._cells = CellWatch(self._cell_ran)
        context.worker.join(context)
        WATCHERS.add(self)
        self._show_input()
        self.ask()

    def close(self) -> None:
        context = self.context
        with context.lock:
            context.closed = True
        WATCHERS.discard(self)
        if self._cells is not None:
            self._cells.close()
        context.worker.leave(context)
        for panel in self.panels.values():
            panel.close()
        context.view.layout.close()
        context.view.close()

    def panel(self, kind: type[P]) -> P:
        """The tab of that kind."""
        panel = self.panels[kind.name]
        assert isinstance(panel, kind), "a row is called as its class"
        return panel

    def ask(self) -> None:
        """Ask what the controls ask now, wherever it is shown."""
        for panel in self.panels.values():
            panel.ask()

    def prepare(self, preprocess: Any) -> None:
        """Feed all images by another preprocessing, and ask anew."""
        with self.context.lock:
            self.context.gallery.prepare(preprocess)
            self._renew()

    def name_classes(self, labels: Any) -> None:
        """Call the classes by other names, wherever they are shown."""
        context = self.context
        with context.lock:
            context.labels[:] = labels_of(labels, context.network.output.filters)
            context.channel.show(labels=list(context.labels))
            self._renew()

    def _renew(self) -> None:
        for panel in self.panels.values():
            panel.labels_changed()
        self._show_input()
        self.moves.tell_page()  # a target of one's own is told in the names of classes
        self._tell_python()
        self.ask()
        self.probe.catch_up()

    def method_registered(self, name: str) -> None:
        """A method is new, or another one than before: offer it, and ask anew where it is the one that answers."""
        context = self.context
        try:
            declared = method_as_json(name, context.network)
        except Exception as error:  # a declaration of the user's; the cell that registers it goes on
            context.channel.send(protocol.error("message", f"method {name!r}: {protocol.sentence(error)}"))
            return
        with context.lock:
            others = [each for each in context.view.methods if each["name"] != name]
            at = list(METHODS).index(name)
            context.channel.show(methods=[*others[:at], declared, *others[at:]])
            before = now = context.controls
            if before.method == name:
                now = replace(before, options=fitting_options(context.network, name, before.options))
                self.moves.commit(now)
                self.ask()
        context.widget.tell_observers(before, now)

    def replacement_registered(self, name: str) -> None:
        """A replacement is new, or another one than before: offer it, and ask anew where it covers."""
        with self.context.lock:
            self.context.channel.show(replacements=replacements_as_json())
            if self.context.controls.replace == name:
                self.ask()

    # What the page asks for

    def _own_handlers(self) -> dict[str, Handler]:
        return {
            "ready": ("message", self._page_opened),
            "stop": ("message", lambda request: self._pane(request).stop()),
            "again": ("message", lambda request: self._pane(request).ask()),
            "upload": ("upload", self._upload),
            "superpixels": ("message", lambda _: tell_superpixels(self.context)),
            "probe": ("message", lambda _: self.probe.ask()),
        }

    def _received(self, _: Any, content: Any, buffers: Any) -> None:
        channel = self.context.channel
        channel.reply_here()
        about, handle = self._handlers.get(protocol.kind_of(content), ("message", None))
        try:
            request = protocol.read_request(content, buffers, self._readers)
            assert handle is not None, "what is read has a handler"
            handle(request)
        except ValueError as error:
            channel.send(protocol.error(about, str(error)))

    def _page_opened(self, request: Request) -> None:
        for panel in self.panels.values():
            panel.page_opened()
        self.context.channel.opened(request.loopback)

    def _pane(self, request: Request) -> Pane:
        if request.pane not in self.panes:
            raise ValueError(f"The widget has no pane {request.pane!r}.")
        return self.panes[request.pane]

    def _upload(self, request: Request) -> None:
        job = self._take_in(request.data, request.name)
        self.context.worker.errand(self.context, lambda: guarded(job, self._refuse_upload))

    def _take_in(self, data: bytes, name: str) -> Generator[None, None, None]:
        index = self.context.gallery.add(data, name)
        self.context.channel.show(images=self.context.gallery.as_json())
        self.moves.by_python({"image_idx": index})
        yield

    def _refuse_upload(self, error: BaseException) -> None:
        """What was dropped is no image; or preprocess=, which is the user's, has raised."""
        self.context.channel.send(protocol.error("upload", protocol.sentence(error)))

    # A model that changes

    def _cell_ran(self) -> None:
        """The kernel has run a cell, which may have changed the model, or given a variable a name."""
        self._tell_python()
        self.context.worker.errand(self.context, self._check)

    def catch_up(self) -> None:
        """Ask again where the last answer is of a model, or of weights, that have changed since."""
        self._expire()
        for pane in self.panes.values():
            pane.catch_up()

    def _check(self) -> Generator[None, None, None]:
        self._expire()
        self.probe.catch_up()
        yield

    def _expire(self) -> None:
        try:
            changed = self.reopen()
        except Exception:  # it cannot be opened as it is now: the next question tells why
            changed = True
        for pane in self.panes.values():
            pane.expire(LAYERS if changed else "")

    def reopen(self) -> bool:
        """Open the model anew where it is made of something else than before; returns whether it was."""
        context = self.context
        if context.network.is_current:
            return False
        network = open_network(context.model, *(each.shape for each in context.network.inputs))
        with context.lock:
            old, before = context.network, context.controls
            if old is network:
                return False
            context.network = network
            more = context.gallery.change_network(network)
            for panel in self.panels.values():
                panel.network_changed()
            if len(context.labels) != network.output.filters:
                context.labels.clear()
            now = renewal.carried_over(before, old, context.available)
            self.moves.commit(now, ROWS)
            renewal.show(context.channel, network, PANELS.values())
            notices = [*context.gallery.notices, renewal.changes_in_words(old, network), *more]
            context.channel.show(labels=list(context.labels), images=context.gallery.as_json(), notices=notices)
            self._show_input()
        context.widget.tell_observers(before, now)
        return True

    # What follows a move, and what shows beside the answers

    def likely(self) -> Generator[Any, None, None]:
        """What a person is likely to want next, soonest first: that of the open tab."""
        for panel in sorted(self.panels.values(), key=lambda panel: not panel.is_open):
            yield from panel.likely()

    def _moved(self, moved: Sequence[str]) -> None:
        if "image_idx" in moved or "input_idx" in moved:
            self._show_input()
        if "tab" in moved:
            self.panels[self._open].closed()
            self._open = self.context.controls.tab
            self.panels[self._open].opened()
        if "charts" in moved or "tab" in moved:
            self._reveal_figures()
            self.context.worker.when_idle(self.context, self.likely)
        for panel in self.panels.values():
            panel.moved(moved)
        if any(ROWS[name].decides == "look" for name in moved):
            self._tell_python()

    def _show_input(self) -> None:
        controls, source = self.context.controls, self.context.controls.input_idx
        message = protocol.shown(controls.image_idx, source, self.context.example[source])
        self.context.channel.send(message, keep="picture")

    def _reveal_figures(self) -> None:
        """The figure of the open tab, unless it is folded away."""
        for panel in self.panels.values():
            if panel.figure is not None:
                panel.figure.reveal(panel.is_open and self.context.controls.charts)

    def _tell_python(self) -> None:
        names = Names(self.context.widget, self.context.number)
        texts = {"widget": constructed(self.context, names)}
        for panel in self.panels.values():
            texts |= panel.python(names)
        self.context.channel.show(python=texts)
