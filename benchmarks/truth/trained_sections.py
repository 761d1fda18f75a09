"""Sections of ``docs/truth.md`` on models that were trained so that the answer is known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

import salwidget
from benchmarks.truth import composed, randomization, shortcut, tetrominoes
from benchmarks.truth.asked import NO_HEAD, NOT_OF_A_CLASS, SLOW, Asked, everyone
from benchmarks.truth.page import reasons, table
from salwidget.demo import digits

SEEDS = range(5)
FEW = SEEDS[:2]
PICTURES = 6

# What a picture without information is, where the data is signed noise.
ZERO = np.zeros((tetrominoes.SIDE, tetrominoes.SIDE, 1))


def randomized() -> Iterator[str]:
    """Point 3."""
    demo = digits()
    left_out = NOT_OF_A_CLASS | SLOW
    asked = everyone(left_out, {"expected_gradients": {"references": demo.images}})
    chosen = slice(0, 2 * PICTURES, 2)
    found = [randomization.likeness(demo.model, demo.images[chosen], demo.classes[chosen], asked, seed) for seed in FEW]
    layers = list(dict.fromkeys(row.layer for row in found[0]))
    yield "## 3. Randomized weights\n"
    yield (
        "The weights of the shipped digit reader are drawn again, from the top layer down to the layer that a column names "
        "(Adebayo et al. 2018). Each cell says how alike the magnitudes of the maps still are to those of the trained model, "
        f"as Spearman / SSIM, the mean over {PICTURES} digits and seeds {FEW[0]} to {FEW[-1]}. Saliency and Grad-CAM must lose "
        "their likeness; guided backprop is known to keep it longer, because it draws the picture's edges. Both models' "
        "maps draw their own noise. Methods that multiply by the picture, whose background is zero, keep the digit's outline: "
        "a high rank correlation there speaks of the picture, not of the model.\n"
    )
    yield from table(
        ("method", *layers),
        [
            (
                f"`{one.name}`",
                *(
                    _means(
                        [row for part in found for row in part if row.asked is one and row.layer == layer], "spearman", "ssim"
                    )
                    for layer in layers
                ),
            )
            for one in asked
        ],
    )
    yield from reasons(left_out, salwidget.METHODS)


def planted() -> Iterator[str]:
    """Point 4."""
    drawn = shortcut.scenes(40, 99)
    both = np.concatenate([drawn.with_cue[:20], drawn.without[20:]])
    asked = everyone(NOT_OF_A_CLASS, {"expected_gradients": {"references": both}})
    causes, shares = [], []
    for seed in SEEDS:
        twins = shortcut.trained_twins(seed)
        causes.append(shortcut.causes(twins, seed))
        shares.append(shortcut.cue_mass(twins, asked, seed, PICTURES))
    yield "## 4. A planted shortcut\n"
    yield (
        "Two classes of bars in noise; model A was trained where a coloured square gives the class away better than the bar "
        "does, its twin B where the square means nothing (Yang and Kim 2019; Zhou et al. 2021). First the causal check: taking "
        "the square away must change the class for A and not for B. The table says how often it does.\n"
    )
    head = ("seed", "accuracy A", "accuracy B", "flipped A", "flipped B")
    cells = [(one.accuracy_a, one.accuracy_b, one.flipped_a, one.flipped_b) for one in causes]
    yield from table(head, [(seed, *row) for seed, row in zip(SEEDS, cells, strict=True)])
    area = float(np.mean([part[0].area for part in shares]))
    yield (
        f"Then the share of a map's magnitude that lies in the square, which is {area:.1%} of the area: the mean over "
        f"{PICTURES} held-out scenes and {len(SEEDS)} seeds, and the range over seeds. A map that explains the model is far "
        "above the area for A, and about at it or below for B. A plain gradient also says where a square could be put, "
        "and is less marked for that; RISE is positive everywhere, so that its peak says more than its mass. The last columns: "
        "how often the map's peak lies in the square.\n"
    )
    rows = []
    for one in asked:
        same = [row for part in shares for row in part if row.asked is one]
        a, b, *peaks = ([getattr(row, key) for row in same] for key in ("a", "b", "peak_a", "peak_b"))
        rows.append((f"`{one.name}`", *_with_range(a), *_with_range(b), f"{np.mean(a) / area:.1f}", *map(_mean, peaks)))
    yield from table(("method", "A", "range", "B", "range", "A / area", "peak A", "peak B"), rows)
    yield from reasons(NOT_OF_A_CLASS, salwidget.METHODS)


def _mean(values: Sequence[float]) -> str:
    return f"{np.mean(values):.2f}"


def _with_range(values: Sequence[float]) -> tuple[str, str]:
    return _mean(values), f"{min(values):.2f} to {max(values):.2f}"


def tetromino_scores() -> Iterator[str]:
    """Point 5."""
    left_out = NOT_OF_A_CLASS | SLOW | NO_HEAD
    yield "## 5. Tetrominoes (XAI-TRIS)\n"
    yield (
        "8 x 8 pixels of white noise with tetrominoes (Clark et al. 2023). Precision is the share of the n largest magnitudes "
        "that lie on the n pixels of the truth; EMD is 1 - the earth mover's distance to them over the longest distance. Each "
        f"cell is precision / EMD, the mean over {2 * PICTURES} held-out pictures that the model classifies rightly and seeds "
        f"{FEW[0]} to {FEW[-1]}. Chance is a map of uniform noise.\n"
    )
    columns: dict[str, dict[str, list[tetrominoes.Found]]] = {}
    accuracies: dict[str, list[float]] = {}
    for scenario in tetrominoes.SCENARIOS:
        for kind in ("linear", "cnn") if scenario == "linear" else ("cnn",):
            column = columns.setdefault(f"{scenario}, {kind}", {})
            for seed in FEW:
                model = tetrominoes.trained(scenario, kind, seed)
                accuracy, rows = tetrominoes.found(model, scenario, _of_noise(left_out, kind), seed, 2 * PICTURES)
                accuracies.setdefault(f"{scenario}, {kind}", []).append(accuracy)
                for row in rows:
                    column.setdefault(row.name, []).append(row)
    names = [*(one.name for one in _of_noise(left_out, "cnn")), "chance"]
    yield from table(
        ("method", *columns),
        [
            ("accuracy", *(float(np.mean(values)) for values in accuracies.values())),
            *(
                (f"`{name}`", *(_means(rows.get(name, []), "precision", "earth_mover") for rows in columns.values()))
                for name in names
            ),
        ],
    )
    yield "A dash: the linear model has neither a feature map nor a rectifier.\n"
    yield from reasons(left_out, salwidget.METHODS)


def _of_noise(left_out: Mapping[str, str], kind: str) -> list[Asked]:
    """Who is asked about signed noise; of a linear model those who need neither a feature map nor a rectifier."""
    drawn = tetrominoes.pictures("xor", 30, 99).images
    given = {
        "integrated_gradients": {"baseline": ZERO},
        "guided_ig": {"baseline": ZERO},
        "expected_gradients": {"references": drawn},
        "occlusion": {"fill": ZERO},
    }
    asked = everyone(left_out, given)
    if kind == "cnn":
        return asked
    return [one for one in asked if not one.modifier and salwidget.METHODS[one.method].group != "Feature maps"]


def pointed_digits() -> Iterator[str]:
    """Point 6."""
    yield "## 6. Composed digits and class swap\n"
    yield (
        "Four different digits in a 2 x 2 grid, each asked for in turn. Hits: the peak lies in the digit asked for (chance "
        "0.25); share: of the positive values in it (chance 0.25); swap: over all ordered pairs, the peak lies in the one "
        "digit when that is asked for and in the other after the swap (chance 0.06).\n"
    )
    measures = ("hits", "share", "followed")
    for reader, unfit in ((composed.trained_reader, NO_HEAD), (composed.shipped_reader, {})):
        left_out = NOT_OF_A_CLASS | SLOW | unfit
        found = []
        for seed in FEW:
            model, drawn = reader(seed, PICTURES)
            asked = everyone(left_out, {"expected_gradients": {"references": drawn.images}})
            found.append(composed.pointed(model, asked, drawn, seed))
        words = "Trained on such grids, maximum over space" if unfit else "Shipped, of single digits, mean over space"
        yield f"{words} ({PICTURES} grids for each of seeds {FEW[0]} to {FEW[-1]}):\n"
        rows = [
            (f"`{same[0].asked.name}`", *(_mean([getattr(row, key) for row in same]) for key in measures))
            for same in zip(*found, strict=True)
        ]
        yield from table(("method", "hits", "share", "swap"), rows)
        yield from reasons(left_out, salwidget.METHODS)


def _means(rows: Sequence[object], *measures: str) -> str:
    """The mean of each measure over rows, "a / b"; a dash where there are none."""
    return " / ".join(_mean([getattr(row, key) for row in rows]) for key in measures) if rows else "-"
