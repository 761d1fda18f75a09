"""Grad-CAM against a GradientTape on a model cut by hand, the closed form of CAM, and a photograph of a bird."""

from __future__ import annotations

import json
from collections.abc import Sequence

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers
from PIL import Image

from salwidget import Unit, explain, open_network
from tests import models
from tests.data import ROOT, needs_data
from tests.models import KINDS, NAMES, SHAPE, image

pytestmark = pytest.mark.slow

OUZEL = 20
RECORDED = ROOT / "expected_predictions.json"
NEGATIVE_KERNEL = -np.abs(image((3, 2), seed=6))
EXPECTED = json.loads(RECORDED.read_text()) if RECORDED.is_file() else {}


def by_tape(at: str, filters: Sequence[int], modify=lambda g: g) -> np.ndarray:
    """ReLU(sum_k mean(g_k) A_k), the layers behind ``at`` called one by one by hand."""
    linear = models.without_final()
    maps = tf.constant(models.values_of(models.cut_by_keras(linear, at), image()[None]))
    with tf.GradientTape() as tape:
        tape.watch(maps)
        out = models.chained(maps, [linear.get_layer(name) for name in NAMES[NAMES.index(at) + 1 :]])
        score = models.score_of(out, filters)
    weights = modify(tape.gradient(score, maps).numpy()[0]).mean((0, 1))
    return np.maximum((weights * maps.numpy()[0]).sum(-1), 0)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("at", ["conv1", "conv2", "gate", "pool"])
@pytest.mark.parametrize("filters", [1, (0, 2)])
def test_equals_a_gradient_tape_before_resizing(kind: str, at: str, filters: int | tuple[int, ...]) -> None:
    expected = by_tape(at, np.atleast_1d(filters).tolist())
    found = explain(KINDS[kind](), image(), "grad_cam", filters=filters, penultimate_layer=at)
    np.testing.assert_allclose(found.cells, expected, rtol=0, atol=1e-6)
    assert not found.signed


@pytest.mark.parametrize(("name", "modify"), [("negate", np.negative), ("absolute", np.abs)])
def test_a_modifier_works_on_the_gradient_of_the_feature_maps(name: str, modify) -> None:
    found = explain(models.functional(), image(), "grad_cam", filters=1, grad_modifier=name)
    np.testing.assert_allclose(found.cells, by_tape("pool", [1], modify), rtol=0, atol=1e-6)


def gap_linear(kernel: np.ndarray, activation: str | None = "softmax") -> keras.Model:
    """CAM's own architecture: feature maps, global average, linear classes."""
    conv, dense = (
        layers.Conv2D(3, 3, activation="relu", name="maps"),
        layers.Dense(kernel.shape[1], activation, name="out"),
    )
    model = models.fill(models.in_a_row(SHAPE, conv, layers.GlobalAveragePooling2D(), dense))
    dense.kernel.assign(kernel)
    return model


@pytest.mark.parametrize("which", [0, 1])
def test_equals_cam_up_to_scale_on_gap_and_linear(which: int) -> None:
    kernel = image((3, 2), seed=6)
    model = gap_linear(kernel)
    maps = models.values_of(models.cut_by_keras(model, "maps"), image()[None])[0]
    cam = np.maximum(maps @ kernel[:, which], 0)
    assert cam.max() > 0, "or this test says nothing"
    found = explain(model, image(), "grad_cam", filters=which).cells
    np.testing.assert_allclose(found * maps.shape[0] * maps.shape[1], cam, rtol=0, atol=1e-5)


@pytest.mark.quick
def test_all_negative_gradients_give_a_zero_map_not_an_inverted_one() -> None:
    model = gap_linear(NEGATIVE_KERNEL)
    maps = models.values_of(models.cut_by_keras(model, "maps"), image()[None])[0]
    assert (maps @ NEGATIVE_KERNEL[:, 0]).min() < 0, "or this test says nothing"
    found = explain(model, image(), "grad_cam", filters=0)
    assert np.all(found.cells == 0)
    assert np.all(found.values == 0)


@pytest.mark.parametrize("kind", KINDS)
def test_the_default_layer_is_the_nearest_with_space_and_is_named(kind: str) -> None:
    model = KINDS[kind]()
    pool = open_network(model, SHAPE).layer("pool")
    found = explain(model, image(), "grad_cam", filters=1)
    assert f"looked at layer {pool.index} pool (3×3 cells)" in found.notes
    np.testing.assert_allclose(found.cells, by_tape("pool", [1]), rtol=0, atol=1e-6)


