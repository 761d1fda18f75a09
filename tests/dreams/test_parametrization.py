"""Coordinates of an image, against NumPy's FFT in float64 and finite differences."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from salwidget.dreams import PARAMETRIZATIONS, Fourier, MaCo, Parametrization, Pixels, dream
from salwidget.dreams.parametrization import COLOURS, EDGE, parametrization_of
from tests import models, zoo

SHAPES = [(12, 10, 3), (11, 9, 3), (9, 14, 1), (8, 7, 4), (1, 6, 3), (31, 2), (30, 3), (5, 6, 7, 1), (4, 5, 6, 3)]
WAYS = [Fourier(), Fourier(decay=0.0), Fourier(decay=1.7), MaCo(), Pixels()]


def noise(way: Parametrization, shape: tuple[int, ...], count: int = 2) -> list[np.ndarray]:
    begins = [way.noise(shape, np.random.default_rng(seed)) for seed in range(count)]
    return [np.stack(parts) for parts in zip(*begins, strict=True)]


def images_of(way: Parametrization, coordinates: list[np.ndarray], shape: tuple[int, ...]) -> np.ndarray:
    return np.asarray(way.image([tf.constant(each) for each in coordinates], shape))


def frequencies(shape: tuple[int, ...]) -> np.ndarray:
    """Cycles per pixel over the half spectrum, at least one over the longer side."""
    rows = [np.fft.fftfreq(length) for length in shape[:-2]]
    grids = np.meshgrid(*rows, np.fft.rfftfreq(shape[-2]), indexing="ij")
    return np.maximum(np.linalg.norm(grids, axis=0), 1 / max(shape[:-1]))


def from_spectra(spectra: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Values (..., C) of half spectra (C, ...), in float64, colours mixed."""
    planes = np.fft.irfftn(spectra, shape[:-1], axes=range(1, len(shape)))
    values = np.moveaxis(planes, 0, -1)
    return values @ COLOURS if shape[-1] == 3 else values


def sigmoid(values: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-values))


def logit(images: np.ndarray) -> np.ndarray:
    return np.log(images / (1 - images))


@pytest.mark.slow
@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("way", WAYS, ids=repr)
def test_noise_is_an_image_and_its_own_for_each_seed(way: Parametrization, shape: tuple[int, ...]) -> None:
    images = images_of(way, noise(way, shape), shape)
    assert images.shape == (2, *shape)
    assert images.dtype == np.float32
    assert images.min() >= 0
    assert images.max() <= 1
    assert abs(images.mean() - 0.5) < 0.1, "near middle grey"
    assert np.abs(images[0] - images[1]).max() > 1e-3


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("way", [way for way in WAYS if not isinstance(way, MaCo)], ids=repr)
def test_the_coordinates_of_an_image_give_it_back(way: Parametrization, shape: tuple[int, ...]) -> None:
    image = np.random.default_rng(0).random(shape)
    image.flat[:2] = 0, 1
    (back,) = images_of(way, [each[None] for each in way.inverse(image)], shape)
    np.testing.assert_allclose(back, image, atol=EDGE + 1e-5)
    inside = (image > EDGE) & (image < 1 - EDGE)
    np.testing.assert_allclose(back[inside], image[inside], atol=2e-5)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("decay", [0.0, 1.0, 1.7])
def test_fourier_is_the_sigmoid_of_an_inverse_transform(decay: float, shape: tuple[int, ...]) -> None:
    """One scale for all frequencies is free; frequency, colour and sigmoid are not."""
    way = Fourier(decay)
    (z,) = noise(way, shape, 1)
    values = logit(images_of(way, [z], shape)[0].astype(np.float64))
    expected = from_spectra((z[0, 0] + 1j * z[0, 1]) / frequencies(shape) ** decay, shape)
    scale = (values * expected).sum() / np.square(expected).sum()
    assert scale > 0
    np.testing.assert_allclose(values, scale * expected, atol=1e-4 * np.abs(values).max())


