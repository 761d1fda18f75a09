"""One forward pass of a model as a graph that can be cut anywhere.

The model is traced once with ``wrap_function``. A *cut* builds the gradient between two tensors of that graph with
``tf.gradients`` and prunes the graph to what this question needs, so an early layer costs a fraction of the model.
Filter weights are graph inputs: another class or filter never traces again.
"""

from __future__ import annotations

import threading
import weakref
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from salwidget import backprop
from salwidget.observe import Call, observed

FINAL_ACTIVATIONS = ("Softmax", "Sigmoid")
# Operations that hand a tensor on without changing its values; a final activation is looked for behind them.
_PASS_THROUGH = ("Identity", "Cast", "Reshape", "Squeeze", "Transpose", "StopGradient", "PreventGradient")
_CALLS = ("PartitionedCall", "StatefulPartitionedCall")
# What makes feature maps. A call may hide one.
CONVOLUTIONS = ("Conv2D", "DepthwiseConv2dNative", "Conv2DBackpropInput", *_CALLS)


@dataclass(frozen=True)
class Cut:
    """A compiled question: images and filter weights in, score, activations and gradient out."""

    run: Any
    rectifiers: int

    def __call__(self, images: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        score, activations, gradient = self.run(tf.constant(images), tf.constant(weights))
        return score.numpy(), activations.numpy(), gradient.numpy()


class Trace:
    """The graph of ``model(image, training=False)``.

    Parameters
    ----------
    model
        Any built Keras model with one input.
    shape
        The model's input shape without the batch; ``None`` where any size goes.
    dtype
        The floating type that the images are fed in.

    Attributes
    ----------
    calls
        The tree of layer calls, in call order, with their output tensors.
    input, output
        The fed image batch, and the model's (first) output.
    cuts
        How many gradients have been added to the graph; it never shrinks, so its owner drops a trace that grew large.
    """

    def __init__(self, model: keras.Model, shape: tuple[int | None, ...], dtype: str) -> None:
        root = Call(weakref.ref(model))
        traced: list[Any] = []

        def forward(images: Any, weights: Any) -> Any:
            traced[:] = images, weights
            with backprop.overrides(tf.compat.v1.get_default_graph()), observed(root):
                root.output = first_tensor(root.layer(images, training=False))
            return root.output, tf.identity(weights)

        signature = [tf.TensorSpec((None, *shape), dtype), tf.TensorSpec((None, None), tf.float32)]
        self._function = tf.compat.v1.wrap_function(forward, signature)
        self.graph = self._function.graph
        self.input, self._weights = traced
        # The model's own call is the outermost one that was observed.
        self.calls = root.inner[-1]
        self.output = root.output
        self._library = self.graph.as_graph_def().library.function
        self.cuts = 0
        self._lock = threading.Lock()

    def owns(self, tensor: Any) -> bool:
        """Whether ``tensor`` lies in this graph, not inside a loop's or a ``tf.function``'s own."""
        return getattr(tensor, "graph", None) is self.graph

    def final_activation(self) -> tuple[str, Any]:
        """What ends the model (``softmax``, ``sigmoid`` or ``none``), and the tensor that goes into it.

        It is found in the graph, so it does not matter who wrote it: an ``activation=``, a layer or ``tf.nn.softmax``.
        Inside a ``tf.function`` it can be named but not reached: the tensor is then ``None``.
        """
        passed = []
        op = self.output.op
        while op.type in _PASS_THROUGH:
            passed.append(op)
            op = op.inputs[0].op
        if op.type in _CALLS:
            called = op.get_attr("f").name
            kinds = [node.op for each in self._library if each.signature.name == called for node in each.node_def]
            hidden = next((kind for kind in kinds if kind in FINAL_ACTIVATIONS), None)
            return (hidden.lower(), None) if hidden else ("none", self.output)
        if op.type not in FINAL_ACTIVATIONS:
            return "none", self.output
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

    def nonlinearities(self) -> Counter[str]:
        """Count the activation operations of the graph by type, e.g. ``{"Relu6": 35}``."""
        known = {*backprop.RECTIFIERS, *backprop.SMOOTH}
        return Counter(op.type for op in self.graph.get_operations() if op.type in known)

    def hides_rectifiers(self) -> bool:
        """Whether some rectifier sits inside a ``tf.function``, a condition or a loop, out of a rule's reach."""
        return any(node.op in backprop.RECTIFIERS for function in self._library for node in function.node_def)

    def cut(self, target: Any, source: Any, *, rule: backprop.Rule | None = None, channel_axis: int = -1) -> Cut:
        """Compile ``d(score)/d(source)`` where the score is a weighted mean of ``target``.

        score_b = sum_c weights_bc * mean over space of target_bc. Activations and gradient come back channels last.

        Raises
        ------
        ValueError
            When the score does not depend on ``source``.
        """
        modified = 0

        def counted(inputs: Sequence[Any], outputs: Sequence[Any], gradient: Any) -> Any:
            nonlocal modified
            modified += 1
            assert rule is not None
            return rule(inputs, outputs, gradient)

        with self._lock, self.graph.as_default(), backprop.using(counted if rule else None):
            score = _weighted_mean(channels_last(target, channel_axis), self._weights)
            (gradient,) = tf.gradients(score, source)
            if gradient is None:
                raise ValueError("The score does not depend on these values: no path of operations with a gradient joins them.")
            fetches = [score, channels_last(source, channel_axis), channels_last(gradient, channel_axis)]
            fetches = [tf.cast(tensor, _public_dtype(tensor.dtype)) for tensor in fetches]
            self.cuts += 1
            return Cut(self._pruned([self.input, self._weights], fetches), modified)

    def forward(self, tensors: Sequence[Any]) -> Any:
        """Compile a function from an image batch to the values of ``tensors``."""
        with self._lock, self.graph.as_default():
            run = self._pruned([self.input], [tf.cast(each, _public_dtype(each.dtype)) for each in tensors])
        return lambda images: [value.numpy() for value in run(tf.constant(images))]

    def _pruned(self, feeds: list[Any], fetches: list[Any]) -> Any:
        """A function from ``feeds`` to ``fetches``, called by position.

        A pruned function has a signature of no arguments: each direct call fails first, spends 6 ms on the text of that
        error, and then goes another way. Called from a ``tf.function`` that happens once.
        """
        pruned = self._function.prune(feeds, fetches)
        signature = [tf.TensorSpec(feed.shape, feed.dtype) for feed in feeds]
        return tf.function(lambda *values: pruned(*values), input_signature=signature, autograph=False)


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


def _weighted_mean(activations: Any, weights: Any) -> Any:
    space = list(range(1, activations.shape.rank - 1))
    means = tf.reduce_mean(activations, axis=space) if space else activations
    return tf.reduce_sum(means * tf.cast(weights, means.dtype), axis=-1)


def _public_dtype(dtype: Any) -> Any:
    return tf.float64 if dtype == tf.float64 else tf.float32
