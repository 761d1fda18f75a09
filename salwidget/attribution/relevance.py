"""Which rule of layer-wise relevance propagation each operation follows.

The formulas are in ``relevance_rules``. ``without_rule`` names operations that have none before anything is computed.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from salwidget.attribution.relevance_rules import clipped, image_input, rule_named, scaled, unchanged, weighted_before
from salwidget.engine.backprop import LINEAR, SCALING, SUMS, WEIGHTED, Handler, Propagation
from salwidget.engine.rectifiers import RECTIFIERS
from salwidget.query import Table
from salwidget.tensors import Operation, Tensor

if TYPE_CHECKING:
    from salwidget.engine.layers import Layer
    from salwidget.engine.traced_model import TracedModel

# Activations through zero pass relevance on unchanged (Bach et al. 2015, equations 50 to 56).
ACTIVATIONS = (*RECTIFIERS, "Elu", "Selu", "Tanh")
CLIPS = ("Minimum", "Maximum")
# Those of them that are no rectifiers, by name; gates and all other activations have no rule.
_THROUGH_ZERO = ("ELU", "SELU", "tanh", "hard_tanh")
# These move values, or choose among them: their own gradient moves relevance the same way. A maximum's winner takes all.
_MOVING = (
    *("Identity", "Cast", "Reshape", "Squeeze", "ExpandDims", "Transpose", "Pack", "Unpack", "ConcatV2", "Split", "SplitV"),
    *("Pad", "PadV2", "MirrorPad", "Slice", "StridedSlice", "GatherV2", "Tile", "BroadcastTo", "SelectV2", "Max"),
    *("MaxPool", "MaxPool3D", "SpaceToBatchND", "BatchToSpaceND", "SpaceToDepth", "DepthToSpace", "ResizeNearestNeighbor"),
)
_KNOWN = {*LINEAR, *ACTIVATIONS, *CLIPS, *_MOVING}
_RULED = {*WEIGHTED, *SUMS, "FusedBatchNormV3"}
_DENSE = ("MatMul", "BatchMatMulV2", "Einsum")

# Two rules that depend on the layer: what dense layers follow, and what convolutions do.
MIXED = {"epsilon_plus": ("epsilon", "z_plus"), "epsilon_gamma": ("epsilon", "gamma")}
# The rules that a single layer may follow; some make sense only for the first weighted layer.
RULES = ("epsilon", "z_plus", "gamma", "identity", "flat", "w_square", "z_box")


def without_rule(operations: Sequence[Operation], activations: Mapping[str, str]) -> list[str]:
    """Names of those ``operations`` (all between the image and the score) that have no rule.

    ``activations`` are the activations that are no rectifiers, by operation name.
    """
    names = {op.name for op in operations}
    found = set()
    for op in operations:
        activation = activations.get(op.name, "")
        if activation and activation not in _THROUGH_ZERO:
            found.add(activation)
        elif op.type not in _KNOWN:
            found.add(op.type)
        if op.type in (*WEIGHTED, *SCALING) and sum(x.dtype.is_floating and x.op.name in names for x in op.inputs) > 1:
            found.add(f"{op.type} of two feature maps")
    return sorted(found)


@functools.lru_cache(maxsize=32)  # one object per choice: a network caches what it compiles by it
def propagation(rule: str, epsilon: float, gamma: float, first: str, composite: Table | None, images: int) -> Propagation:
    """A rule for every operation that can have one.

    Parameters
    ----------
    rule
        ``"epsilon"``, ``"z_plus"``, ``"gamma"``, or one of ``MIXED``.
    epsilon, gamma
        Their parameters.
    first
        The rule of the first weighted layer, one of ``RULES``; ``"same"``: the common one.
    composite
        The rules of single layers, by name, index or kind.
    images
        How many are fed: 3 with the two bounds behind the image.
    """
    dense, others = MIXED.get(rule, (rule, rule))
    rules = {name: rule_named(name, epsilon, gamma, images) for name in RULES}

    def apply_rule(name: str, op: Operation, relevance: Tensor, *rest: Tensor) -> Tensor | list[Tensor | None]:
        weighted, summed = rules[name]
        if name == "epsilon" or op.type in WEIGHTED:
            return weighted(op, relevance, *rest)
        # A bias has its part in the weighted sum, or none.
        onwards = op.type == "FusedBatchNormV3" or weighted_before(op) is not None
        return unchanged(op, relevance) if onwards else summed(op, relevance)

    def default_handler(op: Operation, relevance: Tensor, *rest: Tensor) -> Tensor | list[Tensor | None]:
        before = op if op.type in WEIGHTED else weighted_before(op)
        name = others if before is not None and before.type not in _DENSE else dense
        return apply_rule(name, op, relevance, *rest)

    def of_layers(traced_model: TracedModel, source: Tensor) -> dict[str, Handler]:
        chosen = dict(_chosen(traced_model, source, first, composite))
        return {op.name: functools.partial(apply_rule, name) for op, name in chosen.items()}

    return Propagation(
        {
            **dict.fromkeys(ACTIVATIONS, lambda op, relevance: relevance),
            **dict.fromkeys(CLIPS, clipped),
            **dict.fromkeys((*WEIGHTED, *SUMS, "FusedBatchNormV3"), default_handler),
            **dict.fromkeys(SCALING, scaled),
        },
        from_score=True,
        of_layers=of_layers,
    )


def _chosen(traced_model: TracedModel, source: Tensor, first: str, composite: Table | None) -> Iterator[tuple[Operation, str]]:
    """Operations with a rule of their own, and its name; later ones win: a layer's over its kind's over the first layer's."""
    firsts, before = _first_weighted(source)
    if first != "same":
        for op in before + firsts + [use for each in firsts for use in _biases(each)]:
            if op.type in _RULED:
                yield op, _checked_rule(first, op, "the first layer")
    for layer, name in [] if composite is None else _layers_with_rules(composite, traced_model):
        for op in traced_model.operations(layer):
            if op.type in _RULED:
                if name == "z_box" and op.type in WEIGHTED and op not in firsts:
                    raise ValueError(
                        f"lrp: rule 'z_box' is for pixels, but others come before layer {layer}; use it in the first."
                    )
                yield op, _checked_rule(name, op, f"layer {layer}")


