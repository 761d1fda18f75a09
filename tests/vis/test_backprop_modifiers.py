"""guided(model) and rectified(model), as in keras-vis, against rules written by hand."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

import salwidget
from salwidget import vis
from tests import models
from tests.models import image
from tests.vis.test_saliency import by_rule

pytestmark = pytest.mark.slow

HANDS = {
    "guided": lambda y, r: tf.where((y > 0) & (r > 0), r, 0),
    "rectified": lambda y, r: tf.where(r > 0, r, 0),
}
raw: dict[str, Any] = {"grad_modifier": None, "keepdims": True, "normalize": False}


@pytest.mark.parametrize("name", ["guided", "rectified", "relu", "deconv"])
@pytest.mark.parametrize("kind", ["functional", "subclassed"])
def test_a_modifier_takes_a_model_and_gives_one_back(kind: str, name: str) -> None:
    expected = by_rule(HANDS["guided" if name == "guided" else "rectified"])
    model = models.KINDS[kind]()
    for modifier in (getattr(vis.backprop_modifiers, name), vis.backprop_modifiers.get(name)):
        np.testing.assert_allclose(vis.visualize_saliency(modifier(model), -1, 1, image(), **raw), expected, atol=1e-5)
        given = vis.visualize_saliency(model, -1, 1, image(), backprop_modifier=modifier, **raw)
        np.testing.assert_allclose(given, expected, atol=1e-5)


@pytest.mark.quick
def test_get_leaves_a_callable_as_it_is() -> None:
    assert vis.backprop_modifiers.get(vis.guided) is vis.guided
    assert vis.backprop_modifiers.get(abs) is abs


def test_a_function_of_the_model_may_give_another_model() -> None:
    """keras-vis's "modifier of your own": here one that takes the rectifier out."""

    def straight(model: keras.Model) -> keras.Model:
        clone = keras.models.clone_model(model)
        clone.set_weights(model.get_weights())
        clone.get_layer("conv1").activation = keras.activations.linear
        return vis.apply_modifications(clone)

    model = models.without_final()
    expected = models.tape_gradient(straight(model), image(), [1])
    found = vis.visualize_saliency(model, -1, 1, image(), backprop_modifier=straight, **raw)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5)
    assert not np.allclose(found, models.tape_gradient(model, image(), [1])), "or the modifier did nothing"


@pytest.mark.quick
def test_arguments_with_a_default_do_not_count() -> None:
    def of_the_model(model: keras.Model, rule: str = "guided") -> Any:
        return vis.modify_model_backprop(model, rule)

    def of_the_gradient(inputs: Any, outputs: Any, gradient: Any, factor: float = 2.0) -> Any:
        return factor * gradient

    model = models.functional()
    found = vis.visualize_saliency(model, -1, 1, image(), backprop_modifier=of_the_model, **raw)
    np.testing.assert_allclose(found, by_rule(HANDS["guided"]), rtol=0, atol=1e-5)
    found = vis.visualize_saliency(model, -1, 1, image(), backprop_modifier=of_the_gradient, **raw)
    np.testing.assert_allclose(found, by_rule(lambda y, r: 2 * r), rtol=0, atol=1e-5)


@pytest.mark.parametrize("way", ["input", "inputs", "one of inputs"])
@pytest.mark.parametrize("kind", ["sequential", "functional"])
def test_the_input_of_a_modified_model_carries_the_rule(kind: str, way: str) -> None:
    modified = vis.guided(models.KINDS[kind](None))
    tensor = {"input": modified.input, "inputs": modified.inputs, "one of inputs": modified.inputs[0]}[way]
    losses = [(vis.ActivationMaximization(modified.layers[-1], 1), -1)]
    found = vis.visualize_saliency_with_losses(tensor, losses, image(), **raw)
    np.testing.assert_allclose(found, by_rule(HANDS["guided"]), rtol=0, atol=1e-5)


def test_a_regularizer_of_a_modified_model_takes_its_input() -> None:
    modified = vis.guided(models.functional(None))
    for tensor in (modified.input, modified.inputs):
        losses = [(vis.LPNorm(tensor, 2), 50), (vis.ActivationMaximization(modified.layers[-1], 1), -1)]
        _, gradient, _ = vis.Optimizer(modified, losses, norm_grads=False).minimize(image(), 1, verbose=False)
        norm = 50 * image() / np.sqrt((image().astype(float) ** 2).sum()) / image().size
        np.testing.assert_allclose(gradient[0], norm + by_rule(HANDS["guided"]), rtol=0, atol=1e-5)


def test_what_takes_other_arguments_is_no_rule() -> None:
    def of_two(inputs: Any, gradient: Any) -> Any:
        return gradient

    for modifier in (of_two, vis.guided):
        with pytest.raises(ValueError, match=r"is called with \(op inputs, op outputs, gradient\), which it does not take"):
            salwidget.explain(models.functional(), image(), backprop_modifier=modifier)
    with pytest.raises(ValueError, match="backprop_modifier of_two is called with"):
        vis.visualize_saliency(models.functional(), -1, 1, image(), backprop_modifier=of_two)


def test_two_rules_for_one_model_are_refused() -> None:
    for again in (vis.rectified, "rectified"):
        with pytest.raises(ValueError, match="carries backprop_modifier 'guided' already"):
            vis.visualize_saliency(vis.guided(models.functional()), -1, 1, image(), backprop_modifier=again)
