"""Layer-wise relevance propagation: the score handed back layer by layer, each time to what it was made of."""

from __future__ import annotations

from collections.abc import Iterator

from salwidget.attribution.contract import Answer, Method, method
from salwidget.attribution.question import Question
from salwidget.inputs import Input
from salwidget.layers import Layer
from salwidget.network import Network
from salwidget.options import Choice, Number
from salwidget.relevance import propagation, unruled


@method
class LRP(Method):
    """The epsilon and z+ rules (Bach et al. 2015, equations 58 and 60; Montavon et al. 2019, sections 10.2.1 and 10.2.2).

    The way back starts with each unit's part of the score, v dS/dv, so that the map of a difference of targets is the
    difference of their maps. The first layer follows the same rule: of a negative pixel, negative weights push z up. What
    nothing pushes up (by z+), or a bias (by epsilon), takes its relevance away: the note shows how much arrives.
    """

    name = "lrp"
    title = "LRP"
    group = "Gradients"
    sentence = "The score of {target}, handed back layer by layer to the pixels that it was made of."
    formula = "R_i = Σ_j x_i · w_ij · R_j / z_j, all the way down"
    limits = (
        "ε: without biases, ReLU networks give input × gradient. z⁺: counts support only, a negative batch "
        "normalisation scale as well. Not for attention, gates (squeeze-excite), GELU, SiLU."
    )
    paper = "Bach et al. 2015, doi:10.1371/journal.pone.0130140; Montavon et al. 2019, doi:10.1007/978-3-030-28954-6_10"
    units = "score"
    uses_gradient = False
    clip = 99.5

    rule = Choice("rule", (("epsilon", "ε: by x w, over z + ε"), ("z_plus", "z⁺: by the positive x w")), default="epsilon")
    epsilon = Number("ε", 1e-6, 0.0, 1.0, 0.01, help="in units of the RMS of z")

    def refine(self, question: Question) -> Iterator[Answer]:
        target = question.target
        if target.nearness_to is not None or any(unit.score != "logit" for _, unit in target.terms):
            raise ValueError("lrp explains a logit, which is a weighted sum; use score='logit' and no value to come closer to.")
        relevance = question.relevance(propagation(question.options["rule"], question.options["epsilon"]))
        question.note(f"conservation: relevance {relevance.sum():.4g} of a score of {question.score:.4g}")
        yield Answer(relevance.sum(-1), signed=True)

    def refusal(self, network: Network, target: Layer, source: Input) -> str:
        if not (names := unruled(network.between(source, target))):
            return ""
        return f"lrp has no rule for {', '.join(names)} before layer {target}; choose an earlier layer, or 'input_x_gradient'."
