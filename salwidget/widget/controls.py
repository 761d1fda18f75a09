"""What value each control may have. One place decides, whoever sets it: a cell, a link, or the page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from salwidget.answer import aimed_target
from salwidget.attribution import method_of
from salwidget.backprop import rule_of
from salwidget.drawing import fitting_colormap, share
from salwidget.gradient import modifier_of
from salwidget.labels import class_named
from salwidget.layers import Layer
from salwidget.network import Network
from salwidget.query import Modifier
from salwidget.target import Target, Unit, aimed, checked_unit, target_of

TABS = ("explain", "dream")


def fitting(network: Network, labels: Sequence[str], images: int, now: Any, name: str, value: Any) -> Any:
    """``value`` in its canonical form for the control called ``name``.

    Parameters
    ----------
    network, labels, images
        The opened model, the names of its classes, and how many images there are.
    now
        The object with the present values of all controls.

    Raises
    ------
    ValueError, TypeError
        One sentence, when the value does not fit.
    """
    check: Callable[[], Any] | None = {
        "layer_idx": lambda: network.layer(value).index,
        "filter_indices": lambda: _filters(network, labels, now.layer_idx, value),
        "versus": lambda: _filters(network, labels, now.layer_idx, value),
        "cell": lambda: None if value is None else checked_unit(network, Unit(now.layer_idx, cell=tuple(value))).cell,
        "aim": lambda: (aimed(1 * Unit(), value), value)[1],
        "target": lambda: (value is None or target_of(network, value), value)[1],
        "input_idx": lambda: network.input(value).index,
        "seed": lambda: _seed(value),
        "method": lambda: method_of(value).name,
        "score": lambda: _score(network, value),
        "backprop_modifier": lambda: (rule_of(value), value)[1],
        "grad_modifier": lambda: (modifier_of(value), value)[1],
        "image_idx": lambda: _image(value, images),
        "options": lambda: method_of(now.method).checked(value, network),
        "tab": lambda: _tab(value),
        "opacity": lambda: share(name, value),
        "threshold": lambda: share(name, value),
        "colormap": lambda: (fitting_colormap(value, signed=False), value)[1],
    }.get(name)
    return check() if check else value


def filters_at(network: Network, layer: int, left: int, filters: Any, remembered: dict[bool, Any]) -> Any:
    """The filters to show on arriving at ``layer`` from the layer ``left``.

    The output keeps its class, and all other layers share one filter, so that browsing layers stays on it.
    """
    outputs = [output.index for output in network.outputs]
    remembered[left in outputs] = filters
    wanted = remembered.get(layer in outputs, None if layer in outputs else 0)
    count = network.layers[layer].filters
    if isinstance(wanted, tuple):
        wanted = tuple(one for one in wanted if one < count) or 0
    return min(wanted, max(count - 1, 0)) if isinstance(wanted, int) else wanted


def options_at(network: Network, method: str, options: dict[str, Any]) -> dict[str, Any]:
    """The options that mean something to another method as well."""
    declared = method_of(method).options()

    def fits(name: str, value: Any) -> bool:
        try:
            declared[name].check(name, value, network)
        except (KeyError, ValueError, TypeError):
            return False
        return True

    return {name: value for name, value in options.items() if fits(name, value)}


def target_asked(controls: Any) -> tuple[Unit | Target | Callable[[Any], Any], Modifier]:
    """What the controls ask about, and the gradient modifier that serves their aim."""
    if controls.target is not None:
        return controls.target, controls.grad_modifier
    unit = Unit(controls.layer_idx, controls.filter_indices, controls.score, controls.cell)
    against = Unit(controls.layer_idx, controls.versus, controls.score, controls.cell)
    return aimed_target(unit if controls.versus is None else unit - against, controls.aim, controls.grad_modifier)


def _filters(network: Network, labels: Sequence[str], layer: int, value: Any) -> int | tuple[int, ...] | None:
    filters = checked_unit(network, Unit(layer, _numbered(network, labels, network.layer(layer), value))).filters
    return filters[0] if isinstance(filters, tuple) and len(filters) == 1 else filters  # type: ignore[return-value]


def _numbered(network: Network, labels: Sequence[str], layer: Layer, value: Any) -> Any:
    """``value`` with the names of classes turned into their numbers."""
    if isinstance(value, (list, tuple)):
        return [_numbered(network, labels, layer, one) for one in value]
    if not isinstance(value, str):
        return value
    if layer not in network.outputs or layer.filters != len(labels):
        raise ValueError(f"{value!r} names no filter of layer {layer}: give its number, 0 to {layer.filters - 1}.")
    return class_named(labels, value)


def _score(network: Network, value: str) -> str:
    """A score that at least one of the outputs has."""
    probable = [layer for layer in network.outputs if network.activation_of(layer) != "none"]
    return checked_unit(network, Unit((probable or network.outputs)[0].index, score=value)).score


def _tab(value: str) -> str:
    if value not in TABS:
        raise ValueError(f"tab {value!r} is not known; use one of {', '.join(map(repr, TABS))}.")
    return value


def _seed(value: Any) -> int:
    if value < 0:
        raise ValueError(f"seed {value} is negative; use 0 or more.")
    return int(value)


def _image(value: int, images: int) -> int:
    if not -images <= value < images:
        raise ValueError(f"image_idx {value} is out of range: there are {images} images, 0 to {images - 1}.")
    return value % images


def first_method(network: Network) -> str:
    """Grad-CAM, or saliency for a model without feature maps."""
    return "saliency" if method_of("grad_cam").refusal(network, network.output, network.inputs[0]) else "grad_cam"
