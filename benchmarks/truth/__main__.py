"""Write ``docs/truth.md``: ``python -m benchmarks.truth`` (20 minutes), or with the names of sections to print them."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import keras
import tensorflow as tf

import salwidget
from benchmarks.truth import equal_sections, trained_sections
from benchmarks.truth.asked import QUICK
from benchmarks.truth.covered_section import covered_boxes, named_cues
from benchmarks.truth.photograph_section import pointing_game

PAGE = Path(__file__).parents[2] / "docs" / "truth.md"
SECTIONS: dict[str, Callable[[], Iterator[str]]] = {
    "methods": equal_sections.methods,
    "architectures": equal_sections.random_architectures,
    "exact": equal_sections.hand_weighted,
    "axioms": equal_sections.axiom_rows,
    "randomization": trained_sections.randomized,
    "shortcut": trained_sections.planted,
    "tetrominoes": trained_sections.tetromino_scores,
    "digits": trained_sections.pointed_digits,
    "cues": named_cues,
    "photographs": pointing_game,
    "boxes": covered_boxes,
}


def main(names: list[str]) -> None:
    if unknown := [name for name in names if name not in SECTIONS]:
        raise SystemExit(f"There is no section {unknown[0]!r}; the sections are {', '.join(SECTIONS)}.")
    quick = "; ".join(f"`{name}` {key} {value}" for name, options in QUICK.items() for key, value in options.items())
    lines = [
        "# Are the maps true?\n",
        "Written by `python -m benchmarks.truth`; every number was measured in that run, on "
        f"TensorFlow {tf.__version__}, Keras {keras.__version__}, {len(salwidget.METHODS)} methods. "
        "The same experiments, smaller, are asserted in `tests/truth`. From section 3 on, where thousands of maps are drawn, "
        f"these options are below their defaults: {quick}.\n",
    ]
    for name in names or SECTIONS:
        started = time.perf_counter()
        found = list(SECTIONS[name]())
        print(f"{name}: {time.perf_counter() - started:.0f} s", file=sys.stderr, flush=True)
        lines += found
        if names:
            print("\n".join(found))
    if not names:
        PAGE.write_text("\n".join(lines).rstrip() + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
