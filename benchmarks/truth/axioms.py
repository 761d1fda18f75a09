"""Point 2: what must hold for every model: completeness, conservation, CAM's identity, sensitivity, invariance."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import keras
import numpy as np
from keras import layers
from scipy.ndimage import gaussian_filter

import salwidget
from benchmarks.truth.asked import Asked
from benchmarks.truth.formulas import WIDEST
from benchmarks.truth.numpy_cnn import CHANNELS, CLASSES, SIZE, twins
from tests.models import float64, image, in_a_row

SHAPE = (SIZE, SIZE, CHANNELS)

# Methods that are functions of the model's input gradient alone, so that equal functions must get equal maps.
OF_THE_FUNCTION = (
    "saliency",
    "input_x_gradient",
    "smoothgrad",
    "vargrad",
    "squaregrad",
    "integrated_gradients",
    "expected_gradients",
    "guided_ig",
    "blur_ig",
    "occlusion",
    "rise",
)
# A random mask shows the one pixel that counts together with others, which share what it is due.
BY_RANDOM_MASKS = ("rise",)


def picture(seed: int) -> np.ndarray:
    return image(SHAPE, seed, "float64")


@dataclass(frozen=True)
class Residual:
    """abs(sum of a map - (S(x) - S(start))), as a share of abs(S(x) - S(start)) and of the map's whole magnitude.

    The second is the fairer one where evidence for and against nearly cancels and S hardly changes.
    """

    of_change: float
    of_magnitude: float


def completeness(method: str, steps: int, activation: str, seed: int = 0) -> Residual:
    """What a path method's map lacks or has too much; S by hand in numpy.

    The path starts at zero, or for ``blur_ig`` at the picture under its widest blur.
    """
    cnn, model = twins(seed, activation)
    x = picture(seed)
    blurs = method == "blur_ig"
    start = gaussian_filter(x, (WIDEST, WIDEST, 0), mode="reflect") if blurs else np.zeros(SHAPE)
    options = {"steps": steps, **({"max_sigma": WIDEST} if blurs else {"baseline": start})}
    change = cnn.logits(x)[0] - cnn.logits(start)[0]
    found = Asked(method, options=options).map(model, x, filters=0).astype(np.float64)
    residual = abs(found.sum() - change)
    return Residual(float(residual / abs(change)), float(residual / np.abs(found).sum()))


def conservation(rule: str, epsilon: float, seed: int = 0) -> float:
    """abs(sum of LRP by a rule - S) / abs(S) on a CNN without biases; S by hand in numpy."""
    cnn, model = twins(seed, biased=False)
    x = picture(seed)
    score = cnn.logits(x)[0]
    found = Asked("lrp", options={"rule": rule, "epsilon": epsilon}).map(model, x, filters=0).astype(np.float64).sum()
    return float(abs(found - score) / abs(score))


def linear(seed: int = 0) -> float:
    """Largest difference of Integrated Gradients and input x gradient on a linear net, relative to the largest value."""
    with float64():
        model = in_a_row(SHAPE, layers.Flatten(), layers.Dense(CLASSES))
    x, kernel = picture(seed), image((SIZE * SIZE * CHANNELS, CLASSES), seed + 1, "float64")
    model.layers[-1].set_weights([kernel, np.ones(CLASSES)])
    asked = Asked("integrated_gradients", options={"steps": 2, "baseline": np.zeros(SHAPE)})
    by_path, by_product = (one.map(model, x, filters=0) for one in (asked, Asked("input_x_gradient")))
    return float(np.abs(by_path - by_product).max() / np.abs(by_product).max())


def cam_up_to_scale(method: str, seed: int = 0) -> float:
    """1 - cosine of a CAM-like map and ReLU(head row . A) from numpy, on mean over space + linear head."""
    cnn, model = twins(seed)
    x = picture(seed)
    cam = np.maximum(cnn.last_maps(x) @ cnn.head[:, 0], 0)
    found = np.maximum(Asked(method).heatmap(model, x, filters=0).cells.astype(np.float64), 0)
    return float(1 - (cam * found).sum() / np.linalg.norm(cam) / np.linalg.norm(found))


def dummy(asked: Asked, seed: int = 0) -> tuple[float, float]:
    """Sensitivity: the value at the one pixel that the score reads, and the largest at all others, which it ignores.

    S = tanh(2 x_p) at one pixel p: it changes when p does, so p must get something; nothing else may.
    """
    weights = np.zeros((SIZE, SIZE, CHANNELS, 1))
    weights[5, 7, 0] = 2.0
    with float64():
        model = in_a_row(SHAPE, layers.Flatten(), layers.Dense(1, use_bias=False, activation="tanh"))
    model.layers[-1].set_weights([weights.reshape(-1, 1)])
    found = np.abs(asked.map(model, picture(seed), filters=0, seed=seed))
    at_pixel = float(found[5, 7])
    found[5, 7] = 0
    return at_pixel, float(found.max())


def at_unread(asked: Asked, seed: int = 0) -> float:
    """The second number of ``dummy``."""
    return dummy(asked, seed)[1]


def same_function(seed: int = 0) -> tuple[keras.Model, keras.Model]:
    """Two networks with one function: the second has its first filters twice at half the weight on the next layer, in
    another order, batch normalization in front of the rectifier, and relu(z) written as (z + abs z) / 2."""
    cnn, plain = twins(seed)
    rng = np.random.default_rng(seed + 1)
    order = rng.permutation(2 * cnn.kernels[0].shape[-1])
    first = np.concatenate([cnn.kernels[0]] * 2, -1)[..., order]
    bias = np.concatenate([cnn.biases[0]] * 2)[order]
    second = np.concatenate([cnn.kernels[1] / 2] * 2, 2)[:, :, order]
    variance, shift = rng.uniform(0.5, 2, len(order)), rng.normal(size=len(order))
    with float64():
        conv, norm = layers.Conv2D(len(order), 3), layers.BatchNormalization()
        later, head = layers.Conv2D(cnn.kernels[1].shape[-1], 3), layers.Dense(CLASSES, "softmax", use_bias=False)
        gate = [lambda z: (z + keras.ops.absolute(z)) / 2]
        model = in_a_row(SHAPE, conv, norm, *gate, later, *gate, layers.GlobalAveragePooling2D(), head)
    conv.set_weights([first, bias])
    # gamma, beta, mean, variance such that gamma (z - mean) / sqrt(variance + epsilon) + beta = z
    norm.set_weights([np.sqrt(variance + norm.epsilon), shift, shift, variance])
    later.set_weights([second, cnn.biases[1]])
    head.set_weights([cnn.head])
    return plain, model


def invariance(asked: Asked, seed: int = 0) -> float:
    """Largest difference of the maps of two networks with one function, relative to the largest value."""
    one, other = (asked.map(model, picture(seed), filters=0, seed=seed) for model in same_function(seed))
    return float(np.abs(one - other).max() / np.abs(one).max())


def asked_of_the_function(without: Iterable[str] = ()) -> list[Asked]:
    """Those of ``OF_THE_FUNCTION`` that are registered; expected gradients from two references of noise."""
    given = {"expected_gradients": {"references": np.stack([picture(100), picture(101)])}}
    names = [name for name in OF_THE_FUNCTION if name in salwidget.METHODS and name not in {*without}]
    return [Asked(name, options=given.get(name, {})) for name in names]
