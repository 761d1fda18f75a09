"""Models that cannot be asked, or one image at a time only: one sentence, or the right map; and other Keras than ours."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from salwidget import METHODS, SaliencyWidget, Unit, dream, explain, open_network
from tests import models
from tests.models import SHAPE, image

pytestmark = pytest.mark.slow


def reshaped(batch: int, rows: int) -> keras.Model:
    """A network that was built for batches of one size, and reshapes to it."""
    inputs = keras.Input(batch_shape=(batch, *SHAPE))
    maps = layers.Conv2D(3, 3, activation="relu")(inputs)
    return models.fill(keras.Model(inputs, layers.Dense(2)(keras.ops.reshape(maps, (rows, -1))), name="fixed"))


def of_any_batch() -> keras.Model:
    """The same network, and weights, without the batch in its reshape."""
    return models.fill(models.in_a_row(SHAPE, layers.Conv2D(3, 3, activation="relu"), layers.Flatten(), layers.Dense(2)))


ONE_BY_ONE = ["occlusion", "rise", "score_cam", "smoothgrad", "integrated_gradients", "expected_gradients", "blur_ig", "xrai"]


@pytest.mark.parametrize("method", ONE_BY_ONE)
def test_a_model_that_reshapes_to_a_batch_of_one_is_asked_one_by_one(method: str) -> None:
    options = {"negative": "keep"} if "negative" in METHODS[method].options() else {}
    found, expected = (explain(model, image(), method, filters=1, **options) for model in (reshaped(1, 1), of_any_batch()))
    np.testing.assert_allclose(found.values, expected.values, rtol=1e-4, atol=1e-5)
    assert np.abs(found.values).max() > 0
    assert found.passes == expected.passes


class Mean(keras.Model):
    def call(self, inputs: Any) -> Any:
        return tf.reduce_mean(inputs)


def mean() -> keras.Model:
    model = Mean(name="mean")
    model(image()[None])
    return model


def summed(*axes: int) -> keras.Model:
    inputs = keras.Input(SHAPE)
    return keras.Model(inputs, keras.ops.sum(layers.Conv2D(3, 3)(inputs), axis=axes or None), name="sum")


def stateful() -> keras.Model:
    inputs = keras.Input(batch_shape=(1, 6, 3))
    return keras.Model(inputs, layers.Dense(2)(layers.LSTM(4, stateful=True, name="memory")(inputs)), name="recurrent")


class EagerOnly(keras.Model):
    def call(self, inputs: Any) -> Any:
        return tf.constant(np.tanh(inputs.numpy()))


def eager_only() -> keras.Model:
    model = EagerOnly(name="eager")
    model(image()[None])
    return model


def of_texts() -> keras.Model:
    inputs = keras.Input((1,), dtype="string", name="words")
    return keras.Model(inputs, layers.Embedding(5, 2)(layers.StringLookup(vocabulary=["a", "b"])(inputs)), name="reader")


# A model, an image for it, and the sentence.
ODD = {
    "reshapes to four": (
        lambda: reshaped(4, 4),
        SHAPE,
        r"output of fixed has the shape \(4, 2\) whatever the batch: each image",
    ),
    "a number for the batch": (
        summed,
        SHAPE,
        r"output of sum has the shape \(\) whatever the batch: each image of a batch needs",
    ),
    "the same, subclassed": (mean, SHAPE, r"output of mean has the shape \(\) whatever the batch"),
    "a sum over the batch": (lambda: summed(0, 1, 2), SHAPE, r"output of sum has the shape \(3,\) whatever the batch"),
    "a state": (stateful, (6, 3), r"recurrent keeps a state .* \(layer memory\), .*: build it again with stateful=False"),
    "numpy inside": (eager_only, SHAPE, "eager cannot be called in a graph on a batch of any size: .* no attribute 'numpy'"),
    "texts": (of_texts, (1,), "input words of reader takes text: explain the part after its lookup, which takes numbers"),
}


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("method", ["saliency", "occlusion"])
def test_models_that_cannot_be_asked_say_why(name: str, method: str) -> None:
    build, shape, sentence = ODD[name]
    with pytest.raises(ValueError, match=sentence) as caught:
        explain(build(), image(shape), method)
    assert "\n" not in str(caught.value)


def test_the_widget_and_a_dream_say_it_too() -> None:
    with pytest.raises(ValueError, match=r"has the shape \(4, 2\) whatever the batch"):
        SaliencyWidget(reshaped(4, 4), image()[None])
    with pytest.raises(ValueError, match="build it again with stateful=False"):
        dream(stateful())


def test_what_fails_while_it_runs_is_one_sentence() -> None:
    def split(inputs: Any) -> Any:
        return tf.debugging.check_numerics(tf.math.log(inputs - 100), "no logarithm")

    model = models.in_a_row(SHAPE, layers.Lambda(split), layers.Flatten(), layers.Dense(2))
    with pytest.raises(ValueError, match=r"^The model fails on this input: no logarithm : Tensor had NaN values\.$"):
        explain(model, image())


def test_outputs_that_are_no_floats_keep_their_weights() -> None:
    """The mean of two whole numbers is not cut off to a whole one."""
    model = models.in_a_row(SHAPE, layers.Flatten(), lambda x: keras.ops.cast(keras.ops.round(3 * x), "int32"))
    found = explain(model, image(), "occlusion", target=Unit(filters=(0, 1)), patch=8, fill=np.zeros(SHAPE))
    np.testing.assert_allclose(found.values, np.round(3 * image().ravel()[:2]).mean(), atol=1e-6)


def test_a_model_is_not_asked_while_a_graph_is_built() -> None:
    model = models.functional()
    explain(model, image())
    sentence = "A model cannot be opened while a graph is built: ask outside of tf.function"
    with pytest.raises(ValueError, match=sentence):
        tf.function(lambda: explain(model, image()), autograph=False)()
    with tf.Graph().as_default(), pytest.raises(ValueError, match=sentence):
        explain(model, image())


def test_an_open_scope_of_a_strategy_changes_nothing() -> None:
    outside = models.functional()
    expected = explain(outside, image(), "smoothgrad").values
    for strategy in (tf.distribute.MirroredStrategy(["CPU:0"]), tf.distribute.OneDeviceStrategy("CPU:0")):
        with strategy.scope():
            within = models.functional()
            found = [explain(each, image(), "smoothgrad").values for each in (within, outside)]
        found.append(explain(within, image(), "smoothgrad").values)
        np.testing.assert_allclose(found, [expected] * 3, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("module", ["tf_keras.src.engine.functional", "tensorflow.python.keras.engine.training"])
def test_a_model_of_keras_2_is_named(module: str) -> None:
    base = type("Model", (), {"__module__": module})
    model = type("Mine", (base,), {"__module__": "__main__"})()
    sentence = "Mine is a model of Keras 2 .* build the same one with Keras 3, and give it the weights by new.set_weights"
    for ask in (explain, SaliencyWidget):
        with pytest.raises(TypeError, match=sentence):
            ask(model, image())


@pytest.mark.quick
@pytest.mark.parametrize("value", [None, "model.keras", layers.Dense(2), np.zeros(3)])
def test_what_is_no_model(value: Any) -> None:
    with pytest.raises(TypeError, match=f"A Keras model is needed, not {type(value).__name__}; load one with"):
        open_network(value)
    with pytest.raises(TypeError, match="A Keras model is needed, not the class Model itself"):
        open_network(keras.Model)  # type: ignore[arg-type]


# Keras is there already, on another backend than the environment says by now.
LOADED = """import os, sys, types
keras = sys.modules["keras"] = types.ModuleType("keras")
keras.config = types.SimpleNamespace(backend=lambda: "numpy")
os.environ["KERAS_BACKEND"] = "tensorflow"
import salwidget"""


@pytest.mark.quick
@pytest.mark.parametrize(
    ("backend", "code"),
    [
        ("jax", "import salwidget"),
        ("torch", "import salwidget"),
        ("numpy", "import salwidget"),
        ("numpy", LOADED),
        ("jax", "from salwidget import explain"),
    ],
)
def test_another_backend_of_keras_is_refused_by_name(backend: str, code: str) -> None:
    """Also where the other one is not installed, which Keras itself says without a word of salwidget."""
    sentence = f"salwidget needs Keras with TensorFlow, but its backend is {backend!r}: set KERAS_BACKEND=tensorflow"
    ran = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "KERAS_BACKEND": backend, "TF_CPP_MIN_LOG_LEVEL": "3"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 1
    assert ran.stderr.strip().splitlines()[-1].startswith(f"ImportError: {sentence}")


def test_the_backend_of_keras_json_is_seen(tmp_path: Any) -> None:
    (tmp_path / "keras.json").write_text('{"backend": "numpy"}')
    env = {name: value for name, value in os.environ.items() if name != "KERAS_BACKEND"}
    ran = subprocess.run(
        [sys.executable, "-c", "import salwidget"],
        env={**env, "KERAS_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "ImportError: salwidget needs Keras with TensorFlow, but its backend is 'numpy'" in ran.stderr
