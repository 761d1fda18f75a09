"""Where papers leave something open, or libraries part from them: which side each takes, for docs/parity.md."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Side:
    """A question, what the paper says of it, who does what, what we do and why."""

    question: str
    paper: str
    peers: str
    ours: str


SIDES = (
    Side(
        "Grad-CAM++: sums or means over cells",
        "sums, in α and in the weights (eq. 10 and 19)",
        "xplique: means in both; tf-keras-vis: sums, then α over their sum",
        "the paper's sums; the factor exp(S), which scales the map alone, is left out",
    ),
    Side(
        "Grad-CAM++: which Y",
        "Y = exp(S), so that derivatives are powers of g",
        "tf-keras-vis: exp(S) times each power of g; xplique: powers of g",
        "powers of g: exp(S) cancels in α, and overflows for large logits",
    ),
    Side(
        "Blur IG: the border",
        "not said: the blur is that of an endless plane",
        "PAIR: black beyond the border, which darkens it more with each step",
        "mirrored, so that the image's mean stays and the border is no edge of its own",
    ),
    Side(
        "CAMs: from cells to pixels",
        "Grad-CAM: bilinear; the authors of Score-CAM: bilinear, cells' centres in place",
        "tf-keras-vis: linear, from corner to corner; PAIR: linear, centres; tf-explain: linear, centres; xplique: bicubic;"
        " Captum: nearest for Guided Grad-CAM, else cells as they are",
        "linear, centres in place; `cells` has them as they are",
    ),
    Side(
        "Occlusion: the last window",
        "not said",
        "xplique: none past the last whole step, so the end may stay uncovered; tf-explain and Captum: cut off"
        " at the border; PAIR: each place, stride 1",
        "moved back, so that it ends with the image: each pixel is covered, each window of one size",
    ),
    Side(
        "Occlusion: pixels under several windows",
        "not said: it has a value for each place of the window",
        "xplique and PAIR: sums; Captum: means; tf-explain: windows do not overlap",
        "means, so that the border does not fade and the unit stays that of the score",
    ),
    Side(
        "Paths and noise: models of several inputs",
        "x is all that the model is fed: all move (its example of two equal networks has two inputs)",
        "Captum: all move; PAIR: has one input",
        'all move together, and their maps add up to S(x) − S(x0); `inputs="alone"` holds the others at the image',
    ),
    Side(
        "Guided and rectified: a unit at its cap",
        "no caps; guided asks y > 0, deconv nothing of y",
        "xplique: x > 0, a cap of `layers.ReLU` passes, relu6 is not replaced; tf-keras-vis: x > 0, `activations.relu` alone;"
        " Captum: `nn.ReLU` alone, `ReLU6` keeps its gradient, zero at the cap",
        "y > 0 for each cap, so a unit at its cap passes; `docs/methods.md` says why",
    ),
    Side(
        "Guided and rectified: gates such as hard_sigmoid",
        "not said: rectifiers only",
        "none replaces them: they look for layers of one kind, and replace nothing else",
        "left alone and named in a note, though their graph has a ReLU6",
    ),
    Side(
        "LRP γ: negative inputs and sums",
        "Montavon et al. 2019: for x ≥ 0, z > 0",
        "Captum: the formula as it stands, for all signs",
        "what has the sign of z counts 1 + γ times, which is the formula where x ≥ 0 and z > 0; no sum can then be zero",
    ),
    Side(
        "LRP: biases",
        "a weight of an input that is 1: it keeps its part (ε, γ); none for z⁺, w², z-box",
        "Captum: keeps its part unless told not to",
        "as the paper; the note on the map says how much relevance arrives",
    ),
)


def table() -> list[str]:
    """All sides, Markdown."""
    lines = [
        "## Sides taken",
        "",
        "What a paper leaves open, or where libraries part from it. Peers as their code reads in the versions above.",
        "",
        "| question | the paper | peers | salwidget |",
        "|---|---|---|---|",
    ]
    return [*lines, *(f"| {side.question} | {side.paper} | {side.peers} | {side.ours} |" for side in SIDES)]
