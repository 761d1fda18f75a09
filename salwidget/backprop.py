"""What replaces the gradient of some operations on its way back: guided, rectified, a callable of one's own.

Rules reach rectifier operations (``Relu``, ``Relu6``, ``LeakyRelu``) inside the traced graph, so it does not matter
whether ``activation="relu"``, ``layers.ReLU``, ``layers.Activation`` or ``tf.nn.relu`` made them, and the model is left
alone. Relevance propagation replaces the gradient of linear operations in the same way.
"""

from __future__ import annotations

import inspect
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import tensorflow as tf
from tensorflow.core.framework import attr_value_pb2
from tensorflow.python.framework.ops import gradient_registry  # the one place where an operation's own gradient is found

Tensor = Any
# What a user writes: (inputs, outputs, gradient of the output) -> gradient of the first input.
Rule = Callable[[Sequence[Tensor], Sequence[Tensor], Tensor], Tensor]
# What the graph calls: (op, gradient of each output) -> gradient of the first input, or of every input.
Handler = Callable[..., Any]

RECTIFIERS = ("Relu", "Relu6", "LeakyRelu")
# Operations that relevance propagation has rules for: sums weighed by trained weights, plain sums, multiples.
WEIGHTED = (
    *("Conv2D", "Conv3D", "DepthwiseConv2dNative", "Conv2DBackpropInput", "Conv3DBackpropInputV2"),
    *("MatMul", "BatchMatMulV2", "Einsum"),
)
SUMS = ("BiasAdd", "Add", "AddV2", "AddN", "Sub", "AvgPool", "AvgPool3D", "Mean", "Sum", "ResizeBilinear")
SCALING = ("Mul", "RealDiv", "Neg")
LINEAR = (*WEIGHTED, *SUMS, *SCALING, "FusedBatchNormV3")
_OTHERS = ("Elu", "Selu", "Tanh", "Minimum", "Maximum")
# Smooth activations have no gate: the published rules say nothing about them, so they are named, not guessed at.
_SMOOTH = {"Elu": "ELU", "Selu": "SELU", "Erf": "GELU", "Erfc": "GELU", "Softplus": "Softplus"}


@dataclass(frozen=True, eq=False)
class Propagation:
    """Handlers by the type of an operation, or by its name.

    ``from_score`` starts the way back with what each unit v gives to the score, v dS/dv, instead of dS/dv.
    """

    handlers: Mapping[str, Handler]
    from_score: bool = False


def guided(inputs: Sequence[Tensor], outputs: Sequence[Tensor], gradient: Tensor) -> Tensor:
    """R * [y > 0] * [R > 0] (Springenberg et al. 2014, "Striving for Simplicity", section 3.4)."""
    return tf.raw_ops.ReluGrad(gradients=tf.nn.relu(gradient), features=outputs[0])  # its gate is [y > 0]


def rectified(inputs: Sequence[Tensor], outputs: Sequence[Tensor], gradient: Tensor) -> Tensor:
    """R * [R > 0], the "deconvnet" (Zeiler and Fergus 2013, "Visualizing and Understanding", section 2.1)."""
    return tf.nn.relu(gradient)


RULES: dict[str, Rule] = {"guided": guided, "rectified": rectified, "relu": rectified, "deconv": rectified}

_GRADIENT_NAME = "SalwidgetIntercepted"
_active: ContextVar[Mapping[str, Handler]] = ContextVar("salwidget_handlers", default=MappingProxyType({}))


@tf.RegisterGradient(_GRADIENT_NAME)
def _intercepted(op: Any, *gradients: Tensor) -> Any:
    """Gradient of every intercepted operation of a trace: that of its active handler, else the operation's own.

    Looking the handler up when the gradient is built lets one trace serve all rules.
    """
    handlers = _active.get()
    handler = handlers.get(op.name) or handlers.get(op.type)
    return own_gradient(op, *gradients) if handler is None else handler(op, *gradients)


def sum_of_alike(op: Any, gradient: Tensor) -> Any:
    """The way back through a sum of equal shapes; TensorFlow's own looks at each run whether one side was broadcast."""
    one, other = (each.shape for each in op.inputs)
    alike = one.rank is not None and one.rank > 1 and one[1:].is_fully_defined() and one.as_list() == other.as_list()
    return [gradient, gradient] if alike else own_gradient(op, gradient)


