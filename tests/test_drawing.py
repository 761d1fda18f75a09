"""Values become the pixels that the page paints: table, opacity and threshold from their definitions, worked by hand."""

from __future__ import annotations

import base64
import dataclasses
import io
import json
import sys
from importlib.resources import files

import numpy as np
import pytest
from matplotlib import pyplot
from matplotlib.figure import Figure
from PIL import Image

from salwidget import Heatmap, Query, Target, drawing
from salwidget.drawing import Colormap, entries, fitting_colormap, flat, over, painted, painted_picture, photograph_of
from salwidget.target import Unit

TABLES = json.loads(files("salwidget").joinpath("colormaps.json").read_text())
RAMP = np.arange(256, dtype=np.uint8)
SEQUENTIAL = Colormap("ramp", False, np.stack([RAMP, RAMP, RAMP], axis=1))  # a pixel's colour is its entry
DIVERGING = Colormap("ramp", True, SEQUENTIAL.rgb)


QUERY = Query("saliency", Target(((1.0, Unit(6, (1,), "logit")),)), "abc")
VALUES = np.array([[-1.5, 0.0, 2.0], [3.25, -4.0, 0.5]], np.float32)
SIGNAL = np.linspace(-1, 2, 40, dtype=np.float32)
VOLUME = np.random.default_rng(0).normal(size=(5, 3, 4)).astype(np.float32)
PHOTOGRAPH = np.arange(18, dtype=np.uint8).reshape(2, 3, 3) * 14


def heatmap(values: np.ndarray = VALUES, **known: object) -> Heatmap:
    made = Heatmap(values, values, QUERY, "layer 6 dense, filter 1, logit", signed=True, units="score", clip=100.0)
    return dataclasses.replace(made, **known)


def colour(entry: int) -> list[int]:
    """Of the default table of signed maps."""
    return fitting_colormap("RdBu_r", True).rgb[entry].tolist()


def opened(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)))


def shade(entry: int, alpha: int) -> list[int]:
    return [entry, entry, entry, alpha]


@pytest.mark.parametrize(
    ("signed", "diverging", "values", "expected"),
    [
        (False, False, [0, 2, 4, 9, -1], [0, 128, 255, 255, 0]),
        (True, True, [-9, -4, 0, 4, 9], [1, 1, 128, 255, 255]),
        (False, True, [0, 4], [128, 255]),
        (True, False, [-4, 0, 4], [0, 128, 255]),
        # 127 t = 63.5 and -63.5: halves go up in JavaScript, to 64 and -63; numpy's own rounding would give 64 and -64
        (True, True, [2, -2], [192, 65]),
        # 127.5 (t + 1) = 63.75 and 191.25
        (True, False, [-2, 2], [64, 191]),
    ],
)
def test_entries(signed: bool, diverging: bool, values: list[float], expected: list[int]) -> None:
    assert entries(np.array(values, np.float32), 4.0, signed, diverging).tolist() == expected


def test_a_row_of_values_painted_by_hand() -> None:
    """Opacity 0.7: 255 * 0.7 = 178.5, up to 179; threshold 0.25 of 4 hides what is below 1, whatever its sign."""
    values = np.array([0, 0.99, 1, -1, -0.5, 3, -4, 8, np.nan, np.inf], np.float32)
    expected = [
        shade(128, 0),
        shade(128, 0),
        shade(128 + 32, 179),  # 127 / 4 = 31.75
        shade(128 - 32, 179),
        shade(128, 0),
        shade(128 + 95, 179),  # 95.25
        shade(1, 179),
        shade(255, 179),
        shade(0, 0),
        shade(0, 0),
    ]
    assert painted(values, DIVERGING, 4.0, True, opacity=0.7, threshold=0.25).tolist() == expected


def test_a_map_alone_is_opaque_with_the_colour_of_zero_under_the_threshold() -> None:
    found = painted(np.array([0, 1, 2, np.nan], np.float32), SEQUENTIAL, 2.0, False, opacity=0.1, threshold=0.6, alone=True)
    assert found.tolist() == [shade(0, 255), shade(0, 255), shade(255, 255), shade(0, 0)]


def test_half_opacity_is_rounded_up_as_in_the_page() -> None:
    assert painted(np.ones(1), SEQUENTIAL, 1.0, False, opacity=0.5)[0, 3] == 128


@pytest.mark.parametrize("shape", [(5,), (4, 5), (3, 4, 5)])
def test_any_shape_is_painted_value_by_value(shape: tuple[int, ...]) -> None:
    values = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    found = painted(values, DIVERGING, 2.0, True)
    assert (found.shape, found.dtype) == ((*shape, 4), np.uint8)
    np.testing.assert_array_equal(found.reshape(-1, 4), painted(values.ravel(), DIVERGING, 2.0, True))


