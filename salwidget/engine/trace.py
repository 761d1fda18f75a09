"""One forward pass of a model as a graph that can be cut anywhere.

The model is traced once, batch normalisations folded. A *cut* builds the gradient between two tensors of that graph with
``tf.gradients`` and compiles only the operations that it needs, so that an early layer costs a fraction of the model.
"""

from __future__ import annotations

import functools
import threading
import weakref
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import keras
import tensorflow as tf

from salwidget.engine import backprop
from salwidget.engine.activations import Activations, activations
from salwidget.engine.batchnorm_folding import Fold, Folds, fold
from salwidget.engine.compiled import Compiled, compiled, in_short
from salwidget.engine.inputs import Input
from salwidget.engine.layer_calls import Call, observed
from salwidget.engine.rectifiers import RECTIFIERS
from salwidget.engine.silu import silu_handlers
from salwidget.tensors import Nested, Operation, Tensor

FINAL_ACTIVATIONS = ("Softmax", "Sigmoid")
# Operations that hand a tensor on without changing its values; a final activation is looked for behind them.
_PASS_THROUGH = ("Identity", "Cast", "Reshape", "Squeeze", "Transpose", "StopGradient", "PreventGradient")
_CALLS = ("PartitionedCall", "StatefulPartitionedCall")
# What makes feature maps. A call may hide one.
CONVOLUTIONS = ("Conv2D", "Conv3D", "DepthwiseConv2dNative", "Conv2DBackpropInput", "Conv3DBackpropInputV2", *_CALLS)

Build = Callable[[], tuple[Tensor, list[Tensor], list[Tensor]]]
MakePropagation = Callable[[Callable[[Operation], None]], backprop.Propagation]


@dataclass(frozen=True)
class Cut:
    """A compiled gradient: from the inputs to the score, the values of each source and the gradient with respect to each.

    ``from_source`` says that the source's values are fed as well, after the inputs; what leads to them is not run.
    """

    run: Compiled
    rectifiers: int
    from_source: bool


