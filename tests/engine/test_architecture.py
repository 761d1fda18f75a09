"""A model that is made of something else than when it was traced is noticed, and asked as it is now."""

from __future__ import annotations

import gc
import threading
import types
import weakref
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from salwidget import explain, open_network
from tests import models
from tests.models import SHAPE, image

pytestmark = pytest.mark.slow


class Scaled(layers.Layer):
    """Settings of every kind that a person's own layer may have, and a call that leaves notes in itself."""

    def __init__(self) -> None:
        super().__init__()
        self.factor, self.steps, self.table = 1.5, [1.0, 2.0], {"shift": 0.25}
        self.squash: Callable[[Any], Any] = tf.tanh
        self.calls, self.last = 0, None

    def call(self, values: Any) -> Any:
        self.calls += 1
        self.last = values
        total = sum(step * values for step in self.steps)
        return self.squash(self.factor * total) + self.table["shift"] * values**2


class Branches(keras.Model):
    """Layers in attributes, in a list, and one that Keras knows nothing of."""

    def __init__(self) -> None:
        super().__init__()
        self.body = layers.Conv2D(3, 3)
        self.heads = [layers.Flatten(), layers.Dense(3)]
        self.hidden = types.SimpleNamespace(gate=layers.Activation("tanh"))

    def call(self, inputs: Any) -> Any:
        values = self.hidden.gate(self.body(inputs))
        for head in self.heads:
            values = head(values)
        return values


def sequence() -> keras.Model:
    steps = [layers.Conv2D(3, 3), layers.BatchNormalization(), Scaled(), layers.Flatten(), layers.Dense(3)]
    return models.normalised(keras.Sequential([keras.Input(SHAPE), *steps]))


def nested() -> keras.Model:
    return models.fill(models.in_a_row(SHAPE, layers.Conv2D(2, 1), sequence_of(2), layers.Dense(3)))


def sequence_of(channels: int) -> keras.Model:
    return keras.Sequential([keras.Input((8, 8, channels)), layers.Conv2D(3, 3), layers.Flatten(), layers.Dense(4)])


def branches() -> keras.Model:
    model = Branches()
    model(np.zeros((1, *SHAPE), np.float32))
    return models.fill(model)


def sequence_without_input() -> keras.Model:
    model = keras.Sequential([layers.Conv2D(3, 3), layers.Flatten(), layers.Dense(3)])
    model(np.zeros((1, *SHAPE), np.float32))
    return models.fill(model)


def popped(model: keras.Sequential, *added: keras.Layer) -> None:
    model.pop()
    for layer in added:
        model.add(layer)


def with_lora(layer: keras.Layer) -> None:
    layer.enable_lora(1)
    layer.lora_kernel_b.assign(np.ones(layer.lora_kernel_b.shape))  # zero at first, which changes nothing


def twice(layer: keras.Layer) -> Callable[[Any], Any]:
    original = layer.call
    return lambda values, **given: 2 * original(values, **given) ** 2


def swapped(owner: Any, place: Any, layer: keras.Layer) -> None:
    layer(np.zeros((1, *SHAPE) if place == "body" else (1, 108), np.float32))
    if isinstance(place, int):
        owner[place] = layer
    else:
        owner._tracker.unlock()  # Keras asks whoever changes a built model to say so
        setattr(owner, place, layer)


