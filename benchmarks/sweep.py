"""The maps of all filters of a layer for one image: as a batch of the image, one filter each, beside one by one."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from benchmarks.figures import Figure
from benchmarks.measuring import in_turn
from benchmarks.models import asked
from salwidget import Unit, explain, open_network
from salwidget.engine.resolve import target_of

LAYER, FILTERS = "block_6_expand", 192
BATCH = 16


def figures(seconds: float) -> Iterator[Figure]:
    """A sweep takes seconds: three repetitions at least, whatever ``seconds`` is."""
    made = asked("MobileNetV2")
    network = open_network(made.model)
    targets = [target_of(network, Unit(LAYER, index)) for index in range(FILTERS)]

    def batched() -> None:
        image = made.images.fresh()
        for first in range(0, FILTERS, BATCH):
            some = targets[first : first + BATCH]
            network.gradient(some, network.inputs[0])([np.broadcast_to(image, (len(some), *image.shape))])

    def each() -> None:
        image = made.images.fresh()
        for index in range(FILTERS):
            explain(made.model, image, layer=LAYER, filters=index)

    batched()
    explain(made.model, made.images.fresh(), layer=LAYER, filters=0)
    times = in_turn({"batched": batched, "each": each}, seconds)
    what = f"all {FILTERS} filters of {LAYER}, {BATCH} at once"
    yield Figure(what, times["batched"], passes=FILTERS, than="one by one", beside=times["each"], beside_passes=FILTERS)
