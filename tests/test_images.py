"""Arrays, Pillow images and paths become what the model takes, or a sentence that says why not."""

from __future__ import annotations

import gc
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from salwidget import explain
from salwidget.images import _files, examples_of, is_batch, picture_of, split
from tests import models
from tests.models import image

RGB, GREY = (6, 9, 3), (6, 9, 1)


def photo(height: int = 13, width: int = 20, channels: int = 3) -> np.ndarray:
    return np.random.default_rng(2).integers(0, 256, (height, width, channels), dtype=np.uint8)


def by_pillow(pixels: np.ndarray, mode: str = "RGB") -> np.ndarray:
    """What Pillow itself makes of a photograph at 6 x 9."""
    small = Image.fromarray(pixels).convert(mode).resize((9, 6), Image.Resampling.BILINEAR)
    return np.asarray(small).reshape(6, 9, -1)


@pytest.fixture(params=["array", "pillow", "path", "str"])
def photograph(request: pytest.FixtureRequest, tmp_path: Path):
    """One photograph in each form that a person may have it in."""
    pixels = Image.fromarray(photo())
    path = tmp_path / "photo.png"
    pixels.save(path)
    return {"array": photo(), "pillow": pixels, "path": path, "str": str(path)}[request.param]


def test_a_photograph_is_resized_as_pillow_does(photograph) -> None:
    found = picture_of(photograph, RGB)
    np.testing.assert_array_equal(found.shown, by_pillow(photo()))
    np.testing.assert_array_equal(found.input, by_pillow(photo()).astype(np.float32))
    assert (found.shown.dtype, found.input.dtype) == (np.uint8, np.float32)


@pytest.mark.slow
def test_explain_takes_each_form(photograph) -> None:
    weights = image((6, 9), seed=4)
    model = models.in_a_row(RGB, models.layers.Flatten(), models.layers.Dense(1, use_bias=False))
    model.layers[-1].kernel.assign(np.repeat(weights.reshape(-1, 1), 3, axis=1).reshape(-1, 1))
    found = explain(model, photograph, "input_x_gradient")
    expected = by_pillow(photo()).astype(np.float32).sum(-1) * weights
    np.testing.assert_allclose(found.values, expected, rtol=1e-5)


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P", "L"])
def test_pillow_images_of_any_mode_are_turned_into_grey(mode: str) -> None:
    picture = Image.fromarray(photo()).convert(mode)
    expected = np.asarray(picture.convert("L").resize((9, 6), Image.Resampling.BILINEAR))
    np.testing.assert_array_equal(picture_of(picture, GREY).input[..., 0], expected)


def test_grey_pillow_images_are_turned_into_rgb() -> None:
    picture = Image.fromarray(photo(channels=1)[..., 0])
    found = picture_of(picture, RGB).input
    expected = np.asarray(picture.resize((9, 6), Image.Resampling.BILINEAR))
    np.testing.assert_array_equal(found, np.repeat(expected[..., None], 3, axis=-1))


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.int32])
def test_numbers_that_fit_are_fed_as_they_are(dtype: type) -> None:
    numbers = (image(RGB) * 10).astype(dtype)
    found = picture_of(numbers, RGB).input
    np.testing.assert_array_equal(found, numbers)
    assert found.dtype == (np.float64 if dtype is np.float64 else np.float32)


@pytest.mark.parametrize(("low", "high"), [(0, 1), (-1, 1), (0, 255), (-5, 20)])
def test_shown_is_told_from_the_range(low: float, high: float) -> None:
    numbers = np.linspace(low, high, 6 * 9 * 3, dtype=np.float32).reshape(RGB)
    expected = ((numbers - low) / (high - low) * 255).round()
    assert np.abs(picture_of(numbers, RGB).shown - expected).max() <= 1


@pytest.mark.parametrize("shape", [(6, 9), (6, 9, 1)])
def test_grey_needs_no_channel_axis(shape: tuple[int, ...]) -> None:
    numbers = image(shape)
    np.testing.assert_array_equal(picture_of(numbers, GREY).input, numbers.reshape(GREY))
    assert picture_of(numbers, GREY).shown.shape == RGB


def test_preprocess_gets_float32_as_displayed_and_its_result_is_fed() -> None:
    seen = []

    def preprocess(given: np.ndarray) -> np.ndarray:
        seen.append(given.copy())
        given /= 127.5
        given -= 1
        return given[None]

    found = picture_of(photo(), RGB, preprocess)
    small = by_pillow(photo())
    assert seen[0].dtype == np.float32
    np.testing.assert_array_equal(seen[0], small)
    np.testing.assert_allclose(found.input, small / np.float32(127.5) - 1, atol=1e-6)
    np.testing.assert_array_equal(found.shown, small)


def test_preprocess_gets_float32_from_float64_too() -> None:
    types = []
    picture_of(image(RGB, dtype="float64"), RGB, lambda given: types.append(given.dtype) or given)
    assert types == [np.float32]


def test_preprocess_may_not_change_the_image_that_was_given() -> None:
    given = image(RGB)
    picture_of(given, RGB, lambda pixels: np.multiply(pixels, 0, out=pixels))
    np.testing.assert_array_equal(given, image(RGB))


