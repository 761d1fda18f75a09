"""Gradients against finite differences, hand-weighted nets and the same layers written flat."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from salwidget import Unit, explain, open_network
from salwidget.engine.resolve import target_of
from salwidget.engine.traced_model import TracedModel
from tests import models
from tests.models import KINDS, NAMES, SHAPE, image

pytestmark = pytest.mark.slow


def raw_gradient(model: keras.Model, picture: np.ndarray, layer: str | int, filters: tuple[int, ...], score: str = "logit"):
    """dS/dx (H, W, C) as the engine computes it, in the model's own precision."""
    network = open_network(model, picture.shape)
    target = target_of(network, Unit(layer, filters, score))
    return network.gradient(target, network.inputs[0])([picture[None]])[2][0]


def relative_error(found: np.ndarray, expected: np.ndarray) -> float:
    return float(np.abs(found - expected).max() / np.abs(expected).max())


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("layer", "filters", "score"),
    [
        ("dense", (1,), "logit"),
        ("dense", (2,), "probability"),
        ("dense", (0, 3), "probability"),
        ("conv2", (4,), "logit"),
        ("conv2", (0, 2, 3), "logit"),
        ("gate", (1,), "logit"),
    ],
)
def test_gradient_equals_finite_differences_in_float64(kind: str, layer: str, filters: tuple[int, ...], score: str) -> None:
    picture = image(dtype="float64")
    with models.float64():
        asked = KINDS[kind]()
        flat = models.functional("softmax" if score == "probability" else None)
    expected = models.finite_differences(models.cut_by_keras(flat, layer), picture, filters)
    found = raw_gradient(asked, picture, layer, filters, score)
    assert found.dtype == np.float64
    assert relative_error(found, expected) <= 1e-6


