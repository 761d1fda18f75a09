"""Weights: what the first convolution's filters look for, read off its kernels."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from salwidget.attribution.context import Context, finite
from salwidget.attribution.contract import Answer, Method, method
from salwidget.engine.inputs import Input
from salwidget.engine.layers import Layer
from salwidget.engine.network import Network
from salwidget.target import Target


@method
class Weights(Method):
    """Kernels as images, zero at mid grey (Krizhevsky et al. 2012, figure 3)."""

    name = "weights"
    title = "Weights"
    group = "Look inside"
    sentence = "The kernel of {target}: what it looks for, zero at mid grey."
    formula = "Σ_c W_c"
    limits = "Readable for the first convolution only: later kernels see channels, not colours."
    paper = "Krizhevsky, Sutskever, Hinton 2012, figure 3"
    units = "weight, summed over input channels"
    uses_gradient = False
    has_score = False
    on_image = False
    smooth = False

    def refine(self, context: Context) -> Iterator[Answer]:
        kernels = finite(np.asarray(context.network.keras_layer(context.layer).kernel), "kernel")  # (h, w, in, out)
        chosen = _filters(context.target) or range(kernels.shape[-1])
        tiles = [kernels[..., index] for index in chosen]
        top = max(float(np.abs(kernels).max()), 1e-12)
        colours = [np.round(127.5 + 127.5 * tile / top).astype(np.uint8) for tile in tiles]
        picture = mosaic(colours, blank=127) if kernels.shape[2] == 3 else None
        yield Answer(mosaic([tile.sum(-1) for tile in tiles], blank=0), signed=True, picture=picture)

    def refusal(self, network: Network, target: Layer, source: Input) -> str:
        first = next((layer for layer in network.layers if layer.kind == "Conv2D"), None)
        if first is None:
            return "This model has no Conv2D layer whose weights could be shown."
        if target == first:
            return ""
        return f"Weights are images only in the first convolution; choose layer {first}."


def _filters(target: Target) -> list[int]:
    return [one for _, unit in target.terms for one in unit.filters or ()]  # type: ignore[union-attr]


def mosaic(tiles: list[np.ndarray], blank: float) -> np.ndarray:
    """Tiles (h, w) or (h, w, 3) in a nearly square grid with gaps of one pixel."""
    columns = int(np.ceil(np.sqrt(len(tiles))))
    rows = -(-len(tiles) // columns)
    height, width = tiles[0].shape[:2]
    sheet = np.full((rows * (height + 1) - 1, columns * (width + 1) - 1, *tiles[0].shape[2:]), blank, tiles[0].dtype)
    for index, tile in enumerate(tiles):
        row, column = divmod(index, columns)
        sheet[row * (height + 1) :, column * (width + 1) :][:height, :width] = tile
    return sheet
