"""Grad-CAM: where the feature maps of a layer support the target."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from salwidget.attribution.contract import Answer, LayerWithSpace, Method, Question, method
from salwidget.layers import Layer
from salwidget.network import Network


@method
class GradCAM(Method):
    """Feature maps weighed by their mean gradient (Selvaraju et al. 2017, equations 1 and 2)."""

    name = "grad_cam"
    title = "Grad-CAM"
    sentence = "Where the last feature maps support {target}."
    formula = "ReLU( Σ_k mean(∂S/∂A_k) · A_k )"
    limits = "Coarse: one value for each cell of the feature map. Says where, not why."
    paper = "Selvaraju et al. 2017, arXiv:1610.02391"
    units = "score, first order"

    penultimate_layer = LayerWithSpace("CAM at")

    def refine(self, question: Question) -> Iterator[Answer]:
        layer = self.penultimate(question)
        activations, gradient = question.activations_and_gradient(layer)
        height, width = activations.shape[:2]
        question.notes.append(f"looked at layer {layer} ({height}×{width} cells)")
        yield Answer(self.map(activations, gradient))

    def weights(self, gradient: np.ndarray) -> np.ndarray:
        return gradient.mean((0, 1))

    def map(self, activations: np.ndarray, gradient: np.ndarray) -> np.ndarray:
        return np.maximum((self.weights(gradient) * activations).sum(-1), 0)

    def penultimate(self, question: Question) -> Layer:
        """The layer that was chosen, or the nearest before the target with more than one cell."""
        network, target = question.network, question.target
        chosen = question.options["penultimate_layer"]
        layer = network.last_with_space(target) if chosen is None else network.layers[chosen]
        if layer is None:
            raise ValueError(self.refusal(network, target))
        if not network.depends(target, layer):
            raise ValueError(f"penultimate_layer {layer} does not feed layer {target}; choose one that comes before it.")
        return layer

    def refusal(self, network: Network, target: Layer) -> str:
        if network.last_with_space(target):
            return ""
        return (
            f"Grad-CAM needs a convolution before layer {target} whose feature map has more than one cell, "
            "and there is none; choose a later layer, or method 'saliency'."
        )
