"""Layer-wise relevance propagation: the score, passed back layer by layer to the inputs that contributed to it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from salwidget.attribution.context import Context
from salwidget.attribution.contract import Answer, Method, method
from salwidget.attribution.relevance import RULES, propagation, without_rule
from salwidget.engine.inputs import Input
from salwidget.engine.layers import Layer
from salwidget.engine.network import Network
from salwidget.options import Baseline, ByLayer, Choice, Number

EXTREMES = (("black", "black"), ("white", "white"))


@method
class LRP(Method):
    """Bach et al. 2015 (equations 58 and 60); Montavon et al. 2019, "Layer-Wise Relevance Propagation: An Overview".

    The rules are those of the Overview (section 10.2 and table 10.1), the mixed ones its "composite" strategy (section
    10.3). The backward pass starts with each unit's part of the score, v dS/dv, so that the map of a difference of targets is
    the difference of their maps. Relevance is lost where nothing pushes a unit up (z+), and to biases (epsilon and gamma): the
    note shows how much arrives. ``z_box`` assumes pixels between ``low`` and ``high``, both as displayed: they go through
    ``preprocess`` like the image, and through the model's own steps before its first weights.
    """

    name = "lrp"
    title = "LRP"
    group = "Gradients"
    sentence = "The score of {target}, handed back layer by layer to the pixels that it was made of."
    formula = "R_i = Σ_j x_i · w_ij · R_j / z_j, all the way down"
    limits = (
        "ε: without biases, ReLU networks give input × gradient. z⁺: counts support only, a negative batch "
        "normalisation scale as well. Not for attention, gates (squeeze-excite, hard sigmoid), GELU, SiLU."
    )
    paper = "Bach et al. 2015, doi:10.1371/journal.pone.0130140; Montavon et al. 2019, doi:10.1007/978-3-030-28954-6_10"
    units = "score"
    uses_gradient = False
    clip = 99.5

    rule = Choice(
        "rule",
        (
            ("epsilon", "ε: by x w, over z + ε"),
            ("z_plus", "z⁺: by the positive x w"),
            ("gamma", "γ: positive w count more"),
            ("epsilon_plus", "ε in dense layers, z⁺ in convolutions"),
            ("epsilon_gamma", "ε in dense layers, γ in convolutions"),
        ),
        default="epsilon",
    )
    epsilon = Number("ε", 1e-6, 0.0, 1.0, 0.01, help="in units of the RMS of z")
    gamma = Number("γ", 0.25, 0.0, 10.0, 0.05, help="how much more what pushes z its own way counts")
    first = Choice(
        "first layer",
        (
            ("same", "same rule"),
            ("z_box", "z-box: pixels have bounds"),
            ("w_square", "w²: by the weights alone"),
            ("flat", "flat: equal parts"),
            ("identity", "identity: as it arrives"),
        ),
        default="same",
        help="the rule where the pixels come in",
    )
    low = Baseline("lowest pixels", "black", EXTREMES, help="the lower bound of z-box, as displayed")
    high = Baseline("highest pixels", "white", EXTREMES, help="the upper bound of z-box, as displayed")
    composite = ByLayer("single layers", RULES, help="rules of single layers, by name, index or kind")

    def refine(self, context: Context) -> Iterator[Answer]:
        target, options = context.target, context.options
        if target.nearness_to is not None or any(unit.score != "logit" for _, unit in target.terms):
            raise ValueError("lrp explains a logit, which is a weighted sum; use score='logit' and no value to come closer to.")
        boxed = "z_box" in (options["first"], *(name for _, name in getattr(options["composite"], "pairs", ())))
        bounds = [context.baseline(options[name]) for name in ("low", "high")] if boxed else []
        rules = [options[name] for name in ("rule", "epsilon", "gamma", "first", "composite")]
        images = np.stack([context.image, *bounds])
        relevance = context.relevance(propagation(*rules, len(images)), images)
        context.note(f"conservation: relevance {relevance.sum():.4g} of a score of {context.score:.4g}")
        yield Answer(relevance.sum(-1), signed=True)

    def refusal(self, network: Network, target: Layer, source: Input) -> str:
        if not (names := without_rule(network.between(source, target), network.activations_by_operation)):
            return ""
        return f"lrp has no rule for {', '.join(names)} before layer {target}; choose an earlier layer, or 'input_x_gradient'."
