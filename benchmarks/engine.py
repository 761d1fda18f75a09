"""What a map costs beside the model's own compiled forward + gradient, in one run, interleaved."""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median, quantiles

import keras
import numpy as np
import tensorflow as tf

import salwidget
from salwidget.network import open_network

REPEATS = 40
CLASS = 20


def rows() -> list[tuple[str, str, str]]:
    """(what, measured, aim) for MobileNetV2 at 224 x 224, batch 1; random weights cost what trained ones cost."""
    model = keras.applications.MobileNetV2(weights=None)
    image = np.random.default_rng(0).uniform(-1, 1, (224, 224, 3)).astype(np.float32)
    floor = forward_and_gradient(model, image[None], CLASS)
    asked = {
        "saliency": lambda: salwidget.explain(model, image, filters=CLASS),
        "guided saliency": lambda: salwidget.explain(model, image, filters=CLASS, backprop_modifier="guided"),
        "Grad-CAM": lambda: salwidget.explain(model, image, "grad_cam", filters=CLASS),
    }
    first = {name: timed(ask) for name, ask in asked.items()}
    times = interleaved({"floor": floor, **asked})
    table = [("forward + gradient, compiled (the floor)", f"{median(times['floor']) * 1e3:.0f} ms", "")]
    aims = {"saliency": "1.1", "guided saliency": "1.1", "Grad-CAM": "1.1"}
    table += [(f"warm {name} / floor", ratio(times[name], times["floor"]), f"{aims[name]} or less") for name in asked]
    table.append(("first map ever (tracing included)", f"{first['saliency'] * 1e3:.0f} ms", ""))
    table.append(new_layers(model, image))
    table.append(("another class or filter: traces made", str(traces_for_ten_classes(model, image)), "0"))
    return table


def forward_and_gradient(model: keras.Model, images: np.ndarray, label: int) -> Callable[[], object]:
    """The floor: a ``tf.function`` of one logit's gradient for a batch (N, H, W, C), the class a tensor, written by hand."""
    logits = keras.Model(model.input, model.layers[-2].output)
    kernel, bias = model.layers[-1].kernel, model.layers[-1].bias

    @tf.function
    def gradient(x: tf.Tensor, index: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            tape.watch(x)
            score = tf.gather(tf.matmul(logits(x, training=False), kernel) + bias, index, axis=1)
        return tape.gradient(score, x)

    x, index = tf.constant(images), tf.constant(label)
    gradient(x, index)
    return lambda: gradient(x, index).numpy()


def interleaved(calls: dict[str, Callable[[], object]], repeats: int = REPEATS) -> dict[str, list[float]]:
    """Seconds of each call, all in turn, so that a drift of the machine meets all of them."""
    times: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(repeats):
        for name, call in calls.items():
            times[name].append(timed(call))
    return times


def ratio(mine: list[float], own: list[float]) -> str:
    """Median of the ratios of times that were taken in turn, and their quartiles."""
    ratios = [one / other for one, other in zip(mine, own, strict=True)]
    low, _, high = quantiles(ratios, n=4)
    return f"{median(ratios):.2f} ({low:.2f} to {high:.2f})"


def new_layers(model: keras.Model, image: np.ndarray) -> tuple[str, str, str]:
    """First map of layers that were not asked before, all over the model."""
    network = open_network(model)
    layers = [layer.index for layer in network.layers if layer.kind == "Conv2D"]
    seconds = [timed(lambda i=i: salwidget.explain(model, image, layer=i, filters=0)) for i in layers]  # type: ignore[misc]
    _, _, high = quantiles(seconds, n=4)
    what = f"first map of a new layer, median of {len(layers)} (upper quartile)"
    return what, f"{median(seconds) * 1e3:.0f} ms ({high * 1e3:.0f} ms)", "400 ms"


def traces_for_ten_classes(model: keras.Model, image: np.ndarray) -> int:
    """Cuts that ten other classes add to the trace."""
    network = open_network(model)
    salwidget.explain(model, image, filters=CLASS)  # the layers before may have pushed its cut out
    before = network.cuts
    for index in range(10):
        salwidget.explain(model, image, filters=index)
    return network.cuts - before


def timed(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started
