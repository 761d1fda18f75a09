"""Targets, seeds, inputs and outputs by the widget's controls: each asks what ``explain`` and Keras themselves say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
import traitlets

import salwidget
from salwidget import SaliencyWidget, Unit
from tests import models
from tests.widget.conftest import Sent, from_page, last, settled, small_cnn

pytestmark = pytest.mark.slow

Make = Callable[..., SaliencyWidget]


def shown(widget: SaliencyWidget) -> np.ndarray:
    assert settled(widget) == "fresh"
    return widget.heatmap.values


def logits_gradient(model: keras.Model, picture: np.ndarray, row: list[float]) -> np.ndarray:
    """d(row . logits)/dx summed over channels, by Keras layers and a tape."""
    linear = keras.Model(model.inputs, model.get_layer("average").output)
    kernel = model.get_layer("scores").kernel
    inputs = tf.constant(picture[None])
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        score = tf.reduce_sum(linear(inputs) @ kernel * row)
    return tape.gradient(score, inputs).numpy()[0].sum(-1)


@pytest.fixture
def summed(make: Make) -> tuple[SaliencyWidget, Callable[[list[float]], np.ndarray]]:
    """A widget that shows summed gradients, and the truth for a weighted sum of logits."""
    model = small_cnn()
    widget = make(model, method="saliency", options={"reduce": "sum"}, filter_indices=0)
    picture = widget._session.context.gallery.examples[0][0].input
    return widget, lambda row: logits_gradient(model, picture, row)


def test_a_minus_b(summed: Any, sent: Sent) -> None:
    widget, truth = summed
    widget.versus = 2
    np.testing.assert_allclose(shown(widget), truth([1, 0, -1]), atol=1e-6)
    assert last(sent, "map")["target"] == "class 0 − class 2"
    from_page(widget, versus=None)
    np.testing.assert_allclose(shown(widget), truth([1, 0, 0]), atol=1e-6)


@pytest.mark.quick
def test_grad_cam_of_a_difference_has_two_sides_and_is_minus_that_of_its_swap(make: Make) -> None:
    widget = make(filter_indices=0, versus=1)
    one = shown(widget)
    assert widget.heatmap.signed
    widget.filter_indices, widget.versus = 2, 0
    widget.filter_indices, widget.versus = 1, 0
    np.testing.assert_allclose(shown(widget), -one, atol=1e-6)


@pytest.mark.parametrize(("aim", "sign"), [("decrease", -1), (1e6, 1), (-1e6, -1)])
def test_an_aim_turns_the_gradient(summed: Any, aim: str | float, sign: int) -> None:
    widget, truth = summed
    widget.aim = aim
    np.testing.assert_allclose(shown(widget), sign * truth([1, 0, 0]), atol=1e-6)


def test_maintain_is_small_values(summed: Any) -> None:
    widget, _ = summed
    widget.aim = "maintain"
    assert settled(widget) == "fresh"
    assert widget.heatmap.query.grad_modifier == "small_values"
    widget.grad_modifier = "negate"
    assert "remove grad_modifier" in settled(widget)


def test_one_cell_of_a_feature_map(make: Make) -> None:
    model = small_cnn()
    widget = make(model, method="saliency", layer_idx=1, options={"reduce": "sum"}, filter_indices=3)
    from_page(widget, cell=[2, 5])
    picture = widget._session.context.gallery.examples[0][0].input
    part = keras.Model(model.inputs, model.get_layer("second").output[:, 2, 5, :])
    np.testing.assert_allclose(shown(widget), models.tape_gradient(part, picture, [3]).sum(-1), atol=1e-6)
    assert widget.cell == (2, 5)
    widget.layer_idx = 0
    assert (widget.cell, widget.versus) == (None, None), "another layer has other cells"


def test_a_target_of_ones_own_until_the_page_gives_the_controls_back(summed: Any) -> None:
    widget, truth = summed
    widget.target = 2 * Unit(filters=1) - Unit(filters=2)
    np.testing.assert_allclose(shown(widget), truth([0, 2, -1]), atol=1e-6)
    assert widget.children[0].target == "2 · class 1 − class 2"
    from_page(widget, target="")
    np.testing.assert_allclose(shown(widget), truth([1, 0, 0]), atol=1e-6)
    assert widget.target is None


def test_a_callable_target(make: Make) -> None:
    model = small_cnn()

    def first_squared(output: Any) -> Any:
        return output[:, 0] ** 2

    widget = make(model, method="saliency", options={"reduce": "sum"}, target=Unit(function=first_squared, score="probability"))
    picture = widget._session.context.gallery.examples[0][0].input
    probability = models.values_of(model, picture[None])[0, 0]
    expected = 2 * probability * models.tape_gradient(model, picture, [0]).sum(-1)
    np.testing.assert_allclose(shown(widget), expected, atol=1e-6)


def test_the_page_cannot_invent_a_target(make: Make, sent: Sent) -> None:
    widget = make()
    settled(widget)
    from_page(widget, target="import os")
    assert "callable" in last(sent, "error")["text"]
    assert widget.children[0].target == ""


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("versus", 3, "3 filters, 0 to 2"),
        ("cell", [0, 0], "no feature map"),
        ("aim", "up", "increase"),
        ("aim", float("nan"), "finite number"),
        ("target", 3, "Unit, a sum of units or a callable"),
        ("input_idx", 1, "no input 1"),
        ("seed", -1, "negative"),
        ("options", {"baseline": "pink"}, "option"),
    ],
)
def test_what_does_not_fit_is_one_sentence(make: Make, name: str, value: Any, says: str) -> None:
    widget = make()
    with pytest.raises(traitlets.TraitError, match=says):
        setattr(widget, name, value)


def test_a_against_itself_is_said_and_survived(make: Make) -> None:
    widget = make(filter_indices=1, versus=1)
    assert "cancel" in settled(widget)
    widget.versus = 0
    assert settled(widget) == "fresh"


def test_the_seed_decides_where_chance_does(make: Make) -> None:
    widget = make(method="smoothgrad", options={"samples": 3}, filter_indices=0)
    first = shown(widget)
    widget.seed = 1
    assert np.abs(shown(widget) - first).max() > 0
    from_page(widget, seed=0)
    np.testing.assert_array_equal(shown(widget), first)


def test_a_given_baseline_goes_by_a_name_and_comes_back(make: Make) -> None:
    model = small_cnn()
    widget = make(model, method="integrated_gradients", filter_indices=0)
    grey = np.full((16, 16, 3), 0.5, np.float32)
    widget.options = {"baseline": grey, "steps": 4}
    picture = widget._session.context.gallery.examples[0][0].input
    expected = salwidget.explain(model, picture, "integrated_gradients", filters=0, steps=4, baseline=grey)
    np.testing.assert_allclose(shown(widget), expected.values, atol=1e-7)
    assert widget.children[0].options == {"baseline": "given", "steps": 4}
    from_page(widget, options={"baseline": "given", "steps": 5})
    again = salwidget.explain(model, picture, "integrated_gradients", filters=0, steps=5, baseline=grey)
    np.testing.assert_allclose(shown(widget), again.values, atol=1e-7)


def two_of_each() -> keras.Model:
    picture, vector = keras.Input((12, 12, 3), name="picture"), keras.Input((5,), name="vector")
    maps = keras.layers.GlobalAveragePooling2D()(keras.layers.Conv2D(4, 3, activation="relu")(picture))
    joint = keras.layers.Concatenate()([maps, keras.layers.Dense(3, activation="tanh")(vector)])
    outputs = [keras.layers.Dense(3, "softmax", name="kind")(joint), keras.layers.Dense(1, name="size")(joint)]
    return models.fill(keras.Model([picture, vector], outputs))


def test_inputs_and_outputs_are_picked(make: Make, sent: Sent) -> None:
    model = two_of_each()
    given = {"picture": models.image((12, 12, 3)), "vector": models.image((5,))}
    widget = make(model, given, method="saliency", options={"reduce": "sum"})
    declared = widget.children[0].network
    assert [each["name"] for each in declared["inputs"]] == ["picture", "vector"]
    assert [each["space"] for each in declared["inputs"]] == [2, 1]
    assert [each["activation"] for each in declared["outputs"]] == ["softmax", "none"]
    assert shown(widget).shape == (12, 12)
    assert last(sent, "scores")["layer"] == declared["outputs"][0]["layer"]
    widget.layer_idx = declared["outputs"][1]["layer"]
    widget.input_idx = 1
    batch = [tf.constant(given["picture"][None]), tf.constant(given["vector"][None])]
    with tf.GradientTape() as tape:
        tape.watch(batch)
        size = model(batch)[1]
    np.testing.assert_allclose(shown(widget), tape.gradient(size, batch)[1].numpy()[0], atol=1e-6)
    assert last(sent, "signal")["shape"] == [5, 1]
    assert last(sent, "scores")["layer"] == declared["outputs"][1]["layer"]


@pytest.mark.parametrize("shape", [(40, 2), (6, 8, 10, 1)])
def test_signals_and_volumes_without_data_of_ones_own(make: Make, sent: Sent, shape: tuple[int, ...]) -> None:
    conv = keras.layers.Conv1D(3, 3, activation="relu") if len(shape) == 2 else keras.layers.Conv3D(3, 3, activation="relu")
    model = models.fill(models.in_a_row(shape, conv, keras.layers.Flatten(), keras.layers.Dense(2, "softmax")))
    widget = SaliencyWidget(model)
    try:
        assert shown(widget).shape == shape[:-1]
        assert widget.method == "grad_cam"
        assert "made-up" in widget.children[0].notices[0]
        assert last(sent, "map")["shape"] == list(shape[:-1])
        kind, channels = ("signal", 2) if len(shape) == 2 else ("picture", 3)
        assert last(sent, kind)["shape"] == [*shape[:-1], channels]
    finally:
        widget.close()


def test_a_swap_of_a_and_b_is_one_question(make: Make, sent: Sent) -> None:
    widget = make(filter_indices=0, versus=1)
    one = shown(widget)
    before = [content["kind"] for content, _ in sent].count("computing")
    from_page(widget, versus=0, filter_indices=1)
    np.testing.assert_allclose(shown(widget), -one, atol=1e-6)
    assert [content["kind"] for content, _ in sent].count("computing") == before + 1


def test_observers_hear_of_every_better_answer(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """Partial answers to one query are equal to each other, and to the answer."""
    monkeypatch.setattr("salwidget.widget.pane.PAINT", 0)
    monkeypatch.setattr("salwidget.engine.batch_size.MOST", 4)
    widget = make(method="saliency", filter_indices=0)
    settled(widget)
    heard: list[float] = []
    widget.observe(lambda change: heard.append(change["new"].progress), names="heatmap")
    widget.options, widget.method = {}, "integrated_gradients"
    settled(widget)
    np.testing.assert_allclose(heard[-13:], np.minimum(np.arange(4, 56, 4) / 50, 1))


def test_options_that_the_next_method_has_and_allows_are_kept(make: Make) -> None:
    widget = make(method="expected_gradients", options={"samples": 400}, filter_indices=0)
    widget.method = "smoothgrad"  # has samples as well, up to 200
    assert widget.options == {}
    widget.options = {"samples": 7, "noise": 0.3}
    widget.method = "expected_gradients"
    assert widget.options == {"samples": 7}
    assert settled(widget) == "fresh"
