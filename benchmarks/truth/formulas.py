"""The formulas of methods that take more than a line, in numpy, for one class of the CNN of ``numpy_cnn``."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from PIL import Image
from scipy.integrate import simpson
from scipy.ndimage import gaussian_filter

from benchmarks.truth.numpy_cnn import CHANNELS, CLASSES, SIZE, NumpyCNN, convolved, convolved_back
from salwidget.attribution.xrai import segments
from tests.models import image

CLASS = 0
SAMPLES, STEPS, MASKS, CELLS, WIDEST = 20, 50, 200, 7, 4
REFERENCE_IMAGES = np.stack([image((SIZE, SIZE, CHANNELS), seed, "float64") for seed in (100, 101, 102)])


@dataclass(frozen=True)
class Case:
    """A picture (12, 12, 2), the CNN that reads it, and the seed that a random method gets."""

    cnn: NumpyCNN
    x: np.ndarray
    seed: int

    @property
    def row(self) -> np.ndarray:
        return np.eye(CLASSES)[CLASS]

    @property
    def A(self) -> np.ndarray:
        """Feature maps of the last convolution."""
        return self.cnn.last_maps(self.x)

    @property
    def g(self) -> np.ndarray:
        """dS/dA."""
        return self.cnn.map_gradient(self.x, self.row)

    def score(self, x: np.ndarray) -> float:
        return float(self.cnn.logits(x)[CLASS])

    def gradient(self, x: np.ndarray, rule: str = "plain") -> np.ndarray:
        return self.cnn.gradient(x, self.row, rule)

    def noisy_gradients(self) -> np.ndarray:
        """Gradients at 20 noisy pictures, the noise being drawn as the engine draws it (15 % of the range)."""
        noise = np.random.default_rng(self.seed).standard_normal((SAMPLES, *self.x.shape), np.float32)
        return np.array([self.gradient(self.x + 0.15 * np.ptp(self.x) * one) for one in noise])


def relu(values: np.ndarray) -> np.ndarray:
    return np.maximum(values, 0)


def line_integral(case: Case, start: float = 0.0) -> np.ndarray:
    """(x - x0) * integral of the gradient along the line from x0, one value, by Simpson's rule on 2001 points."""
    alphas, change = np.linspace(0, 1, 2001), case.x - start
    gradients = np.array([case.gradient(start + alpha * change) for alpha in alphas])
    return (change * simpson(gradients, x=alphas, axis=0)).sum(-1)


def left_sum(case: Case) -> np.ndarray:
    """The same by the left ends of 50 steps."""
    return (case.x * np.mean([case.gradient(step / STEPS * case.x) for step in range(STEPS)], axis=0)).sum(-1)


def expected_gradients(case: Case) -> np.ndarray:
    """Mean of (x - r) g(r + alpha (x - r)) over 50 draws of a reference image r and alpha."""
    rng, total = np.random.default_rng(case.seed), np.zeros_like(case.x)
    for _ in range(50):
        reference, alpha = REFERENCE_IMAGES[rng.integers(len(REFERENCE_IMAGES))], rng.random()
        total += (case.x - reference) * case.gradient(reference + alpha * (case.x - reference))
    return (total / 50).sum(-1)


def blur_integral(case: Case) -> np.ndarray:
    """Gradient times what sharpening changes, summed over 4000 steps of equal width."""
    path = [gaussian_filter(case.x, (width, width, 0), mode="reflect") for width in np.linspace(0, WIDEST, 4001)]
    middles = [case.gradient((sharp + soft) / 2) * (sharp - soft) for sharp, soft in pairwise(path)]
    return np.sum(middles, axis=0).sum(-1)


def xrai(case: Case) -> np.ndarray:
    """Algorithm 1 of the paper on the engine's segments: the mean attribution of what a region adds, the largest first."""
    pixels = (line_integral(case, 0.0) + line_integral(case, 1.0)) / 2
    first_channel = (case.x[..., :1] * 255).round().astype(np.uint8)
    masks = segments(np.repeat(first_channel, 3, axis=-1))
    found, taken = np.zeros_like(pixels), np.zeros(pixels.shape, bool)
    while any((mask & ~taken).any() for mask in masks):
        new = max((mask & ~taken for mask in masks if (mask & ~taken).any()), key=lambda region: pixels[region].mean())
        found[new] = pixels[new].mean()
        taken |= new
    found[~taken] = pixels[~taken].mean() if not taken.all() else 0
    return found


