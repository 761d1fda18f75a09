"""A target as text: a description with layers and filters by number, and a title with classes by name."""

from __future__ import annotations

from collections.abc import Sequence

from salwidget.engine.layers import Layer
from salwidget.engine.network import Network
from salwidget.target import Target, Unit, written


def target_description(network: Network, target: Target) -> str:
    """E.g. ``"layer 155 predictions, filter 20, logit"``, or with a minus between two of them."""
    text = written(target, lambda unit: _unit_description(network, unit))
    return text if target.nearness_to is None else f"closeness to {target.nearness_to:g} of {text}"


def _unit_description(network: Network, unit: Unit) -> str:
    layer = network.layer(unit.layer)
    parts = [f"layer {layer}"]
    if unit.function is not None:
        parts.append(getattr(unit.function, "__name__", "a function"))
    else:
        parts.append(_filters_description(layer, unit.filters))  # type: ignore[arg-type]
    if unit.cell is not None:
        parts.append(f"cell {', '.join(map(str, unit.cell))}")
    if layer in network.outputs and network.activation_of(layer) != "none":
        parts.append(unit.score.replace("_", " "))
    return ", ".join(parts)


def _filters_description(layer: Layer, filters: tuple[int, ...] | None) -> str:
    if filters is None:
        return "all filters" if layer.filters > 1 else "its one filter"
    return ("filter " if len(filters) == 1 else "filters ") + ", ".join(map(str, filters))


def target_title(network: Network, target: Target, labels: Sequence[str]) -> str:
    """E.g. ``"zebra − bee"``: a class by its name, a filter by its number and layer."""
    text = written(target, lambda unit: _unit_title(network, unit, labels), first="less ")
    return text if target.nearness_to is None else f"{text} near {target.nearness_to:g}"


def _unit_title(network: Network, unit: Unit, labels: Sequence[str]) -> str:
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
