"""The scalar that is explained: filters of a layer, as a logit or a probability."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

SCORES = ("logit", "probability")


@dataclass(frozen=True)
class Target:
    """Mean over ``filters`` (None: all of them) and over space of a layer's output.

    ``score`` matters for the model's output only: "logit" is what goes into its final softmax or sigmoid.
    """

    layer: int
    filters: tuple[int, ...] | None
    score: str

    def weights(self, count: int) -> np.ndarray:
        """Weight of each of the layer's ``count`` filters in the score, (1, count)."""
        row = np.zeros((1, count), np.float32)
        chosen = list(range(count)) if self.filters is None else list(self.filters)
        row[0, chosen] = 1 / len(chosen)
        return row


def target_of(network: Any, layer: int | str, filters: int | Sequence[int] | None, score: str) -> Target:
    """Check a target against a network and put it into its one canonical form.

    Raises
    ------
    ValueError
        For an unknown layer or score, or a filter that the layer does not have (with the count).
    TypeError
        For filters that are not integers.
    """
    found = network.layer(layer)
    if score not in SCORES:
        raise ValueError(f"score {score!r} is not known; use 'logit' or 'probability'.")
    if found != network.output:
        score = "logit"
    elif score == "probability" and (reason := why_no_probability(network)):
        raise ValueError(f"score='probability' needs a final softmax or sigmoid: {reason}; use score='logit'.")
    if filters is None:
        return Target(found.index, None, score)
    chosen = tuple(_index(one) for one in (filters if isinstance(filters, (Sequence, np.ndarray)) else (filters,)))
    if not chosen:
        raise ValueError("filters is empty: name at least one filter, or use None for all.")
    count = found.filters
    for one in chosen:
        if not -count <= one < count:
            raise ValueError(
                f"filter {one} is out of range: layer {found} has {count} filter{'s' * (count != 1)}"
                + (f", 0 to {count - 1}." if count > 1 else ", number 0.")
            )
    return Target(found.index, tuple(dict.fromkeys(one % count for one in chosen)), score)


def why_no_probability(network: Any) -> str:
    """Why the model's output has no probability; empty where it has."""
    return "" if network.activation != "none" else f"the output of {network.name} is its score as it stands"


def _index(value: Any) -> int:
    if isinstance(value, (bool, str)) or not isinstance(value, (int, np.integer)):
        raise TypeError(f"filters are given by their numbers, not by {value!r}.")
    return int(value)
