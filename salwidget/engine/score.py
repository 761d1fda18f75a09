"""A target as a tensor of the graph.

What differs only in numbers (which filters, which cell, which weights, which value) is fed, so that moving a slider
never builds a gradient again; what differs in structure (which layers, which score) is a ``Structure``.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from salwidget.engine.layers import Layer
from salwidget.target import Function, Target
from salwidget.tensors import Tensor

CONTRACT = "A target function returns one floating score for each image, (N,), with TensorFlow or keras.ops"
PROBE_BATCH = 4099  # images on which a target function is tried: a prime that hardly any layer has as a size
MAX_ERROR = 160  # characters of an error that a target function raises


@dataclass(frozen=True)
class Tap:
    """One tensor that a score is read from.

    ``function`` is held weakly: it may refer to the model, and what is cached for a model must not keep it alive.
    """

    layer: int
    score: str
    at_cell: bool
    function: weakref.ref[Function] | None


@dataclass(frozen=True)
class Structure:
    """The part of a target that decides the graph."""

    taps: tuple[Tap, ...]
    near: bool


def structure_of(targets: Sequence[Target], layers: Sequence[Layer]) -> tuple[Structure, list[np.ndarray]]:
    """The structure of checked targets, one for each image of a batch or one for all, and the arrays to feed it.

    The arrays are, for each tap, its weights (targets, filters), then its cell.

    Raises
    ------
    ValueError
        When only some of the targets are distances to a value.
    """
    rows: dict[tuple[Tap, tuple[int, ...] | None], np.ndarray] = {}
    for index, target in enumerate(targets):
        for weight, unit in target.terms:
            function = None if unit.function is None else weakref.ref(unit.function)
            tap = Tap(int(unit.layer), unit.score, unit.cell is not None, function)
            count = 1 if function else layers[tap.layer].filters
            row = rows.setdefault((tap, unit.cell), np.zeros((len(targets), count), np.float32))
            chosen = range(count) if unit.filters is None else unit.filters
            for one in chosen:  # type: ignore[union-attr]
                row[index, one] += weight / len(chosen)  # type: ignore[arg-type]
    feeds: list[np.ndarray] = []
    for (_, cell), row in rows.items():
        feeds += [row] if cell is None else [row, np.array(cell, np.int32)]
    values = [target.nearness_to for target in targets if target.nearness_to is not None]
    if values:
        if len(values) < len(targets):
            raise ValueError("Some targets are distances to a value and some are not: ask for them one after another.")
        feeds.append(np.array(values, np.float32))
    return Structure(tuple(tap for tap, _ in rows), bool(values)), feeds


def score_in_graph(structure: Structure, tensor_of: Callable[[Tap], Tensor]) -> tuple[Tensor, list[Tensor]]:
    """The score (N,) and its placeholders; ``tensor_of`` gives a tap's tensor (N, ..., C), channels last."""
    feeds: list[Tensor] = []
    terms = [_term(tap, tensor_of(tap), feeds) for tap in structure.taps]
    score = terms[0] if len(terms) == 1 else tf.add_n([tf.cast(term, terms[0].dtype) for term in terms])
    if structure.near:
        feeds.append(tf.compat.v1.placeholder(tf.float32, (None,)))
        score = -tf.abs(score - tf.cast(feeds[-1], score.dtype))
    return score, feeds


def _term(tap: Tap, values: Tensor, feeds: list[Tensor]) -> Tensor:
    weights = tf.compat.v1.placeholder(tf.float32, (None, None))
    feeds.append(weights)
    if tap.function is not None:
        function = tap.function()
        assert function is not None, "the query that is being answered holds it"
        own = scores_of(function, values)
        return own * tf.cast(weights[:, 0], own.dtype)
    if not values.dtype.is_floating:  # whole numbers would truncate the weights
        values = tf.cast(values, tf.float32)
    space = list(range(1, values.shape.rank - 1))
    if tap.at_cell:
        cell = tf.compat.v1.placeholder(tf.int32, (len(space),))
        feeds.append(cell)
        values = tf.gather_nd(tf.transpose(values, [*space, 0, space[-1] + 1]), cell[None])[0]
    elif space:
        values = tf.reduce_mean(values, axis=space)
    elif values.shape.rank == 1:  # a score for each image already
        values = values[:, None]
    return tf.reduce_sum(values * tf.cast(weights, values.dtype), axis=-1)


def scores_of(function: Function, values: Tensor) -> Tensor:
    """The scores (N,) that a target function makes of a layer's output (N, ..., C).

    It is tried on a batch of ``PROBE_BATCH`` first: with one image a sum over the batch, or its first row, would pass. One with
    ``of_one_image`` set reads more of the model than this output, and cannot be tried so.

    Raises
    ------
    ValueError
        Unless it returns a floating tensor (N,).
    """
    if getattr(function, "of_one_image", False):
        return _checked(function, values, 1)
    with tf.__internal__.FuncGraph("several").as_default():
        tried = tf.compat.v1.placeholder(values.dtype, (PROBE_BATCH, *values.shape[1:]))
        _checked(function, tried, PROBE_BATCH)
    return _checked(function, values, None)


def _checked(function: Function, values: Tensor, count: int | None) -> Tensor:
    try:
        made = function(values)
    except Exception as error:  # a user's function may raise anything
        message = " ".join(str(error).split())[:MAX_ERROR]
        raise ValueError(_no_score(values, f"raised {type(error).__name__}: {message}")) from error
    if not tf.is_tensor(made) or isinstance(made, tf.__internal__.CompositeTensor):
        raise ValueError(
            _no_score(values, "returned " + ("None" if made is None else f"a value of type {type(made).__name__}"))
        )
    # A length that TensorFlow does not know in advance is checked by ``one_each``.
    if made.shape.rank != 1 or made.shape[0] not in (None, count) or not made.dtype.is_floating:
        raise ValueError(_no_score(values, f"returned {made.dtype.name} {_shape(made)}"))
    return tf.convert_to_tensor(made)


def one_each(scores: np.ndarray, count: int) -> np.ndarray:
    """``scores``, if there are ``count`` of them; else a function or a layer of the model mixed the images of a batch."""
    if scores.shape != (count,):
        raise ValueError(
            f"{CONTRACT}, and so does a layer; of {count} image{'s' * (count > 1)} this one made {scores.size} scores."
        )
    return scores


def _no_score(values: Tensor, what: str) -> str:
    return f"{CONTRACT}, from a tensor {_shape(values)}; this one {what}."


def _shape(tensor: Tensor) -> str:
    if tensor.shape.rank is None:
        return "of unknown shape"
    sizes = ["?" if size is None else str(size) for size in tensor.shape]
    if sizes and (first := tensor.shape[0] or PROBE_BATCH) % PROBE_BATCH == 0:
        sizes[0] = f"{first // PROBE_BATCH} N" if first > PROBE_BATCH else "N"
    return f"({', '.join(sizes)}{',' * (len(sizes) == 1)})"


def log_probability(logits: Tensor, activation: str) -> Tensor:
    """Log-probability (N, ..., C) without the rounding of log(softmax)."""
    return tf.nn.log_softmax(logits, axis=-1) if activation == "softmax" else tf.math.log_sigmoid(logits)
