"""What the optimizer of images may be asked, and what it refuses."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

from salwidget import vis
from tests import models
from tests.models import image
from tests.vis.test_optimizer import UNIT, Listen, activation, small

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"seed_input": 5 * image()}, "outside input_range"),
        ({"seed_input": np.stack([small(), small()])}, "begins with one"),
        ({"max_iter": 0}, "at least 1"),
        ({"input_range": (1, 1)}, "is empty"),
        ({"grad_modifier": lambda g: g[:1]}, "keep the shape"),
        ({"optimizer": "downhill"}, "Keras knows no optimizer 'downhill'"),
    ],
)
def test_mistakes_get_a_sentence(change: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        vis.visualize_activation(models.functional(), -1, 1, **{"input_range": UNIT, **change})


@pytest.mark.quick
def test_a_model_of_any_size_asks_for_a_seed() -> None:
    model = models.fill(models.in_a_row((None, None, 1), layers.Conv2D(1, 3), layers.GlobalAveragePooling2D()))
    with pytest.raises(ValueError, match="pass a seed_input"):
        vis.visualize_activation(model, -1, 0)


def test_knows_whether_it_moves_the_input() -> None:
    model = models.functional(None)
    conv2 = model.get_layer("conv2")
    for wrt, moves in [
        (None, True),
        (model.input, True),
        (model.inputs, True),
        (0, True),
        (conv2.output, False),
        (conv2, False),
    ]:
        optimizer = vis.Optimizer(model.input, activation(), wrt_tensor=wrt)
        assert optimizer.wrt_tensor_is_input_tensor is moves
        assert optimizer.wrt_tensor.name == ("conv2" if not moves else model.input.name)
        assert optimizer.input_tensor is model.input


def test_none_stands_for_no_modifiers_callbacks_and_losses() -> None:
    losses = [*activation(), (vis.LPNorm(), None), (vis.TotalVariation(), 0)]
    found, gradient, _ = vis.Optimizer(models.functional(), losses, norm_grads=False).minimize(
        small(), 1, input_modifiers=None, grad_modifier=None, callbacks=None, verbose=False
    )
    np.testing.assert_array_equal(found, small())
    np.testing.assert_allclose(gradient[0], -models.tape_gradient(models.functional(None), small(), [1]), rtol=0, atol=1e-5)
    none = {"lp_norm_weight": None, "tv_weight": None, "seed_input": small(), "input_range": UNIT, "max_iter": 3}
    zero = {**none, "lp_norm_weight": 0, "tv_weight": 0}
    raised = [vis.visualize_activation(models.functional(), -1, 1, **weights) for weights in (none, zero)]
    np.testing.assert_array_equal(*raised)


@pytest.mark.parametrize("score", ["logit", "probability", "log_probability"])
def test_the_score_that_is_raised_may_be_chosen(score: str) -> None:
    """One step of plain descent by hand: along the gradient of that score."""
    unweighted = {"act_max_weight": 2, "lp_norm_weight": 0, "tv_weight": 0, "optimizer": keras.optimizers.SGD(0.1)}
    listen = Listen()
    asked = {"seed_input": small(), "input_range": UNIT, "max_iter": 2, "callbacks": [listen], "score": score, **unweighted}
    vis.visualize_activation(models.functional(), -1, 1, **asked)
    gradient = models.tape_gradient(models.functional(None if score == "logit" else "softmax"), small(), [1])
    if score == "log_probability":
        gradient /= models.values_of(models.functional(), small()[None])[0, 1]
    expected = np.clip(small() + 0.1 * gradient / np.linalg.norm(gradient), *UNIT)
    np.testing.assert_allclose(listen.told[1][4][0], expected, rtol=0, atol=1e-6)


def test_of_a_vector_all_has_its_own_shape() -> None:
    kernel = np.array([[1.0, -2.0], [0.5, 3.0], [-4.0, 1.0]], "float32")
    model = models.in_a_row((3,), layers.Dense(2, use_bias=False))
    model.layers[-1].kernel.assign(kernel)
    found, gradient, value = vis.Optimizer(model, activation(1), UNIT, norm_grads=False).minimize(
        np.zeros((1, 3), "float32"), 250, verbose=False
    )
    np.testing.assert_allclose(found, np.sign(kernel[:, 1]), atol=1e-6)
    np.testing.assert_allclose(gradient, -kernel[None, :, 1], atol=1e-6)
    np.testing.assert_array_equal(value, found[None])
    dreamed = vis.visualize_activation(model, -1, 1, input_range=UNIT, max_iter=250, lp_norm_weight=0, seed=0)
    np.testing.assert_allclose(dreamed, np.sign(kernel[:, 1]), atol=1e-6)
