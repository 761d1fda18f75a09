"""Callbacks for each step of activation maximization."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from salwidget.vis.pictures import deprocess_input, draw_text
from salwidget.writing import atomic_write

# A frame is enlarged to this height, or its caption would cover it.
FRAME_HEIGHT = 160


class OptimizerCallback(ABC):
    """Something to do at each step. Subclass it and write ``callback``, and ``on_end`` for the end if needed."""

    @abstractmethod
    def callback(
        self,
        i: int,
        named_losses: Sequence[tuple[str, float]],
        overall_loss: float,
        grads: np.ndarray,
        wrt_value: np.ndarray,
    ) -> None:
        """One step.

        Parameters
        ----------
        i
            Number of the step, from 0.
        named_losses
            Name and weighted value of each loss.
        overall_loss
            Their sum.
        grads, wrt_value
            The gradient, and the value (1, ..., C) that it is taken with respect to: the image.
        """

    def on_end(self) -> None:  # noqa: B027 (not every callback has something to end)
        """Called after the last step, and after an error."""


class Print(OptimizerCallback):
    """Print the losses at each step."""

    def callback(
        self,
        i: int,
        named_losses: Sequence[tuple[str, float]],
        overall_loss: float,
        grads: np.ndarray,
        wrt_value: np.ndarray,
    ) -> None:
        each = ", ".join(f"{name} {value:.6g}" for name, value in named_losses)
        print(f"Iteration {i + 1}: {each}; overall loss {overall_loss:.6g}")


class GifGenerator(OptimizerCallback):
    """Write the image of each step as a frame of an animated GIF.

    Parameters
    ----------
    path
        ``.gif`` is added where it is missing.
    input_range
        The model's input range. It does not affect the film: ``deprocess_input`` stretches each frame from black to white.
        (keras-vis did so as well, but then clipped to this range: all but (0, 255) made black films.)
    """

    def __init__(self, path: str | os.PathLike[str], input_range: tuple[float, float] = (0, 255)) -> None:
        path = Path(path)
        self.input_range = input_range
        self.path = path if path.suffix.lower() == ".gif" else path.with_name(path.name + ".gif")
        self._frames: list[Image.Image] = []

    def callback(
        self,
        i: int,
        named_losses: Sequence[tuple[str, float]],
        overall_loss: float,
        grads: np.ndarray,
        wrt_value: np.ndarray,
    ) -> None:
        value = wrt_value[0]
        if value.ndim != 3 or value.shape[-1] not in (1, 3):
            raise ValueError(f"A GIF shows images of 1 or 3 channels, not values of shape {value.shape}.")
        pixels = np.broadcast_to(deprocess_input(value), (*value.shape[:2], 3)).round().astype(np.uint8)
        times = -(-FRAME_HEIGHT // len(pixels))
        pixels = pixels.repeat(times, axis=0).repeat(times, axis=1)
        self._frames.append(Image.fromarray(draw_text(pixels, f"Step {i + 1}")))

    def on_end(self) -> None:
        if self._frames:
            first, *others = self._frames
            with atomic_write(self.path) as file:
                first.save(file, "GIF", save_all=True, append_images=others, duration=100, loop=0)
            self._frames = []
