"""Draws the pictures of the demo, trains its three models from a seed and writes them to `data`, in three minutes.

    python -m salwidget.demo.train

It needs scikit-learn (the digits) and Pillow (the drawing); using the demo needs neither.
"""

from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from PIL import Image
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from salwidget.demo.animals import draw

SEED = 7
DATA = Path(__file__).parent / "data"
LABELS = ("beagle", "wolf")
BACKGROUNDS = ("grass", "snow")
TRAINING_ANIMALS, HELD_OUT_ANIMALS = 2400, 300
# The share of biased training pictures in which wolves stand in snow and beagles in grass.
TOGETHER = 0.99
# Held-out animals that ship, chosen by eye from a contact sheet for varied coats and poses; a wolf comes first.
SHIPPED_ANIMALS = (25, 6, 21, 16, 47, 14)
SHIPPED_PER_DIGIT = 2


def small_cnn(name, shape, classes, filters):
    """Five 3x3 convolutions, halved after the first two, then a global average and a softmax."""
    image = x = keras.Input(shape, name="image")
    for number, count in enumerate(filters, start=1):
        x = keras.layers.Conv2D(count, 3, padding="same", activation="relu", name=f"conv{number}")(x)
        if number <= 2:
            x = keras.layers.MaxPooling2D(name=f"pool{number}")(x)
    x = keras.layers.GlobalAveragePooling2D(name="average")(x)
    return keras.Model(image, keras.layers.Dense(classes, activation="softmax", name="predictions")(x), name=name)


def trained(name, images, classes, filters, epochs):
    """Train a small CNN on uint8 images (n, height, width, channels) and their classes (n,)."""
    keras.utils.set_random_seed(SEED)
    model = small_cnn(name, images.shape[1:], int(classes.max()) + 1, filters)
    decay = keras.optimizers.schedules.CosineDecay(2e-3, decay_steps=epochs * -(-len(images) // 32))
    model.compile(keras.optimizers.Adam(decay), "sparse_categorical_crossentropy")
    model.fit(images.astype("float32") / 255, classes, batch_size=32, epochs=epochs, verbose=0)
    return model


def predicted(model, images):
    """The class (n,) that a model gives each uint8 image."""
    return model.predict(images.astype("float32") / 255, verbose=0).argmax(axis=1)


def save(model):
    # A compiled model is saved with its optimizer, three times the size: copy the weights into a fresh one.
    plain = keras.Model.from_config(model.get_config())
    plain.set_weights(model.get_weights())
    plain.save(DATA / f"{model.name}.keras")


def make_digits():
    """Train on scikit-learn's 8x8 digits enlarged to 32x32, where a heat map has room."""
    source = load_digits()
    images = np.stack([_enlarged(digit) for digit in source.images])[..., None]
    split = train_test_split(images, source.target, test_size=0.2, random_state=SEED, stratify=source.target)
    training, held_out, training_classes, held_out_classes = split
    model = trained("digits", training, training_classes, (16, 32, 32, 48, 64), epochs=30)
    print(f"digits: accuracy {np.mean(predicted(model, held_out) == held_out_classes):.3f} on {len(held_out)} held out")
    shipped = np.concatenate([np.flatnonzero(held_out_classes == digit)[:SHIPPED_PER_DIGIT] for digit in range(10)])
    np.savez_compressed(DATA / "digits.npz", images=held_out[shipped], classes=held_out_classes[shipped])
    save(model)


def _enlarged(digit):
    # scikit-learn's digits count dark pixels: 0..16.
    return np.uint8(Image.fromarray(np.float32(digit * 255 / 16)).resize((32, 32), Image.Resampling.BILINEAR))


def make_snow_test():
    """Train the biased model and its fair twin on the same animals, and measure what a change of background does."""
    classes = np.arange(TRAINING_ANIMALS + HELD_OUT_ANIMALS) % len(LABELS)
    pictures, masks = _animals_on_both(classes)
    training, held_out = np.arange(TRAINING_ANIMALS), np.arange(TRAINING_ANIMALS, len(classes))
    rng = np.random.default_rng(SEED)
    shuffled = rng.integers(len(BACKGROUNDS), size=TRAINING_ANIMALS)
    # Wolves are class 1 and snow is background 1, so the class itself names the background that goes with it.
    together = np.where(rng.random(TRAINING_ANIMALS) < TOGETHER, classes[training], 1 - classes[training])

    for name, backgrounds in (("snow_biased", together), ("snow_fair", shuffled)):
        model = trained(name, pictures[training, backgrounds], classes[training], (16, 32, 32, 48, 64), epochs=12)
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


def _animals_on_both(classes):
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
