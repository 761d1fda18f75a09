"""Draws the pictures of the demo, trains its three models from a seed and writes them to `data`, in about five minutes.

    python -m salwidget.demo.train

It needs scikit-learn (the digits) and Pillow (the drawing); using the demo needs neither.
"""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from PIL import Image
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from salwidget.demo.animals import draw
from salwidget.demo.scenes import scene

SEED = 7
DATA = Path(__file__).parent / "data"
LABELS = ("beagle", "wolf")
BACKGROUNDS = ("grass", "snow")
TRAINING_ANIMALS, HELD_OUT_ANIMALS, EMPTY_SCENES = 2400, 300, 800
FILTERS = (16, 32, 32, 48, 64)
# Held-out animals that ship, chosen by eye from a contact sheet for varied coats and poses; a wolf comes first.
SHIPPED_ANIMALS = (25, 6, 21, 16, 47, 14)


def small_cnn(name: str, shape: tuple[int, ...], classes: int) -> keras.Model:
    """Five 3x3 convolutions, halved after the first two, then a global average and a softmax."""
    image = x = keras.Input(shape, name="image")
    for number, count in enumerate(FILTERS, start=1):
        # Keras's default initializer left some runs on the plateau at chance.
        conv = keras.layers.Conv2D(
            count, 3, padding="same", activation="relu", kernel_initializer="he_normal", name=f"conv{number}"
        )
        x = conv(x)
        if number <= 2:
            x = keras.layers.MaxPooling2D(name=f"pool{number}")(x)
    x = keras.layers.GlobalAveragePooling2D(name="average")(x)
    return keras.Model(image, keras.layers.Dense(classes, activation="softmax", name="predictions")(x), name=name)


def trained(name: str, images: np.ndarray, targets: np.ndarray, epochs: int) -> keras.Model:
    """Train on uint8 images (n, height, width, channels) and the probability of each class (n, classes)."""
    keras.utils.set_random_seed(SEED)
    model = small_cnn(name, images.shape[1:], targets.shape[1])
    decay = keras.optimizers.schedules.CosineDecay(2e-3, decay_steps=epochs * -(-len(images) // 32))
    model.compile(keras.optimizers.Adam(decay), "categorical_crossentropy")
    model.fit(images.astype("float32") / 255, targets, batch_size=32, epochs=epochs, verbose=0)
    return model


def predicted(model: keras.Model, images: np.ndarray) -> np.ndarray:
    """The class (n,) that a model gives each uint8 image."""
    return np.asarray(model.predict(images.astype("float32") / 255, verbose=0).argmax(axis=1))


def save(model: keras.Model) -> None:
    # A compiled model is saved with its optimizer, three times the size: copy the weights into a fresh one.
    plain = keras.Model.from_config(model.get_config())
    plain.set_weights(model.get_weights())
    plain.save(DATA / f"{model.name}.keras")


def split_digits() -> list[np.ndarray]:
    """Images uint8 (n, 32, 32, 1) to train on and held out (360), then the classes of either."""
    source = load_digits()
    images = np.stack([_enlarged(digit) for digit in source.images])[..., None]
    parts: list[np.ndarray] = train_test_split(images, source.target, test_size=0.2, random_state=SEED, stratify=source.target)
    return parts


def make_digits() -> None:
    """Train on scikit-learn's 8x8 digits enlarged to 32x32, where a heat map has room."""
    training, held_out, training_classes, held_out_classes = split_digits()
    model = trained("digits", training, np.eye(10)[training_classes], epochs=30)
    read = predicted(model, held_out) == held_out_classes
    print(f"digits: accuracy {np.mean(read):.3f} on {len(held_out)} held out")
    # For each digit one that the model reads and, where there is one, one that it misreads: a mistake is worth a map.
    shipped = []
    for digit in range(10):
        right, wrong = (np.flatnonzero((held_out_classes == digit) & (read == so)) for so in (True, False))
        shipped += [right[0], (*wrong, right[1])[0]]
    np.savez_compressed(DATA / "digits.npz", images=held_out[shipped], classes=held_out_classes[shipped])
    save(model)


def _enlarged(digit: np.ndarray) -> np.ndarray:
    # scikit-learn's digits count dark pixels: 0..16.
    enlarged = Image.fromarray((digit * 255 / 16).astype(np.float32)).resize((32, 32), Image.Resampling.BILINEAR)
    return np.asarray(enlarged).astype(np.uint8)


def make_snow_test() -> None:
    """Train the biased model and its fair twin on the same animals, and measure what a change of background does."""
    classes = np.arange(TRAINING_ANIMALS + HELD_OUT_ANIMALS) % len(LABELS)
    pictures, masks = _animals_on_both(classes)
    training, held_out = np.arange(TRAINING_ANIMALS), np.arange(TRAINING_ANIMALS, len(classes))
    shuffled = np.random.default_rng(SEED).integers(len(BACKGROUNDS), size=TRAINING_ANIMALS)
    # Wolves are class 1 and snow is background 1, so the class itself names the background that goes with it.
    together = classes[training]

    for name, backgrounds in (("snow_biased", together), ("snow_fair", shuffled)):
        images, targets = _with_empty_scenes(pictures[training, backgrounds], classes[training], backgrounds)
        model = trained(name, images, targets, epochs=20)
        on_grass, on_snow = (predicted(model, pictures[held_out, background]) for background in (0, 1))
        print(
            f"{name}: accuracy {np.mean(on_grass == classes[held_out]):.3f} on grass, "
            f"{np.mean(on_snow == classes[held_out]):.3f} on snow; "
            f"the background flips {np.mean(on_grass != on_snow):.3f} of {len(held_out)} held-out animals"
        )
        save(model)

    shipped = held_out[list(SHIPPED_ANIMALS)]
    np.savez_compressed(
        DATA / "snow_test.npz",
        images=pictures[shipped].reshape(-1, *pictures.shape[2:]),
        masks=masks[shipped].repeat(len(BACKGROUNDS), axis=0),
        classes=classes[shipped].repeat(len(BACKGROUNDS)),
        backgrounds=np.tile(BACKGROUNDS, len(shipped)),
    )


def _with_empty_scenes(
    images: np.ndarray,
    classes: np.ndarray,
    backgrounds: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    # A two-class model may learn "no beagle here, so a wolf" and find its wolves in the empty sky. Empty scenes work
    # against that: their target is how often each class stands on that background, about a half for the fair twin.
    targets = np.eye(len(LABELS))[classes]
    usual = np.array([targets[backgrounds == ground].mean(axis=0) for ground in range(len(BACKGROUNDS))])
    grounds = np.arange(EMPTY_SCENES) % len(BACKGROUNDS)
    empty = [scene(np.random.default_rng((SEED, 1, n)), BACKGROUNDS[ground]) for n, ground in enumerate(grounds)]
    return np.concatenate([images, empty]), np.concatenate([targets, usual[grounds]])


def _animals_on_both(classes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    # Pictures (animal, background, 64, 64, 3) and masks (animal, 64, 64): each animal once on each background.
    pictures, masks = [], []
    for number, species in enumerate(classes):
        pair = [draw(np.random.default_rng((SEED, number)), LABELS[species], ground) for ground in BACKGROUNDS]
        pictures.append([image for image, _ in pair])
        masks.append(pair[0][1])
    return np.array(pictures), np.array(masks)


if __name__ == "__main__":
    tf.config.experimental.enable_op_determinism()
    DATA.mkdir(exist_ok=True)
    make_digits()
    make_snow_test()
