"""``probe``: how much each cell of a feature map supports each of the top classes."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

import keras
import numpy as np

from salwidget.attribution.context import Context, finite
from salwidget.attribution.explain import as_float32, query_of, shape_hints
from salwidget.attribution.grad_cam import penultimate
from salwidget.attribution.hires_cam import HiResCAM
from salwidget.engine.inputs import Input
from salwidget.engine.layers import Layer
from salwidget.engine.network import Network
from salwidget.engine.opening import open_network
from salwidget.engine.resolve import target_of
from salwidget.evidence.support import Support
from salwidget.images import Example, InputsLike, Preprocess, are_several, examples_of
from salwidget.labels import labels_of
from salwidget.options import Options, grid_of
from salwidget.target import Unit
from salwidget.target_text import target_title

TOP = 5


def probe(
    model: keras.Model,
    image: InputsLike,
    *,
    layer: int | str = -1,
    top: int = TOP,
    score: str = "logit",
    wrt: int | str | None = None,
    penultimate_layer: int | str | None = None,
    token_grid: tuple[int, int] | None = None,
    preprocess: Preprocess | Mapping[str, Preprocess] | None = None,
    labels: Sequence[str] | Mapping[int, str] | str | None = None,
) -> Support:
    """How much each cell of a feature map supports each of the classes that the model finds likeliest.

    Of class c it is sum_k dS_c/dA_k A_k at the cell: HiResCAM before its ReLU (Draelos and Carin 2020), which is Grad-CAM
    (Selvaraju et al. 2017, equations 1 and 2) where the head begins with a mean over space. There, with one dense layer behind
    it, the cells of a class add up to its logit less its bias, and are 1 / (number of cells) of the class activation map
    M_c = sum_k w_kc A_k of Zhou et al. 2016, equation 2. All classes take one backward pass of their copies of the feature map.

    Parameters
    ----------
    model, image, preprocess
        As ``salwidget.explain`` takes them, one image, signal or volume.
    layer
        Whose ``top`` classes are taken, or filters by their means over space.
    top
        How many; of a model with fewer, all.
    score
        ``"logit"``, ``"probability"`` or ``"log_probability"``.
    wrt
        Of several inputs the one whose feature maps are looked at, by index or name.
    penultimate_layer, token_grid
        As ``explain(..., "grad_cam")`` takes them, with the same layer by default.
    labels
        Names of the classes: a list, a dict, or ``"imagenet"``.

    Raises
    ------
    ValueError, TypeError
        One sentence that says what is wrong and what to do.
    """
    if isinstance(top, bool) or not isinstance(top, (int, np.integer)) or top < 1:
        raise ValueError(f"top={top!r} is not a whole number of at least 1.")
    network = open_network(model, *shape_hints(image))
    if wrt is None and len(network.inputs) > 1:
        choices = " or ".join(f"wrt={each.name!r}" for each in network.inputs)
        raise ValueError(f"{network.name} takes several inputs: say with {choices} whose feature maps are looked at.")
    if are_several(image, network.inputs):
        raise ValueError("probe() takes one image: call it for each.")
    (example,) = examples_of(image, network.inputs, preprocess)
    names = labels_of(labels, network.output.filters)
    source, options = (
        network.input(0 if wrt is None else wrt),
        {"penultimate_layer": penultimate_layer, "token_grid": token_grid},
    )
    return support_of(network, example, source, network.layer(layer), names, int(top), score, options)


def support_of(
    network: Network,
    example: Example,
    source: Input,
    end: Layer,
    labels: Sequence[str],
    top: int = TOP,
    score: str = "logit",
    options: Options | None = None,
) -> Support:
    """The same of an opened network, for the ``top`` classes of its layer ``end``."""
    started, method = time.perf_counter(), HiResCAM()
    batch = [picture.input[None] for picture in example]
    passes = 0 if network.has_cached(batch, end) else 1
    outputs = finite(network.activations(batch, end)[0], "model's output").reshape(-1, end.filters).mean(0)
    classes = tuple(int(index) for index in np.argsort(-outputs, kind="stable")[:top])
    query = query_of(network, example, method.name, Unit(end.index, classes, score), source, None, None, 0, options or {})
    context = Context(network, query, example, {**method.defaults(), **dict(query.options)}, passes)
    layer, grid = penultimate(context), context.options["token_grid"]
    targets = [target_of(network, Unit(end.index, index, score)) for index in classes]
    activations, scores, gradients = context.supports(layer, targets)
    maps = [method.map(grid_of(activations, grid), grid_of(each, grid)) for each in gradients]
    picture = example[source.index]
    return Support(
        classes=classes,
        labels=tuple(target_title(network, target, labels) for target in targets),
        values=as_float32(np.stack(maps), method.units),
        scores=tuple(map(float, scores)),
        layer=str(layer),
        units=method.units,
        size=picture.input.shape[:-1],
        image=picture.shown if source.space == 2 else None,
        passes=context.passes,
        seconds=time.perf_counter() - started,
    )
