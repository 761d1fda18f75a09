"""A part of a graph as a function of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import tensorflow as tf


@dataclass(frozen=True)
class Compiled:
    """A function of what is fed, by position.

    ``function`` may be called inside another ``tf.function``; ``refresh`` is to be called before, on the outside.
    """

    function: Any
    refresh: Callable[[], int]

    @property
    def operations(self) -> int:
        """How many operations it has."""
        return len(self.function.graph.get_operations())

    def __call__(self, *fed: Any, fresh: bool = False) -> list[Any]:
        """Run; ``fresh`` says that ``refresh`` has just been called."""
        if not fresh:
            self.refresh()
        return self.function(*map(tf.convert_to_tensor, fed))


def compiled(graph: Any, feeds: Sequence[Any], fetches: Sequence[Any], refresh: Callable[[], int]) -> Compiled:
    """The operations of ``graph`` that lead from the tensors ``feeds`` to ``fetches``, which become float32 or float64.

    They are imported into a graph of their own: ``prune`` copies one operation after the other in Python, which takes four
    times as long. The concrete function is taken, since TensorFlow warns of too many traces of one line of Python.
    """
    with graph.as_default():
        # A tensor that is fed cannot be imported: another stands for it.
        wanted = [tf.identity(tf.cast(tensor, _public_dtype(tensor.dtype))) for tensor in fetches]
    part, outside = _between(graph, {feed.name for feed in feeds}, wanted)

    def call(*fed: Any) -> list[Any]:
        values = dict(zip((feed.name for feed in feeds), fed, strict=True))
        graph = tf.compat.v1.get_default_graph()
        given = {name: values[name] if name in values else graph.capture(outer) for name, outer in outside.items()}
        return tf.import_graph_def(part, given, [tensor.name for tensor in wanted], name="")

    specs = [tf.TensorSpec(feed.shape, feed.dtype) for feed in feeds]
    return Compiled(tf.function(call, input_signature=specs, autograph=False).get_concrete_function(), refresh)


def _between(graph: Any, fed: set[str], fetches: Sequence[Any]) -> tuple[Any, dict[str, Any]]:
    """A GraphDef of what ``fetches`` need beside the tensors that are fed, and by name what it needs from outside.

    That is for a capture the captured tensor, for what is fed the tensor itself.
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


def _public_dtype(dtype: Any) -> Any:
    return tf.float64 if dtype == tf.float64 else tf.float32