Change = Callable[[Any], Any]
CHANGES: dict[str, tuple[Callable[[], keras.Model], Change]] = {
    "pop and add": (sequence, lambda model: popped(model, layers.Dense(3))),
    "pop and add others": (sequence, lambda model: popped(model, layers.Dense(5, activation="softplus"), layers.Dense(4))),
    "add": (sequence, lambda model: model.add(layers.Dense(4))),
    "pop of a sequence that learned its input's shape": (sequence_without_input, lambda model: popped(model, layers.Dense(4))),
    "pop inside": (nested, lambda model: popped(model.layers[2], layers.Dense(4, activation="softplus"))),
    "enable_lora": (sequence, lambda model: with_lora(model.layers[-1])),
    "enable_lora of a convolution": (sequence, lambda model: with_lora(model.layers[0])),
    "quantize": (sequence, lambda model: model.quantize("int8")),
    "dtype policy": (sequence, lambda model: setattr(model.layers[0], "dtype_policy", keras.DTypePolicy("mixed_bfloat16"))),
    "activation": (sequence, lambda model: setattr(model.layers[0], "activation", keras.activations.softplus)),
    "a switch": (sequence, lambda model: setattr(model.layers[0], "use_bias", False)),
    "epsilon of a folded normalisation": (sequence, lambda model: setattr(model.layers[1], "epsilon", 2.0)),
    "a call replaced": (sequence, lambda model: setattr(model.layers[-1], "call", twice(model.layers[-1]))),
    "a normalisation's call replaced": (sequence, lambda model: setattr(model.layers[1], "call", twice(model.layers[1]))),
    "a method of the class": (sequence, lambda model: None),
    "a number of one's own": (sequence, lambda model: setattr(model.layers[2], "factor", -0.7)),
    "a number in a list": (sequence, lambda model: model.layers[2].steps.append(3.0)),
    "a number in a dict": (sequence, lambda model: model.layers[2].table.__setitem__("shift", -1.0)),
    "a function of one's own": (sequence, lambda model: setattr(model.layers[2], "squash", tf.sin)),
    "a layer in an attribute": (branches, lambda model: swapped(model, "body", layers.Conv2D(3, 3, activation="softplus"))),
    "a layer in a list": (branches, lambda model: swapped(model.heads, 1, layers.Dense(3, activation="softplus"))),
    "a setting out of Keras' sight": (branches, lambda model: setattr(model.hidden.gate, "activation", tf.sin)),
}


