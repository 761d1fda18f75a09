"""Sections of ``docs/truth.md`` on what must be equal: formulas, closed forms, axioms."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

import salwidget
from benchmarks.truth import axioms, exact, references
from benchmarks.truth.page import table
from tests import architectures

SEEDS = range(5)
FEW = SEEDS[:3]
MANY = range(10)
DRAWN = range(200)
PATHS = (
    ("integrated_gradients", "softplus", 50),
    ("integrated_gradients", "relu", 50),
    ("guided_ig", "softplus", 50),
    ("guided_ig", "softplus", 300),
    ("blur_ig", "softplus", 50),
)


def methods() -> Iterator[str]:
    """Each method and its reference."""
    yield "## Each method against its formula\n"
    yield (
        "A CNN with random weights (two 3 x 3 convolutions, 12 x 12 x 2 pixels, float64) is written out forward and backward "
        "in numpy, and each formula computed from that. The error is the largest difference of cells over the reference's "
        f"largest value, the worst of seeds {FEW[0]} to {FEW[-1]}, and the seed it was found at. Heatmaps are float32: 5e-8 "
        "is rounding. Noise, draws, masks and segments are shared with the engine, so that the formula is compared and not "
        "the luck.\n"
    )
    rows = []
    for name in salwidget.METHODS:
        found = [references.agreement(name, seed) for seed in FEW] if name in references.REFERENCES else []
        for same in zip(*found, strict=True):
            worst = max(same, key=lambda row: row.error)
            rows.append((f"`{worst.asked.name}`", worst.words, worst.error, worst.seed))
    yield from table(("method", "compared with", "error", "seed"), rows)
    missing = references.unreferenced()
    yield f"No reference here for: {', '.join(missing)}.\n" if missing else "Every registered method has a reference.\n"


def random_architectures() -> Iterator[str]:
    """Many networks that nobody chose."""
    yield "## Random architectures\n"
    yield (
        f"{len(DRAWN)} networks that a seed draws: signals, images and volumes, one input or two, convolutions with or without "
        "batch normalisation, residual sums, branches, squeeze-excite gates, nested models, every kind of rectifier (caps, "
        "slopes, thresholds) and a dozen smooth activations, each spelled at random. The reference is a tape in float64 on a "
        "twin whose activations are formulas with a gradient of their own. Then half of the layers get other weights, and all "
        "is asked again. Those of one input and output also stand in a Sequential, whose last layer goes and others come. "
        "Error over the map's largest value; 5e-8 is the rounding to float32. Rules are asked for where rectifiers are.\n"
    )
    found: dict[str, list[float]] = {}
    for seed in DRAWN:
        drawn, twin = (architectures.Drawn(seed, twin) for twin in (False, True))
        for words in ("as drawn", "other weights"):
            for name, error in architectures.errors(drawn, twin, seed).items():
                found.setdefault(f"{name.replace(' of first', '').replace(' of second', '')}; {words}", []).append(error)
            for each in (drawn, twin):
                architectures.weigh(each.model, seed + 1000, share=0.5)
        for name, error in architectures.errors_when_restructured(seed).items():
            found.setdefault(name.replace(" of first", ""), []).append(error)
    rows = [(*what.split("; "), len(errors), float(np.median(errors)), max(errors)) for what, errors in found.items()]
    yield from table(("map", "asked", "maps", "median", "worst"), rows)


def hand_weighted() -> Iterator[str]:
    """Point 1."""
    yield "## 1. Nets weighed by hand\n"
    yield (
        "8 x 8 pixels of signed noise, of which the score sees the middle 6 x 6; the map is known in closed form. Error over "
        "the map's largest value (aim: 1e-5), and the largest value outside the receptive field (aim: 0), worst of seeds "
        f"{SEEDS[0]} to {SEEDS[-1]}. Occlusion rightly leaves the field: a patch at its border covers pixels beyond.\n"
    )
    found = [exact.exactness(seed) for seed in SEEDS]
    rows = []
    for same in zip(*found, strict=True):
        asked = same[0].asked
        worst = max(row.error for row in same), max(row.outside for row in same)
        rows.append((same[0].net, f"`{asked.name}`", asked.settings, *worst))
    yield from table(("net", "method", "options", "error", "outside"), rows)


def axiom_rows() -> Iterator[str]:
    """Point 2."""
    yield "## 2. Axioms\n"
    yield (
        f"Median and worst over seeds {MANY[0]} to {MANY[-1]} for completeness, {SEEDS[0]} to {SEEDS[-1]} for the rest. "
        "Through rectifiers the gradient jumps, and no quadrature of 50 points is exact across a jump; where S(x) hardly "
        "differs from S(start), a small residual is a large share of the difference. Random masks (`rise`) give unread pixels "
        "the luck of the read one and are left out there.\n"
    )
    rows = _completeness()
    for words, measure, of in _claims():
        values = [of(seed) for seed in SEEDS]
        rows.append((words, measure, float(np.median(values)), max(values)))
    yield from table(("what", "measure", "median", "worst"), rows)


def _completeness() -> list[tuple[str, str, float, float]]:
    rows = []
    for method, activation, steps in PATHS:
        residuals = [axioms.completeness(method, steps, activation, seed) for seed in MANY]
        what = f"completeness of `{method}`, {steps} steps, {activation} net"
        for share, values in (
            ("S(x) - S(start)", [one.of_change for one in residuals]),
            ("the map's magnitude", [one.of_magnitude for one in residuals]),
        ):
            rows.append((what, f"residual / {share}", float(np.median(values)), max(values)))
    return rows


def _claims() -> list[tuple[str, str, Callable[[int], float]]]:
    """What is claimed, the measure, and the measure as a function of the seed."""
    claims: list[tuple[str, str, Callable[[int], float]]] = [
        ("linear net: `integrated_gradients` = `input_x_gradient`", "largest difference", axioms.linear)
    ]
    for rule, epsilon in (("epsilon", 0.0), ("epsilon", 1e-6), ("z_plus", 0.0)):
        words = f"conservation of `lrp`, no biases, {rule}" + f" {epsilon:g}" * (rule == "epsilon")
        claims.append((words, "residual / S", partial(axioms.conservation, rule, epsilon)))
    for method in ("grad_cam", "hirescam", "cam"):
        words = f"mean over space + linear head: `{method}` = CAM by hand"
        claims.append((words, "1 - cosine", partial(axioms.cam_up_to_scale, method)))
    for asked in axioms.asked_of_the_function(axioms.BY_RANDOM_MASKS):
        words = f"a pixel that is not read gets nothing: `{asked.name}`"
        claims.append((words, "largest value", partial(axioms.at_unread, asked)))
    for asked in axioms.asked_of_the_function():
        words = f"two networks, one function: `{asked.name}`"
        claims.append((words, "largest difference", partial(axioms.invariance, asked)))
    return claims
