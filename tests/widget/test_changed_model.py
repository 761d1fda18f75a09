"""A model that changes under an open widget: its weights, its layers, and an observer that closes the widget."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import keras
import numpy as np
import pytest

import salwidget
from salwidget import SaliencyWidget, Unit
from salwidget.widget import protocol
from salwidget.widget.pane import LAYERS, WEIGHTS
from tests.widget.conftest import Sent, from_page, kinds, last, say, settled, small_cnn, until

pytestmark = pytest.mark.slow

Make = Callable[..., SaliencyWidget]


@pytest.fixture
def cell_ran(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """IPython's word that a cell has run, for widgets made in the test."""
    heard: list[Callable[..., None]] = []
    events = SimpleNamespace(
        register=lambda _, callback: heard.append(callback), unregister=lambda _, callback: heard.remove(callback)
    )
    monkeypatch.setattr("salwidget.widget.names.notebook", lambda: SimpleNamespace(events=events, user_ns={}))

    def ran() -> None:
        for callback in heard:
            callback(None)

    return ran


def trained(model: keras.Model) -> None:
    model.set_weights([weight + 0.1 for weight in model.get_weights()])


def regrown(model: keras.Sequential, classes: int = 4) -> None:
    model.pop()
    model.add(keras.layers.Dense(classes, name="others"))


def notices(widget: SaliencyWidget) -> list[str]:
    return widget.children[0].notices


def layers(widget: SaliencyWidget) -> list[str]:
    return [layer["name"] for layer in widget.children[0].network["layers"]]


def test_after_training_the_map_is_stale_and_is_asked_again_from_the_page(
    make: Make, sent: Sent, cell_ran: Callable[[], None]
) -> None:
    widget = make(model := small_cnn())
    before = widget.wait(30)
    cell_ran()
    until(lambda: widget.status == "fresh", "the same weights")
    trained(model)
    cell_ran()
    until(lambda: widget.status == "stale", "stale")
    assert last(sent, "stopped") == {
        "kind": "stopped",
        "pane": "explain",
        "seq": last(sent, "map")["seq"],
        "text": WEIGHTS,
    }
    assert widget.heatmap is before
    # A page that is opened now is told it too.
    sent.clear()
    say(widget, {"kind": "ready"})
    assert kinds(sent).index("stopped") > kinds(sent).index("map")
    say(widget, {"kind": "again", "pane": "explain"})
    assert settled(widget) == "fresh"
    np.testing.assert_allclose(widget.heatmap.values, salwidget.explain(model, widget.images[0], "grad_cam").values, rtol=1e-6)
    sent.clear()
    say(widget, {"kind": "ready"})
    assert "stopped" not in kinds(sent)


def test_wait_asks_again_after_training(make: Make, cell_ran: Callable[[], None]) -> None:
    widget = make(model := small_cnn())
    widget.wait(30)
    for told in (False, True):
        trained(model)
        if told:
            cell_ran()
            until(lambda: widget.status == "stale", "stale")
        np.testing.assert_allclose(
            widget.wait(30).values, salwidget.explain(model, widget.images[0], "grad_cam").values, rtol=1e-6
        )


