"""Warm maps beside the model's own compiled forward + gradient: every method on MobileNetV2, the plain ones on all models."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import salwidget
from benchmarks.figures import Figure
from benchmarks.measuring import in_turn
from benchmarks.models import RANGES, TRAINED, Asked, asked, forward_and_gradient, trained_is_here
from salwidget.attribution import method_of
from salwidget.engine.fingerprint import fingerprint
from salwidget.engine.opening import open_network

SAME_IMAGE = "Grad-CAM, another class of the same image"
NEW_IMAGE = "Grad-CAM"
LAYERS = "a look at what the model is made of"
WEIGHTS = "a look at where its weights lie"
FINGERPRINT = "a fingerprint of its weights, where they lie on a device"
# Methods that refuse a class are asked about the first convolution.
FIRST = "Conv1"
Many = dict[str, tuple[str, dict[str, Any]]]
# Methods of many passes, with as many samples as elsewhere: with a gradient, and without.
GRADIENTS: Many = {
    "SmoothGrad, 20 samples": ("smoothgrad", {"samples": 20}),
    "Integrated Gradients, 50 steps": ("integrated_gradients", {"steps": 50}),
}
FORWARDS: Many = {
    "occlusion, 196 patches": ("occlusion", {"patch": 16}),
    "Score-CAM, 32 channels": ("score_cam", {"top": 32}),
    "RISE, 500 masks": ("rise", {"masks": 500}),
}
# Plain ones, and those with a table of their own (many).
ELSEWHERE = ("saliency", "grad_cam", *(name for name, _ in (*GRADIENTS.values(), *FORWARDS.values())))
# From so many passes on, a method has repetitions of its own: beside them those of the others would be few.
LONG = 10
# Beside those, the floor is the mean of so many in a row.
ROW = 5


def figures(seconds: float) -> Iterator[Figure]:
    """Each repetition is a question that was not asked before; ``seconds`` is the time for each table of repetitions."""
    for name in [*RANGES, *[TRAINED] * trained_is_here()]:
        made = asked(name)
        yield from plain(made, seconds)
        yield from looks(made, seconds)
        if name == "MobileNetV2":
            yield from all_methods(made, seconds)


def plain(made: Asked, seconds: float) -> Iterator[Figure]:
    """Saliency, guided saliency and Grad-CAM, where the model allows them."""
    calls: dict[str, Any] = {"saliency": ask(made, "saliency")}
    if not open_network(made.model).why_no_rule():
        calls["guided saliency"] = ask(made, "saliency", backprop_modifier="guided")
    calls[NEW_IMAGE] = ask(made, "grad_cam")
    calls[SAME_IMAGE] = ask(made, "grad_cam", same_image=True)
    yield from beside_the_floor(made, calls, seconds)


def looks(made: Asked, seconds: float) -> Iterator[Figure]:
    """Each question looks whether the model has changed, in all rows above too; the fingerprint is of the CPU as a device."""
    network = open_network(made.model)
    variables = [each.value for each in made.model.variables]
    calls = {
        LAYERS: lambda: network.is_current,
        WEIGHTS: network.refresh,
        FINGERPRINT: fingerprint([(each.handle, each.dtype) for each in variables]),
        "floor": forward_and_gradient(made.model, made.images.few[:1]),
    }
    times = in_turn(calls, seconds)
    for what in (LAYERS, WEIGHTS, FINGERPRINT):
        yield Figure(what, times[what], model=made.name, than="floor", beside=times["floor"])


def all_methods(made: Asked, seconds: float) -> Iterator[Figure]:
    """Every other method with its own defaults."""
    network, calls = open_network(made.model), {}
    for name, kind in salwidget.METHODS.items():
        if name not in ELSEWHERE:
            refused = method_of(name).refusal(network, network.output, network.inputs[0])
            what = f"{kind.title}, of {FIRST}" if refused else kind.title
            calls[what] = ask(made, name, layer=FIRST) if refused else ask(made, name)
    yield from beside_the_floor(made, calls, seconds)


def ask(made: Asked, method: str, *, same_image: bool = False, layer: int | str = -1, **question: Any) -> Any:
    """The next question of a kind: a call that returns its heatmap."""
    numbers, filters, same = itertools.count(), 1000 if layer == -1 else 32, made.images.fresh()

    def call() -> salwidget.Heatmap:
        image = same if same_image else made.images.fresh()
        return salwidget.explain(made.model, image, method, layer=layer, filters=next(numbers) % filters, **question)

    return call


def beside_the_floor(made: Asked, calls: dict[str, Any], seconds: float) -> Iterator[Figure]:
    """In turn with the floor, after one call of each that is not counted; those of many passes among themselves."""
    floor = forward_and_gradient(made.model, made.images.few[:1])
    passes = {name: call().passes for name, call in calls.items()}
    long = {name: call for name, call in calls.items() if passes[name] >= LONG}
    short = {name: call for name, call in calls.items() if name not in long}
    times = in_turn({"floor": floor, **short}, seconds)
    for name in short:
        yield Figure(name, times[name], model=made.name, passes=max(passes[name], 1), than="floor", beside=times["floor"])
    if long:
        times = in_turn({"floor": floor, **long}, 3 * seconds, times={"floor": ROW})
        for name in long:
            yield Figure(name, times[name], model=made.name, passes=passes[name], than="floor", beside=times["floor"])
