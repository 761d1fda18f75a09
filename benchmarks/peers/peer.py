"""What a peer declares: its maps beside ours, and the calls that are timed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import keras
import numpy as np

from benchmarks.peers.case import Case
from benchmarks.peers.formulas import Map

Calls = dict[str, Callable[[], object]]
WIDE = Case()


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
    """A library: its name, that of its distribution, its maps, and what it can do of ``speed.TASKS``.

    ``calls`` takes a Keras model that ends in logits, the same one with a softmax, and an image (H, W, 3); making a call
    may take long, as constructors do.
    """

    name: str
    distribution: str
    maps: tuple[Theirs, ...]
    calls: Callable[[keras.Model, keras.Model, np.ndarray], Calls]
