"""Grad-CAM: where the feature maps of a layer support the target."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from salwidget.attribution.context import Context
from salwidget.attribution.contract import Answer, Method, method
from salwidget.engine.inputs import Input
from salwidget.engine.layers import Layer
from salwidget.engine.network import Network
from salwidget.options import Choice, LayerWithSpace, TokenGrid, grid_of, is_sequence
from salwidget.target import Target

NEGATIVE = Choice(
    "negative",
    (("auto", "auto: kept for A − B"), ("drop", "dropped (ReLU)"), ("keep", "kept (signed)")),
    default="auto",
    help="what to do with cells that speak against the target",
)


@method
class GradCAM(Method):
    """Feature maps weighed by their mean gradient (Selvaraju et al. 2017, equations 1 and 2)."""

    name = "grad_cam"
    title = "Grad-CAM"
    group = "Feature maps"
    sentence = "Where the last feature maps support {target}."
    formula = "ReLU( Σ_k mean(∂S/∂A_k) · A_k )"
    limits = "Coarse: one value for each cell of the feature map. Says where, not why."
    paper = "Selvaraju et al. 2017, arXiv:1610.02391"
    units = "score, first order"

    penultimate_layer = LayerWithSpace("CAM at")
    token_grid = TokenGrid("token grid")
    negative = NEGATIVE

    def refine(self, context: Context) -> Iterator[Answer]:
        layer = penultimate(context)
        activations, gradient = context.activations_and_gradient(layer, self.explained(context))
        grid = context.options["token_grid"]
        yield positive(context, self.map(grid_of(activations, grid), grid_of(gradient, grid)))

    def explained(self, context: Context) -> Target | None:
        """The target to differentiate; ``None``: the query's own."""
        return None

    def weights(self, activations: np.ndarray, gradient: np.ndarray) -> np.ndarray:
        return mean_over_space(gradient)

    def map(self, activations: np.ndarray, gradient: np.ndarray) -> np.ndarray:
        return sum_over_channels(self.weights(activations, gradient) * activations)

    def refusal(self, network: Network, target: Layer, source: Input) -> str:
        return why_no_cam(self.title, network, target, source)


def space_of(values: np.ndarray) -> tuple[int, ...]:
    """The axes of space of (..., K)."""
    return tuple(range(values.ndim - 1))


def mean_over_space(values: np.ndarray) -> np.ndarray:
    """(K,) of (..., K)."""
    return np.asarray(values.mean(space_of(values)))


def sum_over_channels(values: np.ndarray) -> np.ndarray:
    """(...) of (..., K)."""
    return np.asarray(values.sum(-1))


def positive(context: Context, values: np.ndarray) -> Answer:
    """ReLU of a map, or all of it if negative evidence is wanted; a difference of targets has two sides by default."""
    keep = {"auto": context.target.is_difference, "keep": True, "drop": False}[context.options["negative"]]
    return Answer(values, signed=True) if keep else Answer(np.maximum(values, 0))


def penultimate(context: Context) -> Layer:
    """The chosen layer, or the nearest before the target whose feature map has more than one cell."""
    network, target, source = context.network, context.layer, context.source
    chosen, grid = context.options["penultimate_layer"], context.options.get("token_grid")
    layer: Layer | None
    if chosen is not None:
        layer = network.layers[chosen]
    else:
        layer = _last_sequence(network, target) if grid else network.last_with_space(target, source)
    if layer is None and grid:
        raise ValueError(
            f"No attention lies before layer {target}, whose tokens could lie in a grid: name a layer of tokens by "
            "penultimate_layer=, or leave out token_grid."
        )
    if layer is None:
        raise ValueError(why_no_cam("A CAM", network, target, source))
    if not network.depends(target, layer) or layer == target:
        raise ValueError(f"penultimate_layer {layer} does not feed layer {target}; choose one that comes before it.")
    if not network.depends(layer, source):
        raise ValueError(f"penultimate_layer {layer} does not see input {source.name}; {seen_from(network, layer)}.")
    if grid and not is_sequence(layer.shape):
        raise ValueError(f"layer {layer} has feature maps, and no tokens that could lie in a grid: leave out token_grid.")
    if is_sequence(layer.shape) and grid is None and source.space != 1:
        raise ValueError(f"layer {layer} is a sequence of {layer.shape[0]} tokens: give token_grid=(rows, columns).")
    cells = grid or layer.cells or ()
    context.note(f"looked at layer {layer} ({'×'.join('?' if size is None else str(size) for size in cells)} cells)")
    return layer


def seen_from(network: Network, layer: Layer) -> str:
    """What to do if a layer does not depend on an input: name one that it depends on, or another layer."""
    names = " or ".join(f"wrt={each.name!r}" for each in network.inputs if network.depends(layer, each))
    return f"ask with {names}, or choose a layer that does" if names else "choose a layer that does"


def why_no_cam(title: str, network: Network, target: Layer, source: Input) -> str:
    """Why there is no feature map before ``target``; empty if there is one."""
    if network.last_with_space(target, source) or _last_sequence(network, target):
        return ""
    return (
        f"{title} needs a convolution before layer {target} whose feature map has more than one cell, "
        "and there is none; choose a later layer, or method 'saliency'."
    )


def _last_sequence(network: Network, target: Layer) -> Layer | None:
    """The last layer of tokens before ``target`` in a transformer; only the user knows the grid that they lie in."""
    if not any("Attention" in layer.kind for layer in network.layers[: target.index]):
        return None
    before = (layer for layer in reversed(network.layers[: target.index]) if is_sequence(layer.shape))
    return next((layer for layer in before if network.depends(target, layer)), None)
