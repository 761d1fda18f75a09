"""What a method is given: the network, the image, the query, and the passes through the model that it may make."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import numpy as np
from scipy import ndimage

from salwidget.engine.backprop import Propagation
from salwidget.engine.batch_size import batch_size
from salwidget.engine.inputs import Input
from salwidget.engine.layers import Layer
from salwidget.engine.network import Network
from salwidget.grad_modifiers import modifier_of
from salwidget.images import Example
from salwidget.options import Options
from salwidget.query import Array, ByInput, Modifier, Query
from salwidget.target import Target

# Standard deviation of a blurred baseline, as a share of the image's longest side: shapes are gone, colours stay.
BLUR = 0.1

Images = np.ndarray | Sequence[np.ndarray]


@dataclass
class Context:
    """What a method works with, for one image. Arrays have channels last, and a batch axis only where it says so.

    Attributes
    ----------
    options
        The method's own, all of them.
    notes
        What a person should know about the answer.
    passes
        How many forward, or forward + gradient, passes were made, counted in images.
    """

    network: Network
    query: Query
    example: Example
    options: Options
    passes: int = 0
    _score: float | None = None
    _notes: dict[str, None] = field(default_factory=dict)

    @property
    def target(self) -> Target:
        return self.query.target

    @property
    def layer(self) -> Layer:
        """The layer that is explained (the earliest, where several are)."""
        return self.network.layers[self.target.layer]

    @property
    def source(self) -> Input:
        """The input that the map lies over."""
        return self.network.inputs[self.query.source]

    @property
    def image(self) -> np.ndarray:
        """The model's input (H, W, C), or (L, C), or (D, H, W, C)."""
        return self.example[self.query.source].input

    @property
    def rng(self) -> np.random.Generator:
        """A fresh generator of the query's seed."""
        return np.random.default_rng(self.query.seed)

    def rng_of(self, index: int) -> np.random.Generator:
        """A fresh generator for one input: inputs of equal shape do not get the same numbers."""
        return np.random.default_rng([self.query.seed, index] if index else self.query.seed)

    @property
    def score(self) -> float:
        """The target's value at the image."""
        if self._score is None:
            self._score = float(self.scores(self.image[None])[0])
        return self._score

    @property
    def notes(self) -> tuple[str, ...]:
        return tuple(self._notes)

    def note(self, text: str) -> None:
        """Add a note to the answer, once."""
        self._notes[text] = None

    # Passes through the model. Images are for this input, with the example's other inputs beside them, or a batch per input.

    def scores(self, images: Images, target: Target | None = None) -> np.ndarray:
        """The target's value (N,) for each of ``images`` (N, H, W, C)."""
        batch = self._batch(images)
        self.passes += len(batch[0])
        return finite(self.network.scores(target or self.target, batch), "score")

    def scored(self, images: Images) -> tuple[np.ndarray, np.ndarray | None]:
        """The same (N,), NaN where it is, and the model's output (N, ..., C) before its softmax or sigmoid, if in reach."""
        batch = self._batch(images)
        self.passes += len(batch[0])
        scores, *logits = self.network.scored(self.target, batch, self.network.output)
        return scores, logits[0] if logits else None

    def gradient(self, target: Target | None = None) -> np.ndarray:
        """dS/dx at the image, under the query's backprop rule and gradient modifier."""
        scores, gradients = self.gradients(self.image[None], target)
        self._cache_score(scores, target)
        gradient: np.ndarray = gradients[0]
        return gradient

    def gradients(
        self, images: Images, target: Target | None = None, source: Input | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Scores (N,) and dS/dx (N, H, W, C) at ``images``, x this input or another, under the query's rule and modifier."""
        batch, source = self._batch(images), source or self.source
        scores, _, gradients = self._differentiate(batch, target or self.target, source, self.query.backprop_modifier)
        # A vector is fed without its axis of channels.
        return scores, gradients.reshape(batch[source.index].shape)

    def activations_and_gradient(self, layer: Layer, target: Target | None = None) -> tuple[np.ndarray, np.ndarray]:
        """A and dS/dA of a layer, each (h, w, K), under the query's rule and modifier."""
        batch = self._batch(self.image[None])
        scores, activations, gradients = self._differentiate(batch, target or self.target, layer, self.query.backprop_modifier)
        self._cache_score(scores, target)
        return activations[0], gradients[0]

    def supports(self, layer: Layer, targets: Sequence[Target]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """A (h, w, K) of a layer, S (T,) of several targets and dS/dA (T, h, w, K) of each, in one backward pass if it fits.

        It goes from the layer up: what leads to it is run once.
        """
        batch, scores, gradients = self._batch(self.image[None]), [], []
        for part in self.batches(len(targets), gradient=True):
            found, activations, slopes = self._differentiate(batch, targets[part], layer, self.query.backprop_modifier)
            scores.append(found)
            gradients.append(slopes)
        return activations[0], np.concatenate(scores), np.concatenate(gradients)

    @contextmanager
    def with_rule(self, rule: Modifier) -> Iterator[None]:
        """Take gradients with another backprop rule inside the block."""
        original, self.query = self.query, replace(self.query, backprop_modifier=rule)
        try:
            yield
        finally:
            self.query = original

    def relevance(self, propagation: Propagation, images: np.ndarray) -> np.ndarray:
        """The relevance (H, W, C) that ``propagation`` passes back to the input, for the first of ``images``."""
        scores, _, relevance = self._differentiate(self._batch(images), self.target, self.source, propagation)
        self._cache_score(scores, None)
        return np.reshape(relevance[0], self.image.shape)

    def activations(self, layer: Layer | None = None) -> np.ndarray:
        """Output of a layer (the target's) at the image, (h, w, K)."""
        layer, batch = layer or self.layer, self._batch(self.image[None])
        self.passes += not self.network.has_cached(batch, layer)
        return finite(self.network.activations(batch, layer)[0], "output of the layer")

    def batches(self, count: int, *, gradient: bool) -> Iterator[slice]:
        """Split ``count`` images into steps that fit the memory budget."""
        step = batch_size(self.network, self.example[0].input.shape, gradient)
        for start in range(0, count, step):
            yield slice(start, min(start + step, count))

    # Images beside the image

    def baseline(self, kind: str | Array | ByInput, index: int | None = None) -> np.ndarray:
        """This input, or another by its index, without what is explained, (H, W, C).

        Black, white and a given array are meant as displayed: they go through the same preprocessing as the image.
        """
        index = self.query.source if index is None else index
        picture, image = self.example[index], self.example[index].input
        if isinstance(kind, ByInput):
            kind = kind.values[index]
        if isinstance(kind, Array):
            return picture.fed(self._of_same_shape(kind.values, picture.given, index))
        if kind == "mean":
            return np.broadcast_to(image.mean(tuple(range(image.ndim - 1))), image.shape).astype(image.dtype)
        if kind == "blurred":
            width = BLUR * max(image.shape[:-1])
            return np.asarray(ndimage.gaussian_filter(image, [width] * (image.ndim - 1) + [0], mode="nearest"))
        low, high = picture.range
        if kind == "random":
            return picture.fed(self.rng_of(index).uniform(low, high, picture.given.shape))
        return picture.fed(np.full(picture.given.shape, low if kind == "black" else high))

    def _cache_score(self, scores: np.ndarray, target: Target | None) -> None:
        if target is None:
            self._score = float(scores[0])

    def _of_same_shape(self, array: np.ndarray, like: np.ndarray, index: int) -> np.ndarray:
        if array.shape != like.shape and (*array.shape, 1) != like.shape:
            own = "the image" if index == self.query.source else f"input {self.network.inputs[index].name}"
            several = "; of several inputs, give a dict by input name" * (len(self.example) > 1)
            raise ValueError(f"The given baseline has shape {array.shape}, but {own} has {like.shape}{several}.")
        return array.reshape(like.shape)

    def _batch(self, images: Images) -> Sequence[np.ndarray]:
        """``images`` as one input, and the other inputs of the example beside each of them."""
        if not isinstance(images, np.ndarray):
            return images
        return [
            images if index == self.query.source else np.broadcast_to(other.input, (len(images), *other.input.shape))
            for index, other in enumerate(self.example)
        ]

    def _differentiate(
        self,
        batch: Sequence[np.ndarray],
        target: Target | Sequence[Target],
        source: Layer | Input,
        modifier: Modifier | Propagation,
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        compiled = self.network.gradient(target, source, modifier)
        scores, values, gradient = compiled(batch)
        self.passes += len(scores)
        finite(scores, "score")
        if count := compiled.cut.rectifiers:
            others = self.network.smooth_activations
            self.note(f"{count} rectifier{'s' * (count > 1)} modified" + f", not {others}" * bool(others))
        modify = modifier_of(self.query.grad_modifier)
        if modify is None or isinstance(modifier, Propagation):
            return scores, values, finite(gradient, "gradient")
        return scores, values, np.stack([_same_shape(modify(one), one) for one in gradient])


def finite(values: np.ndarray, name: str) -> np.ndarray:
    """``values``, checked for NaN and infinity.

    Raises
    ------
    ValueError
        Saying what was not finite and what to check.
    """
    if not np.all(np.isfinite(values)):
        raise ValueError(f"The {name} is NaN or infinite: check the model's weights and the image's preprocessing.")
    return values


def _same_shape(values: np.ndarray, like: np.ndarray) -> np.ndarray:
    values = np.asarray(values)
    if values.shape != like.shape:
        raise ValueError(f"The grad_modifier turned a gradient of shape {like.shape} into {values.shape}; keep the shape.")
    return finite(values, "modified gradient")
