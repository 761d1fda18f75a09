"""Each method against its published formula, computed in numpy on a small random CNN that is written out by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

import salwidget
from benchmarks.truth import formulas
from benchmarks.truth.asked import Asked
from benchmarks.truth.formulas import CLASS, REFERENCE_IMAGES, Case, relu
from benchmarks.truth.numpy_cnn import CHANNELS, SIZE, twins
from tests.models import image

ZERO = {"baseline": np.zeros((SIZE, SIZE, CHANNELS))}


@dataclass(frozen=True)
class Reference:
    """What a method is compared with: its formula, in words and as a function of a case, giving the map (h, w).

    ``unit`` asks for a picture in 0..1 instead of signed noise; ``bound`` is the error allowed: rounding, or what the
    reference's own quadrature leaves.
    """

    words: str
    map: Callable[[Case], np.ndarray]
    modifier: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    question: Mapping[str, Any] = field(default_factory=lambda: {"filters": CLASS})
    activation: str = "relu"
    unit: bool = False
    bound: float = 1e-5


REFERENCES: dict[str, list[Reference]] = {
    "saliency": [
        Reference("max_c abs of the backward pass", lambda case: np.abs(case.gradient(case.x)).max(-1)),
        Reference("R [y > 0] [R > 0] by hand", lambda case: np.abs(case.gradient(case.x, "guided")).max(-1), "guided"),
        Reference("R [R > 0] by hand", lambda case: np.abs(case.gradient(case.x, "rectified")).max(-1), "rectified"),
    ],
    "input_x_gradient": [Reference("x * backward pass", lambda case: (case.x * case.gradient(case.x)).sum(-1))],
    "smoothgrad": [Reference("mean over the same noise", lambda case: np.abs(case.noisy_gradients().mean(0)).max(-1))],
    "squaregrad": [Reference("mean square over the same noise", lambda case: (case.noisy_gradients() ** 2).mean(0).max(-1))],
    "vargrad": [Reference("variance over the same noise", lambda case: case.noisy_gradients().var(0).max(-1))],
    "integrated_gradients": [
        Reference("Simpson's rule on 2001 points, softplus net", formulas.line_integral, options=ZERO, activation="softplus")
    ],
    "expected_gradients": [
        Reference("mean over the same draws", formulas.expected_gradients, options={"references": REFERENCE_IMAGES})
    ],
    "guided_ig": [
        Reference("left sum of 50 steps on the line, which max_dist 0 confines it to", formulas.left_sum,
                  options=ZERO | {"max_dist": 0}),
    ],
    "blur_ig": [
        Reference("midpoint rule on 4000 widths, softplus net", formulas.blur_integral, activation="softplus",
                  options={"max_sigma": formulas.WIDEST, "steps": 300}, bound=1e-4),
    ],
    "xrai": [
        Reference("greedy gain over the same segments, each density counted anew; softplus net", formulas.xrai,
                  activation="softplus", unit=True),
    ],
    "grad_cam": [Reference("ReLU(sum_k mean(g_k) A_k)", lambda case: relu((case.g.mean((0, 1)) * case.A).sum(-1)))],
    "grad_cam++": [Reference("the paper's alpha, over exp(S)", formulas.grad_cam_plus_plus)],
    "hirescam": [Reference("ReLU(sum_k g_k A_k)", lambda case: relu((case.g * case.A).sum(-1)))],
    "layercam": [Reference("ReLU(sum_k ReLU(g_k) A_k)", lambda case: relu((relu(case.g) * case.A).sum(-1)))],
    "cam": [Reference("ReLU(row of the head . A)", lambda case: relu(case.A @ case.cnn.head[:, CLASS]))],
    "score_cam": [Reference("softmax score of one masked picture at a time", formulas.score_cam)],
    "finer_cam": [Reference("Grad-CAM of S_a - S_b, b the next best", formulas.finer_cam)],
    "guided_grad_cam": [Reference("guided by hand x Grad-CAM by hand", formulas.guided_grad_cam)],
    "occlusion": [
        Reference("one covered picture at a time", formulas.occlusion,
                  options={"patch": 4, "stride": 2, "fill": np.zeros((SIZE, SIZE, CHANNELS))}),
    ],
    "rise": [Reference("the same grids and crops, Pillow's bilinear", formulas.rise, options={"masks": formulas.MASKS})],
    "lrp": [
        Reference("x w R / z layer by layer, epsilon 0", lambda case: formulas.relevance(case, "epsilon"),
                  options={"epsilon": 0.0}),
        Reference("(x w)+ R / sum (x w)+ layer by layer", lambda case: formulas.relevance(case, "z_plus"),
                  options={"rule": "z_plus"}),
    ],
    "feature_map": [
        Reference("convolutions by hand", lambda case: case.A[..., 2], question={"layer": "conv2", "filters": 2}),
    ],
    "weights": [
        Reference("sum over channels of the kernel", lambda case: case.cnn.kernels[0][..., 1].sum(2),
                  question={"layer": "conv1", "filters": 1}),
    ],
}  # fmt: skip


@dataclass(frozen=True)
class Agreement:
    """How far a method is from its reference: largest difference of cells, relative to the reference's largest value."""

    asked: Asked
    words: str
    error: float
    bound: float
    seed: int


def agreement(name: str, seed: int = 0) -> list[Agreement]:
    """A method against each of its references, on the CNN and the noise picture of a seed."""
    rows = []
    for reference in REFERENCES[name]:
        cnn, model = twins(seed, reference.activation)
        x = image((SIZE, SIZE, CHANNELS), seed, "float64")
        case = Case(cnn, (x - x.min()) / np.ptp(x) if reference.unit else x, seed)
        expected = reference.map(case)
        asked = Asked(name, reference.modifier, reference.options)
        found = asked.heatmap(model, case.x, seed=seed, **reference.question).cells
        error = np.abs(found - expected).max() / np.abs(expected).max()
        rows.append(Agreement(asked, reference.words, float(error), reference.bound, seed))
    return rows


def unreferenced() -> list[str]:
    """Registered methods that this page has no reference for."""
    return [name for name in salwidget.METHODS if name not in REFERENCES]
