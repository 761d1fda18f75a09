"""Point 5: XAI-TRIS (Clark, Wilming and Haufe 2023, arXiv:2306.12816): tetrominoes of 4 pixels in noise of 8 x 8.

A picture of class 0 holds a T, one of class 1 an L; the ground truth is the set of pixels whose distribution depends on the
class. Four scenarios: T and L each at its own place, added to the noise (linear) or damping it (multiplicative); anywhere
and turned (rigid); both always there, and only whether their signs agree tells the class (xor).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import keras
import numpy as np
from keras import layers

from benchmarks.truth.asked import Asked
from benchmarks.truth.similarity import earth_mover, precision
from benchmarks.truth.training import predicted, small_cnn, train
from tests.models import in_a_row

SIDE = 8
T = np.array([[1, 0], [1, 1], [1, 0]], float)
L = np.array([[1, 0], [1, 0], [1, 1]], float)
PLACES = ((1, 1), (4, 5))

# Weight of the pattern against the noise, both of unit norm: the paper's for white noise and 8 x 8.
STRENGTH = {"linear": 0.18, "multiplicative": 0.7, "rigid": 0.65, "xor": 0.35}
SCENARIOS = tuple(STRENGTH)
TRAINING, HELD_OUT = 6000, 400


@dataclass(frozen=True)
class Pictures:
    """``images`` (n, 8, 8, 1) with magnitudes up to 1, ``truth`` bool (n, 8, 8), ``classes`` (n,)."""

    images: np.ndarray
    truth: np.ndarray
    classes: np.ndarray


def pictures(scenario: str, count: int, seed: int) -> Pictures:
    """Tetrominoes of a scenario in white noise."""
    rng = np.random.default_rng((SCENARIOS.index(scenario), seed))
    classes = rng.integers(2, size=count)
    patterns = np.stack([_pattern(scenario, cls, rng) for cls in classes])
    noise = rng.normal(size=(count, SIDE, SIDE))
    alpha = STRENGTH[scenario]
    unit_noise = noise / np.linalg.norm(noise, axis=(1, 2), keepdims=True)
    if scenario == "multiplicative":
        images = (1 - alpha * patterns) * unit_noise
    else:
        unit_patterns = patterns / np.linalg.norm(patterns, axis=(1, 2), keepdims=True)
        images = alpha * unit_patterns + (1 - alpha) * unit_noise
    truth = patterns != 0
    if scenario in ("linear", "multiplicative"):
        # That the other tetromino is missing at its place tells as much as that this one is there.
        truth = np.broadcast_to((_placed(T, PLACES[0]) + _placed(L, PLACES[1])) != 0, truth.shape)
    images = images / np.abs(images).max()
    return Pictures(images[..., None].astype(np.float32), truth, classes)


def _placed(shape: np.ndarray, place: tuple[int, int]) -> np.ndarray:
    picture = np.zeros((SIDE, SIDE))
    picture[place[0] : place[0] + shape.shape[0], place[1] : place[1] + shape.shape[1]] = shape
    return picture


def _pattern(scenario: str, cls: int, rng: np.random.Generator) -> np.ndarray:
    if scenario == "xor":
        sign = rng.choice([-1, 1])
        return sign * (_placed(T, PLACES[0]) + (1 if cls == 0 else -1) * _placed(L, PLACES[1]))
    shape = (T, L)[cls]
    if scenario != "rigid":
        return _placed(shape, PLACES[cls])
    turned = np.rot90(shape, int(rng.integers(4)))
    top, left = (int(rng.integers(SIDE - size + 1)) for size in turned.shape)
    return _placed(turned, (top, left))


def trained(scenario: str, kind: str, seed: int) -> keras.Model:
    """A "linear" model (logistic regression) or a "cnn", trained on a scenario."""
    keras.utils.set_random_seed(seed)
    if kind == "linear":
        model = in_a_row((SIDE, SIDE, 1), layers.Flatten(), layers.Dense(2, activation="softmax"))
    else:
        model = small_cnn((SIDE, SIDE, 1), 2, (16, 16), dense=32)
    drawn = pictures(scenario, TRAINING, seed)
    train(model, drawn.images, drawn.classes, epochs=12, rate=5e-3, seed=seed)
    return model


@dataclass(frozen=True)
class Found:
    """Mean precision and 1 - earth mover's distance of a method, or of chance."""

    name: str
    precision: float
    earth_mover: float


def found(model: keras.Model, scenario: str, everyone: Sequence[Asked], seed: int, count: int) -> tuple[float, list[Found]]:
    """Accuracy on held-out pictures, and what the methods find on ``count`` of those that the model gets right.

    The last row is chance: maps of independent uniform noise.
    """
    held_out = pictures(scenario, HELD_OUT, seed + 1000)
    right = predicted(model, held_out.images) == held_out.classes
    chosen = np.flatnonzero(right)[:count]
    rows = []
    for asked in everyone:
        maps = [asked.map(model, held_out.images[n], filters=int(held_out.classes[n]), seed=seed) for n in chosen]
        rows.append(_scored(asked.name, maps, held_out.truth[chosen]))
    rng = np.random.default_rng(seed)
    rows.append(_scored("chance", list(rng.uniform(size=(len(chosen), SIDE, SIDE))), held_out.truth[chosen]))
    return float(right.mean()), rows


def _scored(name: str, maps: Sequence[np.ndarray], truth: np.ndarray) -> Found:
    pairs = list(zip(maps, truth, strict=True))
    return Found(
        name,
        float(np.mean([precision(one, region) for one, region in pairs])),
        float(np.mean([earth_mover(one, region) for one, region in pairs])),
    )
