"""CAM: the class's own weights over the pooled feature maps; no gradient."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import keras
import numpy as np
from tensorflow.python.framework import tensor_util

from salwidget.attribution.context import Context
from salwidget.attribution.contract import Answer, Method, method
from salwidget.attribution.grad_cam import NEGATIVE, positive, seen_from
from salwidget.engine.inputs import Input
from salwidget.engine.layers import Layer
from salwidget.engine.network import Network
from salwidget.engine.trace import FINAL_ACTIVATIONS
from salwidget.options import TokenGrid, grid_of, is_sequence
from salwidget.tensors import Operation

# Operations of a head that neither mix channels nor scale them.
_COPIES = ("Identity", "Cast", "StopGradient", "PreventGradient")
_RESHAPES = ("Reshape", "Squeeze", "ExpandDims")
_ADDS = ("BiasAdd", "Add", "AddV2")
_WEIGHS = ("MatMul", "Conv2D", "Conv3D")


@method
class CAM(Method):
    """Feature maps weighed as the head weighs their means (Zhou et al. 2016, equation 2).

    It needs global average pooling behind the feature maps, then at most one dense layer (or 1x1 convolution), which gives
    the logit; without one the class has a map of its own, which is the answer.
    """

    name = "cam"
    title = "CAM"
    group = "Feature maps"
    sentence = "What each cell of the last feature maps adds to {target}."
    formula = "ReLU( Σ_k w_k · A_k )"
    limits = "Only for heads that pool and then weigh. Coarse; the bias of the class is left out."
    paper = "Zhou et al. 2016, arXiv:1512.04150"
    units = "logit, as a mean over cells"
    uses_gradient = False

    token_grid = TokenGrid("token grid")
    negative = NEGATIVE

    def refine(self, context: Context) -> Iterator[Answer]:
        network, target, grid = context.network, context.target, context.options["token_grid"]
        if target.nearness_to is not None or any(unit.function for _, unit in target.terms):
            raise ValueError("cam explains classes: name them by filters, not by a function or a distance to a value.")
        maps_of_terms = []
        for weight, unit in target.terms:
            head = head_of(network, network.layer(unit.layer))
            if is_sequence(head.maps.shape) and grid is None and context.source.space != 1:
                raise ValueError(f"layer {head.maps} is a sequence of tokens: give token_grid=(rows, columns).")
            maps = grid_of(context.activations(head.maps), grid)
            weights = head.weights if unit.filters is None else np.take(head.weights, unit.filters, axis=1)
            maps_of_terms.append(weight * (maps @ weights.mean(1)))
            if unit.score != "logit":
                context.note("the head's weights are those of the logit: score changes nothing")
            context.note(f"looked at layer {head.maps} ({'×'.join(map(str, maps.shape[:-1]))} cells)")
        yield positive(context, np.sum(maps_of_terms, axis=0))

    def refusal(self, network: Network, target: Layer, source: Input) -> str:
        try:
            head = head_of(network, target)
        except ValueError as error:
            return str(error)
        if not network.depends(head.maps, source):
            return f"the feature maps of layer {head.maps} do not see input {source.name}; {seen_from(network, head.maps)}."
        return ""


@dataclass(frozen=True)
class Head:
    """What turns feature maps into logits: their means over space times ``weights`` (K, classes), plus a bias."""

    maps: Layer
    weights: np.ndarray


def head_of(network: Network, target: Layer) -> Head:
    """Follow the graph back from an output to the feature maps that it pools.

    Raises
    ------
    ValueError
        Naming the operation that is neither a mean over space nor the one weighing of channels.
    """
    if target.cells is not None:
        raise ValueError(_refused(target, "its output has cells itself (see 'feature_map')"))
    made_by: dict[str, Layer] = {}
    for layer in network.layers:  # a layer that does nothing (a dropout) hands on the tensor of another: the first made it
        made_by.setdefault(network.tensor(layer).op.name, layer)
    owner, weigher, pooled = target, None, False
    op = network.tensor(target).op
    while not (pooled and op.name in made_by):
        owner = made_by.get(op.name, owner)
        ends = op.type in FINAL_ACTIVATIONS and target in network.outputs and weigher is None and not pooled
        if op.type in _WEIGHS and weigher is None and not pooled:
            weigher = owner
        elif not pooled and _pools_all_cells(op, network.channel_axis):
            pooled = True
        elif not ends and op.type not in (_COPIES if pooled else (*_COPIES, *_RESHAPES, *_ADDS)):
            raise ValueError(_refused(target, f"it meets {op.type} in layer {owner}"))
        before = [tensor for tensor in op.inputs if not tensor.shape.is_fully_defined()]
        if len(before) != 1:  # the batch has no fixed size; weights and axes have
            raise ValueError(_refused(target, f"it meets {op.type} of {len(before)} branches in layer {owner}"))
        op = before[0].op
    return Head(made_by[op.name], _weights(network, weigher, made_by[op.name], target))


def _pools_all_cells(op: Operation, channel_axis: int) -> bool:
    """Whether ``op`` is a mean over all axes of space."""
    rank = op.inputs[0].shape.rank if op.inputs else None
    space = list(range(2, rank or 0)) if channel_axis == 1 else list(range(1, (rank or 0) - 1))
    if op.type == "AvgPool":
        return bool(space) and list(op.get_attr("ksize"))[1:-1] == op.inputs[0].shape[1:-1].as_list()
    axes = tensor_util.constant_value(op.inputs[1]) if op.type == "Mean" else None
    return axes is not None and bool(space) and sorted(np.ravel(axes) % rank) == space


def _weights(network: Network, weigher: Layer | None, maps: Layer, target: Layer) -> np.ndarray:
    """The kernel of a dense layer or 1x1 convolution as (K, classes); the identity where each class has its own map."""
    if weigher is None:
        return np.eye(maps.filters, dtype=np.float32)
    kernel = getattr(network.keras_layer(weigher), "kernel", None)
    wanted = (maps.filters, target.filters)
    if kernel is None or tuple(kernel.shape[-2:]) != wanted or math.prod(kernel.shape) != math.prod(wanted):
        raise ValueError(_refused(target, f"layer {weigher} is no dense layer over the {maps.filters} pooled channels"))
    return np.asarray(keras.ops.convert_to_numpy(kernel), np.float32).reshape(wanted)


def _refused(target: Layer, why: str) -> str:
    return (
        f"CAM needs global average pooling and at most one dense layer before layer {target}, but {why}; use method 'grad_cam'."
    )
