"""Input x gradient: what each pixel contributes to a linearised score."""

from __future__ import annotations

from collections.abc import Iterator

from salwidget.attribution.context import Context
from salwidget.attribution.contract import Answer, Method, method


@method
class InputXGradient(Method):
    """The input times its gradient, summed over channels (Shrikumar et al. 2016, section 1)."""

    name = "input_x_gradient"
    title = "Input × gradient"
    group = "Gradients"
    sentence = "What each pixel adds to {target}, if the model were linear around this image."
    formula = "Σ_c x_c · ∂S/∂x_c"
    limits = "Pixels at zero (after preprocessing) get nothing, whatever their gradient."
    paper = "Shrikumar, Greenside, Shcherbina, Kundaje 2016, arXiv:1605.01713"
    units = "score"
    clip = 99.5

    def refine(self, context: Context) -> Iterator[Answer]:
        yield Answer((context.image * context.gradient()).sum(-1), signed=True)
