"""How a rectifier passes the gradient back: plain, guided, rectified, or a callable of one's own.

A rule replaces the gradient of rectifier operations (``Relu``, ``Relu6``, ``LeakyRelu``) inside the traced graph, so it
reaches ``activation="relu"``, ``layers.ReLU``, ``layers.Activation`` and ``tf.nn.relu`` alike and leaves the model alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import tensorflow as tf

Tensor = Any
Rule = Callable[[Sequence[Tensor], Sequence[Tensor], Tensor], Tensor]

RECTIFIERS = ("Relu", "Relu6", "LeakyRelu")
# Smooth activations have no gate: the published rules say nothing about them, so they are named, not guessed at.
SMOOTH = ("Elu", "Selu", "Erf", "Softplus", "Tanh")


def guided(inputs: Sequence[Tensor], outputs: Sequence[Tensor], gradient: Tensor) -> Tensor:
    """R * [y > 0] * [R > 0] (Springenberg et al. 2014, "Striving for Simplicity", section 3.4)."""
    gate = tf.cast(outputs[0] > 0, gradient.dtype)
    return gate * tf.nn.relu(gradient)


def rectified(inputs: Sequence[Tensor], outputs: Sequence[Tensor], gradient: Tensor) -> Tensor:
    """R * [R > 0], the "deconvnet" (Zeiler and Fergus 2013, "Visualizing and Understanding", section 2.1)."""
    return tf.nn.relu(gradient)


RULES: dict[str, Rule] = {"guided": guided, "rectified": rectified, "relu": rectified, "deconv": rectified}

_GRADIENT_NAME = "SalwidgetRectifier"
_active: ContextVar[Rule | None] = ContextVar("salwidget_rule", default=None)


@tf.RegisterGradient(_GRADIENT_NAME)
def _rectifier_gradient(op: Any, gradient: Tensor) -> Tensor:
    """Gradient of every rectifier in a trace: the active rule, or the operation's own where no rule is active.

    Looking the rule up when the gradient is built lets one trace serve all rules.
    """
    rule = _active.get()
    if rule is not None:
        return rule(op.inputs, op.outputs, gradient)
    if op.type == "LeakyRelu":
        return tf.raw_ops.LeakyReluGrad(gradients=gradient, features=op.inputs[0], alpha=op.get_attr("alpha"))
    own = tf.raw_ops.Relu6Grad if op.type == "Relu6" else tf.raw_ops.ReluGrad
    return own(gradients=gradient, features=op.outputs[0])


def overrides(graph: Any) -> Any:
    """Context in which rectifiers added to ``graph`` are born with the gradient above."""
    return graph.gradient_override_map(dict.fromkeys(RECTIFIERS, _GRADIENT_NAME))


@contextmanager
def using(rule: Rule | None) -> Iterator[None]:
    """Build gradients by ``rule`` (None: plain) inside the block."""
    token = _active.set(rule)
    try:
        yield
    finally:
        _active.reset(token)


def rule_of(modifier: str | Rule | None) -> Rule | None:
    """Look up a rule by name; callables pass through.

    Raises
    ------
    ValueError
        For a name that is not one of ``RULES``.
    """
    if modifier is None or callable(modifier):
        return modifier
    if modifier not in RULES:
        raise ValueError(f"backprop_modifier {modifier!r} is not known; use one of {', '.join(RULES)}, or a callable.")
    return RULES[modifier]