class Trace:
    """The graph of ``model(inputs, training=False)``.

    Parameters
    ----------
    model
        Any built Keras model.
    inputs
        Its inputs.
    folding
        Whether to fold batch normalisations into convolutions, see ``Fold``.

    Attributes
    ----------
    calls
        The tree of layer calls, in call order, with their output tensors.
    inputs
        The tensors that batches are fed to. Where the model itself casts whole numbers to floats (a uint8 image), it is the
        tensor behind the cast, which has a gradient.
    outputs
        The model's outputs, flat.
    folds
        The batch normalisations that were folded into convolutions.
    one_by_one
        Whether the model takes one image at a time.
    cuts
        How many gradients have been added to the graph. A graph never shrinks: its owner drops it when it has grown large.
    """

    def __init__(self, model: keras.Model, inputs: Sequence[Input], folding: bool = True) -> None:
        root = Call(weakref.ref(model))
        folds: list[Fold] = []
        self.graph = tf.__internal__.FuncGraph("salwidget")

        def replace(layer: keras.Layer, inputs: Nested) -> Tensor | None:
            # Inside a loop or a tf.function of the model's another graph is built.
            here = folding and tf.compat.v1.get_default_graph() is self.graph
            made = fold(layer, inputs) if here else None
            if made is None:
                return None
            folds.append(made)
            return made.replacement

        with self.graph.as_default(), backprop.overrides(self.graph), observed(root, replace):
            images = [tf.compat.v1.placeholder(each.traced_dtype, (None, *each.shape)) for each in inputs]
            try:
                root.output = root.layer(images[0] if len(images) == 1 else images, training=False)
            except Exception as error:  # from the model's own code, or a layer that takes one batch size only
                raise ValueError(why_no_trace(model, error)) from error
        self.inputs = [_behind_cast(tensor) for tensor in images]
        # The model's own call is the outermost one that was observed.
        self.calls = root.inner[-1]
        self.outputs = tf.nest.flatten(root.output)
        self.one_by_one = one_by_one(model.name, self.outputs)
        self._library = self.graph.as_graph_def().library.function
        # The model's alone: gradients will add operations of their own.
        self._operations = self.graph.get_operations()
        self.cuts = 0
        self._lock = threading.RLock()
        self.folds = Folds(self.graph, folds)
        sums = dict.fromkeys(("Add", "AddV2"), backprop.sum_of_alike)
        self._shortcuts = {**sums, **self.folds.handlers, **silu_handlers(self._operations)}

    def owns(self, tensor: Tensor) -> bool:
        """Whether ``tensor`` lies in this graph, not inside a loop's or a ``tf.function``'s own."""
        return getattr(tensor, "graph", None) is self.graph

    def final_activation(self, output: Tensor) -> tuple[str, Tensor | None]:
        """The activation that ``output`` ends in (``softmax``, ``sigmoid`` or ``none``), and its input.

        It is found in the graph, so it does not matter whether ``activation=``, a layer or ``tf.nn.softmax`` made it. Inside a
        ``tf.function`` it can be named but not reached: the tensor is then ``None``.
        """
        op, passed = _behind_moves(output)
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

    def ancestors(self, tensor: Tensor) -> dict[str, str]:
        """Names and types of the operations that ``tensor`` is computed from, its own included."""
        found, todo = {tensor.op.name: tensor.op.type}, [tensor.op]
        covered = {each.replacement.op.name: each.covered for each in self.folds.all}
        while todo:
            op = todo.pop()
            # The tensors that a fold covers count as its ancestors, too.
            for before in (*op.inputs, *covered.get(op.name, ())):
                if before.op.name not in found:
                    found[before.op.name] = before.op.type
                    todo.append(before.op)
        return found

    def descendants(self, tensor: Tensor) -> list[Operation]:
        """The operations that depend on ``tensor`` by a gradient: a comparison, a shape or ``StopGradient`` ends the way."""
        found, todo = {}, [tensor]
        while todo:
            for after in todo.pop().consumers():
                moved = [out for out in after.outputs if out.dtype.is_floating]
                if moved and after.name not in found and after.type != "StopGradient":
                    found[after.name] = after
                    todo += moved
        return list(found.values())

    @functools.cached_property
    def activations(self) -> Activations:
        """The rectifiers that rules apply to, and the names of the other activations."""
        return activations(self._operations, {_behind_moves(output)[0].name for output in self.outputs})

    def smooth_activations(self) -> Counter[str]:
        """How many activations of each kind rules do not apply to: ``{"GELU": 12}``."""
        return Counter(self.activations.others.values())

    def hides_rectifiers(self) -> bool:
        """Whether some rectifier sits inside a ``tf.function``, a condition or a loop, where no rule reaches it."""
        return any(node.op in RECTIFIERS for function in self._library for node in function.node_def)

    def cut(
        self,
        build: Build,
        sources: Sequence[Tensor],
        *,
        propagation_of: MakePropagation,
        channel_axis: int,
        from_source: bool = False,
    ) -> Cut:
        """Compile ``d(score)/d(source)`` for each source, in one backward pass.

        Parameters
        ----------
        build
            Makes the score (N,), its placeholders, and the tensors that it is read from, in this graph.
        sources
            The tensors (N, ...) to differentiate with respect to. Their values and gradients are returned channels last.
        propagation_of
            Makes the propagation; it calls its argument with each rectifier that a rule replaces.
        from_source
            Feed the sources' values, if no fold covers them.

        Raises
        ------
        ValueError
            When the score does not depend on a source.
        """
        replaced: set[str] = set()
        propagation = propagation_of(lambda op: replaced.add(op.name))
        covering = [each for each in self.folds.all if any(source is tensor for source in sources for tensor in each.covered)]
        with self._lock, self.graph.as_default(), backprop.using({**self._shortcuts, **propagation.handlers}):
            score, feeds, units = build()
            ends, starts = [score], [None]
            if propagation.from_score:
                ends = list({id(unit): unit for unit in units}.values())  # two cells of one layer are one tensor
                slopes = tf.gradients(score, ends, stop_gradients=ends)
                starts = [unit * slope for unit, slope in zip(ends, slopes, strict=True)]
            for each in covering:  # the way back goes through the normalisation itself, which the fold passes by
                (above,) = tf.gradients(ends, each.replacement, grad_ys=starts)
                if above is not None:
                    ends, starts = [*ends, each.normalised()], [*starts, above]
            gradients = tf.gradients(ends, sources, grad_ys=starts)
            if any(gradient is None for gradient in gradients):
                raise ValueError("The score does not depend on these values: no path of operations with a gradient joins them.")
            values = [*sources, *map(tf.convert_to_tensor, gradients)]
            fetches = [score, *(channels_last(each, channel_axis) for each in values)]
            self.cuts += 1
            fed = sources if from_source and not covering else []
            return Cut(self._compiled([*fed, *feeds], fetches), len(replaced), bool(fed))

    def forward(self, build: Callable[[], tuple[Sequence[Tensor], list[Tensor]]]) -> Compiled:
        """Compile the tensors that ``build`` makes as a function of the inputs and of its placeholders."""
        with self._lock, self.graph.as_default():
            tensors, feeds = build()
            return self._compiled(feeds, tensors)

    def _compiled(self, feeds: list[Tensor], fetches: Sequence[Tensor]) -> Compiled:
        return compiled(self.graph, [*self.inputs, *feeds], fetches, self.folds)


