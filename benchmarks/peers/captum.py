"""Captum, on the same weights carried into torch; its maps have channels first."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from unittest.mock import patch

import keras
import numpy as np
import torch
from captum import attr
from captum.attr._utils.lrp_rules import EpsilonRule
from torch import nn

from benchmarks.peers.case import CLASS, SAMPLES, STEPS, Case
from benchmarks.peers.formulas import PATCH
from benchmarks.peers.mobilenet import mobilenet
from benchmarks.peers.peer import ANOTHER_CLASS, Call, Calls, Peer, Theirs, another_class

LAST = 6


def network(case: Case) -> nn.Sequential:
    """The CNN of ``case`` in torch; layer ``LAST`` is its last convolution, layer 7 that one's rectifier."""
    convolutions = [nn.Conv2d(3, 8, 3, padding=1), nn.Conv2d(8, 12, 3, padding=1), nn.Conv2d(12, 16, 3, padding=1)]
    head = nn.Linear(*case.weights[-2].shape)
    rows, columns = case.shape[0] // 4, case.shape[1] // 4
    for layer, kernel, bias in zip(convolutions, case.weights[:-2:2], case.weights[1:-2:2], strict=True):
        layer.weight.data, layer.bias.data = torch.tensor(kernel.transpose(3, 2, 0, 1)), torch.tensor(bias)
    # The cells of (rows, columns, 16) in the order of (16, rows, columns).
    kernel = case.weights[-2].reshape(rows, columns, 16, -1).transpose(3, 2, 0, 1)
    head.weight.data, head.bias.data = torch.tensor(kernel.reshape(len(kernel), -1).copy()), torch.tensor(case.weights[-1])
    first, second, third = convolutions
    pooled = [first, nn.ReLU(), nn.MaxPool2d(2), second, nn.ReLU(), nn.MaxPool2d(2), third, nn.ReLU()]
    return nn.Sequential(*pooled, nn.Flatten(), head).eval()


def fed(image: np.ndarray) -> torch.Tensor:
    return torch.tensor(np.ascontiguousarray(image.transpose(2, 0, 1)[None]), requires_grad=True)


def mapped(method: Any, case: Case, **how: Any) -> np.ndarray:
    """Its map (H, W, C)."""
    found = method.attribute(fed(case.image), target=CLASS, **how)
    return found.detach().numpy()[0].transpose(1, 2, 0)


def noisy(case: Case, kind: str) -> np.ndarray:
    noise = torch.tensor(case.noise.transpose(0, 3, 1, 2).copy())
    tunnel = attr.NoiseTunnel(attr.Saliency(network(case)))
    with patch("torch.normal", lambda mean, width: width * noise):
        found = mapped(tunnel, case, nt_type=kind, nt_samples=SAMPLES, stdevs=case.width, abs=False)
    return found.sum(-1)


def guided_grad_cam(case: Case) -> np.ndarray:
    model = network(case)
    return mapped(attr.GuidedGradCam(model, model[LAST + 1]), case, interpolate_mode="bilinear").sum(-1)


def lrp(case: Case) -> np.ndarray:
    model = network(case)
    model[-2].rule = EpsilonRule()  # Flatten, which the library has no rule for
    return mapped(attr.LRP(model), case).sum(-1)


def grad_cam(case: Case, **how: Any) -> np.ndarray:
    model = network(case)
    return mapped(attr.LayerGradCam(model, model[LAST + 1]), case, **how)[..., 0]


def occlusion(case: Case, stride: int) -> np.ndarray:
    window = {"sliding_window_shapes": (3, PATCH, PATCH), "strides": (3, stride, stride)}
    return mapped(attr.Occlusion(network(case)), case, **window)[..., 0]


def calls(logits: keras.Model, probabilities: keras.Model, image: np.ndarray) -> Calls:
    """The Keras models are not asked: torch has MobileNetV2 of its own, of the same shapes."""
    model, x = mobilenet(), fed(image)
    window = {"sliding_window_shapes": (3, 16, 16), "strides": (3, 16, 16), "perturbations_per_eval": 16}
    noisy = {"nt_samples": 20, "abs": False}

    def asked(method: Any, **how: Any) -> Callable[[], Call]:
        return lambda: partial(method().attribute, x, target=CLASS, **how)

    return {
        "saliency": asked(lambda: attr.Saliency(model)),
        ANOTHER_CLASS: lambda: another_class(lambda label: attr.Saliency(model).attribute(x, target=label)),
        "SmoothGrad, 20 samples": asked(lambda: attr.NoiseTunnel(attr.Saliency(model)), **noisy),
        "Integrated Gradients, 50 steps": asked(lambda: attr.IntegratedGradients(model), n_steps=50, internal_batch_size=10),
        "Grad-CAM": asked(lambda: attr.LayerGradCam(model, model.features)),
        "guided": asked(lambda: attr.GuidedBackprop(model)),
        "occlusion, 196 patches": asked(lambda: attr.Occlusion(model), **window),
    }


PEER = Peer(
    "Captum",
    "captum",
    (
        Theirs("saliency", "then the maximum", lambda c: mapped(attr.Saliency(network(c)), c).max(-1)),
        Theirs("input_x_gradient", "then the sum", lambda c: mapped(attr.InputXGradient(network(c)), c).sum(-1)),
        Theirs("guided", "then the sum", lambda c: mapped(attr.GuidedBackprop(network(c)), c).sum(-1)),
        Theirs("guided, layers.ReLU", "then the sum", lambda c: mapped(attr.GuidedBackprop(network(c)), c).sum(-1)),
        Theirs("rectified (deconv)", "then the sum", lambda c: mapped(attr.Deconvolution(network(c)), c).sum(-1)),
        Theirs("smoothgrad", "Saliency(abs=False), then the sum", lambda c: noisy(c, "smoothgrad")),
        Theirs("squaregrad", "Saliency(abs=False), then the sum", lambda c: noisy(c, "smoothgrad_sq")),
        Theirs("vargrad", "Saliency(abs=False), then the sum", lambda c: noisy(c, "vargrad")),
        Theirs(
            "integrated_gradients",
            f"n_steps={STEPS} (Gauss-Legendre, as ours), then the sum",
            lambda c: mapped(attr.IntegratedGradients(network(c)), c, n_steps=STEPS).sum(-1),
        ),
        Theirs("lrp", "EpsilonRule(1e-9), then the sum", lrp),
        Theirs("grad_cam", "relu_attributions=True", lambda c: grad_cam(c, relu_attributions=True)),
        Theirs("grad_cam", "by default", grad_cam, "leaves out the ReLU"),
        Theirs("guided_grad_cam", 'interpolate_mode="bilinear", then the sum', guided_grad_cam),
        Theirs("occlusion, patch 8", "strides (3, 8, 8), window (3, 8, 8)", lambda c: occlusion(c, PATCH)),
        Theirs("occlusion, patch 8, stride 4", "strides (3, 4, 4), window (3, 8, 8)", lambda c: occlusion(c, 4)),
    ),
    calls,
)
