"""Weights: the kernels of the first convolution, as numbers, as colours, and several in a mosaic."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from keras import layers

from salwidget import explain
from salwidget.attribution.weights import mosaic
from tests import models
from tests.models import image


def conv_model(channels: int = 3, filters: int = 5) -> keras.Model:
    conv = layers.Conv2D(filters, (3, 4), name="conv")
    return models.fill(models.in_a_row((8, 9, channels), conv, layers.Conv2D(2, 3, name="later"), layers.Flatten()))


def asked(model: keras.Model, **question):
    return explain(model, image((8, 9, model.input_shape[-1])), "weights", layer="conv", **question)


@pytest.mark.slow
@pytest.mark.parametrize("channels", [1, 2, 3])
@pytest.mark.parametrize("which", [0, 4])
def test_one_filter_is_its_kernel_summed_over_channels(channels: int, which: int) -> None:
    model = conv_model(channels)
    kernel = model.get_layer("conv").kernel.numpy()
    found = asked(model, filters=which)
    np.testing.assert_allclose(found.values, kernel[..., which].sum(-1), atol=1e-6)
    assert found.signed
    assert (found.picture is None) == (channels != 3)


def test_colours_have_zero_at_mid_grey_and_one_scale_for_all_filters() -> None:
    model = conv_model()
    kernel = model.get_layer("conv").kernel.numpy()
    kernel[0, 0, 0, 1] = 0
    model.get_layer("conv").kernel.assign(kernel)
    colours = asked(model, filters=1).picture
    assert colours.dtype == np.uint8
    expected = 127.5 + 127.5 * kernel[..., 1] / np.abs(kernel).max()
    assert np.abs(colours - expected).max() <= 0.5 + 1e-4
    assert colours[0, 0, 0] in (127, 128)


@pytest.mark.parametrize("filters", [None, (4, 0, 2)])
def test_several_filters_stand_in_a_mosaic_in_their_order(filters) -> None:
    model = conv_model()
    kernel = model.get_layer("conv").kernel.numpy()
    chosen = range(5) if filters is None else filters
    columns = 3 if filters is None else 2
    found = asked(model, filters=filters)
    assert found.values.shape == (7, columns * 5 - 1)
    assert found.picture.shape == (*found.values.shape, 3)
    for place, which in enumerate(chosen):
        row, column = divmod(place, columns)
        tile = np.s_[row * 4 : row * 4 + 3, column * 5 : column * 5 + 4]
        np.testing.assert_allclose(found.values[tile], kernel[..., which].sum(-1), atol=1e-6)
        expected = 127.5 + 127.5 * kernel[..., which] / np.abs(kernel).max()
        assert np.abs(found.picture[tile] - expected).max() <= 0.5 + 1e-4


def test_gaps_and_the_missing_tile_are_blank() -> None:
    sheet = mosaic([np.full((2, 2), number) for number in (1, 2, 3)], blank=0)
    expected = [[1, 1, 0, 2, 2], [1, 1, 0, 2, 2], [0, 0, 0, 0, 0], [3, 3, 0, 0, 0], [3, 3, 0, 0, 0]]
    np.testing.assert_array_equal(sheet, expected)


def test_new_weights_are_shown() -> None:
    model = conv_model()
    asked(model, filters=0)
    models.fill(model, seed=8)
    np.testing.assert_allclose(
        asked(model, filters=0).values, model.get_layer("conv").kernel.numpy()[..., 0].sum(-1), atol=1e-6
    )


def test_a_later_convolution_is_refused_and_the_first_is_named() -> None:
    with pytest.raises(ValueError, match=r"only in the first convolution; choose layer 1 conv"):
        explain(conv_model(), image((8, 9, 3)), "weights", layer="later")


def test_a_model_without_a_convolution_is_refused() -> None:
    model = models.in_a_row((8, 9, 3), layers.Flatten(), layers.Dense(2))
    with pytest.raises(ValueError, match="no Conv2D layer"):
        explain(model, image((8, 9, 3)), "weights")


def test_nan_weights_are_said() -> None:
    model = conv_model()
    kernel = model.get_layer("conv").kernel
    kernel.assign(kernel.numpy() * np.nan)
    with pytest.raises(ValueError, match="NaN"):
        asked(model)
