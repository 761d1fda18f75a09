"""The front door: one question about one image or a batch."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import keras
import numpy as np

from salwidget.attribution import Question, method_of
from salwidget.backprop import rule_of
from salwidget.gradient import modifier_of
from salwidget.heatmap import Heatmap, resized
from salwidget.images import Preprocess, is_batch, picture_of, split
from salwidget.network import Layer, Network, open_network
from salwidget.query import Modifier, Query, digest
from salwidget.target import Target, target_of


def explain(
    model: keras.Model,
    image: Any,
    method: str = "saliency",
    *,
    layer: int | str = -1,
    filters: int | Sequence[int] | None = None,
    score: str = "logit",
    backprop_modifier: Modifier = None,
    grad_modifier: Modifier = None,
    preprocess: Preprocess | None = None,
    seed: int = 0,
    **options: Any,
) -> Heatmap | list[Heatmap]:
    """Ask a trained model which pixels move a score.

    Parameters
    ----------
    model
        A built Keras model of any kind; it is not modified.
    image
        (H, W), (H, W, C), a Pillow image or a path; or several of them (a batch array, a list), for which a list of
        heatmaps comes back. Paths, Pillow images and uint8 arrays are resized to the model's input, floats must fit.
    method
        ``saliency``, ``input_x_gradient``, ``grad_cam``, ``feature_map``, ``weights``, or a registered one.
    layer, filters
        What is explained: the mean over ``filters`` (one, several, or ``None``: the model's own top class on a dense
        output, else all filters) and over space of the output of ``layer`` (index, negative from the end, or name).
    score
        For the model's output, ``"logit"`` (what goes into its softmax or sigmoid) or ``"probability"``.
    backprop_modifier
        ``None``, ``"guided"``, ``"rectified"`` (``"relu"``, ``"deconv"``), or a callable
        ``(op inputs, op outputs, gradient) -> gradient`` for every rectifier.
    grad_modifier
        ``None``, ``"absolute"``, ``"negate"``, ``"relu"``, ``"invert"``, ``"small_values"``, or a callable on arrays.
    preprocess
        From float32 (H, W, C) as displayed to what the model takes, e.g. ``keras.applications.vgg16.preprocess_input``.
    seed
        For methods that draw random numbers.
    **options
        The method's own, e.g. ``penultimate_layer`` for ``grad_cam``, ``reduce`` for ``saliency``.

    Returns
    -------
    Heatmap or list of Heatmap
        Raw signed float32 values (H, W).

    Raises
    ------
    ValueError, TypeError
        One sentence that says what is wrong and what to do.
    """
    network = open_network(model, shape_hint(image))
    shape = network.image_shape
    pictures = [picture_of(one, shape, preprocess) for one in split(image, shape)]
    maps = []
    for picture in pictures:
        query = query_of(network, picture.input, method, layer, filters, score, backprop_modifier, grad_modifier, seed, options)
        *_, last = answers(network, query, picture.input)
        maps.append(last)
    return maps if is_batch(image, shape) else maps[0]


def query_of(
    network: Network,
    image: np.ndarray,
    method: str,
    layer: int | str,
    filters: int | Sequence[int] | None,
    score: str,
    backprop_modifier: Modifier,
    grad_modifier: Modifier,
    seed: int,
    options: dict[str, Any],
) -> Query:
    """Check a question against a network, and put it into its one canonical form.

    Raises
    ------
    ValueError, TypeError
        As ``explain``.
    """
    asked = method_of(method)
    target = target_of(network, layer, filters, score)
    if reason := asked.refusal(network, network.layers[target.layer]):
        raise ValueError(reason)
    if not asked.uses_gradient and (backprop_modifier is not None or grad_modifier is not None):
        raise ValueError(f"method {method!r} uses no gradient: leave backprop_modifier and grad_modifier at None.")
    rule_of(backprop_modifier), modifier_of(grad_modifier)
    if target.filters is None and network.layers[target.layer] == network.output and network.output.cells is None:
        scores = network.predict(image[None])[0]
        if not np.all(np.isfinite(scores)):
            raise ValueError("The model's output is NaN or infinite: check its weights and the image's preprocessing.")
        target = replace(target, filters=(int(np.argmax(scores)),))
    chosen = tuple(sorted(asked.checked(options, network).items()))
    return Query(method, target, digest(image), backprop_modifier, grad_modifier, seed, chosen)


def answers(network: Network, query: Query, image: np.ndarray) -> Iterator[Heatmap]:
    """Better and better answers to a query; the last one is the answer.

    ``image`` is the model's input (H, W, C) that the query's digest was taken of.
    """
    asked = method_of(query.method)
    question = Question(network, query, image)
    started = time.perf_counter()
    for answer in asked.refine(question):
        size = image.shape[:2] if asked.on_image else answer.values.shape
        cells = np.ascontiguousarray(answer.values, np.float32)
        yield Heatmap(
            values=resized(cells, size, asked.smooth),
            cells=cells,
            query=query,
            target=target_in_words(network, query.target),
            signed=answer.signed,
            units=asked.units,
            clip=asked.clip,
            notes=tuple(question.notes),
            score=question.score,
            seconds=time.perf_counter() - started,
            passes=question.passes,
            picture=answer.picture,
        )


def target_in_words(network: Network, target: Target) -> str:
    """E.g. ``"layer 155 predictions, filter 20, logit"``."""
    layer = network.layers[target.layer]
    words = [f"layer {layer}", _filters_in_words(layer, target.filters)]
    if layer == network.output and network.activation != "none":
        words.append(target.score)
    return ", ".join(words)


def _filters_in_words(layer: Layer, filters: tuple[int, ...] | None) -> str:
    if filters is None:
        return "all filters" if layer.filters > 1 else "its one filter"
    return ("filter " if len(filters) == 1 else "filters ") + ", ".join(map(str, filters))


def shape_hint(image: Any) -> tuple[int, ...] | None:
    """(H, W, C) of an array or of the first of several, for models that do not know their input shape."""
    first = image[0] if isinstance(image, Sequence) and not isinstance(image, str) and image else image
    shape = tuple(getattr(first, "shape", ()))
    return shape[-3:] if len(shape) >= 3 else None
