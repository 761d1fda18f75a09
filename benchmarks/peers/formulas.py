"""What is asked of everyone: our answer, and the paper's formula in numpy on the bare network of ``Case``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf
from PIL import Image
from scipy.ndimage import gaussian_filter

from benchmarks.peers.case import CAP, LAST, MASKS, NOISE, SAMPLES, SHOWN, STEPS, Case
from salwidget.attribution.xrai import regions

PATCH = 8
WIDEST = 4
Map = Callable[[Case], np.ndarray]


@dataclass(frozen=True)
class Asked:
    """A question to all: ``ours`` (h, w), and ``paper`` by the formula, within ``tolerance`` of each other.

    Without ``paper`` the reference is the authors' own code, which is one of the peers.
    """

    ours: Map
    paper: Map | None
    tolerance: float = 1e-4


@tf.custom_gradient
def guided_relu(x: Any) -> Any:
    y = tf.nn.relu(x)
    return y, lambda g: tf.where((y > 0) & (g > 0), g, 0.0)


@tf.custom_gradient
def guided_capped_relu(x: Any) -> Any:
    """The papers have no cap: y > 0 is their only question."""
    y = tf.clip_by_value(x, 0.0, CAP)
    return y, lambda g: tf.where((y > 0) & (g > 0), g, 0.0)


@tf.custom_gradient
def deconv_relu(x: Any) -> Any:
    return tf.nn.relu(x), lambda g: tf.nn.relu(g)


def relu(values: np.ndarray) -> np.ndarray:
    return np.maximum(values, 0)


def enlarged(cells: np.ndarray, space: tuple[int, int]) -> np.ndarray:
    """Bilinear with half-pixel centres, by Pillow."""
    resized = Image.fromarray(cells.astype(np.float32)).resize(space[::-1], Image.Resampling.BILINEAR)
    return np.asarray(resized, np.float64)


def gradient(case: Case) -> np.ndarray:
    return case.gradients(case.batch)[0]


def noisy_gradients(case: Case) -> np.ndarray:
    return case.gradients(case.image + case.width * case.noise)


def line_integral(case: Case) -> np.ndarray:
    """x times the mean gradient at 4000 midpoints between black and x."""
    alphas = (np.arange(4000) + 0.5) / 4000
    return (case.image * case.gradients(np.multiply.outer(alphas, case.image)).mean(0)).sum(-1)


def blur_integral(case: Case) -> np.ndarray:
    """Gradient times what sharpening changes, over 4000 steps of equal width, mirrored at the border."""
    path = np.stack([gaussian_filter(case.image, (s, s, 0), mode="reflect") for s in np.linspace(0, WIDEST, 4001)])
    steps = path[:-1].astype(np.float64) - path[1:]
    return (case.gradients((path[:-1] + path[1:]) / 2) * steps).sum((0, -1))


def grad_cam(case: Case) -> np.ndarray:
    A, g = case.maps_and_gradient
    return relu((g.mean((0, 1)) * A).sum(-1))


def grad_cam_plus_plus(case: Case) -> np.ndarray:
    """Equation 19 for Y = exp(S), divided by exp(S)."""
    A, g = case.maps_and_gradient
    below = 2 * g**2 + A.sum((0, 1)) * g**3
    alpha = np.divide(g**2, below, out=np.zeros_like(g), where=below != 0)
    return relu(((alpha * relu(g)).sum((0, 1)) * A).sum(-1))


def layer_cam(case: Case) -> np.ndarray:
    A, g = case.maps_and_gradient
    return relu((relu(g) * A).sum(-1))


def guided_grad_cam(case: Case) -> np.ndarray:
    guided = case.gradients(case.batch, guided_relu)[0]
    return (guided * enlarged(grad_cam(case), case.shape[:2])[..., None]).sum(-1)


def score_masks(case: Case) -> np.ndarray:
    """Each feature map, enlarged and scaled to 0..1, (16, H, W); zero where it is the same everywhere."""
    maps = np.moveaxis(case.maps_and_gradient[0], -1, 0)
    large = np.stack([enlarged(one, case.shape[:2]) for one in maps])
    low, high = large.min((1, 2), keepdims=True), large.max((1, 2), keepdims=True)
    return (large - low) / np.where(high > low, high - low, 1)


def score_cam(case: Case) -> np.ndarray:
    masks = score_masks(case)
    varies = masks.max((1, 2)) > 0
    weights = np.where(varies, case.probability(case.image * masks[..., None]), 0)
    return relu((weights * case.maps_and_gradient[0]).sum(-1))


def occlusion(patch: int, stride: int, fill: float = 0.0, last: bool = True) -> Map:
    """Drop of the logit under patches, mean over those on a pixel; with ``last`` one more ends with each axis."""

    def starts(size: int) -> list[int]:
        return sorted({*range(0, size - patch + 1, stride), *([size - patch] * last)})

    def answer(case: Case) -> np.ndarray:
        windows = [(slice(r, r + patch), slice(c, c + patch)) for r in starts(case.shape[0]) for c in starts(case.shape[1])]
        covered = np.repeat(case.batch, len(windows), axis=0)
        for one, window in zip(covered, windows, strict=True):
            one[window] = fill
        total, count = np.zeros(case.shape[:2]), np.zeros(case.shape[:2])
        for window, drop in zip(windows, case.logit(case.batch)[0] - case.logit(covered), strict=True):
            total[window] += drop
            count[window] += 1
        return total / count

    return answer


def rise(case: Case) -> np.ndarray:
    probabilities = case.probability(case.image * case.masks[..., None])
    return np.tensordot(probabilities, case.masks, 1) / (SHOWN * MASKS)


def our_occlusion(patch: int, stride: int) -> Map:
    return lambda case: case.ask("occlusion", patch=patch, stride=stride, fill=np.zeros(case.shape, np.float32)).values


def our_regions(case: Case) -> np.ndarray:
    *_, (found, _) = regions(line_integral(case), case.segments)
    return found


SMOOTH = {"samples": SAMPLES, "noise": NOISE, "reduce": "sum"}

ASKED = {
    "saliency": Asked(lambda c: c.ask("saliency").values, lambda c: np.abs(gradient(c)).max(-1)),
    "input_x_gradient": Asked(lambda c: c.ask("input_x_gradient").values, lambda c: (c.image * gradient(c)).sum(-1)),
    "guided": Asked(
        lambda c: c.ask("saliency", reduce="sum", backprop_modifier="guided").values,
        lambda c: c.gradients(c.batch, guided_relu)[0].sum(-1),
    ),
    "guided, layers.ReLU": Asked(
        lambda c: c.ask("saliency", c.with_relu_layers, reduce="sum", backprop_modifier="guided").values,
        lambda c: c.gradients(c.batch, guided_relu)[0].sum(-1),
    ),
    "guided, capped ReLU": Asked(
        lambda c: c.ask("saliency", c.with_caps, reduce="sum", backprop_modifier="guided").values,
        lambda c: c.gradients(c.batch, guided_capped_relu)[0].sum(-1),
    ),
    "guided, nested model": Asked(
        lambda c: c.ask("saliency", c.nested, reduce="sum", backprop_modifier="guided").values,
        lambda c: c.gradients(c.batch, guided_relu)[0].sum(-1),
    ),
    "rectified (deconv)": Asked(
        lambda c: c.ask("saliency", reduce="sum", backprop_modifier="rectified").values,
        lambda c: c.gradients(c.batch, deconv_relu)[0].sum(-1),
    ),
    "smoothgrad": Asked(lambda c: c.ask("smoothgrad", **SMOOTH).values, lambda c: noisy_gradients(c).mean(0).sum(-1)),
    "squaregrad": Asked(lambda c: c.ask("squaregrad", **SMOOTH).values, lambda c: (noisy_gradients(c) ** 2).mean(0).sum(-1)),
    "vargrad": Asked(lambda c: c.ask("vargrad", **SMOOTH).values, lambda c: noisy_gradients(c).var(0).sum(-1)),
    # With ε = 0 each unit hands back what arrives times x w / z, which through rectifiers is the gradient times x.
    "lrp": Asked(lambda c: c.ask("lrp", epsilon=0).values, lambda c: (c.image * gradient(c)).sum(-1)),
    # The integrand of a network of rectifiers has steps, which 300 nodes meet to about this.
    "integrated_gradients": Asked(lambda c: c.ask("integrated_gradients", steps=STEPS).values, line_integral, tolerance=1e-2),
    "guided_ig": Asked(lambda c: c.ask("guided_ig", steps=STEPS).values, None),
    "blur_ig": Asked(lambda c: c.ask("blur_ig", steps=300, max_sigma=WIDEST).values, blur_integral, tolerance=2e-2),
    "xrai (regions)": Asked(our_regions, None),
    "grad_cam": Asked(lambda c: c.ask("grad_cam", penultimate_layer=LAST).cells, grad_cam),
    "grad_cam++": Asked(lambda c: c.ask("grad_cam++", penultimate_layer=LAST).cells, grad_cam_plus_plus),
    "layercam": Asked(lambda c: c.ask("layercam", penultimate_layer=LAST).cells, layer_cam),
    "guided_grad_cam": Asked(lambda c: c.ask("guided_grad_cam", penultimate_layer=LAST, reduce="sum").values, guided_grad_cam),
    "score_cam": Asked(lambda c: c.ask("score_cam", c.with_softmax, penultimate_layer=LAST, top=0).cells, score_cam),
    "occlusion, patch 8": Asked(our_occlusion(PATCH, PATCH), occlusion(PATCH, PATCH)),
    "occlusion, patch 8, stride 4": Asked(our_occlusion(PATCH, 4), occlusion(PATCH, 4)),
    "occlusion, patch 7": Asked(our_occlusion(7, 7), occlusion(7, 7)),
    "rise": Asked(lambda c: c.ask("rise", c.with_softmax, masks=MASKS).values, rise),
}
