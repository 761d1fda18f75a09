"""The values of a model's variables, and whether they have changed."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Sequence

import numpy as np
import tensorflow as tf

from salwidget.engine.fingerprint import fingerprint
from salwidget.tensors import DType, Tensor

# From the 16th reading on, reading all at once is worth compiling: for 260 variables 0.2 s, and then 0.6 ms instead of 2.
COMPILE_AFTER = 16
# Of all models, so that one traced anew begins with a version that it never had.
_versions = itertools.count(1)


class Weights:
    """Variables that are read together.

    TensorFlow never writes into memory that somebody else holds: a variable whose values are held gets new memory when it is
    next assigned, however that is done. So values have changed only if their address has, and a check takes a millisecond for
    300 variables of any size. Until the first check after training the old values stay in memory beside the new.
    The address of a variable in a device's own memory cannot be seen: there a fingerprint of its values is taken.

    Parameters
    ----------
    handles
        One for each variable, with its type.

    Attributes
    ----------
    values
        The variables' values at the last call of ``version``.
    """

    def __init__(self, handles: Sequence[tuple[Tensor, DType]]) -> None:
        self._handles = handles
        self._read: Callable[[], list[Tensor]] = self._each
        self._lock = threading.Lock()
        self._reads = 0
        self._fingerprint: Callable[[], tuple[int, ...]] | None = None
        # The variables whose memory can be seen, and whether they are bfloat16: asking again takes longer than comparing.
        self._in_host_memory: list[tuple[int, bool]] = []
        self._known: tuple[int, ...] = ()
        self._memory: list[np.ndarray] = []
        self._version = 0
        self.values: list[Tensor] = []

    def version(self) -> int:
        """A number that changes when a variable has been assigned; it may change without need."""
        with self._lock:
            self._reads += 1
            if self._reads == COMPILE_AFTER:
                self._read = tf.function(self._each, autograph=False).get_concrete_function()
            values = None
            if self._fingerprint is None:
                values = self._read()
                pairs = zip(self._handles, values, strict=True)
                self._fingerprint = fingerprint([handle for handle, value in pairs if not is_in_host_memory(value)])
                here = [
                    (index, value)
                    for index, value in enumerate(values)
                    if is_in_host_memory(value) and value.shape.num_elements()
                ]
                self._in_host_memory = [(index, value.dtype == tf.bfloat16) for index, value in here]
            # Before the values are read: what is assigned between the two is then noticed the next time.
            if (known := self._fingerprint()) or values is None:
                values = self._read()
            memory = [_memory(values[index], is_bfloat16) for index, is_bfloat16 in self._in_host_memory]
            if not self._version or known != self._known or not all(map(np.may_share_memory, memory, self._memory)):
                self._version = next(_versions)
                self.values, self._memory, self._known = values, memory, known
            return self._version

    def rename(self, version: int) -> None:
        """Give the values that were read last an earlier version, which stood for the same values."""
        with self._lock:
            self._version = version

    def _each(self) -> list[Tensor]:
        return [tf.raw_ops.ReadVariableOp(resource=handle, dtype=dtype) for handle, dtype in self._handles]


def is_in_host_memory(value: Tensor) -> bool:
    """Whether a tensor lies in the memory of this process, where its address can be seen."""
    return "CPU" in value.backing_device


def _memory(value: Tensor, is_bfloat16: bool) -> np.ndarray:
    """A tensor's memory as an array, without a copy."""
    if is_bfloat16:  # of which Python has no buffers
        value = tf.bitcast(value, tf.int16)
    return np.asarray(memoryview(value))
