"""Guided Grad-CAM: the details of guided backprop, where Grad-CAM finds the class."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from salwidget.attribution.context import Context
from salwidget.attribution.contract import Answer, method
from salwidget.attribution.grad_cam import GradCAM, penultimate, positive
from salwidget.attribution.reduction import REDUCE, reduced
from salwidget.engine.inputs import Input
from salwidget.engine.layers import Layer
from salwidget.engine.network import Network
from salwidget.heatmap import resized
from salwidget.options import grid_of


@method
class GuidedGradCAM(GradCAM):
    """Guided backprop times upsampled Grad-CAM (Selvaraju et al. 2017).

    A backprop rule in the query replaces "guided" on the way to the input (with "rectified" it is the paper's Deconvolution
    Grad-CAM); Grad-CAM's own gradient stays plain.
    """

    name = "guided_grad_cam"
    title = "Guided Grad-CAM"
    sentence = "The fine lines that move {target}, kept where Grad-CAM finds support for it."
    formula = "max_c | guided ∂S/∂x_c | · ReLU( Σ_k mean(∂S/∂A_k) · A_k )"
    limits = "Guided backprop draws edges whatever the class: trust the place, not the lines."
    units = "score², first order"
    clip = 99.5

    reduce = REDUCE

    def refine(self, context: Context) -> Iterator[Answer]:
        rule = context.query.backprop_modifier or "guided"
        layer, grid = penultimate(context), context.options["token_grid"]
        with context.with_rule(None):
            activations, gradient = context.activations_and_gradient(layer)
        cam = positive(context, self.map(grid_of(activations, grid), grid_of(gradient, grid))).values
        with context.with_rule(rule):
            lines = context.gradient()
        # In float64: a product of two gradients may lie beyond what float32 holds.
        yield reduced(context, lines * resized(cam, lines.shape[:-1], smooth=True)[..., None].astype(np.float64))

    def refusal(self, network: Network, target: Layer, source: Input) -> str:
        if not network.rectifiers:
            return f"Guided Grad-CAM needs rectifiers: {network.why_no_rule()}."
        return super().refusal(network, target, source)