def test_fourier_by_default_weighs_by_one_over_the_frequency() -> None:
    assert Fourier() == Fourier(decay=1.0)


def test_colours_of_three_channels_are_decorrelated_and_grey_is_grey() -> None:
    lengths = np.linalg.norm(COLOURS, axis=1)
    np.testing.assert_allclose(COLOURS @ COLOURS.T, np.diag(lengths**2), atol=1e-12, err_msg="axes at right angles")
    np.testing.assert_allclose(lengths[0], 1)
    assert lengths[0] > lengths[1] > lengths[2] > 0, "photographs vary most in brightness"
    z = np.zeros((1, 2, 3, 6, 4), np.float32)
    z[0, 0, 0, 1, 1] = 0.3
    grey = images_of(Fourier(), [z], (6, 6, 3))
    np.testing.assert_allclose(grey, grey[..., :1].repeat(3, -1), atol=1e-6)
    assert np.ptp(grey) > 0.01
    for channels in (1, 4):
        one = np.zeros((1, 2, channels, 6, 4), np.float32)
        one[0, 0, 0, 1, 1] = 0.3
        rest = images_of(Fourier(), [one], (6, 6, channels))[..., 1:]
        np.testing.assert_array_equal(rest, np.full_like(rest, 0.5), err_msg="other numbers of channels are not mixed")


@pytest.mark.slow
@pytest.mark.parametrize("shape", [(6, 5, 3), (5, 6, 1), (4, 4, 4), (9, 2), (8, 3), (3, 4, 5, 1), (4, 3, 4, 3)], ids=str)
@pytest.mark.parametrize("way", [Fourier(), Fourier(decay=0.0), MaCo(), Pixels()], ids=repr)
def test_the_gradient_is_that_of_finite_differences(way: Parametrization, shape: tuple[int, ...]) -> None:
    (start,) = noise(way, shape, 1)
    weights = np.random.default_rng(5).normal(size=shape)
    point = tf.constant(start)
    with tf.GradientTape() as tape:
        tape.watch(point)
        score = tf.reduce_sum(way.image([point], shape) * weights.astype(np.float32))
    slope = tape.gradient(score, point).numpy().astype(np.float64)
    assert np.isfinite(slope).all()
    for seed in range(4):
        along = np.random.default_rng(seed).normal(size=start.shape)
        along *= 1e-2 / np.linalg.norm(along)
        up, down = (images_of(way, [(start + sign * along).astype(np.float32)], shape).astype(np.float64) for sign in (1, -1))
        difference = float(((up - down) * weights).sum() / 2)
        assert difference == pytest.approx(float((slope * along).sum()), rel=0.01, abs=1e-2 * 1e-2 * np.linalg.norm(slope))


