"""A heatmap is an array of raw values that knows its question, draws and saves itself; resizing is linear or in blocks."""

from __future__ import annotations

import dataclasses
import json
import platform
from dataclasses import FrozenInstanceError
from importlib.metadata import version
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from salwidget import Heatmap, Query, Target, explain
from salwidget.drawing import fitting_colormap
from salwidget.heatmap import drawn, resized
from salwidget.target import Unit
from tests import models
from tests.models import image

QUERY = Query("saliency", Target(((1.0, Unit(6, (1,), "logit")),)), "abc")
VALUES = np.array([[-1.5, 0.0, 2.0], [3.25, -4.0, 0.5]], np.float32)


PHOTOGRAPH = np.arange(18, dtype=np.uint8).reshape(2, 3, 3) * 14
SIGNAL = np.linspace(-1, 2, 40, dtype=np.float32)
VOLUME = np.random.default_rng(0).normal(size=(5, 3, 4)).astype(np.float32)


def heatmap(query: Query = QUERY, values: np.ndarray = VALUES, **known: object) -> Heatmap:
    made = Heatmap(values, values, query, "layer 6 dense, filter 1, logit", signed=True, units="score", clip=100.0)
    return dataclasses.replace(made, **known)


def colour(entry: int) -> list[int]:
    """Of the default table of signed maps."""
    return fitting_colormap("RdBu_r", True).rgb[entry].tolist()


def along(cells: np.ndarray, matrices: list[np.ndarray]) -> np.ndarray:
    """Each axis multiplied by its matrix (new, old)."""
    for axis, matrix in enumerate(matrices):
        cells = np.moveaxis(np.tensordot(matrix, cells, (1, axis)), 0, axis)
    return cells


def bilinear(cells: np.ndarray, size: tuple[int, ...]) -> np.ndarray:
    """Enlarged along each axis with half-pixel centres and edges held, from the definition."""

    def matrix(new: int, old: int) -> np.ndarray:
        places = np.clip((np.arange(new) + 0.5) * old / new - 0.5, 0, old - 1)
        return np.maximum(0, 1 - np.abs(places[:, None] - np.arange(old)))

    return along(cells, [matrix(new, old) for new, old in zip(size, cells.shape, strict=True)])


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
    other = heatmap(dataclasses.replace(QUERY, seed=1))
    assert heatmap() == heatmap(values=VALUES + 1)
    assert hash(heatmap()) == hash(heatmap(values=VALUES + 1))
    assert heatmap() != other
    assert heatmap() != QUERY
    assert len({heatmap(), heatmap(), other}) == 2


def test_it_is_frozen() -> None:
    with pytest.raises(FrozenInstanceError):
        heatmap().values = VALUES


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (VALUES, "2x3, -4 to 3.25 score"),
        (SIGNAL, "40 samples, -1 to 2 score"),
        (np.arange(24, dtype=np.float32).reshape(2, 3, 4), "2x3x4, 0 to 23 score"),
        (np.zeros((8, 8), np.float32), "8x8, zero"),
        (np.full((8, 8), 1e-31, np.float32), "8x8, zero"),
        (np.full((8, 8), np.nan, np.float32), "8x8, no finite value, 100.00% of the values are NaN or infinite"),
    ],
)
def test_repr_says_what_is_in_it(values: np.ndarray, words: str) -> None:
    assert repr(heatmap(values=values)) == f"<Heatmap saliency of layer 6 dense, filter 1, logit: {words}>"


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


@pytest.mark.parametrize(("cells", "size"), [(SIGNAL, (93,)), (SIGNAL, (80,)), (VOLUME, (10, 7, 4)), (VOLUME, (6, 9, 12))])
def test_signals_and_volumes_are_linear_along_each_axis(cells: np.ndarray, size: tuple[int, ...]) -> None:
    found = resized(cells, size, smooth=True)
    assert (found.shape, found.dtype) == (size, np.float32)
    np.testing.assert_allclose(found, bilinear(cells, size), atol=1e-5)


