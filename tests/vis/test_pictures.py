"""Arrays of pictures, against numpy by hand."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from salwidget import vis

RNG = np.random.default_rng(0)


def test_normalize_scales_exactly() -> None:
    array = np.array([[-3.0, 1.0], [5.0, 0.0]])
    np.testing.assert_allclose(vis.normalize(array), [[0, 0.5], [1, 0.375]])
    np.testing.assert_allclose(vis.normalize(array, -1, 1), [[-1, 0], [1, -0.25]])
    tiny = vis.normalize(np.array([0, 1e-9, 2e-9], np.float32))
    np.testing.assert_allclose(tiny, [0, 0.5, 1], rtol=1e-6)
    assert not vis.normalize(np.full((2, 2), 7)).any()
    np.testing.assert_allclose(vis.normalize(np.array([0, 128, 255], np.uint8)), [0, 128 / 255, 1])


def test_deprocess_input_centres_and_clips() -> None:
    array = RNG.normal(40, 9, (50, 50, 3))
    found = vis.deprocess_input(array)
    shares = np.clip((array - array.mean()) / array.std() * 0.1 + 0.5, 0, 1)
    np.testing.assert_allclose(found, 255 * shares)
    np.testing.assert_allclose(vis.deprocess_input(array, (-1, 1)), 2 * shares - 1)
    assert (vis.deprocess_input(np.zeros((2, 2))) == 127.5).all()


def test_random_array_has_the_mean_and_deviation() -> None:
    found = vis.random_array((1, 30, 20, 3))
    assert found.shape == (1, 30, 20, 3)
    assert found.mean() == pytest.approx(128)
    assert found.std() == pytest.approx(20)
    np.testing.assert_array_equal(vis.random_array((4,), 0, 1, seed=2), vis.random_array((4,), 0, 1, seed=2))


def test_bgr2rgb_turns_the_channels() -> None:
    picture = RNG.integers(0, 255, (2, 3, 3))
    np.testing.assert_array_equal(vis.bgr2rgb(picture), np.stack([picture[..., c] for c in (2, 1, 0)], -1))


def test_get_img_shape_puts_channels_second() -> None:
    assert vis.get_img_shape(np.zeros((2, 5, 6, 3))) == (2, 3, 5, 6)
    assert vis.get_img_shape(keras.Input((5, 6, 3))) == (None, 3, 5, 6)
    keras.config.set_image_data_format("channels_first")
    try:
        assert vis.get_img_shape(np.zeros((2, 3, 5, 6))) == (2, 3, 5, 6)
    finally:
        keras.config.set_image_data_format("channels_last")


def test_load_img(tmp_path: Path) -> None:
    pixels = RNG.integers(0, 255, (6, 4, 3)).astype(np.uint8)
    path = tmp_path / "a.png"
    Image.fromarray(pixels).save(path)
    np.testing.assert_array_equal(vis.load_img(str(path)), pixels)
    assert vis.load_img(path, grayscale=True).shape == (6, 4)
    assert vis.load_img(path, target_size=(3, 8)).shape == (3, 8, 3)
    with pytest.raises(ValueError, match="There is no file"):
        vis.load_img(tmp_path / "b.png")


def test_stitch_images() -> None:
    images = [np.full((4, 3, 1), place + 1, np.uint8) for place in range(7)]
    found = vis.stitch_images(images, margin=2, cols=3)
    assert found.shape == (3 * 4 + 2 * 2, 3 * 3 + 2 * 2, 1)
    assert found.dtype == np.uint8
    for place in range(7):
        top, left = place // 3 * 6, place % 3 * 5
        assert (found[top : top + 4, left : left + 3] == place + 1).all()
    assert found.sum() == 12 * sum(range(1, 8)), "and black between"
    assert vis.stitch_images(images[:2]).shape == (4, 3 + 5 + 3, 1)
    assert vis.stitch_images(images).shape == (4 + 5 + 4, 5 * 3 + 4 * 5, 1)
    for wrong in ([], [images[0], images[0][1:]]):
        with pytest.raises(ValueError, match="at least one picture"):
            vis.stitch_images(wrong)


def test_draw_text_writes_on_a_copy() -> None:
    white = np.full((40, 90, 3), 255, np.uint8)
    found = vis.draw_text(white, "Step 1", position=(20, 12), color=(255, 0, 0))
    assert (white == 255).all()
    rows, columns = np.nonzero(found[..., 1] < 128)
    assert rows.size > 10
    assert rows.min() >= 12
    assert columns.min() >= 20
    assert (found[..., 0] == 255).all()
    larger = vis.draw_text(white, "Step 1", font_size=20)
    assert (larger < 128).sum() > (vis.draw_text(white, "Step 1") < 128).sum()


def test_overlay_mixes_in_the_type_of_the_first() -> None:
    first, second = np.array([[200, 100]], np.uint8), np.array([[100, 0]], np.uint8)
    np.testing.assert_array_equal(vis.overlay(first, second), [[150, 50]])
    np.testing.assert_array_equal(vis.overlay(first, second, alpha=0.3), [[130, 30]])
    assert vis.overlay(first, second).dtype == np.uint8
    np.testing.assert_allclose(vis.overlay(first / 255, second / 255, 1.0), first / 255)
    for change, sentence in [({"alpha": 1.5}, "from 0 to 1"), ({"array2": second[0]}, "make them equal")]:
        with pytest.raises(ValueError, match=sentence):
            vis.overlay(**{"array1": first, "array2": second, **change})


def test_a_font_that_is_not_there_is_replaced_with_a_word(caplog: pytest.LogCaptureFixture) -> None:
    white = np.full((40, 90, 3), 255, np.uint8)
    found = vis.draw_text(white, "Step 1", font="no-such-font.ttf", font_size=20)
    np.testing.assert_array_equal(found, vis.draw_text(white, "Step 1", font_size=20))
    assert "There is no font 'no-such-font.ttf' here" in caplog.text


def test_a_font_that_is_there_is_used(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    face = ImageFont.load_default(14)
    path = tmp_path / "face.ttf"
    path.write_bytes(face.font_bytes)
    white = np.full((40, 90, 3), 255, np.uint8)
    expected = Image.fromarray(white)
    ImageDraw.Draw(expected).text((10, 10), "Step 1", fill=(0, 0, 0), font=ImageFont.truetype(str(path), 14))
    np.testing.assert_array_equal(vis.draw_text(white, "Step 1", font=str(path)), np.asarray(expected))
    assert not caplog.text
