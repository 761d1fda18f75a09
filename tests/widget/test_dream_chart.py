from __future__ import annotations

import time
from collections.abc import Callable

import ipywidgets
import numpy as np
import pytest
import traitlets

from salwidget import SaliencyWidget
from salwidget.widget.dream.chart import MOST_POINTS, DreamChart, thinned
from salwidget.widget.figures import round_numbers
from tests.widget.conftest import Sent, from_page, last, settled, until
from tests.widget.test_dreams import come_to

Make = Callable[..., SaliencyWidget]


def test_a_line_for_each_image_over_its_steps() -> None:
    chart = DreamChart()
    scores = np.random.default_rng(0).normal(size=(30, 2))
    chart.show(scores, [False, False])
    np.testing.assert_array_equal(chart._scores.x, np.arange(1, 31))
    np.testing.assert_allclose(chart._scores.y, scores.T)
    assert (chart._scores.scales["y"].min, chart._scores.scales["y"].max) == (scores.min(), scores.max())
    assert (chart._scores.scales["x"].min, chart._scores.scales["x"].max) == (0, 30)
    assert not chart._probabilities.visible
    chart.close()


def test_a_probability_beside_a_logit_has_its_own_axis() -> None:
    chart = DreamChart()
    scores = np.array([[20.0, 0.25], [25.0, np.nan], [30.0, 0.75]])
    chart.show(scores, [False, True])
    np.testing.assert_allclose(np.squeeze(chart._scores.y), [20, 25, 30])
    np.testing.assert_allclose(np.squeeze(chart._probabilities.y), [0.25, np.nan, 0.75])
    assert chart._probabilities.visible
    assert chart._right.visible
    chart.show(scores[:, 1:], [True])
    assert not chart._right.visible, "alone it has the one at the left"
    chart.close()


@pytest.mark.parametrize("steps", [1, 2, 399, 400, 5000])
def test_a_long_line_is_thinned_and_keeps_its_ends(steps: int) -> None:
    at = thinned(steps)
    assert (at[0], at[-1]) == (0, steps - 1)
    assert len(at) <= MOST_POINTS
    assert steps > MOST_POINTS or set(at) == set(range(steps))
    chart = DreamChart()
    chart.show(np.zeros((steps, 1)), [False])
    chart.close()


def test_it_is_drawn_only_when_seen_and_not_too_often(monkeypatch: pytest.MonkeyPatch) -> None:
    chart, now = DreamChart(), [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    chart.show(np.zeros((3, 1)), [False])
    assert not chart.is_due(at_once=False)
    assert chart.is_due(at_once=True)
    now[0] += 0.25
    assert chart.is_due(at_once=False)
    chart.layout.display = "none"
    assert not chart.is_due(at_once=True)
    chart.close()


def test_closed_it_leaves_nothing() -> None:
    before = set(ipywidgets.widgets.widget._instances)
    DreamChart().close()
    assert set(ipywidgets.widgets.widget._instances) == before


@pytest.mark.slow
def test_each_tab_has_its_figures(make: Make, sent: Sent) -> None:
    widget = make(filter_indices=1)
    _, charts, strip, chart = widget.children

    def seen() -> list[bool]:
        return [figures.layout.display != "none" for figures in (charts, strip, chart)]

    assert (widget.tab, seen()) == ("explain", [True, False, False])
    assert strip.children == chart.children == (), "bqplot makes no figure where it could not be seen"
    from_page(widget, tab="dream")
    assert (widget.tab, seen()) == ("dream", [False, False, True])
    from_page(widget, tab="test")
    assert (widget.tab, seen()) == ("test", [False, True, False])
    widget.charts = False
    assert seen() == [False, False, False]
    widget.charts, widget.tab = True, "explain"
    assert (widget.children[0].tab, seen()) == ("explain", [True, False, False])
    from_page(widget, tab="dance")
    assert (widget.tab, widget.children[0].tab) == ("explain", "explain")
    assert "'explain', 'test', 'dream'" in last(sent, "error")["text"]
    with pytest.raises(traitlets.TraitError, match="'explain', 'test', 'dream'"):
        widget.tab = "x"


@pytest.mark.slow
def test_the_chart_of_a_dream_shows_all_its_scores_also_where_the_tab_is_opened_later(make: Make, sent: Sent) -> None:
    widget = make(filter_indices=1)
    widget.dream(steps=7)
    assert widget.tab == "dream"
    come_to(sent, "done")
    chart = widget.children[3]
    np.testing.assert_allclose(np.squeeze(chart._scores.y), widget.dreamed.scores)
    widget.tab = "explain"
    widget._session.panels["dream"].start({"steps": 4})
    come_to(sent, "done", id=1)
    settled(widget)
    widget.tab = "dream"
    until(lambda: np.size(chart._scores.y) == 4, "a drawing")
    np.testing.assert_allclose(np.squeeze(chart._scores.y), widget.dreamed.scores)


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [(-5.5, 194, [0, 50, 100, 150]), (0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1]), (-2e-6, 3e-6, [-2e-6, -1e-6, 0, 1e-6, 2e-6, 3e-6])],
)
def test_ticks_are_round_numbers(low: float, high: float, ticks: list[float]) -> None:
    np.testing.assert_allclose(round_numbers(low, high), ticks, atol=1e-12)
