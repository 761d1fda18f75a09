"""How relevance goes back through an operation, for layer-wise relevance propagation.

An operation z = J x that is linear in the image is differentiated by its own gradient, which is J^T; a rule only weighs
what goes into it and what comes out of it. Whatever has no rule here is named by ``unruled`` before anything is computed.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import tensorflow as tf

from salwidget.backprop import LINEAR, RECTIFIERS, SCALING, SUMS, WEIGHTED, Handler, Propagation, again, own_gradient

Tensor = Any

# Activations through zero hand relevance on as it is (Bach et al. 2015, equations 50 to 56).
ACTIVATIONS = (*RECTIFIERS, "Elu", "Selu", "Tanh")
CLIPS = ("Minimum", "Maximum")
# These move values, or choose among them: their own gradient moves relevance the same way. A maximum's winner takes all.
_MOVING = (
    *("Identity", "Cast", "Reshape", "Squeeze", "ExpandDims", "Transpose", "Pack", "Unpack", "ConcatV2", "Split", "SplitV"),
    *("Pad", "PadV2", "MirrorPad", "Slice", "StridedSlice", "GatherV2", "Tile", "BroadcastTo", "SelectV2", "Max"),
    *("MaxPool", "MaxPool3D", "SpaceToBatchND", "BatchToSpaceND", "SpaceToDepth", "DepthToSpace", "ResizeNearestNeighbor"),
)
_KNOWN = {*LINEAR, *ACTIVATIONS, *CLIPS, *_MOVING}


def unruled(operations: Sequence[Any]) -> list[str]:
    """What of ``operations`` (all that lie between the image and the score) has no rule, by name."""
    names = {op.name for op in operations}
    found = {op.type for op in operations if op.type not in _KNOWN}
    for op in operations:
        if op.type in (*WEIGHTED, *SCALING) and sum(_float(x) and x.op.name in names for x in op.inputs) > 1:
            found.add(f"{op.type} of two feature maps")
    return sorted(found)


@functools.lru_cache(maxsize=32)  # one object for each choice: a network keeps what it built by it
def propagation(rule: str, epsilon: float) -> Propagation:
    """The rules ``"epsilon"`` or ``"z_plus"`` for every operation that has one."""
    proportional = _epsilon(epsilon)
    weighted, summed = (proportional, proportional) if rule == "epsilon" else (_z_plus, _by_magnitude)
    return Propagation(
        {
            **dict.fromkeys(ACTIVATIONS, lambda op, relevance: relevance),
            **dict.fromkeys(CLIPS, _clipped),
            **dict.fromkeys(WEIGHTED, weighted),
            **dict.fromkeys(SUMS, summed),
            **dict.fromkeys(SCALING, _scaled),
            "FusedBatchNormV3": proportional if rule == "epsilon" else lambda op, relevance, *_: [relevance, *[None] * 4],
        },
        from_score=True,
    )


def _epsilon(size: float) -> Handler:
    """R_in = x J^T (R / (z + e sign z)), with e in units of the root mean square of z; a bias keeps its part."""

    def handler(op: Any, relevance: Tensor, *others: Tensor) -> list[Tensor]:
        z = op.outputs[0]
        stable = z + size * tf.sqrt(tf.reduce_mean(tf.square(z))) * tf.sign(z) if size else z
        back = own_gradient(op, tf.math.divide_no_nan(relevance, stable), *others)
        return [None if part is None else x * part for x, part in zip(op.inputs, back, strict=True)]

    return handler


def _z_plus(op: Any, relevance: Tensor) -> list[Tensor]:
    """R_in = x+ W+^T s + x- W-^T s with s = R / (x+ W+ + x- W-): only what pushes z up takes a part."""
    ((place, x),) = [(place, x) for place, x in enumerate(op.inputs) if _float(x) and sees_image(x)]
    halves = [[sign * tf.nn.relu(sign * tensor) if _float(tensor) else tensor for tensor in op.inputs] for sign in (1.0, -1.0)]
    up = [again(op, half) for half in halves]
    share = tf.math.divide_no_nan(relevance, up[0].outputs[0] + up[1].outputs[0])
    parts = [half[place] * own_gradient(one, share)[place] for half, one in zip(halves, up, strict=True)]
    return [parts[0] + parts[1] if tensor is x else None for tensor in op.inputs]


def _by_magnitude(op: Any, relevance: Tensor) -> list[Tensor]:
    """A sum without weights is split like the magnitudes of its terms, so that no part has another sign than R."""
    seen = [_float(x) and sees_image(x) for x in op.inputs]
    terms = [tf.abs(x) if sees else tf.zeros_like(x) if _float(x) else x for x, sees in zip(op.inputs, seen, strict=True)]
    total = again(op, terms, "AddV2" if op.type == "Sub" else op.type)
    back = own_gradient(total, tf.math.divide_no_nan(relevance, total.outputs[0]))
    return [x * part if sees else None for x, part, sees in zip(terms, back, seen, strict=True)]


def _scaled(op: Any, relevance: Tensor) -> list[Tensor]:
    """All of z = c x comes from x; where x was stretched to the shape of c, each part of z gives back its own."""
    whole = [x.shape == op.outputs[0].shape for x in op.inputs]
    return [relevance if one else None for one in whole] if any(whole) else _epsilon(0.0)(op, relevance)


def _clipped(op: Any, relevance: Tensor) -> Any:
    """A clip at a constant is a rectifier; of two feature maps the larger (or smaller) takes all."""
    seen = [sees_image(x) for x in op.inputs]
    return own_gradient(op, relevance) if all(seen) else [relevance if sees else None for sees in seen]


def sees_image(tensor: Tensor) -> bool:
    """Whether a tensor is computed from what the graph is fed, not from variables and constants alone."""
    kept = {id(each) for each in tensor.graph.internal_captures}
    todo, seen = [tensor], set()
    while todo:
        one = todo.pop()
        if one.op.type == "Placeholder" and id(one) not in kept:
            return True
        if one.op.name not in seen:
            seen.add(one.op.name)
            todo += one.op.inputs
    return False


def _float(tensor: Tensor) -> bool:
    return bool(tensor.dtype.is_floating)
