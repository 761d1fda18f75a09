"""What masking methods share: which score they read, and masks that are upsampled from small grids."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from salwidget.attribution.context import Context
from salwidget.target import Target


def as_probability(context: Context) -> Target:
    """The target with probabilities instead of logits wherever an output has them; a note says so.

    Functions, distances to a value and log-probabilities are left as they are.
    """
    target, network = context.target, context.network

    def has_probability(layer: int) -> bool:
        return network.layers[layer] in network.outputs and network.activation_of(network.layers[layer]) != "none"

    if target.nearness_to is not None:
        return target
    terms = tuple(
        (weight, replace(unit, score="probability"))
        if unit.score == "logit" and unit.function is None and has_probability(int(unit.layer))
        else (weight, unit)
        for weight, unit in target.terms
    )
    if terms != target.terms:
        context.note("masked images are scored by probability, as in the paper")
    return Target(terms)


def linear(size: int, cells: int) -> np.ndarray:
    """Matrix (size, cells) of linear interpolation; centres of cells lie at halves, as everywhere (``heatmap.resized``)."""
    positions = np.clip((np.arange(size) + 0.5) * cells / size - 0.5, 0, cells - 1)
    weights: np.ndarray = np.maximum(1 - np.abs(positions[:, None] - np.arange(cells)), 0).astype(np.float32)
    return weights


def spread(values: np.ndarray, matrices: Sequence[np.ndarray]) -> np.ndarray:
    """Values (N, cells per axis), multiplied along each axis by a matrix (size, cells): (N, size per axis)."""
    for matrix in matrices:
        values = np.moveaxis(values, 1, -1) @ matrix.T
    return values
