"""Regions against loops over pixels, and shares of maps made by hand."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from salwidget import explain
from salwidget.evidence import brush, polygon, rectangle, region_of, strongest, superpixel, superpixels, weakest
from salwidget.region import share_of
from tests import models

SIZE = (9, 12)


def centres() -> list[tuple[int, int, float, float]]:
    return [(row, column, column + 0.5, row + 0.5) for row in range(SIZE[0]) for column in range(SIZE[1])]


def around(x: float, y: float, corners: np.ndarray) -> bool:
    """Even-odd: how many edges lie to the left of the point."""
    crossings = 0
    for (x1, y1), (x2, y2) in zip(corners, [*corners[1:], corners[0]], strict=True):
        if (y1 > y) != (y2 > y) and x1 + (y - y1) / (y2 - y1) * (x2 - x1) < x:
            crossings += 1
    return crossings % 2 == 1


@pytest.mark.parametrize("seed", range(20))
def test_a_polygon_holds_the_pixels_that_edges_go_around(seed: int) -> None:
    corners = np.random.default_rng(seed).uniform(-3, 15, (7, 2))
    expected = np.zeros(SIZE, bool)
    for row, column, x, y in centres():
        expected[row, column] = around(x, y, corners)
    np.testing.assert_array_equal(polygon(SIZE, corners), expected)
    np.testing.assert_array_equal(polygon(SIZE, corners.ravel().tolist()), expected)


@pytest.mark.parametrize("seed", range(20))
def test_a_stroke_holds_the_pixels_near_its_line(seed: int) -> None:
    rng = np.random.default_rng(seed)
    path, radius = rng.uniform(-1, 12, (int(rng.integers(1, 4)), 2)), 1.7
    path[0] = 4, 5
    expected = np.zeros(SIZE, bool)
    along = np.linspace(0, 1, 4001)[:, None]
    lines = [start + along * (end - start) for start, end in zip(path, [*path[1:], path[-1]], strict=True)]
    for row, column, x, y in centres():
        expected[row, column] = min(np.hypot(*(line - (x, y)).T).min() for line in lines) <= radius + 1e-9
    found = brush(SIZE, path, radius)
    # The loop looks at points of the line that lie 0.004 pixels apart at most.
    assert np.all(found | ~expected)
    assert (found ^ expected).sum() <= 1


def test_a_rectangle_is_coco_s_box() -> None:
    found = rectangle(SIZE, x=2, y=1, width=3, height=4)
    assert found.sum() == 12
    assert found[1:5, 2:5].all()
    np.testing.assert_array_equal(found, polygon(SIZE, [(2, 1), (5, 1), (5, 5), (2, 5)]))
    assert rectangle(SIZE, -5, -5, 6, 7).sum() == 2  # what lies beyond is cut off


def test_superpixels_are_whole_and_follow_colours() -> None:
    picture = np.zeros((32, 32, 3), np.uint8)
    picture[:, 16:] = (250, 30, 30)
    numbers = superpixels(picture, 16)
    assert 8 <= len(np.unique(numbers)) <= 32
    assert not set(np.unique(numbers[:, :16])) & set(np.unique(numbers[:, 16:]))
    found = superpixel(picture, [(20, 3), (2.5, 30)], 16)
    np.testing.assert_array_equal(found, (numbers == numbers[3, 20]) | (numbers == numbers[30, 2]))
    with pytest.raises(ValueError, match="32 pixels wide"):
        superpixel(picture, [(33, 3)])


def test_the_strongest_are_the_largest_magnitudes() -> None:
    values = np.array([[0.0, -9.0, 1.0, 0.0], [2.0, 3.0, -4.0, 0.0]])
    assert np.argwhere(strongest(values, 25)).tolist() == [[0, 1], [1, 2]]
    assert np.argwhere(weakest(values, 25)).tolist() == [[0, 0], [0, 3]]  # of three zeros those that come first
    assert strongest(values, 0.1).sum() == 1
    assert strongest(values, 100).all()
    answer = explain(models.functional(), models.image(), filters=0)
    assert strongest(answer, 10).sum() == round(0.1 * 64)


def test_masks_are_read_from_files(tmp_path: Path) -> None:
    inside = np.zeros((20, 30), bool)
    inside[4:11, 6:20] = True
    for name, pixels in {
        "white.png": 255 * inside.astype(np.uint8),
        "classes.png": inside.astype(np.uint8),
        "rgb.png": np.repeat(200 * inside.astype(np.uint8)[..., None], 3, -1),
        "lossy.jpg": 255 * inside.astype(np.uint8),
    }.items():
        Image.fromarray(pixels).save(tmp_path / name, quality=95)
        np.testing.assert_array_equal(region_of(tmp_path / name, (20, 30)), inside, err_msg=name)
    Image.fromarray(inside).save(tmp_path / "bits.png")
    np.testing.assert_array_equal(region_of(str(tmp_path / "bits.png"), (20, 30)), inside)
    np.testing.assert_array_equal(region_of(Image.fromarray(inside), (20, 30)), inside)
    np.testing.assert_array_equal(region_of(tmp_path / "bits.png", (40, 60)), np.kron(inside, np.ones((2, 2), bool)))


def photograph() -> Image.Image:
    return Image.fromarray(np.random.default_rng(0).integers(0, 256, (9, 12, 3), np.uint8))


BAD: dict[str, tuple[Any, tuple[int, ...], str]] = {
    "empty": (np.zeros(SIZE, bool), SIZE, "The region is empty: mark at least one pixel"),
    "another size": (np.ones((8, 8), bool), SIZE, "has 8×8 pixels, but the image has 9×12"),
    "a batch": (np.ones((1, 9, 12), bool), SIZE, "has 1×9×12 pixels"),
    "numbers": (np.arange(108.0).reshape(SIZE), SIZE, "this array holds several numbers"),
    "text": ([["a"]], SIZE, "A region is a boolean array"),
    "a photograph": (photograph(), SIZE, "The Pillow image is no mask: 9"),
    "a black mask": (Image.new("L", (12, 9)), SIZE, "The region is empty"),
    "a signal": (np.ones(12, bool), (12,), "this is a signal of 12"),
    "a volume": (np.ones((2, 3, 4), bool), (2, 3, 4), "this is a volume of 2×3×4"),
    "no file": ("nowhere.png", SIZE, "There is no file 'nowhere.png'"),
}


@pytest.mark.parametrize("what", BAD)
def test_what_is_no_region_is_refused_in_one_sentence(what: str) -> None:
    source, size, said = BAD[what]
    with pytest.raises((ValueError, TypeError), match=said):
        region_of(source, size)


def test_a_file_that_is_no_picture_is_no_mask(tmp_path: Path) -> None:
    (tmp_path / "mask.png").write_bytes(b"no picture")
    with pytest.raises(ValueError, match=r"mask\.png is not an image that can be read"):
        region_of(tmp_path / "mask.png", SIZE)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: rectangle(SIZE, 20, 0, 3, 3), "empty"),
        (lambda: polygon(SIZE, [(0, 0), (1, 1)]), "three corners"),
        (lambda: polygon(SIZE, [0, 1, 2]), "pairs"),
        (lambda: polygon(SIZE, [(0, 0, 0)] * 2), "pairs"),
        (lambda: polygon(SIZE, "lasso"), "pairs"),
        (lambda: polygon(SIZE, [(0, 0), (0, math.nan), (3, 3)]), "NaN"),
        (lambda: brush(SIZE, [(1, 1)], 0), "radius=0 is no size"),
        (lambda: brush(SIZE, [(99, 1)], 2), "empty"),
        (lambda: strongest(np.ones((3, 3)), 0), "percent=0 is out of range"),
        (lambda: strongest(np.ones(3), 5), "maps of images"),
        (lambda: weakest(np.full((3, 3), np.nan), 5), "NaN"),
    ],
)
def test_a_mark_that_cannot_be_is_refused(make: Any, said: str) -> None:
    with pytest.raises((ValueError, TypeError), match=said):
        make()


# Shares


def test_shares_of_a_map_made_by_hand() -> None:
    values = np.array([[6.0, 2.0, -1.0, 0.0], [2.0, 0.0, -3.0, 0.0]])
    inside = np.zeros((2, 4), bool)
    inside[0, [0, 2]] = True
    found = share_of(values, inside)
    assert (found.positive, found.negative, found.absolute, found.area) == (0.6, 0.25, 0.5, 0.25)
    assert found.ratio == pytest.approx(2.4)
    assert str(found) == "60% of the positive attribution in 25% of the area: 2.4 times its share."
    whole = share_of(values, np.ones((2, 4), bool))
    assert (whole.positive, whole.negative, whole.absolute, whole.area, whole.ratio) == (1, 1, 1, 1, 1)


def test_a_map_without_positive_values_is_told_by_magnitudes() -> None:
    found = share_of(np.array([[-1.0, -3.0]]), [[True, False]])
    assert math.isnan(found.positive)
    assert (found.negative, found.absolute, found.ratio) == (0.25, 0.25, 0.5)
    assert "25% of the absolute attribution in 50% of the area: 0.5 times" in found.sentence


def test_a_map_about_zero_has_no_shares() -> None:
    found = share_of(np.full((2, 2), 1e-33), [[True, False], [False, False]])
    assert math.isnan(found.ratio)
    assert math.isnan(found.absolute)
    assert found.area == 0.25
    assert found.sentence == "The map is about zero: a region has no share of it."


def test_a_heatmap_tells_shares() -> None:
    answer = explain(models.functional(), models.image(), filters=0)
    inside = rectangle((8, 8), 1, 2, 3, 4)
    values = answer.values.astype(float)
    positive = values[inside][values[inside] > 0].sum() / values[values > 0].sum()
    assert answer.share(inside).positive == pytest.approx(positive)
    with pytest.raises(ValueError, match="has 4×4 pixels, but the image has 8×8"):
        answer.share(np.ones((4, 4), bool))
    signal = explain(models.in_a_row((16, 1), *_signal_parts()), np.ones((16, 1), np.float32), filters=0)
    with pytest.raises(ValueError, match="this is a signal of 16"):
        signal.share(np.ones(16, bool))


def _signal_parts() -> list[Any]:
    from keras import layers

    return [layers.Conv1D(2, 3), layers.GlobalAveragePooling1D(), layers.Dense(2)]