def _layers_with_rules(composite: Table, traced_model: TracedModel) -> list[tuple[Layer, str]]:
    by_kind = [(layer, name) for key, name in composite.pairs for layer in traced_model.layers if layer.kind == key]
    return by_kind + [
        (layer, name) for key, name in composite.pairs for layer in traced_model.layers if key in (layer.index, layer.name)
    ]


def _first_weighted(source: Tensor) -> tuple[list[Operation], list[Operation]]:
    """The first weighted sums of an input, and the operations before them."""
    firsts: dict[str, Operation] = {}
    before: dict[str, Operation] = {}
    todo = [source]
    while todo:
        for op in todo.pop().consumers():
            if op.name not in firsts and op.name not in before:
                (firsts if op.type in WEIGHTED else before)[op.name] = op
                todo += [] if op.type in WEIGHTED else [out for out in op.outputs if out.dtype.is_floating]
    return list(firsts.values()), list(before.values())


def _biases(op: Operation) -> list[Operation]:
    found, todo = [], [op.outputs[0]]
    while todo:
        for use in todo.pop().consumers():
            if use.type in ("Reshape", "Squeeze", "Identity"):
                todo += use.outputs
            elif weighted_before(use) is op:
                found.append(use)
    return found


def _checked_rule(name: str, op: Operation, where: str) -> str:
    if name == "identity" and op.type in WEIGHTED:
        (_, x), z = image_input(op), op.outputs[0]
        if x.shape[1:] != z.shape[1:]:
            sizes = " into ".join(" × ".join(map(str, each.shape[1:])) for each in (x, z))
            raise ValueError(f"lrp: rule 'identity' keeps shapes, but {where} turns {sizes}; use 'flat' or 'w_square'.")
    return name
