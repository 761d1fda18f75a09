"""A target checked against a network: its layers as indices, its filters counted from 0, equal units merged."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from salwidget.target import SCORES, Filters, Function, Target, Unit

if TYPE_CHECKING:  # they import TensorFlow, and controls are checked before anything does
    from salwidget.engine.layers import Layer
    from salwidget.engine.network import Network


def target_of(network: Network, target: Unit | Target | Function) -> Target:
    """Check a target against a network and put it into its one canonical form.

    A bare callable is a score of the model's output. Equal units are merged.

    Raises
    ------
    ValueError
        For an unknown layer or score, a filter or cell that the layer does not have (with the count), or a sum in
        which everything cancels.
    TypeError
        For anything that is no target, or filters that are not integers.
    """
    if not isinstance(target, (Unit, Target)):
        if not callable(target):
            raise TypeError(f"A target is a Unit, a sum of units or a callable, not {type(target).__name__}.")
        target = Unit(function=target)
    whole = target if isinstance(target, Target) else target._sum
    merged: dict[Unit, float] = {}
    for weight, unit in whole.terms:
        checked = checked_unit(network, unit)
        merged[checked] = merged.get(checked, 0.0) + float(weight)
    terms = tuple((weight, unit) for unit, weight in merged.items() if weight)
    if not terms or not all(np.isfinite(weight) for weight, _ in terms):
        raise ValueError("The target is zero or not finite: its units cancel each other; choose two different ones.")
    return Target(terms, whole.nearness_to)


def checked_unit(network: Network, unit: Unit) -> Unit:
    """``unit`` with its layer as an index, filters counted from 0, and the score ``"logit"`` on layers that are no outputs."""
    layer = network.layer(unit.layer)
    score = _score(network, layer, unit.score)
    if unit.function is not None:
        if unit.filters is not None or unit.cell is not None:
            raise ValueError("A unit with a function takes no filters and no cell: choose them inside the function.")
        if not callable(unit.function) or not getattr(type(unit.function), "__weakrefoffset__", 0):
            kind = type(unit.function).__name__
            raise TypeError(f"A target function is a Python function, written with def or lambda, not of type {kind}.")
        return Unit(layer.index, None, score, None, unit.function)
    return Unit(layer.index, _filters(layer, unit.filters), score, _cell(layer, unit.cell))


def why_no_probability(network: Network, layer: Layer) -> str:
    """Why an output of the model has no probability; empty if it has one."""
    return "" if network.activation_of(layer) != "none" else f"the output of {network.name} is its score as it stands"


def with_top_class(target: Target, network: Network, top: Callable[[Layer], int]) -> Target:
    """``target`` with the class that ``top`` gives wherever it leaves the filters of a dense output open."""

    def filled(unit: Unit) -> Unit:
        layer = network.layer(unit.layer)
        is_open = unit.filters is None and unit.function is None and layer in network.outputs and layer.cells is None
        return replace(unit, filters=(top(layer),)) if is_open else unit

    terms = tuple((weight, filled(unit)) for weight, unit in target.terms)
    return target if terms == target.terms else target_of(network, replace(target, terms=terms))


def _score(network: Network, layer: Layer, score: str) -> str:
    if score not in SCORES:
        raise ValueError(f"score {score!r} is not known; use one of {', '.join(map(repr, SCORES))}.")
    if layer not in network.outputs:
        return "logit"
    if score != "logit" and (reason := why_no_probability(network, layer)):
        raise ValueError(f"score={score!r} needs a final softmax or sigmoid: {reason}; use score='logit'.")
    return score


def _filters(layer: Layer, filters: Filters) -> tuple[int, ...] | None:
    if filters is None:
        return None
    several = isinstance(filters, Sequence) or (isinstance(filters, np.ndarray) and filters.ndim)
    chosen = tuple(_index(one) for one in (filters if several else (filters,)))  # type: ignore[union-attr]
    if not chosen:
        raise ValueError("filters is empty: name at least one filter, or use None for all.")
    count = layer.filters
    for one in chosen:
        if not -count <= one < count:
            raise ValueError(
                f"filter {one} is out of range: layer {layer} has {count} filter{'s' * (count != 1)}"
                + (f", 0 to {count - 1}." if count > 1 else ", number 0.")
            )
    return tuple(dict.fromkeys(one % count for one in chosen))


def _cell(layer: Layer, cell: Sequence[int] | None) -> tuple[int, ...] | None:
    if cell is None:
        return None
    cells = layer.cells or ()
    if not isinstance(cell, (Sequence, np.ndarray)) or np.ndim(cell) != 1:
        raise TypeError(f"cell is one number for each axis of the feature map, e.g. (row, column), not {cell!r}.")
    chosen = tuple(_index(one) for one in cell)
    if len(chosen) != len(cells) or not cells:
        shape = f"its feature map is {'×'.join(map(str, cells))}" if cells else "it has no feature map"
        raise ValueError(f"cell {chosen} does not fit layer {layer}: {shape}.")
    for one, size in zip(chosen, cells, strict=True):
        if one < 0 if size is None else not -size <= one < size:
            raise ValueError(f"cell {chosen} is out of range: the feature map of layer {layer} is {'×'.join(map(str, cells))}.")
    return tuple(one if size is None else one % size for one, size in zip(chosen, cells, strict=True))


def _index(value: object) -> int:
    value = value[()] if isinstance(value, np.ndarray) and not value.ndim else value
    if isinstance(value, (bool, str)) or not isinstance(value, (int, np.integer)):
        raise TypeError(f"filters and cells are given as whole numbers, not as {value!r}.")
    return int(value)