@pytest.mark.parametrize("chosen", ["conv2", 2, -5])
def test_an_explicit_layer_by_index_and_name(chosen: int | str) -> None:
    found = explain(models.functional(), image(), "grad_cam", filters=1, penultimate_layer=chosen)
    assert "looked at layer 2 conv2 (6×6 cells)" in found.notes
    np.testing.assert_allclose(found.cells, by_tape("conv2", [1]), rtol=0, atol=1e-6)


def ends_in_one_cell() -> keras.Model:
    steps = [layers.Conv2D(3, 3, name="wide"), layers.Conv2D(4, 6, name="one"), layers.Flatten(), layers.Dense(2)]
    return models.fill(models.in_a_row(SHAPE, *steps))


@pytest.mark.quick
def test_one_cell_is_refused_naming_a_layer_that_would_do() -> None:
    with pytest.raises(ValueError, match=r"layer 2 one has no feature map of more than one cell; 1 wide would do"):
        explain(ends_in_one_cell(), image(), "grad_cam", penultimate_layer="one")


@pytest.mark.quick
def test_one_cell_is_skipped_by_default() -> None:
    found = explain(ends_in_one_cell(), image(), "grad_cam")
    assert found.notes == ("looked at layer 1 wide (6×6 cells)",)
    assert found.cells.shape == (6, 6)


@pytest.mark.parametrize(("negative", "kept"), [("auto", False), ("drop", False), ("keep", True)])
def test_negative_evidence_is_kept_where_it_is_asked_for(negative: str, kept: bool) -> None:
    model = gap_linear(NEGATIVE_KERNEL)
    maps = models.values_of(models.cut_by_keras(model, "maps"), image()[None])[0]
    expected = maps @ NEGATIVE_KERNEL[:, 0] / 36
    found = explain(model, image(), "grad_cam", filters=0, negative=negative)
    np.testing.assert_allclose(found.cells, expected if kept else np.zeros((6, 6)), rtol=0, atol=1e-6)
    assert found.signed == kept


@pytest.mark.quick
def test_a_difference_of_classes_has_two_sides_unless_one_is_dropped() -> None:
    kernel = image((3, 2), seed=6)
    model = gap_linear(kernel)
    maps = models.values_of(models.cut_by_keras(model, "maps"), image()[None])[0]
    expected = maps @ (kernel[:, 0] - kernel[:, 1]) / 36
    assert expected.min() < 0, "or this test says nothing"
    target = Unit(filters=0) - Unit(filters=1)
    both, one = (explain(model, image(), "grad_cam", target=target, negative=how) for how in ("auto", "drop"))
    np.testing.assert_allclose(both.cells, expected, rtol=0, atol=1e-6)
    np.testing.assert_allclose(one.cells, np.maximum(expected, 0), rtol=0, atol=1e-6)
    assert (both.signed, one.signed) == (True, False)


@pytest.mark.parametrize("shape", [(9, 2), (4, 5, 6, 2)], ids=["signal", "volume"])
def test_signals_and_volumes(shape: tuple[int, ...]) -> None:
    convolution = {2: layers.Conv1D, 4: layers.Conv3D}[len(shape)]
    mean = {2: layers.GlobalAveragePooling1D, 4: layers.GlobalAveragePooling3D}[len(shape)]
    model = models.fill(models.in_a_row(shape, convolution(3, 2, name="maps"), mean(), layers.Dense(2)))
    picture = image(shape)
    maps = models.values_of(models.cut_by_keras(model, "maps"), picture[None])[0]
    cells = np.prod(maps.shape[:-1])
    expected = np.maximum(maps @ np.asarray(model.layers[-1].kernel)[:, 1] / cells, 0)
    found = explain(model, picture, "grad_cam", filters=1)
    np.testing.assert_allclose(found.cells, expected, rtol=0, atol=1e-6)
    assert found.values.shape == shape[:-1]


