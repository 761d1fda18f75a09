"""Finer-CAM: what tells one class from the next best."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from salwidget.attribution.context import Context
from salwidget.attribution.contract import method
from salwidget.attribution.grad_cam import GradCAM, why_no_cam
from salwidget.engine.inputs import Input
from salwidget.engine.layers import Layer
from salwidget.engine.network import Network
from salwidget.options import Number
from salwidget.target import Target


@method
class FinerCAM(GradCAM):
    """Grad-CAM of the difference of two classes (Zhang et al. 2025, with one class b).

    Where the target is a difference, b is what it subtracts; else it is the class that the model finds likeliest beside
    those of the target.
    """

    name = "finer_cam"
    title = "Finer-CAM (contrast)"
    sentence = "Where the last feature maps speak for {target} and not for the class that rivals it."
    formula = "ReLU( Σ_k mean(∂(S_a − strength · S_b)/∂A_k) · A_k )"
    limits = "What both classes share is gone, by intent. Coarse: one value for each cell."
    paper = "Zhang et al. 2025, arXiv:2501.11309"

    strength = Number("strength", 1.0, 0.0, 2.0, 0.1, help="how much of the rival class is subtracted")

    def explained(self, context: Context) -> Target:
        target, strength = context.target, context.options["strength"]
        if target.nearness_to is not None or any(unit.function for _, unit in target.terms):
            raise ValueError("finer_cam contrasts two classes: name them by filters, not by a function or a distance.")
        if target.is_difference:
            context.note(f"contrasted with the target's own B, strength {strength:g}")
            return Target(tuple((weight * strength if weight < 0 else weight, unit) for weight, unit in target.terms))
        weight, unit = sum(weight for weight, _ in target.terms), target.terms[0][1]
        scores = context.activations(context.network.layer(unit.layer)).copy()
        for _, each in target.terms:
            scores[list(each.filters or ())] = -np.inf  # type: ignore[arg-type]
        if np.isneginf(scores).all():
            raise ValueError("finer_cam needs a class beside those of the target, and it names all of them.")
        rival = int(np.argmax(scores))
        context.note(f"contrasted with class {rival}, the image's next best, strength {strength:g}")
        contrast: Target = target - strength * weight * replace(unit, filters=(rival,))
        return contrast

    def refusal(self, network: Network, target: Layer, source: Input) -> str:
        if target not in network.outputs or target.cells is not None or target.filters < 2:
            return f"Finer-CAM contrasts two classes, but layer {target} is no output of classes; choose one, or 'grad_cam'."
        return why_no_cam(self.title, network, target, source)
