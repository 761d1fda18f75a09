"""The coordinates that a dream changes, and the image in 0..1 that they make.

Olah, Mordvintsev and Schubert 2017, "Feature Visualization", section "Preconditioning and Parameterization": the same image in
other coordinates has another steepest ascent.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field, replace
from typing import ClassVar

import numpy as np
import tensorflow as tf

from salwidget.tensors import Tensor

# The image's shape: (H, W, C), a signal's (L, C), a volume's (D, H, W, C).
Shape = tuple[int, ...]

# Rows: brightness, red against blue, green against magenta. The principal axes of the colours of photographs are within a few
# degrees of these; lengths are the deviations along them relative to brightness, measured on 23 photographs.
COLOURS = np.array([[1, 1, 1], [1, 0, -1], [1, -2, 1]]) / np.sqrt([[3], [2], [6]]) * np.array([[1.0], [0.34], [0.19]])

# Values of a start image are kept this far from black and white, where the sigmoid has no finite coordinate.
EDGE = 1 / 255

# Whether images are bounded below at black, and above at white.
Ends = tuple[bool, bool]


class Parametrization(ABC):
    """Coordinates of an image. ``learning_rate`` is the step for an optimizer that is given by name."""

    label: ClassVar[str]
    help: ClassVar[str]
    learning_rate: ClassVar[float]

    @abstractmethod
    def noise(self, shape: Shape, rng: np.random.Generator) -> list[np.ndarray]:
        """Coordinates to begin with: an image near middle grey."""

    @abstractmethod
    def inverse(self, image: np.ndarray) -> list[np.ndarray]:
        """The coordinates of an image (..., C) in 0..1, black and white."""

    @abstractmethod
    def image(self, coordinates: list[Tensor], shape: Shape) -> Tensor:
        """Images (N, ..., C) in 0..1 of batches of coordinates."""

    def within(self, ends: Ends) -> Parametrization:
        """The same parametrization with bounds at these ends only; raises ``ValueError`` if it needs both."""
        if ends == (True, True):
            return self
        raise ValueError(f"{type(self).__name__} makes images between black and white only: give input_range= two numbers.")

    def bounded(self, coordinates: list[Tensor]) -> list[Tensor]:
        """The nearest coordinates that are allowed, after a step."""
        return coordinates


@dataclass(frozen=True)
class _Ended(Parametrization):
    """A parametrization whose images may be unbounded at either end."""

    ends: Ends = field(default=(True, True), kw_only=True, repr=False)

    def within(self, ends: Ends) -> Parametrization:
        return replace(self, ends=ends)


@dataclass(frozen=True)
class Pixels(_Ended):
    """The values themselves, held in 0..1."""

    label = "pixels"
    help = "each pixel on its own: shows what the model reacts to, which is often fine noise"
    learning_rate = 0.02

    def noise(self, shape: Shape, rng: np.random.Generator) -> list[np.ndarray]:
        return [np.clip(rng.normal(0.5, 0.05, shape), 0, 1).astype(np.float32)]

    def inverse(self, image: np.ndarray) -> list[np.ndarray]:
        return [image.astype(np.float32)]

    def image(self, coordinates: list[Tensor], shape: Shape) -> Tensor:
        return coordinates[0]

    def bounded(self, coordinates: list[Tensor]) -> list[Tensor]:
        if self.ends == (True, True):
            return [tf.clip_by_value(coordinates[0], 0, 1)]
        above, below = self.ends
        (values,) = coordinates
        return [tf.maximum(values, 0) if above else tf.minimum(values, 1) if below else values]


@dataclass(frozen=True)
class Fourier(_Ended):
    """Spectra of decorrelated colours: x = sigmoid(colours · F⁻¹(z / f^decay)).

    Low frequencies, which photographs are made of, move as easily as high ones; ``decay=0`` weighs all frequencies alike.
    """

    decay: float = 1.0
    label = "Fourier"
    help = "spectra of decorrelated colours: large smooth shapes come first, as in photographs"
    learning_rate = 0.02

    def noise(self, shape: Shape, rng: np.random.Generator) -> list[np.ndarray]:
        frequencies = _frequencies(shape)
        return [rng.normal(0, 0.01, (2, shape[-1], *frequencies.shape)).astype(np.float32)]

    def inverse(self, image: np.ndarray) -> list[np.ndarray]:
        spectrum = np.fft.rfftn(_unmixed(unsquashed(image, self.ends)), axes=range(1, image.ndim)) / self._weights(image.shape)
        return [np.stack([spectrum.real, spectrum.imag]).astype(np.float32)]

    def image(self, coordinates: list[Tensor], shape: Shape) -> Tensor:
        spectrum = coordinates[0] * self._weights(shape).astype(np.float32)
        return squashed(_from_spectrum(tf.complex(spectrum[:, 0], spectrum[:, 1]), shape), self.ends)

    def _weights(self, shape: Shape) -> np.ndarray:
        # How far one step moves a pixel grows with the number of frequencies if they agree, and not at all if they add up by
        # chance. The fourth root lies between: one learning rate then serves digits of 28 pixels and photographs of 224.
        return 3.74 * np.prod(shape[:-1]) ** 0.25 / _frequencies(shape) ** self.decay


@dataclass(frozen=True)
class MaCo(_Ended):
    """Only the phases of a spectrum change; its magnitudes are those of photographs, 1 / f.

    Fel et al. 2023, "Unlocking Feature Visualization for Deeper Networks with MAgnitude Constrained Optimization". There the
    magnitudes are the mean over ImageNet; 1 / f with our colours stands for them here.
    """

    label = "MaCo"
    help = "only the phases of a spectrum that falls like photographs' do (MaCo): no strong high frequencies can appear"
    learning_rate = 0.3

    def noise(self, shape: Shape, rng: np.random.Generator) -> list[np.ndarray]:
        return [rng.uniform(-np.pi, np.pi, (shape[-1], *_frequencies(shape).shape)).astype(np.float32)]

    def inverse(self, image: np.ndarray) -> list[np.ndarray]:
        return [np.angle(np.fft.rfftn(_unmixed(image - 0.5), axes=range(1, image.ndim))).astype(np.float32)]

    def image(self, coordinates: list[Tensor], shape: Shape) -> Tensor:
        (phases,) = coordinates
        magnitudes = (1 / _frequencies(shape)).astype(np.float32)
        image = _from_spectrum(tf.complex(magnitudes * tf.cos(phases), magnitudes * tf.sin(phases)), shape)
        axes = list(range(1, len(shape) + 1))
        mean, variance = tf.nn.moments(image, axes, keepdims=True)
        return squashed(1.2 * (image - mean) * tf.math.rsqrt(variance + 1e-12), self.ends)


PARAMETRIZATIONS: dict[str, type[Parametrization]] = {"fourier": Fourier, "pixels": Pixels, "maco": MaCo}


def parametrization_of(given: str | Parametrization) -> Parametrization:
    """A parametrization by name; an instance passes through.

    Raises
    ------
    ValueError
        For anything else.
    """
    if isinstance(given, Parametrization):
        return given
    if not isinstance(given, str) or given not in PARAMETRIZATIONS:
        raise ValueError(f"parametrization={given!r} is not known; use one of {', '.join(map(repr, PARAMETRIZATIONS))}.")
    return PARAMETRIZATIONS[given]()


def squashed(values: Tensor, ends: Ends) -> Tensor:
    """From any numbers to images above 0 and below 1, where they are bounded; 0 becomes 1/2.

    With both bounds the sigmoid; with one a softplus, which rises without bound; with none a line of the sigmoid's slope at 0.
    """
    if ends == (True, True):
        return tf.sigmoid(values)
    above, below = ends
    if above:
        return tf.math.softplus(values) / np.log(4)
    return 1 - tf.math.softplus(-values) / np.log(4) if below else 0.5 + values / 4


def unsquashed(image: np.ndarray, ends: Ends) -> np.ndarray:
    """The inverse of ``squashed`` in float64; at a bound, values are kept ``EDGE`` away from it."""
    above, below = ends
    inside = np.clip(image, EDGE if above else None, 1 - EDGE if below else None).astype(np.float64)
    if above and below:
        return np.asarray(np.log(inside / (1 - inside)))
    if not (above or below):
        return np.asarray(4 * (inside - 0.5))
    from_end = np.log(4) * (inside if above else 1 - inside)
    numbers: np.ndarray = from_end + np.log(-np.expm1(-from_end))  # log(exp(x) - 1), which does not overflow
    return numbers if above else -numbers


def _frequencies(shape: Shape) -> np.ndarray:
    """Cycles per pixel of each entry of the half spectrum, at least one cycle over the longer side."""
    *rows, last = shape[:-1]
    axes = [np.fft.fftfreq(length) for length in rows] + [np.fft.rfftfreq(last)]
    lengths = np.sqrt(sum(np.square(grid) for grid in np.meshgrid(*axes, indexing="ij")))
    return np.asarray(np.maximum(lengths, 1 / max(shape[:-1])))


def _from_spectrum(spectrum: Tensor, shape: Shape) -> Tensor:
    """Images (N, ..., C) of half spectra (N, C, ...)."""
    if len(shape) == 4:  # TensorFlow has no gradient of irfft3d
        spectrum = tf.transpose(tf.signal.ifft(tf.transpose(spectrum, [0, 1, 3, 4, 2])), [0, 1, 4, 2, 3])
    inverse = tf.signal.irfft if len(shape) == 2 else tf.signal.irfft2d
    planes = inverse(spectrum, list(shape[:-1])[-2:])
    if shape[-1] != 3:
        return tf.transpose(planes, [0, *range(2, len(shape) + 1), 1])
    # Channels go last and are mixed at once: two operations would take two thirds longer.
    flat = tf.reshape(planes, [-1, 3, np.prod(shape[:-1])])
    return tf.reshape(tf.linalg.matmul(flat, COLOURS.astype(np.float32), transpose_a=True), [-1, *shape])


def _unmixed(image: np.ndarray) -> np.ndarray:
    """Decorrelated colours (C, ...) of an image (..., C)."""
    return np.moveaxis(image @ np.linalg.inv(COLOURS) if image.shape[-1] == 3 else image, -1, 0)
