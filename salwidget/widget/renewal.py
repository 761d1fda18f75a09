"""A widget whose model is made of something else than before: what it then shows, and where its controls stand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from traitlets import TraitError

from salwidget.engine.layers import Layer
from salwidget.engine.network import Network
from salwidget.widget.catalogue import methods_as_json, network_as_json, refusals_as_json
from salwidget.widget.channel import Channel
from salwidget.widget.checks import Available, fitting_options
from salwidget.widget.controls import QUESTION, TEST, Controls
from salwidget.widget.panel import Panel

# Layers that a sentence names.
NAMED = 3


def traits_of(network: Network, panels: Iterable[type[Panel]]) -> dict[str, Any]:
    """The traits of the page that come of a network alone."""
    own = {
        "network": network_as_json(network),
        "methods": methods_as_json(network),
        "refusals": refusals_as_json(network),
    }
    return own | {name: value for panel in panels for name, value in panel.traits(network).items()}


def changes_in_words(before: Network, after: Network) -> str:
    """What has changed, in one sentence."""
    old, new = ([(each.name, each.kind, each.shape) for each in network.layers] for network in (before, after))
    gone = [layer for layer, what in zip(before.layers, old, strict=True) if what not in new]
    come = [layer for layer, what in zip(after.layers, new, strict=True) if what not in old]
    parts = [f"{_names(some)} {verb}" for some, verb in ((gone, _are(gone, "gone")), (come, _are(come, "new"))) if some]
    return f"The model has changed: {' and '.join(parts) or 'its layers are the same, what they compute is not'}."


def carried_over(controls: Controls, before: Network, available: Available) -> Controls:
    """The controls where they stood in the network of before, as far as that is there."""
    after = available.network
    layer = _layer(before, after, controls.layer_idx)
    of_output = layer in after.outputs
    fallbacks = {
        "filter_indices": None if of_output else 0,
        "image_idx": 0,
        "input_idx": 0,
        "score": "logit",
        "options": fitting_options(after, controls.method, controls.options),
    }
    now = replace(controls, layer_idx=layer.index, filters_elsewhere=0 if of_output else None)
    for name in (*QUESTION[1:], *TEST):
        try:
            now = now.at(name, getattr(controls, name), available)
        except TraitError:
            fallback: dict[str, Any] = {name: fallbacks.get(name)}
            now = replace(now, **fallback)
    return now


def show(channel: Channel, network: Network, panels: Iterable[type[Panel]]) -> None:
    """Tell the page of another network; what it was told of layers of the old one is forgotten."""
    channel.forget("thumbnails")
    channel.forget_all("scores ")
    channel.show(**traits_of(network, panels))


def _layer(before: Network, after: Network, index: int) -> Layer:
    """The layer where that of ``index`` was: an output stays one, others go by their names."""
    layer = before.layers[index]
    if layer in before.outputs:
        return after.outputs[min(before.outputs.index(layer), len(after.outputs) - 1)]
    same = [each for each in after.layers if each.name == layer.name]
    return same[0] if same else after.layers[min(index, len(after.layers) - 1)]


def _names(some: Sequence[Layer]) -> str:
    names = [layer.name for layer in some[:NAMED]]
    more = len(some) - len(names)
    return ", ".join(names) + (f" and {more} more" if more else "")


def _are(some: Sequence[Layer], what: str) -> str:
    return f"{'are' if len(some) > 1 else 'is'} {what}"
