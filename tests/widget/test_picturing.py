from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from salwidget import SaliencyWidget
from salwidget.snapshot import BAR_HEIGHT, MARGIN, SIDE, TEXT, strongest
from tests.widget.conftest import settled
from tests.widget.test_as_python import one_axis

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