def grad_cam_plus_plus(case: Case) -> np.ndarray:
    """Equation 19 for Y = exp(S), whose n-th derivative is exp(S) g^n; over exp(S), which scales the whole map."""
    below = 2 * case.g**2 + case.A.sum((0, 1)) * case.g**3
    alpha = np.divide(case.g**2, below, out=np.zeros_like(case.g), where=below != 0)
    return relu(((alpha * relu(case.g)).sum((0, 1)) * case.A).sum(-1))


def enlarged(cells: np.ndarray, side: int) -> np.ndarray:
    """Bilinear with half-pixel centres, by Pillow."""
    return np.asarray(Image.fromarray(cells.astype(np.float32)).resize((side, side), Image.Resampling.BILINEAR), np.float64)


def score_cam(case: Case) -> np.ndarray:
    """Each feature map times the probability of the class for the picture behind it."""
    total = np.zeros(case.A.shape[:2])
    for channel in np.moveaxis(case.A, -1, 0):
        mask = enlarged(channel, SIZE)
        if np.ptp(mask) > 0:
            mask = (mask - mask.min()) / np.ptp(mask)
            total += case.cnn.probabilities(case.x * mask[..., None])[CLASS] * channel
    return relu(total)


def guided_grad_cam(case: Case) -> np.ndarray:
    cam = enlarged(relu((case.g.mean((0, 1)) * case.A).sum(-1)), SIZE)
    return np.abs(case.gradient(case.x, "guided") * cam[..., None]).max(-1)


def finer_cam(case: Case) -> np.ndarray:
    """Grad-CAM of the class's logit less that of the likeliest other class."""
    rival = max(set(range(CLASSES)) - {CLASS}, key=lambda index: case.cnn.logits(case.x)[index])
    contrast = case.cnn.map_gradient(case.x, case.row - np.eye(CLASSES)[rival])
    return relu((contrast.mean((0, 1)) * case.A).sum(-1))


def occlusion(case: Case, patch: int = 4, stride: int = 2) -> np.ndarray:
    """Drop of the score under a patch of zeros, as a mean over the patches on each pixel."""
    total, covered = np.zeros((SIZE, SIZE)), np.zeros((SIZE, SIZE))
    for top in range(0, SIZE - patch + 1, stride):
        for left in range(0, SIZE - patch + 1, stride):
            window = slice(top, top + patch), slice(left, left + patch)
            hidden = case.x.copy()
            hidden[window] = 0
            total[window] += case.score(case.x) - case.score(hidden)
            covered[window] += 1
    return total / covered


def rise(case: Case) -> np.ndarray:
    """Mean of probability times mask, over p; grids of 7 x 7 cells at p = 0.5, each cropped at an offset of its own."""
    rng, cell = np.random.default_rng(case.seed), -(-SIZE // CELLS)
    grids = rng.random((MASKS, CELLS, CELLS), np.float32) < 0.5
    offsets = rng.integers(0, [cell, cell], (MASKS, 2))
    total = np.zeros((SIZE, SIZE))
    for grid, (top, left) in zip(grids, offsets, strict=True):
        mask = enlarged(grid, (CELLS + 1) * cell)[top : top + SIZE, left : left + SIZE]
        total += case.cnn.probabilities(case.x * mask[..., None])[CLASS] * mask
    return total / (0.5 * MASKS)


def relevance(case: Case, rule: str) -> np.ndarray:
    """The score handed back: through the head, the mean over space and each convolution (Bach et al. 2015).

    ``"epsilon"`` with epsilon 0: by x w over z, the bias keeping its part; ``"z_plus"``: by the positive x w alone.
    """
    maps, weights = case.A, case.cnn.head[:, CLASS]
    parts = maps.mean((0, 1)) * weights
    if rule == "z_plus":
        parts = relu(parts) / relu(parts).sum() * case.score(case.x)
    sums = maps.sum((0, 1))
    handed = maps * np.divide(parts, sums, out=np.zeros_like(parts), where=sums != 0)
    before = [case.x, *map(case.cnn.activated, case.cnn.maps(case.x)[:-1])]
    for x, kernel, bias in reversed(list(zip(before, case.cnn.kernels, case.cnn.biases, strict=True))):
        if rule == "epsilon":
            handed = x * convolved_back(handed / (convolved(x, kernel) + bias), kernel)
        else:
            up = convolved(relu(x), relu(kernel)) + convolved(relu(-x), relu(-kernel))
            share = np.divide(handed, up, out=np.zeros_like(up), where=up != 0)
            handed = relu(x) * convolved_back(share, relu(kernel)) + relu(-x) * convolved_back(share, relu(-kernel))
    return handed.sum(-1)