@pytest.mark.parametrize("values", [[0, 0], [1e-33, -1e-31], [np.nan, 0]])
def test_a_map_about_zero_has_no_colour(values: list[float]) -> None:
    array = np.array(values, np.float32)
    assert drawing.about_zero(array)
    assert not painted(array, DIVERGING, float(np.nanmax(array)), True, alone=True).any()


def test_a_small_map_is_not_zero() -> None:
    values = np.array([1e-20, np.nan, np.inf], np.float32)
    assert not drawing.about_zero(values)
    assert painted(values, SEQUENTIAL, float(values[0]), False, alone=True)[0].tolist() == shade(255, 255)


@pytest.mark.parametrize(
    ("name", "signed", "fits"), [("", True, "RdBu_r"), ("", False, "inferno"), ("berlin", False, "berlin")]
)
def test_the_table_is_that_of_the_page(name: str, signed: bool, fits: str) -> None:
    found = fitting_colormap(name, signed)
    assert found.name == fits
    assert found.rgb.tobytes() == base64.b64decode(TABLES[fits]["rgb"])
    assert found.diverging == (TABLES[fits]["kind"] == "diverging")
    assert found.rgb.shape == (256, 3)


def test_zero_is_neutral_in_a_diverging_table() -> None:
    red, green, blue, _ = painted(np.array([0.0, 1.0]), fitting_colormap("", True), 1.0, True)[0].astype(int)
    assert max(red, green, blue) - min(red, green, blue) <= 2


def test_the_defaults_are_those_of_the_page() -> None:
    from salwidget.widget import SaliencyWidget

    defaults = {name: trait.default_value for name, trait in SaliencyWidget.class_traits().items()}
    assert (defaults["opacity"], defaults["threshold"]) == (drawing.OPACITY, drawing.THRESHOLD)


@pytest.mark.parametrize(
    ("name", "value"), [("opacity", 1.5), ("opacity", -0.1), ("threshold", 2), ("threshold", float("nan"))]
)
def test_a_share_outside_0_to_1_is_refused(name: str, value: float) -> None:
    with pytest.raises(ValueError, match=f"{name} goes from 0 to 1"):
        painted(np.ones(2), SEQUENTIAL, 1.0, False, **{name: value})


def test_a_share_that_is_no_number_is_refused() -> None:
    with pytest.raises(TypeError, match="opacity is a number from 0 to 1, not 'half'"):
        painted(np.ones(2), SEQUENTIAL, 1.0, False, opacity="half")


def test_an_unknown_colour_map_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"colormap 'jet' is not known.*inferno.*RdBu_r"):
        fitting_colormap("jet", False)


def test_a_photograph_shines_through_by_the_opacity() -> None:
    pixels = np.array([[[200, 100, 0, 0], [200, 100, 0, 255], [200, 100, 0, 178]]], np.uint8)
    photograph = np.full((1, 3, 3), 50, np.uint8)
    # 50 + (200 - 50) 178 / 255 = 154.7; 50 + 50 * 0.698 = 84.9; 50 - 50 * 0.698 = 15.1
    assert over(pixels, photograph)[0].tolist() == [[50, 50, 50], [200, 100, 0], [155, 85, 15]]


def test_a_picture_keeps_its_colours_in_blocks() -> None:
    rgb = np.array([[[1, 2, 3], [4, 5, 6]]], np.uint8)
    found = painted_picture(rgb, (2, 4), 0.5)
    np.testing.assert_array_equal(found[..., :3], np.kron(rgb, np.ones((2, 2, 1), np.uint8)))
    assert set(found[..., 3].ravel()) == {128}


@pytest.mark.parametrize(("length", "height"), [(20, 16), (128, 16), (400, 50)])
def test_a_signal_is_a_strip(length: int, height: int) -> None:
    pixels = np.random.default_rng(0).integers(0, 255, (length, 4), np.uint8)
    found = flat(pixels)
    assert found.shape == (height, length, 4)
    assert (found == pixels).all()


@pytest.mark.parametrize(("depth", "rows", "columns"), [(1, 1, 1), (2, 1, 2), (5, 2, 3), (9, 3, 3), (10, 3, 4)])
def test_a_volume_is_a_contact_sheet(depth: int, rows: int, columns: int) -> None:
    pixels = np.random.default_rng(0).integers(1, 255, (depth, 3, 5, 4), np.uint8)
    found = flat(pixels)
    assert found.shape == (rows * 4 - 1, columns * 6 - 1, 4)
    for number in range(depth):
        row, column = divmod(number, columns)
        np.testing.assert_array_equal(found[row * 4 : row * 4 + 3, column * 6 : column * 6 + 5], pixels[number])
    assert np.count_nonzero(found.any(-1)) == depth * 15


