"""What a peer declares: its maps beside ours, and the calls that are timed."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import keras
import numpy as np

from benchmarks.peers.case import CLASS, Case
from benchmarks.peers.formulas import Map

Call = Callable[[], object]
# By the name of a task: makes what is made once, like an explainer, and returns the call.
Calls = dict[str, Callable[[], Call]]
WIDE = Case()
ANOTHER_CLASS = "saliency, another class each time"


@dataclass(frozen=True)
class Theirs:
    """One map of a peer.

    Attributes
    ----------
    asked
        The question, a key of ``formulas.ASKED``.
    how
        How the peer is called, so that its map (h, w) means the same as ours.
    map
        The call.
    differs
        Why the map is not the paper's; empty: it is, within ``tolerance`` of ours.
    tolerance
        Largest difference, as a share of the largest value.
    case
        What both sides get.
    """

    asked: str
    how: str
    map: Map
    differs: str = ""
    tolerance: float = 1e-4
    case: Case = WIDE


@dataclass(frozen=True)
class Peer:
    """A library: its name, that of its distribution, its maps, and what it can do of ``tasks.TASKS``.

    ``calls`` takes a Keras model that ends in logits, the same one with a softmax, and an image (H, W, 3).
    """

    name: str
    distribution: str
    maps: tuple[Theirs, ...]
    calls: Callable[[keras.Model, keras.Model, np.ndarray], Calls]


def another_class(ask: Callable[[int], object]) -> Call:
    """``ask`` about a class that was not asked before."""
    return partial(lambda classes: ask(next(classes)), itertools.count(CLASS + 1))