def transformer() -> keras.Model:
    """Four by four tokens of a patch each, attention, then the mean of what it gives."""
    inputs = keras.Input(SHAPE)
    tokens = layers.Reshape((16, 3))(layers.Conv2D(3, 2, strides=2)(inputs))
    mixed = layers.MultiHeadAttention(2, 3, name="mixed")(tokens, tokens)
    return models.fill(keras.Model(inputs, layers.Dense(2)(layers.GlobalAveragePooling1D()(mixed))))


def test_tokens_of_a_transformer_lie_in_the_grid_that_is_given() -> None:
    model = transformer()
    tokens = models.values_of(models.cut_by_keras(model, "mixed"), image()[None])[0]
    expected = np.maximum(tokens @ np.asarray(model.layers[-1].kernel)[:, 1] / 16, 0).reshape(4, 4)
    found = explain(model, image(), "grad_cam", filters=1, penultimate_layer="attention_output", token_grid=(4, 4))
    np.testing.assert_allclose(found.cells, expected, rtol=0, atol=1e-6)
    with pytest.raises(ValueError, match=r"is a sequence of 16 tokens: give token_grid=\(rows, columns\)"):
        explain(model, image(), "grad_cam", filters=1, penultimate_layer="attention_output")
    with pytest.raises(ValueError, match=r"token_grid 5 × 4 needs 20 tokens, but the layer has 16"):
        explain(model, image(), "grad_cam", filters=1, penultimate_layer="attention_output", token_grid=(5, 4))
    cam = explain(model, image(), "cam", filters=1, token_grid=(4, 4))
    np.testing.assert_allclose(cam.cells, expected * 16, rtol=0, atol=1e-5)


@pytest.mark.quick
def test_a_layer_behind_the_target_is_refused() -> None:
    with pytest.raises(ValueError, match=r"penultimate_layer 4 pool does not feed layer 2 conv2; choose one.*before"):
        explain(models.functional(), image(), "grad_cam", layer="conv2", penultimate_layer="pool")


@pytest.mark.quick
def test_a_layer_on_another_branch_is_refused_and_never_the_default() -> None:
    inputs = keras.Input(SHAPE)
    used = layers.GlobalAveragePooling2D(name="end")(layers.Conv2D(3, 3, name="used")(inputs))
    beside = layers.GlobalAveragePooling2D()(layers.Conv2D(3, 3, name="beside")(inputs))
    model = models.fill(keras.Model(inputs, layers.Concatenate()([used, beside])))
    assert "used" in explain(model, image(), "grad_cam", layer="end", filters=0).notes[0]
    with pytest.raises(ValueError, match=r"beside does not feed layer \d end"):
        explain(model, image(), "grad_cam", layer="end", penultimate_layer="beside")


@pytest.mark.quick
@pytest.mark.parametrize("before", [[], [layers.Rescaling(2.0)]], ids=["bare", "behind a Rescaling"])
def test_without_a_convolution_it_is_refused(before: list) -> None:
    model = models.in_a_row(SHAPE, *before, layers.Flatten(), layers.Dense(5, activation="relu"), layers.Dense(2))
    with pytest.raises(ValueError, match=r"needs a convolution before layer .*method 'saliency'"):
        explain(model, image(), "grad_cam")


@pytest.mark.quick
def test_a_sequence_of_tokens_is_not_taken_for_a_feature_map() -> None:
    """(36, 4) behind a Reshape has one axis of space: the convolution before it is the nearest with two."""
    tokens = [layers.Reshape((36, 4)), layers.Dense(5, activation="relu"), layers.GlobalAveragePooling1D()]
    model = models.fill(models.in_a_row(SHAPE, layers.Conv2D(4, 3, name="maps"), *tokens, layers.Dense(2)))
    found = explain(model, image(), "grad_cam", filters=0)
    assert found.notes == ("looked at layer 1 maps (6×6 cells)",)
    assert found.cells.shape == (6, 6)


@pytest.fixture(scope="module")
def bird(mobilenet):
    path = ROOT / "images" / "ouzel1.jpg"
    preprocess = keras.applications.mobilenet_v2.preprocess_input
    return explain(mobilenet, path, "grad_cam", score="probability", preprocess=preprocess)


@needs_data
def test_mobilenet_sees_the_bird_that_was_recorded(bird) -> None:
    assert bird.query.target.terms[0][1].filters == (OUZEL,)
    assert bird.score == pytest.approx(0.917, abs=0.02)


