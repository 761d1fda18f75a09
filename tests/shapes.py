"""Activations twice: as Keras users write them, and as formulas in float64 whose gradient is ours."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras
import tensorflow as tf
from keras import layers, ops

Step = Callable[[Any], Any]
CAP, SLOPE, THRESHOLD = 1.5, 0.25, 0.3


@dataclass(frozen=True)
class Rectifier:
    """x above ``threshold``, at most ``cap``; ``slope`` (x - threshold) below."""

    spellings: tuple[Callable[[], Step], ...]
    slope: float = 0.0
    cap: float = float("inf")
    threshold: float = 0.0

    def under(self, rule: str | None) -> Step:
        """The function, with the gradient that a backprop rule gives it."""

        @tf.custom_gradient
        def rectified(x: Any) -> Any:
            above = x > self.threshold
            y = tf.where(above, tf.minimum(x, self.cap), self.slope * (x - self.threshold))

            def back(gradient: Any) -> Any:
                zero = tf.zeros_like(gradient)
                if rule == "guided":
                    return tf.where((y > 0) & (gradient > 0), gradient, zero)
                if rule == "rectified":
                    return tf.where(gradient > 0, gradient, zero)
                return tf.where(above, tf.where(x < self.cap, gradient, zero), self.slope * gradient)

            return y, back

        return rectified


@dataclass(frozen=True)
class Other:
    """An activation that no rule reaches, by the name that it is reported with."""

    name: str
    spellings: tuple[Callable[[], Step], ...]
    formula: Step

    def under(self, rule: str | None) -> Step:
        return self.formula


def _named(name: str) -> Callable[[], Step]:
    return lambda: layers.Activation(name)


def _written(step: Step) -> Callable[[], Step]:
    return lambda: step


def _prelu() -> Step:
    return layers.PReLU(alpha_initializer=keras.initializers.Constant(SLOPE))


RECTIFIERS = (
    Rectifier((_named("relu"), layers.ReLU, _written(ops.relu), _written(lambda x: ops.maximum(x, 0.0)))),
    Rectifier((_named("relu6"), lambda: layers.ReLU(6.0), _written(lambda x: ops.clip(x, 0.0, 6.0))), cap=6.0),
    Rectifier((lambda: layers.ReLU(CAP), _written(lambda x: ops.minimum(ops.relu(x), CAP))), cap=CAP),
    Rectifier((lambda: layers.LeakyReLU(SLOPE), lambda: layers.ReLU(negative_slope=SLOPE), _prelu), slope=SLOPE),
    Rectifier((lambda: layers.ReLU(CAP, SLOPE), _written(lambda x: ops.minimum(ops.leaky_relu(x, SLOPE), CAP))), SLOPE, CAP),
    Rectifier((lambda: layers.ReLU(6.0, SLOPE),), SLOPE, 6.0),
    Rectifier((lambda: layers.ReLU(threshold=THRESHOLD),), threshold=THRESHOLD),
    Rectifier((lambda: layers.ReLU(CAP, SLOPE, THRESHOLD),), SLOPE, CAP, THRESHOLD),
)


def _hard_sigmoid(x: Any) -> Any:
    return tf.clip_by_value(x / 6 + 0.5, 0, 1)


def _sigmoid(x: Any) -> Any:
    return 1 / (1 + tf.exp(-x))


def _bent(x: Any) -> Any:
    return tf.where(x > 0, x, tf.exp(tf.minimum(x, 0)) - 1)


GATES = (
    Other("sigmoid", (_named("sigmoid"),), _sigmoid),
    Other(
        "hard_sigmoid",
        (
            _named("hard_sigmoid"),
            _written(lambda x: layers.ReLU(6.0)(x + 3.0) * (1.0 / 6.0)),
            _written(lambda x: ops.clip(x / 6.0 + 0.5, 0.0, 1.0)),
        ),
        _hard_sigmoid,
    ),
)
SMOOTH = (
    Other(
        "hard_silu",
        (_named("hard_silu"), _written(lambda x: layers.Multiply()([x, layers.ReLU(6.0)(x + 3.0) * (1.0 / 6.0)]))),
        lambda x: x * _hard_sigmoid(x),
    ),
    Other("SiLU", (_named("silu"), _written(lambda x: x * ops.sigmoid(x))), lambda x: x * _sigmoid(x)),
    Other("ELU", (_named("elu"), layers.ELU), _bent),
    Other("CELU", (_named("celu"),), _bent),
    Other("GELU", (_named("gelu"),), lambda x: 0.5 * x * (1 + tf.math.erf(x / 2**0.5))),
    Other("Mish", (_named("mish"),), lambda x: x * tf.tanh(tf.math.log1p(tf.exp(x)))),
    Other("Softplus", (_named("softplus"),), lambda x: tf.math.log1p(tf.exp(x))),
    Other("tanh", (_named("tanh"),), lambda x: 2 * _sigmoid(2 * x) - 1),
    Other("hard_tanh", (_named("hard_tanh"),), lambda x: tf.maximum(tf.minimum(x, 1), -1)),
    Other("softsign", (_named("softsign"),), lambda x: x / (1 + tf.abs(x))),
    Other("squareplus", (_named("squareplus"),), lambda x: (x + tf.sqrt(x * x + 4)) / 2),
    Other("soft_shrink", (_named("soft_shrink"),), lambda x: tf.sign(x) * tf.maximum(tf.abs(x) - 0.5, 0)),
)
