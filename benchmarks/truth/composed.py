"""Point 6: the pointing game (Zhang et al. 2018) on composed digits, with class swap.

Four handwritten digits of four classes stand in a 2 x 2 grid. Asked for each of the four classes in turn, a map must move
from digit to digit. Two readers: one trained on such grids to say which digits are there, with a maximum over space, so that
each of its logits hangs on a few cells; and the shipped reader of single digits, with a mean over space, which reads a
picture of any size.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import keras
import numpy as np
from keras import layers
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from benchmarks.truth.asked import Asked
from salwidget.demo import digits
from salwidget.demo.train import split_digits

GRID = 2
FILTERS = (16, 24, 32, 48)
TRAINING, EPOCHS = 4000, 8


@dataclass(frozen=True)
class Composed:
    """``images`` (n, H, W, 1) in 0..1; ``classes`` (n, 2, 2) says which digit stands where."""

    images: np.ndarray
    classes: np.ndarray

    @property
    def present(self) -> np.ndarray:
        """Which digits are there, (n, 10) of 0 and 1."""
        return np.eye(10)[self.classes.reshape(-1, GRID**2)].sum(1)


def composed(images: np.ndarray, classes: np.ndarray, count: int, seed: int) -> Composed:
    """Grids of four different digits, drawn from single ones (n, h, w, 1)."""
    rng = np.random.default_rng(seed)
    found, pictures = [], []
    for _ in range(count):
        four = rng.permutation(10)[: GRID**2]
        chosen = [images[rng.choice(np.flatnonzero(classes == digit))] for digit in four]
        pictures.append(np.concatenate([np.concatenate(chosen[:2], 1), np.concatenate(chosen[2:], 1)]))
        found.append(four.reshape(GRID, GRID))
    return Composed(np.stack(pictures), np.stack(found))


def trained_reader(seed: int, count: int) -> tuple[keras.Model, Composed]:
    """A reader of grids of 16 x 16, and ``count`` grids of digits that it was not trained on."""
    source = load_digits()
    images = (source.images[..., None] / 16).astype(np.float32)
    split = train_test_split(images, source.target, test_size=0.2, random_state=seed, stratify=source.target)
    learned, held_out, learned_classes, held_out_classes = split
    keras.utils.set_random_seed(seed)
    inputs = x = keras.Input((16, 16, 1))
    for filters in FILTERS:
        x = layers.Conv2D(filters, 3, padding="same", activation="relu", kernel_initializer="he_normal")(x)
    model = keras.Model(inputs, layers.Dense(10, activation="sigmoid")(layers.GlobalMaxPooling2D()(x)))
    drawn = composed(learned, learned_classes, TRAINING, seed)
    decay = keras.optimizers.schedules.CosineDecay(5e-3, EPOCHS * TRAINING // 64)
    model.compile(keras.optimizers.Adam(decay), "binary_crossentropy")
    model.fit(drawn.images, drawn.present, batch_size=64, epochs=EPOCHS, verbose=0)
    return model, composed(held_out, held_out_classes, count, seed + 1000)


def shipped_reader(seed: int, count: int) -> tuple[keras.Model, Composed]:
    """The shipped digit reader at 64 x 64, and grids of held-out digits each of which it reads when it stands alone."""
    shipped = digits().model
    model = keras.models.clone_model(shipped, input_tensors=keras.Input((64, 64, 1)))
    model.set_weights(shipped.get_weights())
    _, images, _, classes = split_digits()
    images = images.astype(np.float32) / 255
    read = np.asarray(shipped(images, training=False)).argmax(-1) == classes
    return model, composed(images[read], classes[read], count, seed)


def accuracy(model: keras.Model, drawn: Composed) -> float:
    """Share of the ten digits that a reader rightly says to be in a grid or not."""
    return float(np.mean((np.asarray(model(drawn.images, training=False)) > 0.5) == drawn.present))


@dataclass(frozen=True)
class Pointed:
    """Over all digits asked for.

    ``hits``: the largest value lies in the digit asked for (chance 1/4); ``share``: of the positive values in that
    digit (chance 1/4); ``followed``: over all ordered pairs of digits of
    a picture, the peak is in the first when that is asked for, and in the other after the swap (chance 1/16).
    """

    asked: Asked
    hits: float
    share: float
    followed: float


def pointed(model: keras.Model, everyone: Sequence[Asked], drawn: Composed, seed: int) -> list[Pointed]:
    """The pointing game with class swap, for each method."""
    rows = []
    for asked in everyone:
        hits, shares, followed = [], [], []
        for picture, classes in zip(drawn.images, drawn.classes, strict=True):
            found = [_of_one(asked, model, picture, classes, place, seed) for place in np.ndindex(GRID, GRID)]
            hit = [one for one, _ in found]
            hits += hit
            shares += [share for _, share in found]
            followed += [hit[a] and hit[b] for a in range(len(hit)) for b in range(len(hit)) if a != b]
        rows.append(Pointed(asked, float(np.mean(hits)), float(np.mean(shares)), float(np.mean(followed))))
    return rows


def _of_one(
    asked: Asked, model: keras.Model, picture: np.ndarray, classes: np.ndarray, place: tuple[int, ...], seed: int
) -> tuple[bool, float]:
    values = asked.map(model, picture, filters=int(classes[place]), seed=seed)
    blocks = np.zeros((GRID, GRID), bool)
    blocks[place] = True
    inside = np.kron(blocks, np.ones(np.array(values.shape) // GRID, bool))
    positive = np.maximum(values, 0)
    total = float(positive.sum())
    peak = np.unravel_index(int(values.argmax()), values.shape)
    # An empty map points nowhere: no hit, and the share of chance.
    return bool(inside[peak]) and total > 0, float(positive[inside].sum()) / total if total > 0 else 1 / GRID**2
