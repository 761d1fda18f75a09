"""xplique."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from unittest.mock import patch

import keras
import numpy as np
import tensorflow as tf
from xplique import attributions as theirs
from xplique.attributions.gradient_statistics.smoothgrad import GradientStatistic

from benchmarks.peers.case import CLASS, LAST, MASKS, SAMPLES, SHOWN, STEPS, Case
from benchmarks.peers.formulas import PATCH
from benchmarks.peers.peer import ANOTHER_CLASS, Call, Calls, Peer, Theirs, another_class


def mapped(method: Any, case: Case, model: keras.Model | None = None, **how: Any) -> np.ndarray:
    """Its map (H, W)."""
    return np.asarray(method(model or case.model, **how).explain(case.batch, case.one_hot)).reshape(case.shape[:2])


def noisy(method: Any, case: Case) -> np.ndarray:
    def perturbed(inputs: tf.Tensor, count: int, width: float) -> tf.Tensor:
        return tf.constant(case.image + width * case.noise)

    with patch.object(GradientStatistic, "_perturb_samples", perturbed):
        return mapped(method, case, reducer="sum", nb_samples=SAMPLES, noise=case.width)


def cam(method: Any, case: Case) -> np.ndarray:
    explainer = method(case.model, conv_layer=LAST)
    maps, gradients = explainer._gradient(tf.constant(case.batch), tf.constant(case.one_hot))
    return explainer._apply_weights(explainer._compute_weights(gradients, maps), maps).numpy()[0]


def occlusion(case: Case, patch_size: int, stride: int) -> np.ndarray:
    return mapped(theirs.Occlusion, case, patch_size=patch_size, patch_stride=stride)


def rise(case: Case) -> np.ndarray:
    """Its masks by their numbers, so that each gets one of ours."""

    def masked(image: tf.Tensor, numbers: tf.Tensor, fill: float) -> tuple[tf.Tensor, tf.Tensor]:
        masks = tf.gather(case.masks[..., None], numbers)
        return masks * image[None], masks

    numbers = patch.object(theirs.Rise, "_get_masks", lambda *_: tf.range(MASKS))
    with numbers, patch.object(theirs.Rise, "_apply_masks", masked):
        return mapped(theirs.Rise, case, case.with_softmax, nb_samples=MASKS)


def calls(logits: keras.Model, probabilities: keras.Model, image: np.ndarray) -> Calls:
    batch, one_hot = image[None], np.eye(logits.output.shape[-1], dtype=np.float32)

    def asked(method: Any, model: keras.Model = logits, **how: Any) -> Callable[[], Call]:
        return lambda: partial(method(model, **how).explain, batch, one_hot[[CLASS]])

    def another() -> Call:
        plain = theirs.Saliency(logits)
        return another_class(lambda label: plain.explain(batch, one_hot[[label]]))

    return {
        "saliency": asked(theirs.Saliency),
        ANOTHER_CLASS: another,
        "SmoothGrad, 20 samples": asked(theirs.SmoothGrad, nb_samples=20),
        "Integrated Gradients, 50 steps": asked(theirs.IntegratedGradients, steps=50),
        "Grad-CAM": asked(theirs.GradCAM),
        "guided": asked(theirs.GuidedBackprop),
        "occlusion, 196 patches": asked(theirs.Occlusion, patch_size=16, patch_stride=16),
        "RISE, 500 masks": asked(theirs.Rise, probabilities, nb_samples=500),
    }


PEER = Peer(
    "xplique",
    "xplique",
    (
        Theirs("saliency", "by default", lambda c: mapped(theirs.Saliency, c)),
        Theirs("input_x_gradient", 'reducer="sum"', lambda c: mapped(theirs.GradientInput, c, reducer="sum")),
        Theirs("guided", 'reducer="sum"', lambda c: mapped(theirs.GuidedBackprop, c, reducer="sum")),
        Theirs(
            "guided, layers.ReLU",
            'reducer="sum"',
            lambda c: mapped(theirs.GuidedBackprop, c, c.with_relu_layers, reducer="sum"),
        ),
        Theirs(
            "guided, capped ReLU",
            'reducer="sum"',
            lambda c: mapped(theirs.GuidedBackprop, c, c.with_caps, reducer="sum"),
        ),
        Theirs(
            "guided, nested model",
            'reducer="sum"',
            lambda c: mapped(theirs.GuidedBackprop, c, c.nested, reducer="sum"),
            "layers of a nested model are not replaced: silently the plain gradient",
        ),
        Theirs("rectified (deconv)", 'reducer="sum"', lambda c: mapped(theirs.DeconvNet, c, reducer="sum")),
        Theirs("smoothgrad", 'reducer="sum"', lambda c: noisy(theirs.SmoothGrad, c)),
        Theirs("squaregrad", 'reducer="sum"', lambda c: noisy(theirs.SquareGrad, c)),
        Theirs("vargrad", 'reducer="sum", times (n − 1) / n', lambda c: noisy(theirs.VarGrad, c) * (SAMPLES - 1) / SAMPLES),
        Theirs(
            "integrated_gradients",
            f'reducer="sum", steps={STEPS}',
            lambda c: mapped(theirs.IntegratedGradients, c, reducer="sum", steps=STEPS),
            tolerance=2e-2,
        ),
        Theirs("grad_cam", "before resizing", lambda c: cam(theirs.GradCAM, c)),
        Theirs(
            "grad_cam++",
            "before resizing",
            lambda c: cam(theirs.GradCAMPP, c),
            "means over cells where the paper has sums, in α as well",
        ),
        Theirs("occlusion, patch 8", "patch_size=8, patch_stride=8", lambda c: occlusion(c, PATCH, PATCH)),
        Theirs(
            "occlusion, patch 8, stride 4",
            "patch_size=8, patch_stride=4",
            lambda c: occlusion(c, PATCH, 4),
            "sums where patches overlap, so that the border counts less",
        ),
        Theirs(
            "occlusion, patch 7",
            "patch_size=7, patch_stride=7",
            lambda c: occlusion(c, 7, 7),
            "leaves the last rows and columns uncovered",
        ),
        Theirs(
            "rise",
            "our masks, times Σ M / (p N)",
            lambda c: rise(c) * (c.masks.sum(0) + theirs.Rise.EPSILON) / (SHOWN * MASKS),
        ),
        Theirs(
            "rise",
            "our masks",
            rise,
            "divides by Σ M of each pixel, where the paper has p N (its own masks: one offset for a batch)",
        ),
    ),
    calls,
)
