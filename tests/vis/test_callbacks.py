"""What is printed, and the GIF that is written."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from keras import layers
from PIL import Image

from salwidget import vis
from tests import models

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", ["dream", "dream.gif"])
@pytest.mark.parametrize("channels", [1, 3])
def test_a_gif_has_a_frame_for_each_step(tmp_path: Path, name: str, channels: int) -> None:
    model = models.fill(models.in_a_row((8, 6, channels), layers.Conv2D(2, 3), layers.Flatten(), layers.Dense(2)))
    gif = vis.GifGenerator(str(tmp_path / name))
    vis.visualize_activation(model, -1, 0, input_range=(0.0, 1.0), max_iter=4, callbacks=[gif], seed=0)
    with Image.open(tmp_path / "dream.gif") as written:
        assert written.format == "GIF"
        assert written.n_frames == 4
        assert written.width * 8 == written.height * 6
        assert written.info["loop"] == 0


def test_a_gif_is_written_of_what_there_is_when_the_run_fails(tmp_path: Path) -> None:
    gif = vis.GifGenerator(tmp_path / "short.gif")
    gif.callback(0, [], 0.0, np.zeros((1, 4, 4, 1)), np.zeros((1, 4, 4, 1)))
    gif.on_end()
    with Image.open(tmp_path / "short.gif") as written:
        assert written.n_frames == 1


def test_a_gif_of_what_is_no_picture_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="1 or 3 channels"):
        vis.GifGenerator(tmp_path / "x").callback(0, [], 0.0, None, np.zeros((1, 4, 4, 2)))


def test_print_says_each_loss_and_their_sum(capsys: pytest.CaptureFixture[str]) -> None:
    vis.Print().callback(4, [("a", 1.5), ("b", -0.25)], 1.25, None, None)
    assert capsys.readouterr().out == "Iteration 5: a 1.5, b -0.25; overall loss 1.25\n"


@pytest.mark.quick
def test_a_callback_has_to_be_written() -> None:
    with pytest.raises(TypeError, match=r"abstract method '?callback"):
        vis.OptimizerCallback()


@pytest.mark.quick
@pytest.mark.parametrize("given", [(0, 255), (0.0, 1.0), (-1, 1), None])
def test_a_frame_is_stretched_whatever_the_range(tmp_path: Path, given: tuple[float, float] | None) -> None:
    value = np.random.default_rng(0).normal(0.5, 0.01, (1, 160, 160, 1))
    gif = vis.GifGenerator(str(tmp_path / "a"), input_range=given)
    gif.callback(0, [], 0.0, None, value)
    gif.on_end()
    with Image.open(tmp_path / "a.gif") as written:
        grey = np.asarray(written.convert("L"), float)[40:]  # below the caption
    picture = value[0, 40:, :, 0]
    expected = 255 * np.clip(0.5 + 0.1 * (picture - value.mean()) / value.std(), 0, 1)
    np.testing.assert_allclose(grey, expected, atol=1)
