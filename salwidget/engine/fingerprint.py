"""Numbers that tell whether variables have changed, computed on the variables' device.

Each is a sum of the bits of values, read as integers w, modulo 2⁶⁴: Σ a_row b_column w. The factors are odd and drawn once: a
change of one value always changes the sum, and any other change is missed with a probability of about 2⁻⁶³.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import tensorflow as tf

from salwidget.tensors import DType, Tensor

# A row of words has a factor for each column; what fits into one is laid end to end with others that do.
WIDTH = 2**14
# Values that are turned into words at once: 32 MB, beside which large kernels need no memory of their own.
PIECE = 2**22


def fingerprint(handles: Sequence[tuple[Tensor, DType]]) -> Callable[[], tuple[int, ...]]:
    """A compiled function that reads variables of fixed shapes and returns one small vector.

    Parameters
    ----------
    handles
        One for each variable, with its type: a number, or bool.
    """
    if not handles:
        return tuple

    def sums() -> Tensor:
        rng = np.random.default_rng(0)
        columns = tf.constant(_odd(rng, WIDTH))
        small, found = [], []
        for handle, dtype in handles:
            value = tf.reshape(tf.raw_ops.ReadVariableOp(resource=handle, dtype=dtype), [-1])
            for piece in _pieces(value):
                words = _words(piece)
                if words.shape[0] < WIDTH:
                    small.append(words)
                else:
                    found.append(_sum(words, columns, rng))
        if small:
            found.append(_sum(tf.concat(small, 0), columns, rng))
        return tf.stack(found)

    compiled = tf.function(sums, autograph=False).get_concrete_function()
    return lambda: tuple(compiled().numpy().tolist())


def _pieces(values: Tensor) -> Iterator[Tensor]:
    for start in range(0, max(values.shape[0], 1), PIECE):
        yield values[start : start + PIECE]


def _words(values: Tensor) -> Tensor:
    """The bits of values (n,) as int64 (n words, or more): TensorFlow moves int32 off a device to add them up."""
    if values.dtype == tf.bool:
        return tf.cast(values, tf.int64)
    kind = {1: tf.int8, 2: tf.int16}.get(values.dtype.size, tf.int32)
    return tf.reshape(tf.cast(tf.bitcast(values, kind), tf.int64), [-1])


def _sum(words: Tensor, columns: Tensor, rng: np.random.Generator) -> Tensor:
    rows = -(-words.shape[0] // WIDTH)
    table = tf.reshape(tf.pad(words, [[0, rows * WIDTH - words.shape[0]]]), [rows, WIDTH])
    return tf.reduce_sum(tf.reduce_sum(table * columns, axis=1) * tf.constant(_odd(rng, rows)))


def _odd(rng: np.random.Generator, count: int) -> np.ndarray:
    return rng.integers(-(2**63), 2**63 - 1, count, np.int64, endpoint=True) | 1