@pytest.mark.slow
@pytest.mark.parametrize("shape", [(12, 10, 3), (11, 9, 1), (31, 2), (5, 6, 7, 1)], ids=str)
def test_maco_keeps_its_magnitudes_whatever_the_phases(shape: tuple[int, ...]) -> None:
    """But for the half spectrum's first and last entries: a real image has their conjugates too."""
    for images in (images_of(MaCo(), noise(MaCo(), shape), shape), dreamt(shape)):
        for image in images.astype(np.float64):
            values = logit(image)
            planes = np.moveaxis(values @ np.linalg.inv(COLOURS) if shape[-1] == 3 else values, -1, 0)
            free = slice(1, shape[-2] // 2)
            sizes = np.abs(np.fft.rfftn(planes, axes=range(1, len(shape))))[..., free] * frequencies(shape)[..., free]
            np.testing.assert_allclose(sizes, np.full_like(sizes, sizes.mean()), rtol=1e-3)
            np.testing.assert_allclose([values.mean(), values.std()], [0, 1.2], atol=1e-4)


def dreamt(shape: tuple[int, ...]) -> np.ndarray:
    """Images after 40 steps towards the class of a flat linear model."""
    model = models.in_a_row(shape, layers.Flatten(), layers.Dense(2))
    made = dream(models.fill(model), filters=1, steps=40, parametrization="maco", transforms=None, input_range=(0, 1))
    begin = next(made).images
    end = made.run().image
    assert np.abs(end - begin).max() > 0.1, "or this test says nothing"
    return end[None]


@pytest.mark.slow
@pytest.mark.parametrize("name", PARAMETRIZATIONS)
def test_images_stay_within_0_and_1_under_the_wildest_steps(name: str) -> None:
    made = dream(models.functional(), filters=1, steps=30, parametrization=name, optimizer=keras.optimizers.SGD(1e4))
    for frame in made:
        assert frame.images.min() >= 0
        assert frame.images.max() <= 1
    assert np.ptp(made.image) > 0.5, "or this test says nothing"


@pytest.mark.slow
@pytest.mark.parametrize("name", PARAMETRIZATIONS)
@pytest.mark.parametrize("build", [zoo.signal, zoo.volume, zoo.greyscale, zoo.two_outputs])
def test_every_parametrization_climbs_for_signals_volumes_and_images(name: str, build: Any) -> None:
    """From the same start the score without transforms rises."""
    made = dream(build(), filters=1, steps=40, parametrization=name, transforms=None)
    next(made)
    before = made.evaluated()
    assert made.run().evaluated() > before + 1e-3


def test_parametrizations_by_name_and_with_settings() -> None:
    assert parametrization_of("fourier") == Fourier()
    assert parametrization_of(Fourier(0.5)) == Fourier(0.5)
    for bad in ("wavelet", Fourier, 3, None):
        with pytest.raises(ValueError, match="is not known; use one of 'fourier', 'pixels', 'maco'"):
            parametrization_of(bad)  # type: ignore[arg-type]


@pytest.mark.parametrize("ends", [(True, False), (False, True), (False, False)])
@pytest.mark.parametrize("way", [Fourier(), Fourier(decay=0.0), Pixels()], ids=repr)
def test_an_open_end_holds_nothing_and_a_closed_one_does(way: Parametrization, ends: tuple[bool, bool]) -> None:
    """An image that goes past the open ends comes back from its coordinates."""
    above, below = ends
    inside = np.random.default_rng(0).uniform(0.1 if above else -4, 0.9 if below else 5, (8, 9, 3))
    opened = way.within(ends)
    coordinates = [each[None] for each in opened.inverse(inside)]
    np.testing.assert_allclose(images_of(opened, coordinates, inside.shape)[0], inside, rtol=1e-4, atol=1e-4)
    far = [np.stack([1000 * each, -1000 * each]) for each in way.noise(inside.shape, np.random.default_rng(1))]
    bounded = [np.asarray(each) for each in opened.bounded([tf.constant(each) for each in far])]
    images = images_of(opened, bounded, inside.shape)
    assert (images.min() >= 0) == above
    assert images.max() <= 1 or not below
    assert repr(opened) == repr(way), "the range says it"
    assert opened != way


@pytest.mark.slow
def test_a_parametrization_of_one_s_own_may_know_no_open_ends() -> None:
    class Half(Parametrization):
        label, help, learning_rate = "half", "", 0.02

        def noise(self, shape: tuple[int, ...], rng: np.random.Generator) -> list[np.ndarray]:
            return [np.zeros(shape, np.float32)]

        def inverse(self, image: np.ndarray) -> list[np.ndarray]:
            return [2 * image]

        def image(self, coordinates: list[Any], shape: tuple[int, ...]) -> Any:
            return coordinates[0] / 2

    model = models.functional()
    assert dream(model, filters=1, steps=2, parametrization=Half()).run().image.shape == models.SHAPE
    with pytest.raises(ValueError, match="Half makes images between black and white only: give input_range= two numbers"):
        dream(model, filters=1, parametrization=Half(), input_range=(0, None))
