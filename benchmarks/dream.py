"""What a step of a dream costs beside the model's own compiled forward + gradient, and what a dream costs before and after."""

from __future__ import annotations

from collections.abc import Iterator

import keras
import numpy as np

from benchmarks.figures import Figure
from benchmarks.measuring import in_turn, timed
from benchmarks.models import forward_and_gradient, mobilenet
from salwidget.demo import digits
from salwidget.dreams import dream

# Images at once -> steps in one go, so that each go is long beside the clock.
LARGE = {1: 4, 8: 1}
SMALL = {1: 64, 8: 64}
MOBILENET = "MobileNetV2"
SMALL_CNN = "small CNN, 32 x 32"
# A layer in the middle of MobileNetV2, and as many of its filters as a page shows at once.
MIDDLE, FILTERS = "block_6_expand", list(range(16))


def figures(seconds: float) -> Iterator[Figure]:
    """For MobileNetV2 at 224 x 224 and for the small CNN that ships with salwidget; ``seconds`` for each figure."""
    made, small = mobilenet(), digits().model
    yield Figure("first frame of a dream, tracing included", [first_frame(made.model, 0)])
    later = [first_frame(made.model, label) for label in range(1, 13)]
    yield Figure("first frame of a dream of another class", later)
    for name, model, goes in ((MOBILENET, made.model, LARGE), (SMALL_CNN, small, SMALL)):
        for images, steps in goes.items():
            yield step(name, model, images, steps, seconds)
    yield all_at_once(MOBILENET, made.model, MIDDLE, 8, seconds)
    yield all_at_once(SMALL_CNN, small, "conv2", 64, seconds)


def first_frame(model: keras.Model, label: int) -> float:
    return timed(lambda: next(dream(model, filters=label)))


def step(name: str, model: keras.Model, images: int, steps: int, seconds: float) -> Figure:
    """A step of as many images, one class each, with all that a person's own loop over frames would run."""
    noise = np.random.default_rng(0).uniform(-1, 1, (images, *model.input_shape[1:])).astype(np.float32)
    own = forward_and_gradient(model, noise, 0)
    made = dream(model, filters=list(range(images)), steps=2 * steps).run()
    times = in_turn({"dream": lambda: made.resume(steps), "floor": own}, seconds, times={"floor": steps})
    one = [each / steps for each in times["dream"]]
    return Figure(f"dream step, {images} at once", one, model=name, than="floor", beside=times["floor"])


def all_at_once(name: str, model: keras.Model, layer: str, steps: int, seconds: float) -> Figure:
    """Dreams of 32 filters as one batch beside one after the other, from the call to the last step."""

    def batch() -> None:
        dream(model, layer, FILTERS, steps=steps).run()

    def each() -> None:
        for one in FILTERS:
            dream(model, layer, one, steps=steps).run()

    for filters in (FILTERS, 0):  # the cuts of both are made once for a model
        dream(model, layer, filters, steps=1).run()
    times = in_turn({"batch": batch, "each": each}, seconds)
    what = f"dreams of {len(FILTERS)} filters of {layer}, {steps} steps, as one batch"
    return Figure(what, times["batch"], model=name, than="one by one", beside=times["each"])