@needs_data
def test_mobilenet_looks_at_the_bird(mobilenet) -> None:
    """The bird stands in rows 0.20 to 0.67, columns 0.22 to 0.70 of the photograph (read off by eye)."""
    preprocess = keras.applications.mobilenet_v2.preprocess_input
    found = explain(mobilenet, ROOT / "images" / "ouzel1.jpg", "grad_cam", preprocess=preprocess)
    assert (found.cells.shape, found.values.shape) == ((7, 7), (224, 224))
    assert np.isfinite(found.values).all()
    row, column = np.array(np.unravel_index(found.values.argmax(), found.values.shape)) / 224
    assert 0.20 < row < 0.67
    assert 0.22 < column < 0.70


@needs_data
@pytest.mark.parametrize("method", ["saliency", "input_x_gradient"])
@pytest.mark.parametrize("rule", [None, "guided", "rectified"])
def test_maps_of_mobilenet_are_finite_and_alive(mobilenet, method: str, rule: str | None) -> None:
    preprocess = keras.applications.mobilenet_v2.preprocess_input
    found = explain(mobilenet, ROOT / "images" / "ouzel1.jpg", method, backprop_modifier=rule, preprocess=preprocess)
    assert np.isfinite(found.values).all()
    assert np.abs(found.values).max() > 0
    assert found.notes == (("35 rectifiers modified",) if rule else ())


def bgr_of_squeezenet(pixels: np.ndarray) -> np.ndarray:
    return pixels[..., ::-1] - np.array([104, 117, 123], np.float32)


@needs_data
def test_squeezenet_takes_bgr_from_its_preprocess() -> None:
    model = keras.models.load_model(ROOT / "models" / "squeezenet_v1.0_imagenet.keras", compile=False)
    path = ROOT / "images" / "ouzel1.jpg"
    found = explain(model, path, "grad_cam", score="probability", preprocess=bgr_of_squeezenet)
    assert found.query.target.terms[0][1].filters == (OUZEL,)
    assert found.score == pytest.approx(1.0, abs=1e-3)
    assert np.isfinite(found.values).all()


def yuv_of_pilotnet(pixels: np.ndarray) -> np.ndarray:
    """As expected_predictions.json has it: cv2's RGB -> YUV applied to BGR order."""
    c0, c1, c2 = pixels[..., 2], pixels[..., 1], pixels[..., 0]
    y = 0.299 * c0 + 0.587 * c1 + 0.114 * c2
    return np.clip(np.round(np.stack([y, 0.492 * (c2 - y) + 128, 0.877 * (c0 - y) + 128], -1)), 0, 255)


@needs_data
@pytest.mark.parametrize("frame", EXPECTED.get("pilotnet", {}))
def test_pilotnet_steers_as_recorded(frame: str) -> None:
    """Two numbers are recorded for a frame: the first is that of the frame as it is."""
    model = keras.models.load_model(ROOT / "models" / "pilotnet_naokishibuya.keras", compile=False)
    road = Image.open(ROOT / "driving" / "mit_frames" / frame).convert("RGB").crop((0, 60, 320, 135))
    found = explain(model, road, "grad_cam", preprocess=yuv_of_pilotnet)
    assert found.score == pytest.approx(EXPECTED["pilotnet"][frame][0], abs=1e-4)
    assert np.isfinite(found.values).all()


def test_a_layer_of_another_input_is_refused_with_the_input_that_it_sees() -> None:
    left, right = (keras.Input((8, 8, 1), name=name) for name in ("left", "right"))
    towers = [keras.layers.Conv2D(2, 3, name=f"conv_{side.name}")(side) for side in (left, right)]
    pooled = keras.layers.GlobalAveragePooling2D()(keras.layers.Concatenate()(towers))
    model = models.fill(keras.Model([left, right], keras.layers.Dense(2)(pooled)))
    pair = {"left": models.image((8, 8, 1)), "right": models.image((8, 8, 1), seed=1)}
    sentence = "conv_left does not see input right; ask with wrt='left', or choose a layer that does"
    for wrt in (None, "right"):
        with pytest.raises(ValueError, match=sentence):
            explain(model, pair, "grad_cam", penultimate_layer="conv_left", wrt=wrt)
    assert explain(model, pair, "grad_cam", penultimate_layer="conv_left", wrt="left").cells.shape == (6, 6)
