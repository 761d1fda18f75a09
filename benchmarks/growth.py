"""How a map's cost grows with the size of the image and with the batch, ours and the floor's."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.engine import NEW_IMAGE, ask
from benchmarks.figures import Figure
from benchmarks.measuring import in_turn
from benchmarks.models import asked, forward_and_gradient
from salwidget import Unit, open_network
from salwidget.engine.resolve import target_of

SIDES = (128, 224, 320, 512)
BATCHES = (1, 2, 4, 8, 16, 32)
BY_SIDE, BY_BATCH = "image", "batch"


def figures(seconds: float) -> Iterator[Figure]:
    """Half of ``seconds`` for each size."""
    for side in SIDES:
        made = asked("MobileNetV2", side)
        calls = {"saliency": ask(made, "saliency"), NEW_IMAGE: ask(made, "grad_cam")}
        for call in calls.values():
            call()
        times = in_turn({"floor": forward_and_gradient(made.model, made.images.few[:1]), **calls}, seconds / 2)
        for name in calls:
            yield Figure(f"{BY_SIDE}: {name}", times[name], than="floor", beside=times["floor"], at=side)
    made = asked("MobileNetV2")
    network = open_network(made.model)
    gradient = network.gradient(target_of(network, Unit(filters=20)), network.inputs[0])
    for count in BATCHES:
        images = made.images.few[:count]
        gradient([images])
        floor = forward_and_gradient(made.model, images)
        times = in_turn({"floor": floor, "ours": lambda images=images: gradient([images])}, seconds / 2)  # type: ignore[misc]
        what = f"{BY_BATCH}: gradient of a class"
        yield Figure(what, times["ours"], passes=count, than="floor", beside=times["floor"], beside_passes=count, at=count)
