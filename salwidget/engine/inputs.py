"""A model's inputs, their shapes and types."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import keras
import numpy as np

Shape = tuple[int | None, ...]


@dataclass(frozen=True)
class Input:
    """One input of a model.

    ``shape`` is the model's own, without the batch; ``image_shape`` has channels last, and treats a vector (F,) as a signal
    of one channel. ``dtype`` is the type that arrays are fed in: float32 or float64, or an integer type if the model does
    not cast it to floats itself.
    """

    index: int
    name: str
    shape: Shape
    traced_dtype: str
    channel_axis: int = -1
    dtype: str = "float32"

    @property
    def image_shape(self) -> Shape:
        if len(self.shape) == 1:
            return (*self.shape, 1)
        return (*self.shape[1:], self.shape[0]) if self.channel_axis == 1 else self.shape

    @property
    def space(self) -> int:
        """The number of spatial axes: 1 for signals, 2 for images, 3 for volumes."""
        return len(self.image_shape) - 1

    @property
    def differentiable(self) -> bool:
        return "float" in self.dtype

    def as_fed(self, images: np.ndarray) -> np.ndarray:
        """Images (N, ..., C) in the layout and type that the traced graph takes."""
        if len(self.shape) == 1:
            images = images[..., 0]
        elif self.channel_axis == 1:
            images = np.moveaxis(images, -1, 1)
        return np.ascontiguousarray(images, dtype=self.dtype)


def inputs_of(model: keras.Model, shapes: Sequence[Shape]) -> list[Input]:
    """The inputs of a built model.

    Raises
    ------
    ValueError
        When the model is not built, or does not know its shapes and ``shapes`` are not given.
    """
    if not model.built:
        raise ValueError(f"{model.name} is not built and has no weights yet: call it once on an image, or load its weights.")
    if not knows_shape(model):
        if not shapes:
            raise ValueError(
                f"{model.name} does not know its input shape: pass an image of the size that it takes, a signal as (signal,)."
            )
        dtype = model.dtype if model.dtype == "float64" else "float32"
        return [Input(index, f"input {index}", shape, dtype) for index, shape in enumerate(shapes)]
    found = []
    for index, tensor in enumerate(model.inputs):
        shape = tuple(tensor.shape[1:])
        if not 1 <= len(shape) <= 4:
            raise ValueError(
                f"input {tensor.name} of {model.name} has shape {tuple(tensor.shape)}; "
                "signals (batch, L, C), images (batch, H, W, C) and volumes (batch, D, H, W, C) are supported."
            )
        kind = str(tensor.dtype)
        if kind == "string":
            raise ValueError(
                f"input {tensor.name} of {model.name} takes text: explain the part after its lookup, which takes numbers."
            )
        # Half floats are fed as float32, which Keras casts: the gradient then comes back in float32.
        found.append(Input(index, tensor.name, shape, "float32" if "float" in kind and kind != "float64" else kind))
    return found


def found_input(inputs: Sequence[Input], which: int | str, model: str) -> Input:
    """Find an input by index or name.

    Raises
    ------
    ValueError
        When there is none, with the names of those that exist.
    """
    names = [each.name for each in inputs]
    if isinstance(which, str) and which in names:
        return inputs[names.index(which)]
    if isinstance(which, bool) or not isinstance(which, (int, np.integer)) or not 0 <= which < len(names):
        raise ValueError(f"{model} has no input {which!r}; its inputs are {', '.join(names)}, 0 to {len(names) - 1}.")
    return inputs[which]


def knows_shape(model: keras.Model) -> bool:
    return bool(getattr(model, "inputs", None))
