"""The front door: the model stays as it was, answers follow its weights, and a mistake gets one sentence."""

from __future__ import annotations

import threading
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

from salwidget import explain
from tests import models
from tests.models import KINDS, SHAPE, image

pytestmark = pytest.mark.slow

QUESTIONS: list[dict[str, Any]] = [
    {"method": "saliency"},
    {"method": "saliency", "backprop_modifier": "guided", "grad_modifier": "negate", "score": "probability"},
    {"method": "saliency", "layer": "conv2", "filters": 1, "backprop_modifier": "rectified"},
    {"method": "input_x_gradient", "filters": (0, 2)},
    {"method": "grad_cam", "filters": 1},
    {"method": "grad_cam", "filters": 1, "penultimate_layer": "conv1", "backprop_modifier": "guided"},
    {"method": "feature_map", "layer": "pool"},
    {"method": "weights", "layer": "conv1"},
]


def raises(*_arguments: Any) -> Any:
    raise RuntimeError("raised inside")


MISTAKES: list[tuple[dict[str, Any], type[Exception]]] = [
    ({"layer": "nowhere"}, ValueError),
    ({"filters": 99}, ValueError),
    ({"method": "grad_cam", "layer": "conv2", "penultimate_layer": "pool"}, ValueError),
    ({"grad_modifier": raises}, RuntimeError),
    ({"backprop_modifier": raises}, RuntimeError),
    ({"preprocess": raises}, RuntimeError),
    ({"unknown": 1}, TypeError),
]


def state(model: keras.Model) -> tuple:
    """All that a question may not change; outputs and weights to the bit."""
    return (
        models.values_of(model, image((2, *SHAPE), seed=9)).tobytes(),
        tuple(weight.tobytes() for weight in model.get_weights()),
        repr(model.get_config()),
        tuple(id(layer) for layer in model.layers),
        tuple(sorted(vars(model))),
        id(keras.Layer.__call__),
        keras.config.floatx(),
    )


def truth(model: keras.Model, picture: np.ndarray, which: int) -> np.ndarray:
    """Gradient of a logit summed over channels, by GradientTape on a linear model with the same weights."""
    linear = models.without_final()
    linear.set_weights(model.get_weights())
    return models.tape_gradient(linear, picture, [which]).sum(-1)


def asked(model: keras.Model, picture: np.ndarray, which: int) -> np.ndarray:
    return explain(model, picture, filters=which, reduce="sum").values


@pytest.fixture(scope="module")
def model() -> keras.Model:
    return models.functional()


@pytest.mark.parametrize("kind", KINDS)
def test_no_question_changes_the_model(kind: str) -> None:
    model = KINDS[kind]()
    before = state(model)
    for question in QUESTIONS:
        explain(model, image(), **question)
        assert state(model) == before, question


@pytest.mark.parametrize("kind", KINDS)
def test_no_mistake_changes_the_model_or_the_next_answer(kind: str) -> None:
    model = KINDS[kind]()
    before, expected = state(model), truth(model, image(), 1)
    for mistake, error in MISTAKES:
        with pytest.raises(error):
            explain(model, image(), **mistake)
        assert state(model) == before, mistake
        np.testing.assert_allclose(asked(model, image(), 1), expected, rtol=0, atol=1e-6)


