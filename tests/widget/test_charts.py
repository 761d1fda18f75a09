from __future__ import annotations

import numpy as np
import pytest

from salwidget.heatmap import Heatmap
from salwidget.query import Query
from salwidget.target import Unit
from salwidget.widget.explain.charts import Charts

pytestmark = pytest.mark.slow


def heatmap(values: np.ndarray, signed: bool, clip: float = 100.0) -> Heatmap:
    return Heatmap(values, values, Query("saliency", 1 * Unit(0), ""), "", signed, "score", clip)


def test_the_bars_are_the_highest_scores_and_a_click_picks_the_class() -> None:
    picked: list[int] = []
    charts = Charts(picked.append)
    scores = np.linspace(0, 0.2, 12)[[3, 1, 11, 0, 7, 5, 2, 10, 4, 9, 6, 8]]
    charts.show_scores(scores, [f"name {index}" for index in range(12)], "softmax")
    np.testing.assert_array_equal(charts._bars.y, np.sort(scores)[::-1][:8])
    assert list(charts._bars.x)[:2] == ["name 2 · 2", "name 7 · 7"]
    charts._clicked("bar", {"data": {"index": 1}})
    assert picked == [7]
    charts.close()


def test_classes_without_names_and_ties_stand_in_order() -> None:
    charts = Charts(lambda _: None)
    charts.show_scores(np.array([0.1, 0.3, 0.3, 0.3]), [], "softmax")
    assert list(charts._bars.x) == ["class 1", "class 2", "class 3", "class 0"]
    charts.close()


@pytest.mark.quick
def test_the_histogram_counts_every_pixel_between_the_extremes() -> None:
    charts = Charts(lambda _: None)
    values = np.random.default_rng(0).normal(size=(20, 30)).astype(np.float32)
    charts.show_values(heatmap(values, signed=True), threshold=0.25)
    np.testing.assert_allclose(np.expm1(charts._bins.y).sum(), values.size)
    left = charts._bins.x[0] - (charts._bins.x[1] - charts._bins.x[0]) / 2
    assert left == pytest.approx(values.min())
    assert charts._threshold.x[:, 0].tolist() == pytest.approx([-0.25 * np.abs(values).max(), 0.25 * np.abs(values).max()])
    charts.close()


def test_the_threshold_is_a_share_of_the_clipped_scale() -> None:
    charts = Charts(lambda _: None)
    values = np.arange(101, dtype=np.float32).reshape(1, 101)
    charts.show_values(heatmap(values, signed=False, clip=90.0), threshold=0.5)
    assert np.unique(charts._threshold.x).tolist() == [45.0]
    charts.close()


def test_a_map_that_is_not_signed_has_an_axis_from_zero() -> None:
    charts = Charts(lambda _: None)
    charts.show_values(heatmap(np.array([[0.5, 1.0, 2.0]], np.float32), signed=False), threshold=0.1)
    assert charts._units.tick_values.tolist() == [0, 0.5, 1, 1.5, 2]
    step = 2 / len(charts._bins.x)
    scale = charts._bins.scales["x"]
    assert (scale.min, scale.max) == pytest.approx((step / 2, 2 - step / 2)), "bqplot adds half a bar at each end"
    charts.show_values(heatmap(np.array([[-1.0, 3.0]], np.float32), signed=True), threshold=0.1)
    assert charts._units.tick_values.tolist() == [-1, 0, 1, 2, 3]
    charts.close()


def test_names_have_the_room_that_the_longest_of_all_classes_takes() -> None:
    charts = Charts(lambda _: None)
    long = "American Staffordshire terrier"
    charts.show_scores(np.array([0.7, 0.2, 0.1]), ["ant", "bee", long], "softmax")
    assert list(charts._bars.x) == ["ant · 0", "bee · 1", f"{long} · 2"]
    left = charts.children[0].fig_margin["left"]
    assert left >= 6 * len(f"{long} · 2")
    charts.show_scores(np.array([0.1, 0.8, 0.1]), ["ant", "bee", long], "softmax")
    assert charts.children[0].fig_margin["left"] == left
    charts.show_scores(np.array([1.0]), ["x" * 80], "softmax")
    assert list(charts._bars.x) == ["x" * 33 + "… · 0"]
    charts.close()