def test_a_model_that_is_traced_afresh_has_no_other_weights(make: Make, cell_ran: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    widget = make(model := small_cnn())
    widget.wait(30)
    monkeypatch.setattr("salwidget.engine.network.MOST_CUTS", 1)
    for layer in range(3):
        salwidget.explain(model, widget.images[0], layer=layer, filters=0)
    cell_ran()
    done: list[bool] = []
    widget._session.context.worker.errand(widget._session.context, lambda: iter([done.append(True)]))
    until(lambda: done, "the errand behind the look")
    assert widget.status == "fresh"


def test_other_layers_are_shown_and_asked(make: Make, sent: Sent, cell_ran: Callable[[], None]) -> None:
    widget = make(model := small_cnn(), labels=["a", "b", "c"], filter_indices=2)
    widget.wait(30)
    regrown(model)
    model.add(keras.layers.Dense(5, name="last"))
    cell_ran()
    until(lambda: widget.status == "stale", "stale")
    assert last(sent, "stopped")["text"] == LAYERS
    assert layers(widget) == ["first", "second", "average", "others", "last"]
    assert notices(widget)[-1] == "The model has changed: scores is gone and others, last are new."
    assert widget.layer_idx == 4
    assert widget.children[0].layer_idx == 4
    assert widget.labels == []
    from_page(widget, filter_indices=4)
    assert settled(widget) == "fresh"
    expected = salwidget.explain(model, widget.images[0], "grad_cam", filters=4)
    np.testing.assert_allclose(widget.heatmap.values, expected.values, rtol=1e-6)
    until(lambda: last(sent, "scores")["layer"] == 4, "the scores of the new output")
    until(lambda: "thumbnails" in kinds(sent) and last(sent, "thumbnails")["indices"] == [0, 1], "the new layers' thumbnails")


def test_a_layer_that_is_no_more_gives_way(make: Make, cell_ran: Callable[[], None]) -> None:
    model = keras.Sequential([keras.Input((16, 16, 3)), *[keras.layers.Conv2D(4, 3, name=f"c{each}") for each in range(4)]])
    widget = make(model, layer_idx=2, filter_indices=3, cell=(9, 9), versus=1)
    widget.wait(30)
    for _ in range(3):
        model.pop()
    model.add(keras.layers.Conv2D(2, 9, name="wide"))
    cell_ran()
    until(lambda: widget.status == "stale", "stale")
    assert (widget.layer_idx, widget.filter_indices, widget.versus, widget.cell) == (1, None, 1, None)
    assert widget.wait(30).query.target.layer == 1


def test_a_layer_that_only_moved_is_followed_by_its_name(make: Make) -> None:
    model = keras.Sequential([keras.Input((16, 16, 3)), *[keras.layers.Conv2D(4, 3, name=f"c{each}") for each in range(4)]])
    widget = make(model, layer_idx=1, filter_indices=3)
    widget.wait(30)
    model.pop()
    assert widget.wait(30).query.target.terms[0][1] == Unit(1, (3,))
    assert layers(widget) == ["c0", "c1", "c2"]


def test_a_control_that_is_set_in_the_same_cell_is_checked_against_the_new_layers(make: Make) -> None:
    widget = make(model := small_cnn())
    widget.wait(30)
    regrown(model, 9)
    widget.filter_indices = 8
    expected = salwidget.explain(model, widget.images[0], "grad_cam", filters=8)
    np.testing.assert_allclose(widget.wait(30).values, expected.values, rtol=1e-6)


def test_settings_that_change_are_said_too(make: Make) -> None:
    widget = make(model := small_cnn())
    widget.wait(30)
    model.layers[0].activation = keras.activations.softplus
    expected = salwidget.explain(model, widget.images[0], "grad_cam")
    np.testing.assert_allclose(widget.wait(30).values, expected.values, rtol=1e-6)
    assert notices(widget)[-1] == "The model has changed: its layers are the same, what they compute is not."


def test_a_change_that_cannot_be_traced_is_told_and_the_next_one_goes_on(make: Make, cell_ran: Callable[[], None]) -> None:
    widget = make(model := small_cnn())
    widget.wait(30)
    call = model.layers[1].call

    def broken(values: Any) -> Any:
        raise ValueError("This layer is broken.")

    model.layers[1].call = broken
    cell_ran()
    until(lambda: widget.status == "stale", "stale")
    with pytest.raises(ValueError, match=r"This layer is broken"):
        widget.wait(30)
    model.layers[1].call = call
    widget.filter_indices = 1
    assert settled(widget) == "fresh"


def test_a_dream_of_the_old_model_ends(make: Make, sent: Sent) -> None:
    widget = make(model := small_cnn())
    widget.wait(30)
    widget.dream(steps=4000)
    until(lambda: "frame" in kinds(sent), "a frame")
    regrown(model)
    until(lambda: last(sent, "dream")["state"] == "failed", "the end of the dream")
    assert last(sent, "dream")["text"].startswith("The model has changed since this dream began")
    widget.dream(steps=2)
    until(lambda: last(sent, "dream")["state"] == "done", "a dream of the new model")


def test_an_observer_that_closes_the_widget_leaves_it_closed(make: Make) -> None:
    widget = make(small_cnn(), method="occlusion")
    widget.observe(lambda _: widget.close(), "heatmap")
    until(lambda: widget.status == "closed", "the observer")
    for thread in [each for each in threading.enumerate() if each.name.startswith("salwidget")]:
        thread.join(10)
    assert widget.status == "closed"


def test_a_long_error_is_cut_to_one_sentence() -> None:
    told = protocol.sentence(ValueError("word " * 20_000))
    assert len(told) <= protocol.SENTENCE + 2
    assert told.endswith("word …")
    assert len(protocol.sentence(RuntimeError("x" * 100_000 + "\nmore"))) <= protocol.SENTENCE + 20
    assert protocol.sentence(ValueError("short")) == "short"
