"""Point 1: nets weighed by hand, whose maps are known in closed form.

Each net's score is homogeneous of some degree d (S(a x) = a^d S(x) for a > 0), so that by Euler's theorem Integrated
Gradients from zero is x * gradient / d, exactly. All nets look at the middle 6 x 6 of an 8 x 8 picture only.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import keras
import numpy as np
from keras import layers, ops

import salwidget
from benchmarks.truth.asked import Asked
from tests.models import chained, float64, image

SIDE, FIELD = 8, 6
INSIDE = np.pad(np.ones((FIELD, FIELD), bool), (SIDE - FIELD) // 2)
PATCH = 3

Score = Callable[[np.ndarray], float]


@dataclass(frozen=True)
class HandNet:
    """A net, its score and gradient by a formula in numpy, (8, 8) -> float and (8, 8) -> (8, 8)."""

    name: str
    model: keras.Model
    score: Score
    gradient: Callable[[np.ndarray], np.ndarray]
    guided: Callable[[np.ndarray], np.ndarray] | None
    degree: int


def hand_nets(seed: int = 0) -> list[HandNet]:
    """Sum, gate, product of two branches, product by squares, negative evidence; in float64."""
    rng = np.random.default_rng(seed)
    u, v = (np.where(INSIDE, rng.normal(size=(SIDE, SIDE)), 0) for _ in range(2))
    sign = np.where(INSIDE, np.where(np.arange(SIDE) < SIDE // 2, 1.0, -1.0), 0.0)
    with float64():
        return [
            HandNet("sum", _net(_dot(u)), lambda x: float((u * x).sum()), lambda x: u, None, 1),
            HandNet(
                "ReLU gate",
                _net(lambda x: _dot(u)(layers.ReLU()(x))),
                lambda x: float((u * np.maximum(x, 0)).sum()),
                lambda x: u * (x > 0),
                lambda x: np.maximum(u, 0) * (x > 0),
                1,
            ),
            HandNet(
                "product of two branches",
                _net(lambda x: layers.Multiply()([_dot(u)(x), _dot(v)(x)])),
                lambda x: float((u * x).sum() * (v * x).sum()),
                lambda x: u * (v * x).sum() + v * (u * x).sum(),
                None,
                2,
            ),
            HandNet(
                "product of neighbours by squares",
                _net(_product_of_neighbours),
                lambda x: float((x * np.roll(x, -1, 1))[1:7, 1:7:2].sum()),
                _neighbour,
                None,
                2,
            ),
            HandNet(
                "negative evidence",
                _net(lambda x: _dot(sign)(layers.ReLU()(x))),
                lambda x: float((sign * np.maximum(x, 0)).sum()),
                lambda x: sign * (x > 0),
                lambda x: np.maximum(sign, 0) * (x > 0),
                1,
            ),
        ]


def _net(score: Callable[[keras.KerasTensor], keras.KerasTensor]) -> keras.Model:
    # The second output is there to be wrong: a target that asks for filter 0 must not see it.
    inputs = keras.Input((SIDE, SIDE, 1))
    asked = score(inputs)
    other = _dot(np.arange(float(SIDE * SIDE)).reshape(SIDE, SIDE))(inputs)
    return keras.Model(inputs, layers.Concatenate()([asked, other]))


def _dot(weights: np.ndarray) -> Callable[[keras.KerasTensor], keras.KerasTensor]:
    """Sum of weights * x, by a dense layer with these weights."""

    def dot(x: keras.KerasTensor) -> keras.KerasTensor:
        dense = layers.Dense(1, use_bias=False)
        made = chained(x, [layers.Flatten(), dense])
        dense.kernel.assign(weights.reshape(-1, 1))
        return made

    return dot


def _product_of_neighbours(x: keras.KerasTensor) -> keras.KerasTensor:
    # a b = ((a + b)^2 - (a - b)^2) / 4 for each pair of columns in the field.
    left, right = x[:, 1:7, 1:7:2], x[:, 1:7, 2:8:2]
    products = (ops.square(left + right) - ops.square(left - right)) / 4
    return ops.sum(products, axis=(1, 2))


def _neighbour(x: np.ndarray) -> np.ndarray:
    swapped = np.zeros_like(x)
    swapped[1:7, 1:7:2], swapped[1:7, 2:8:2] = x[1:7, 2:8:2], x[1:7, 1:7:2]
    return swapped


def occluded(score: Score, x: np.ndarray, patch: int) -> np.ndarray:
    """f(x) - f(x with a patch of zeros), averaged over the patches (stride 1) that cover a pixel."""
    height, width = x.shape
    total, covered = np.zeros_like(x), np.zeros_like(x)
    for top in range(height - patch + 1):
        for left in range(width - patch + 1):
            hidden = x.copy()
            hidden[top : top + patch, left : left + patch] = 0
            total[top : top + patch, left : left + patch] += score(x) - score(hidden)
            covered[top : top + patch, left : left + patch] += 1
    return total / covered


def closed_forms(net: HandNet, x: np.ndarray) -> list[tuple[Asked, np.ndarray]]:
    """The exact map (8, 8) of each method that has one on this net."""
    g = net.gradient(x)
    zero = np.zeros((SIDE, SIDE, 1))
    from_zero = {"baseline": zero}
    forms = [
        (Asked("saliency"), np.abs(g)),
        (Asked("saliency", options={"reduce": "sum"}), g),
        (Asked("input_x_gradient"), x * g),
        (Asked("integrated_gradients", options=from_zero | {"steps": 8}), x * g / net.degree),
        (
            Asked("occlusion", options={"patch": PATCH, "stride": 1, "fill": zero}),
            occluded(net.score, x, PATCH),
        ),
    ]
    if net.guided is not None:
        forms.append((Asked("saliency", "guided"), np.abs(net.guided(x))))
    if net.name == "sum":
        # The gradient of a linear net is the same wherever it is taken, whatever the noise and the path.
        forms += [
            (Asked("smoothgrad"), np.abs(g)),
            (Asked("vargrad"), np.zeros_like(x)),
            (Asked("squaregrad"), g**2),
            (Asked("guided_ig", options=from_zero), x * g),
            (Asked("lrp"), x * g),
        ]
    return [(asked, expected) for asked, expected in forms if asked.method in salwidget.METHODS]


@dataclass(frozen=True)
class Exactness:
    """Largest error of a method on a net, relative to the map's largest value where that exceeds 1."""

    net: str
    asked: Asked
    error: float
    outside: float


def exactness(seed: int = 0) -> list[Exactness]:
    """Every closed form on every net, for one picture of noise; ``outside`` is the largest value outside the field.

    Occlusion is the one method whose map rightly leaves the field: a patch that covers a border pixel covers the field.
    """
    x = image((SIDE, SIDE), seed, "float64")
    rows = []
    for net in hand_nets(seed):
        for asked, expected in closed_forms(net, x):
            found = asked.map(net.model, x[..., None], filters=0, seed=seed)
            error = np.abs(found - expected).max() / max(1.0, np.abs(expected).max())
            rows.append(Exactness(net.name, asked, float(error), float(np.abs(found[~INSIDE]).max())))
    return rows
