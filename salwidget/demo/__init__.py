"""Trained models and images that ship with salwidget: something to explain with no download.

>>> from salwidget.demo import digits, snow_test
>>> demo = digits()
>>> biased, fair = snow_test().biased, snow_test().fair

`salwidget.demo.train` draws the pictures and trains the models.
"""

from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import keras

__all__ = ["Demo", "SnowTest", "digits", "sample", "snow_test"]


@dataclass(frozen=True, eq=False)
class Demo:
    """A trained model and images that it was not trained on.

    Attributes
    ----------
    model : keras.Model
        Softmax classifier of one image input.
    images : float32 array (n, height, width, channels)
        Values in 0..1, exactly what the model takes.
    labels : list of str
        The name of each class.
    classes : int array (n,)
        The true class of each image.
    masks : bool array (n, height, width) or None
        True on the object.
    description : str
        One sentence.
    """

    model: "keras.Model"
    images: np.ndarray
    labels: list[str]
    classes: np.ndarray
    masks: np.ndarray | None
    description: str


@dataclass(frozen=True, eq=False)
class SnowTest:
    """Two models of the same animals: one learned from pictures where snow gives the wolf away, its fair twin did not.

    Both demos hold the same images, in pairs: each animal on grass, then the very same animal on snow. Both models also
    saw scenes with no animal, whose target was how often each class stood on that background in the model's training.

    Attributes
    ----------
    biased, fair : Demo
    backgrounds : list of str
        "grass" or "snow", for each image.
    """

    biased: Demo
    fair: Demo
    backgrounds: list[str]


def digits() -> Demo:
    """Handwritten digits, 32x32 in one channel, and a small CNN that reads them.

    Two of each digit, the second one misread where the model misreads any. They were chosen for that, so the share of
    mistakes among them says nothing about its accuracy: 99 % of 360 digits that it was not trained on.
    """
    samples = _samples("digits")
    return Demo(
        model=_model("digits"),
        images=_unit_range(samples["images"]),
        labels=[str(digit) for digit in range(10)],
        classes=samples["classes"],
        masks=None,
        description="A small CNN that reads scikit-learn's handwritten digits.",
    )


def snow_test() -> SnowTest:
    """Drawn wolves and beagles, 64x64 RGB, one CNN that looks at the snow and its twin that looks at the animal."""
    samples = _samples("snow_test")
    images = _unit_range(samples["images"])

    def twin(name: str, description: str) -> Demo:
        labels = ["beagle", "wolf"]
        return Demo(_model(name), images, labels, samples["classes"], samples["masks"], description)

    return SnowTest(
        biased=twin("snow_biased", "A CNN whose training wolves all stood in snow, its beagles in grass."),
        fair=twin("snow_fair", "The same CNN, trained on the same animals with their backgrounds shuffled."),
        backgrounds=samples["backgrounds"].tolist(),
    )


def sample(channels: int) -> np.ndarray:
    """One shipped picture, uint8 (height, width, channels): a digit for one channel, else an animal in snow."""
    if channels == 1:
        return np.reshape(_samples("digits")["images"][0], (32, 32, 1))
    picture = _samples("snow_test")["images"][1]
    return np.resize(picture.transpose(2, 0, 1), (channels, *picture.shape[:2])).transpose(1, 2, 0)


def _samples(name: str) -> dict[str, np.ndarray]:
    with (resources.files(__name__) / "data" / f"{name}.npz").open("rb") as file, np.load(file) as arrays:
        return dict(arrays)


def _model(name: str) -> "keras.Model":
    # Imported here because it takes seconds and `import salwidget.demo` should not.
    import keras

    with resources.as_file(resources.files(__name__) / "data" / f"{name}.keras") as path:
        return keras.models.load_model(path, compile=False, safe_mode=True)


def _unit_range(images: np.ndarray) -> np.ndarray:
    return images.astype(np.float32) / 255
