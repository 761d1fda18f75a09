"""A third tab, of two panes: two questions of one widget at once, each with its own number, stop and last answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import salwidget
from salwidget import SaliencyWidget
from salwidget.attribution import Answer, Context
from salwidget.widget.panels import PANELS
from tests.twice import TwicePanel
from tests.widget.conftest import Sent, from_page, last, say, settled, until

Make = Callable[..., SaliencyWidget]
METHODS = {"left": "saliency", "right": "occlusion"}


@pytest.fixture(autouse=True)
def twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PANELS, "twice", TwicePanel)


def of_pane(sent: Sent, pane: str, kind: str) -> list[dict[str, Any]]:
    return [content for content, _ in sent if content["kind"] == kind and content["pane"] == pane]


def fresh(widget: SaliencyWidget, *names: str) -> None:
    until(lambda: all(widget._session.panes[name].status == "fresh" for name in names), "fresh answers")


def expected(widget: SaliencyWidget, pane: str) -> np.ndarray:
    """The map by itself, not by the widget."""
    image, unit = widget._session.context.gallery.examples[0][0].input, {"layer": 3, "filters": widget.filter_indices}
    return salwidget.explain(widget.model, image, METHODS[pane], **unit).values


def test_both_panes_answer_the_same_move_each_by_its_method(make: Make, sent: Sent) -> None:
    widget = make(filter_indices=0, tab="twice")
    fresh(widget, "explain", "left", "right")
    widget.filter_indices = 2
    fresh(widget, "explain", "left", "right")
    for pane in METHODS:
        content = of_pane(sent, pane, "map")[-1]
        assert (content["seq"], content["method"], content["asked"]["filter_indices"]) == (2, METHODS[pane], 2)
        np.testing.assert_array_equal(widget._session.panes[pane].heatmap.values, expected(widget, pane))
    assert widget.heatmap.query.method == "grad_cam", "the widget's own answer is Explain's"
    assert len(of_pane(sent, "explain", "map")) == 2


def test_a_tab_that_is_not_open_asks_nothing_until_it_is(make: Make, sent: Sent) -> None:
    widget = make(filter_indices=0)
    settled(widget)
    widget.filter_indices = 1
    settled(widget)
    assert not of_pane(sent, "left", "computing")
    from_page(widget, tab="twice")
    fresh(widget, "left", "right")
    np.testing.assert_array_equal(widget._session.panes["left"].heatmap.values, expected(widget, "left"))
    widget.tab = "explain"
    assert [widget._session.panes[pane].status for pane in ("explain", "left", "right")] == ["fresh", "stale", "stale"]


def test_the_newest_wins_in_each_pane(make: Make, sent: Sent) -> None:
    widget = make(filter_indices=0, tab="twice")
    for number in range(30):
        widget.filter_indices = number % 3
    fresh(widget, "explain", "left", "right")
    for pane in METHODS:
        seqs = [content["seq"] for content in of_pane(sent, pane, "map")]
        assert seqs == sorted(seqs), "no map goes back in time"
        assert seqs[-1] == widget._session.panes[pane].seq
        np.testing.assert_array_equal(widget._session.panes[pane].heatmap.values, expected(widget, pane))


def test_stop_in_one_pane_leaves_the_other(make: Make, sent: Sent) -> None:
    widget = make(filter_indices=0, tab="twice")
    fresh(widget, "explain", "left", "right")
    say(widget, {"kind": "stop", "pane": "right"})
    assert widget._session.panes["right"].status == "stale"
    assert widget._session.panes["left"].status == widget.status == "fresh"
    assert last(sent, "stopped")["pane"] == "right"
    say(widget, {"kind": "again", "pane": "right"})
    fresh(widget, "right")
    assert (widget._session.panes["right"].seq, widget._session.panes["left"].seq) == (2, 1)


class Long(salwidget.Method):
    """Fifty steps."""

    name = "long"
    title = "Long"
    sentence = "Fifty steps for {target}."
    formula = "0"
    limits = "For tests."
    paper = "none"
    units = "none"

    def refine(self, context: Context) -> Iterator[Answer]:
        for step in range(1, 51):
            yield Answer(np.full(context.image.shape[:2], float(step)), signed=True, progress=step / 50)


def test_a_short_answer_need_not_wait_for_a_long_one(make: Make, sent: Sent, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("salwidget.widget.pane.PAINT", 0)
    monkeypatch.setitem(salwidget.METHODS, "long", Long)
    widget = make(filter_indices=0, method="long", tab="twice")
    fresh(widget, "explain", "left", "right")
    finals = [content["pane"] for content, _ in sent if content["kind"] == "map" and content["final"]]
    assert finals == ["left", "right", "explain"], "asked first, done last"


def test_an_error_is_told_in_its_pane(make: Make, sent: Sent) -> None:
    widget = make(filter_indices=0, tab="twice")
    fresh(widget, "explain", "left", "right")
    widget.target = lambda output: output[:, 7]
    until(lambda: widget._session.panes["left"].status.startswith("error"), "the error")
    until(lambda: widget._session.panes["right"].status.startswith("error"), "the error of the other")
    assert {content["pane"] for content, _ in sent if content["kind"] == "error"} == {"explain", "left", "right"}
    assert widget._session.panes["left"].heatmap is not None, "the last good answer stays"


def test_a_page_that_opens_later_is_told_all_panes(make: Make, sent: Sent) -> None:
    widget = make(filter_indices=0, tab="twice")
    fresh(widget, "explain", "left", "right")
    sent.clear()
    say(widget, {"kind": "ready"})
    assert {content["pane"] for content, _ in sent if content["kind"] == "map"} == {"explain", "left", "right"}


def test_a_pane_that_is_not_there_is_one_sentence(make: Make, sent: Sent) -> None:
    widget = make()
    say(widget, {"kind": "stop", "pane": "middle"})
    assert last(sent, "error")["text"] == "The widget has no pane 'middle'."