@pytest.mark.parametrize(
    ("source", "shape", "message"),
    [
        (photo(6, 9, 4), RGB, r"shape \(6, 9, 3\), but the image has \(6, 9, 4\)"),
        (photo(6, 9, 1), RGB, r"shape \(6, 9, 3\), but the image has \(6, 9, 1\)"),
        (photo(6, 9, 3), GREY, r"shape \(6, 9, 1\), but the image has \(6, 9, 3\)"),
        (image((6, 9)), RGB, r"shape \(6, 9, 3\), but the image has \(6, 9\)"),
        (image((6, 8, 3)), RGB, r"shape \(6, 9, 3\), but the image has \(6, 8, 3\)"),
        (image((6, 9, 4)), (None, None, 3), r"shape \(any, any, 3\), but the image has \(6, 9, 4\)"),
        (np.full(RGB, np.nan), RGB, "NaN or infinite"),
        (np.full(RGB, np.inf, np.float32), RGB, "NaN or infinite"),
    ],
)
def test_what_does_not_fit_is_refused_with_both_shapes(source: np.ndarray, shape: tuple, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        picture_of(source, shape)


def test_what_preprocess_makes_must_fit() -> None:
    with pytest.raises(ValueError, match=r"shape \(6, 9, 3\), but preprocess made \(9, 6, 3\)"):
        picture_of(photo(), RGB, lambda pixels: pixels.transpose(1, 0, 2))


@pytest.mark.parametrize("source", [np.zeros(RGB, bool), np.zeros(RGB, complex), np.array([["a"]]), object(), None, b"png"])
def test_what_is_no_image_is_refused(source) -> None:
    with pytest.raises(TypeError, match=r"An image (is an array|holds numbers)"):
        picture_of(source, RGB)


def saved(path: Path, how: str) -> Path:
    if how == "text":
        path.write_text("this is no picture")
    elif how == "large":
        Image.new("1", (6000, 5000)).save(path)
    elif how == "cut":
        Image.fromarray(photo(200, 200)).save(path)
        path.write_bytes(path.read_bytes()[:5000])
    return path


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ("missing", r"There is no file '.*photo\.png'"),
        ("text", r"photo\.png is not an image that can be read \(PNG, JPEG"),
        ("cut", r"photo\.png is not an image that can be read"),
        ("large", r"photo\.png has 6000 x 5000 pixels; at most 25 megapixels"),
    ],
)
def test_files_that_cannot_be_read(tmp_path: Path, how: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        picture_of(saved(tmp_path / "photo.png", how), RGB)


@pytest.mark.parametrize(
    ("images", "shape", "count", "several"),
    [
        (image((2, 6, 9, 3)), RGB, 2, True),
        (image((6, 9, 3)), RGB, 1, False),
        ([image((6, 9, 3))] * 3, RGB, 3, True),
        ([image((6, 9, 3))], RGB, 1, True),
        (image((4, 6, 9)), GREY, 4, True),
        (image((6, 9)), GREY, 1, False),
        (image((6, 9, 1)), GREY, 1, False),
        ("photo.png", RGB, 1, False),
        (["a.png", Path("b.png")], RGB, 2, True),
        (Image.new("L", (9, 6)), GREY, 1, False),
    ],
)
def test_batches_are_taken_apart(images, shape: tuple[int, ...], count: int, several: bool) -> None:
    assert len(split(images, shape)) == count
    assert is_batch(images, shape) is several


@pytest.mark.parametrize(
    ("preprocess", "error", "sentence"),
    [
        (
            lambda x: x * np.nan,
            ValueError,
            r"preprocess made 100.00% of the image NaN or infinite: does it divide by zero",
        ),
        (lambda x: np.where(x > x.mean(), x, np.inf), ValueError, r"preprocess made \d\d.\d\d% of the image NaN or infinite"),
        (lambda x: None, TypeError, "preprocess returns an array of numbers, but of the image it made None"),
        (lambda x: "x", TypeError, "of the image it made values of type <U1"),
        (lambda x: x.astype(complex), TypeError, "of the image it made values of type complex128"),
        (lambda x: x.astype(object), TypeError, "of the image it made values of type object"),
    ],
)
def test_preprocessing_that_makes_no_finite_numbers_is_refused(preprocess, error, sentence) -> None:
    with pytest.raises(error, match=sentence):
        picture_of(np.random.default_rng(0).uniform(size=(4, 5, 3)), (4, 5, 3), preprocess)


def test_a_baseline_of_which_preprocessing_makes_nan_is_refused() -> None:
    picture = picture_of(np.random.default_rng(0).uniform(size=(4, 5, 3)), (4, 5, 3), lambda x: x / x.max())
    with (
        np.errstate(invalid="ignore"),
        pytest.raises(ValueError, match=r"preprocess made 100\.00% of a baseline NaN or infinite"),
    ):
        picture.fed(np.zeros((4, 5, 3)))


def test_an_array_that_was_read_from_a_file_is_called_as_the_file_at_any_size(tmp_path: Path) -> None:
    Image.fromarray(photo()).save(tmp_path / "husky.png")
    network, larger = ([SimpleNamespace(name="x", image_shape=shape)] for shape in (RGB, (12, 18, 3)))
    ((read,),) = examples_of([tmp_path / "husky.png"], network, None, "image")
    ((again,),) = examples_of([read.given], larger, None, "image")
    ((third,), (other,)) = examples_of([again.given, again.given.copy()], network, None, "image")
    assert [read.name, again.name, third.name, other.name] == ["husky.png", "husky.png", "husky.png", "image 1"]
    assert again.given.shape == (12, 18, 3)


@pytest.mark.slow
def test_names_of_files_are_forgotten_with_their_arrays(tmp_path: Path) -> None:
    Image.fromarray(photo()).save(tmp_path / "husky.png")
    before = set(_files)
    picture = picture_of(tmp_path / "husky.png", RGB)
    assert _files[id(picture.given)] == "husky.png"
    del picture
    gc.collect()
    assert set(_files) <= before
