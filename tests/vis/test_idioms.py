"""The small words of keras-vis: what they return, by its documentation."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from salwidget import vis
from tests import models
from tests.models import image


def test_reverse_enumerate_keeps_the_indices() -> None:
    assert list(vis.reverse_enumerate("xyz")) == [(2, "z"), (1, "y"), (0, "x")]
    assert list(vis.reverse_enumerate([])) == []
    model = models.functional()
    found = next(place for place, layer in vis.reverse_enumerate(model.layers) if "pool" in layer.name)
    assert model.layers[found].name == "pool"


@pytest.mark.parametrize(
    ("value", "expected"), [([1, 2], [1, 2]), (3, [3]), (None, [None]), ("ab", ["ab"]), ((1, 2), [(1, 2)])]
)
def test_listify_wraps_what_is_no_list(value: Any, expected: list[Any]) -> None:
    assert vis.listify(value) == expected


def test_a_list_is_not_copied() -> None:
    given = [1]
    assert vis.listify(given) is given


def test_add_defaults_to_kwargs_adds_only_what_is_missing() -> None:
    defaults = {"a": 1, "b": 2}
    assert vis.add_defaults_to_kwargs(defaults, b=3, c=4) == {"a": 1, "b": 3, "c": 4}
    assert defaults == {"a": 1, "b": 2}


def test_get_identifier_looks_a_name_up() -> None:
    def double(x: float) -> float:
        return 2 * x

    assert vis.get_identifier("double", locals(), __name__) is double
    assert vis.get_identifier(abs, {}, __name__) is abs
    for wrong in ("triple", "three", 3, None):
        with pytest.raises(ValueError, match=r"neither a callable nor a name in tests\.vis"):
            vis.get_identifier(wrong, {"double": double, "three": 3}, __name__)


def test_slicer_finds_the_channels_in_either_layout() -> None:
    last = image((2, 5, 6, 3))
    np.testing.assert_array_equal(last[vis.slicer[:, 1, ...]], last[..., 1])
    np.testing.assert_array_equal(last[vis.slicer[:, 2, 1:, :-1]], last[:, 1:, :-1, 2])
    np.testing.assert_array_equal(tf.constant(last)[vis.slicer[:, 0, ...]], last[..., 0])
    assert vis.slicer[:, 2] == (slice(None), 2)
    keras.config.set_image_data_format("channels_first")
    try:
        first = np.moveaxis(last, -1, 1)
        np.testing.assert_array_equal(first[vis.slicer[:, 1, ...]], last[..., 1])
        np.testing.assert_array_equal(first[vis.slicer[:, 2, 1:, :-1]], last[:, 1:, :-1, 2])
    finally:
        keras.config.set_image_data_format("channels_last")


@pytest.mark.slow
def test_a_loss_by_slicer_is_that_of_the_filter() -> None:
    model = models.functional()

    class Filter(vis.Loss):
        def build_loss(self) -> Any:
            return keras.ops.mean(model.get_layer("conv2").output[vis.slicer[:, 3, ...]])

    found = vis.visualize_saliency_with_losses(
        model.input, [(Filter(), 1)], image(), grad_modifier=None, keepdims=True, normalize=False
    )
    expected = models.tape_gradient(models.cut_by_keras(model, "conv2"), image(), [3])
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize("name", ["absolute", "negate", "relu", "invert", "small_values"])
def test_get_finds_a_gradient_modifier(name: str) -> None:
    gradient = np.array([-2.0, 0.0, 0.5])
    shifted = gradient + keras.config.epsilon()
    expected = {
        "absolute": [2, 0, 0.5],
        "negate": [2, 0, -0.5],
        "relu": [0, 0, 0.5],
        "invert": 1 / shifted,
        "small_values": abs(1 / shifted),
    }
    np.testing.assert_allclose(vis.grad_modifiers.get(name)(gradient), expected[name])
    assert vis.grad_modifiers.get(np.sign) is np.sign


def test_get_of_an_unknown_modifier_is_a_sentence() -> None:
    for module in (vis.grad_modifiers, vis.backprop_modifiers):
        with pytest.raises(ValueError, match=rf"'gided' is neither a callable nor a name in {module.__name__}"):
            module.get("gided")
