"""What a TensorFlow graph is made of, by its names in signatures; nothing here imports TensorFlow.

TensorFlow ships no types, so that a type checker takes these for ``Any``: they tell a reader what is meant.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import tensorflow as tf

# Eager, or symbolic in a graph. A batch of images is (N, ..., C).
Tensor: TypeAlias = "tf.Tensor"
# What a layer takes or returns: a tensor, or several in lists, tuples and dicts.
Nested: TypeAlias = "Tensor | Sequence[Nested] | Mapping[str, Nested]"
Operation: TypeAlias = "tf.Operation"
Graph: TypeAlias = "tf.Graph"
DType: TypeAlias = "tf.DType"
# A compiled ``tf.function`` of one signature.
ConcreteFunction: TypeAlias = "tf.types.experimental.ConcreteFunction"
