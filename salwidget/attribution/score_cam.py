"""Score-CAM: feature maps weighed by the score of what they let through; no gradient."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from salwidget.attribution.context import Context
from salwidget.attribution.contract import Answer, Method, method
from salwidget.attribution.grad_cam import NEGATIVE, penultimate, positive, space_of, why_no_cam
from salwidget.attribution.masking import as_probability, linear, spread
from salwidget.engine.inputs import Input
from salwidget.engine.layers import Layer
from salwidget.engine.network import Network
from salwidget.options import LayerWithSpace, Number, TokenGrid, grid_of


@method
class ScoreCAM(Method):
    """Feature maps weighed by the score of the image behind them (Wang et al. 2020, as in the authors' code).

    Each map, upsampled and scaled to 0..1, masks the model's input: what is masked out becomes 0 there, which behind most
    preprocessing is grey or the mean colour. A map of one value masks nothing and has weight 0.
    """

    name = "score_cam"
    title = "Score-CAM"
    group = "Feature maps"
    sentence = "Which feature maps, laid over the image as masks, keep {target} alive."
    formula = "ReLU( Σ_k S(x · minmax(up(A_k))) · A_k )"
    limits = "One pass for each channel; with fewer channels than the layer has it is an approximation."
    paper = "Wang et al. 2020, arXiv:1910.01279"
    units = "score × activation"
    uses_gradient = False

    penultimate_layer = LayerWithSpace("CAM at")
    token_grid = TokenGrid("token grid")
    negative = NEGATIVE
    top = Number("top channels", 32, 0, 4096, help="those whose maps vary most; 0: all", zero="all")

    def refine(self, context: Context) -> Iterator[Answer]:
        layer = penultimate(context)
        target = as_probability(context)
        maps = grid_of(context.activations(layer), context.options["token_grid"])
        channels = most_varying(maps, top := context.options["top"])
        if len(channels) == top < maps.shape[-1]:
            context.note(f"{len(channels)} of {maps.shape[-1]} channels, those whose maps vary most over the image")
        total = np.zeros(maps.shape[:-1])
        if not len(channels):
            yield positive(context, total)
        for part in context.batches(len(channels), gradient=False):
            chosen = maps[..., channels[part]]
            scores = context.scores(masked(context.image, chosen), target)
            total += chosen @ scores.astype(np.float64)
            share = part.stop / len(channels)
            answer = positive(context, total / share)
            yield Answer(answer.values, answer.signed, progress=share)

    def refusal(self, network: Network, target: Layer, source: Input) -> str:
        return why_no_cam(self.title, network, target, source)


def most_varying(maps: np.ndarray, top: int) -> np.ndarray:
    """Channels of (..., K) by falling variance of their maps, at most ``top`` of them (0: all); constant ones are left out."""
    variance = maps.var(space_of(maps), dtype=np.float64)
    varies = maps.max(space_of(maps)) > maps.min(space_of(maps))
    order = [channel for channel in np.argsort(-variance, kind="stable") if varies[channel]]
    return np.array(order[: top or None], int)


def masked(image: np.ndarray, maps: np.ndarray) -> np.ndarray:
    """The image behind each of ``maps`` (..., N), upsampled and scaled to 0..1: (N, H, W, C)."""
    space = image.shape[:-1]
    up = spread(np.moveaxis(maps, -1, 0), [linear(*sizes) for sizes in zip(space, maps.shape[:-1], strict=True)])
    axes = tuple(range(1, up.ndim))
    low, high = up.min(axes, keepdims=True), up.max(axes, keepdims=True)
    up -= low
    # A map smaller than the step of its pixels may vary in its cells and not here: it masks nothing.
    up /= np.where(high > low, high - low, 1)
    images: np.ndarray = (image * up[..., None]).astype(image.dtype, copy=False)
    return images
