"""``dream``: activation maximization."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import keras
import numpy as np
import tensorflow as tf

from salwidget.dreams.appearance import Range
from salwidget.dreams.as_python import as_python
from salwidget.dreams.ascent import Ascent, Scene, Slope
from salwidget.dreams.canvas import Canvas, for_each
from salwidget.dreams.objective import titles_of
from salwidget.dreams.parametrization import PARAMETRIZATIONS, Parametrization, parametrization_of
from salwidget.dreams.regularizers import Regularizer, Regularizers, regularizers_of
from salwidget.dreams.result import Dream
from salwidget.dreams.setting import Setting, Size, Which, dreamed, setting_of, size_hint
from salwidget.dreams.transforms import Transform, Transforms, transforms_of
from salwidget.dreams.views import View
from salwidget.engine.network import Network
from salwidget.engine.opening import open_network
from salwidget.engine.resolve import target_of
from salwidget.images import InputsLike, Preprocess
from salwidget.target import Filters, Target, Unit
from salwidget.target_text import target_description

Objective = Unit | Target | Sequence[Unit | Target]
# Parametrizations that cannot refer to a model.
_SHIPPED = tuple(PARAMETRIZATIONS.values())


def dream(
    model: keras.Model,
    layer: int | str = -1,
    filters: Filters = None,
    *,
    steps: int = 256,
    wrt: Which = None,
    size: Size | Mapping[str, Size] = None,
    score: str = "logit",
    objective: Objective | None = None,
    parametrization: str | Parametrization | Mapping[str, str | Parametrization] = "fourier",
    transforms: Transforms | Mapping[str, Transforms] = "default",
    regularizers: Regularizers | Mapping[str, Regularizers] = (),
    optimizer: str | keras.optimizers.Optimizer = "adam",
    seed: int = 0,
    start: InputsLike | None = None,
    batch: int | None = None,
    preprocess: Preprocess | Mapping[str, Preprocess] | None = None,
    input_range: Range | Mapping[str, Range] | None = None,
) -> Dream:
    """An image that a class, a filter or a layer responds to: activation maximization.

    Erhan et al. 2009; Simonyan, Vedaldi and Zisserman 2013; Olah, Mordvintsev and Schubert 2017. Ascends

        mean over steps of S(transform(image(z))) - regularizers(image(z))

    in the coordinates z of a parametrization. With several inputs all images change at once, each in coordinates of its own;
    ``size``, ``parametrization``, ``transforms``, ``regularizers``, ``start``, ``preprocess`` and ``input_range`` may then be
    dicts by input name; any other value is for all inputs.

    A dream is an iterator: what is to be done at each step goes into the loop::

        for frame in dream(model, filters=20):
            print(frame.step, frame.score)

    Parameters
    ----------
    model
        A built Keras model of any kind with a differentiable input; it is not modified.
    layer, filters
        What to maximize: a layer by index (negative from the end) or name, and one filter, or a list with an image for each.
        ``None``: the whole layer, the mean over its filters.
    steps
        How often the score is measured; the image changes in between. ``resume`` adds more.
    wrt
        Which of several inputs to change, by index or name: one, whose image is then an array, or a list. ``None``: all that
        the target's gradient reaches. The others stay as in ``start``, or at zero.
    size
        The image's size if the model takes any: one number, or (height, width).
    score
        For an output of the model: ``"logit"``, ``"probability"`` or ``"log_probability"``.
    objective
        Instead of layer, filters and score: a ``Unit`` or a sum of units, also of several outputs, for all images, or a list
        with one for each. See ``deep_dream``, ``direction``, ``caricature`` and ``diversity`` beside this function.
    parametrization
        ``"fourier"``, ``"pixels"``, ``"maco"``, or a ``Parametrization``.
    transforms
        ``"default"`` (a border, a small move, growth and turn), ``None``, or a list of ``Pad``, ``Jitter``, ``Scale``,
        ``Rotate`` and callables: from images (N, H, W, C) in 0..1, and if they take a second argument an int32 seed (2,),
        to such images, in TensorFlow.
    regularizers
        ``TotalVariation``, ``LpNorm``, ``L2``, ``Blur``, each with a strength, or callables from images (N, H, W, C) in
        0..1 to (N,), alone or with a strength: ``(cost, 10)``.
    optimizer
        The name of a Keras optimizer, with the step that suits the parametrization, or one with settings of your own.
    seed
        For the start and all random numbers: on one machine the same seed gives the same image, bit for bit.
    start
        The image to begin with, as displayed: an array, a Pillow image or a path; a batch or list of them for a dream from
        each. ``None``: noise.
    batch
        How many images to make of one objective, each from another start; with ``diversity`` they differ from each other.
    preprocess, input_range
        A function from an image as displayed to the model's input, a scale and shift of each pixel's colours; and black and
        white of images as displayed. ``None``: by the model's name, by ``start``, or 0 to 255 for a model that scales its
        input itself, else 0 to 1; the dream's ``notes`` say what was assumed. An end that is ``None`` or infinite is open:
        ``(0, None)`` allows all values from 0 up, and only pictures are cut off where white would have been.

    Returns
    -------
    Dream
        An iterator of frames; ``run()`` takes all steps. Its ``image`` is an array, or for several inputs a dict by input
        name, unless ``wrt`` names a single one.

    Raises
    ------
    ValueError, TypeError
        One sentence that says what is wrong and what to do.
    """
    arguments = {name: value for name, value in locals().items() if name != "model"}
    _check_whole("steps", steps, 1)
    _check_whole("seed", seed, 0)
    network = open_network(model, *size_hint(size, start))
    targets = targets_of(network, layer, filters, score, objective)
    sources = dreamed(network, targets, wrt)
    setting = setting_of(network, sources, size, start, preprocess, input_range)
    targets = for_images(targets, batch, setting.count)
    # Images of one objective begin apart; those of several objectives begin alike, so that they can be compared.
    seeds = [seed + sum(target == other for other in targets[:index]) for index, target in enumerate(targets)]
    canvases = canvases_of(setting, parametrization, transforms, regularizers)
    gradient = network.gradient(targets, sources)
    initial = setting.coordinates(canvases, seeds)
    given = [*setting.held_inputs(len(targets)), *gradient.numbers]
    slope = slope_of(network, Scene(gradient.cut, canvases, len(targets)), optimizer, given)
    ascent = Ascent(model, slope, initial, given, seeds)
    listed = isinstance(objective, (list, tuple)) or (objective is None and _listed(filters))
    one = len(network.inputs) == 1 or isinstance(wrt, (int, str))
    view = View(
        () if one else tuple(each.name for each in sources),
        tuple(start.appearance for start in setting.starts),
        batch is not None or setting.count > 0 or listed,
    )
    titles = titles_of(targets, lambda target: target_description(network, target))
    notes = list(dict.fromkeys(note for start in setting.starts for note in start.appearance.notes))
    if objective is None and filters is None and (all_of := network.layer(layer)) in network.outputs and all_of.filters > 1:
        notes.append(f"This is a dream of all {all_of.filters} outputs at once; name one with filters=, e.g. filters=0.")
    return Dream(
        ascent,
        lambda images: gradient(setting.batch(images))[0],
        tuple(canvas.image([tf.constant(each) for each in own]).numpy() for canvas, own in zip(canvases, initial, strict=True)),
        view,
        titles,
        int(steps),
        partial(as_python, dream, arguments),
        notes,
    )


def canvases_of(
    setting: Setting,
    parametrization: str | Parametrization | Mapping[str, str | Parametrization],
    transforms: Transforms | Mapping[str, Transforms],
    regularizers: Regularizers | Mapping[str, Regularizers],
) -> tuple[Canvas, ...]:
    """The canvas of each input that changes."""
    sources = [start.source for start in setting.starts]
    parametrizations: list[str | Parametrization] = for_each(
        "parametrization", parametrization, "fourier", sources, setting.inputs
    )
    moves: list[Transforms] = for_each("transforms", transforms, "default", sources, setting.inputs)
    costs: list[Regularizers] = for_each("regularizers", regularizers, (), sources, setting.inputs)
    return tuple(
        Canvas(
            start.source,
            start.shape,
            parametrization_of(coordinates).within(start.appearance.ends),
            transforms_of(move, start.source),
            regularizers_of(cost),
            start.appearance,
        )
        for start, coordinates, move, cost in zip(setting.starts, parametrizations, moves, costs, strict=True)
    )


def targets_of(network: Network, layer: int | str, filters: Filters, score: str, objective: Objective | None) -> list[Target]:
    """The checked targets: one for each image, or one for all.

    Raises
    ------
    ValueError
        For an objective beside a layer, or an empty list.
    """
    if objective is None:
        wanted: Sequence[Unit | Target]
        if _listed(filters):
            wanted = [Unit(layer, one, score) for one in filters]  # type: ignore[union-attr]
        else:
            index = network.layer(layer)
            wanted = [Unit(layer, tuple(range(index.filters)) if filters is None else filters, score)]
    elif filters is not None or (layer, score) != (-1, "logit"):
        raise ValueError("objective= already defines the target; remove layer, filters and score.")
    else:
        wanted = objective if isinstance(objective, Sequence) else [objective]
    if not wanted:
        raise ValueError("There is nothing to dream of: name at least one filter or objective.")
    return [target_of(network, one) for one in wanted]


def for_images(targets: list[Target], batch: int | None, starts: int) -> list[Target]:
    """The target of each image; ``starts`` is the number of start images, 0 for any number.

    Raises
    ------
    ValueError
        For more than one image for each of several objectives, or starts that are not as many as images.
    """
    count = len(targets)
    if batch is not None:
        _check_whole("batch", batch, 1)
    if batch is not None and count > 1 and batch != count:
        raise ValueError(f"batch={batch} makes several images of one objective, but there are {count}: leave it out.")
    images = max(count, batch or 1)
    if starts > 1 and images > 1 and images != starts:
        raise ValueError(f"start holds {starts} images, but {images} are dreamed: pass one for each, or one for all.")
    return targets if count > 1 else targets * max(images, starts)


def slope_of(network: Network, scene: Scene, optimizer: str | keras.optimizers.Optimizer, given: Sequence[np.ndarray]) -> Slope:
    """The compiled steps of a scene, shared with earlier dreams that differ only in numbers."""

    def made() -> Slope:
        rates = [each.parametrization.learning_rate for each in scene.canvases]
        # A user's own optimizer moves all of them.
        several = rates if isinstance(optimizer, str) else rates[:1]
        return Slope(scene, [optimizer_of(optimizer, rate) for rate in several], given, lambda: network.is_current)

    # What is cached for a model must not hold a user's own functions and objects, which may refer to the model.
    parts = [part for each in scene.canvases for part in (each.parametrization, *each.transforms, *each.regularizers)]
    if not (isinstance(optimizer, str) and all(isinstance(one, (Transform, Regularizer, *_SHIPPED)) for one in parts)):
        return made()
    return network.get_or_compile(("slope", scene, optimizer, tuple(each.shape for each in given)), made)


def optimizer_of(optimizer: str | keras.optimizers.Optimizer, learning_rate: float) -> keras.optimizers.Optimizer:
    """A fresh optimizer, by name with this learning rate: an optimizer remembers the variables that it was used on.

    Raises
    ------
    ValueError, TypeError
        For a name that Keras does not know, or anything that is no optimizer.
    """
    if isinstance(optimizer, keras.optimizers.Optimizer):
        return type(optimizer).from_config(optimizer.get_config())
    if not isinstance(optimizer, str):
        raise TypeError(f"optimizer is the name of a Keras optimizer or one of them, not {type(optimizer).__name__}.")
    try:
        return keras.optimizers.get({"class_name": optimizer, "config": {"learning_rate": learning_rate}})
    except (ValueError, TypeError) as error:
        raise ValueError(
            f"Keras knows no optimizer {optimizer!r}; use 'adam', 'sgd', 'rmsprop' or another of keras.optimizers."
        ) from error


def _check_whole(name: str, value: object, smallest: int) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < smallest:
        raise ValueError(f"{name}={value!r} is out of range; use a whole number from {smallest}.")


def _listed(filters: Filters) -> bool:
    return isinstance(filters, (Sequence, np.ndarray))
