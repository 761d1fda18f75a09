"""Point 4: a planted shortcut (Yang and Kim 2019, BAM; Zhou et al. 2021).

Noisy scenes of 16 x 16 hold a bar, upright (class 1) or lying (class 0). In training the bar agrees with the label in
85 % of the scenes. Model A is trained where a coloured square stands in every scene of label 1 and no other, so the square
is the better sign; its twin B where the square comes and goes by chance, so the bar is the only one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import keras
import numpy as np

from benchmarks.truth.asked import Asked
from benchmarks.truth.similarity import mass
from benchmarks.truth.training import predicted, small_cnn, train

SIDE, BAR, CUE = 16, 7, 3
COLOUR = (1.0, 0.1, 0.7)
TRAINING, HELD_OUT = 768, 200
AGREES = 0.85


@dataclass(frozen=True)
class Scenes:
    """``with_cue`` and ``without`` (n, 16, 16, 3) differ in the square alone, whose pixels are ``cue`` (n, 16, 16)."""

    with_cue: np.ndarray
    without: np.ndarray
    cue: np.ndarray
    classes: np.ndarray


def scenes(count: int, seed: int) -> Scenes:
    """Bars on noise, and a square in a corner that the bar leaves free."""
    rng = np.random.default_rng(seed)
    classes = rng.integers(2, size=count)
    without = rng.normal(0.4, 0.1, size=(count, SIDE, SIDE, 3))
    cue = np.zeros((count, SIDE, SIDE), bool)
    for number, upright in enumerate(classes):
        middle = SIDE // 2 + rng.integers(-2, 3, size=2)
        low = middle - np.where([upright, not upright], BAR // 2, 1)
        size = np.where([upright, not upright], BAR, 2)
        without[number, low[0] : low[0] + size[0], low[1] : low[1] + size[1]] += 0.45
        corner = rng.integers(2, size=2) * (SIDE - CUE)
        cue[number, corner[0] : corner[0] + CUE, corner[1] : corner[1] + CUE] = True
    # In 0..1, which is what tells the engine where black is.
    without = without.clip(0, 1)
    with_cue = np.where(cue[..., None], np.array(COLOUR), without)
    return Scenes(with_cue.astype(np.float32), without.astype(np.float32), cue, classes)


@dataclass(frozen=True)
class Twins:
    """Model A relied on the cue in training, B could not."""

    a: keras.Model
    b: keras.Model


def trained_twins(seed: int) -> Twins:
    """The same bars, the same first weights; only where the square stands differs."""
    drawn = scenes(TRAINING, seed)
    rng = np.random.default_rng((seed, 1))
    labels = np.where(rng.uniform(size=TRAINING) < AGREES, drawn.classes, 1 - drawn.classes)
    chance = rng.integers(2, size=TRAINING)
    models = []
    for shown in (labels, chance):
        keras.utils.set_random_seed(seed)
        model = small_cnn((SIDE, SIDE, 3), 2, (12, 16, 16))
        pictures = np.where(shown[:, None, None, None] == 1, drawn.with_cue, drawn.without)
        train(model, pictures, labels, epochs=12, rate=5e-3, seed=seed)
        models.append(model)
    return Twins(*models)


@dataclass(frozen=True)
class Causes:
    """What the models do: accuracy, and the share of upright bars with a square that change class without it."""

    accuracy_a: float
    accuracy_b: float
    flipped_a: float
    flipped_b: float


def causes(twins: Twins, seed: int) -> Causes:
    """The causal check, on scenes that were not trained on; A is scored where the cue is as in its training."""
    held_out = scenes(HELD_OUT, seed + 1000)
    upright = held_out.classes == 1
    as_trained = np.where(upright[:, None, None, None], held_out.with_cue, held_out.without)
    flipped = []
    for model in (twins.a, twins.b):
        before, after = (predicted(model, pictures[upright]) for pictures in (held_out.with_cue, held_out.without))
        flipped.append(float(np.mean((before == 1) & (after == 0))))
    accuracy = [float(np.mean(predicted(model, as_trained) == held_out.classes)) for model in (twins.a, twins.b)]
    return Causes(*accuracy, *flipped)


@dataclass(frozen=True)
class CueMass:
    """Means over scenes, for A and B: the share of a map's magnitude in the cue, and how often its peak lies there.

    ``area`` is the cue's share of the picture.
    """

    asked: Asked
    a: float
    b: float
    peak_a: float
    peak_b: float
    area: float


def cue_mass(twins: Twins, everyone: Sequence[Asked], seed: int, count: int) -> list[CueMass]:
    """Maps of class 1's logit on ``count`` held-out upright bars with a square beside them."""
    held_out = scenes(HELD_OUT, seed + 1000)
    chosen = np.flatnonzero(held_out.classes == 1)[:count]
    rows = []
    for asked in everyone:
        shares, peaks = [], []
        for model in (twins.a, twins.b):
            maps = [asked.map(model, held_out.with_cue[n], filters=1, seed=seed) for n in chosen]
            regions = held_out.cue[chosen]
            shares.append(float(np.mean([mass(one, region) for one, region in zip(maps, regions, strict=True)])))
            peaks.append(float(np.mean([region.ravel()[one.argmax()] for one, region in zip(maps, regions, strict=True)])))
        rows.append(CueMass(asked, shares[0], shares[1], peaks[0], peaks[1], float(held_out.cue.mean())))
    return rows
