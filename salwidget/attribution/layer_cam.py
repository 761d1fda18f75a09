"""LayerCAM: Grad-CAM that stays sharp at early layers."""

from __future__ import annotations

import numpy as np

from salwidget.attribution.contract import method
from salwidget.attribution.grad_cam import GradCAM, sum_over_channels


@method
class LayerCAM(GradCAM):
    """Feature maps weighed by their positive gradient, cell by cell (Jiang et al. 2021)."""

    name = "layercam"
    title = "LayerCAM"
    sentence = "Which cells of a feature map, early ones too, support {target}."
    formula = "ReLU( Σ_k ReLU(∂S/∂A_k) · A_k )"
    limits = "Cells that speak against the target are left out, not set off."
    paper = "Jiang et al. 2021, IEEE TIP 30, 5875 (LayerCAM)"

    def map(self, activations: np.ndarray, gradient: np.ndarray) -> np.ndarray:
        return sum_over_channels(np.maximum(gradient, 0) * activations)
