"""Point 3: sanity checks by randomization (Adebayo et al. 2018, section 3): weights made random from the top down.

A map that stays the same while what the model learned is destroyed shows the picture and not the model.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import keras
import numpy as np

from benchmarks.truth.asked import Asked
from benchmarks.truth.similarity import spearman, ssim


@dataclass(frozen=True)
class Alike:
    """How alike a method's maps are to those of the trained model, layers at and above ``layer`` being random."""

    asked: Asked
    layer: str
    spearman: float
    ssim: float


def cascade(model: keras.Model, seed: int) -> Iterator[tuple[str, keras.Model]]:
    """Copies of a model, each with one more layer from the top drawn again: normal, as wide as the trained weights were.

    Keeping each layer's spread keeps signals alive, so that no map is lost to rectifiers that never open.
    """
    rng = np.random.default_rng(seed)
    weights = {layer.name: layer.get_weights() for layer in model.layers if layer.weights}
    for name in reversed(list(weights)):
        weights[name] = [rng.normal(value.mean(), value.std(), value.shape) for value in weights[name]]
        copy = keras.models.clone_model(model)
        for other, values in weights.items():
            copy.get_layer(other).set_weights(values)
        yield name, copy


def likeness(model: keras.Model, images: np.ndarray, classes: np.ndarray, everyone: Sequence[Asked], seed: int) -> list[Alike]:
    """Mean Spearman and SSIM of magnitudes over images, for each method and each step of the cascade."""
    before = {asked: _magnitudes(asked, model, images, classes, seed) for asked in everyone}
    rows = []
    for layer, copy in cascade(model, seed):
        for asked, trained in before.items():
            # Another seed: masks or noise that both maps shared would make them alike by themselves.
            pairs = list(zip(trained, _magnitudes(asked, copy, images, classes, seed + 1), strict=True))
            rows.append(
                Alike(
                    asked,
                    layer,
                    float(np.mean([spearman(a, b) for a, b in pairs])),
                    float(np.mean([ssim(a, b) for a, b in pairs])),
                )
            )
    return rows


def _magnitudes(asked: Asked, model: keras.Model, images: np.ndarray, classes: np.ndarray, seed: int) -> list[np.ndarray]:
    return [
        np.abs(asked.map(model, picture, filters=int(index), seed=seed)) for picture, index in zip(images, classes, strict=True)
    ]
