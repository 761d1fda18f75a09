"""Descent on the image: it does what it says, and it makes the score higher."""

from __future__ import annotations

import functools
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

from salwidget import vis
from salwidget.demo import digits
from tests import models
from tests.models import KINDS, SHAPE, image

pytestmark = pytest.mark.slow

UNIT = (-1.0, 1.0)


class Listen(vis.OptimizerCallback):
    def __init__(self) -> None:
        self.told: list[tuple[Any, ...]] = []
        self.ends = 0

    def callback(self, i, named_losses, overall_loss, grads, wrt_value) -> None:
        self.told.append((i, named_losses, overall_loss, grads, wrt_value))

    def on_end(self) -> None:
        self.ends += 1


def activation(which: int = 1) -> list[tuple[vis.Loss, float]]:
    return [(vis.ActivationMaximization(-1, which), 1)]


def logits(images: np.ndarray) -> np.ndarray:
    return models.values_of(models.without_final(), images)


def small(seed: int = 0) -> np.ndarray:
    return np.clip(0.3 * image(seed=seed), *UNIT)


@pytest.mark.parametrize(("kind", "which"), [*((kind, 3) for kind in KINDS), ("functional", 0)])
def test_raises_a_class_above_the_seed_and_above_random_images(kind: str, which: int) -> None:
    """By itself: the regularizers weigh against the score, which is small on this network."""
    alone = {"lp_norm_weight": 0, "tv_weight": 0}
    found = vis.visualize_activation(KINDS[kind](), -1, which, seed_input=small(), input_range=UNIT, **alone)
    score = logits(found[None])[0, which]
    others = np.random.default_rng(0).uniform(*UNIT, size=(200, *SHAPE)).astype("float32")
    assert score > logits(small()[None])[0, which]
    assert score > logits(others)[:, which].max()
    assert found.min() >= -1
    assert found.max() <= 1


@pytest.mark.parametrize("which", [0, 3])
def test_with_the_usual_regularizers_it_raises_the_score_and_smooths(which: int) -> None:
    found = vis.visualize_activation(models.functional(), -1, which, seed_input=small(), input_range=UNIT)
    before, after = logits(np.stack([small(), found]))[:, which]
    assert after > before
    rough = [np.abs(np.diff(each, axis=0)).mean() for each in (small(), found)]
    assert rough[1] < 0.5 * rough[0]


def test_raises_a_filter_and_all_filters() -> None:
    cut = models.cut_by_keras(models.functional(), "conv2")
    for filters in (2, None):
        found = vis.visualize_activation(models.functional(), "conv2", filters, seed_input=small(), input_range=UNIT)
        chosen = [2] if filters is not None else range(5)
        before, after = (models.values_of(cut, each[None])[0][..., chosen].mean() for each in (small(), found))
        assert after > before + 0.1


@functools.cache
def reader() -> keras.Model:
    return digits().model


def test_beats_the_best_shipped_digit() -> None:
    demo, model = digits(), reader()
    linear = vis.apply_modifications(without_softmax(model))
    found = vis.visualize_activation(model, -1, 3, input_range=(0.0, 1.0), seed=1)
    assert found.shape == demo.images.shape[1:]
    assert models.values_of(linear, found[None])[0, 3] > models.values_of(linear, demo.images)[:, 3].max()


def without_softmax(model: keras.Model) -> keras.Model:
    linear = keras.models.clone_model(model)
    linear.set_weights(model.get_weights())
    linear.layers[-1].activation = keras.activations.linear
    return linear


def test_a_range_of_photographs_gives_uint8() -> None:
    found = vis.visualize_activation(models.functional(), -1, 1, max_iter=3, seed=0)
    assert found.dtype == np.uint8
    assert found.shape == SHAPE
    assert vis.visualize_activation(models.functional(), -1, 1, input_range=(0, 1), max_iter=3).dtype == np.float32


