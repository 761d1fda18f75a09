"""The rectifiers of a traced graph, however they are written, and the gates that resemble them.

A rectifier is max(x, 0), and its kin with a slope or a threshold below and a cap above: one operation (``Relu6``), or
several that are one function (``ReLU(max_value=4, negative_slope=0.1)``, ``PReLU``, ``tf.clip_by_value(x, 0, 4)``). A rule
for rectifiers asks where that function is positive, so the cap belongs to it and has no gate of its own.

relu6(x + 3) is a sigmoid made of straight lines: half of its height at x = 0. It is a gate, alone or times x.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import tensorflow as tf

from salwidget.tensors import Operation, Tensor

Uses = Callable[[Tensor], list[Operation]]

RECTIFIERS = ("Relu", "Relu6", "LeakyRelu")
# Operations that one can be made of.
CORES = (*RECTIFIERS, "Maximum", "SelectV2")
_SUMS = ("Add", "AddV2", "Sub")
_ABOVE = ("Greater", "GreaterEqual")


@dataclass(frozen=True, eq=False)
class Rectifier:
    """One rectifier y = f(x).

    Attributes
    ----------
    core
        The operation whose gradient a rule replaces, and the index of its input that carries x.
    through
        Caps, each with the index of the input that the gradient passes on to.
    below
        The operation of the half below zero, if it has one of its own: alpha relu(-x).
    """

    core: tuple[Operation, int]
    x: Tensor
    y: Tensor
    cap: float = math.inf
    through: tuple[tuple[Operation, int], ...] = ()
    below: Operation | None = None


def found_rectifiers(operations: Sequence[Operation], uses: Uses) -> list[Rectifier]:
    """The rectifiers among ``operations``, gates included; ``uses`` gives the operations that take a tensor in."""
    found: dict[str, Rectifier] = {}
    parts: set[str] = set()  # caps that belong to one already
    for op in operations:
        if op.name not in parts and (one := _upper(op)) is not None:
            one = _capped(one, uses)
            found[op.name] = one
            parts |= {cap.name for cap, _ in one.through}
    for op in operations:
        if op.type == "Relu" and (whole := _with_lower(op, found.values(), uses)) is not None:
            del found[op.name]
            found[whole.core[0].name] = _capped(whole, uses)
            parts |= {cap.name for cap, _ in found[whole.core[0].name].through}
    return [one for name, one in found.items() if name not in parts]


def gate_of(one: Rectifier, uses: Uses) -> str:
    """The name of a gate, whose cap is twice the constant added to x; empty for a rectifier."""
    shifted = list(_before_shift(one.x, one.cap / 2)) if math.isfinite(one.cap) else []
    if not shifted:
        return ""
    return "hard_silu" if _multiplies(one.y, shifted, uses) else "hard_sigmoid"


def number(tensor: Tensor) -> float | None:
    """The value of a constant scalar; ``None`` for anything else."""
    op = tensor.op
    while op.type in ("Identity", "Cast"):
        op = op.inputs[0].op
    if op.type == "ZerosLike":
        return 0.0
    op = op.inputs[1].op if op.type == "Fill" else op
    if op.type != "Const" or op.outputs[0].shape.num_elements() != 1:
        return None
    return float(tf.get_static_value(op.outputs[0]).reshape(()))


def beside_number(op: Operation) -> tuple[int, float] | None:
    """Of an operation of two inputs the index of the one that is no constant, and the value of the constant."""
    for index in (0, 1):
        if len(op.inputs) == 2 and (value := number(op.inputs[1 - index])) is not None:
            return index, value
    return None


def _upper(op: Operation) -> Rectifier | None:
    """The rectifier whose core is ``op``, without what follows."""
    y: Tensor = op.outputs[0] if op.outputs else None
    if op.type in RECTIFIERS:
        return Rectifier((op, 0), op.inputs[0], y, 6.0 if op.type == "Relu6" else math.inf)
    if op.type == "Maximum" and y.dtype.is_floating and (found := beside_number(op)) and found[1] == 0:
        x = op.inputs[found[0]]
        if x.op.type == "Minimum" and (cap := beside_number(x.op)) and cap[1] > 0:  # clip_by_value(x, 0, cap)
            return Rectifier((op, found[0]), x.op.inputs[cap[0]], y, cap[1], ((x.op, cap[0]),))
        return Rectifier((op, found[0]), x, y)
    if op.type == "SelectV2" and op.inputs[0].op.type in _ABOVE:  # where(x > threshold, x, 0 or slope x)
        test, above, below = op.inputs[0].op, op.inputs[1], op.inputs[2]
        slope = beside_number(below.op) if below.op.type == "Mul" else None
        leaky = slope is not None and below.op.inputs[slope[0]] is above and 0 <= slope[1] < 1
        threshold = number(test.inputs[1])
        if test.inputs[0] is above and threshold is not None and threshold >= 0 and (leaky or number(below) == 0):
            return Rectifier((op, 1), above, y)
    return None


def _capped(one: Rectifier, uses: Uses) -> Rectifier:
    """The rectifier, extended by the clips that follow it."""
    while len(after := uses(one.y)) == 1 and after[0].type in ("Minimum", "Maximum") and (found := beside_number(after[0])):
        op, (index, bound) = after[0], found
        slope = one.core[0].type == "LeakyRelu" or one.below is not None
        if bound <= 0 if op.type == "Minimum" else bound > 0 or (bound == 0 and slope):
            break
        cap = min(one.cap, bound) if op.type == "Minimum" else one.cap
        one = replace(one, y=op.outputs[0], cap=cap, through=(*one.through, (op, index)))
    return one


def _with_lower(op: Operation, found: Iterable[Rectifier], uses: Uses) -> Rectifier | None:
    """The rectifier on x with ``op`` = relu(-x) as its lower half: f(x) - alpha relu(-x)."""
    before = op.inputs[0].op
    if before.type in _SUMS and (shift := beside_number(before)):  # relu(threshold - x)
        before = before.inputs[shift[0]].op if before.type != "Sub" else before
    if before.type not in ("Neg", "Sub"):
        return None
    x = before.inputs[-1]
    scaled = [use.outputs[0] for use in uses(op.outputs[0]) if use.type == "Mul"]
    sums = [use for each in scaled for use in uses(each) if use.type in _SUMS]
    for one in found:
        total = next((each for each in sums if any(one.y is term for term in each.inputs)), None)
        if one.x is x and total is not None and one.core[0] is not op:
            return replace(one, y=total.outputs[0], below=op)
    return None


def _before_shift(tensor: Tensor, shift: float) -> Iterator[Tensor]:
    """The tensors u that ``tensor`` is a u + shift of; nothing where constants add up to another shift."""
    total, scale, shifted = 0.0, 1.0, False
    while True:
        op = tensor.op
        if op.type in ("Identity", "Cast"):
            tensor = op.inputs[0]
        elif op.type in (*_SUMS, "Mul", "RealDiv") and (found := beside_number(op)):
            index, value = found
            if op.type == "RealDiv" and (index == 1 or value == 0):
                return
            if op.type in _SUMS:
                total += -scale * value if op.type == "Sub" and index == 0 else scale * value
                scale = -scale if op.type == "Sub" and index == 1 else scale
            else:
                scale *= value if op.type == "Mul" else 1 / value
            tensor = op.inputs[index]
        else:
            return
        shifted = shifted or math.isclose(total, shift, rel_tol=1e-3)
        if shifted:
            yield tensor


def _multiplies(tensor: Tensor, others: Sequence[Tensor], uses: Uses) -> bool:
    """Whether ``tensor`` is multiplied with one of ``others``; what constants do to either before does not matter."""
    for use in uses(tensor):
        if use.type in ("Identity", "Cast", *_SUMS, "Mul", "RealDiv"):
            other = next((each for each in use.inputs if each is not tensor), tensor)
            scaled = beside_number(other.op) if other.op.type in ("Mul", "RealDiv") else None
            factors = [other] if scaled is None else [other, other.op.inputs[scaled[0]]]
            if use.type in ("Mul", "RealDiv") and any(each is one for each in factors for one in others):
                return True
            if (other is tensor or number(other) is not None) and _multiplies(use.outputs[0], others, uses):
                return True
    return False
