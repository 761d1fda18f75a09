"""Parts of a model that relevance propagation has no rule for."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

from salwidget import explain
from tests.models import SHAPE, image

pytestmark = pytest.mark.slow


def attention(inputs: Any) -> Any:
    tokens = layers.Reshape((4, 8))(layers.Conv2D(8, 4, strides=4)(inputs))
    return layers.Flatten()(layers.MultiHeadAttention(2, 4)(tokens, tokens))


def squeeze_excite(inputs: Any) -> Any:
    maps = layers.Conv2D(4, 3, activation="relu")(inputs)
    gate = layers.Dense(4, activation="relu")(layers.GlobalAveragePooling2D()(maps))
    return layers.GlobalAveragePooling2D()(layers.Multiply()([maps, layers.Reshape((1, 1, 4))(gate)]))


@pytest.mark.parametrize(
    ("block", "named"),
    [
        (attention, "softmax"),
        (attention, "of two feature maps"),
        (squeeze_excite, "Mul of two feature maps before layer"),
        (lambda x: layers.Flatten()(layers.Activation("gelu")(x)), "GELU"),
        (lambda x: layers.Flatten()(layers.Activation("silu")(x)), "SiLU"),
        (lambda x: layers.Flatten()(layers.Activation("hard_silu")(x)), "hard_silu before"),
        (lambda x: layers.Flatten()(layers.Activation("hard_sigmoid")(x)), "hard_sigmoid before"),
        (lambda x: layers.Flatten()(layers.ReLU(6.0)(x + 3.0) * (1.0 / 6.0)), "hard_sigmoid before"),
        (lambda x: layers.Flatten()(layers.Activation("sparse_sigmoid")(x)), "sparse_sigmoid before"),
        (lambda x: layers.Flatten()(layers.LayerNormalization()(x)), "Rsqrt"),
    ],
)
def test_what_has_no_rule_is_named(block: Any, named: str) -> None:
    inputs = keras.Input(SHAPE)
    model = keras.Model(inputs, layers.Dense(2)(block(inputs)))
    with pytest.raises(ValueError, match=f"^lrp has no rule for .*{named}") as caught:
        explain(model, image(), "lrp")
    assert str(caught.value).count(". ") == 0


@pytest.mark.quick
def test_layers_before_what_has_no_rule_are_explained() -> None:
    inputs = keras.Input(SHAPE)
    model = keras.Model(inputs, layers.Dense(2)(squeeze_excite(inputs)))
    assert np.isfinite(explain(model, image(), "lrp", layer=1, filters=0).values).all()
