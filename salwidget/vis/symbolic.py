"""From Keras's symbolic tensors and layers to an opened network: which model, which layer, which input."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import keras

from salwidget.engine.inputs import Input
from salwidget.engine.layers import Layer
from salwidget.engine.network import Network
from salwidget.query import Modifier
from salwidget.tensors import Tensor
from salwidget.vis.backend import ModifiedModel

KerasTensor: TypeAlias = keras.KerasTensor
# What keras-vis calls an input tensor: a model stands for its own, so that models without symbolic inputs have one too.
InputTensor: TypeAlias = keras.Model | ModifiedModel | KerasTensor | Sequence[KerasTensor]
# An input by index, name or tensor (of a single one ``model.inputs``, too); ``None``: the one that is meant without saying.
WhichInput: TypeAlias = int | str | Input | ModifiedModel | KerasTensor | Sequence[KerasTensor] | None
# A layer by index or name, or as itself.
WhichLayer: TypeAlias = int | str | Layer | keras.Layer
# What a gradient is taken with respect to: an input, or a layer's output by its tensor or as the layer.
WrtTensor: TypeAlias = WhichInput | Layer | keras.Layer


def model_of(input_tensor: InputTensor) -> tuple[keras.Model, Modifier]:
    """The model that an input tensor belongs to, and the backprop rule that it carries.

    A symbolic tensor (``model.inputs``, a functional model's ``model.input``) does not know its model: a functional model is
    built of everything that is computed from it, and traced at each call. Passing the model is quicker, and the only way for
    a subclassed one.

    Raises
    ------
    TypeError, ValueError
        For anything that is no input tensor, or one input of a model with several.
    """
    input_tensor = _alone(input_tensor)
    if isinstance(input_tensor, ModifiedModel):
        return input_tensor.model, input_tensor.backprop_modifier
    if isinstance(input_tensor, keras.Model):
        return input_tensor, None
    tensors = list(input_tensor) if isinstance(input_tensor, (list, tuple)) else [input_tensor]
    if not tensors or not all(isinstance(each, keras.KerasTensor) for each in tensors):
        raise TypeError(f"input_tensor is a Keras model, or its model.inputs, not {type(input_tensor).__name__}.")
    ends = _ends(tensors)
    try:
        return keras.Model(tensors, ends), None
    except ValueError as error:
        raise ValueError("No model is computed from input_tensor alone: pass the model itself instead.") from error


def _alone(tensors: WrtTensor) -> WrtTensor:
    """The one entry of a list of one: a Sequential model has only ``model.inputs``, no ``model.input``."""
    return tensors[0] if isinstance(tensors, (list, tuple)) and len(tensors) == 1 else tensors


def layer_of(network: Network, which: WhichLayer) -> Layer:
    """A layer of the network by index, name, or Keras layer (the first call of a shared one).

    Raises
    ------
    ValueError, TypeError
        When the network has no such layer.
    """
    if not isinstance(which, keras.Layer):
        return network.layer(which)
    for layer in network.layers:
        if network.keras_layer(layer) is which:
            return layer
    nested = " it is a model of its own: choose one of its layers," if isinstance(which, keras.Model) else ""
    raise ValueError(f"Layer {which.name!r} is not among the layers of {network.name}:{nested} or give an index or a name.")


def node_of(network: Network, tensor: KerasTensor) -> Layer | Input | None:
    """The input, or the layer's output, that a symbolic tensor stands for."""
    for known, source in zip(getattr(network.model, "inputs", None) or (), network.inputs, strict=False):
        if known is tensor:
            return source
    made_by = tensor._keras_history.operation
    return next((layer for layer in network.layers if network.keras_layer(layer) is made_by), None)


def source_of(network: Network, wrt_tensor: WrtTensor) -> Layer | Input:
    """What a gradient is taken with respect to: ``None`` is the first input.

    Otherwise an input by index, name or tensor (of a single one ``model.inputs``, too), or a layer's output by its tensor or
    Keras layer.

    Raises
    ------
    ValueError, TypeError
        When there is no such input or layer.
    """
    wrt_tensor = _alone(wrt_tensor)
    if wrt_tensor is None or isinstance(wrt_tensor, ModifiedModel):
        return network.inputs[0]
    if isinstance(wrt_tensor, Input):
        return wrt_tensor
    if isinstance(wrt_tensor, (keras.Layer, Layer)):
        return layer_of(network, wrt_tensor)
    if not isinstance(wrt_tensor, keras.KerasTensor):
        return network.input(wrt_tensor)  # type: ignore[arg-type] # what is neither is refused there
    node = node_of(network, wrt_tensor)
    if node is None:
        raise ValueError(f"The tensor {wrt_tensor.name!r} is neither an input of {network.name} nor the output of a layer.")
    return node


def evaluated(network: Network, symbolic: KerasTensor) -> Tensor:
    """A symbolic tensor, computed in the network's graph from the inputs and layers' outputs that it depends on.

    Raises
    ------
    ValueError
        When it depends on anything else.
    """
    found: dict[int, tuple[KerasTensor, Layer | Input]] = {}
    todo = [symbolic]
    while todo:
        tensor = todo.pop()
        node = node_of(network, tensor)
        if node is not None:
            found[id(tensor)] = (tensor, node)
            continue
        operation, call, _ = tensor._keras_history
        before = operation._inbound_nodes[call].input_tensors if operation else []
        if not before:
            raise ValueError(f"A loss is made of the tensor {tensor.name!r}, which is not computed by {network.name}.")
        todo += before
    if id(symbolic) in found:
        return network.tensor(found[id(symbolic)][1])
    tensors, nodes = zip(*found.values(), strict=True)
    return keras.Function(list(tensors), symbolic)([network.tensor(node) for node in nodes])


def _ends(tensors: Sequence[KerasTensor]) -> list[KerasTensor]:
    """The outputs of the last layers that are computed from ``tensors``; operations after them (losses) do not count."""
    made = []  # calls of layers
    seen: set[int] = set()
    todo = list(tensors)
    while todo:
        tensor = todo.pop()
        if id(tensor) in seen:
            continue
        seen.add(id(tensor))
        # Of several calls of one layer on one tensor the last counts: a Sequential model calls again as it grows.
        calls = {
            id(node.operation): node
            for node in tensor._keras_history.operation._outbound_nodes
            if any(each is tensor for each in node.input_tensors)
        }
        made += [node for node in calls.values() if isinstance(node.operation, keras.Layer)]
        todo += [output for node in calls.values() for output in node.outputs]
    feeding: set[int] = set()
    todo = [tensor for node in made for tensor in node.input_tensors]
    while todo:
        tensor = todo.pop()
        if id(tensor) not in feeding:
            feeding.add(id(tensor))
            operation, call, _ = tensor._keras_history
            todo += operation._inbound_nodes[call].input_tensors
    ends = {id(output): output for node in made for output in node.outputs if id(output) not in feeding}
    return list(ends.values())
