"""The section of ``docs/truth.md`` on regions that are covered."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from benchmarks.truth.covered import WIDE, beaten, box_covered, cue_covered, naming
from benchmarks.truth.page import table
from benchmarks.truth.photographs import MOBILENET, SQUEEZENET, available, photographs
from benchmarks.truth.shortcut import trained_twins

SEEDS = range(5)
SCENES = 20
# Of its controls a box must lower the log-odds more than so many.
MOST = 0.95


def named_cues() -> Iterator[str]:
    """Verdicts on the square of section 4."""
    yield "## 7. Verdicts on a planted cue\n"
    yield (
        f"`cover` on the square of section 4, in {SCENES} held-out scenes for each of five training seeds, asked for the "
        "log-odds of class 1 (its logit minus the other one). Model A relies on the square, its twin B does not. Each cell "
        'says in how many scenes the verdict is "the model uses it", for the class or against it, and in how many the '
        "square's p is at most 0.05.\n"
    )
    wide, usual = [], []
    for seed in SEEDS:
        twins = trained_twins(seed)
        for rows, options in ((wide, WIDE), (usual, {})):
            both = [cue_covered(model, seed, SCENES, options) for model in (twins.a, twins.b)]
            counts = [(naming(found), sum(one.p <= 0.05 for one in found)) for found in both]
            changes = [f"{np.mean([one.change for one in found]):+.2f}" for found in both]
            rows.append((seed, *(f"{count} / {SCENES}" for each in counts for count in each), *changes))
    head = ("seed", "named A", "p A", "named B", "p B", "change A", "change B")
    yield f"Blurred as widely as the square (sigma {WIDE['sigma']}):\n"
    yield from table(head, wide)
    yield (
        "Blurred by the default, a twentieth of the side, which is 0.8 pixels here and leaves the square its colour. The mean "
        "colour and the neighbours lower the log-odds more than twice as far, so that the verdict on A is "
        '"it depends on what you put there", with p as small as it can be:\n'
    )
    yield from table(head, usual)


def covered_boxes() -> Iterator[str]:
    """Log-odds of the true class with its boxes covered, beside controls."""
    yield "## The object covered, on photographs\n"
    if not available():
        yield "The photographs and models are not here; set SALWIDGET_TEST_DATA to their folder to have this section.\n"
        return
    chosen, readers = photographs(), (SQUEEZENET, MOBILENET)
    found = {(reader.name, one.path.name): box_covered(reader, one) for reader in readers for one in chosen}
    counts = {}
    for reader in readers:
        own = [found[reader.name, one.path.name] for one in chosen]
        counts[reader.name] = sum(beaten(made) > MOST for made in own)
    lowered = sum(made.change < 0 for made in found.values())
    without = sum(not len(made.controls) for made in found.values())
    yield (
        "The 16 photographs of the pointing game, their boxes blurred (`cover` with its defaults), asked for the log-odds of "
        "the true class, log(p / (1 - p)). Covering the box lowers them "
        f"more than {MOST:.0%} of its controls do in {sum(counts.values())} of {len(found)}: "
        f"{', '.join(f'{count} of {len(chosen)} with {name}' for name, count in counts.items())}. "
        f"It lowers them at all in {lowered} of {len(found)}. {without} have no control, because a box of more than half of "
        "the picture cannot be moved, and count as not. Each cell: change of the log-odds, and how many controls lower them "
        "less.\n"
    )
    rows = []
    for one in chosen:
        cells = []
        for reader in readers:
            made = found[reader.name, one.path.name]
            less = int((made.controls > made.change).sum())
            change = made.log_odds[1] - made.log_odds[0] if made.log_odds else float("nan")
            cells.append(f"{change:+.1f}, {f'{less} of {len(made.controls)}' if len(made.controls) else 'no control'}")
        rows.append((one.label, f"{one.region(SQUEEZENET.side).mean():.0%}", *cells))
    yield from table(("photograph", "boxes", *(reader.name for reader in readers)), rows)