# Grad-CAM has no row with conv1: TensorFlow's ReLU turns NaN into 0 there, and the model's own output is finite.
@pytest.mark.parametrize(
    ("method", "broken", "layer"),
    [
        ("saliency", "dense", "dense"),
        ("input_x_gradient", "dense", "dense"),
        ("grad_cam", "dense", "dense"),
        ("saliency", "conv1", "dense"),
        ("input_x_gradient", "conv1", "dense"),
        ("feature_map", "conv2", "conv2"),
    ],
)
def test_nan_weights_are_said_and_leave_nothing_behind(method: str, broken: str, layer: str) -> None:
    model = models.functional()
    before, expected = state(model), truth(model, image(), 1)
    kernel = model.get_layer(broken).kernel
    kept = kernel.numpy()
    kernel.assign(kept * np.nan)
    for filters in (None, 1):
        with pytest.raises(ValueError, match=r"NaN or infinite: check (its|the model's) weights"):
            explain(model, image(), method, layer=layer, filters=filters)
    kernel.assign(kept)
    assert state(model) == before
    np.testing.assert_allclose(asked(model, image(), 1), expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_assigned_weights_change_the_next_answer(kind: str) -> None:
    model = KINDS[kind]()
    np.testing.assert_allclose(asked(model, image(), 1), truth(model, image(), 1), rtol=0, atol=1e-6)
    old = asked(model, image(), 1)
    models.fill(model, seed=7)
    np.testing.assert_allclose(asked(model, image(), 1), truth(model, image(), 1), rtol=0, atol=1e-6)
    assert np.abs(asked(model, image(), 1) - old).max() > 1e-3


def test_training_further_changes_the_next_answer() -> None:
    model = models.functional()
    old = asked(model, image(), 1)
    model.compile(keras.optimizers.SGD(0.5), "sparse_categorical_crossentropy")
    model.fit(image((16, *SHAPE)), np.arange(16) % models.CLASSES, epochs=2, verbose=0)
    np.testing.assert_allclose(asked(model, image(), 1), truth(model, image(), 1), rtol=0, atol=1e-6)
    assert np.abs(asked(model, image(), 1) - old).max() > 1e-3


def in_threads(jobs: list) -> list[Exception]:
    """Run the jobs at the same time, and give what they raised."""
    raised: list[Exception] = []
    start = threading.Barrier(len(jobs))

    def run(job) -> None:
        start.wait()
        try:
            job()
        except Exception as error:
            raised.append(error)

    threads = [threading.Thread(target=run, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


@pytest.mark.parametrize("same", [True, False], ids=["same model", "different models"])
@pytest.mark.parametrize("most_cuts", [64, 2])
def test_two_threads_get_right_answers(monkeypatch: pytest.MonkeyPatch, same: bool, most_cuts: int) -> None:
    """With few cuts kept, the trace is renewed while the other thread asks."""
    monkeypatch.setattr("salwidget.engine.network.MOST_CUTS", most_cuts)
    first = models.functional()
    second = first if same else models.fill(models.functional(), seed=7)
    call = keras.Layer.__call__

    def job(model: keras.Model):
        linear = models.fill(models.without_final(), seed=1 if model is first else 7)
        parts = [models.cut_by_keras(linear, layer) for layer in models.NAMES]
        expected = [models.tape_gradient(part, image(), [1]).sum(-1) for part in parts]

        def ask() -> None:
            for _ in range(3):
                for layer, values in zip(models.NAMES, expected, strict=True):
                    found = explain(model, image(), layer=layer, filters=1, reduce="sum").values
                    np.testing.assert_allclose(found, values, rtol=0, atol=1e-6)

        return ask

    assert in_threads([job(first), job(second)]) == []
    assert keras.Layer.__call__ is call


@pytest.mark.parametrize("question", QUESTIONS, ids=str)
def test_the_same_question_twice_is_equal_to_the_bit(model: keras.Model, question: dict[str, Any]) -> None:
    first, second = (explain(model, image(), **question) for _ in range(2))
    assert first == second
    assert first.values.tobytes() == second.values.tobytes()
    assert first.cells.tobytes() == second.cells.tobytes()


@pytest.mark.quick
@pytest.mark.parametrize("method", ["saliency", "input_x_gradient", "grad_cam"])
@pytest.mark.parametrize("form", [np.asarray, list, tuple, keras.ops.convert_to_tensor])
def test_a_batch_gives_a_list_each_as_alone(model: keras.Model, method: str, form) -> None:
    batch = image((3, *SHAPE)) * np.array([1, 5, 0.1], np.float32).reshape(3, 1, 1, 1)
    found = explain(model, form(batch), method, filters=1)
    assert [type(found), len(found)] == [list, 3]
    for each, picture in zip(found, batch, strict=True):
        alone = explain(model, picture, method, filters=1)
        assert each == alone
        np.testing.assert_array_equal(each.values, alone.values)


@pytest.mark.parametrize("form", [np.asarray, list, keras.ops.convert_to_tensor])
def test_a_greyscale_batch_needs_no_channel_axis(form) -> None:
    grey = models.fill(models.in_a_row((5, 6, 1), layers.Conv2D(2, 3), layers.Flatten(), layers.Dense(2)))
    batch = image((3, 5, 6))
    found = explain(grey, form(batch), filters=0)
    assert len(found) == 3
    for each, picture in zip(found, batch, strict=True):
        expected = np.abs(models.tape_gradient(grey, picture[..., None], [0])).max(-1)
        np.testing.assert_allclose(each.values, expected, atol=1e-6)
        assert explain(grey, picture, filters=0) == each


@pytest.mark.quick
@pytest.mark.parametrize(
    ("question", "error", "message"),
    [
        ({"method": "gradcam"}, ValueError, r"'gradcam' is not known; use one of .*grad_cam"),
        ({"reduce": "median"}, ValueError, r"reduce='median' is not known; use one of 'auto', 'max_abs'"),
        ({"penultimate_layer": 1}, TypeError, r"'saliency' has no option 'penultimate_layer'; it takes reduce"),
        ({"method": "weights", "layer": 1, "sharp": 1}, TypeError, r"has no option 'sharp'; it takes none"),
        ({"method": "feature_map", "layer": 1, "backprop_modifier": "guided"}, ValueError, "uses no gradient"),
        ({"method": "weights", "layer": 1, "grad_modifier": "relu"}, ValueError, "uses no gradient"),
    ],
)
def test_unknown_words_name_the_known(model: keras.Model, question: dict, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        explain(model, image(), **question)


@pytest.mark.quick
@pytest.mark.parametrize("shape", [(8, 8, 3), (8, 8), (7, 8, 2), (8, 8, 1)])
def test_an_image_that_does_not_fit_is_refused_with_both_shapes(model: keras.Model, shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"takes images of shape \(8, 8, 2\), but the image has \(") as caught:
        explain(model, image(shape))
    assert str(shape) in str(caught.value)


@pytest.mark.quick
def test_an_image_of_nan_is_refused(model: keras.Model) -> None:
    with pytest.raises(ValueError, match="The image holds NaN"):
        explain(model, np.full(SHAPE, np.nan, np.float32))


NO_AIMS = (None, [1], {}, True, b"1", 1j, float("nan"), 10**400, 10**5000)


@pytest.mark.parametrize(
    ("words", "error", "sentence"),
    [
        *(({"aim": aim}, ValueError, "aim is a finite number to come closer to, or one of 'increase'") for aim in NO_AIMS),
        ({"cell": 3}, TypeError, r"cell is one number for each axis of the feature map, e.g. \(row, column\), not 3"),
        ({"cell": "ab"}, TypeError, "cell is one number for each axis of the feature map"),
        *(({"seed": seed}, ValueError, r"seed=.* is not a whole number of at least 0") for seed in (-1, None, 1.5, "a", True)),
        ({"method": []}, ValueError, r"method \[\] is not known; use one of grad_cam"),
        ({"backprop_modifier": []}, ValueError, r"backprop_modifier \[\] is not known; use one of guided"),
        ({"grad_modifier": {}}, ValueError, r"grad_modifier {} is not known; use one of absolute"),
        ({"preprocess": "vgg16"}, TypeError, "preprocess is a function of an image .* not 'vgg16'"),
        ({"preprocess": {"x": np.abs}}, ValueError, "preprocess= names 'x', but the model's inputs are"),
        ({"method": "grad_cam", "token_grid": (2, 2)}, ValueError, "token_grid= is for the tokens of a transformer"),
    ],
)
def test_arguments_that_do_not_fit_are_one_sentence(words: dict, error: type[Exception], sentence: str) -> None:
    with pytest.raises(error, match=sentence):
        explain(models.functional(), image(), **words)


def test_a_number_may_be_an_array_of_no_axes() -> None:
    plain = explain(models.functional(), image(), filters=1)
    assert explain(models.functional(), image(), filters=np.array(1)) == plain
    assert explain(models.functional(), image(), filters=1, aim=np.array(2.0)).query.target.nearness_to == 2
