"""One forward pass of a model as a graph that can be cut anywhere.

The model is traced once with ``wrap_function``. A *cut* builds the gradient between two tensors of that graph with
``tf.gradients`` and prunes the graph to what this question needs, so an early layer costs a fraction of the model.
"""

from __future__ import annotations

import threading
import weakref
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from salwidget import backprop
from salwidget.inputs import Input
from salwidget.observe import Call, Instead, observed

FINAL_ACTIVATIONS = ("Softmax", "Sigmoid")
# Operations that hand a tensor on without changing its values; a final activation is looked for behind them.
_PASS_THROUGH = ("Identity", "Cast", "Reshape", "Squeeze", "Transpose", "StopGradient", "PreventGradient")
_CALLS = ("PartitionedCall", "StatefulPartitionedCall")
# What makes feature maps. A call may hide one.
CONVOLUTIONS = ("Conv2D", "Conv3D", "DepthwiseConv2dNative", "Conv2DBackpropInput", "Conv3DBackpropInputV2", *_CALLS)

Build = Callable[[], tuple[Any, list[Any], list[Any]]]
How = Callable[[Callable[[], None]], backprop.Propagation]


@dataclass(frozen=True)
class Cut:
    """A compiled question: inputs and the target's numbers in, score, activations and gradient out."""

    run: Any
    rectifiers: int

    @property
    def operations(self) -> int:
        """How many operations run for one answer."""
        return sum(len(function.node_def) for function in self.run.graph.as_graph_def().library.function)

    def __call__(self, arrays: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        score, activations, gradient = self.run(*map(tf.constant, arrays))
        return score.numpy(), activations.numpy(), gradient.numpy()


class Trace:
    """The graph of ``model(inputs, training=False)``.

    Parameters
    ----------
    model
        Any built Keras model.
    inputs
        What it is fed.
    instead
        What stands for the output of a layer, see ``observed``.

    Attributes
    ----------
    calls
        The tree of layer calls, in call order, with their output tensors.
    inputs
        The batches that are fed. One of whole numbers that the model itself turns into floating ones (a uint8 image) is
        fed behind that cast, where it has a gradient.
    outputs
        The model's outputs, flat.
    cuts
        How many gradients have been added to the graph; it never shrinks, so its owner drops a trace that grew large.
    """

    def __init__(self, model: keras.Model, inputs: Sequence[Input], instead: Instead | None = None) -> None:
        root = Call(weakref.ref(model))
        traced: list[Any] = []
        specs = [tf.TensorSpec((None, *each.shape), each.traced_dtype) for each in inputs]

        def forward(*images: Any) -> Any:
            traced[:] = images
            with backprop.overrides(tf.compat.v1.get_default_graph()), observed(root, instead):
                root.output = root.layer(images[0] if len(images) == 1 else list(images), training=False)
            return tf.nest.flatten(root.output)

        self._function = tf.compat.v1.wrap_function(forward, specs)
        self.graph = self._function.graph
        self.inputs = [_behind_cast(tensor) for tensor in traced]
        # The model's own call is the outermost one that was observed.
        self.calls = root.inner[-1]
        self.outputs = tf.nest.flatten(root.output)
        self._library = self.graph.as_graph_def().library.function
        # Of the model alone: gradients will add operations of their own.
        self._operations = self.graph.get_operations()
        self.cuts = 0
        self._lock = threading.Lock()

    def owns(self, tensor: Any) -> bool:
        """Whether ``tensor`` lies in this graph, not inside a loop's or a ``tf.function``'s own."""
        return getattr(tensor, "graph", None) is self.graph

    def final_activation(self, output: Any) -> tuple[str, Any]:
        """What ends in ``output`` (``softmax``, ``sigmoid`` or ``none``), and the tensor that goes into it.

        It is found in the graph, so it does not matter who wrote it: an ``activation=``, a layer or ``tf.nn.softmax``.
        Inside a ``tf.function`` it can be named but not reached: the tensor is then ``None``.
        """
        passed = []
        op = output.op
        while op.type in _PASS_THROUGH:
            passed.append(op)
            op = op.inputs[0].op
        if op.type in _CALLS:
            called = op.get_attr("f").name
            kinds = [node.op for each in self._library if each.signature.name == called for node in each.node_def]
            hidden = next((kind for kind in kinds if kind in FINAL_ACTIVATIONS), None)
            return (hidden.lower(), None) if hidden else ("none", output)
        if op.type not in FINAL_ACTIVATIONS:
            return "none", output
        logits = op.inputs[0]
        with self.graph.as_default():
            for after in reversed(passed):  # what follows the activation, done to the logits too
                if after.type == "Transpose":
                    logits = tf.transpose(logits, after.inputs[1])
                elif after.type in ("Reshape", "Squeeze"):
                    logits = tf.reshape(logits, tf.shape(after.outputs[0]))
        return op.type.lower(), logits

    def ancestors(self, tensor: Any) -> dict[str, str]:
        """Names and types of the operations that ``tensor`` is computed from, its own included."""
        found, todo = {tensor.op.name: tensor.op.type}, [tensor.op]
        while todo:
            for before in todo.pop().inputs:
                if before.op.name not in found:
                    found[before.op.name] = before.op.type
                    todo.append(before.op)
        return found

    def descendants(self, tensor: Any) -> list[Any]:
        """The operations that ``tensor`` moves; a comparison, a shape or ``StopGradient`` ends the way."""
        found, todo = {}, [tensor]
        while todo:
            for after in todo.pop().consumers():
                moved = [out for out in after.outputs if out.dtype.is_floating]
                if moved and after.name not in found and after.type != "StopGradient":
                    found[after.name] = after
                    todo += moved
        return list(found.values())

    def rectifiers(self) -> int:
        """How many rectifiers the graph has that rules reach."""
        return sum(map(backprop.is_rectifier, self._operations))

    def smooth_activations(self) -> Counter[str]:
        """The activations that rules do not reach, by name: ``{"GELU": 12}``."""
        return backprop.smooth_activations(self._operations)

    def hides_rectifiers(self) -> bool:
        """Whether some rectifier sits inside a ``tf.function``, a condition or a loop, out of a rule's reach."""
        return any(node.op in backprop.RECTIFIERS for function in self._library for node in function.node_def)

    def cut(self, build: Build, source: Any, *, how: How, channel_axis: int) -> Cut:
        """Compile ``d(score)/d(source)``.

        Parameters
        ----------
        build
            Makes the score (N,), its placeholders, and the tensors that it is read from, in this graph.
        source
            The tensor (N, ...) to differentiate with respect to; its values and gradient come back channels last.
        how
            Makes the propagation, and calls its argument for each rectifier that a rule replaces.

        Raises
        ------
        ValueError
            When the score does not depend on ``source``.
        """
        modified = 0

        def count() -> None:
            nonlocal modified
            modified += 1

        propagation = how(count)
        with self._lock, self.graph.as_default(), backprop.using(propagation.handlers):
            score, feeds, units = build()
            ends, start = [score], None
            if propagation.from_score:
                ends = list({id(unit): unit for unit in units}.values())  # two cells of one layer are one tensor
                start = [unit * slope for unit, slope in zip(ends, tf.gradients(score, ends, stop_gradients=ends), strict=True)]
            (gradient,) = tf.gradients(ends, source, grad_ys=start)
            if gradient is None:
                raise ValueError("The score does not depend on these values: no path of operations with a gradient joins them.")
            gradient = tf.convert_to_tensor(gradient)
            fetches = [score, channels_last(source, channel_axis), channels_last(gradient, channel_axis)]
            self.cuts += 1
            return Cut(self._pruned([*self.inputs, *feeds], fetches), modified)

    def forward(self, build: Callable[[], tuple[Sequence[Any], list[Any]]]) -> Any:
        """Compile a function from the inputs, and what ``build`` wants fed, to the values of its tensors."""
        with self._lock, self.graph.as_default():
            tensors, feeds = build()
            return self._pruned([*self.inputs, *feeds], tensors)

    def _pruned(self, feeds: list[Any], fetches: Sequence[Any]) -> Any:
        """A function from ``feeds`` to ``fetches``, called by position.

        A pruned function has a signature of no arguments: each direct call fails first, spends 6 ms on the text of that
        error, and then goes another way. Called from a ``tf.function`` that happens once. The concrete function is taken,
        since TensorFlow warns of too many traces of one line of Python, whatever it was traced for.
        """
        pruned = self._function.prune(feeds, [tf.cast(tensor, _public_dtype(tensor.dtype)) for tensor in fetches])
        signature = [tf.TensorSpec(feed.shape, feed.dtype) for feed in feeds]
        called = tf.function(lambda *values: pruned(*values), input_signature=signature, autograph=False)
        return called.get_concrete_function()


def first_tensor(output: Any) -> Any:
    """The first tensor of a layer's output, whatever it is nested in."""
    flat = tf.nest.flatten(output)
    return flat[0] if flat else None


def channels_last(tensor: Any, channel_axis: int) -> Any:
    """Move the channels of a batch to the last axis."""
    rank = tensor.shape.rank
    if channel_axis in (-1, rank - 1) or rank is None or rank < 3:
        return tensor
    return tf.transpose(tensor, [0, *range(2, rank), 1])


def _behind_cast(tensor: Any) -> Any:
    uses = tensor.consumers()
    if tensor.dtype.is_floating or len(uses) != 1 or uses[0].type not in ("Cast", "Identity"):
        return tensor
    after = uses[0].outputs[0]
    return after if after.dtype.is_floating else _behind_cast(after)


def _public_dtype(dtype: Any) -> Any:
    return tf.float64 if dtype == tf.float64 else tf.float32
