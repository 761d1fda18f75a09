"""``explain``: one question about one image or a batch."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import keras
import numpy as np

from salwidget.attribution import METHODS, Context, method_of
from salwidget.digest import digest
from salwidget.engine.backprop import RULES, rule_of
from salwidget.engine.inputs import Input, Shape
from salwidget.engine.layers import Layer
from salwidget.engine.network import Network
from salwidget.engine.opening import open_network
from salwidget.engine.resolve import target_of, with_top_class
from salwidget.grad_modifiers import MODIFIERS, modifier_of
from salwidget.heatmap import Heatmap, not_finite, resized
from salwidget.images import Example, InputsLike, Preprocess, are_several, examples_of
from salwidget.options import Options
from salwidget.progress import progress_bar
from salwidget.query import Modifier, Query
from salwidget.target import Filters, Function, Target, Unit, aimed
from salwidget.target_text import target_description


def explain(
    model: keras.Model,
    image: InputsLike,
    method: str = "saliency",
    *,
    layer: int | str = -1,
    filters: Filters = None,
    score: str = "logit",
    cell: Sequence[int] | None = None,
    aim: str | float = "increase",
    target: Unit | Target | Function | None = None,
    wrt: int | str | None = None,
    backprop_modifier: Modifier = None,
    grad_modifier: Modifier = None,
    preprocess: Preprocess | Mapping[str, Preprocess] | None = None,
    seed: int = 0,
    progress: bool = True,
    **options: Any,
) -> Any:
    """Ask a trained model which pixels move a score.

    Parameters
    ----------
    model
        A built Keras model of any kind; it is not modified.
    image
        (H, W), (H, W, C), a Pillow image or a path; a signal (L, C) or a volume (D, H, W, C); or several of them (a batch
        array, a list). Paths, Pillow images and uint8 arrays are resized to the model's input; float arrays must have its
        size. For a model with several inputs a dict by input name, or a list with one entry for each.
    method
        Name of a registered method; ``salwidget.METHODS`` lists them.
    layer, filters
        What is explained: the mean over ``filters`` (one, several, or ``None``: the model's own top class on a dense
        output, else all filters) and over space of the output of ``layer`` (index, negative from the end, or name).
    score
        For the model's output, ``"logit"`` (what goes into its softmax or sigmoid), ``"probability"`` or
        ``"log_probability"``.
    cell
        One cell of the layer's feature map instead of the mean over space, e.g. (row, column).
    aim
        ``"increase"`` the score, ``"decrease"`` it, ``"maintain"`` it (the gradient modifier ``small_values``), or a
        number to come closer to: S = -|y - number|.
    target
        Instead of layer, filters, score, cell and aim: a ``Unit``, a sum of units (``Unit(filters=20) - Unit(filters=21)``),
        or a callable from the model's output (N, ...), a tensor, to floating scores (N,).
    wrt
        Of several inputs the one that the map is for, by index or name; ``None``: a map for each.
    backprop_modifier
        ``None``, ``"guided"``, ``"rectified"`` (``"relu"``, ``"deconv"``), or a callable
        ``(op inputs, op outputs, gradient) -> gradient`` for every rectifier.
    grad_modifier
        ``None``, ``"absolute"``, ``"negate"``, ``"relu"``, ``"invert"``, ``"small_values"``, or a callable on arrays.
    preprocess
        A function from float32 (H, W, C) as displayed to the model's input, e.g.
        ``keras.applications.vgg16.preprocess_input``; for several inputs a dict by input name.
    seed
        For methods that draw random numbers.
    progress
        Whether to show a bar when it takes more than two seconds.
    **options
        The method's own, e.g. ``penultimate_layer`` for ``grad_cam``, ``samples`` for ``smoothgrad``. With several inputs
        paths and noise move all of them, or with ``inputs="alone"`` only the one that the map is for; ``baseline`` may be a
        dict.

    Returns
    -------
    Heatmap
        Raw signed float32 values at the size of the input; a list of heatmaps for several images, and for several inputs a
        dict by input name.

    Raises
    ------
    ValueError, TypeError
        One sentence that says what is wrong and what to do.
    """
    network = open_network(model, *shape_hints(image))
    if target is None:
        target, grad_modifier = aimed_target(Unit(layer, filters, score, _tuple(cell)), aim, grad_modifier)
    elif (layer, filters, score, cell, aim) != (-1, None, "logit", None, "increase"):
        raise ValueError("target= already defines the score; remove layer, filters, score, cell and aim.")
    sources = [network.input(wrt)] if wrt is not None else [each for each in network.inputs if each.differentiable]

    one = wrt is not None or len(network.inputs) == 1
    sources = sources or [network.inputs[0]]
    examples = examples_of(image, network.inputs, preprocess)
    count = len(examples) * len(sources)

    def map_over(source: Input, example: Example, before: int) -> Heatmap:
        query = query_of(network, example, method, target, source, backprop_modifier, grad_modifier, seed, options)
        for last in answers(network, query, example):
            update(before + last.progress, f"map {before + 1} of {count}" if count > 1 else "")
        return last

    with progress_bar(method_of(method).title, count, "%", progress) as update:
        found = [
            {source.name: map_over(source, example, row * len(sources) + column) for column, source in enumerate(sources)}
            for row, example in enumerate(examples)
        ]
    maps = [by_input[sources[0].name] if one else by_input for by_input in found]
    return maps if are_several(image, network.inputs) else maps[0]


def aimed_target(unit: Unit | Target, aim: str | float, grad_modifier: Modifier) -> tuple[Target, Modifier]:
    """A target that serves an aim; "maintain" is the gradient modifier ``small_values``, as in keras-vis.

    Raises
    ------
    ValueError
        For an unknown aim, or "maintain" together with another gradient modifier.
    """
    if isinstance(aim, str) and aim == "maintain":
        if grad_modifier not in (None, "small_values"):
            raise ValueError("aim='maintain' is grad_modifier='small_values'; remove grad_modifier.")
        grad_modifier = "small_values"
    return aimed(1 * unit, aim), grad_modifier


def query_of(
    network: Network,
    example: Example,
    method: str,
    target: Unit | Target | Function,
    source: Input,
    backprop_modifier: Modifier,
    grad_modifier: Modifier,
    seed: int,
    options: Options,
) -> Query:
    """Check a question against a network, and put it into canonical form.

    Raises
    ------
    ValueError, TypeError
        As ``explain``.
    """
    implementation = method_of(method)
    checked = target_of(network, target)
    for _, unit in checked.terms:
        if reason := implementation.refusal(network, network.layer(unit.layer), source):
            raise ValueError(reason)
    if not implementation.uses_gradient and (backprop_modifier is not None or grad_modifier is not None):
        raise ValueError(
            f"method {method!r} uses no gradient: backprop_modifier and grad_modifier must be None, and the aim not 'maintain'."
        )
    rule_of(backprop_modifier), modifier_of(grad_modifier)
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or seed < 0:
        raise ValueError(f"seed={seed!r} is not a whole number of at least 0.")
    batch = [picture.input[None] for picture in example]
    checked = with_top_class(checked, network, lambda layer: int(np.argmax(predicted(network, batch, layer))))
    chosen = tuple(sorted(implementation.checked(options, network).items()))
    image = digest(*(picture.input for picture in example))
    return Query(method, checked, image, source.index, backprop_modifier, grad_modifier, seed, chosen)


def predicted(network: Network, batch: Sequence[np.ndarray], output: Layer) -> np.ndarray:
    """An output of the model (filters,) for a batch of one.

    Raises
    ------
    ValueError
        When it is NaN or infinite.
    """
    scores: np.ndarray = network.predict(batch, output)[0]
    if not np.all(np.isfinite(scores)):
        raise ValueError("The model's output is NaN or infinite: check its weights and the image's preprocessing.")
    return scores


def answers(network: Network, query: Query, example: Example) -> Iterator[Heatmap]:
    """Better and better answers to a query; the last one is final.

    ``example`` is what the query's digest was computed from.
    """
    method = method_of(query.method)
    context = Context(network, query, example, {**method.defaults(), **dict(query.options)})
    picture = example[query.source]
    started = time.perf_counter()
    for answer in method.refine(context):
        size = picture.input.shape[:-1] if method.on_image else answer.values.shape
        cells = as_float32(answer.values, method.units)
        values = resized(cells, size, method.smooth)
        yield Heatmap(
            values=values,
            cells=cells,
            query=query,
            target=target_description(network, query.target),
            signed=bool(answer.signed),
            units=method.units,
            clip=method.clip,
            notes=(*context.notes, *not_finite(values)),
            score=context.score if method.has_score else float("nan"),
            seconds=time.perf_counter() - started,
            passes=context.passes,
            picture=answer.picture,
            progress=float(answer.progress),
            image=picture.shown if len(size) == 2 and method.on_image else None,
        )


def as_float32(values: np.ndarray, units: str) -> np.ndarray:
    """The values of a map in float32.

    Raises
    ------
    ValueError
        When they exceed float32's range: products of large scores would become infinite, of small ones zero.
    """
    largest = float(np.abs(values).max()) if values.dtype == np.float64 else 1.0
    smallest, top = float(np.finfo(np.float32).tiny), float(np.finfo(np.float32).max)
    if top < largest < np.inf or 0 < largest < smallest:
        raise ValueError(
            f"The map's largest value is {largest:.2g} {units}, which float32 cannot hold (1.2e-38 to 3.4e+38): scale the "
            "model's output or its input."
        )
    return np.ascontiguousarray(values, np.float32)


def cached_answers(network: Network, query: Query, example: Example) -> Iterator[Heatmap]:
    """As ``answers``; from the cache, at once, where any widget has asked the same of the same weights recently."""
    started = time.perf_counter()
    cacheable = _is_cacheable(query)
    key = query, tuple(picture.origin for picture in example), network.refresh()
    if cacheable and (known := network.cache.get(key)):
        yield _copy(known, seconds=time.perf_counter() - started, passes=0)
        return
    for answer in answers(network, query, example):
        if answer.progress >= 1 and cacheable:
            arrays = {id(each): each for each in (answer.values, answer.cells, answer.picture, answer.image)}
            network.cache.put(key, _copy(answer), sum(each.nbytes for each in arrays.values() if each is not None))
        yield answer


def _is_cacheable(query: Query) -> bool:
    """Whether only the package's own code is needed to answer a query.

    A user's own method, rule or modifier may be redefined under its name, or call something that is; and in the cache it
    would keep a model alive that it mentions.
    """
    functions = [unit.function for _, unit in query.target.terms]
    code = [METHODS[query.method], rule_of(query.backprop_modifier), modifier_of(query.grad_modifier), *functions]
    return all(each is None or id(each) in _SHIPPED for each in code)


# As shipped, before anybody could register something under the same names.
_SHIPPED = frozenset(map(id, [*METHODS.values(), *RULES.values(), *MODIFIERS.values()]))


def _copy(answer: Heatmap, **changes: Any) -> Heatmap:
    """With arrays of its own: whoever gets an answer may write into them."""
    values = answer.values.copy()
    return replace(answer, values=values, cells=values if answer.cells is answer.values else answer.cells.copy(), **changes)


def shape_hints(image: InputsLike) -> list[Shape]:
    """Shapes of the given images, of several the first, for models that do not know their input shape.

    A dict or tuple has one entry for each input.
    """
    if isinstance(image, (dict, tuple)):
        entries = image.values() if isinstance(image, dict) else image
        return [tuple(np.shape(entry)) for entry in entries]
    first = image[0] if isinstance(image, list) and image else image
    shape = tuple(getattr(first, "shape", ()))
    return [shape[-3:]] if len(shape) >= 3 else []


def _tuple(cell: Sequence[int] | None) -> tuple[int, ...] | None:
    return tuple(cell) if isinstance(cell, (list, np.ndarray)) else cell  # type: ignore[return-value]
