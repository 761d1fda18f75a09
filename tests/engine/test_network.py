"""Layers are counted as Keras counts them, found by index and name, and a dropped model is freed."""

from __future__ import annotations

import functools
import gc
import weakref

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from salwidget import explain, open_network
from tests import models
from tests.models import KINDS, NAMES, SHAPE, image


def names(model: keras.Model) -> list[str]:
    return [layer.name for layer in open_network(model, SHAPE).layers]


@pytest.fixture
def flat() -> keras.Model:
    return models.functional()


@functools.cache
def application(name: str) -> keras.Model:
    return getattr(keras.applications, name)(weights=None, classes=10)


@pytest.mark.parametrize("build", [models.functional, models.sequential])
def test_flat_indices_are_those_of_model_layers(build) -> None:
    model = build()
    assert names(model) == [layer.name for layer in model.layers]
    assert [layer.index for layer in open_network(model).layers] == list(range(len(model.layers)))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["MobileNetV2", "InceptionV3"])
def test_indices_of_applications_are_those_of_model_layers(name: str) -> None:
    """InceptionV3's layers are called in another order than ``model.layers`` lists them in."""
    model = application(name)
    network = open_network(model)
    assert names(model) == [layer.name for layer in model.layers]
    assert all(network.keras_layer(layer) is model.layers[layer.index] for layer in network.layers)
    assert [layer.shape for layer in network.layers] == [tuple(layer.output.shape)[1:] for layer in model.layers]
    assert network.parameters == model.count_params()


def test_nested_layers_are_opened_in_place() -> None:
    assert [name for name in names(models.nested()) if name in NAMES] == list(NAMES)
    assert names(models.nested())[1:] == list(NAMES)  # no layer of its own for a model that ends in one of its parts


def test_subclassed_layers_stand_in_call_order() -> None:
    assert names(models.subclassed()) == list(NAMES)


