"""A target as a tensor of the graph.

What differs only in numbers (which filters, which cell, which weights, which value) is fed, so that moving a slider
never builds a gradient again; what differs in structure (which layers, which score) is a ``Structure``.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import tensorflow as tf

from salwidget.target import Function, Target

if TYPE_CHECKING:
    from salwidget.network import Network


@dataclass(frozen=True)
class Tap:
    """One tensor that a score is read from.

    ``function`` is held weakly: it may mention the model, and what is kept for a model must not keep it alive.
    """

    layer: int
    score: str
    at_cell: bool
    function: weakref.ref[Function] | None


@dataclass(frozen=True)
class Structure:
    """What of a target decides the graph."""

    taps: tuple[Tap, ...]
    near: bool


def structure_of(targets: Sequence[Target], network: Network) -> tuple[Structure, list[np.ndarray]]:
    """The structure of checked targets, one for each image of a batch or one for all, and the arrays to feed it.

    These are for each tap its weights (targets, filters), then its cell.

    Raises
    ------
    ValueError
        When only some of the targets are distances to a value.
    """
    rows: dict[tuple[Tap, tuple[int, ...] | None], np.ndarray] = {}
    for place, target in enumerate(targets):
        for weight, unit in target.terms:
            function = None if unit.function is None else weakref.ref(unit.function)
            tap = Tap(int(unit.layer), unit.score, unit.cell is not None, function)
            count = 1 if function else network.layers[tap.layer].filters
            row = rows.setdefault((tap, unit.cell), np.zeros((len(targets), count), np.float32))
            chosen = range(count) if unit.filters is None else unit.filters
            for one in chosen:  # type: ignore[union-attr]
                row[place, one] += weight / len(chosen)  # type: ignore[arg-type]
    feeds: list[np.ndarray] = []
    for (_, cell), row in rows.items():
        feeds += [row] if cell is None else [row, np.array(cell, np.int32)]
    values = [target.nearness_to for target in targets if target.nearness_to is not None]
    if values:
        if len(values) < len(targets):
            raise ValueError("Some targets are distances to a value and some are not: ask for them one after another.")
        feeds.append(np.array(values, np.float32))
    return Structure(tuple(tap for tap, _ in rows), bool(values)), feeds


def score_in_graph(structure: Structure, tensor_of: Callable[[Tap], Any]) -> tuple[Any, list[Any]]:
    """The score (N,) and its placeholders; ``tensor_of`` gives a tap's tensor (N, ..., C), channels last."""
    feeds: list[Any] = []
    terms = [_term(tap, tensor_of(tap), feeds) for tap in structure.taps]
    score = terms[0] if len(terms) == 1 else tf.add_n([tf.cast(term, terms[0].dtype) for term in terms])
    if structure.near:
        feeds.append(tf.compat.v1.placeholder(tf.float32, (None,)))
        score = -tf.abs(score - tf.cast(feeds[-1], score.dtype))
    return score, feeds


def _term(tap: Tap, values: Any, feeds: list[Any]) -> Any:
    weights = tf.compat.v1.placeholder(tf.float32, (None, None))
    feeds.append(weights)
    if tap.function is not None:
        function = tap.function()
        assert function is not None, "the query that is being answered holds it"
        own = tf.convert_to_tensor(function(values))
        if own.shape.rank != 1:
            raise ValueError(f"A target function returns one score for each image, (N,), but this one returned {own.shape}.")
        return own * tf.cast(weights[:, 0], own.dtype)
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


def log_probability(logits: Any, activation: str) -> Any:
    """Log-probability (N, ..., C) without the rounding of log(softmax)."""
    return tf.nn.log_softmax(logits, axis=-1) if activation == "softmax" else tf.math.log_sigmoid(logits)
