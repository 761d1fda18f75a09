"""``probe`` against maps made by hand: Zhou's, whose weights stand in the model, and gradients by TensorFlow's tape."""

from __future__ import annotations

import io
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers
from PIL import Image

from salwidget import Support, explain, probe
from tests import models
from tests.models import CLASSES, cut_by_keras, values_of

pytestmark = pytest.mark.slow

SHAPES = {"signal": (12, 2), "image": (7, 9, 2), "volume": (4, 5, 6, 1)}
CONVOLUTIONS = {2: layers.Conv1D, 3: layers.Conv2D, 4: layers.Conv3D}
MEANS = {2: layers.GlobalAveragePooling1D, 3: layers.GlobalAveragePooling2D, 4: layers.GlobalAveragePooling3D}


def pooled(shape: tuple[int, ...]) -> keras.Model:
    """Mean over space and a linear head of seven classes, in float64."""
    rank = len(shape)
    with models.float64():
        steps = [CONVOLUTIONS[rank](4, 3, activation="relu", name="maps"), MEANS[rank](), layers.Dense(7, name="head")]
        return models.fill(models.in_a_row(shape, *steps))


def flattened() -> keras.Model:
    """A head that weighs each cell by itself, and is not linear."""
    with models.float64():
        convolution = layers.Conv2D(4, 3, activation="softplus", name="maps")
        head = [layers.Flatten(), layers.Dense(5, activation="tanh"), layers.Dense(3, name="head")]
        return models.fill(models.in_a_row((6, 7, 2), convolution, *head))


@pytest.mark.parametrize("kind", SHAPES)
def test_with_a_mean_over_space_it_is_the_class_activation_map_over_the_number_of_cells(kind: str) -> None:
    model, image = pooled(SHAPES[kind]), models.image(SHAPES[kind], dtype="float64")
    maps = values_of(cut_by_keras(model, "maps"), image[None])[0]
    kernel, bias = model.get_layer("head").get_weights()
    logits = values_of(model, image[None])[0]
    top = np.argsort(-logits)[:5]
    found = probe(model, image)
    assert found.classes == tuple(top)
    by_hand = np.stack([(maps * kernel[:, c]).sum(-1) for c in top])
    assert found.values.dtype == np.float32
    cells = maps[..., 0].size
    np.testing.assert_allclose(found.values * cells, by_hand, rtol=1e-6, atol=1e-6 * np.abs(by_hand).max())
    np.testing.assert_allclose(found.values.reshape(5, -1).sum(1) + bias[top], logits[top], rtol=1e-5)
    np.testing.assert_allclose(found.scores, logits[top], rtol=1e-12)


def test_elsewhere_it_is_the_gradient_of_each_cell_times_its_value() -> None:
    model, image = flattened(), models.image((6, 7, 2), dtype="float64")
    maps = tf.convert_to_tensor(values_of(cut_by_keras(model, "maps"), image[None]))
    found = probe(model, image)
    for index, each in zip(found.classes, found.values, strict=True):
        with tf.GradientTape() as tape:
            tape.watch(maps)
            score = models.chained(maps, model.layers[2:])[0, index]
        by_hand = (tape.gradient(score, maps) * maps).numpy()[0].sum(-1)
        np.testing.assert_allclose(each, by_hand, rtol=1e-6, atol=1e-6 * np.abs(by_hand).max())


def test_it_is_the_map_that_grad_cam_and_hirescam_clip() -> None:
    model, image = models.functional(), models.image()
    found = probe(model, image)
    assert (len(found.classes), found.values.shape) == (CLASSES, (CLASSES, 3, 3))
    for index, each, score in zip(found.classes, found.values, found.scores, strict=True):
        for method in ("grad_cam", "hirescam"):
            asked = explain(model, image, method, filters=index, negative="keep")
            np.testing.assert_allclose(each, asked.cells, rtol=1e-5, atol=1e-6)
            assert f"looked at layer {found.layer} " in asked.notes[0]
            assert score == pytest.approx(asked.score, rel=1e-6)


@pytest.mark.parametrize("score", ["probability", "log_probability"])
def test_other_scores_and_layers_are_those_of_explain(score: str) -> None:
    model, image = models.functional(), models.image()
    found = probe(model, image, score=score, penultimate_layer="conv1", top=2)
    for index, each in zip(found.classes, found.values, strict=True):
        asked = explain(model, image, "hirescam", filters=index, score=score, penultimate_layer="conv1", negative="keep")
        np.testing.assert_allclose(each, asked.cells, rtol=1e-5, atol=1e-7)
    assert found.layer.endswith("conv1")


def test_a_normalisation_that_is_folded_is_run_from_the_image() -> None:
    steps = [layers.Conv2D(4, 3), layers.BatchNormalization(), layers.ReLU(), layers.GlobalAveragePooling2D(), layers.Dense(3)]
    model, image = models.normalised(models.in_a_row((8, 8, 2), *steps)), models.image()
    found = probe(model, image, penultimate_layer=1)
    for index, each in zip(found.classes, found.values, strict=True):
        asked = explain(model, image, "hirescam", filters=index, penultimate_layer=1, negative="keep")
        np.testing.assert_allclose(each, asked.cells, rtol=1e-4, atol=1e-5)


def test_filters_of_a_hidden_layer_are_ranked_by_their_means() -> None:
    model, image = models.functional(), models.image()
    found = probe(model, image, layer="conv2", top=3)
    means = values_of(cut_by_keras(model, "conv2"), image[None])[0].mean((0, 1))
    assert found.classes == tuple(np.argsort(-means)[:3])
    assert found.labels[0] == f"filter {found.classes[0]} of conv2"


