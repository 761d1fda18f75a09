"""Methods of many passes: what a pass costs beside the model's own compiled forward, or forward + gradient."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from benchmarks.engine import FORWARDS, GRADIENTS, ROW, ask
from benchmarks.figures import Figure
from benchmarks.measuring import in_turn, peak
from benchmarks.models import asked, forward, forward_and_gradient

ALL_CHANNELS = "Score-CAM, all 512 channels"


def figures(seconds: float) -> Iterator[Figure]:
    """``seconds`` is for each figure, but VGG16's Score-CAM takes half a minute and is made three times."""
    yield from score_cam_of_vgg(seconds)
    made = asked("MobileNetV2")
    floors = {
        "floor": (forward_and_gradient(made.model, made.images.few[:1]), GRADIENTS),
        "forward": (forward(made.model, made.images.few[:1]), FORWARDS),
    }
    for than, (floor, methods) in floors.items():
        for what, (method, options) in methods.items():
            call = ask(made, method, **options)
            passes = call().passes
            times = in_turn({than: floor, what: call}, 2 * seconds, times={than: ROW})
            yield Figure(what, times[what], model=made.name, passes=passes, than=than, beside=times[than])


def score_cam_of_vgg(seconds: float) -> Iterator[Figure]:
    """Its memory is that of the first map of this process, above a model that has predicted once."""
    made = asked("VGG16")
    floor = forward(made.model, made.images.few[:1])
    floor()
    call = ask(made, "score_cam", top=0)
    passes: list[int] = []

    def counted() -> None:
        heatmap: Any = call()
        passes.append(heatmap.passes)

    high = peak(counted)
    yield Figure(f"{ALL_CHANNELS}: memory above the model", [high], "GB", model=made.name)
    times = in_turn({"forward": floor, "map": call}, seconds, times={"forward": ROW}, fewest=2)
    yield Figure(ALL_CHANNELS, times["map"], model=made.name, passes=passes[0], than="forward", beside=times["forward"])
