"""What value each control may have: it is returned in its canonical form, or refused in one sentence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from salwidget.engine.resolve import checked_unit, target_of
from salwidget.grad_modifiers import modifier_of
from salwidget.labels import class_named
from salwidget.target import Function, Target, Unit, aimed

if TYPE_CHECKING:
    from salwidget.engine.layers import Layer
    from salwidget.engine.network import Network


@dataclass(frozen=True)
class Available:
    """What there is to choose from: the opened model, the names of its classes, the images, and the tabs."""

    network: Network
    labels: Sequence[str]
    images: int
    tabs: Sequence[str]
    # Of an image and an input: their axes in space.
    size: Callable[[int, int], Sequence[int]]


class Chosen(Protocol):
    """What was chosen before: a filter belongs to its layer, options to their method."""

    @property
    def layer_idx(self) -> int: ...

    @property
    def method(self) -> str: ...

    @property
    def image_idx(self) -> int: ...

    @property
    def input_idx(self) -> int: ...


# Name of the control, value, what was chosen before, what there is -> value; raises ValueError, TypeError, OverflowError.
Check = Callable[[str, Any, Chosen, Available], Any]


def layer(name: str, value: Any, now: Chosen, available: Available) -> int:
    return available.network.layer(value).index


def filters(name: str, value: Any, now: Chosen, available: Available) -> int | tuple[int, ...] | None:
    numbers = _numbered(available, available.network.layer(now.layer_idx), value)
    chosen = checked_unit(available.network, Unit(now.layer_idx, numbers)).filters
    return chosen[0] if isinstance(chosen, tuple) and len(chosen) == 1 else chosen  # type: ignore[return-value]


def cell(name: str, value: Any, now: Chosen, available: Available) -> tuple[int, ...] | None:
    return None if value is None else checked_unit(available.network, Unit(now.layer_idx, cell=tuple(value))).cell


def aim(name: str, value: Any, now: Chosen, available: Available) -> str | float:
    aimed(1 * Unit(), value)
    checked: str | float = value
    return checked


def target(name: str, value: Any, now: Chosen, available: Available) -> Unit | Target | Callable[[Any], Any] | None:
    if value is not None:
        target_of(available.network, value)
    checked: Unit | Target | Function | None = value
    return checked


def method(name: str, value: Any, now: Chosen, available: Available) -> str:
    # Here and below, because it imports TensorFlow: whoever has a network has paid for that already.
    from salwidget.attribution import method_of

    return method_of(value).name


def score(name: str, value: Any, now: Chosen, available: Available) -> str:
    """A score that at least one of the outputs has."""
    network = available.network
    probable = [output for output in network.outputs if network.activation_of(output) != "none"]
    return checked_unit(network, Unit((probable or network.outputs)[0].index, score=value)).score


def backprop_modifier(name: str, value: Any, now: Chosen, available: Available) -> Any:
    from salwidget.engine.backprop import rule_of

    rule_of(value)
    return value


def grad_modifier(name: str, value: Any, now: Chosen, available: Available) -> Any:
    modifier_of(value)
    return value


def image(name: str, value: Any, now: Chosen, available: Available) -> int:
    count = available.images
    if not -count <= _whole(name, value) < count:
        raise ValueError(f"{name} {value} is out of range: there are {count} images, 0 to {count - 1}.")
    return int(value) % count


def source(name: str, value: Any, now: Chosen, available: Available) -> int:
    return available.network.input(value).index


def seed(name: str, value: Any, now: Chosen, available: Available) -> int:
    if _whole(name, value) < 0:
        raise ValueError(f"{name} {value} is negative; use 0 or more.")
    return int(value)


def options(name: str, value: Any, now: Chosen, available: Available) -> dict[str, Any]:
    from salwidget.attribution import method_of

    if not isinstance(value, dict):
        raise TypeError(f"{name} is a dict from an option's name to its value, not {_short(value)}.")
    return method_of(now.method).checked(value, available.network)


def region(name: str, value: Any, now: Chosen, available: Available) -> np.ndarray | None:
    from salwidget.region import region_of

    if value is None:
        return None
    inside = region_of(value, available.size(now.image_idx, now.input_idx)).copy()
    inside.flags.writeable = False
    return inside


def replacement(name: str, value: Any, now: Chosen, available: Available) -> str:
    from salwidget.evidence.contract import REPLACEMENTS

    if not isinstance(value, str) or value not in REPLACEMENTS:
        raise ValueError(f"{name} {_short(value)} is not known; use one of {', '.join(map(repr, REPLACEMENTS))}.")
    return value


def share(name: str, value: Any, now: Chosen, available: Available) -> float:
    from salwidget.drawing import share

    return share(name, value)


def colormap(name: str, value: Any, now: Chosen, available: Available) -> str:
    from salwidget.drawing import fitting_colormap

    if not isinstance(value, str):
        raise TypeError(f"{name} is a name, or '' (automatic), not {_short(value)}.")
    fitting_colormap(value, signed=False)
    return value


def flag(name: str, value: Any, now: Chosen, available: Available) -> bool:
    if not isinstance(value, (bool, np.bool_)):
        raise TypeError(f"{name} is True or False, not {_short(value)}.")
    return bool(value)


def tab(name: str, value: Any, now: Chosen, available: Available) -> str:
    if value not in available.tabs:
        raise ValueError(f"tab {_short(value)} is not known; use one of {', '.join(map(repr, available.tabs))}.")
    return str(value)


def fitting_options(network: Network, method: str, options: dict[str, Any]) -> dict[str, Any]:
    """The options that a method has and allows."""
    from salwidget.attribution import method_of

    declared = method_of(method).options()

    def fits(name: str, value: Any) -> bool:
        try:
            declared[name].check(name, value, network)
        except (KeyError, ValueError, TypeError):
            return False
        return True

    return {name: value for name, value in options.items() if fits(name, value)}


def _numbered(available: Available, layer: Layer, value: Any) -> Any:
    """``value`` with the names of classes turned into their numbers."""
    if isinstance(value, (list, tuple)):
        return [_numbered(available, layer, one) for one in value]
    if not isinstance(value, str):
        return value
    if layer not in available.network.outputs or layer.filters != len(available.labels):
        raise ValueError(f"{value!r} names no filter of layer {layer}: give its number, 0 to {layer.filters - 1}.")
    return class_named(available.labels, value)


def _whole(name: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)):
        raise TypeError(f"{name} is a whole number, not {_short(value)}.")
    return int(value)


def _short(value: Any) -> str:
    return repr(value)[:40]
