"""A small CNN twice: as a Keras model, and forward and backward by hand in numpy, which the methods are compared with."""

from __future__ import annotations

from dataclasses import dataclass

import keras
import numpy as np
from keras import layers
from scipy.special import expit, softmax

from tests.models import float64, in_a_row

SIZE, CHANNELS, FILTERS, CLASSES, KERNEL = 12, 2, (4, 5), 3, 3


@dataclass(frozen=True)
class NumpyCNN:
    """Convolutions (valid) with one activation each, mean over space, a linear head; float64 throughout.

    ``kernels[i]`` (3, 3, in, out), ``biases[i]`` (out,), ``head`` (channels, classes), ``activation`` "relu" or
    "softplus".
    """

    kernels: tuple[np.ndarray, ...]
    biases: tuple[np.ndarray, ...]
    head: np.ndarray
    activation: str

    def maps(self, x: np.ndarray) -> list[np.ndarray]:
        """The output of each convolution before its activation, (h, w, filters)."""
        found = []
        for kernel, bias in zip(self.kernels, self.biases, strict=True):
            found.append(convolved(x, kernel) + bias)
            x = self.activated(found[-1])
        return found

    def activated(self, values: np.ndarray) -> np.ndarray:
        return np.maximum(values, 0) if self.activation == "relu" else np.logaddexp(0, values)

    def last_maps(self, x: np.ndarray) -> np.ndarray:
        """Feature maps A (h, w, K) of the last convolution, activated."""
        return self.activated(self.maps(x)[-1])

    def logits(self, x: np.ndarray) -> np.ndarray:
        return self.last_maps(x).mean((0, 1)) @ self.head

    def probabilities(self, x: np.ndarray) -> np.ndarray:
        return softmax(self.logits(x))

    def map_gradient(self, x: np.ndarray, row: np.ndarray) -> np.ndarray:
        """dS/dA of the last convolution's activated maps, S = logits . row."""
        maps = self.maps(x)[-1]
        return np.broadcast_to(self.head @ row / maps[..., 0].size, maps.shape)

    def gradient(self, x: np.ndarray, row: np.ndarray, rule: str = "plain") -> np.ndarray:
        """dS/dx (H, W, C) for S = logits . row, through rectifiers by ``rule`` (plain, guided or rectified)."""
        g = self.map_gradient(x, row)
        for values, kernel in zip(reversed(self.maps(x)), reversed(self.kernels), strict=True):
            g = convolved_back(self._through(values, g, rule), kernel)
        return g

    def _through(self, values: np.ndarray, g: np.ndarray, rule: str) -> np.ndarray:
        if self.activation == "softplus":
            return g * expit(values)
        if rule == "plain":
            return g * (values > 0)
        return np.maximum(g, 0) * (values > 0) if rule == "guided" else np.maximum(g, 0)


def convolved(x: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """Correlation without padding, (H, W, in) -> (H - 2, W - 2, out) for a 3 x 3 kernel."""
    windows = np.lib.stride_tricks.sliding_window_view(x, kernel.shape[:2], axis=(0, 1))
    return np.einsum("hwcij,ijco->hwo", windows, kernel)


def convolved_back(g: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """The transpose of ``convolved``, (H - 2, W - 2, out) -> (H, W, in)."""
    edge = [(side - 1, side - 1) for side in kernel.shape[:2]]
    return convolved(np.pad(g, [*edge, (0, 0)]), kernel[::-1, ::-1].swapaxes(2, 3))


def twins(seed: int = 0, activation: str = "relu", biased: bool = True) -> tuple[NumpyCNN, keras.Model]:
    """The same random CNN in numpy and in Keras (float64, softmax at its end)."""
    rng = np.random.default_rng(seed)
    inputs = (CHANNELS, *FILTERS[:-1])
    shapes = [(KERNEL, KERNEL, into, out) for into, out in zip(inputs, FILTERS, strict=True)]
    kernels = tuple(rng.normal(size=shape) / np.sqrt(KERNEL**2 * shape[2]) for shape in shapes)
    biases = tuple(0.1 * rng.normal(size=count) * biased for count in FILTERS)
    head = rng.normal(size=(FILTERS[-1], CLASSES))
    with float64():
        convolutions = [
            layers.Conv2D(count, KERNEL, activation=activation, name=f"conv{number}") for number, count in enumerate(FILTERS, 1)
        ]
        out = layers.Dense(CLASSES, "softmax", use_bias=False, name="out")
        model = in_a_row((SIZE, SIZE, CHANNELS), *convolutions, layers.GlobalAveragePooling2D(), out)
    for layer, kernel, bias in zip(convolutions, kernels, biases, strict=True):
        layer.set_weights([kernel, bias])
    out.set_weights([head])
    return NumpyCNN(kernels, biases, head, activation), model