def test_photographs_of_every_kind(tmp_path) -> None:
    rgb = np.random.default_rng(0).integers(0, 256, (4, 5, 3), np.uint8)
    Image.fromarray(rgb).save(tmp_path / "photo.png")
    for source in (rgb, Image.fromarray(rgb), tmp_path / "photo.png", rgb / 255, np.dstack([rgb, rgb[..., :1]])):
        np.testing.assert_array_equal(photograph_of(source), rgb)
    grey = rgb[..., 0]
    for source in (grey, grey[..., None], Image.fromarray(grey)):
        np.testing.assert_array_equal(photograph_of(source), np.dstack([grey, grey, grey]))


@pytest.mark.parametrize("shape", [(5,), (3, 4, 2), (2, 3, 4, 3), (0, 4, 3)])
def test_a_photograph_of_another_shape_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"An image to draw on has shape \(H, W\).*not \("):
        photograph_of(np.zeros(shape))


@pytest.mark.parametrize("source", [None, object(), np.array(["a"]), np.ones((2, 2), bool), np.ones((2, 2), complex)])
def test_what_is_no_photograph_is_refused(source: object) -> None:
    with pytest.raises(TypeError, match="An image is an array of numbers"):
        photograph_of(source)


def test_a_photograph_with_nan_is_refused() -> None:
    with pytest.raises(ValueError, match="NaN or infinite"):
        photograph_of(np.full((2, 2), np.nan))


def test_a_notebook_shows_the_map_over_its_image_or_alone() -> None:
    """Six pixels are enlarged by 224 // 3 = 74, each to a block."""
    block = np.ones((74, 74, 1), np.uint8)
    shown = heatmap(image=PHOTOGRAPH)
    np.testing.assert_array_equal(opened(shown._repr_png_()), np.kron(np.asarray(shown.overlay()), block))
    alone = opened(heatmap()._repr_png_())[::74, ::74]
    # 127 v / 4 as above; 0.5 lies exactly above the default threshold of 0.12 * 4 = 0.48: entry 128 + 16
    entries = [[80, 128, 192], [231, 1, 144]]
    assert alone.tolist() == [[[*colour(entry), 255] for entry in row] for row in entries]


def test_a_large_drawing_keeps_its_size() -> None:
    assert opened(heatmap(values=np.ones((120, 150), np.float32))._repr_png_()).shape[:2] == (120, 150)


def test_a_map_of_another_size_than_its_image_is_drawn_alone() -> None:
    assert opened(heatmap(image=np.zeros((80, 80, 3), np.uint8))._repr_png_()).shape == (148, 222, 4)


def test_a_zero_map_shows_no_colour() -> None:
    zero = heatmap(values=np.zeros((2, 3), np.float32))
    assert not opened(zero._repr_png_()).any()
    np.testing.assert_array_equal(zero.overlay(PHOTOGRAPH), PHOTOGRAPH)


def test_a_map_with_colours_of_its_own_is_drawn_as_itself() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (120, 150, 3), np.uint8)
    shown = heatmap(picture=picture, image=PHOTOGRAPH)
    np.testing.assert_array_equal(opened(shown._repr_png_()), picture)
    small = heatmap(picture=picture[:2, :3])
    np.testing.assert_array_equal(small.overlay(PHOTOGRAPH, opacity=1), picture[:2, :3])


@pytest.mark.parametrize(("values", "signed", "ends"), [(VALUES, True, (-4, 4)), (SIGNAL, False, (0, 2)), (VOLUME, True, None)])
def test_a_plot_has_the_drawing_and_the_scale(values: np.ndarray, signed: bool, ends: tuple[float, float] | None) -> None:
    figure = Figure()
    ax = figure.add_subplot()
    shown = heatmap(values=values, signed=signed)
    assert shown.plot(ax) is ax
    step = 224 // max(ax.images[0].get_size())
    np.testing.assert_array_equal(ax.images[0].get_array(), opened(shown._repr_png_())[::step, ::step])
    assert ax.get_title() == "saliency of layer 6 dense, filter 1, logit"
    _, bar = figure.axes
    assert bar.get_ylabel() == "score"
    largest = np.abs(values).max()
    np.testing.assert_allclose(bar.get_ylim(), ends or (-largest, largest))


def test_a_zero_map_is_plotted_without_a_scale() -> None:
    figure = Figure()
    heatmap(values=np.zeros((2, 3), np.float32)).plot(figure.add_subplot())
    assert len(figure.axes) == 1


def test_a_plot_makes_axes_of_its_own() -> None:
    ax = heatmap().plot()
    assert ax.figure.number in pyplot.get_fignums()
    pyplot.close(ax.figure)


def test_a_plot_without_matplotlib_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ImportError, match=r'pip install "salwidget\[plot\]"'):
        heatmap().plot()


@pytest.mark.parametrize("name", ["", *(name for name, table in TABLES.items() if table["kind"] == "diverging")])
def test_positive_is_red_and_negative_blue_in_every_signed_drawing(name: str) -> None:
    (negative, positive) = painted(np.array([-0.8, 0.8]), fitting_colormap(name, True), 1, True, alone=True).astype(int)
    assert positive[0] > positive[2] + 40
    assert negative[2] > negative[0] + 40
