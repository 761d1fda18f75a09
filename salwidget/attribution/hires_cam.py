"""HiResCAM: what each cell of a feature map contributes."""

from __future__ import annotations

import numpy as np

from salwidget.attribution.contract import method
from salwidget.attribution.grad_cam import GradCAM, sum_over_channels


@method
class HiResCAM(GradCAM):
    """Feature maps times their gradients, cell by cell (Draelos and Carin 2020)."""

    name = "hirescam"
    title = "HiResCAM"
    sentence = "Which cells of the last feature maps {target} is computed from."
    formula = "ReLU( Σ_k ∂S/∂A_k · A_k )"
    limits = "Exact where all that follows the layer is linear; else first order. Coarse: one value for each cell."
    paper = "Draelos, Carin 2020, arXiv:2011.08891"

    def map(self, activations: np.ndarray, gradient: np.ndarray) -> np.ndarray:
        return sum_over_channels(gradient * activations)
