"""Occlusion: the closed form on a linear model, by loops over patches and pixels."""

from __future__ import annotations

from itertools import product
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

import salwidget
from salwidget import explain, open_network
from salwidget.attribution.occlusion import coarse_to_fine, default_patch
from salwidget.widget.catalogue import method_as_json
from tests import models
from tests.attribution.asking import assert_refines
from tests.models import image


def linear(shape: tuple[int, ...]) -> tuple[keras.Model, np.ndarray]:
    """S = w . x + 0.3, in float64."""
    with models.float64():
        model = models.in_a_row(shape, layers.Flatten(), layers.Dense(1))
    weights = image(shape, seed=3, dtype="float64")
    model.set_weights([weights.reshape(-1, 1), np.array([0.3])])
    return model, weights


def by_loop(loss: np.ndarray, patch: int | tuple[int, ...], stride: int | tuple[int, ...]) -> np.ndarray:
    """Mean over the patches that cover a pixel of the sum of ``loss`` over the patch."""
    patches, strides = (each if isinstance(each, tuple) else (each,) * loss.ndim for each in (patch, stride))
    sides = [min(one, size) for one, size in zip(patches, loss.shape, strict=True)]
    steps = zip(loss.shape, sides, strides, strict=True)
    starts = [sorted({*range(0, size - side + 1, step), size - side}) for size, side, step in steps]
    total, count = np.zeros(loss.shape), np.zeros(loss.shape)
    for corner in product(*starts):
        window = tuple(slice(at, at + side) for at, side in zip(corner, sides, strict=True))
        total[window] += loss[window].sum()
        count[window] += 1
    assert count.min() >= 1, "every pixel is covered, the last row and column too"
    return total / count


@pytest.mark.slow
@pytest.mark.parametrize("shape", [(8, 8, 2), (5, 9, 1), (11, 2), (4, 5, 6, 2)], ids=["square", "wide", "signal", "volume"])
@pytest.mark.parametrize(("patch", "stride"), [(1, 1), (3, 2), (3, 3), (4, 3), (50, 1)])
def test_closed_form_on_a_linear_model(shape: tuple[int, ...], patch: int, stride: int) -> None:
    model, weights = linear(shape)
    picture = image(shape, dtype="float64")
    fill = image(shape, seed=9, dtype="float64")
    expected = by_loop((weights * (picture - fill)).sum(-1), patch, stride)
    found = explain(model, picture, "occlusion", patch=patch, stride=stride, fill=fill)
    np.testing.assert_allclose(found.values, expected, rtol=0, atol=1e-5)
    assert found.signed
    assert found.score == pytest.approx((weights * picture).sum() + 0.3, abs=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("shape", "patch", "stride"),
    [
        ((8, 8, 2), (2, 5), (1, 3)),
        ((5, 9, 1), (50, 2), 2),
        ((9, 6, 1), 3, (2, 3)),
        ((4, 5, 6, 2), (1, 2, 3), (1, 1, 3)),
        ((11, 2), (3,), (2,)),
        ((7, 7, 1), [4, 4], np.array([3, 3])),
    ],
)
def test_a_patch_and_a_stride_for_each_axis(shape: tuple[int, ...], patch: Any, stride: Any) -> None:
    model, weights = linear(shape)
    picture, fill = image(shape, dtype="float64"), image(shape, seed=9, dtype="float64")
    found = explain(model, picture, "occlusion", patch=patch, stride=stride, fill=fill)
    plain = [tuple(each) if isinstance(each, (list, np.ndarray)) else each for each in (patch, stride)]
    expected = by_loop((weights * (picture - fill)).sum(-1), *plain)
    np.testing.assert_allclose(found.values, expected, rtol=0, atol=1e-5)
    scope = {"salwidget": salwidget, "model": model, "image": picture, "fill": fill}
    assert eval(found.query.as_python(), scope) == found


def test_zero_is_automatic_for_one_axis_and_equal_numbers_are_one() -> None:
    model, picture = linear((28, 28, 1))[0], image((28, 28, 1), dtype="float64")
    assert explain(model, picture, "occlusion", patch=(0, 14)).notes == ("28 patches of 2×14, moved by 2×14",)
    assert explain(model, picture, "occlusion", patch=(4, 4)) == explain(model, picture, "occlusion", patch=4)
    offered = {option["name"]: option for option in method_as_json("occlusion", open_network(model))["options"]}
    assert (offered["patch"]["axes"], offered["stride"]["axes"]) == (2, 2)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "error", "sentence"),
    [
        (
            {"patch": (2, 3, 4)},
            ValueError,
            r"patch=\(2, 3, 4\) has 3 numbers, but there are 2 axes; give one number, or one for",
        ),
        ({"patch": (2, 600)}, ValueError, "patch=600 is out of range"),
        ({"patch": "2, 3"}, TypeError, "patch is a whole number from 0 to 512, not '2, 3'"),
        ({"patch": (2, None)}, TypeError, "patch is a whole number from 0 to 512, not None"),
        ({"patch": (2, 3), "stride": (2, 4)}, ValueError, "stride=4 leaves gaps between patches of 3 pixels"),
    ],
)
def test_sizes_that_do_not_fit(options: dict[str, Any], error: type[Exception], sentence: str) -> None:
    with pytest.raises(error, match=sentence):
        explain(models.functional(), image(), "occlusion", **options)


