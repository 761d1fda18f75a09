"""The ranges of a dream's images: 0..1 inside, the range of displayed images, and the model's own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from salwidget.applications import preprocess_of, scales_itself
from salwidget.dreams.parametrization import Ends
from salwidget.engine.inputs import Input
from salwidget.engine.network import Network
from salwidget.images import Preprocess
from salwidget.tensors import Tensor

# Black and white; ``None`` or infinite for an end without a bound.
Range = tuple[float | None, float | None]


@dataclass(frozen=True)
class Appearance:
    """Black and white of displayed images, and the map from their colours to the model's: x @ ``mix`` + ``offset``.

    ``ends`` says at which of the two ends images are bounded.

    A preprocessing is any Python function, and has no gradient in TensorFlow. All in use are affine in each pixel's colours,
    so the affine map is read off it.
    """

    range: tuple[float, float]
    mix: tuple[tuple[float, ...], ...]
    offset: tuple[float, ...]
    notes: tuple[str, ...] = ()
    ends: Ends = (True, True)

    def displayed(self, images: np.ndarray) -> np.ndarray:
        """From images in 0..1 to the range of displayed images."""
        low, high = self.range
        return (low + (high - low) * images).astype(np.float32)

    def to_unit(self, image: np.ndarray) -> np.ndarray:
        """From a displayed image to 0..1."""
        (low, high), (above, below) = self.range, self.ends
        return np.clip((np.asarray(image, np.float64) - low) / (high - low), 0 if above else None, 1 if below else None)

    def fed(self, images: Tensor) -> Tensor:
        """From tensors in 0..1 to the model's values, channels last."""
        low, high = self.range
        colours = np.array(self.mix)
        mix = ((high - low) * colours).astype(np.float32)
        offset = (low * colours.sum(0) + self.offset).astype(np.float32)
        if np.array_equal(mix, np.diag(np.diag(mix))):  # most often: a scale and a shift for each channel
            return images * np.diag(mix) + offset
        return tf.linalg.matmul(images, mix) + offset


def appearance_of(
    network: Network,
    source: Input,
    preprocess: Preprocess | None,
    given: Range | None,
    shape: tuple[int, ...],
    started: tuple[float, float] | None = None,
) -> Appearance:
    """The appearance of one input's images: as given, else by the model's name and layers.

    ``started`` is the range of the start image. At an open end black or white lies where it would by default, as far from the
    other end.

    Raises
    ------
    ValueError
        For an empty range, or a preprocessing that is not affine in the colours of each pixel.
    """
    notes: list[str] = []
    default = started
    if preprocess is None and given is None and default is None and (known := preprocess_of(network.name)):
        preprocess, name = known
        notes.append(f"Images are 0 to 255 and go through {name}, by the model's name; pass preprocess= to change that.")
    if default is None:
        photographs = preprocess is not None or source.traced_dtype == "uint8" or scales_itself(network)
        default = (0.0, 255.0) if photographs else (0.0, 1.0)
        if given is None and not notes:
            notes.append(f"Images are taken to be {default[0]:g} to {default[1]:g}; pass input_range= to change that.")
    (low, high), ends = _ended(default if given is None else given, default)
    channels = shape[-1]
    mix, offset = np.eye(channels), np.zeros(channels)
    if preprocess is not None:
        mix, offset = _read_off(preprocess, shape, (low, high))
    return Appearance((low, high), tuple(map(tuple, mix.tolist())), tuple(offset.tolist()), tuple(notes), ends)


def _ended(given: Range, default: tuple[float, float]) -> tuple[tuple[float, float], Ends]:
    """Black and white of a range, and at which of them images are bounded."""
    try:
        low, high = (side if end is None else float(end) for end, side in zip(given, (-np.inf, np.inf), strict=True))
    except (TypeError, ValueError) as error:
        raise ValueError(f"input_range={given!r} is no range; give black, then white, e.g. (0, 255).") from error
    if not low < high or low == np.inf or high == -np.inf:
        raise ValueError(f"input_range={given} is empty; give black, then white, e.g. (0, 255).")
    above, below = bool(np.isfinite(low)), bool(np.isfinite(high))
    # A start image of a single value has black and white alike.
    span = default[1] - default[0] or 1.0
    if not (above or below):
        return (default[0], default[0] + span), (False, False)
    if not above:
        low = default[0] if default[0] < high else high - span
    if not below:
        high = default[1] if low < default[1] else low + span
    return (low, high), (above, below)


def _read_off(preprocess: Preprocess, shape: tuple[int, ...], given: tuple[float, float]) -> tuple[np.ndarray, np.ndarray]:
    low, high = given

    def through(image: np.ndarray) -> np.ndarray:
        made = np.asarray(preprocess(image.astype(np.float32)), np.float64)
        if made.size != image.size:
            raise ValueError(f"preprocess made {made.shape} of {image.shape}; a dream needs one that keeps the image's shape.")
        return made.reshape(shape)

    # Each channel full once, the others empty: the output, less that of all empty, is the channel's row.
    colours = low + (high - low) * np.vstack([np.zeros(shape[-1]), np.eye(shape[-1])])
    flat = [through(np.broadcast_to(colour, shape)).reshape(-1, shape[-1])[0] for colour in colours]
    mix = (np.array(flat[1:]) - flat[0]) / (high - low)
    offset = flat[0] - colours[0] @ mix
    probe = np.random.default_rng(0).uniform(low, high, shape).astype(np.float32)
    difference = np.abs(through(probe) - (probe @ mix + offset)).max()
    if not difference <= 1e-3 * max(1.0, np.abs(probe @ mix + offset).max()):
        raise ValueError(
            "preprocess= is not a scale and shift of each pixel's colours, so a dream cannot go through it; "
            "leave it out and pass input_range= in the model's own values."
        )
    return mix, offset
