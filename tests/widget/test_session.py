"""A method of several steps, registered by a user: partial maps, the last one final, stop between two steps."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import numpy as np
import pytest

import salwidget
from salwidget import SaliencyWidget
from salwidget.attribution import Answer, Choice, Context
from tests.widget.conftest import Sent, say, settled

pytestmark = pytest.mark.slow

Make = Callable[..., SaliencyWidget]


class Running(salwidget.Method):
    """Mean of the gradient over one, two and three steps."""

    name = "running"
    title = "Running mean"
    sentence = "A mean for {target}."
    formula = "mean"
    limits = "For tests."
    paper = "none"
    units = "score per unit of input"

    kind = Choice("kind", (("a", "A"), ("b", "B")), default="a")

    go = threading.Semaphore(0)
    steps = 0

    def refine(self, context: Context) -> Iterator[Answer]:
        total = np.zeros(context.image.shape[:2])
        for step in range(1, 4):
            assert Running.go.acquire(timeout=30)
            Running.steps = step
            total += context.gradient().sum(-1)
            yield Answer(total / step, signed=True, progress=step / 3)


@pytest.fixture
def running(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Running]]:
    monkeypatch.setattr("salwidget.widget.pane.PAINT", 0)
    Running.go, Running.steps = threading.Semaphore(0), 0
    salwidget.method(Running)
    yield Running
    del salwidget.METHODS["running"]


def maps(sent: Sent) -> list[tuple[bool, int]]:
    return [(content["final"], content["passes"]) for content, _ in sent if content["kind"] == "map"]


@pytest.mark.quick
def test_each_step_is_shown_and_the_last_is_final(make: Make, sent: Sent, running: type[Running]) -> None:
    running.go.release(3)
    widget = make(method="running", filter_indices=0)
    assert settled(widget) == "fresh"
    assert maps(sent) == [(False, 1), (False, 2), (True, 3)]
    running.go.release(3)
    image = widget._session.context.gallery.examples[0][0].input
    np.testing.assert_array_equal(
        widget.heatmap.values, salwidget.explain(widget._session.context.model, image, "running", filters=0).values
    )


def test_it_stands_in_the_widget_with_its_option(make: Make, running: type[Running]) -> None:
    running.go.release(6)
    widget = make(method="running")
    (declared,) = [each for each in widget.children[0].methods if each["name"] == "running"]
    assert declared["title"] == "Running mean"
    assert declared["options"] == [
        {"name": "kind", "label": "kind", "default": "a", "help": "", "kind": "choice", "choices": [["a", "A"], ["b", "B"]]}
    ]
    settled(widget)
    widget.options = {"kind": "b"}
    settled(widget)
    assert dict(widget.heatmap.query.options) == {"kind": "b"}


def test_stop_ends_it_between_two_steps_and_keeps_what_there_is(make: Make, sent: Sent, running: type[Running]) -> None:
    running.go.release(1)
    widget = make(method="running", filter_indices=0)
    while not maps(sent):
        threading.Event().wait(0.005)
    say(widget, {"kind": "stop", "pane": "explain"})
    assert widget.status == "stale"
    running.go.release(3)
    widget.method = "saliency"
    assert settled(widget) == "fresh"
    assert running.steps <= 3
    assert [final for final, _ in maps(sent)] == [False, True], "the stopped question sent no final map"
