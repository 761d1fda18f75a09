"""The activations of a traced graph by name: which are rectifiers, and what the others are called.

The published rules of guided backpropagation and deconvnets are about rectifiers. All other activations keep their own
gradient, and are named as in ``keras.activations``, however they are written.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from salwidget.engine.rectifiers import CORES, Rectifier, Uses, beside_number, found_rectifiers, gate_of, number
from salwidget.tensors import Operation, Tensor

# Operations that are an activation by themselves.
_NAMES = {
    **{"Elu": "ELU", "Selu": "SELU", "Erf": "GELU", "Erfc": "GELU", "Softsign": "softsign"},
    **{"Softmax": "softmax", "LogSoftmax": "log_softmax", "Exp": "exponential", "Expm1": "exponential"},
    **{"Sin": "sin", "Cos": "cos", "Atan": "arctan", "Sinh": "sinh", "Asinh": "arcsinh"},
}
_SUMS = ("Add", "AddV2", "Sub")
# What CELU and a Softplus are made of beside a rectifier: exponentials of the same x.
_BENDING = ("Exp", "Expm1", "Log", "Log1p", "Abs", "Neg", "Mul", "RealDiv", "Minimum", "AddV2")


@dataclass(frozen=True)
class Activations:
    """``others`` names the activations that are no rectifiers, each under one of its operations."""

    rectifiers: tuple[Rectifier, ...]
    others: dict[str, str]


def activations(operations: Sequence[Operation], final: Collection[str] = ()) -> Activations:
    """The activations among ``operations``, except those named in ``final``, which end the model."""
    names = {op.name for op in operations}
    known = [op for op in operations if op.type in _TYPES]

    def uses(tensor: Tensor) -> list[Operation]:
        return [use for use in tensor.consumers() if use.name in names]  # gradients add operations of their own

    named: dict[str, str] = dict.fromkeys(final, "")
    rectifiers = []
    for one in found_rectifiers(known, uses):
        name, inside = _bent(one, uses)
        named |= dict.fromkeys(inside, "")
        if name := name or gate_of(one, uses):
            named[one.core[0].name] = name
        else:
            rectifiers.append(one)
            named |= dict.fromkeys((one.core[0].name, *(cap.name for cap, _ in one.through)), "")
    others = {op.name: named[op.name] if op.name in named else _name(op, uses) for op in known}
    return Activations(tuple(rectifiers), {op: name for op, name in others.items() if name})


def _name(op: Operation, uses: Uses) -> str:
    named = _BY_CONTEXT.get(op.type)
    return named(op, uses) if named else _NAMES.get(op.type, "")


def _bent(one: Rectifier, uses: Uses) -> tuple[str, set[str]]:
    """The smooth activation that a rectifier is half of, max(x, 0) + f(x), by name, and the operations of f."""
    if one.x.op.type == "Sub" and _comes_of(one.x.op.inputs[1], "Cumsum"):  # max(x - tau(x), 0)
        return "sparsemax", set()
    for total in (use for use in uses(one.y) if use.type in _SUMS):
        other = next((term for term in total.inputs if term is not one.y), one.y)
        inside = _between(other, one.x)
        kinds = set(inside.values())
        if kinds & {"Exp", "Expm1"}:
            return "Softplus" if kinds & {"Log", "Log1p"} else "CELU", set(inside)
    return "", set()


def _between(tensor: Tensor, x: Tensor) -> dict[str, str]:
    """The operations of a function of ``x`` alone; empty where ``tensor`` is none."""
    passed: dict[str, str] = {}
    while tensor is not x:
        op = tensor.op
        if op.type not in _BENDING:
            return {}
        passed[op.name] = op.type
        found = beside_number(op)
        if len(op.inputs) > 1 and found is None:
            return {}
        tensor = op.inputs[found[0] if found else 0]
    return passed


def _comes_of(tensor: Tensor, kind: str, steps: int = 6) -> bool:
    return tensor.op.type == kind or (steps > 0 and any(_comes_of(each, kind, steps - 1) for each in tensor.op.inputs))


def _sigmoid(op: Operation, uses: Uses) -> str:
    """SiLU is x sigmoid(beta x), GLU a sigmoid(b) of two halves."""
    before = op.inputs[0]
    same = (before, *(before.op.inputs if before.op.type == "Mul" else ()))
    for product in (use for use in uses(op.outputs[0]) if use.type == "Mul"):
        for other in product.inputs:
            if any(each is other for each in same):
                return "SiLU"
            if other.op is before.op and other.op.type in ("Split", "SplitV"):
                return "GLU"
    return "sigmoid"


def _softplus(op: Operation, uses: Uses) -> str:
    """Mish is x tanh(softplus(x)), named by its tanh."""
    after = [use.type for use in uses(op.outputs[0])]
    if "Tanh" in after:
        return ""
    return "log_sigmoid" if "Neg" in after and op.inputs[0].op.type == "Neg" else "Softplus"


def _tanh(op: Operation, uses: Uses) -> str:
    """GELU's approximation goes on with 1 + tanh(...), tanh_shrink is x - tanh(x)."""
    if op.inputs[0].op.type == "Softplus":
        return "Mish"
    for use in uses(op.outputs[0]):
        if use.type in ("Add", "AddV2") and (found := beside_number(use)) and found[1] == 1:
            return "GELU"
        if use.type == "Sub" and use.inputs[0] is op.inputs[0]:
            return "tanh_shrink"
    return "tanh"


def _sqrt(op: Operation, uses: Uses) -> str:
    """Squareplus is (x + sqrt(x² + b)) / 2."""
    inside = op.inputs[0].op
    squares = [each.op.inputs[0] for each in inside.inputs if each.op.type == "Square"] if inside.type in _SUMS else []
    sums = [term for use in uses(op.outputs[0]) if use.type in _SUMS for term in use.inputs]
    return "squareplus" if any(x is term for x in squares for term in sums) else ""


def _clip(op: Operation, uses: Uses) -> str:
    """A clip to both sides of zero; that to [0, cap] is a rectifier."""
    outer, inner = beside_number(op), op.inputs[0].op
    if outer is None or inner.type not in ("Minimum", "Maximum") or inner.type == op.type:
        return ""
    within = beside_number(inner)
    return "hard_tanh" if within is not None and outer[1] * within[1] < 0 else ""


def _select(op: Operation, uses: Uses) -> str:
    """The activations that are written with ``where``; each is named by its outermost choice."""
    test, one, other = op.inputs[0].op, op.inputs[1], op.inputs[2]
    if len(test.inputs) != 2 or number(test.inputs[1]) is None:
        return ""
    x, nested = test.inputs[0], other.op.type == "SelectV2"
    if test.type == "Greater":
        if x.op.type == "Abs" and x.op.inputs[0] is one and number(other) == 0:
            return "hard_shrink"
        if one is x and number(other) is not None:
            return "threshold"
        return "soft_shrink" if nested and one.op.type in _SUMS and one.op.inputs[0] is x else ""
    if test.type == "LessEqual" and nested and number(one) == 0:
        return "sparse_sigmoid" if number(other.op.inputs[1]) == 1 else "sparse_plus"
    return ""


_BY_CONTEXT: dict[str, Callable[[Operation, Uses], str]] = {
    **{"Sigmoid": _sigmoid, "Softplus": _softplus, "Tanh": _tanh, "Sqrt": _sqrt, "SelectV2": _select},
    **{"Minimum": _clip, "Maximum": _clip},
}
_TYPES = {*_NAMES, *_BY_CONTEXT, *CORES}
