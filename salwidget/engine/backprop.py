"""Rules that replace the gradient of some operations: guided, rectified, or a callable.

Rules apply to the rectifiers of the traced graph (see ``rectifiers``), so it does not matter whether
``activation="relu"``, ``layers.ReLU``, ``layers.Activation`` or ``tf.nn.relu`` made them, and the model is not touched.
Relevance propagation replaces the gradient of linear operations in the same way.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import tensorflow as tf
from tensorflow.core.framework import attr_value_pb2
from tensorflow.python.framework.ops import gradient_registry  # the one place where an operation's own gradient is found

from salwidget.engine.rectifiers import RECTIFIERS, Rectifier
from salwidget.tensors import Graph, Operation, Tensor

# What a user writes: (inputs, outputs, gradient of the output) -> gradient of the first input.
Rule = Callable[[Sequence[Tensor], Sequence[Tensor], Tensor], Tensor]
# What the graph calls: (op, gradient of each output) -> gradient of the first input, or of every input.
Handler = Callable[..., "Tensor | list[Tensor | None]"]

# Operations that relevance propagation has rules for: sums weighed by trained weights, plain sums, multiples.
WEIGHTED = (
    *("Conv2D", "Conv3D", "DepthwiseConv2dNative", "Conv2DBackpropInput", "Conv3DBackpropInputV2"),
    *("MatMul", "BatchMatMulV2", "Einsum"),
)
SUMS = ("BiasAdd", "Add", "AddV2", "AddN", "Sub", "AvgPool", "AvgPool3D", "Mean", "Sum", "ResizeBilinear")
SCALING = ("Mul", "RealDiv", "Neg")
LINEAR = (*WEIGHTED, *SUMS, *SCALING, "FusedBatchNormV3")
_OTHERS = ("Elu", "Selu", "Tanh", "Minimum", "Maximum", "SelectV2")


@dataclass(frozen=True, eq=False)
class Propagation:
    """Handlers by the type of an operation, or by its name.

    ``from_score`` starts the backward pass with each unit's part of the score, v dS/dv, instead of dS/dv. ``of_layers``
    makes handlers for single operations, given a traced model and the tensor that the backward pass ends at.
    """

    handlers: Mapping[str, Handler]
    from_score: bool = False
    of_layers: Callable[[Any, Tensor], Mapping[str, Handler]] | None = None


def guided(inputs: Sequence[Tensor], outputs: Sequence[Tensor], gradient: Tensor) -> Tensor:
    """R * [y > 0] * [R > 0] (Springenberg et al. 2014, "Striving for Simplicity", section 3.4).

    A cap has no gate of its own: values that it holds down are positive, and the paper masks those that are not.
    """
    return tf.raw_ops.ReluGrad(gradients=tf.nn.relu(gradient), features=outputs[0])  # its gate is [y > 0]


def rectified(inputs: Sequence[Tensor], outputs: Sequence[Tensor], gradient: Tensor) -> Tensor:
    """R * [R > 0], the "deconvnet" (Zeiler and Fergus 2013, "Visualizing and Understanding", section 2.1)."""
    return tf.nn.relu(gradient)


RULES: dict[str, Rule] = {"guided": guided, "rectified": rectified, "relu": rectified, "deconv": rectified}

_GRADIENT_NAME = "SalwidgetIntercepted"
_active: ContextVar[Mapping[str, Handler]] = ContextVar("salwidget_handlers", default=MappingProxyType({}))


@tf.RegisterGradient(_GRADIENT_NAME)
def _intercepted(op: Operation, *gradients: Tensor) -> Tensor | list[Tensor | None]:
    """The gradient of every intercepted operation of a trace: by its active handler, else the operation's own.

    The handler is looked up when the gradient is built, so that one trace serves all rules.
    """
    handlers = _active.get()
    handler = handlers.get(op.name) or handlers.get(op.type)
    return own_gradient(op, *gradients) if handler is None else handler(op, *gradients)


def sum_of_alike(op: Operation, gradient: Tensor) -> list[Tensor | None]:
    """The gradient of a sum of equal shapes; TensorFlow's own checks at each run whether one side was broadcast."""
    one, other = (each.shape for each in op.inputs)
    alike = one.rank is not None and one.rank > 1 and one[1:].is_fully_defined() and one.as_list() == other.as_list()
    return [gradient, gradient] if alike else own_gradient(op, gradient)


