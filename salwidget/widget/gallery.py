"""The images of a widget: what the user gave, what was dropped on it, or a sample of ours."""

from __future__ import annotations

import io
from typing import Any

import keras
import numpy as np
from PIL import Image

from salwidget import demo
from salwidget.applications import preprocess_of
from salwidget.images import Picture, Preprocess, opened, picture_of, split
from salwidget.network import Network

MOST_IMAGES = 200


class Gallery:
    """Pictures for one network, and how a photograph becomes its input.

    ``notices`` says in words what was assumed.
    """

    def __init__(self, network: Network, images: Any, preprocess: Preprocess | None) -> None:
        self.network = network
        self.notices: list[str] = []
        self.preprocess = preprocess
        self.preprocess_name = getattr(preprocess, "__name__", "preprocess") if preprocess else ""
        if preprocess is None and images is None:
            self._guess()
        sources = [self._sample()] if images is None else split(images, network.image_shape)
        if not sources:
            raise ValueError("images is empty: pass at least one image, or leave it out for a sample.")
        self.pictures = [self.read(source, f"image {place}") for place, source in enumerate(sources)]
        self._check_range()

    def read(self, source: Any, name: str) -> Picture:
        """One image as the network takes it; files keep their own names."""
        named = "" if isinstance(source, str) or hasattr(source, "__fspath__") else name
        return picture_of(source, self.network.image_shape, self.preprocess, named)

    def add(self, data: bytes, name: str) -> int:
        """Decode an uploaded file; returns the new image's index.

        Raises
        ------
        ValueError
            When the bytes are no image, it is too large, or the gallery is full.
        """
        if len(self.pictures) >= MOST_IMAGES:
            raise ValueError(f"There are {MOST_IMAGES} images already; run the cell again to start afresh.")
        try:
            image = opened(io.BytesIO(data))
        except ValueError as error:
            raise ValueError(str(error).replace("The file", name, 1)) from error
        self.pictures.append(picture_of(image, self.network.image_shape, self.preprocess, name))
        return len(self.pictures) - 1

    def _guess(self) -> None:
        """A model of ``keras.applications`` is told by its name, and the guess is said."""
        known = preprocess_of(self.network.name)
        if known:
            self.preprocess, self.preprocess_name = known
            self.notices.append(
                f"Images go through {self.preprocess_name}, by the model's name; pass preprocess= to change that."
            )

    def _sample(self) -> np.ndarray:
        height, width, channels = self.network.image_shape
        picture = demo.sample(channels or 3)
        size = (width or picture.shape[1], height or picture.shape[0])
        picture = np.asarray(Image.fromarray(picture.squeeze()).resize(size, Image.Resampling.BICUBIC))
        picture = picture.reshape(size[1], size[0], -1)
        self.notices.append("No images were given: this is a sample of ours. Drop one of yours on it, or pass images=.")
        as_it_is = self.preprocess is not None or _scales_itself(self.network)
        return picture if as_it_is else picture.astype(np.float32) / 255

    def _check_range(self) -> None:
        top = max(float(np.abs(picture.input).max()) for picture in self.pictures)
        if self.preprocess is None and top > 16 and not _scales_itself(self.network):
            self.notices.append(
                f"The model is fed values up to {top:.0f}. If it was trained on 0..1 or -1..1, pass preprocess=."
            )


def _scales_itself(network: Network) -> bool:
    """Whether the model brings its values into range itself."""
    scaling = (keras.layers.Rescaling, keras.layers.Normalization, keras.layers.BatchNormalization)
    return any(isinstance(network.keras_layer(layer), scaling) for layer in network.layers[:4])