@pytest.mark.slow
def test_subclassed_layers_declared_out_of_order_still_end_in_the_output() -> None:
    class Backwards(keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.dense = layers.Dense(3, name="dense", activation="softmax")
            self.mean = layers.GlobalAveragePooling2D(name="mean")
            self.conv = layers.Conv2D(4, 3, name="conv")

        def call(self, inputs):
            return self.dense(self.mean(self.conv(inputs)))

    model = Backwards()
    model(image()[None])
    assert names(model) == ["conv", "mean", "dense"]
    assert explain(model, image()).target.startswith("layer 2 dense, filter")
    assert "conv" in explain(model, image(), "grad_cam").notes[0]


def test_a_raw_softmax_in_call_makes_the_model_itself_the_last_layer() -> None:
    model = models.softmax_in_call()
    assert names(model) == [*NAMES, "raw"]
    assert open_network(model, SHAPE).output.name == "raw"


def test_each_call_of_a_shared_layer_is_one() -> None:
    shared = layers.Conv2D(2, 3, padding="same", name="twice")
    model = models.in_a_row(SHAPE, shared, layers.ReLU(name="gate"), shared)
    assert names(model)[1:] == ["twice", "gate", "twice#2"]
    values = open_network(model).activations([image()[None]], open_network(model).layer("twice#2"))
    np.testing.assert_allclose(values, models.values_of(model, image()[None]), atol=1e-6)


def test_a_model_with_several_outputs_is_explained_by_its_first() -> None:
    class Two(keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.conv = layers.Conv2D(3, 3)

        def call(self, inputs):
            maps = self.conv(inputs)
            return tf.reduce_mean(maps, (1, 2)), maps

    model = Two()
    first = model(image()[None])[0].numpy()
    assert explain(model, image(), filters=2).score == pytest.approx(first[0, 2], abs=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("layer", NAMES)
def test_activations_equal_the_part_that_keras_cuts(flat: keras.Model, kind: str, layer: str) -> None:
    model, batch = KINDS[kind](), image((3, *SHAPE))
    network = open_network(model, SHAPE)
    expected = models.values_of(models.cut_by_keras(flat, layer), batch)
    np.testing.assert_allclose(network.activations([batch], network.layer(layer)), expected, atol=1e-6)


def test_predict_and_means_over_channels(flat: keras.Model) -> None:
    network, batch = open_network(flat), image((3, *SHAPE))
    np.testing.assert_allclose(network.predict([batch]), models.values_of(flat, batch), atol=1e-6)
    chosen = [network.layer("conv1"), network.layer("pool")]
    for layer, found in zip(chosen, network.means_over_channels([batch], chosen), strict=True):
        expected = models.values_of(models.cut_by_keras(flat, layer.name), batch).mean(-1)
        np.testing.assert_allclose(found, expected, atol=1e-6)


def test_channels_first_is_read_from_the_layer_and_shown_channels_last() -> None:
    """S = w . mean over space of each channel, so dS/dx is w / (H W) everywhere."""
    pool = layers.GlobalAveragePooling2D(data_format="channels_first")
    model = models.fill(models.in_a_row((2, 4, 6), pool, layers.Dense(3)))
    network = open_network(model)
    assert network.inputs[0].image_shape == (4, 6, 2)
    found = explain(model, image((4, 6, 2)), filters=1, reduce="sum")
    np.testing.assert_allclose(found.values, np.full((4, 6), model.layers[-1].kernel.numpy()[:, 1].sum() / 24), atol=1e-6)


def test_one_network_for_each_model_object(flat: keras.Model) -> None:
    assert open_network(flat) is open_network(flat)
    assert open_network(flat) is not open_network(models.functional())


@pytest.mark.slow
def test_a_subclassed_model_is_opened_again_for_another_size() -> None:
    model = models.subclassed()
    for shape in (SHAPE, (12, 9, 2)):
        linear = models.fill(models.in_a_row(shape, *models.parts(None)))
        found = explain(model, image(shape), filters=0, reduce="sum")
        np.testing.assert_allclose(found.values, models.tape_gradient(linear, image(shape), [0]).sum(-1), atol=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("which", "message"),
    [
        ("conv3", r"no layer 'conv3' in flat; the nearest are conv\d, conv\d"),
        ("dens", "the nearest are dense"),
        (7, r"layer 7 is out of range: flat has 7 layers, 0 to 6"),
        (-8, r"layer -8 is out of range: flat has 7 layers, 0 to 6"),
    ],
)
def test_unknown_layer_names_the_nearest_or_the_count(flat: keras.Model, which: int | str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        explain(flat, image(), layer=which)


@pytest.mark.parametrize("which", [True, 1.0, None])
def test_a_layer_is_an_index_or_a_name(flat: keras.Model, which: object) -> None:
    with pytest.raises(TypeError, match="index or its name"):
        explain(flat, image(), layer=which)


@pytest.mark.parametrize("thing", ["model.keras", "legacy_h5/mnist_keras2_functional.h5", None, layers.Dense(2)])
def test_not_a_model_is_said_with_its_type(thing: object) -> None:
    with pytest.raises(TypeError, match=rf"A Keras model is needed, not {type(thing).__name__}.*load_model"):
        explain(thing, image())


def test_inputs_of_too_many_axes_are_refused_with_their_shape() -> None:
    model = models.in_a_row((2, 2, 2, 2, 3), layers.Flatten(), layers.Dense(2))
    with pytest.raises(ValueError, match=r"has shape \(None, 2, 2, 2, 2, 3\); signals \(batch, L, C\), images"):
        explain(model, image((2, 2, 2, 2, 3)))


def test_unbuilt_models_are_refused_in_a_sentence() -> None:
    model = keras.Sequential([layers.Conv2D(2, 3), layers.Flatten(), layers.Dense(2)], name="raw")
    with pytest.raises(ValueError, match="raw is not built and has no weights yet"):
        open_network(model)
    with pytest.raises(ValueError, match=r"raw.*built") as caught:
        explain(model, image())
    assert "count_params" not in str(caught.value)  # Keras's words for a call that nobody asked for


def test_a_subclassed_model_learns_its_shape_from_an_image() -> None:
    model = models.subclassed_of(SHAPE, *models.parts())
    with pytest.raises(ValueError, match="does not know its input shape: pass an image"):
        open_network(model)
    assert [layer.name for layer in open_network(model, SHAPE).layers] == list(NAMES)


@pytest.mark.slow
def test_a_model_that_is_gone_is_said() -> None:
    network = open_network(models.functional())
    gc.collect()
    with pytest.raises(ValueError, match="model is gone"):
        _ = network.model


def freed_after(build, rule_for) -> bool:
    """Whether a model is freed once it was explained under a backprop rule and dropped."""
    model = build()
    assert explain(model, image(), backprop_modifier=rule_for(model)).values.any()
    reference = weakref.ref(model)
    del model
    gc.collect()
    return reference() is None


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rule", [None, "guided"])
def test_dropping_the_model_frees_it(kind: str, rule: str | None) -> None:
    assert freed_after(KINDS[kind], lambda _: rule)


@pytest.mark.slow
def test_dropping_the_model_frees_it_after_a_rule_that_mentions_it() -> None:
    assert freed_after(models.functional, lambda model: lambda _i, _o, gradient: gradient * len(model.layers))