@pytest.mark.parametrize("kind", ["sequential", "nested", "subclassed"])
@pytest.mark.parametrize("layer", NAMES)
def test_every_layer_and_filter_equals_the_flat_model(kind: str, layer: str) -> None:
    asked, part, picture = KINDS[kind](), models.cut_by_keras(models.without_final(), layer), image()
    for one in range(part.output_shape[-1]):
        expected = models.tape_gradient(part, picture, [one])
        np.testing.assert_allclose(raw_gradient(asked, picture, layer, (one,)), expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize("shift", range(-len(NAMES), 0))
@pytest.mark.parametrize("kind", KINDS)
def test_negative_indices_count_the_same_layers_in_every_kind(kind: str, shift: int) -> None:
    part = models.cut_by_keras(models.without_final(), NAMES[shift])
    expected = models.tape_gradient(part, image(), [1, 2])
    np.testing.assert_allclose(raw_gradient(KINDS[kind](), image(), shift, (1, 2)), expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize(
    ("build", "activation"),
    [
        (models.functional, "softmax"),
        (models.nested, "softmax"),
        (models.subclassed, "softmax"),
        (models.softmax_by_layer, "softmax"),
        (models.softmax_in_call, "softmax"),
        (models.sigmoid, "sigmoid"),
        (models.without_final, "none"),
    ],
)
@pytest.mark.parametrize("which", range(models.CLASSES))
def test_logit_is_what_remains_when_the_softmax_is_removed_by_hand(build, activation: str, which: int) -> None:
    asked, linear, picture = build(), models.without_final(), image()
    found = explain(asked, picture, "saliency", filters=which, reduce="sum")
    assert open_network(asked, SHAPE).activation_of(open_network(asked).output) == activation
    assert found.score == pytest.approx(models.values_of(linear, picture[None])[0, which], abs=1e-6)
    expected = models.tape_gradient(linear, picture, [which]).sum(-1)
    np.testing.assert_allclose(found.values, expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize(
    "build",
    [models.functional, models.softmax_by_layer, models.softmax_in_call, models.sigmoid],
)
def test_probability_is_what_the_model_gives(build) -> None:
    asked, picture = build(), image()
    found = explain(asked, picture, filters=2, score="probability", reduce="sum")
    assert found.score == pytest.approx(models.values_of(asked, picture[None])[0, 2], abs=1e-6)
    np.testing.assert_allclose(found.values, models.tape_gradient(asked, picture, [2]).sum(-1), rtol=0, atol=1e-6)


def test_logit_of_a_softmax_over_another_axis() -> None:
    steps = (layers.Conv2D(4, 3), layers.Reshape((36, 4)))
    asked = models.fill(models.in_a_row(SHAPE, *steps, layers.Softmax(axis=1)))
    linear = models.fill(models.in_a_row(SHAPE, layers.Conv2D(4, 3), layers.Reshape((36, 4))))
    found = explain(asked, image(), filters=3, reduce="sum")
    np.testing.assert_allclose(found.values, models.tape_gradient(linear, image(), [3]).sum(-1), rtol=0, atol=1e-6)


def test_a_softmax_inside_a_tf_function_is_not_taken_for_a_logit() -> None:
    """The unnormalised score is out of reach there: to give the probability as the logit would be silently wrong."""
    asked = models.subclassed_of(SHAPE, *models.parts(None), tf.function(lambda x: tf.nn.softmax(x)))
    with pytest.raises(ValueError, match=r"softmax|tf\.function"):
        explain(asked, image(), filters=0, score="logit")


@pytest.mark.quick
def test_linear_net_gives_its_weights() -> None:
    weights = image((3, 4), seed=5)
    found = explain(models.wide_head(None, weights), image((3, 4, 1)), reduce="sum")
    np.testing.assert_allclose(found.values, weights, atol=1e-5)


@pytest.mark.quick
def test_negative_evidence_keeps_its_sign() -> None:
    weights = np.array([[2.0, -3.0], [0.0, -0.5]], np.float32)
    model, picture = models.wide_head(None, weights), np.array([[1.0, 2.0], [3.0, -4.0]], np.float32)[..., None]
    np.testing.assert_allclose(explain(model, picture, reduce="sum").values, weights, atol=1e-5)
    np.testing.assert_allclose(explain(model, picture).values, np.abs(weights), atol=1e-5)
    contribution = explain(model, picture, "input_x_gradient")
    np.testing.assert_allclose(contribution.values, [[2.0, -6.0], [0.0, 2.0]], atol=1e-5)
    assert contribution.score == pytest.approx(-2.0)


@pytest.mark.quick
def test_relu_gate_closes_on_negative_pixels() -> None:
    weights = np.array([[2.0, -3.0], [5.0, 7.0]], np.float32)
    picture = np.array([[1.0, 0.5], [-1.0, -0.1]], np.float32)[..., None]
    found = explain(models.wide_head("relu", weights), picture, reduce="sum")
    np.testing.assert_allclose(found.values, [[2.0, -3.0], [0.0, 0.0]], atol=1e-5)


@pytest.mark.quick
def test_product_of_two_pixels_gives_each_the_other() -> None:
    inputs = keras.Input((2, 2, 1))
    flat = layers.Flatten()(inputs)
    picks = [layers.Dense(1, use_bias=False, name=name)(flat) for name in ("first", "last")]
    model = keras.Model(inputs, layers.Multiply()(picks))
    for name, place in (("first", 0), ("last", 3)):
        model.get_layer(name).kernel.assign(np.eye(4, dtype=np.float32)[:, [place]])
    picture = np.array([[3.0, 1.0], [1.0, -5.0]], np.float32)[..., None]
    found = explain(model, picture, reduce="sum")
    np.testing.assert_allclose(found.values, [[-5.0, 0.0], [0.0, 3.0]], atol=1e-5)
    assert found.score == pytest.approx(-15.0)


@pytest.mark.parametrize("method", ["saliency", "input_x_gradient"])
def test_exactly_zero_outside_the_receptive_field(method: str) -> None:
    """Two 3 x 3 convolutions on rows 1..5, columns 2..6 of the image end in one cell."""
    crop = layers.Cropping2D(((1, 2), (2, 1)))
    model = models.fill(models.in_a_row((8, 8, 2), crop, layers.Conv2D(3, 3), layers.Conv2D(4, 3, name="cell")))
    assert model.output_shape == (None, 1, 1, 4)
    found = explain(model, image(), method, layer="cell", filters=1)
    inside = np.zeros((8, 8), bool)
    inside[1:6, 2:7] = True
    assert np.all(found.values[~inside] == 0)
    assert np.all(found.values[inside] != 0)


@pytest.mark.quick
def test_a_layer_beside_the_target_gets_no_gradient_but_a_sentence() -> None:
    inputs = keras.Input(SHAPE)
    used = layers.GlobalAveragePooling2D()(layers.Conv2D(3, 3, name="used")(inputs))
    other = layers.GlobalMaxPooling2D()(layers.Conv2D(3, 3, name="other")(inputs))
    model = keras.Model(inputs, layers.Add()([used, other]))
    network = open_network(model)
    beside, target = network.layer("other"), network.layer("used")
    assert not network.depends(target, beside)
    with pytest.raises(ValueError, match="does not depend"):
        network.gradient(target_of(network, Unit("used")), beside)


def test_many_cuts_are_answered_right_after_the_trace_is_renewed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("salwidget.engine.network.MOST_CUTS", 2)
    model, linear = models.nested(), models.without_final()
    for layer in NAMES * 2:
        expected = models.tape_gradient(models.cut_by_keras(linear, layer), image(), [1])
        np.testing.assert_allclose(raw_gradient(model, image(), layer, (1,)), expected, rtol=0, atol=1e-6)


def test_a_trace_may_be_renewed_while_another_thread_is_between_two_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """One thread stops after it took a tensor, until the other has renewed the trace (or waits for it, by a lock)."""
    monkeypatch.setattr("salwidget.engine.network.MOST_CUTS", 1)
    model, linear, raw_tap = models.functional(), models.without_final(), TracedModel.tensor
    expected = {
        name: models.tape_gradient(models.cut_by_keras(linear, name), image(), [1]) for name in ("pool", "gate", "conv2")
    }
    network, taken, renewed = open_network(model), threading.Event(), threading.Event()

    def stopping(self: TracedModel, place) -> object:
        tensor = raw_tap(self, place)
        if threading.current_thread().name.startswith("stopping") and not taken.is_set():
            taken.set()
            renewed.wait(timeout=2)
        return tensor

    def ask(*names: str) -> dict[str, np.ndarray]:
        return {name: raw_gradient(model, image(), name, (1,)) for name in names}

    monkeypatch.setattr(TracedModel, "tensor", stopping)
    with ThreadPoolExecutor(1, "stopping") as one, ThreadPoolExecutor(1, "other") as two:
        first = one.submit(ask, "pool")
        assert taken.wait(timeout=30)
        second = two.submit(ask, "gate", "conv2")
        second.add_done_callback(lambda _: renewed.set())
        found = first.result() | second.result()
    assert open_network(model) is network
    for name, values in expected.items():
        np.testing.assert_allclose(found[name], values, rtol=0, atol=1e-6)


def test_another_filter_or_class_never_traces_or_cuts_again(monkeypatch: pytest.MonkeyPatch) -> None:
    model = models.functional()
    expected = [models.tape_gradient(models.without_final(), image(), [one]).sum(-1) for one in range(models.CLASSES)]
    explain(model, image(), filters=0)
    network, cuts = open_network(model), open_network(model).cuts
    monkeypatch.setattr("salwidget.engine.network.TracedModel", lambda *_: pytest.fail("traced again"))
    for one in range(models.CLASSES):
        found = explain(model, image(seed=0), filters=one, reduce="sum")
        np.testing.assert_allclose(found.values, expected[one], rtol=0, atol=1e-6)
    assert network.cuts == cuts