@pytest.mark.slow
@pytest.mark.parametrize("shape", [(6, 7, 1), (9, 1), (3, 4, 5, 1)])
def test_the_only_channel_of_a_fill_may_be_left_away(shape: tuple[int, ...]) -> None:
    model, weights = linear(shape)
    picture, fill = image(shape, dtype="float64"), image(shape[:-1], seed=9, dtype="float64")
    found = explain(model, picture, "occlusion", patch=2, fill=fill)
    np.testing.assert_allclose(found.values, by_loop((weights * picture)[..., 0] - weights[..., 0] * fill, 2, 2), atol=1e-5)
    with pytest.raises(ValueError, match="The given baseline has shape"):
        explain(model, picture, "occlusion", fill=fill[..., None, None])


FILLS = {
    "mean": lambda x: x.mean((0, 1), keepdims=True),
    "black": lambda x: np.float32(0),
    "white": lambda x: np.float32(1),
}


@pytest.mark.parametrize("fill", FILLS)
def test_what_covers(fill: str) -> None:
    model, weights = linear((8, 8, 2))
    picture = np.random.default_rng(5).uniform(size=(8, 8, 2))
    expected = by_loop((weights * (picture - FILLS[fill](picture))).sum(-1), 2, 2)
    found = explain(model, picture, "occlusion", patch=2, fill=fill)
    np.testing.assert_allclose(found.values, expected, rtol=0, atol=1e-5)


def test_the_stride_is_the_patch_and_the_patch_fits_196_times() -> None:
    assert [default_patch(space) for space in [(224, 224), (299, 299), (28, 28), (8, 8), (66, 200)]] == [16, 21, 2, 1, 8]
    assert [default_patch(space) for space in [(1000,), (16, 16, 16)]] == [5, 3]
    model, weights = linear((28, 28, 1))
    picture = image((28, 28, 1), dtype="float64")
    found = explain(model, picture, "occlusion", fill=np.zeros_like(picture))
    np.testing.assert_allclose(found.values, by_loop((weights * picture).sum(-1), 2, 2), rtol=0, atol=1e-5)
    assert found.passes == 1 + 196
    assert found.notes == ("196 patches of 2×2, moved by 2",)


@pytest.mark.slow
@pytest.mark.parametrize("score", ["logit", "probability"])
def test_the_score_is_the_one_that_was_asked_for(score: str) -> None:
    model = models.functional() if score == "probability" else models.without_final()
    covered = image().copy()
    covered[4:, :4] = 0
    expected = np.subtract(*models.values_of(model, np.stack([image(), covered]))[:, 2])
    found = explain(models.functional(), image(), "occlusion", filters=2, score=score, patch=4, fill=np.zeros_like(image()))
    np.testing.assert_allclose(found.values[4:, :4], expected, rtol=0, atol=1e-6)


def test_partial_answers(monkeypatch) -> None:
    steps = assert_refines(models.functional(), image(), "occlusion", monkeypatch, filters=1, patch=2, stride=1)
    assert all(np.abs(step.values).min() > 0 for step in steps), "patches that were not tried have an estimate"


def test_an_early_answer_is_that_of_a_larger_stride(monkeypatch) -> None:
    model, weights = linear((8, 8, 1))
    picture = image((8, 8, 1), dtype="float64")
    steps = assert_refines(model, picture, "occlusion", monkeypatch, patch=1, fill=np.zeros_like(picture))
    loss = (weights * picture)[..., 0]
    tried = {(0, 0), (0, 4), (4, 0)}  # three to a step: what a stride of 4 has, first
    rows, columns = np.indices((8, 8))
    for row, column in zip(rows.ravel(), columns.ravel(), strict=True):
        squared = {place: (place[0] - row) ** 2 + (place[1] - column) ** 2 for place in tried}
        nearest = [loss[place] for place in tried if squared[place] == min(squared.values())]
        assert min(abs(steps[0].values[row, column] - value) for value in nearest) < 1e-6


def test_places_come_coarse_to_fine_and_each_once() -> None:
    order = [tuple(place) for place in coarse_to_fine((7, 5))]
    assert sorted(order) == list(product(range(7), range(5)))
    assert order[:4] == [(0, 0), (0, 4), (4, 0), (4, 4)]
    assert set(order[:12]) == set(product(range(0, 7, 2), range(0, 5, 2)))


def test_a_stride_that_leaves_gaps_is_refused() -> None:
    with pytest.raises(ValueError, match="stride=5 leaves gaps between patches of 3 pixels; use that or less"):
        explain(models.functional(), image(), "occlusion", patch=3, stride=5)
    with pytest.raises(ValueError, match=r"baseline has shape \(2, 2, 2\), but the image has \(8, 8, 2\)"):
        explain(models.functional(), image(), "occlusion", fill=np.zeros((2, 2, 2)))
