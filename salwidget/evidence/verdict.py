"""What an intervention comes to, in sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

# A patch that fewer than one in twenty controls equal is out of the ordinary; with fewer than 19 none can be.
UNUSUAL = 0.05
# A change that is smaller than this share of the score is rounding.
ROUNDING = 1e-6


def p_of(change: float, controls: np.ndarray, keep: bool) -> float:
    """(1 + number of controls at least as extreme) / (1 + K); NaN without controls.

    Where the region is covered, extreme is a change as large in either direction; where all else is, a score as high.
    """
    if not len(controls):
        return float("nan")
    extreme = controls >= change if keep else np.abs(controls) >= abs(change)
    return (1 + int(extreme.sum())) / (1 + len(controls))


def depends(changes: Mapping[str, float], score: float) -> bool:
    """Whether replacements disagree: in sign, or the smallest change is less than half of the largest."""
    values = np.array(list(changes.values()))
    largest = float(np.abs(values).max(initial=0))
    if largest <= ROUNDING * max(1.0, abs(score)):
        return False
    return bool(np.sign(values).min() != np.sign(values).max() or np.abs(values).min() < largest / 2)


def verdict(
    what: str,
    area: float,
    change: float,
    controls: np.ndarray,
    possible: int | None,
    agreement: Mapping[str, float],
    score: float,
    log_odds: tuple[float, float] | None,
    probability: tuple[float, float] | None,
    keep: bool,
) -> str:
    """The sentences under a chart: what happened, beside its control, and what follows.

    ``what`` is the score in words, ``area`` the region's part of the image, ``possible``
    how many controls there will be, None where none was wanted.
    """
    begin = "Covering all but the region" if keep else "Covering the region"
    said = [f"{begin} ({area:.0%} of the picture) {_moves(what, change)}"]
    if len(controls):
        said[0] += f"; {_beside(change, controls, keep)}"
    said[0] += "."
    unsettled = depends(agreement, score)
    if not (unsettled and p_of(change, controls, keep) <= UNUSUAL):
        said.append(_follows(change, controls, possible, area, keep))
    if unsettled:  # then it is not said that the model uses the region
        each = ", ".join(f"{name} {value:+.3g}" for name, value in agreement.items())
        said.append(f"It depends on what you put there: {each}.")
    if probability and log_odds and change * (log_odds[1] - log_odds[0]) < 0 and abs(change) > ROUNDING * max(1, abs(score)):
        directions = ("rises", "falls") if change > 0 else ("falls", "rises")
        before, after = (_percent(each) for each in probability)
        said.append(
            f"The score {directions[0]} but the probability {directions[1]}, from {before} to {after}: other classes move more."
        )
    return " ".join(said)


def _moves(what: str, change: float) -> str:
    return f"{'lowers' if change < 0 else 'raises'} {what} by {abs(change):.3g}" if change else f"leaves {what} as it is"


def _beside(change: float, controls: np.ndarray, keep: bool) -> str:
    count, middle = len(controls), float(np.median(controls))
    verb = ("keeping " if keep else "") + f"{count} patch{'es' * (count > 1)} of the same shape elsewhere"
    usual = f"{'change' if keep or count > 1 else 'changes'}{'s' * keep} it by {middle:+.3g}" + " in the middle" * (count > 1)
    extent = f" ({controls.min():+.3g} to {controls.max():+.3g})" if count > 1 else ""
    as_much = round(p_of(change, controls, keep) * (1 + count)) - 1
    number = "none of them" if not as_much else f"{as_much} of them"
    how = "keeps as much" if keep else "moves it as much"
    if as_much > 1:
        how = "keep as much" if keep else "move it as much"
    return f"{verb} {usual}{extent}, {number} {how} (p = {p_of(change, controls, keep):.2g})"


def _follows(change: float, controls: np.ndarray, possible: int | None, area: float, keep: bool) -> str:
    if not len(controls):
        if possible is None:
            return "Without a control this says little."
        if possible:
            return "Its controls are to come."
        whole = "is the whole image" if area == 1 else "is too large to be moved"
        return f"The region {whole}: no control is possible, and without one this says little."
    if p_of(change, controls, keep) <= UNUSUAL:
        if keep:
            return "The region alone does more than others would."
        return "The model uses it." if change < 0 else "The model uses it, as evidence against."
    if (1 + len(controls)) * UNUSUAL < 1:
        return "These are too few controls to tell."
    return "Other places do as much: this does not show that the model uses it."


def _percent(share: float) -> str:
    return f"{share:.1%}" if 0.001 <= share <= 0.999 else f"{share:.2g}"


def score_said(name: str, scores: Sequence[str], has_end: bool) -> str:
    """E.g. "the logit of wolf"; ``name`` alone where the output has no final activation, or the target is a sum."""
    return f"the {scores[0].replace('_', ' ')} of {name}" if has_end and len(set(scores)) == 1 else name
