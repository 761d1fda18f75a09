"""What tracing costs: the first map of a process, the first of a layer, and another class or filter, which trace nothing."""

from __future__ import annotations

import itertools
import json
import sys
from collections.abc import Iterator

from benchmarks.figures import Figure
from benchmarks.measuring import Call, in_fresh_process, in_turn, timed
from benchmarks.models import CLASS, RANGES, Asked, asked, forward_and_gradient
from salwidget import explain, open_network

# Method -> how many processes for MobileNetV2 and for each other model; "floor" is the first call of a tf.function.
FIRST = {"saliency": (5, 2), "grad_cam": (2, 0), "floor": (2, 1)}
WORDS = {
    "saliency": "first map ever, saliency",
    "grad_cam": "first map ever, Grad-CAM",
    "floor": "first call of the floor's own tf.function",
}
MIDDLE = "block_6_expand"
CHANGES = 20


def figures(seconds: float) -> Iterator[Figure]:
    """``seconds`` is the time for each figure's repetitions; processes and layers are as many as they are."""
    for model in RANGES:
        for method, (often, otherwise) in FIRST.items():
            count = often if model == "MobileNetV2" else otherwise
            count = min(count, 5 if seconds >= 1 else 1)
            if times := [in_fresh_process("benchmarks.layers", model, method) for _ in range(count)]:
                yield Figure(WORDS[method], times, model=model)
    made = asked("MobileNetV2")
    yield from changes(made, seconds)
    yield from new_layers(made)


def first(model: str, method: str) -> float:
    """Seconds of the first map, or of the floor's first call, in a process that has imported everything and made the model."""
    made = asked(model)
    image = made.images.few[0]
    if method == "floor":
        return timed(lambda: forward_and_gradient(made.model, image[None]))
    return timed(lambda: explain(made.model, image, method, filters=CLASS))


def changes(made: Asked, seconds: float) -> Iterator[Figure]:
    """Another class and another filter of the same image, and the traces that they make."""
    network, floor = open_network(made.model), forward_and_gradient(made.model, made.images.few[:1])
    for what, layer in (("another class", -1), (f"another filter of {MIDDLE}", MIDDLE)):
        change = changing(made, layer)
        change()
        before = network.cuts
        for _ in range(CHANGES):
            change()
        yield Figure(f"traces made by {what}, {CHANGES} times", [network.cuts - before], "", model=made.name)
        times = in_turn({"floor": floor, "change": change}, seconds)
        yield Figure(f"{what}, same image", times["change"], model=made.name, than="floor", beside=times["floor"])


def changing(made: Asked, layer: int | str) -> Call:
    """The next filter of the same image; there are more filters than repetitions."""
    following, image = itertools.count(), made.images.fresh()
    return lambda: explain(made.model, image, layer=layer, filters=next(following))


def new_layers(made: Asked) -> Iterator[Figure]:
    """First map of each convolution that was not asked before, all over the model."""
    layers = [layer for layer in open_network(made.model).layers if "Conv2D" in layer.kind and layer.name != MIDDLE]
    times = [timed(lambda i=layer.index: explain(made.model, made.images.few[0], layer=i, filters=0)) for layer in layers]  # type: ignore[misc]
    yield Figure("first map of a new layer", times, model=made.name)


if __name__ == "__main__":
    print(json.dumps(first(*sys.argv[1:])))