def why_no_trace(model: keras.Model, error: Exception) -> str:
    """Why a model cannot be called in a graph on a batch of any size, and what to do."""
    stateful = [layer.name for layer in getattr(model, "layers", []) if getattr(layer, "stateful", False)]
    if stateful:
        return (
            f"{model.name} keeps a state from batch to batch (layer {', '.join(stateful)}), so an answer would depend on what "
            "came before: build it again with stateful=False and the same weights."
        )
    return (
        f"{model.name} cannot be called in a graph on a batch of any size: {in_short(error)}; build it of layers and "
        "operations of Keras or TensorFlow that take any batch."
    )


def one_by_one(name: str, outputs: Sequence[Tensor]) -> bool:
    """Whether outputs have one row whatever the batch, as after a reshape to a fixed size: then images go one at a time.

    Raises
    ------
    ValueError
        When an output does not have a row for each image.
    """
    shapes = [output.shape for output in outputs if output is not None and output.shape.rank is not None]
    for shape in shapes:
        if not shape.rank or shape[0] not in (None, 1):
            raise ValueError(
                f"An output of {name} has the shape {tuple(shape)} whatever the batch: each image of a batch needs a row of "
                "its own, (batch, ...)."
            )
    return any(shape[0] == 1 for shape in shapes)


def first_tensor(output: Nested) -> Tensor | None:
    """The first tensor of a layer's output, whatever it is nested in."""
    flat = tf.nest.flatten(output)
    return flat[0] if flat else None


def channels_last(tensor: Tensor, channel_axis: int) -> Tensor:
    """Move the channels of a batch to the last axis."""
    rank = tensor.shape.rank
    if channel_axis in (-1, rank - 1) or rank is None or rank < 3:
        return tensor
    return tf.transpose(tensor, [0, *range(2, rank), 1])


def _behind_moves(tensor: Tensor) -> tuple[Operation, list[Operation]]:
    """The operation that computes the values of ``tensor``, and those after it that only pass them on, last one first."""
    op, passed = tensor.op, []
    while op.type in _PASS_THROUGH:
        passed.append(op)
        op = op.inputs[0].op
    return op, passed


def _behind_cast(tensor: Tensor) -> Tensor:
    uses = tensor.consumers()
    if tensor.dtype.is_floating or len(uses) != 1 or uses[0].type not in ("Cast", "Identity"):
        return tensor
    after = uses[0].outputs[0]
    return after if after.dtype.is_floating else _behind_cast(after)
