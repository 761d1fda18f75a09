"""What a step of a dream costs beside the model's own compiled forward + gradient, and what a dream costs before and after."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median, quantiles

import keras
import numpy as np

from benchmarks.engine import forward_and_gradient, interleaved, ratio, timed
from benchmarks.truth.photographs import MOBILENET
from salwidget.demo import digits
from salwidget.dream import dream
from tests.data import ROOT
from tests.test_memory import resident

Row = tuple[str, str, str]

# Images at once -> (steps in one go, how often), so that each go is long beside the clock and all of it half a minute.
LARGE = {1: (4, 30), 8: (2, 12)}
SMALL = {1: (64, 30), 8: (64, 12)}
# A layer in the middle of MobileNetV2, and as many of its filters as a page shows at once.
MIDDLE, FILTERS = "block_6_expand", list(range(32))
STEPS, SETTLED = 2000, 200


def rows() -> Iterator[Row]:
    """(what, measured, aim) for MobileNetV2 at 224 x 224 and for the small CNN that ships with salwidget."""
    model = mobilenet()
    yield "first frame of a dream, new model (tracing included)", f"{first_frame(model, 0) * 1e3:.0f} ms", ""
    later = [first_frame(model, label) for label in range(1, 13)]
    _, _, high = quantiles(later, n=4)
    what = "first frame of a dream, another class before (upper quartile)"
    yield what, f"{median(later) * 1e3:.0f} ms ({high * 1e3:.0f} ms)", "1000 ms"
    for name, other, goes in (("MobileNetV2", model, LARGE), ("small CNN, 32 x 32", digits().model, SMALL)):
        for images, (steps, repeats) in goes.items():
            yield f"dream step / floor, {name}, batch {images}", step(other, images, steps, repeats), "1.15 or less"
    yield all_at_once("MobileNetV2", model, MIDDLE, 16, 3)
    yield all_at_once("small CNN", digits().model, "conv2", 64, 3)
    yield "memory, small CNN", growth(digits().model), "20 MB"
    yield "memory, MobileNetV2", growth(model), "20 MB"


def mobilenet() -> keras.Model:
    """With its trained weights where they are at hand, else with random ones, which cost the same."""
    return MOBILENET.load() if (ROOT / "models").is_dir() else keras.applications.MobileNetV2(weights=None)


def first_frame(model: keras.Model, label: int) -> float:
    return timed(lambda: next(dream(model, filters=label)))


def step(model: keras.Model, images: int, steps: int, repeats: int) -> str:
    """A step of as many images, one class each, with all that a person's own loop over frames would run."""
    noise = np.random.default_rng(0).uniform(-1, 1, (images, *model.input_shape[1:])).astype(np.float32)
    own = forward_and_gradient(model, noise, 0)
    made = dream(model, filters=list(range(images)), steps=2 * steps).run()

    def floor() -> None:
        for _ in range(steps):
            own()

    times = interleaved({"dream": lambda: made.resume(steps), "floor": floor}, repeats)
    return ratio(times["dream"], times["floor"])


def all_at_once(name: str, model: keras.Model, layer: str, steps: int, repeats: int) -> Row:
    """Dreams of 32 filters as one batch beside one after the other, from the call to the last step."""

    def batch() -> None:
        dream(model, layer, FILTERS, steps=steps).run()

    def each() -> None:
        for one in FILTERS:
            dream(model, layer, one, steps=steps).run()

    for filters in (FILTERS, 0):  # the cuts of both are made once for a model
        dream(model, layer, filters, steps=1).run()
    times = interleaved({"batch": batch, "each": each}, repeats)
    what = f"{len(FILTERS)} filters of {layer}, {steps} steps, one batch / one by one, {name}"
    return what, ratio(times["batch"], times["each"]), "1.00 or less"


def growth(model: keras.Model) -> str:
    """Most memory above that of the first steps."""
    made = dream(model, filters=0, steps=STEPS)
    sizes = [resident() for frame in made if frame.step >= SETTLED and frame.step % 100 == 0]
    return f"{max(sizes) - sizes[0]:.1f} MB more at most from step {SETTLED} to {STEPS}"