@pytest.mark.parametrize("name", CHANGES)
def test_maps_follow_what_a_model_is_made_of(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    keras.utils.set_random_seed(0)
    make, change = CHANGES[name]
    model, picture = make(), image(SHAPE)
    before = explain(model, picture, filters=1).values
    network = open_network(model, SHAPE)
    if name == "a method of the class":
        monkeypatch.setattr(Scaled, "call", lambda self, values: tf.sin(3 * values))
    change(model)
    assert not network.is_current
    for _ in range(2):
        after = explain(model, picture, filters=1).values
        expected = np.abs(models.tape_gradient(model, picture, [1])).max(-1)
        np.testing.assert_allclose(after, expected, rtol=1e-4, atol=1e-4 * expected.max())
    assert np.abs(after - before).max() > 2e-4 * np.abs(before).max()
    renewed = open_network(model, SHAPE)
    assert renewed is not network
    assert renewed.is_current
    # Nothing that was remembered of the old model is left in the new one.
    assert renewed.output.filters == model(picture[None]).shape[-1]


def test_rectifiers_and_the_refusals_that_follow_from_them_are_counted_anew() -> None:
    model, picture = (
        keras.Sequential([keras.Input(SHAPE), layers.Conv2D(2, 3), layers.Flatten(), layers.Dense(2)]),
        image(SHAPE),
    )
    with pytest.raises(ValueError, match="this model has no rectifier"):
        explain(model, picture, backprop_modifier="guided")
    model.layers[0].activation = keras.activations.relu
    assert open_network(model).rectifiers == 1
    assert explain(model, picture, backprop_modifier="guided").values.any()


class Freezing(layers.Layer):
    def call(self, values: Any) -> Any:
        return values if self.trainable else values**2


@pytest.mark.quick
def test_being_trainable_counts_where_a_call_reads_it() -> None:
    model = models.in_a_row(SHAPE, layers.Conv2D(2, 3), Freezing(), layers.Flatten(), layers.Dense(2))
    network, picture = open_network(model), image(SHAPE)
    model.layers[1].trainable = False
    assert network.is_current
    model.layers[2].trainable = False
    assert not network.is_current
    expected = np.abs(models.tape_gradient(model, picture, [0])).max(-1)
    np.testing.assert_allclose(explain(model, picture, filters=0).values, expected, rtol=1e-4, atol=1e-5)


def trained(model: keras.Model, folder: Any) -> None:
    images, labels = np.stack([image(SHAPE, seed) for seed in range(4)]), np.arange(4) % 3
    model.trainable = False
    model.trainable = True
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
    model.fit(images, labels, epochs=2, verbose=0, callbacks=[keras.callbacks.EarlyStopping("loss")])
    model.evaluate(images, labels, verbose=0)
    model.predict(images, verbose=0)
    model(images, training=True)
    model.summary(print_fn=lambda *_, **__: None)
    model.get_config()
    model.save(folder / "model.keras")
    model.save_weights(folder / "model.weights.h5")
    model.load_weights(folder / "model.weights.h5")
    model.export(folder / "exported", verbose=False)


@pytest.mark.parametrize("make", [sequence, nested])
@pytest.mark.parametrize("first", ["asked first", "trained first"])
def test_what_keras_notes_while_it_trains_and_saves_is_no_change(make: Any, first: str, tmp_path: Any) -> None:
    model = make()
    if first == "trained first":
        trained(model, tmp_path)
    network = open_network(model)
    for seed in range(2):  # the first training makes variables, the second finds them
        explain(model, image(SHAPE, seed), "grad_cam", filters=seed)
        trained(model, tmp_path)
        assert open_network(model) is network


@pytest.mark.quick
def test_a_variable_of_one_number_that_is_equal_to_the_old_is_another() -> None:
    """``==`` of the two is true."""

    class Held(layers.Layer):
        def __init__(self) -> None:
            super().__init__()
            self.scale = keras.Variable(2.0)

        def call(self, values: Any) -> Any:
            return values * self.scale

    held = Held()
    model = keras.Sequential([keras.Input(SHAPE), held, layers.GlobalAveragePooling2D()])
    explain(model, image(SHAPE), "saliency", filters=1)
    held._tracker.unlock()
    held.scale = keras.Variable(2.0)
    held.scale.assign(5.0)
    slope = explain(model, image(SHAPE), "saliency", filters=1).values
    np.testing.assert_allclose(slope, 5 / np.prod(SHAPE[:-1]), rtol=1e-6)


def test_a_layer_at_the_address_of_one_that_is_gone_is_another() -> None:
    model = sequence()
    for _ in range(8):
        network = open_network(model)
        model.pop()
        gc.collect()  # what comes now may lie where it lay
        model.add(layers.Dense(3, name="again"))
        assert not network.is_current


@pytest.mark.parametrize("make", [sequence, nested, branches])
def test_what_is_known_of_a_model_does_not_keep_it(make: Any) -> None:
    model = make()
    explain(model, image(SHAPE))
    gone = weakref.ref(model)
    del model
    gc.collect()
    assert gone() is None


@pytest.mark.quick
def test_two_threads_that_notice_a_change_get_one_network() -> None:
    model = sequence()
    open_network(model)
    model.add(layers.Dense(2))
    found: list[Any] = []
    threads = [threading.Thread(target=lambda: found.append(open_network(model))) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(set(map(id, found))) == 1
    assert found[0].output.filters == 2


def test_a_layer_that_is_made_in_the_call_and_gone_after_it_is_no_change() -> None:
    model = models.fill(
        models.subclassed_of(SHAPE, layers.Conv2D(3, 3), lambda x: layers.ReLU()(x), layers.Flatten(), layers.Dense(2))
    )
    truth = models.tape_gradient(model, image(), [1]).sum(-1)
    for _ in range(3):
        np.testing.assert_allclose(explain(model, image(), filters=1, reduce="sum").values, truth, rtol=0, atol=1e-5)
        gc.collect()