def own_gradient(op: Operation, *gradients: Tensor) -> list[Tensor | None]:
    """TensorFlow's own gradient with respect to each input of ``op``; None for an input without one."""
    back = gradient_registry.lookup(op.type)(op, *gradients)
    return list(back) if isinstance(back, (list, tuple)) else [back]


def again(op: Operation, inputs: Sequence[Tensor], kind: str = "") -> Operation:
    """The same operation on other inputs."""
    attributes = {name: value for name, value in op.node_def.attr.items() if not name.startswith("_")}
    return op.graph.create_op(kind or op.type, list(inputs), [out.dtype for out in op.outputs], attrs=attributes)


def overrides(graph: Graph) -> AbstractContextManager[None]:
    """A context in which operations added to ``graph`` get the gradient above."""
    context: AbstractContextManager[None] = graph.gradient_override_map(
        dict.fromkeys((*RECTIFIERS, *LINEAR, *_OTHERS), _GRADIENT_NAME)
    )
    return context


def intercept(op: Operation) -> None:
    """Give an existing operation the gradient above."""
    op._set_attr("_gradient_op_type", attr_value_pb2.AttrValue(s=_GRADIENT_NAME.encode()))


@contextmanager
def using(handlers: Mapping[str, Handler]) -> Iterator[None]:
    """Build gradients with ``handlers`` (empty: plain ones) inside the block."""
    token = _active.set(handlers)
    try:
        yield
    finally:
        _active.reset(token)


def rule_of(modifier: str | Rule | None) -> Rule | None:
    """Look up a rule by name; callables pass through.

    Raises
    ------
    ValueError
        For a name that is not one of ``RULES``, or a callable that takes other arguments.
    """
    if callable(modifier):
        try:
            inspect.signature(modifier).bind(None, None, None)
        except TypeError:
            name = getattr(modifier, "__name__", repr(modifier))
            raise ValueError(
                f"backprop_modifier {name} is called with (op inputs, op outputs, gradient), which it does not take."
            ) from None
        except ValueError:  # some builtins have no signature
            pass
    if modifier is None or callable(modifier):
        return modifier
    if not isinstance(modifier, str) or modifier not in RULES:
        raise ValueError(f"backprop_modifier {modifier!r} is not known; use one of {', '.join(RULES)}, or a callable.")
    return RULES[modifier]


def rectifying(rule: Rule, count: Callable[[Operation], None], rectifiers: Iterable[Rectifier]) -> Propagation:
    """Apply ``rule`` to each of ``rectifiers``, calling ``count`` with its operation when the backward pass meets it."""
    handlers: dict[str, Handler] = {}
    for each in rectifiers:
        handlers[each.core[0].name] = _ruled(rule, count, each)
        handlers |= {cap.name: _onwards(index) for cap, index in each.through}
        if each.below is not None:
            handlers[each.below.name] = lambda op, gradient: tf.zeros_like(gradient)
    return Propagation(handlers)


def _ruled(rule: Rule, count: Callable[[Operation], None], rectifier: Rectifier) -> Handler:
    def handler(op: Operation, gradient: Tensor) -> list[Tensor | None]:
        count(op)
        back = rule((rectifier.x,), (rectifier.y,), gradient)
        return [back if index == rectifier.core[1] else None for index in range(len(op.inputs))]

    return handler


def _onwards(to: int) -> Handler:
    """Pass everything on to one input."""
    return lambda op, gradient: [gradient if index == to else None for index in range(len(op.inputs))]
