"""A heatmap is an array of raw values that knows its question; resizing is bilinear or in blocks."""

from __future__ import annotations

import dataclasses
from dataclasses import FrozenInstanceError

import numpy as np
import pytest

from salwidget import Heatmap, Query, Target, explain
from salwidget.heatmap import resized
from tests import models
from tests.models import image

QUERY = Query("saliency", Target(6, (1,), "logit"), "abc")
VALUES = np.array([[-1.5, 0.0, 2.0], [3.25, -4.0, 0.5]], np.float32)


def heatmap(query: Query = QUERY, values: np.ndarray = VALUES) -> Heatmap:
    return Heatmap(values, values, query, "layer 6 dense, filter 1, logit", signed=True, units="score", clip=100.0)


def bilinear(cells: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Enlarged with half-pixel centres and edges held, from the definition."""

    def matrix(new: int, old: int) -> np.ndarray:
        places = np.clip((np.arange(new) + 0.5) * old / new - 0.5, 0, old - 1)
        return np.maximum(0, 1 - np.abs(places[:, None] - np.arange(old)))

    return matrix(size[0], cells.shape[0]) @ cells @ matrix(size[1], cells.shape[1]).T


def test_asarray_gives_the_values() -> None:
    np.testing.assert_array_equal(np.asarray(heatmap()), VALUES)
    assert np.asarray(heatmap()).dtype == np.float32
    assert np.asarray(heatmap(), dtype=np.float64).dtype == np.float64
    assert np.abs(heatmap()).max() == 4.0


def test_an_array_of_it_is_a_copy() -> None:
    asked = heatmap()
    np.array(asked)[:] = 0
    np.testing.assert_array_equal(asked.values, VALUES)


def test_equality_is_that_of_the_queries() -> None:
    other = heatmap(Query("saliency", Target(6, (2,), "logit"), "abc"))
    assert heatmap() == heatmap(values=VALUES + 1)
    assert hash(heatmap()) == hash(heatmap(values=VALUES + 1))
    assert heatmap() != other
    assert heatmap() != QUERY
    assert len({heatmap(), heatmap(), other}) == 2


def test_it_is_frozen() -> None:
    with pytest.raises(FrozenInstanceError):
        heatmap().values = VALUES


def test_repr_says_what_is_in_it() -> None:
    assert repr(heatmap()) == "<Heatmap saliency of layer 6 dense, filter 1, logit: 2x3, -4 to 3.25 score>"


@pytest.mark.parametrize("smooth", [True, False])
def test_the_same_size_is_left_as_it_is(smooth: bool) -> None:
    np.testing.assert_array_equal(resized(VALUES, (2, 3), smooth), VALUES)


def test_blocks() -> None:
    np.testing.assert_array_equal(resized(VALUES, (8, 9), smooth=False), np.kron(VALUES, np.ones((4, 3), np.float32)))


@pytest.mark.parametrize("size", [(8, 9), (5, 7), (2, 12)])
def test_bilinear_keeps_signs_and_scale(size: tuple[int, int]) -> None:
    found = resized(VALUES, size, smooth=True)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, bilinear(VALUES, size), atol=1e-5)


def test_what_an_answer_says_of_itself() -> None:
    model = models.functional()
    found = explain(model, image(), "grad_cam", filters=1)
    logit = models.values_of(models.without_final(), image()[None])[0, 1]
    assert found.target == "layer 6 dense, filter 1, logit"
    assert found.score == pytest.approx(logit, abs=1e-6)
    assert (found.values.shape, found.cells.shape) == ((8, 8), (3, 3))
    assert (found.values.dtype, found.cells.dtype) == (np.float32, np.float32)
    assert (found.signed, found.picture, found.passes) == (False, None, 1)
    assert 0 < found.seconds < 60
    np.testing.assert_allclose(found.values, bilinear(found.cells, (8, 8)), atol=1e-6)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"filters": (0, 2), "score": "probability"}, "layer 6 dense, filters 0, 2, probability"),
        ({"layer": "conv1"}, "layer 1 conv1, all filters"),
        ({"layer": 2, "filters": -1}, "layer 2 conv2, filter 4"),
    ],
)
def test_the_target_in_words(asked: dict, words: str) -> None:
    assert explain(models.functional(), image(), **asked).target == words


def test_a_method_without_a_target_has_no_score() -> None:
    found = explain(models.functional(), image(), "weights", layer="conv1")
    assert np.isnan(found.score)
    assert found.passes == 0


def test_the_scale_ends_at_the_percentile_and_never_at_zero_for_a_map_that_is_not() -> None:
    values = np.arange(-50, 51, dtype=np.float32).reshape(1, 101)
    assert dataclasses.replace(heatmap(values=values), clip=90.0).top == pytest.approx(np.percentile(np.abs(values), 90))
    lonely = np.zeros((10, 10), np.float32)
    lonely[3, 4] = -2
    assert dataclasses.replace(heatmap(values=lonely), clip=90.0).top == 2
