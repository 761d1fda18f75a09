"""What is cached is never the answer of other code: methods, rules and modifiers defined anew, another preprocessing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

import salwidget
from salwidget.attribution import Answer, Context
from salwidget.attribution.explain import cached_answers, query_of
from salwidget.engine.backprop import RULES
from salwidget.engine.opening import open_network
from salwidget.grad_modifiers import MODIFIERS
from salwidget.images import Picture, picture_of
from salwidget.target import Unit
from tests.widget.conftest import small_cnn

pytestmark = pytest.mark.slow

PHOTO = np.random.default_rng(1).integers(0, 256, (16, 16, 3)).astype(np.uint8)


@pytest.fixture
def registries() -> Iterator[None]:
    kept = [(registry, dict(registry)) for registry in (salwidget.METHODS, RULES, MODIFIERS)]
    yield
    for registry, before in kept:
        registry.clear()
        registry.update(before)


def asked(
    model: keras.Model, method: str, picture: Picture | None = None, rule: Any = None, modifier: Any = None, **options: Any
):
    network = open_network(model)
    example = (picture or picture_of(PHOTO, (16, 16, 3), scaled),)
    query = query_of(network, example, method, Unit(filters=0), network.inputs[0], rule, modifier, 0, options)
    *_, last = cached_answers(network, query, example)
    return last


def scaled(image: np.ndarray) -> np.ndarray:
    return image / 255


def constant(value: float) -> type[salwidget.Method]:
    """The same source of a method but for one number, as a cell that is edited and run again makes it."""

    class Constant(salwidget.Method):
        name, title, sentence, formula, limits, paper, units = "constant", "Constant", "s", "c", "l", "p", "u"

        def refine(self, context: Context) -> Iterator[Answer]:
            yield Answer(np.full(context.image.shape[:2], value))

    return salwidget.method(Constant)


def test_what_the_package_answers_is_remembered() -> None:
    model = small_cnn()
    assert asked(model, "saliency").passes == 1
    assert asked(model, "saliency").passes == 0


@pytest.mark.usefixtures("registries")
def test_a_method_defined_again_answers_anew() -> None:
    model = small_cnn()
    for value in (1.0, 2.0, 1.0):
        constant(value)
        assert asked(model, "constant").values.max() == value


@pytest.mark.usefixtures("registries")
def test_a_method_that_takes_a_name_of_ours_answers_anew() -> None:
    model = small_cnn()
    asked(model, "saliency")
    cls = constant(3.0)
    salwidget.METHODS["saliency"] = cls
    assert asked(model, "saliency").values.max() == 3


@pytest.mark.usefixtures("registries")
def test_what_a_method_calls_may_change_too() -> None:
    """A helper in a cell of its own, run again: the class stays the same object."""
    model, helper = small_cnn(), {"value": 1.0}

    class Calling(salwidget.Method):
        name, title, sentence, formula, limits, paper, units = "calling", "Calling", "s", "c", "l", "p", "u"

        def refine(self, context: Context) -> Iterator[Answer]:
            yield Answer(np.full(context.image.shape[:2], helper["value"]))

    salwidget.method(Calling)
    assert asked(model, "calling").values.max() == 1
    helper["value"] = 2.0
    assert asked(model, "calling").values.max() == 2


@pytest.mark.usefixtures("registries")
def test_a_rule_registered_again_answers_anew() -> None:
    model = small_cnn()
    plain = asked(model, "saliency", reduce="sum").values
    found = []
    for factor in (1.0, 5.0):
        RULES["mine"] = lambda inputs, outputs, gradient, factor=factor: (
            factor * tf.raw_ops.ReluGrad(gradients=gradient, features=outputs[0])
        )
        found.append(asked(model, "saliency", rule="mine", reduce="sum").values)
    # Two rectifiers on the way, each multiplies.
    np.testing.assert_allclose(found[0], plain, rtol=1e-5, atol=1e-9)
    np.testing.assert_allclose(found[1], 25 * plain, rtol=1e-5, atol=1e-7)


@pytest.mark.quick
@pytest.mark.usefixtures("registries")
def test_a_modifier_registered_again_answers_anew() -> None:
    model = small_cnn()
    plain = asked(model, "saliency", reduce="sum").values
    for factor in (2.0, 3.0):
        MODIFIERS["mine"] = lambda gradient, factor=factor: factor * gradient
        found = asked(model, "saliency", modifier="mine", reduce="sum").values
        np.testing.assert_allclose(found, factor * plain, rtol=1e-5, atol=1e-9)


def test_the_same_input_from_another_preprocessing_has_another_baseline() -> None:
    """Both make the same input of the photograph, and another of white: only a baseline tells them apart."""
    model = small_cnn()

    def clipped(image: np.ndarray) -> np.ndarray:
        return np.where(image >= 255, 0.25, image / 255)

    photo = np.minimum(PHOTO, 254)
    for preprocess in (scaled, clipped, scaled):
        picture = picture_of(photo, (16, 16, 3), preprocess)
        answer = asked(model, "integrated_gradients", picture, baseline="white", steps=4)
        expected = salwidget.explain(
            model, photo, "integrated_gradients", filters=0, preprocess=preprocess, baseline="white", steps=4
        )
        np.testing.assert_array_equal(answer.values, expected.values)
    one, other = (
        salwidget.explain(model, photo, "integrated_gradients", filters=0, preprocess=each, baseline="white").values
        for each in (scaled, clipped)
    )
    assert np.abs(one - other).max() > 0.01 * np.abs(one).max(), "the two differ, so that the test can fail"


def test_two_pictures_of_one_input_are_drawn_each_on_its_own() -> None:
    model = small_cnn()
    grey: Callable[[np.ndarray], np.ndarray] = lambda image: np.full_like(image, 0.5)  # noqa: E731
    for photo in (PHOTO, 255 - PHOTO):
        answer = asked(model, "saliency", picture_of(photo, (16, 16, 3), grey))
        np.testing.assert_array_equal(answer.image, photo)


def test_a_preprocessing_that_cannot_be_told_apart_is_equal_to_none() -> None:
    class Scale:
        __hash__ = None  # type: ignore[assignment]

        def __call__(self, image: np.ndarray) -> np.ndarray:
            return image / 255

        def method(self, image: np.ndarray) -> np.ndarray:
            return image / 255

    scale = Scale()
    one, other = (picture_of(PHOTO, (16, 16, 3), scale) for _ in range(2))
    assert one.origin != other.origin
    for how in (scaled, scale.method):
        one, other = (picture_of(PHOTO, (16, 16, 3), how) for _ in range(2))
        assert one.origin == other.origin
        assert hash(one.origin) == hash(other.origin)


@pytest.mark.usefixtures("registries")
@pytest.mark.parametrize("share", [1.0, 0.5])
def test_a_map_that_is_not_finite_says_so(share: float) -> None:
    class Broken(salwidget.Method):
        name, title, sentence, formula, limits, paper, units = "broken", "Broken", "s", "c", "l", "p", "u"

        def refine(self, context: Context) -> Iterator[Answer]:
            values = np.ones(context.image.shape[:2])
            values[: int(share * len(values))] = np.nan
            yield Answer(values)

    salwidget.method(Broken)
    answer = asked(small_cnn(), "broken")
    assert answer.notes == (f"{share:.2%} of the values are NaN or infinite",)
    assert ("no finite value" if share == 1 else "1 to 1 u") in repr(answer)
