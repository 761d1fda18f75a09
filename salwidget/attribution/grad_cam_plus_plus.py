"""Grad-CAM++: Grad-CAM in which each cell of a feature map has a weight of its own."""

from __future__ import annotations

import numpy as np

from salwidget.attribution.contract import method
from salwidget.attribution.grad_cam import GradCAM, space_of


@method
class GradCAMPlusPlus(GradCAM):
    """Feature maps weighed by their positive gradients (Chattopadhay et al. 2018).

    The paper explains Y = exp(S), whose gradient is g·exp(S). That factor is the same for every cell and cancels in α: it
    only scales the map, overflows for large logits, and is left out.
    """

    name = "grad_cam++"
    title = "Grad-CAM++"
    sentence = "Where the last feature maps support {target}, each occurrence with a share of its own."
    formula = "ReLU( Σ_k Σ α_k · ReLU(g_k) · A_k ),  α_k = g² / (2g² + g³ ΣA_k)"
    limits = "Coarse, like Grad-CAM. Positive gradients alone count; its scale is not that of the score."
    paper = "Chattopadhay et al. 2018, arXiv:1710.11063"
    units = "score, weighed"

    def weights(self, activations: np.ndarray, gradient: np.ndarray) -> np.ndarray:
        gradient = gradient.astype(np.float64)
        # g² cancels; its powers would underflow, and α = 0/0 at g = 0 does not matter: ReLU(g) is 0 there.
        denominator = 2 + gradient * activations.sum(space_of(activations), dtype=np.float64)
        alpha = np.divide(1, denominator, out=np.zeros_like(gradient), where=denominator != 0)
        weights: np.ndarray = (alpha * np.maximum(gradient, 0)).sum(space_of(gradient))
        return weights
