"""Changed activations take effect, layers are found and counted, rules are carried."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

import salwidget
from salwidget import vis
from tests import models
from tests.models import KINDS, NAMES, image

pytestmark = pytest.mark.slow


def dense_of(model: keras.Model) -> keras.Layer:
    return model.parts[-1] if hasattr(model, "parts") else model.get_layer("dense")


@pytest.mark.parametrize("kind", KINDS)
def test_a_changed_activation_takes_effect_everywhere(kind: str) -> None:
    model = KINDS[kind]()
    probabilities = model.predict(image()[None], verbose=0)
    before = vis.visualize_saliency(model, -1, 1, image(), score="probability", normalize=False)
    dense_of(model).activation = keras.activations.linear
    # The reason for the function: what was compiled keeps the softmax.
    np.testing.assert_array_equal(model.predict(image()[None], verbose=0), probabilities)

    renewed = vis.apply_modifications(model)
    logits = models.values_of(models.without_final(), image()[None])
    np.testing.assert_allclose(renewed.predict(image()[None], verbose=0), logits, rtol=0, atol=1e-5)
    np.testing.assert_allclose(models.values_of(renewed, image()[None]), logits, rtol=0, atol=1e-5)
    gradient = np.abs(models.tape_gradient(models.without_final(), image(), [1])).max(-1)
    found = vis.visualize_saliency(renewed, -1, 1, image(), normalize=False)
    np.testing.assert_allclose(found, gradient, rtol=0, atol=1e-5)
    assert not np.allclose(found, before)
    indices = [salwidget.open_network(each, models.SHAPE).layer("conv2").index for each in (model, renewed)]
    assert indices[0] == indices[1], "layers keep their numbers"


def test_a_clone_is_independent() -> None:
    model = models.functional()
    renewed = vis.apply_modifications(model)
    model.get_layer("dense").kernel.assign(0 * model.get_layer("dense").kernel)
    expected = models.values_of(models.functional(), image()[None])
    np.testing.assert_allclose(models.values_of(renewed, image()[None]), expected, rtol=0, atol=1e-6)


def halved(x: Any) -> Any:
    return 0.5 * x


def test_custom_objects_and_what_cannot_be_built_again() -> None:
    model = models.functional()
    model.get_layer("dense").activation = halved
    renewed = vis.apply_modifications(model, custom_objects={"halved": halved})
    half = 0.5 * models.values_of(models.without_final(), image()[None])
    np.testing.assert_allclose(models.values_of(renewed, image()[None]), half, rtol=0, atol=1e-6)
    model.get_layer("dense").activation = lambda x: x
    with pytest.warns(UserWarning, match="lambda"), pytest.raises(ValueError, match="custom_objects"):
        vis.apply_modifications(model)


@pytest.mark.quick
def test_find_layer_idx_is_the_place_in_model_layers() -> None:
    for model in (models.functional(), models.sequential()):
        for name in NAMES:
            assert vis.find_layer_idx(model, name) == [layer.name for layer in model.layers].index(name)
    with pytest.raises(ValueError, match=r"There is no layer 'con'.*conv"):
        vis.find_layer_idx(models.functional(), "con")


def test_find_layer_idx_of_a_nested_model_fits_wherever_an_index_is_taken() -> None:
    model = models.nested()
    by_index = vis.visualize_saliency(model, vis.find_layer_idx(model, "conv2"), 3, image())
    np.testing.assert_array_equal(by_index, vis.visualize_saliency(models.functional(), "conv2", 3, image()))


@pytest.mark.quick
def test_get_num_filters() -> None:
    for model in (models.functional(), models.sequential()):
        found = [vis.get_num_filters(model.get_layer(name)) for name in NAMES]
        assert found == [3, 5, 5, 5, 5, 4]
    network = salwidget.open_network(models.nested())
    assert vis.get_num_filters(network.layer("conv2")) == 5
    inside = models.subclassed().parts
    assert vis.get_num_filters(inside[0]) == 3
    assert vis.get_num_filters(inside[-1]) == 4
    with pytest.raises(ValueError, match="does not know its output"):
        vis.get_num_filters(inside[3])
    first = layers.Conv2D(7, 3, data_format="channels_first")
    first(keras.Input((2, 8, 8)))
    assert vis.get_num_filters(first) == 7


@pytest.mark.quick
def test_lookup_imagenet_labels() -> None:
    assert vis.lookup_imagenet_labels(20) == ["water ouzel"]
    assert vis.lookup_imagenet_labels([0, 999]) == ["tench", "toilet tissue"]
    with pytest.raises(ValueError, match="classes 0 to 999, not 1000"):
        vis.lookup_imagenet_labels([0, 1000])


@pytest.mark.parametrize("kind", KINDS)
def test_a_modified_model_carries_its_rule_and_the_model_is_left_alone(kind: str) -> None:
    model = KINDS[kind]()
    plain = vis.visualize_saliency(model, -1, 1, image(), normalize=False)
    guided = vis.visualize_saliency(model, -1, 1, image(), backprop_modifier="guided", normalize=False)
    modified = vis.modify_model_backprop(model, "guided")
    assert not np.allclose(plain, guided)
    np.testing.assert_array_equal(vis.visualize_saliency(modified, -1, 1, image(), normalize=False), guided)
    losses = [(vis.ActivationMaximization("dense", 1), -1)]
    found = vis.visualize_saliency_with_losses(modified.input, losses, image(), normalize=False)
    np.testing.assert_array_equal(found, guided)
    assert modified.name == model.name
    np.testing.assert_array_equal(modified.predict(image()[None], verbose=0), model.predict(image()[None], verbose=0))
    np.testing.assert_array_equal(vis.visualize_saliency(model, -1, 1, image(), normalize=False), plain)


def test_a_cam_and_an_activation_follow_the_rule_of_a_modified_model() -> None:
    model = models.functional()
    modified = vis.modify_model_backprop(model, "rectified")
    expected = vis.visualize_cam(model, -1, 1, image(), "conv2", "rectified", normalize=False)
    np.testing.assert_array_equal(vis.visualize_cam(modified, -1, 1, image(), "conv2", normalize=False), expected)
    assert not np.allclose(vis.visualize_cam(model, -1, 1, image(), "conv2", normalize=False), expected)


def test_one_rule_at_a_time() -> None:
    modified = vis.modify_model_backprop(models.functional(), "guided")
    with pytest.raises(ValueError, match="carries backprop_modifier 'guided' already"):
        vis.visualize_saliency(modified, -1, 1, image(), backprop_modifier="relu")
    with pytest.raises(ValueError, match="backprop_modifier 'guidd' is not known"):
        vis.modify_model_backprop(models.functional(), "guidd")


def test_set_random_seed_repeats_numpy_keras_and_our_own() -> None:
    def drawn() -> list[np.ndarray]:
        return [np.random.random(3), np.asarray(keras.random.normal((3,))), vis.random_array((3,))]  # noqa: NPY002

    vis.set_random_seed()
    first = drawn()
    vis.backend.set_random_seed(1337)
    for one, other in zip(first, drawn(), strict=True):
        np.testing.assert_array_equal(one, other)
