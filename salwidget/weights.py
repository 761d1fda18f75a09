"""The values of a model's variables, and whether they have changed."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

# From so many times on, reading all at once is worth compiling: for 260 variables 0.2 s, and then 0.6 ms instead of 2.
OFTEN = 16
# Of all models, so that one traced anew begins with a version that it never had.
_versions = itertools.count(1)


class Weights:
    """Variables that are read together.

    TensorFlow never writes into memory that somebody else holds: a variable whose values are held moves elsewhere when it is
    next assigned, however that is done. So values have changed only where their place in memory has, and to ask takes a
    millisecond for 300 variables of any size. Until somebody asks after training, the old values stay in memory beside the new.

    Parameters
    ----------
    handles
        Of the variables, each with its type.

    Attributes
    ----------
    values
        As they were when the version was last asked for.
    """

    def __init__(self, handles: Sequence[tuple[Any, Any]]) -> None:
        self._handles = handles
        self._read: Callable[[], list[Any]] = self._each
        self._lock = threading.Lock()
        self._asked = 0
        self._memory: list[np.ndarray] = []
        self._version = 0
        self.values: list[Any] = []

    def version(self) -> int:
        """A number that is another one than before if any variable has been assigned since; it may be so without need."""
        with self._lock:
            self._asked += 1
            if self._asked == OFTEN:
                self._read = tf.function(self._each, autograph=False).get_concrete_function()
            values = self._read()
            memory = [_memory(value) for value in values]
            if not self._version or not all(map(np.may_share_memory, memory, self._memory)):
                self._version = next(_versions)
                self.values, self._memory = values, memory
            return self._version

    def _each(self) -> list[Any]:
        return [tf.raw_ops.ReadVariableOp(resource=handle, dtype=dtype) for handle, dtype in self._handles]


def _memory(value: Any) -> np.ndarray:
    """Where a tensor lies, as an array of it; elsewhere each time where that cannot be seen."""
    return np.asarray(memoryview(value)) if "CPU" in value.backing_device else np.empty(1)
