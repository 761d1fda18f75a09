"""One widget at work: it asks the worker, and tells the page, the charts and Python what came of it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from contextvars import Context, copy_context
from typing import TYPE_CHECKING, Any

import traitlets

from salwidget.answer import answers, query_of, shape_hint
from salwidget.attribution import method_of
from salwidget.heatmap import Heatmap
from salwidget.labels import labels_of
from salwidget.network import open_network
from salwidget.widget import protocol
from salwidget.widget.charts import Charts
from salwidget.widget.controls import filters_at, fitting
from salwidget.widget.declared import choices_as_json, methods_as_json, network_as_json, refusals_as_json
from salwidget.widget.gallery import Gallery
from salwidget.widget.idle import Idle
from salwidget.widget.view import LOOK, QUESTION, Explorer
from salwidget.widget.worker import log, worker_of

if TYPE_CHECKING:
    from salwidget.widget.saliency_widget import SaliencyWidget

Asked = dict[str, Any]


class Session:
    """Between the controls of a ``SaliencyWidget`` and the worker of its model.

    Controls may move on any thread (a cell, a subshell, the worker), so what follows a move is done under a lock.
    """

    def __init__(self, model: Any, images: Any, labels: Any, preprocess: Any) -> None:
        self.model = model
        self.network = open_network(model, shape_hint(images))
        self.gallery = Gallery(self.network, images, preprocess)
        self.labels = labels_of(labels, self.network.output.filters)
        self.view = Explorer(
            network=network_as_json(self.network),
            methods=methods_as_json(self.network),
            choices=choices_as_json(),
            refusals=refusals_as_json(self.network),
            labels=self.labels,
            images=self._images_as_json(),
            notices=self.gallery.notices,
            limits={"upload_bytes": protocol.UPLOAD_BYTES},
        )
        self.charts = Charts(self._class_picked)
        self._worker = worker_of(model)
        self._lock = threading.RLock()
        self._modifiers: dict[str, Callable[..., Any]] = {}
        self._filters: dict[bool, Any] = {}
        self._moving = False
        self._seq = 0
        self._stopped = 0
        self._replay: dict[str, protocol.Message] = {}
        self._page: Context | None = None
        self._idle = Idle(self.network, self.charts, self.labels, self._send)

    def first_method(self) -> str:
        """Grad-CAM, or saliency for a model without feature maps."""
        return "saliency" if method_of("grad_cam").refusal(self.network, self.network.output) else "grad_cam"

    def open(self, widget: SaliencyWidget) -> None:
        """Take up the work for ``widget``, and ask its first question."""
        self.widget = widget
        self._layer = widget.layer_idx
        for name in (*QUESTION, *LOOK):
            setattr(self.view, name, self._on_wire(name))
        self.view.observe(self._page_moved, names=[*QUESTION, *LOOK])
        self.view.on_msg(self._page_said)
        self.charts.layout.display = "" if widget.charts else "none"
        self._worker.join(self)
        self._show_picture()
        self._ask()

    def close(self) -> None:
        self._worker.leave(self)
        self.view.layout.close()
        self.view.close()
        self.charts.close()

    def fitting(self, name: str, value: Any, now: Any) -> Any:
        """``value`` in the form that a control keeps; raises ``ValueError`` where it does not fit."""
        return fitting(self.network, len(self.gallery.pictures), now, name, value)

    def control_moved(self, name: str, value: Any) -> None:
        """A trait of the widget has a new value: show it, and ask anew where it decides the answer."""
        with self._lock:
            if name == "layer_idx":
                self._follow(lambda: self._new_layer(value))
            if name == "method":
                known = method_of(value).options()
                kept = {option: chosen for option, chosen in self.widget.options.items() if option in known}
                self._follow(lambda: self.widget.set_trait("options", kept))
            self._publish(setattr, self.view, name, self._on_wire(name))
            if name == "image_idx":
                self._show_picture()
            elif name == "charts":
                self.charts.layout.display = "" if value else "none"
            elif name == "threshold" and self.widget.heatmap is not None:
                self.charts.show_threshold(self.widget.heatmap, value)
            if name in QUESTION and not self._moving:
                self._ask()

    def _follow(self, move: Callable[[], None]) -> None:
        """Let one control move others without a question for each."""
        self._moving = True
        try:
            move()
        finally:
            self._moving = False

    def _new_layer(self, layer: int) -> None:
        left, self._layer = self._layer, layer
        filters = filters_at(self.network, layer, left, self.widget.filter_indices, self._filters)
        self.widget.filter_indices = filters

    def _class_picked(self, index: int) -> None:
        with self._lock:
            self.widget.layer_idx = self.network.output.index
            self.widget.filter_indices = index

    # What the page says

    def _page_moved(self, change: Any) -> None:
        name = change["name"]
        with self._lock:
            if change["new"] == self._on_wire(name):
                return
            self._page = copy_context()
            if name == "filter_indices":  # a class picked in the page comes with its layer, in any order
                self._take_over("layer_idx", self.view.layer_idx)
            self._take_over(name, change["new"])

    def _take_over(self, name: str, value: Any) -> None:
        """Give a control the page's value, and the page the value that the control then has."""
        try:
            setattr(self.widget, name, self._off_wire(name, value))
        except traitlets.TraitError as error:
            self._send(protocol.error("message", str(error)))
        self._publish(setattr, self.view, name, self._on_wire(name))

    def _page_said(self, _: Any, content: Any, buffers: Any) -> None:
        self._page = copy_context()
        try:
            request = protocol.read_request(content, buffers)
        except ValueError as error:
            about = "upload" if isinstance(content, dict) and content.get("kind") == "upload" else "message"
            self._send(protocol.error(about, str(error)))
            return
        if request.kind == "ready":
            for message in [*self._replay.values(), *self._idle.replay.values()]:
                self._send(message)
        elif request.kind == "stop":
            self._stop()
        else:
            self._worker.errand(self, lambda: self._take_in(request.data, request.name))

    def _stop(self) -> None:
        with self._lock:
            self._worker.stop(self)
            self._stopped = self._seq
            self.widget.set_trait("status", "stale")
            self._send(protocol.stopped(self._seq))

    def _take_in(self, data: bytes, name: str) -> Generator[None, None, None]:
        try:
            index = self.gallery.add(data, name)
        except Exception as error:  # preprocess= is the user's: whatever it raises is told, and the widget goes on
            self._send(protocol.error("upload", _sentence(error)))
            return
        self.view.images = self._images_as_json()
        self.widget.image_idx = index
        yield

    # Questions and answers

    def _ask(self) -> None:
        with self._lock:
            self._seq += 1
            seq, asked = self._seq, {name: self._on_wire(name) for name in QUESTION}
            modifiers = self.widget.backprop_modifier, self.widget.grad_modifier
            self.widget.set_trait("status", "computing")
        self._worker.ask(self, lambda: self._answer(seq, asked, modifiers))

    def _answer(self, seq: int, asked: Asked, modifiers: tuple[Any, Any]) -> Generator[None, None, None]:
        self._send(protocol.computing(seq, asked))
        image = self.gallery.pictures[asked["image_idx"]].input
        last: Heatmap | None = None
        try:
            if self._idle.needs_scores(asked["image_idx"]):
                self._idle.show_scores(asked["image_idx"], image)
                yield
            if not method_of(asked["method"]).uses_gradient:
                modifiers = None, None
            question = asked["method"], asked["layer_idx"], asked["filter_indices"], asked["score"]
            query = query_of(self.network, image, *question, *modifiers, 0, asked["options"])
            for answer in answers(self.network, query, image):
                if self._stopped >= seq:
                    return
                if last is not None:
                    self._show(seq, asked, last, final=False)
                    yield
                last = answer
            assert last is not None, "a method yields at least one answer"
            self._show(seq, asked, last, final=True)
        except Exception as error:
            # Anything that a model, a rule or a modifier of the user's raises is told in the page; the last map stays.
            if not isinstance(error, (ValueError, TypeError)):
                log.exception("salwidget: a question failed")
            self._fail(seq, asked, _sentence(error))
            return
        threshold = self.widget.threshold
        self._worker.when_idle(self, lambda: self._idle.after(asked["image_idx"], image, last, threshold))
        yield

    def _show(self, seq: int, asked: Asked, answer: Heatmap, final: bool) -> None:
        python = answer.query.as_python(self.gallery.preprocess_name)
        message = protocol.heatmap(seq, asked, answer, final, self._target_in_words(answer), python)
        self._send(message)
        self._replay.pop("error", None)
        self._replay["map"] = message
        with self._lock:
            self.widget.set_trait("heatmap", answer)
            if final and seq == self._seq:
                self.widget.set_trait("status", "fresh")

    def _fail(self, seq: int, asked: Asked, text: str) -> None:
        self._replay["error"] = protocol.error("question", text, seq, asked)
        self._send(self._replay["error"])
        with self._lock:
            if seq == self._seq:
                self.widget.set_trait("status", f"error: {text}")

    def _target_in_words(self, answer: Heatmap) -> str:
        """The target as a person says it: a class by its name, a filter by its number and layer."""
        target = answer.query.target
        layer = self.network.layers[target.layer]
        filters = target.filters
        if layer == self.network.output and self.labels and filters:
            return " and ".join(self.labels[index] for index in filters)
        if filters is None:
            return f"all filters of {layer.name}"
        return f"filter {', '.join(map(str, filters))} of {layer.name}" if layer.filters > 1 else f"the output of {layer.name}"

    def _show_picture(self) -> None:
        index = self.widget.image_idx
        picture = self.gallery.pictures[index]
        self._replay["picture"] = protocol.picture(index, picture.name, picture.shown)
        self._send(self._replay["picture"])

    def _send(self, message: protocol.Message) -> None:
        content, buffers = message
        if self.view.comm is not None:
            self._publish(self.view.send, content, buffers)

    def _publish(self, call: Callable[..., Any], *args: Any) -> None:
        """Call what sends over the comm as if it answered the page's last message.

        ipykernel 7 routes a comm's messages to the shell that last published on it. A cell that sets a trait would draw
        the page's next messages to the main shell, and they would wait there for as long as a later cell runs.
        """
        if self._page is None:
            call(*args)
        else:
            self._page.copy().run(call, *args)

    def _images_as_json(self) -> list[dict[str, Any]]:
        return [{"name": each.name, "shape": list(each.shown.shape[:2])} for each in self.gallery.pictures]

    # A callable modifier goes over the wire by its name.

    def _on_wire(self, name: str) -> Any:
        value = getattr(self.widget, name)
        if callable(value):
            label = f"{getattr(value, '__name__', 'callable')}()"  # the brackets keep it apart from a rule of ours
            self._modifiers[label] = value
            if label not in self.view.choices[name]:
                self.view.choices = {**self.view.choices, name: [*self.view.choices[name], label]}
            return label
        return list(value) if isinstance(value, tuple) else value

    def _off_wire(self, name: str, value: Any) -> Any:
        if name in ("backprop_modifier", "grad_modifier") and value in self._modifiers:
            return self._modifiers[value]
        return value


def _sentence(error: Exception) -> str:
    text = str(error).strip().splitlines()[0] if str(error).strip() else ""
    return text if isinstance(error, (ValueError, TypeError)) and text else f"{type(error).__name__}: {text}"
