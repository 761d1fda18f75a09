"""The gradient of SiLU, y = x s with s = sigmoid(x): dy/dx = s + y (1 - s).

TensorFlow's own computes the sigmoid a second time, which saves memory in training and takes a tenth of the time of
EfficientNet's gradient here.
"""

from __future__ import annotations

from collections.abc import Sequence

import tensorflow as tf

from salwidget.engine.backprop import Handler, intercept
from salwidget.tensors import Operation, Tensor


def silu_handlers(operations: Sequence[Operation]) -> dict[str, Handler]:
    """Handlers by name for the operations that end a SiLU, which are set up to use them."""
    found = [op for op in operations if op.type == "IdentityN" and _is_silu(op)]
    for op in found:
        intercept(op)
    return {op.name: _back for op in found}


def _is_silu(op: Operation) -> bool:
    """Whether what ``tf.nn.silu`` hands on are x * sigmoid(beta x), x and beta = 1."""
    if len(op.inputs) != 3 or op.inputs[0].op.type != "Mul":
        return False
    y, x, beta = op.inputs
    factors = [factor.op.type for factor in y.op.inputs if factor is not x]
    return factors == ["Sigmoid"] and tf.get_static_value(beta) == 1


def _back(op: Operation, gradient: Tensor, *others: Tensor) -> list[Tensor | None]:
    y, x, _ = op.inputs
    (s,) = (factor for factor in y.op.inputs if factor is not x)
    through = gradient * s
    return [None, through + y * (gradient - through), None]
