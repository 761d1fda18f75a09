"""A target as a person says it."""

from __future__ import annotations

from collections.abc import Sequence

from salwidget.engine.layers import Layer
from salwidget.engine.network import Network
from salwidget.target import Target, Unit, written


def target_in_words(network: Network, target: Target) -> str:
    """E.g. ``"layer 155 predictions, filter 20, logit"``, or with a minus between two of them."""
    words = written(target, lambda unit: _unit_in_words(network, unit))
    return words if target.nearness_to is None else f"closeness to {target.nearness_to:g} of {words}"


def _unit_in_words(network: Network, unit: Unit) -> str:
    layer = network.layer(unit.layer)
    words = [f"layer {layer}"]
    if unit.function is not None:
        words.append(getattr(unit.function, "__name__", "a function"))
    else:
        words.append(_filters_in_words(layer, unit.filters))  # type: ignore[arg-type]
    if unit.cell is not None:
        words.append(f"cell {', '.join(map(str, unit.cell))}")
    if layer in network.outputs and network.activation_of(layer) != "none":
        words.append(unit.score.replace("_", " "))
    return ", ".join(words)


def _filters_in_words(layer: Layer, filters: tuple[int, ...] | None) -> str:
    if filters is None:
        return "all filters" if layer.filters > 1 else "its one filter"
    return ("filter " if len(filters) == 1 else "filters ") + ", ".join(map(str, filters))


def target_said(network: Network, target: Target, labels: Sequence[str]) -> str:
    """As a person says it: a class by its name, a filter by its number and layer; ``"zebra − bee"``."""
    words = written(target, lambda unit: _unit_said(network, unit, labels), first="less ")
    return words if target.nearness_to is None else f"{words} near {target.nearness_to:g}"


def _unit_said(network: Network, unit: Unit, labels: Sequence[str]) -> str:
    layer = network.layer(unit.layer)
    at = "" if unit.cell is None else f" at {', '.join(map(str, unit.cell))}"
    if unit.function is not None:
        return f"{getattr(unit.function, '__name__', 'a function')} of {layer.name}"
    filters: tuple[int, ...] | None = unit.filters  # type: ignore[assignment]
    if filters and layer in network.outputs and layer.filters == len(labels):
        return " and ".join(labels[index] for index in filters) + at
    if filters and layer in network.outputs and network.activation_of(layer) != "none":
        return " and ".join(f"class {index}" for index in filters) + at
    if filters is None:
        return f"all filters of {layer.name}{at}"
    several = f"filter {', '.join(map(str, filters))} of {layer.name}"
    return (several if layer.filters > 1 else f"the output of {layer.name}") + at