@pytest.mark.parametrize(("cells", "size"), [(SIGNAL, (93,)), (SIGNAL, (120,)), (VOLUME, (10, 7, 4)), (VOLUME, (15, 9, 12))])
def test_signals_and_volumes_in_blocks(cells: np.ndarray, size: tuple[int, ...]) -> None:
    """A new cell's centre lies in the old cell floor((i + 1/2) old / new)."""
    places = [((2 * np.arange(new) + 1) * old) // (2 * new) for new, old in zip(size, cells.shape, strict=True)]
    np.testing.assert_array_equal(resized(cells, size, smooth=False), cells[np.ix_(*places)])


def test_a_long_signal_meets_its_size_exactly() -> None:
    assert {resized(np.ones(old, np.float32), (new,), True).shape[0] - new for old in range(1, 60) for new in (49, 999)} == {0}


@pytest.mark.slow
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


@pytest.mark.slow
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
    assert found.metadata["score"] is None
    assert found.passes == 0


def test_the_scale_ends_at_the_percentile_and_never_at_zero_for_a_map_that_is_not() -> None:
    values = np.arange(-50, 51, dtype=np.float32).reshape(1, 101)
    assert dataclasses.replace(heatmap(values=values), clip=90.0).top == pytest.approx(np.percentile(np.abs(values), 90))
    lonely = np.zeros((10, 10), np.float32)
    lonely[3, 4] = -2
    assert dataclasses.replace(heatmap(values=lonely), clip=90.0).top == 2


def test_what_is_no_number_does_not_move_the_scale() -> None:
    assert heatmap(values=np.array([[np.nan, -3, np.inf]], np.float32)).top == 3
    assert heatmap(values=np.full((2, 2), np.nan, np.float32)).top == 0


def test_an_overlay_by_hand() -> None:
    """Top 4, threshold 0.2: below 0.8 the photograph stays; -4 is the table's first colour, 3.25 its entry 128 + 103."""
    found = np.asarray(heatmap(image=PHOTOGRAPH).overlay(opacity=1, threshold=0.2))
    expected = PHOTOGRAPH.copy()
    # 127 v / 4 = -47.6, 63.5 (up to 64), 103.2, -127; zero and 0.5 stay below the threshold
    for place, entry in {(0, 0): 80, (0, 2): 192, (1, 0): 231, (1, 1): 1}.items():
        expected[place] = colour(entry)
    np.testing.assert_array_equal(found, expected)


def test_opacity_mixes_and_another_photograph_may_be_given() -> None:
    shown = heatmap(image=PHOTOGRAPH)
    np.testing.assert_array_equal(shown.overlay(opacity=0), PHOTOGRAPH)
    white = np.full((2, 3, 3), 255, np.uint8)
    half = np.asarray(shown.overlay(white, opacity=0.6, threshold=0, colormap="gray")).astype(float)
    # the table "gray" has colour n at entry n, 127.5 (v / 4 + 1) for a signed map; 0.6 * 255 = 153 exactly
    grey = np.floor(127.5 * (VALUES / 4 + 1) + 0.5)
    np.testing.assert_allclose(half, (0.6 * grey + 0.4 * 255)[..., None].repeat(3, -1), atol=0.5)


def test_a_map_is_resized_to_a_larger_photograph() -> None:
    photograph = Image.new("RGB", (9, 8), "white")
    found = heatmap().overlay(photograph, opacity=1, threshold=0, colormap="gray")
    assert (found.size, found.mode) == ((9, 8), "RGB")
    np.testing.assert_allclose(np.asarray(found)[..., 0], 127.5 * (bilinear(VALUES, (8, 9)) / 4 + 1), atol=0.51)


@pytest.mark.parametrize(
    ("values", "photograph", "words"),
    [
        (SIGNAL, PHOTOGRAPH, "Only a map of an image can be laid over one"),
        (VOLUME, PHOTOGRAPH, "Only a map of an image can be laid over one"),
        (VALUES, None, "give the one to draw on"),
    ],
)
def test_an_overlay_that_cannot_be(values: np.ndarray, photograph: np.ndarray | None, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        heatmap(values=values).overlay(photograph)


def test_what_it_knows_of_itself_is_plain() -> None:
    query = dataclasses.replace(
        QUERY,
        target=Target(((1.0, Unit(6, (1,), "logit")), (-1.0, Unit(2, None, "logit")))),
        grad_modifier=np.negative,
        seed=7,
        options=(("patch", (8, 8)), ("samples", np.int64(20))),
    )
    found = heatmap(query, notes=("a note",), score=1.5, seconds=0.25, passes=20, progress=0.5).metadata
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert found == {
        "method": "saliency",
        "target": "layer 6 dense, filter 1, logit",
        "target_repr": repr(query.target),
        "layers": [6, 2],
        "filters": [[1], None],
        "options": {"patch": [8, 8], "samples": 20},
        "backprop_modifier": None,
        "grad_modifier": "negative",
        "seed": 7,
        "image": "abc",
        "source": 0,
        "signed": True,
        "units": "score",
        "score": 1.5,
        "seconds": 0.25,
        "passes": 20,
        "progress": 0.5,
        "notes": ["a note"],
        "versions": {
            "salwidget": version("salwidget"),
            "tensorflow": tf.__version__,
            "keras": keras.__version__,
            "numpy": np.__version__,
            "python": platform.python_version(),
        },
    }


@pytest.mark.parametrize("values", [VALUES, SIGNAL, VOLUME])
def test_saved_as_numpy(values: np.ndarray, tmp_path: Path) -> None:
    for name in ("map.npy", "MAP.NPY"):
        heatmap(values=values).save(tmp_path / name)
        found = np.load(tmp_path / name)
        assert found.dtype == np.float32
        np.testing.assert_array_equal(found, values)


@pytest.mark.parametrize(("values", "pages"), [(VALUES, [VALUES]), (SIGNAL, [SIGNAL[None]]), (VOLUME, list(VOLUME))])
def test_saved_as_tiff(values: np.ndarray, pages: list[np.ndarray], tmp_path: Path) -> None:
    shown = heatmap(values=values)
    shown.save(str(tmp_path / "map.tif"))
    with Image.open(tmp_path / "map.tif") as found:
        assert found.n_frames == len(pages)
        assert json.loads(found.tag_v2[270]) == shown.metadata
        for number, page in enumerate(pages):
            found.seek(number)
            assert found.mode == "F"
            np.testing.assert_array_equal(np.asarray(found), page)


@pytest.mark.parametrize(("values", "size"), [(VALUES, (3, 2)), (SIGNAL, (40, 16)), (VOLUME, (14, 7))])
def test_saved_as_a_drawing_with_its_metadata(values: np.ndarray, size: tuple[int, int], tmp_path: Path) -> None:
    shown = heatmap(values=values)
    shown.save(tmp_path / "map.png")
    with Image.open(tmp_path / "map.png") as found:
        assert found.size == size
        assert json.loads(found.text["salwidget"]) == shown.metadata
        np.testing.assert_array_equal(np.asarray(found), np.asarray(drawn(shown)))


@pytest.mark.parametrize("name", ["map.jpg", "map"])
def test_another_ending_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=f"saved as .png, .npy or .tif; '{name}'"):
        heatmap().save(tmp_path / name)
    assert not list(tmp_path.iterdir())
