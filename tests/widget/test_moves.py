"""A move of the controls is told once, asked once, and heard of by observers when all of it has happened."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import comm
import numpy as np
import pytest
import traitlets

import salwidget
from salwidget import SaliencyWidget
from salwidget.widget.controls import ROWS
from salwidget.widget.trait_codec import TraitCodec
from tests.widget.conftest import Sent, from_page, kinds, last, settled, small_cnn

pytestmark = pytest.mark.slow

Make = Callable[..., SaliencyWidget]
SECOND, OUTPUT = 1, 3


@pytest.fixture
def updates(sent: Sent, monkeypatch: pytest.MonkeyPatch) -> list[set[str]]:
    """The traits in each message that gives the page some."""
    told: list[set[str]] = []
    publish = comm.DummyComm.publish_msg

    def listening(self: Any, kind: str, data: Any = None, *rest: Any, **more: Any) -> None:
        if data and data.get("method") == "update":
            told.append(set(data["state"]))
        publish(self, kind, data, *rest, **more)

    monkeypatch.setattr(comm.DummyComm, "publish_msg", listening)
    return told


def of_controls(widget: SaliencyWidget, updates: list[set[str]]) -> list[set[str]]:
    """Without those of the charts, and of the texts to be copied, which come with the answer."""
    ours = set(widget.children[0].keys) - {"layout", "python"}
    return [names & ours for names in updates if names & ours]


def test_a_move_of_a_layer_is_one_message_and_one_question(make: Make, sent: Sent, updates: list[set[str]]) -> None:
    widget = make(method="saliency", filter_indices=1, versus=2)
    settled(widget)
    before = widget._session.panes["explain"].seq
    updates.clear()
    widget.layer_idx = SECOND
    assert of_controls(widget, updates) == [{"layer_idx", "filter_indices", "versus"}]
    assert widget._session.panes["explain"].seq == before + 1
    assert settled(widget) == "fresh"


def test_several_controls_of_a_cell_are_one_message_and_one_question(make: Make, updates: list[set[str]]) -> None:
    widget = make(method="saliency")
    settled(widget)
    before = widget._session.panes["explain"].seq
    updates.clear()
    with widget.hold_trait_notifications():
        widget.layer_idx, widget.filter_indices, widget.opacity = SECOND, 4, 0.5
        assert (widget.layer_idx, widget.opacity) == (SECOND, 0.5), "what is set reads so"
        assert not updates
    assert of_controls(widget, updates) == [{"layer_idx", "filter_indices", "opacity"}]
    assert widget._session.panes["explain"].seq == before + 1


def test_the_page_is_told_what_it_did_not_say_itself(make: Make, updates: list[set[str]]) -> None:
    widget = make(method="saliency")
    settled(widget)
    updates.clear()
    from_page(widget, filter_indices=1)
    assert of_controls(widget, updates) == [], "its own word is not told back"
    from_page(widget, filter_indices=[2], layer_idx=SECOND, seed=-3)
    assert of_controls(widget, updates) == [{"filter_indices", "seed"}], "a canonical form, and what stands"
    assert (widget.children[0].filter_indices, widget.children[0].seed) == (2, 0)


@pytest.mark.quick
@pytest.mark.parametrize("changes", [{"filter_indices": 1}, {"opacity": 0.3}, {"layer_idx": SECOND, "filter_indices": 4}])
def test_only_what_moves_is_encoded(make: Make, monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any]) -> None:
    widget = make(method="saliency", filter_indices=0)
    settled(widget)
    encoded: list[str] = []
    to_page = TraitCodec.to_page
    monkeypatch.setattr(TraitCodec, "to_page", lambda self, name, value: encoded.append(name) or to_page(self, name, value))
    from_page(widget, **changes)
    assert sorted(encoded) == sorted(changes)
    assert settled(widget) == "fresh"


@pytest.mark.quick
def test_a_look_asks_nothing(make: Make, sent: Sent) -> None:
    widget = make(method="saliency")
    settled(widget)
    before, messages = widget._session.panes["explain"].seq, kinds(sent).count("computing")
    from_page(widget, opacity=0.2, threshold=0.3, colormap="gray")
    widget.charts = False
    assert (widget._session.panes["explain"].seq, kinds(sent).count("computing")) == (before, messages)


def test_where_one_does_not_fit_none_of_a_cell_moves(make: Make, updates: list[set[str]]) -> None:
    widget = make(method="saliency")
    settled(widget)
    seq = widget._session.panes["explain"].seq
    updates.clear()
    with pytest.raises(traitlets.TraitError, match="filter 9"), widget.hold_trait_notifications():
        widget.layer_idx, widget.filter_indices, widget.seed = SECOND, 9, 4
    assert (widget.layer_idx, widget.filter_indices, widget.seed) == (OUTPUT, None, 0)
    with suppress(KeyError), widget.hold_trait_notifications():
        widget.seed = 4
        raise KeyError
    assert (widget.seed, widget._session.panes["explain"].seq, of_controls(widget, updates)) == (0, seq, [])


def test_an_observer_sees_the_whole_move_and_may_move_and_wait(make: Make) -> None:
    model = small_cnn()
    widget = make(model, method="saliency", filter_indices=2)
    widget.wait(30)
    seen: list[tuple[Any, ...]] = []

    def look(change: Any) -> None:
        seen.append((change["name"], change["old"], change["new"], widget.layer_idx, widget.filter_indices))
        if change["name"] == "layer_idx":
            widget.filter_indices = 5
            np.testing.assert_array_equal(
                widget.wait(30).values,
                salwidget.explain(model, widget.images[0], "saliency", layer=SECOND, filters=5).values,
            )

    widget.observe(look, ["layer_idx", "filter_indices"])
    from_page(widget, layer_idx=SECOND)
    assert seen == [
        ("layer_idx", OUTPUT, SECOND, SECOND, 0),
        ("filter_indices", 0, 5, SECOND, 5),
    ]
    assert (widget.filter_indices, widget.children[0].filter_indices) == (5, 5), "the last move stands"


def test_an_observer_that_fails_is_told_to_the_page_and_the_move_stands(make: Make, sent: Sent) -> None:
    widget = make(method="saliency", filter_indices=0)
    settled(widget)

    def broken(_: Any) -> None:
        raise ZeroDivisionError("mine")

    widget.observe(broken, "filter_indices")
    from_page(widget, filter_indices=2)
    assert last(sent, "error")["text"] == "ZeroDivisionError: mine"
    assert (widget.filter_indices, settled(widget)) == (2, "fresh")
    with pytest.raises(ZeroDivisionError):
        widget.filter_indices = 1
    assert (widget.filter_indices, widget.children[0].filter_indices, settled(widget)) == (1, 1, "fresh")


def test_moves_of_a_cell_and_of_the_page_at_once_end_where_all_agree(make: Make) -> None:
    widget = make(method="saliency", filter_indices=0)
    settled(widget)

    def page() -> None:
        for move in range(200):
            from_page(widget, filter_indices=move % 3, opacity=move % 10 / 10)

    moving = threading.Thread(target=page)
    moving.start()
    for move in range(200):
        widget.layer_idx = (SECOND, OUTPUT)[move % 2]
        widget.threshold = move % 10 / 10
    moving.join(60)
    assert settled(widget) == "fresh"
    view, on_wire = widget.children[0], widget._session.context.on_wire
    assert on_wire == {name: getattr(view, name) for name in ROWS}
    controls = ("layer_idx", "filter_indices", "opacity", "threshold")
    assert {name: getattr(widget, name) for name in controls} == {name: on_wire[name] for name in controls}
    assert (widget.layer_idx, widget.opacity, widget.threshold) == (OUTPUT, 0.9, 0.9)


def test_an_aim_that_needs_a_gradient_is_refused_where_there_is_none(make: Make, sent: Sent) -> None:
    model = small_cnn()
    widget = make(model, method="saliency", filter_indices=0, aim="maintain")
    assert settled(widget) == "fresh"
    widget.method = "occlusion"
    with pytest.raises(ValueError, match="uses no gradient") as theirs:
        salwidget.explain(model, widget.images[0], "occlusion", filters=0, aim="maintain")
    assert settled(widget) == f"error: {theirs.value}"
    assert last(sent, "error")["text"] == str(theirs.value)
    from_page(widget, aim="increase")
    assert settled(widget) == "fresh"


def test_a_rule_and_a_modifier_of_one_name_come_back_from_the_page_as_they_were(make: Make) -> None:
    rule, modifier = (lambda inputs, outputs, gradient: gradient), (lambda gradient: -gradient)
    widget = make(method="saliency", filter_indices=0)
    widget.backprop_modifier, widget.grad_modifier = rule, modifier
    view = widget.children[0]
    labels = view.backprop_modifier, view.grad_modifier
    assert all(label in view.choices[name] for label, name in zip(labels, ("backprop_modifier", "grad_modifier"), strict=True))
    from_page(widget, backprop_modifier=None, grad_modifier=None)
    from_page(widget, backprop_modifier=labels[0], grad_modifier=labels[1])
    assert (widget.backprop_modifier, widget.grad_modifier) == (rule, modifier)


def test_other_labels_rename_a_target_that_the_page_shows(make: Make, sent: Sent) -> None:
    widget = make(method="saliency", labels=["ant", "bee", "cat"], target=salwidget.Unit(filters=0) - salwidget.Unit(filters=1))
    widget.wait(30)
    widget.labels = ["Ameise", "Biene", "Katze"]
    widget.wait(30)
    assert widget.children[0].target == last(sent, "map")["asked"]["target"] == "Ameise − Biene"


def test_a_closed_widget_keeps_its_controls_and_takes_others(make: Make) -> None:
    widget = make(method="saliency", filter_indices=2)
    widget.close()
    heard: list[Any] = []
    widget.observe(heard.append, "filter_indices")
    widget.filter_indices = 1
    assert (widget.filter_indices, widget.method, len(heard)) == (1, "saliency", 1)
