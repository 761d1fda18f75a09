"""What a user's function may raise on the thread of the worker: the widget tells it, and all widgets go on."""

from __future__ import annotations

import asyncio
import io
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image

import salwidget
from salwidget import SaliencyWidget
from salwidget.attribution import METHODS
from tests.widget.conftest import Sent, kinds, last, say, settled, until

pytestmark = pytest.mark.slow

Make = Callable[..., SaliencyWidget]
ENDS = {
    "SystemExit: 3": SystemExit(3),
    "KeyboardInterrupt": KeyboardInterrupt(),
    "CancelledError: enough": asyncio.CancelledError("enough"),
    "GeneratorExit": GeneratorExit(),
}


@pytest.fixture(params=ENDS)
def said(request: pytest.FixtureRequest) -> str:
    return request.param


def ending(said: str, result: Callable[..., Any]) -> Callable[..., Any]:
    """``result``, but on the thread of a worker it raises."""

    def called(*args: Any) -> Any:
        if threading.current_thread() is not threading.main_thread():
            raise ENDS[said]
        return result(*args)

    return called


def goes_on(widget: SaliencyWidget, make: Make) -> None:
    """This widget and a new one on the same model answer, and rightly."""
    model, image = widget.model, widget.images[1]
    widget.target = widget.grad_modifier = widget.backprop_modifier = None
    widget.method, widget.filter_indices, widget.image_idx = "saliency", None, 1
    np.testing.assert_allclose(widget.wait(30).values, salwidget.explain(model, image).values, rtol=1e-5)
    assert settled(make(model, method="saliency")) == "fresh"


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "target": lambda output: output[:, 0],
    "grad_modifier": lambda gradient: gradient,
    "backprop_modifier": lambda inputs, outputs, gradient: gradient,
}


@pytest.mark.parametrize("control", FUNCTIONS)
def test_a_function_that_ends_the_program_ends_a_question(make: Make, sent: Sent, said: str, control: str) -> None:
    widget = make(method="saliency")
    widget.wait(30)
    setattr(widget, control, ending(said, FUNCTIONS[control]))
    assert settled(widget) == f"error: {said}"
    assert last(sent, "error")["text"] == said
    with pytest.raises(ValueError, match=said):
        widget.wait(30)
    goes_on(widget, make)


def test_so_does_a_method(make: Make, sent: Sent, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refine(self: Any, question: Any) -> Any:
        raise ENDS[said]
        yield

    monkeypatch.setattr(METHODS["input_x_gradient"], "refine", refine)
    widget = make(method="saliency")
    widget.wait(30)
    widget.method = "input_x_gradient"
    assert settled(widget) == f"error: {said}"
    goes_on(widget, make)


def test_so_does_an_observer_of_the_map(make: Make, said: str) -> None:
    widget = make(method="saliency")
    widget.wait(30)
    observer = ending(said, lambda change: None)
    widget.observe(observer, "heatmap")
    widget.filter_indices = 1
    assert settled(widget) == f"error: {said}"
    widget.unobserve(observer, "heatmap")
    goes_on(widget, make)


def test_a_preprocessing_that_ends_the_program_refuses_what_was_dropped(make: Make, sent: Sent, said: str) -> None:
    widget = make(method="saliency", preprocess=ending(said, lambda image: image))
    widget.wait(30)
    file = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(file, "PNG")
    say(widget, {"kind": "upload", "name": "red.png"}, [file.getvalue()])
    until(lambda: "error" in kinds(sent), "the refusal")
    assert last(sent, "error") == {"kind": "error", "pane": None, "seq": None, "asked": None, "about": "upload", "text": said}
    goes_on(widget, make)


def test_a_dream_fails_and_the_next_runs(make: Make, sent: Sent, said: str) -> None:
    widget = make(method="saliency")
    widget.wait(30)
    widget.target = ending(said, FUNCTIONS["target"])
    settled(widget)
    widget.dream(steps=3)
    until(lambda: last(sent, "dream")["state"] == "failed", "the failure")
    assert last(sent, "dream")["text"] == said
    widget.target = None
    widget.wait(30)
    widget.dream(steps=3)
    until(lambda: last(sent, "dream")["state"] == "done", lambda: last(sent, "dream"))
    goes_on(widget, make)
