"""Expected Gradients: Integrated Gradients averaged over many baselines."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from salwidget.attribution.context import Context
from salwidget.attribution.contract import Answer, Method, method
from salwidget.attribution.joint import INPUTS, Points, moving
from salwidget.options import Baseline, Number
from salwidget.query import Array, ByInput


@dataclass(frozen=True)
class References(Baseline):
    """Images to draw baselines from: named ones, or a batch (N, ...) of arrays of the image's shape, as displayed.

    For a model with several inputs also a dict by input name; the same row of each is one baseline.
    """

    given: ClassVar[str] = "an array with several images of the image's shape"


@method
class ExpectedGradients(Method):
    """Expectation of (x - x') dS/dx over baselines x' and places on the line from x' to x (Erion et al. 2021)."""

    name = "expected_gradients"
    title = "Expected Gradients"
    group = "Gradients"
    sentence = "What each pixel adds to {target}, compared with an average baseline."
    formula = "mean_i Σ_c (x − r_i)_c · ∂S/∂x_c (r_i + α_i(x − r_i)),  α_i ~ U(0, 1)"
    limits = (
        "As good as its references: give images of the training data; without them the baselines are uniform noise, "
        "which no data looks like. Adds up to S(x) − mean S(r) only in the limit of many samples."
    )
    paper = "Erion, Janizek, Sturmfels, Lundberg, Lee 2021, arXiv:1906.10670"
    units = "score"
    random = True
    clip = 99.5

    references = References("references", "random", (("random", "uniform noise"),))
    samples = Number("samples", 50, 2, 500)
    inputs = INPUTS

    def refine(self, context: Context) -> Iterator[Answer]:
        samples, rng, own = context.options["samples"], context.rng, context.query.source
        images = [picture.input for picture in context.example]
        sample = sampler_of(context, rng, moving(context))
        total = np.zeros(context.image.shape)
        for part in context.batches(samples, gradient=True):
            # One sample after the other, so that each gets the same numbers in steps of any size.
            drawn = [(sample(), rng.random()) for _ in range(part.start, part.stop)]
            points = [
                np.stack([image - (1 - alpha) * (image - starts[index]) for starts, alpha in drawn])
                for index, image in enumerate(images)
            ]
            _, gradients = context.gradients(points)
            changes = np.stack([images[own] - starts[own] for starts, _ in drawn])
            total += (changes * gradients).sum(0, dtype=np.float64)
            yield Answer((total / part.stop).sum(-1), signed=True, progress=part.stop / samples)


def sampler_of(context: Context, rng: np.random.Generator, which: Sequence[int]) -> Callable[[], Points]:
    """A function that draws one baseline (H, W, C) for each input, as the model takes it; for inputs that stay, the image.

    Raises
    ------
    ValueError
        When the given references are not batches of the image's shape, or differ in length.
    """
    given = context.options["references"]
    kinds = given.values if isinstance(given, ByInput) else (given,) * len(context.example)
    batches = {
        index: references_of(context, index, kind) for index, kind in enumerate(kinds) if index in which and kind != "random"
    }
    counts = sorted({len(batch) for batch in batches.values()})
    if len(counts) > 1:
        raise ValueError(f"The same row of all references is one baseline, but there are {counts[0]} and {counts[-1]} rows.")
    for index in which:
        low, high = context.example[index].range
        if index not in batches:
            context.note(f"baselines are uniform noise between {low:g} and {high:g}, as displayed")
    if counts:
        context.note(f"baselines are drawn from {counts[0]} given image{'s' * (counts[0] > 1)}")

    def sample() -> Points:
        row = rng.integers(counts[0]) if counts else 0
        points = [picture.input for picture in context.example]
        for index in which:
            picture = context.example[index]
            given = batches[index][row] if index in batches else rng.uniform(*picture.range, picture.given.shape)
            points[index] = context.baseline(Array(given), index)
        return points

    return sample


def references_of(context: Context, index: int, references: Array) -> np.ndarray:
    """References (N, H, W, C) for an input; a single channel may be left out."""
    batch, shape = references.values, context.example[index].given.shape
    if not len(batch) or shape not in (batch.shape[1:], (*batch.shape[1:], 1)):
        wanted = ", ".join(map(str, ("N", *shape)))
        several = f" for input {context.network.inputs[index].name}" * (len(context.example) > 1)
        raise ValueError(
            f"references are a batch of images as displayed, ({wanted}){several}, not an array of shape {batch.shape}."
        )
    return np.asarray(batch)
