"""Score-CAM against its formula, channel by channel, with TensorFlow's own resizing."""

from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np
import pytest
from keras import layers
from scipy.ndimage import zoom

from salwidget import Unit, explain
from salwidget.attribution.score_cam import most_varying
from tests import models
from tests.attribution.asking import assert_refines, upsampled
from tests.models import SHAPE, image


def by_loop(score: Callable[[np.ndarray], float], maps: np.ndarray, picture: np.ndarray, resize: Callable) -> np.ndarray:
    """sum_k S(x * minmax(up(A_k))) A_k, one channel at a time, before the ReLU."""
    total = np.zeros(maps.shape[:-1])
    for one in np.moveaxis(maps, -1, 0):
        if one.max() > one.min():
            mask = resize(one)
            mask = (mask - mask.min()) / (mask.max() - mask.min())
            total += score(picture * mask[..., None]) * one
    return total


def bilinear(one: np.ndarray) -> np.ndarray:
    return upsampled(one[..., None], SHAPE[:2])[..., 0]


def maps_at(layer: str) -> np.ndarray:
    return models.values_of(models.cut_by_keras(models.functional(), layer), image()[None])[0]


@pytest.mark.slow
@pytest.mark.parametrize("at", ["conv1", "conv2", "pool"])
@pytest.mark.parametrize("filters", [0, 3])
def test_is_the_formula_with_probabilities(at: str, filters: int) -> None:
    model = models.functional()
    expected = by_loop(lambda x: models.values_of(model, x[None])[0, filters], maps_at(at), image(), bilinear)
    found = explain(model, image(), "score_cam", filters=filters, penultimate_layer=at)
    np.testing.assert_allclose(found.cells, np.maximum(expected, 0), rtol=0, atol=1e-5)
    assert "masked images are scored by probability, as in the paper" in found.notes
    assert found.score == pytest.approx(models.values_of(models.without_final(), image()[None])[0, filters], abs=1e-5)


def test_without_a_probability_it_takes_the_score() -> None:
    model = models.without_final()
    expected = by_loop(lambda x: models.values_of(model, x[None])[0, 1], maps_at("pool"), image(), bilinear)
    found = explain(model, image(), "score_cam", filters=1, negative="keep")
    np.testing.assert_allclose(found.cells, expected, rtol=0, atol=1e-5)
    assert not any("probability" in note for note in found.notes)


@pytest.mark.slow
def test_a_log_probability_stays_one() -> None:
    model = models.functional()
    expected = by_loop(lambda x: np.log(models.values_of(model, x[None])[0, 1]), maps_at("pool"), image(), bilinear)
    found = explain(model, image(), "score_cam", filters=1, score="log_probability", negative="keep")
    np.testing.assert_allclose(found.cells, expected, rtol=0, atol=1e-4)


@pytest.mark.slow
def test_a_difference_of_classes_keeps_both_signs() -> None:
    def score(x: np.ndarray) -> float:
        return float(models.values_of(models.functional(), x[None])[0] @ [0, 1, -1, 0])

    found = explain(models.functional(), image(), "score_cam", target=Unit(filters=1) - Unit(filters=2))
    np.testing.assert_allclose(found.cells, by_loop(score, maps_at("pool"), image(), bilinear), rtol=0, atol=1e-5)
    assert found.signed


@pytest.mark.slow
def test_top_takes_the_channels_that_vary_most() -> None:
    model, maps = models.functional(), maps_at("conv2")
    kept = np.argsort(-maps.var((0, 1)))[:2]
    expected = by_loop(lambda x: models.values_of(model, x[None])[0, 1], maps[..., kept], image(), bilinear)
    found = explain(model, image(), "score_cam", filters=1, penultimate_layer="conv2", top=2)
    np.testing.assert_allclose(found.cells, np.maximum(expected, 0), rtol=0, atol=1e-5)
    assert "2 of 5 channels, those whose maps vary most over the image" in found.notes
    every = [explain(model, image(), "score_cam", filters=1, penultimate_layer="conv2", top=top) for top in (0, 5, 4096)]
    assert all(np.array_equal(each.cells, every[0].cells) for each in every)
    assert not any("channels" in note for note in every[0].notes)


def dead(channels: int) -> keras.Model:
    """The first ``channels`` of five have one value everywhere."""
    model = models.functional()
    kernel, bias = model.get_layer("conv2").kernel, model.get_layer("conv2").bias
    kernel.assign(np.where(np.arange(5) < channels, 0, kernel.numpy()))
    bias.assign(np.where(np.arange(5) < channels, 3, bias.numpy()))
    return model


def test_a_constant_map_has_weight_zero() -> None:
    model = dead(2)
    maps = models.values_of(models.cut_by_keras(model, "pool"), image()[None])[0]
    expected = by_loop(lambda x: models.values_of(model, x[None])[0, 1], maps[..., 2:], image(), bilinear)
    found = explain(model, image(), "score_cam", filters=1)
    np.testing.assert_allclose(found.cells, np.maximum(expected, 0), rtol=0, atol=1e-5)
    assert found.passes == 3 + 2
    assert list(most_varying(np.ones((3, 3, 4)), 0)) == []


def test_constant_maps_alone_give_a_zero_map() -> None:
    found = explain(dead(5), image(), "score_cam", filters=1)
    assert np.all(found.values == 0)
    assert found.progress == 1


@pytest.mark.slow
@pytest.mark.parametrize("shape", [(9, 2), (5, 6, 7, 2)], ids=["signal", "volume"])
def test_signals_and_volumes(shape: tuple[int, ...]) -> None:
    convolution = {2: layers.Conv1D, 4: layers.Conv3D}[len(shape)]
    pool = {2: layers.GlobalAveragePooling1D, 4: layers.GlobalAveragePooling3D}[len(shape)]
    model = models.fill(models.in_a_row(shape, convolution(3, 3, name="maps"), pool(), layers.Dense(2)))
    picture = image(shape)
    maps = models.values_of(models.cut_by_keras(model, "maps"), picture[None])[0]

    def resize(one: np.ndarray) -> np.ndarray:
        return zoom(one, np.divide(shape[:-1], one.shape), order=1, mode="nearest", grid_mode=True)

    expected = by_loop(lambda x: models.values_of(model, x[None])[0, 1], maps, picture, resize)
    found = explain(model, picture, "score_cam", filters=1, negative="keep")
    np.testing.assert_allclose(found.cells, expected, rtol=0, atol=1e-5)
    assert found.values.shape == shape[:-1]


def test_partial_answers(monkeypatch) -> None:
    steps = [layers.Conv2D(11, 3, activation="relu"), layers.GlobalAveragePooling2D(), layers.Dense(2, "softmax")]
    answers = assert_refines(models.fill(models.in_a_row(SHAPE, *steps)), image(), "score_cam", monkeypatch, filters=1)
    assert [step.progress for step in answers] == [pytest.approx(done / 11) for done in (3, 6, 9, 11)]
    assert answers[0].values.max() > answers[-1].values.max() / 3  # on the scale of the last


def test_without_a_convolution_it_is_refused() -> None:
    model = models.in_a_row(SHAPE, layers.Flatten(), layers.Dense(2))
    with pytest.raises(ValueError, match=r"Score-CAM needs a convolution before layer"):
        explain(model, image(), "score_cam")
    with pytest.raises(ValueError, match=r"uses no gradient: backprop_modifier"):
        explain(models.functional(), image(), "score_cam", backprop_modifier="guided")
