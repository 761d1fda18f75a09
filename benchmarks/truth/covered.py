"""Regions covered: do verdicts name a planted cue, and what does covering an object do to the log-odds of its class?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np

from benchmarks.truth.photographs import Photograph, Reader
from benchmarks.truth.shortcut import CUE, HELD_OUT, scenes
from salwidget import Unit, cover
from salwidget.evidence import Intervention

# A blur as wide as the square. The default, 1/20 of the side, is 0.8 pixels here, and leaves a square of 3 its colour.
WIDE = {"sigma": CUE}
# Of an output with two classes the difference of the logits is the log-odds.
OF_TWO = Unit(filters=1) - Unit(filters=0)


def cue_covered(model: keras.Model, seed: int, count: int, options: Mapping[str, Any] = WIDE) -> list[Intervention]:
    """The square covered in ``count`` held-out upright bars, as for ``cue_mass``: the log-odds of class 1."""
    held_out = scenes(HELD_OUT, seed + 1000)
    chosen = np.flatnonzero(held_out.classes == 1)[:count]
    asked = {"target": OF_TWO, "seed": seed, "progress": False, **options}
    return [cover(model, held_out.with_cue[n], held_out.cue[n], **asked) for n in chosen]


def naming(found: Sequence[Intervention]) -> int:
    """How many verdicts say that the model uses the region, be it for the class or against it."""
    return sum("The model uses it" in one.sentence for one in found)


def box_covered(reader: Reader, photograph: Photograph) -> Intervention:
    """The boxes of a photograph blurred, asked for log p of its true class, with which the log-odds rise and fall."""
    return cover(
        reader.model,
        reader.image(photograph),
        photograph.region(reader.side),
        filters=photograph.index,
        score="log_probability",
        preprocess=reader.preprocess,
        progress=False,
    )


def log_odds_changes(made: Intervention) -> np.ndarray:
    """Changes (K,) of the log-odds under the controls of an intervention on log p: log-odds = log p - log(1 - p)."""
    assert made.log_odds is not None
    log_p = made.before + made.controls
    return np.asarray(log_p - np.log(-np.expm1(np.minimum(log_p, -1e-7))) - made.log_odds[0])


def beaten(made: Intervention) -> float:
    """The share of controls that lower the score less than the region does; NaN where there is no control."""
    return float(np.mean(made.controls > made.change)) if len(made.controls) else float("nan")
