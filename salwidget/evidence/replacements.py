"""The replacements that ship. Importing this module registers them."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from scipy import ndimage

from salwidget.evidence.contract import Colour, OtherImage, Replacement, replacement
from salwidget.evidence.imputation import Imputation
from salwidget.images import picture_of
from salwidget.options import Number

# Standard deviation of the blur, as a share of the longer side: at 224 x 224 a patch of 16 x 16 has no texture left.
SIGMA = 1 / 20


@replacement
class Blur(Replacement):
    name = "blur"
    title = "Blurred"
    sentence = "The region of the image through a Gaussian: colours stay, shapes go."
    limits = "A large region keeps its own colour, and what is larger than the blur stays to be seen."

    sigma = Number(
        "sigma", 0, 0, 512, 0.5, help="standard deviation in pixels; 0: 1/20 of the longer side", zero="1/20 of the side"
    )

    @property
    def width(self) -> float:
        return float(self.options["sigma"] or SIGMA * max(self.image.shape[:2]))

    @cached_property
    def blurred(self) -> np.ndarray:
        """The whole image: the same for all its regions."""
        blurred: np.ndarray = ndimage.gaussian_filter(self.image, (self.width, self.width, 0), mode="nearest")
        return blurred

    def fill(self, region: np.ndarray) -> np.ndarray:
        return self.blurred


@replacement
class Mean(Replacement):
    name = "mean"
    title = "Mean colour"
    sentence = "The mean colour of the image outside of what is covered."
    limits = "A flat patch with sharp edges, which is itself something to see."
    needs_outside = True

    def fill(self, region: np.ndarray) -> np.ndarray:
        return np.asarray(self.image[~region].mean(0))


@replacement
class OneColour(Replacement):
    name = "colour"
    title = "A colour"
    sentence = "One colour, the middle grey unless another is given."
    limits = "A flat patch with sharp edges, which is itself something to see."

    colour = Colour("colour", help="as displayed: a number, or one for each channel")

    def fill(self, region: np.ndarray) -> np.ndarray:
        colour, channels = self.options["colour"], self.image.shape[-1]
        if colour is None:
            return np.full(channels, sum(self.range) / 2)
        if len(colour) not in (1, channels):
            raise ValueError(f"colour has {len(colour)} numbers, but the image has {channels} channels.")
        return np.array(colour)


@replacement
class Noise(Replacement):
    name = "noise"
    title = "Noise"
    sentence = "Normal noise with the mean and the spread of each channel outside, cut off at black and white."
    limits = "No image that the model was trained on looks like it; another seed is another answer."
    needs_outside = True
    random = True

    def fill(self, region: np.ndarray) -> np.ndarray:
        outside = self.image[~region]
        drawn = self.rng.normal(outside.mean(0), outside.std(0), self.image.shape)
        return np.clip(drawn, *self.range)


@replacement
class Neighbours(Replacement):
    """Noisy linear imputation (Rong et al. 2022, section 4)."""

    name = "neighbours"
    title = "From its neighbours"
    sentence = "Each missing pixel is the weighted mean of its eight neighbours, all at once, with a little noise on it."
    limits = "Gives the outline of what is covered away less than the others; a large region becomes a smooth cloud."
    paper = "Rong et al. 2022 (ROAD), arXiv:2202.00449, section 4"
    needs_outside = True
    random = True

    noise = Number("noise", 0.01, 0, 1, 0.01, help="standard deviation of what is added, as a share of black to white")

    @cached_property
    def imputation(self) -> Imputation:
        return Imputation()

    def fill(self, region: np.ndarray) -> np.ndarray:
        filled = self.imputation(self.image, region)
        low, high = self.range
        filled += self.rng.normal(0, self.options["noise"] * (high - low), filled.shape)
        return np.asarray(np.clip(filled, low, high))


@replacement
class AnotherImage(Replacement):
    name = "image"
    title = "Another image"
    sentence = "The same pixels of another image."
    limits = "What the other image shows there counts too, and where it is cut there are edges."

    other = OtherImage("other image", help="as displayed: an array of the image's shape, a Pillow image or a path")

    @cached_property
    def pixels(self) -> np.ndarray:
        """The other image in the range of this one: a photograph beside an image of floats has another white."""
        if self.options["other"] is None:
            raise ValueError("replace='image' needs the other image: other=, an array, a Pillow image or a path.")
        other = picture_of(self.options["other"], self.image.shape).given
        low, high = self.range
        scaled = other.dtype == np.uint8 and self.picture.given.dtype != np.uint8
        return low + other / 255 * (high - low) if scaled else other

    def fill(self, region: np.ndarray) -> np.ndarray:
        return self.pixels