def test_minimizes_a_bowl_to_its_bottom() -> None:
    bottom = 0.5 * image()

    class Bowl(vis.Loss):
        def build_loss(self) -> Any:
            return keras.ops.sum((self.image() - np.clip(bottom, *UNIT)) ** 2)

    found, gradient, value = vis.Optimizer(models.functional(), [(Bowl(), 1)], UNIT).minimize(small(1), 300, verbose=False)
    np.testing.assert_allclose(found, np.clip(bottom, *UNIT), atol=0.05)
    np.testing.assert_allclose(value[0], found)
    assert gradient.shape == (1, *SHAPE)


def test_returns_the_best_that_was_evaluated_with_its_gradient() -> None:
    model, listen = models.functional(None), Listen()
    optimizer = vis.Optimizer(model, activation(), UNIT, norm_grads=False)
    rough = keras.optimizers.SGD(50.0)  # too far each time: the last image is not the best one
    found, gradient, value = optimizer.minimize(small(), 12, callbacks=[listen], verbose=False, optimizer=rough)
    told = [loss for _, _, loss, _, _ in listen.told]
    assert min(told) == pytest.approx(-logits(found[None])[0, 1], abs=1e-5)
    np.testing.assert_allclose(gradient[0], -models.tape_gradient(model, found, [1]), rtol=0, atol=1e-5)
    np.testing.assert_array_equal(value[0], found)


@pytest.mark.quick
def test_one_iteration_is_the_value_and_gradient_at_the_seed() -> None:
    model = models.functional(None)
    far = 300 * image()  # outside the range, which does not matter where nothing moves
    found, gradient, value = vis.Optimizer(model, activation(), norm_grads=False).minimize(far, 1, verbose=False)
    np.testing.assert_array_equal(found, far)
    np.testing.assert_array_equal(value[0], far)
    np.testing.assert_allclose(gradient[0], -models.tape_gradient(model, far, [1]), rtol=0, atol=1e-5)


def test_norm_grads_makes_the_gradient_of_length_1() -> None:
    plain = -models.tape_gradient(models.functional(None), small(), [1])
    _, gradient, _ = vis.Optimizer(models.functional(), activation()).minimize(small(), 1, verbose=False)
    np.testing.assert_allclose(gradient[0], plain / np.sqrt((plain**2).sum()), rtol=0, atol=1e-5)


def test_one_step_of_gradient_descent_by_hand() -> None:
    listen = Listen()
    optimizer = vis.Optimizer(models.functional(), activation(), UNIT, norm_grads=False)
    sgd = keras.optimizers.SGD(0.1)
    optimizer.minimize(small(), 2, grad_modifier="negate", callbacks=[listen], verbose=False, optimizer=sgd)
    gradient = -models.tape_gradient(models.functional(None), small(), [1])
    expected = np.clip(small() + 0.1 * gradient, *UNIT)  # negated: up the loss
    np.testing.assert_allclose(listen.told[1][4][0], expected, rtol=0, atol=1e-6)
    assert not sgd.built, "the optimizer that was given is left alone"


@pytest.mark.parametrize("bounds", [UNIT, (0.0, 1.0), (-20.0, 20.0)])
def test_an_optimizer_by_name_steps_by_a_hundredth_of_the_range(bounds: tuple[float, float]) -> None:
    listen, begin = Listen(), np.clip(small(), *bounds)
    optimizer = vis.Optimizer(models.functional(), activation(), bounds, norm_grads=False)
    optimizer.minimize(begin, 2, callbacks=[listen], verbose=False, optimizer="sgd")
    gradient = -models.tape_gradient(models.functional(None), begin, [1])
    expected = np.clip(begin - 0.01 * (bounds[1] - bounds[0]) * gradient, *bounds)
    np.testing.assert_allclose(listen.told[1][4][0], expected, rtol=0, atol=1e-6)


