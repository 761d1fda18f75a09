"""Dreams under way: frames in order and only as fast as the page paints, pause, stop, queue, close, hostile pages."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest

import salwidget
from salwidget import SaliencyWidget
from tests.widget.conftest import Sent, kinds, last, say, settled, small_cnn, until

pytestmark = pytest.mark.slow

Make = Callable[..., SaliencyWidget]


def states(sent: Sent, id: int = 0) -> list[str]:
    """What a dream went through; it is told twice that it runs, the second time with its real titles."""
    told = [content["state"] for content, _ in sent if content["kind"] == "dream" and content["id"] == id]
    return [state for place, state in enumerate(told) if place == 0 or told[place - 1] != state]


def frames(sent: Sent, id: int = 0) -> list[dict[str, Any]]:
    return [content for content, _ in sent if content["kind"] == "frame" and content["id"] == id]


def pixels(sent: Sent, id: int = 0) -> np.ndarray:
    """The last frame that was sent."""
    (one,) = pixels_of_each(sent, id)
    return one


def pixels_of_each(sent: Sent, id: int = 0) -> list[np.ndarray]:
    """The last frame that was sent, of each input."""
    content, buffers = next((c, b) for c, b in reversed(sent) if c["kind"] == "frame" and c["id"] == id)
    pairs = zip(content["inputs"], buffers, strict=True)
    return [np.frombuffer(buffer, np.uint8).reshape(each["shape"]) for each, buffer in pairs]


def come_to(sent: Sent, state: str, id: int = 0) -> None:
    until(lambda: states(sent, id)[-1:] == [state], lambda: f"{state}, but it went {states(sent, id)}: {last(sent, 'dream')}")


def paint(widget: SaliencyWidget, sent: Sent) -> None:
    """From now on the page paints each frame at once."""

    def answer(content: dict[str, Any]) -> None:
        if content["kind"] == "frame":
            say(widget, {"kind": "dream_painted", "id": content["id"], "step": content["step"]})

    sent.answer = answer


def at_first_frame(widget: SaliencyWidget, sent: Sent, message: dict[str, Any]) -> None:
    """The page says something between the first step and the second."""

    def answer(content: dict[str, Any]) -> None:
        if content["kind"] == "frame":
            sent.answer = None
            say(widget, message)

    sent.answer = answer


def the_same(model: keras.Model, steps: int, **options: Any) -> salwidget.Dream:
    """The dream of class 1 that the widget should make, without a widget."""
    return salwidget.dream(model, objective=salwidget.Unit(-1, 1), steps=steps, input_range=(0, 1), **options).run()


def test_a_frame_is_sent_when_the_one_before_was_painted_and_then_the_newest(make: Make, sent: Sent) -> None:
    model = small_cnn()
    widget = make(model, filter_indices=1)
    say(widget, {"kind": "dream_start", "settings": {"steps": 12}})
    come_to(sent, "done")
    assert [frame["step"] for frame in frames(sent)] == [1]
    say(widget, {"kind": "dream_painted", "id": 0, "step": 7})  # not what was sent
    assert len(frames(sent)) == 1
    say(widget, {"kind": "dream_painted", "id": 0, "step": 1})
    assert [frame["step"] for frame in frames(sent)] == [1, 12]
    say(widget, {"kind": "dream_painted", "id": 0, "step": 12})
    assert len(frames(sent)) == 2
    assert states(sent) == ["queued", "running", "done"]
    expected = the_same(model, 12)
    np.testing.assert_array_equal(pixels(sent)[0], expected.picture)
    assert frames(sent)[-1]["scores"] == [pytest.approx(float(expected.scores[-1]))]
    np.testing.assert_array_equal(widget.dreamed.image, expected.image)
    said = last(sent, "dream")
    assert (said["titles"], said["filters"], said["step"]) == (["class 1"], [1], 12)
    assert "w.model," in said["python"]


def test_a_page_that_paints_gets_every_step_in_order(make: Make, sent: Sent) -> None:
    widget = make(filter_indices=1)
    paint(widget, sent)
    widget.dream(steps=15)
    come_to(sent, "done")
    assert [frame["step"] for frame in frames(sent)] == list(range(1, 16))
    assert {tuple(frame["inputs"][0]["shape"]) for frame in frames(sent)} == {(1, 16, 16, 3)}


def test_a_pause_changes_nothing_bit_for_bit(make: Make, sent: Sent) -> None:
    model = small_cnn()
    widget = make(model, filter_indices=1)
    at_first_frame(widget, sent, {"kind": "dream_pause", "id": 0})
    widget.dream(steps=20, seed=3)
    come_to(sent, "paused")
    settled(widget)
    widget.filter_indices = 2  # the worker is free, and the dream's target stays what it was
    settled(widget)
    assert widget.dreamed.step == 1
    say(widget, {"kind": "dream_resume", "id": 0})
    come_to(sent, "done")
    assert states(sent) == ["queued", "running", "paused", "queued", "running", "done"]
    np.testing.assert_array_equal(widget.dreamed.image, the_same(model, 20, seed=3).image)


def test_a_dream_that_is_paused_and_resumed_within_a_step_loses_no_step(make: Make, sent: Sent) -> None:
    model = small_cnn()
    widget = make(model, filter_indices=1)

    def answer(content: dict[str, Any]) -> None:
        if content["kind"] == "frame":
            sent.answer = None
            for kind in ("dream_pause", "dream_resume") * 3:
                say(widget, {"kind": kind, "id": 0})

    sent.answer = answer
    widget.dream(steps=10)
    come_to(sent, "done")
    assert len(widget.dreamed.scores) == 10
    np.testing.assert_array_equal(widget.dreamed.image, the_same(model, 10).image)


def test_stop_ends_it_at_its_step_and_more_goes_on(make: Make, sent: Sent) -> None:
    model = small_cnn()
    widget = make(model, filter_indices=1)
    at_first_frame(widget, sent, {"kind": "dream_stop", "id": 0})
    widget.dream(steps=10)
    come_to(sent, "stopped")
    settled(widget)
    assert widget.dreamed.step == 1
    say(widget, {"kind": "dream_more", "id": 0})
    come_to(sent, "done")
    assert (last(sent, "dream")["step"], last(sent, "dream")["steps"]) == (20, 20)
    np.testing.assert_array_equal(widget.dreamed.image, the_same(model, 20).image)


def test_dreams_queue_and_one_that_is_stopped_in_the_queue_never_runs(make: Make, sent: Sent) -> None:
    widget = make(filter_indices=1)
    settled(widget)
    at_first_frame(widget, sent, {"kind": "dream_stop", "id": 1})
    for _ in range(3):
        say(widget, {"kind": "dream_start", "settings": {"steps": 5}})
    come_to(sent, "done", id=2)
    ran = ["queued", "running", "done"]
    assert [states(sent, id) for id in range(3)] == [ran, ["queued", "stopped"], ran]
    told = [(content["id"], content["state"]) for content, _ in sent if content["kind"] == "dream"]
    assert told.index((0, "done")) < told.index((2, "running"))


def test_where_there_are_too_many_a_paused_one_gives_way(make: Make, sent: Sent, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("salwidget.widget.dream.panel.MOST_OPEN", 1)
    widget = make(filter_indices=1)
    settled(widget)
    at_first_frame(widget, sent, {"kind": "dream_pause", "id": 0})
    widget.dream(steps=5)
    come_to(sent, "paused")
    at_first_frame(widget, sent, {"kind": "dream_start", "settings": {}})
    widget.dream(steps=5)
    come_to(sent, "done", id=1)
    assert states(sent)[-2:] == ["paused", "stopped"]
    assert "wait already" in last(sent, "error")["text"]


def test_a_question_is_answered_while_a_dream_runs(make: Make, sent: Sent) -> None:
    widget = make(filter_indices=1, method="saliency")
    settled(widget)
    sent.clear()

    def answer(content: dict[str, Any]) -> None:
        if content["kind"] == "frame":
            sent.answer = None
            widget.filter_indices = 2

    sent.answer = answer
    widget.dream(steps=10)
    come_to(sent, "done")
    order = [content.get("state", content["kind"]) for content, _ in sent]
    assert order.index("map") < order.index("done"), "between two steps"
    assert widget.dreamed.step == 10


def test_a_dream_that_nobody_watches_pauses(make: Make, sent: Sent, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("salwidget.widget.dream.panel.UNWATCHED", 0.0)
    widget = make(filter_indices=1)
    widget.dream(steps=10)
    come_to(sent, "paused")
    assert last(sent, "dream")["text"] == "Paused: no page is watching."
    assert last(sent, "dream")["step"] < 10
    paint(widget, sent)
    say(widget, {"kind": "ready"})  # the page was reloaded, and paints what it is told again
    say(widget, {"kind": "dream_resume", "id": 0})
    come_to(sent, "done")
    assert widget.dreamed.step == 10
    assert last(sent, "dream")["text"] == ""


def test_close_ends_a_dream_and_the_thread(make: Make, sent: Sent) -> None:
    model = small_cnn()
    widget = make(model, filter_indices=1)
    widget.dream(steps=4096)
    widget.dream(steps=4096)
    until(lambda: frames(sent), "a frame")
    (thread,) = [each for each in threading.enumerate() if each.name == f"salwidget {model.name}"]
    widget.close()
    thread.join(30)
    assert not thread.is_alive()
    assert widget.dreamed.step < 4096
    with pytest.raises(ValueError, match="closed"):
        widget.dream()


@pytest.mark.quick
def test_what_cannot_be_done_is_told_and_nothing_else(make: Make, sent: Sent) -> None:
    widget = make(filter_indices=1)
    settled(widget)
    for message, says in [
        ({"kind": "dream_start", "settings": {"magic": 1}}, "no setting 'magic'"),
        ({"kind": "dream_start", "settings": {"steps": 0}}, "from 1 to 4096"),
        ({"kind": "dream_start", "settings": {"steps": "many"}}, "not 'many'"),
        ({"kind": "dream_start", "settings": {"start": "x"}}, "'noise', 'image'"),
        ({"kind": "dream_stop", "id": 7}, "no dream 7"),
        ({"kind": "dream_start"}, "needs its settings"),
    ]:
        sent.clear()
        say(widget, message)
        assert kinds(sent) == ["error"]
        assert last(sent, "error")["about"] == "dream"
        assert says in last(sent, "error")["text"]
    with pytest.raises(TypeError, match="no setting 'magic'"):
        widget.dream(magic=1)


def test_hostile_messages_get_an_error_frame_and_nothing_else(make: Make, sent: Sent) -> None:
    widget = make()
    settled(widget)
    rng = random.Random(0)
    names = ["start", "filters", "pause", "resume", "stop", "more", "export", "card", "painted", "dance"]
    pieces: list[Any] = [None, 7, -1, 10**400, 1.5, float("nan"), True, "gif", "x" * 10_000, [], {}, {"steps": []}, {7: 7}]
    for _ in range(500):
        sent.clear()
        keys = ("id", "step", "place", "format")
        message = {"kind": f"dream_{rng.choice(names)}", "settings": rng.choice([*pieces[:10], {"steps": 10**400}, {"a": 1}])}
        say(widget, message | {key: rng.choice(pieces) for key in keys})
        assert set(kinds(sent)) <= {"error"}
    for _ in range(30):
        say(widget, {"kind": "dream_start", "settings": {"steps": 4096}})
    assert "16 dreams wait already" in last(sent, "error")["text"]
