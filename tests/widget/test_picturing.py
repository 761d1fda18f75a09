from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from PIL import Image

from salwidget import SaliencyWidget
from salwidget.snapshot import BAR_HEIGHT, MARGIN, SIDE, TEXT, _number, strongest
from tests.widget.conftest import from_page, settled
from tests.widget.test_as_python import one_axis

pytestmark = pytest.mark.slow

Make = Callable[..., SaliencyWidget]


def stage_of(path: Path) -> np.ndarray:
    """What is above the colour bar, ``SIDE`` pixels square."""
    picture = np.asarray(Image.open(path), float)
    below = len(picture) - MARGIN - (BAR_HEIGHT + TEXT + 32)
    return picture[below - SIDE : below, MARGIN : MARGIN + SIDE]


def test_the_picture_is_the_map_over_the_image_with_the_look(make: Make, tmp_path: Path) -> None:
    widget = make(method="input_x_gradient", filter_indices=1, opacity=0.5, threshold=0.25, colormap="gray", image_idx=2)
    settled(widget)
    widget.save(tmp_path / "x.png")
    values, image = widget.heatmap.values.astype(float), widget.images[2].astype(float) * 255
    top = np.percentile(np.abs(values), widget.heatmap.clip)
    # A signed map through a grey table: black is -top, white is top; under a quarter of the top nothing is painted.
    grey = 127.5 * (np.clip(values / top, -1, 1) + 1)
    expected = np.where(np.abs(values)[..., None] < 0.25 * top, image, (grey[..., None] + image) / 2)
    step = SIDE // 16
    np.testing.assert_allclose(stage_of(tmp_path / "x.png")[step // 2 :: step, step // 2 :: step], expected, atol=2)
    assert [each.name for each in tmp_path.iterdir()] == ["x.png"]


def test_the_overlay_has_the_look(make: Make) -> None:
    widget = make(method="input_x_gradient", filter_indices=1, opacity=0.0)
    settled(widget)
    np.testing.assert_allclose(np.asarray(widget.overlay(), float), widget.images[0] * 255, atol=0.51)
    widget.opacity = 1.0
    assert np.abs(np.asarray(widget.overlay(), float) - widget.images[0] * 255).max() > 20


@pytest.mark.parametrize("space", [1, 3])
def test_signals_and_volumes_are_pictures_too(make: Make, tmp_path: Path, space: int) -> None:
    given = np.random.default_rng(0).normal(size=(2, *[8] * space, 2)).astype("float32")
    widget = make(one_axis(space), given)
    settled(widget)
    widget.save(tmp_path / "x.png")
    assert Image.open(tmp_path / "x.png").width == SIDE + 2 * MARGIN


def test_the_strongest_slice_of_a_volume() -> None:
    volume = np.zeros((5, 2, 2))
    assert strongest(volume) == 2
    volume[4, 0, 0], volume[1, 1, 1], volume[3, 0, 1] = -2, 1, np.nan
    assert strongest(volume) == 4


@pytest.mark.parametrize(("place", "says"), [("x.bmp", ".png"), ("x", ".png"), ("none/x.png", "cannot be written")])
def test_where_it_cannot_be_saved_one_sentence_says_so(make: Make, tmp_path: Path, place: str, says: str) -> None:
    widget = make()
    settled(widget)
    with pytest.raises(ValueError, match=says):
        widget.save(tmp_path / place)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("take", [lambda widget: widget.save("x.png"), lambda widget: widget.overlay()])
def test_without_an_answer_it_says_so(make: Make, take: Callable[[SaliencyWidget], Any]) -> None:
    widget = make(target=lambda logits: logits / 0 + "x")
    assert settled(widget).startswith("error")
    with pytest.raises(ValueError, match="no answer yet"):
        take(widget)


@pytest.fixture
def volume(make: Make) -> SaliencyWidget:
    """A map of 8 slices, and a photograph whose slices are 30 apart."""
    layers = keras.layers
    keras.utils.set_random_seed(7)
    body = [layers.Conv3D(3, 3, activation="relu"), layers.GlobalAveragePooling3D(), layers.Dense(2)]
    given = np.broadcast_to(np.arange(0, 240, 30, dtype=np.uint8)[None, :, None, None, None], (1, 8, 16, 16, 1))
    widget = make(keras.Sequential([keras.Input((8, 16, 16, 1)), *body]), given, method="saliency", opacity=1.0, threshold=0.0)
    settled(widget)
    return widget


@pytest.mark.parametrize("cut", [0, 3, 7])
def test_the_slice_and_the_view_are_those_of_the_page(volume: SaliencyWidget, tmp_path: Path, cut: int) -> None:
    path = tmp_path / "x.png"
    middles = slice(SIDE // 32, None, SIDE // 16)
    from_page(volume, seen={"view": "image", "slice": cut, "channel": 0, "dark": False, "rail": 0})
    volume.save(path)
    np.testing.assert_array_equal(stage_of(path), 30.0 * cut)
    from_page(volume, seen={"view": "map", "slice": cut, "channel": 0, "dark": False, "rail": 0}, colormap="gray")
    volume.save(path)
    grey = 255 * np.clip(volume.heatmap.values[cut].astype(float) / volume.heatmap.top, 0, 1)
    np.testing.assert_allclose(stage_of(path)[middles, middles], np.repeat(grey[..., None], 3, -1), atol=1)


def test_a_theme_that_is_dark_is_the_pictures_too(make: Make, tmp_path: Path) -> None:
    widget = make(method="input_x_gradient", opacity=0.0)
    settled(widget)
    light, dark = (tmp_path / name for name in ("light.png", "dark.png"))
    widget.save(light)
    from_page(widget, seen={**widget.children[0].seen, "dark": True})
    widget.save(dark)
    corner, text = np.asarray(Image.open(dark))[0, 0], np.asarray(Image.open(dark))[MARGIN : MARGIN + 30]
    assert corner.tolist() == [0x17, 0x18, 0x1C]
    assert text.max() == 0xEA
    np.testing.assert_array_equal(stage_of(light), stage_of(dark))
    widget.opacity = 1.0
    widget.threshold = 0.0
    values = widget.heatmap.values.astype(float)
    smallest = np.unravel_index(np.abs(values).argmin(), values.shape)
    assert max(np.asarray(widget.overlay())[smallest]) < 60, "zero is dark on a dark page"
    from_page(widget, seen={**widget.children[0].seen, "dark": False})
    assert min(np.asarray(widget.overlay())[smallest]) > 200, "and white on a white one"


def test_the_channels_of_a_signal_are_those_of_the_page(make: Make, tmp_path: Path) -> None:
    """Forty channels, of which the last one alone is no level line."""
    signal = np.zeros((1, 60, 40), np.float32)
    signal[..., 39] = np.linspace(0, 1, 60)
    layers = keras.layers
    widget = make(keras.Sequential([keras.Input((60, 40)), layers.Conv1D(2, 3), layers.Flatten(), layers.Dense(2)]), signal)
    settled(widget)
    for channel, sloped in ((0, False), (8, True), (30, True)):
        from_page(widget, seen={**widget.children[0].seen, "view": "image", "channel": channel})
        widget.save(tmp_path / "x.png")
        stage = np.asarray(Image.open(tmp_path / "x.png").convert("L"), float)[
            -76 - MARGIN - 448 : -76 - MARGIN, MARGIN:-MARGIN
        ]
        last = stage[round(448 * 0.93 - 448 * 0.79 / 32) + 1 : round(448 * 0.93)]
        where = [column.argmin() for column in last.T[20:-20]]
        assert (max(where) > min(where)) == sloped, channel


@pytest.mark.quick
@pytest.mark.parametrize("told", [None, [], "x", {"view": "<b>", "slice": -7, "dark": 1}, {"slice": 10**400, "rail": 0.5}])
def test_what_a_page_says_of_itself_is_checked(make: Make, told: Any) -> None:
    widget = make()
    from_page(widget, seen=told)
    assert widget.children[0].seen == {"view": "overlay", "slice": -1, "channel": 0, "dark": False, "rail": 0}


@pytest.mark.parametrize(("value", "words"), [(8.6e-5, "8.6e−5"), (-2.24e11, "−2.2e+11"), (1.24e5, "1.2e+5"), (0.25, "0.25")])
def test_the_ends_of_the_colours_are_written_as_on_the_page(value: float, words: str) -> None:
    assert _number(value) == words