def own_gradient(op: Any, *gradients: Tensor) -> list[Any]:
    """What TensorFlow itself hands back to each input of ``op``; None where that is nothing."""
    back = gradient_registry.lookup(op.type)(op, *gradients)
    return list(back) if isinstance(back, (list, tuple)) else [back]


def again(op: Any, inputs: Sequence[Tensor], kind: str = "") -> Any:
    """The same operation on other inputs."""
    attributes = {name: value for name, value in op.node_def.attr.items() if not name.startswith("_")}
    return op.graph.create_op(kind or op.type, list(inputs), [out.dtype for out in op.outputs], attrs=attributes)


def overrides(graph: Any) -> Any:
    """Context in which operations added to ``graph`` are born with the gradient above."""
    return graph.gradient_override_map(dict.fromkeys((*RECTIFIERS, *LINEAR, *_OTHERS), _GRADIENT_NAME))


def intercept(op: Any) -> None:
    """Give an operation that was born with another gradient the one above."""
    op._set_attr("_gradient_op_type", attr_value_pb2.AttrValue(s=_GRADIENT_NAME.encode()))


@contextmanager
def using(handlers: Mapping[str, Handler]) -> Iterator[None]:
    """Build gradients by ``handlers`` (empty: plain) inside the block."""
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
                f"backprop_modifier {name} is called with (op inputs, op outputs, gradient), which are not its arguments."
            ) from None
        except ValueError:  # some builtins do not tell theirs
            pass
    if modifier is None or callable(modifier):
        return modifier
    if modifier not in RULES:
        raise ValueError(f"backprop_modifier {modifier!r} is not known; use one of {', '.join(RULES)}, or a callable.")
    return RULES[modifier]


def is_second_half(op: Any) -> bool:
    """Whether a ``Relu`` is the negative half of a PReLU: relu(x) - alpha * relu(-x).

    Both halves are one rectifier, whose output is positive where the first half's is.
    """
    before = op.inputs[0].op
    if op.type != "Relu" or before.type != "Neg":
        return False
    first = [use for use in before.inputs[0].consumers() if use.type == "Relu"]
    scaled = [use for use in op.outputs[0].consumers() if use.type == "Mul"]
    sums = [use for each in scaled for use in each.outputs[0].consumers() if use.type in ("Add", "AddV2")]
    return any(half.outputs[0] is term for half in first for total in sums for term in total.inputs)


def rectifying(rule: Rule, count: Callable[[Any], None]) -> Propagation:
    """Apply ``rule`` to every rectifier, calling ``count`` with each."""

    def handler(op: Any, gradient: Tensor) -> Tensor:
        if is_second_half(op):
            return tf.zeros_like(gradient)
        count(op)
        return rule(op.inputs, op.outputs, gradient)

    return Propagation(dict.fromkeys(RECTIFIERS, handler))


def is_rectifier(op: Any) -> bool:
    """Whether ``op`` is a rectifier that rules reach."""
    return op.type in RECTIFIERS and not is_second_half(op)


def smooth_activations(operations: Sequence[Any]) -> Counter[str]:
    """Count the activations that rules do not reach, by name: ``{"GELU": 12}``."""
    names = (_smooth_name(op) for op in operations)
    return Counter(name for name in names if name)


def _smooth_name(op: Any) -> str:
    if op.type == "Mul":  # SiLU has no operation of its own: x * sigmoid(beta x)
        gates = [each.op.inputs[0] for each in op.inputs if each.op.type == "Sigmoid"]
        others = [each for each in op.inputs if each.op.type != "Sigmoid"]
        scaled = [each for gate in gates for each in (gate, *(gate.op.inputs if gate.op.type == "Mul" else ()))]
        return "SiLU" if any(each is other for each in scaled for other in others) else ""
    if op.type == "SelectV2":  # ReLU(threshold=): where(x > threshold, x, 0)
        test = op.inputs[0].op
        return "ReLU with a threshold" if test.type == "Greater" and test.inputs[0] is op.inputs[1] else ""
    if op.type == "Tanh":  # GELU's approximation goes on with 1 + tanh(...)
        return "GELU" if any(use.type in ("Add", "AddV2") for use in op.outputs[0].consumers()) else "tanh"
    return _SMOOTH.get(op.type, "")


def propagation_of(how: Any, count: Callable[[Any], None]) -> Propagation:
    """A propagation as it is, that of a rule, which calls ``count`` with each rectifier, or for ``None`` that of no rule."""
    if how is None:
        return Propagation({})
    return how if isinstance(how, Propagation) else rectifying(how, count)