def test_wrt_a_layer_gives_gradient_and_value_there() -> None:
    model = models.without_final()
    conv2 = model.get_layer("conv2")
    _, gradient, value = vis.Optimizer(model.input, activation(), wrt_tensor=conv2.output).minimize(small(), 1, verbose=False)
    np.testing.assert_allclose(value, models.values_of(models.cut_by_keras(model, "conv2"), small()[None]), atol=1e-6)
    assert gradient.shape == value.shape
    assert np.linalg.norm(gradient) == pytest.approx(1, rel=1e-5)


def test_other_inputs_are_held() -> None:
    left, right = keras.Input((4, 1), name="left"), keras.Input((3, 1), name="right")
    joined = layers.Concatenate()([layers.Flatten()(left), layers.Flatten()(right)])
    model = models.fill(keras.Model([left, right], layers.Dense(2)(joined)))
    seeds = {"left": np.zeros((4, 1), "float32"), "right": np.zeros((3, 1), "float32")}
    optimizer = vis.Optimizer(model, activation(0), UNIT, wrt_tensor="right")
    found, _, _ = optimizer.minimize(seeds, 250, verbose=False)
    kernel = model.get_weights()[0][4:, 0]
    np.testing.assert_allclose(found[:, 0], np.sign(kernel), atol=1e-6)


def test_a_backprop_modifier_is_followed() -> None:
    def stop(inputs: Any, outputs: Any, gradient: Any) -> Any:
        return 0 * gradient

    still = vis.visualize_activation(
        models.functional(), -1, 1, seed_input=small(), input_range=UNIT, backprop_modifier=stop, lp_norm_weight=0, tv_weight=0
    )
    np.testing.assert_array_equal(still, small())


def test_a_seed_repeats_the_noise_and_set_random_seed_all_of_it() -> None:
    def asked(**params: Any) -> np.ndarray:
        return vis.visualize_activation(models.functional(), -1, 1, input_range=UNIT, max_iter=5, **params)

    np.testing.assert_array_equal(asked(seed=3), asked(seed=3))
    assert not np.allclose(asked(seed=3), asked(seed=4))
    assert not np.allclose(asked(), asked())
    both = []
    for _ in range(2):
        vis.set_random_seed(7)
        both.append(asked(input_modifiers=[vis.Jitter(2)]))
    np.testing.assert_array_equal(*both)


def test_callbacks_are_told_of_each_step_and_of_the_end(capsys: pytest.CaptureFixture[str]) -> None:
    listen = Listen()
    losses = [*activation(), (vis.LPNorm(), 10)]
    vis.Optimizer(models.functional(), losses, UNIT).minimize(small(), 4, callbacks=[listen], verbose=True)
    assert [told[0] for told in listen.told] == [0, 1, 2, 3]
    assert listen.ends == 1
    for _, named, overall, _, value in listen.told:
        assert [name for name, _ in named] == ["ActivationMax Loss", "L-6.0 Norm Loss"]
        assert overall == pytest.approx(sum(each for _, each in named), rel=1e-5)
        assert named[0][1] == pytest.approx(-logits(value)[0, 1], abs=1e-5)
    assert capsys.readouterr().out.count("Iteration") == 4


def test_not_a_number_stops_with_a_sentence_and_ends_the_callbacks() -> None:
    class Root(vis.Loss):
        def build_loss(self) -> Any:
            return keras.ops.sum(keras.ops.sqrt(self.image()))

    listen = Listen()
    with pytest.raises(ValueError, match="NaN or infinite at iteration 1"):
        vis.Optimizer(models.functional(), [(Root(), 1)], UNIT).minimize(small(), callbacks=[listen], verbose=False)
    assert listen.ends == 1


def test_a_callback_needs_only_the_two_functions() -> None:
    class Count:
        steps = ends = 0

        def callback(self, *told: Any) -> None:
            self.steps += 1

        def on_end(self) -> None:
            self.ends += 1

    count = Count()
    vis.visualize_activation(models.functional(), -1, 1, seed_input=small(), input_range=UNIT, max_iter=4, callbacks=[count])
    assert (count.steps, count.ends) == (4, 1)
