"""What value each control may have. One place decides, whoever sets it: a cell, a link, or the page."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Any

from salwidget.attribution import method_of
from salwidget.backprop import rule_of
from salwidget.gradient import modifier_of
from salwidget.network import Network
from salwidget.target import target_of


@cache
def colormaps() -> tuple[str, ...]:
    """Names of the colour maps that the page can draw with."""
    return tuple(json.loads(files("salwidget").joinpath("colormaps.json").read_text()))


def fitting(network: Network, images: int, now: Any, name: str, value: Any) -> Any:
    """``value`` in its canonical form for the control called ``name``.

    Parameters
    ----------
    network, images
        The opened model, and how many images there are.
    now
        The object with the present values of all controls.

    Raises
    ------
    ValueError, TypeError
        One sentence, when the value does not fit.
    """
    check: Callable[[], Any] | None = {
        "layer_idx": lambda: network.layer(value).index,
        "filter_indices": lambda: _filters(network, now.layer_idx, value),
        "method": lambda: method_of(value).name,
        "score": lambda: target_of(network, network.output.index, None, value).score,
        "backprop_modifier": lambda: (rule_of(value), value)[1],
        "grad_modifier": lambda: (modifier_of(value), value)[1],
        "image_idx": lambda: _image(value, images),
        "options": lambda: method_of(now.method).checked(value, network),
        "colormap": lambda: _colormap(value),
    }.get(name)
    return check() if check else value


def filters_at(network: Network, layer: int, left: int, filters: Any, remembered: dict[bool, Any]) -> Any:
    """The filters to show on arriving at ``layer`` from the layer ``left``.

    The output keeps its class, and all other layers share one filter, so that browsing layers stays on it.
    """
    output = network.output.index
    remembered[left == output] = filters
    wanted = remembered.get(layer == output, None if layer == output else 0)
    count = network.layers[layer].filters
    if isinstance(wanted, tuple):
        wanted = tuple(one for one in wanted if one < count) or 0
    return min(wanted, max(count - 1, 0)) if isinstance(wanted, int) else wanted


def _filters(network: Network, layer: int, value: Any) -> int | tuple[int, ...] | None:
    filters = target_of(network, layer, value, "logit").filters
    return filters[0] if filters and len(filters) == 1 else filters


def _image(value: int, images: int) -> int:
    if not -images <= value < images:
        raise ValueError(f"image_idx {value} is out of range: there are {images} images, 0 to {images - 1}.")
    return value % images


def _colormap(value: str) -> str:
    if value and value not in colormaps():
        raise ValueError(f"colormap {value!r} is not known; use '' (automatic) or one of {', '.join(colormaps())}.")
    return value
