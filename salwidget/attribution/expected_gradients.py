"""Expected Gradients: Integrated Gradients averaged over many baselines."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from salwidget.attribution.contract import Answer, Method, method
from salwidget.attribution.question import Question
from salwidget.network import Network
from salwidget.options import Baseline, Number
from salwidget.query import Array


@dataclass(frozen=True)
class References(Baseline):
    """Images to draw baselines from: named ones, or a batch (N, ...) of arrays of the image's shape, as displayed."""

    def check(self, name: str, value: Any, network: Network) -> Any:
        if isinstance(value, (np.ndarray, Array)):
            return value if isinstance(value, Array) else Array(value.copy())
        known = [choice for choice, _ in self.choices]
        if not isinstance(value, str) or value not in known:
            raise ValueError(
                f"{name} is {' or '.join(map(repr, known))}, or an array with several images of the image's shape."
            )
        return value


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

    def refine(self, question: Question) -> Iterator[Answer]:
        image, samples, rng = question.image, question.options["samples"], question.rng
        reference = drawing(question, rng)
        total = np.zeros(image.shape)
        for part in question.batches(samples, gradient=True):
            # One sample after the other, so that each gets the same numbers in steps of any size.
            drawn = [(reference(), rng.random()) for _ in range(part.start, part.stop)]
            changes = np.stack([image - start for start, _ in drawn])
            points = np.stack([image - (1 - alpha) * change for (_, alpha), change in zip(drawn, changes, strict=True)])
            _, gradients = question.gradients(points)
            total += (changes * gradients).sum(0, dtype=np.float64)
            yield Answer((total / part.stop).sum(-1), signed=True, progress=part.stop / samples)


def drawing(question: Question, rng: np.random.Generator) -> Callable[[], np.ndarray]:
    """A function that draws one baseline (H, W, C), as the model takes it.

    Raises
    ------
    ValueError
        When the given references are not a batch of images of the image's shape.
    """
    picture, given = question.example[question.query.source], question.options["references"]
    if not isinstance(given, Array):
        low, high = picture.range
        question.note(f"baselines are uniform noise between {low:g} and {high:g}, as displayed")
        return lambda: question.baseline(Array(rng.uniform(low, high, picture.given.shape)))
    batch = given.values
    if batch.shape[1:] != picture.given.shape or not len(batch):
        wanted = ", ".join(map(str, ("N", *picture.given.shape)))
        raise ValueError(f"references are a batch of images as displayed, ({wanted}), not an array of shape {batch.shape}.")
    question.note(f"baselines are drawn from {len(batch)} given image{'s' * (len(batch) > 1)}")
    return lambda: question.baseline(Array(batch[rng.integers(len(batch))]))
