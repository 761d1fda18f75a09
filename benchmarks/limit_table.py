"""The section on the physical limit: how far a pass is from the least time that the machine allows."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median

from benchmarks.limit import BOTH, BYTES, COPY, FLOPS, FORWARD, MATMUL, SALIENCY
from benchmarks.results import Section
from benchmarks.truth.page import table
from benchmarks.words import amount, digits

TEXT = """\
The machine multiplies large float32 matrices at {matmul} GFLOP/s and copies memory at {copy} GB/s (read and written), at its
best. A pass of a model cannot take less than its operations at the first rate, nor less than its bytes at the second one: the
larger of both is the least time, if everything else came for nothing. Operations are those of convolutions and matrix
products, done directly (an addition and a multiplication are two); bytes are what each of them reads and writes: weights,
feature maps, gradients. The bound is not sharp in either direction: feature maps that stay in the processor's cache move
faster than that, and depthwise convolutions have too few operations for each byte to reach the rate of large matrices.
"""


@dataclass(frozen=True)
class Limit:
    """Of one pass of a model: seconds that its operations and its bytes need, and that ours and the floor took."""

    model: str
    what: str
    gigaflop: float
    megabytes: float
    by_operations: float
    by_bytes: float
    floor: float
    ours: float | None

    @property
    def least(self) -> float:
        return max(self.by_operations, self.by_bytes)


def limits_of(section: Section) -> list[Limit]:
    """Every model, forward and forward + gradient; rates are the best that were measured."""
    known = {(figure.what, figure.model): figure.values for figure in section.figures}
    matmul, copy = max(known[MATMUL, ""]), max(known[COPY, ""])
    found = []
    for model in dict.fromkeys(model for _, model in known if model):
        for what in (FORWARD, BOTH):
            gigaflop, megabytes = known[f"{FLOPS}, {what}", model][0], known[f"{BYTES}, {what}", model][0]
            ours = median(known[SALIENCY, model]) if what == BOTH else None
            floor = median(known[f"compiled, {what}", model])
            found.append(Limit(model, what, gigaflop, megabytes, gigaflop / matmul, megabytes / 1e3 / copy, floor, ours))
    return found


def limits(section: Section) -> list[str]:
    """Text and table."""
    known = {figure.what: figure.values for figure in section.figures}
    head = ("model", "pass", "GFLOP", "MB", "by operations", "by bytes", "floor", "floor / least", "saliency / least")
    rows = [
        (
            *(one.model, one.what, digits(one.gigaflop), digits(one.megabytes)),
            *(amount(seconds, "s") for seconds in (one.by_operations, one.by_bytes, one.floor)),
            f"{one.floor / one.least:.1f}",
            "" if one.ours is None else f"{one.ours / one.least:.1f}",
        )
        for one in limits_of(section)
    ]
    return [TEXT.format(matmul=digits(max(known[MATMUL])), copy=digits(max(known[COPY]))), *table(head, rows)]