def test_of_two_inputs_one_is_named_and_the_other_goes_along() -> None:
    with models.float64():
        first, second = keras.Input((6, 6, 1), name="first"), keras.Input((3,), name="second")
        pooled_maps = layers.GlobalAveragePooling2D()(layers.Conv2D(2, 3, name="maps")(first))
        model = models.fill(
            keras.Model([first, second], layers.Dense(3)(layers.Multiply()([pooled_maps, layers.Dense(2)(second)])))
        )
    images = {"first": models.image((6, 6, 1), dtype="float64"), "second": models.image((3,), 1, "float64")}
    found = probe(model, images, wrt="first")
    for index, each in zip(found.classes, found.values, strict=True):
        asked = explain(model, images, "hirescam", filters=index, wrt="first", negative="keep")
        np.testing.assert_allclose(each, asked.cells, rtol=1e-6)
    with pytest.raises(ValueError, match="takes several inputs: say with wrt='first' or wrt='second'"):
        probe(model, images)


def test_a_model_of_one_image_at_a_time_is_asked_class_by_class() -> None:
    steps = [layers.Conv2D(3, 3), lambda x: tf.reshape(x, (1, 6, 6, 3)), layers.GlobalAveragePooling2D(), layers.Dense(4)]
    model, image = models.fill(models.subclassed_of((8, 8, 2), *steps)), models.image()
    found = probe(model, image)
    for index, each in zip(found.classes, found.values, strict=True):
        asked = explain(model, image, "hirescam", filters=index, negative="keep")
        np.testing.assert_allclose(each, asked.cells, rtol=1e-5, atol=1e-6)


def test_the_model_stays_as_it_is_and_new_weights_are_taken_up() -> None:
    model, image = models.functional(), models.image()
    before = [weight.copy() for weight in model.get_weights()]
    found = probe(model, image)
    for weight, old in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(weight, old)
    model.get_layer("dense").kernel.assign(2 * before[-2])
    twice = probe(model, image)
    assert twice.classes[0] == found.classes[0]
    np.testing.assert_allclose(twice.values[0], 2 * found.values[0], rtol=1e-5)


def test_a_place_of_the_input_is_that_of_its_cell() -> None:
    values = np.arange(2 * 3 * 4, dtype=np.float32).reshape(2, 3, 4)
    made = Support((0, 1), ("a", "b"), values, (1.0, 0.5), "3 maps", "score", (7, 8), None, 3, 0.0)
    assert made.at(0, 0).tolist() == [0, 12]
    assert made.at(6, 7).tolist() == [11, 23]
    assert made.at(2, 2).tolist() == [1, 13], "rows 0 to 2 of 7 begin in the first third"
    for place in [(7, 0), (-1, 0), (0,), (0.5, 0)]:
        with pytest.raises(ValueError, match="A place in an input of 7×8 is 2 whole numbers from 0"):
            made.at(*place)  # type: ignore[arg-type]


def test_it_prints_and_draws_itself() -> None:
    values = np.array([[[0, 2], [-1, 0]], [[-3, -4], [-1, -2]]], np.float32)
    shown = np.zeros((4, 6, 3), np.uint8)
    made = Support((3, 1), ("ouzel", "hen"), values, (4.5, 2.0), "3 maps", "score", (4, 6), shown, 3, 0.0)
    assert str(made) == (
        "The 2×2 cells of layer 3 maps support ouzel (4.5) most in cell 0, 1 (+2); "
        "hen (2) nowhere, least against it in cell 1, 0 (-1)."
    )
    assert repr(made) == "<Support of ouzel, hen by 2×2 cells of layer 3 maps>"
    drawn = np.asarray(Image.open(io.BytesIO(made._repr_png_())))
    assert drawn.shape == (4, 16, 3)
    assert (drawn[:, 6:10] == 255).all()
    red, blue = drawn[0, 5].astype(int), drawn[0, 15].astype(int)
    assert red[0] > red[2], "for"
    assert blue[2] > blue[0], "against"


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "top": ({"top": 0}, "top=0 is not a whole number of at least 1"),
    "half": ({"top": 2.5}, "top=2.5 is not"),
    "score": ({"score": "odds"}, "score 'odds' is not known"),
    "layer": ({"layer": "none"}, "none"),
    "no map before it": ({"penultimate_layer": "dense"}, "has no feature map of more than one cell"),
    "behind": ({"layer": "conv2", "penultimate_layer": "gate"}, "does not feed layer"),
    "first": ({"layer": "conv1"}, "HiResCAM needs a convolution before layer"),
    "grid": ({"token_grid": (2, 2)}, "token_grid= is for the tokens of a transformer"),
    "labels": ({"labels": ["a"]}, "labels has 1 names"),
    "batch": ({"image": np.zeros((2, 8, 8, 2), np.float32)}, "probe.. takes one image"),
    "NaN": ({"image": np.full((8, 8, 2), np.nan, np.float32)}, "NaN or infinite"),
}


@pytest.mark.parametrize("what", BAD)
def test_bad_input_gets_one_sentence(what: str) -> None:
    given, said = BAD[what]
    asked = {"image": models.image(), **given}
    with pytest.raises((ValueError, TypeError), match=said) as caught:
        probe(models.functional(), asked.pop("image"), **asked)
    assert str(caught.value).endswith(".")
