"""tf-explain. Its ``explain`` gives pictures of eight bits, so the maps are taken one step before."""

from __future__ import annotations

from functools import partial
from typing import Any
from unittest.mock import patch

import keras
import numpy as np
import tf_explain.core.occlusion_sensitivity as their_occlusion
from tf_explain.core import GradCAM, GradientsInputs, IntegratedGradients, SmoothGrad, VanillaGradients

from benchmarks.peers.case import CLASS, LAST, SAMPLES, STEPS, Case
from benchmarks.peers.formulas import PATCH
from benchmarks.peers.peer import ANOTHER_CLASS, Calls, Peer, Theirs, another_class


def saliency(case: Case) -> np.ndarray:
    return np.abs(VanillaGradients.compute_gradients(case.batch, case.model, CLASS).numpy()[0]).max(-1)


def input_x_gradient(case: Case) -> np.ndarray:
    return GradientsInputs.compute_gradients(case.batch, case.model, CLASS).numpy()[0].sum(-1)


def smoothgrad(case: Case) -> np.ndarray:
    with patch("numpy.random.normal", lambda mean, width, shape: width * case.noise):
        noisy = SmoothGrad.generate_noisy_images(case.batch, SAMPLES, case.width)
    return SmoothGrad.get_averaged_gradients(noisy, case.with_softmax, CLASS, SAMPLES).numpy()[0].sum(-1)


def integrated_gradients(case: Case) -> np.ndarray:
    path = IntegratedGradients.generate_interpolations(case.batch, STEPS)
    return IntegratedGradients.get_integrated_gradients(path, case.model, CLASS, STEPS).numpy()[0]


def grad_cam(case: Case, guided: bool) -> np.ndarray:
    found = GradCAM.get_gradients_and_filters(case.model, case.batch, LAST, CLASS, guided)
    return GradCAM.generate_ponderated_output(*found)[0].numpy()


def drops(case: Case) -> np.ndarray:
    """Its 1 - S(covered) as S - S(covered), at the size of the image."""
    found = their_occlusion.OcclusionSensitivity(32).get_sensitivity_map(case.model, case.image, CLASS, PATCH)
    return found - 1 + case.logit(case.batch)[0]


def blocks(case: Case) -> np.ndarray:
    """The same with each of its cells as a block, which it smooths."""

    def as_blocks(cells: np.ndarray, size: Any) -> np.ndarray:
        return np.kron(cells, np.ones((PATCH, PATCH)))

    def black(image: np.ndarray, x: int, y: int, size: int) -> np.ndarray:
        covered = image.copy()
        covered[y : y + size, x : x + size] = 0
        return covered

    with patch.object(their_occlusion.cv2, "resize", as_blocks), patch.object(their_occlusion, "apply_grey_patch", black):
        return drops(case)


def calls(logits: keras.Model, probabilities: keras.Model, image: np.ndarray) -> Calls:
    data = (image[None], None)
    last = next(layer.name for layer in reversed(logits.layers) if len(layer.output.shape) == 4)
    plain, occlusion = VanillaGradients(), their_occlusion.OcclusionSensitivity(32)
    return {
        "saliency": lambda: partial(plain.explain_score_model, data, logits, CLASS),
        ANOTHER_CLASS: lambda: another_class(lambda label: plain.explain_score_model(data, logits, label)),
        "SmoothGrad, 20 samples": lambda: partial(SmoothGrad().explain, data, probabilities, CLASS, num_samples=20),
        "Integrated Gradients, 50 steps": lambda: partial(IntegratedGradients().explain, data, logits, CLASS, n_steps=50),
        "Grad-CAM": lambda: partial(GradCAM().explain, data, logits, CLASS, last),
        "occlusion, 196 patches": lambda: partial(occlusion.explain, data, logits, CLASS, 16),
    }


PEER = Peer(
    "tf-explain",
    "tf-explain",
    (
        Theirs("saliency", "compute_gradients, then the maximum of abs(g)", saliency),
        Theirs("input_x_gradient", "compute_gradients, then the sum", input_x_gradient),
        Theirs("smoothgrad", "model with softmax, then the sum", smoothgrad, "explains the cross-entropy, not the score"),
        Theirs(
            "integrated_gradients",
            f"n_steps={STEPS}, times x",
            lambda c: (c.image * integrated_gradients(c)).sum(-1),
            tolerance=2e-2,
        ),
        Theirs(
            "integrated_gradients",
            f"n_steps={STEPS}",
            lambda c: integrated_gradients(c).sum(-1),
            "leaves out the factor x − x0",
        ),
        Theirs("grad_cam", "use_guided_grads=False, then ReLU", lambda c: np.maximum(grad_cam(c, False), 0)),
        Theirs("grad_cam", "by default", lambda c: grad_cam(c, True), "drops negative gradients and the ReLU"),
        Theirs("occlusion, patch 8", "our fill, blocks, square image", blocks, case=Case((24, 24, 3))),
        Theirs("occlusion, patch 8", "our fill, blocks", blocks, "rows and columns are exchanged: right for squares only"),
    ),
    calls,
)
