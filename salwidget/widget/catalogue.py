"""What the page must know of a network and of the methods, as JSON, made from their declarations."""

from __future__ import annotations

from typing import Any

from salwidget.attribution import (
    METHODS,
    Baseline,
    ByLayer,
    Choice,
    LayerWithSpace,
    Method,
    Number,
    Option,
    TokenGrid,
    method_of,
)
from salwidget.engine.backprop import RULES
from salwidget.engine.layers import Layer
from salwidget.engine.network import Network
from salwidget.engine.resolve import why_no_probability
from salwidget.evidence.contract import REPLACEMENTS
from salwidget.grad_modifiers import MODIFIERS
from salwidget.options import MovedInputs, PerAxis, has_tokens
from salwidget.target import AIMS, SCORES


def network_as_json(network: Network) -> dict[str, Any]:
    return {
        "name": network.name,
        "parameters": network.parameters,
        "inputs": [{"name": each.name, "shape": list(each.image_shape), "space": each.space} for each in network.inputs],
        "outputs": [{"layer": layer.index, "activation": network.activation_of(layer)} for layer in network.outputs],
        "layers": [_layer_as_json(layer) for layer in network.layers],
    }


def methods_as_json(network: Network) -> list[dict[str, Any]]:
    return [method_as_json(name, network) for name in METHODS]


def choices_as_json() -> dict[str, Any]:
    # "relu" and "deconv" are other names of "rectified": one entry for one rule.
    rules = {rule: name for name, rule in reversed(RULES.items())}
    return {
        "backprop_modifier": sorted(rules.values()),
        "grad_modifier": list(MODIFIERS),
        "score": [[score, score.replace("_", " ")] for score in SCORES],
        "aim": [[aim, aim] for aim in AIMS],
    }


def refusals_as_json(network: Network) -> dict[str, str]:
    reasons = [why_no_probability(network, output) for output in network.outputs]
    return {"backprop_modifier": network.why_no_rule(), "score": reasons[0] if all(reasons) else ""}


def _layer_as_json(layer: Layer) -> dict[str, Any]:
    return {
        "index": layer.index,
        "name": layer.name,
        "kind": layer.kind,
        "shape": list(layer.shape),
        "filters": layer.filters,
        "cells": list(layer.cells) if layer.cells and len(layer.cells) <= 3 else None,
    }


def _nearest_with_space(network: Network) -> list[int | None]:
    """What "automatic" comes to for each layer that may be explained."""
    found = (network.last_with_space(layer, network.inputs[0]) for layer in network.layers)
    return [None if layer is None else layer.index for layer in found]


def _number_on(option: Number, network: Network) -> dict[str, Any]:
    """Where the number ends on images of this network, and what 0 comes to where it is "automatic"."""
    space = [size for size in network.inputs[0].image_shape[:-1] if size is not None]
    known = len(space) == len(network.inputs[0].image_shape[:-1]) > 0
    end = min(option.maximum, max(space)) if option.of_image and known else option.maximum
    if callable(option.zero):
        return {"maximum": end, "automatic": str(option.zero(space)) if known else "by the image"}
    return {"maximum": end} | ({"automatic": option.zero} if option.zero else {})


def replacements_as_json() -> list[dict[str, Any]]:
    """What may cover a region, as it declares itself."""
    said = ("name", "title", "sentence", "limits", "paper", "needs_outside", "random")
    return [{name: getattr(each, name) for name in said} for each in REPLACEMENTS.values()]


def method_as_json(name: str, network: Network) -> dict[str, Any]:
    method = method_of(name)
    refusals = ((layer.index, method.refusal(network, layer, network.inputs[0])) for layer in network.layers)
    return {
        "name": method.name,
        "title": method.title,
        "group": method.group,
        "sentence": method.sentence,
        "formula": method.formula,
        "limits": method.limits,
        "paper": method.paper,
        "gradient": method.uses_gradient,
        "on_image": method.on_image,
        "random": method.random,
        "unusable": [[index, reason] for index, reason in refusals if reason],
        "options": [option_as_json(name, option, network) for name, option in _offered(method, network).items()],
    }


def _offered(method: Method, network: Network) -> dict[str, Option]:
    """The options that mean something for this network."""
    idle = tuple(
        kind for kind, means in ((TokenGrid, has_tokens(network)), (MovedInputs, len(network.inputs) > 1)) if not means
    )
    return {name: option for name, option in method.options().items() if not isinstance(option, idle)}


def option_as_json(name: str, option: Option, network: Network) -> dict[str, Any]:
    common = {"name": name, "label": option.label, "default": option.default, "help": option.help}
    match option:
        case Choice():
            return {**common, "kind": "choice", "choices": [list(choice) for choice in option.choices]}
        case LayerWithSpace():
            layers = [layer.index for layer in network.layers if layer.has_space and layer.kind != "InputLayer"]
            return {**common, "kind": "layer", "layers": layers, "automatic": _nearest_with_space(network)}
        case Number():
            number = {"kind": "number", "minimum": option.minimum, "step": option.step, **_number_on(option, network)}
            return {**common, **number} | ({"axes": network.inputs[0].space} if isinstance(option, PerAxis) else {})
        case TokenGrid():
            return {**common, "kind": "size"}
        case ByLayer():
            return {**common, "kind": "choice", "choices": [[None, "as the rest"]]}
        case Baseline():
            return {**common, "kind": "image", "choices": [list(choice) for choice in option.choices]}
