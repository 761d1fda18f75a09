"""CAM: the closed form from the head's own weights, on every head that allows it; a sentence on those that do not."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from keras import layers

from salwidget import Unit, explain
from tests import models
from tests.models import KINDS, SHAPE, image

KERNEL = image((3, 2), seed=6)


def convolution(**named: object) -> keras.Layer:
    return layers.Conv2D(3, 3, activation="relu", name="maps", **named)


HEADS = {
    "dense": [layers.GlobalAveragePooling2D, lambda: layers.Dense(2)],
    "dense, softmax": [layers.GlobalAveragePooling2D, lambda: layers.Dense(2, "softmax")],
    "dropout, then a softmax layer": [
        *(layers.GlobalAveragePooling2D, lambda: layers.Dropout(0.5), lambda: layers.Dense(2)),
        *(lambda: layers.Dropout(0.5), layers.Softmax),
    ],
    "flatten": [lambda: layers.GlobalAveragePooling2D(keepdims=True), layers.Flatten, lambda: layers.Dense(2, "sigmoid")],
    "full average": [lambda: layers.AveragePooling2D(6), layers.Flatten, lambda: layers.Dense(2)],
    "1x1 behind the mean": [
        *(lambda: layers.GlobalAveragePooling2D(keepdims=True), lambda: layers.Conv2D(2, 1)),
        *(lambda: layers.Reshape((2,)), layers.Softmax),
    ],
}


def with_head(steps: list, shape: tuple[int, ...] = SHAPE, first: keras.Layer | None = None) -> keras.Model:
    model = models.fill(models.in_a_row(shape, first or convolution(), *[step() for step in steps]))
    weigher = [layer for layer in model.layers if hasattr(layer, "kernel")][-1]
    if weigher.name != "maps":
        weigher.kernel.assign(KERNEL.reshape(weigher.kernel.shape))
    return model


def maps_of(model: keras.Model, picture: np.ndarray | None = None) -> np.ndarray:
    return models.values_of(models.cut_by_keras(model, "maps"), (image() if picture is None else picture)[None])[0]


@pytest.mark.slow
@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("which", [0, 1])
def test_weighs_the_maps_as_the_head_does(head: str, which: int) -> None:
    model = with_head(HEADS[head])
    expected = np.maximum(maps_of(model) @ KERNEL[:, which], 0)
    assert expected.max() > 0, "or this test says nothing"
    found = explain(model, image(), "cam", filters=which)
    np.testing.assert_allclose(found.cells, expected, rtol=0, atol=1e-5)
    assert "looked at layer 1 maps (6×6 cells)" in found.notes


@pytest.mark.slow
@pytest.mark.parametrize("head", HEADS)
def test_grad_cam_is_the_same_up_to_the_number_of_cells(head: str) -> None:
    model = with_head(HEADS[head])
    cam, grad_cam = (explain(model, image(), name, filters=1, negative="keep") for name in ("cam", "grad_cam"))
    assert "looked at layer 1 maps (6×6 cells)" in grad_cam.notes
    np.testing.assert_allclose(cam.cells, grad_cam.cells * 36, rtol=0, atol=1e-5)


def test_its_mean_is_the_logit_without_the_bias() -> None:
    model = with_head(HEADS["dense"])
    found = explain(model, image(), "cam", filters=1, negative="keep")
    logit = models.values_of(model, image()[None])[0, 1] - float(model.layers[-1].bias[1])
    assert found.cells.mean() == pytest.approx(logit, abs=1e-5)
    assert found.passes == 2  # the maps and the score: no gradient


def test_a_class_that_has_a_map_of_its_own() -> None:
    """As SqueezeNet's head: a 1x1 convolution, then the mean."""
    steps = [lambda: layers.Conv2D(2, 1, name="own"), layers.GlobalAveragePooling2D, layers.Softmax]
    model = models.fill(models.in_a_row(SHAPE, convolution(), *[step() for step in steps]))
    own = models.values_of(models.cut_by_keras(model, "own"), image()[None])[0]
    found = explain(model, image(), "cam", filters=1, negative="keep")
    np.testing.assert_allclose(found.cells, own[..., 1], rtol=0, atol=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_model(kind: str) -> None:
    model = models.without_final()
    maps = models.values_of(models.cut_by_keras(model, "pool"), image()[None])[0]
    expected = maps @ np.asarray(model.get_layer("dense").kernel)[:, [1, 2]].mean(1)
    found = explain(KINDS[kind](), image(), "cam", filters=(1, 2), negative="keep")
    np.testing.assert_allclose(found.cells, expected, rtol=0, atol=1e-5)


def test_a_difference_of_classes_keeps_both_signs() -> None:
    model = with_head(HEADS["dense"])
    found = explain(model, image(), "cam", target=Unit(filters=0) - 0.5 * Unit(filters=1))
    np.testing.assert_allclose(found.cells, maps_of(model) @ (KERNEL[:, 0] - 0.5 * KERNEL[:, 1]), rtol=0, atol=1e-5)
    assert found.signed


@pytest.mark.slow
@pytest.mark.parametrize(
    ("shape", "first", "mean"),
    [
        ((9, 2), lambda: layers.Conv1D(3, 2, name="maps"), layers.GlobalAveragePooling1D),
        ((4, 5, 6, 2), lambda: layers.Conv3D(3, 2, name="maps"), layers.GlobalAveragePooling3D),
    ],
    ids=["signal", "volume"],
)
def test_signals_and_volumes(shape: tuple[int, ...], first, mean) -> None:
    model = with_head([mean, lambda: layers.Dense(2)], shape, first())
    picture = image(shape)
    found = explain(model, picture, "cam", filters=0, negative="keep")
    np.testing.assert_allclose(found.cells, maps_of(model, picture) @ KERNEL[:, 0], rtol=0, atol=1e-5)
    assert found.values.shape == shape[:-1]


def test_new_weights_count_at_once() -> None:
    model = with_head(HEADS["dense"])
    explain(model, image(), "cam", filters=1)
    model.layers[-1].kernel.assign(-KERNEL)
    found = explain(model, image(), "cam", filters=1, negative="keep")
    np.testing.assert_allclose(found.cells, -maps_of(model) @ KERNEL[:, 1], rtol=0, atol=1e-5)


def test_a_probability_has_the_weights_of_its_logit() -> None:
    model = with_head(HEADS["dense, softmax"])
    logit, probability = (explain(model, image(), "cam", filters=1, score=score) for score in ("logit", "probability"))
    np.testing.assert_array_equal(logit.cells, probability.cells)
    assert "the head's weights are those of the logit: score changes nothing" in probability.notes


def two_branches() -> keras.Model:
    inputs = keras.Input(SHAPE)
    ends = [layers.GlobalAveragePooling2D()(layers.Conv2D(3, 3)(inputs)) for _ in range(2)]
    return keras.Model(inputs, layers.Dense(2)(layers.Add(name="both")(ends)))


def row(*steps: keras.Layer) -> keras.Model:
    return models.in_a_row(SHAPE, convolution(), *steps)


GAP, FLATTEN = layers.GlobalAveragePooling2D, layers.Flatten
REFUSED = {
    "flattened": (lambda: row(FLATTEN(), layers.Dense(2)), "meets Relu in layer 1 maps"),
    "two dense": (lambda: row(GAP(), layers.Dense(3), layers.Dense(2)), "meets MatMul in layer 3"),
    "bent": (lambda: row(GAP(), layers.ReLU(name="bend"), layers.Dense(2)), "meets Relu in layer 3 bend"),
    "maximum": (lambda: row(layers.GlobalMaxPooling2D(name="most"), layers.Dense(2)), "meets Max in layer 2 most"),
    "half a mean": (
        lambda: row(layers.AveragePooling2D(3, name="half"), FLATTEN(), layers.Dense(2)),
        "AvgPool in layer 2 half",
    ),
    "two branches": (two_branches, "meets AddV2 of 2 branches in layer"),
}


@pytest.mark.slow
@pytest.mark.parametrize("why", REFUSED)
def test_other_heads_are_refused_by_name(why: str) -> None:
    build, sentence = REFUSED[why]
    with pytest.raises(ValueError, match=rf"CAM needs global average pooling.*{sentence}.*use method 'grad_cam'"):
        explain(build(), image(), "cam")


def test_a_feature_map_and_a_distance_are_refused() -> None:
    model = with_head(HEADS["dense"])
    with pytest.raises(ValueError, match="its output has cells itself"):
        explain(model, image(), "cam", layer="maps")
    with pytest.raises(ValueError, match="not by a function or a distance to a value"):
        explain(model, image(), "cam", filters=1, aim=2.0)
    with pytest.raises(ValueError, match="uses no gradient"):
        explain(model, image(), "cam", filters=1, backprop_modifier="guided")
