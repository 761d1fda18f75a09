"""The images of a widget: what the user gave, what was dropped on it, or a sample of ours."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import numpy as np
from PIL import Image
from scipy import ndimage

from salwidget import demo
from salwidget.applications import preprocess_of, scales_itself
from salwidget.engine.inputs import Input
from salwidget.engine.network import Network
from salwidget.images import Preprocess, by_input, examples_of, picture_of, read_from
from salwidget.photographs import opened

MOST_IMAGES = 200


class Gallery:
    """Examples for one network, and how a photograph becomes its input.

    ``notices`` says in words what was assumed.
    """

    def __init__(self, network: Network, images: Any, preprocess: Any) -> None:
        self.network = network
        self.notices: list[str] = []
        self.preprocess: Preprocess | Mapping[str, Preprocess] | None = preprocess
        self.preprocess_name = getattr(preprocess, "__name__", "preprocess") if preprocess else ""
        if preprocess is None and images is None:
            self._guess()
        self.examples = examples_of(self._samples() if images is None else images, network.inputs, self.preprocess, "image")
        if not self.examples:
            raise ValueError("images is empty: pass at least one image, or leave it out for a sample.")
        self._check_range()

    def add(self, data: bytes, name: str) -> int:
        """Decode an uploaded file; returns the new image's index.

        Raises
        ------
        ValueError
            When the bytes are no image, it is too large, or the gallery is full.
        """
        if len(self.network.inputs) > 1 or self.network.inputs[0].space != 2:
            raise ValueError("A photograph can only be dropped on a model with one image input; pass images= in Python.")
        if len(self.examples) >= MOST_IMAGES:
            raise ValueError(f"There are {MOST_IMAGES} images already; run the cell again to start afresh.")
        try:
            image = opened(io.BytesIO(data))
        except ValueError as error:
            raise ValueError(str(error).replace("The file", name, 1)) from error
        like = self.examples[0][0]
        picture = picture_of(image, self.network.inputs[0].image_shape, like.preprocess, name)
        read_from(name, picture.given)
        self.examples.append((picture,))
        return len(self.examples) - 1

    def size(self, image: int, source: int) -> tuple[int, ...]:
        """The axes in space of one input of an image."""
        return self.examples[image][source].given.shape[:-1]

    def prepare(self, preprocess: Preprocess | Mapping[str, Preprocess] | None) -> None:
        """Make inputs of all images anew; where one does not fit it is raised, and all stays as it was.

        Raises
        ------
        TypeError, ValueError
            As ``salwidget.explain``.
        """
        inputs, preparations = self.network.inputs, by_input(preprocess, self.network.inputs)
        self.examples[:] = [
            tuple(
                picture_of(picture.given, each.image_shape, preparations.get(each.name), picture.name)
                for picture, each in zip(example, inputs, strict=True)
            )
            for example in self.examples
        ]
        self.preprocess = preprocess

    def change_network(self, network: Network) -> list[str]:
        """Go on with another network; returns what is to be said where its inputs are other ones."""
        before, self.network = self.network, network
        if [each.image_shape for each in before.inputs] == [each.image_shape for each in network.inputs]:
            return []
        try:
            self.prepare(self.preprocess)
        except (TypeError, ValueError):
            self.examples[:] = examples_of(self._samples(), network.inputs, None, "image")
            return ["The images do not fit the model any more: open a new widget with others."]
        return []

    def as_json(self) -> list[dict[str, Any]]:
        return [{"name": first.name, "shape": list(first.given.shape[:-1])} for first, *_ in self.examples]

    def _guess(self) -> None:
        """A model of ``keras.applications`` is told by its name, and the guess is said."""
        known = preprocess_of(self.network.name)
        if known:
            self.preprocess, self.preprocess_name = known
            self.notices.append(
                f"Images go through {self.preprocess_name}, by the model's name; pass preprocess= to change that."
            )

    def _samples(self) -> Any:
        """One example: a photograph of ours where there is one image input, else numbers that are made up."""
        inputs = self.network.inputs
        if len(inputs) == 1 and inputs[0].space == 2 and inputs[0].image_shape[-1] in (None, 1, 3):
            return [self._sample(inputs[0])]
        self.notices.append("No images were given: these are made-up numbers that only fit. Pass yours as images=.")
        made_up = {each.name: _made_up(each) for each in inputs}
        return made_up if len(inputs) > 1 else list(made_up.values())

    def _sample(self, source: Input) -> np.ndarray:
        height, width, channels = source.image_shape
        picture = demo.sample(channels or 3)
        size = (width or picture.shape[1], height or picture.shape[0])
        picture = np.asarray(Image.fromarray(picture.squeeze()).resize(size, Image.Resampling.BICUBIC))
        picture = picture.reshape(size[1], size[0], -1)
        self.notices.append("No images were given: this is a sample of ours. Drop one of yours on it, or pass images=.")
        as_it_is = self.preprocess is not None or source.traced_dtype == "uint8" or scales_itself(self.network)
        return picture if as_it_is else picture.astype(np.float32) / 255

    def _check_range(self) -> None:
        top = max(float(np.abs(picture.input).max()) for example in self.examples for picture in example)
        if self.preprocess is None and top > 16 and not scales_itself(self.network):
            self.notices.append(
                f"The model is fed values up to {top:.0f}. If it was trained on 0..1 or -1..1, pass preprocess=."
            )


def _made_up(source: Input) -> np.ndarray:
    """Smooth noise in 0..1 of an input's shape, 32 long where that is open."""
    shape = [size or 32 for size in source.image_shape]
    noise = np.random.default_rng(0).normal(size=shape)
    smooth = ndimage.gaussian_filter(noise, [2] * (len(shape) - 1) + [0])
    low, high = smooth.min(), smooth.max()
    return np.asarray((smooth - low) / max(high - low, 1e-12), np.float32)
