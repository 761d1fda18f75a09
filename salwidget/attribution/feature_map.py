"""Feature maps: what a layer's filters answer to this image."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from salwidget.attribution.context import Context
from salwidget.attribution.contract import Answer, Method, method
from salwidget.engine.inputs import Input
from salwidget.engine.layers import Layer
from salwidget.engine.network import Network


@method
class FeatureMap(Method):
    """Output of the chosen filters (Zeiler and Fergus 2013 show them; so does every debugger since)."""

    name = "feature_map"
    title = "Feature map"
    group = "Look inside"
    sentence = "What {target} answers at each place of this image."
    formula = "mean_k A_k, of a difference A_a − A_b"
    limits = "An answer is not a reason: strong cells need not matter for the class."
    paper = "Zeiler, Fergus 2013, arXiv:1311.2901"
    units = "activation"
    uses_gradient = False
    has_score = False
    smooth = False

    def refine(self, context: Context) -> Iterator[Answer]:
        network, target = context.network, context.target
        if any(unit.function is not None for _, unit in target.terms):
            raise ValueError("feature_map shows filters: name them by filters, not by a function.")
        outputs = [context.activations(network.layer(unit.layer)) for _, unit in target.terms]
        if len({maps.shape[:-1] for maps in outputs}) > 1:
            sizes = " and ".join("×".join(map(str, maps.shape[:-1])) for maps in outputs)
            raise ValueError(f"feature_map adds maps cell by cell, but these have {sizes} cells; choose filters of one layer.")
        if target.nearness_to is not None:
            context.note("the map shows the activations themselves: the value to come closer to changes nothing")
        values = np.zeros(outputs[0].shape[:-1], outputs[0].dtype)
        for (weight, unit), maps in zip(target.terms, outputs, strict=True):
            values = values + weight * (maps if unit.filters is None else np.take(maps, unit.filters, axis=-1)).mean(-1)
        yield Answer(values, signed=bool(values.min() < 0))  # behind a rectifier there is no sign to show

    def refusal(self, network: Network, target: Layer, source: Input) -> str:
        if len(target.shape) == source.space + 1:
            return ""
        return f"layer {target} has no feature map: its output {target.shape} has no space; choose a convolution before it."
