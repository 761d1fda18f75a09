"""A widget without a page: what it sends is recorded where the comm would publish it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import comm
import keras
import numpy as np
import pytest

from salwidget import SaliencyWidget
from salwidget.widget.worker import Worker


class Sent(list[tuple[dict[str, Any], list[bytes]]]):
    """Custom messages of all widgets, in order; ``answer`` is called with each, where it was sent."""

    answer: Callable[[dict[str, Any]], None] | None = None


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Sent:
    messages = Sent()

    def publish(_comm: Any, _kind: str, data: Any = None, _metadata: Any = None, buffers: Any = None, **_: Any) -> None:
        if data and data.get("method") == "custom" and "kind" in data["content"]:
            messages.append((data["content"], list(buffers or [])))
            if messages.answer:
                messages.answer(data["content"])

    monkeypatch.setattr(comm.DummyComm, "publish_msg", publish)
    return messages


@pytest.fixture
def make(sent: Sent) -> Iterator[Callable[..., SaliencyWidget]]:
    """Makes widgets that are closed after the test."""
    made: list[SaliencyWidget] = []

    def one(model: keras.Model | None = None, images: Any = None, **options: Any) -> SaliencyWidget:
        given = np.random.default_rng(0).uniform(size=(3, 16, 16, 3)).astype("float32") if images is None else images
        made.append(SaliencyWidget(small_cnn() if model is None else model, given, **options))
        return made[-1]

    yield one
    for widget in made:
        widget.close()


@pytest.fixture
def worker() -> Iterator[Worker]:
    made = Worker("test")
    made.join("me")
    yield made
    made.leave("me")


def small_cnn(classes: int = 3, activation: str = "softmax") -> keras.Model:
    keras.utils.set_random_seed(7)
    return keras.Sequential(
        [
            keras.Input((16, 16, 3)),
            keras.layers.Conv2D(4, 3, activation="relu", name="first"),
            keras.layers.Conv2D(6, 3, activation="relu", name="second"),
            keras.layers.GlobalAveragePooling2D(name="average"),
            keras.layers.Dense(classes, activation=activation, name="scores"),
        ]
    )


def settled(widget: SaliencyWidget, seconds: float = 30) -> str:
    """Wait for the widget to come to rest; returns its status."""
    deadline = time.monotonic() + seconds
    while widget.status == "computing":
        assert time.monotonic() < deadline, "no answer"
        time.sleep(0.005)
    return widget.status


def until(condition: Callable[[], Any], what: str | Callable[[], Any], seconds: float = 60) -> None:
    """Wait for what must come."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain: {what() if callable(what) else what}"
        time.sleep(0.005)


def from_page(widget: SaliencyWidget, **state: Any) -> None:
    """What ipywidgets does when the page writes traits."""
    widget.children[0].set_state(state)


def say(widget: SaliencyWidget, content: Any, buffers: Any = None) -> None:
    """What ipywidgets does when the page sends a message."""
    widget.children[0]._handle_custom_msg(content, buffers or [])


def kinds(sent: Sent) -> list[str]:
    return [content["kind"] for content, _ in sent]


def last(sent: Sent, kind: str) -> dict[str, Any]:
    return next(content for content, _ in reversed(sent) if content["kind"] == kind)
