"""A part of a graph as a function of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import tensorflow as tf

from salwidget.tensors import ConcreteFunction, DType, Graph, Tensor

if TYPE_CHECKING:
    from salwidget.engine.batchnorm_folding import Folds


MAX_ERROR = 200  # characters of an error of TensorFlow or of the model's own code


@dataclass(eq=False)
class Compiled:
    """A function of the fed tensors, by position.

    ``inside`` adds its operations to another ``tf.function``, and takes ``kernels`` last; call ``refresh`` outside of it first.
    """

    inside: Callable[..., list[Tensor]]
    folds: Folds
    folded: tuple[str, ...]
    _function: ConcreteFunction
    # What the function captured, and the names of those that are folded kernels.
    _captured: list[tuple[Tensor, str | None]]
    _fed: dict[str, Tensor] | None = None

    @property
    def operations(self) -> int:
        """How many operations it has."""
        return len(self._function.graph.get_operations())

    @property
    def kernels(self) -> list[Tensor]:
        """The kernels and biases that were folded last."""
        fed = self.folds.fed
        return [fed[name] for name in self.folded]

    def refresh(self) -> int:
        """Fold the weights as they are now; returns their version."""
        return self.folds.refresh()

    def __call__(self, *fed: np.ndarray | Tensor, fresh: bool = False) -> list[Tensor]:
        """Run; ``fresh`` says that ``refresh`` has just been called."""
        if not fresh:
            self.refresh()
        if (folded := self.folds.fed) is not self._fed:
            # As captures: TensorFlow looks at each argument in Python, which takes 2 ms for the kernels of MobileNetV2.
            self._function.set_external_captures([folded[name] if name else outer for outer, name in self._captured])
            self._fed = folded
        try:
            values: list[Tensor] = self._function(*map(tf.convert_to_tensor, fed))
        except tf.errors.CancelledError:
            raise
        except tf.errors.OpError as error:
            raise ValueError(f"The model fails on this input: {in_short(error)}.") from error
        return values


def in_short(error: Exception) -> str:
    """The line of an error that says what is wrong, without the frames that TensorFlow and Keras put around it."""
    text = str(error.message if isinstance(error, tf.errors.OpError) else error)
    frames = ("Graph execution error", "Detected at node", "<stack traces", "Exception encountered when calling", "[[")
    lines = [line.strip().removeprefix("\x1b[1m").removesuffix("\x1b[0m") for line in text.splitlines()]
    message = next((line for line in lines if line and not line.startswith(frames)), type(error).__name__)
    return message.split(" [[")[0].rstrip(".")[:MAX_ERROR]


def compiled(graph: Graph, feeds: Sequence[Tensor], fetches: Sequence[Tensor], folds: Folds) -> Compiled:
    """The operations of ``graph`` that lead from the tensors ``feeds`` to ``fetches``, which become float32 or float64.

    They are imported into a graph of their own: ``prune`` copies one operation after the other in Python, which takes four
    times as long. The concrete function is taken, since TensorFlow warns of too many traces of one line of Python.
    """
    with graph.as_default():
        # A tensor that is fed cannot be imported: another stands for it.
        wanted = [tf.identity(tf.cast(tensor, _public_dtype(tensor.dtype))) for tensor in fetches]
    own = {tensor.name: tensor for each in folds.all for tensor in each.own}
    part, outside = _between(graph, {*own, *(feed.name for feed in feeds)}, wanted)
    folded = tuple(name for name in own if name in outside)
    names = [feed.name for feed in feeds] + list(folded)
    stands: dict[str, str] = {}

    def inside(*fed: Tensor) -> list[Tensor]:
        values, current = dict(zip(names, fed, strict=True)), tf.compat.v1.get_default_graph()
        given = {name: current.capture(values.get(name, outer)) for name, outer in outside.items()}
        fetched: list[Tensor] = tf.import_graph_def(part, given, [tensor.name for tensor in wanted], name="")
        return fetched

    def call(*fed: Tensor) -> list[Tensor]:
        kernels = []
        for name in folded:
            kernels.append(tf.compat.v1.placeholder(own[name].dtype, own[name].shape))
            stands[kernels[-1].name] = name
            # A scalar until it is called: what a graph captured first it holds for good.
            kernels[-1].graph.add_capture(tf.zeros((), own[name].dtype), kernels[-1])
        return inside(*fed, *kernels)

    specs = [tf.TensorSpec(feed.shape, feed.dtype) for feed in feeds]
    function = tf.function(call, input_signature=specs, autograph=False).get_concrete_function()
    captured = [(outer, stands.get(inner.name)) for outer, inner in function.graph.captures]
    return Compiled(inside, folds, folded, function, captured)


def _between(graph: Graph, fed: set[str], fetches: Sequence[Tensor]) -> tuple[tf.compat.v1.GraphDef, dict[str, Tensor]]:
    """A GraphDef of what ``fetches`` need beside the tensors that are fed, and by name what it needs from outside.

    For a capture that is the captured tensor, for a fed tensor the tensor itself.
    """
    captures = {inner.name: outer for outer, inner in graph.captures}
    part, outside, done = tf.compat.v1.GraphDef(versions=graph.graph_def_versions), {}, set()
    todo = [fetch.op for fetch in fetches]
    while todo:
        op = todo.pop()
        if op.name in done:
            continue
        done.add(op.name)
        node = op.node_def
        node.attr.pop("_class", None)  # names an operation to be placed with, which may not be among these
        part.node.append(node)
        todo += op.control_inputs
        for tensor in op.inputs:
            if tensor.name in fed or tensor.name in captures:
                outside[tensor.name] = captures.get(tensor.name, tensor)
            else:
                todo.append(tensor.op)
    if any(attr.HasField("func") or attr.list.func for node in part.node for attr in node.attr.values()):
        part.library.CopyFrom(graph.as_graph_def().library)
    return part, outside


def _public_dtype(dtype: DType) -> DType:
    return tf.float64 if dtype == tf.float64 else tf.float32
