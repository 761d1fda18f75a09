"""The front door of dreams."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from salwidget.dream.appearance import Range
from salwidget.dream.as_python import as_python
from salwidget.dream.ascent import Ascent, Scene, Slope
from salwidget.dream.objective import titles_of
from salwidget.dream.parametrization import PARAMETRIZATIONS, Parametrization, parametrization_of
from salwidget.dream.regularizers import Regularizer, regularizers_of
from salwidget.dream.result import Dream
from salwidget.dream.setting import setting_of, size_hint
from salwidget.dream.transforms import Transform, transforms_of
from salwidget.images import Preprocess
from salwidget.network import Network, open_network
from salwidget.target import Filters, Target, Unit, target_of
from salwidget.words import target_in_words

Objective = Unit | Target | Sequence[Unit | Target]


def dream(
    model: keras.Model,
    layer: int | str = -1,
    filters: Filters = None,
    *,
    steps: int = 256,
    size: int | Sequence[int] | None = None,
    score: str = "logit",
    objective: Objective | None = None,
    parametrization: str | Parametrization = "fourier",
    transforms: Any = "default",
    regularizers: Any = (),
    optimizer: str | keras.optimizers.Optimizer = "adam",
    seed: int = 0,
    start: Any = None,
    batch: int | None = None,
    preprocess: Preprocess | None = None,
    input_range: Range | None = None,
) -> Dream:
    """An image that a class, a filter or a layer responds to: activation maximization.

    Erhan et al. 2009; Simonyan, Vedaldi and Zisserman 2013; Olah, Mordvintsev and Schubert 2017. Ascends

        mean over steps of S(transform(image(z))) - regularizers(image(z))

    in the coordinates z of a parametrization.

    Parameters
    ----------
    model
        A built Keras model of any kind with a differentiable input; it is not modified. Of several inputs the first that is
        differentiable is dreamed, the others are as in ``start``, or zero.
    layer, filters
        What is dreamed of: by index (negative from the end) or name, and one filter, or a list: an image for each.
        ``None``: the whole layer, the mean over its filters.
    steps
        How often the score is measured; between two of them the image changes. ``resume`` adds more.
    size
        Of the image, where the model takes any: one number, or (height, width).
    score
        Where the layer is an output of the model: ``"logit"``, ``"probability"`` or ``"log_probability"``.
    objective
        Instead of layer, filters and score a ``Unit`` or sum of units, one for all images or a list with one for each; see
        ``deep_dream``, ``direction``, ``caricature`` and ``diversity`` beside this function.
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
        For the start and all chance: the same on one machine gives the same image, bit for bit.
    start
        The image to begin with, as displayed: an array, a Pillow image or a path. For several inputs a dict by name.
        ``None``: noise.
    batch
        How many images are made of one objective, each from another start: with ``diversity`` different answers.
    preprocess, input_range
        From an image as displayed to what the model takes, a scale and shift of each pixel's colours; and the black and white
        of images as displayed. ``None``: by the model's name, by ``start``, or 0 to 255 for a model that scales its input
        itself, else 0 to 1; ``notes`` of the dream say what was assumed.

    Returns
    -------
    Dream
        An iterator of frames; ``run()`` takes all steps.

    Raises
    ------
    ValueError, TypeError
        One sentence that says what is wrong and what to do.
    """
    asked = {name: value for name, value in locals().items() if name != "model"}
    if isinstance(steps, bool) or not isinstance(steps, (int, np.integer)) or steps < 1:
        raise ValueError(f"steps={steps!r} is out of range; use a whole number from 1.")
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or seed < 0:
        raise ValueError(f"seed={seed!r} is out of range; use a whole number from 0.")
    network = open_network(model, *size_hint(size, start))
    setting = setting_of(network, size, start, preprocess, input_range)
    targets = targets_of(network, layer, filters, score, objective, batch)
    # Images of one objective begin apart; those of several objectives begin alike, so that they can be compared.
    seeds = [seed + sum(target == other for other in targets[:place]) for place, target in enumerate(targets)]
    way = parametrization_of(parametrization)
    gradient = network.gradient(targets, setting.source)
    scene = Scene(
        gradient.cut,
        network.inputs,
        setting.source,
        setting.shape,
        len(targets),
        way,
        transforms_of(transforms, setting.source),
        regularizers_of(regularizers),
        setting.appearance,
    )
    begin = setting.coordinates(way, seeds)
    given = [*setting.held(network.inputs, len(targets)), *gradient.numbers]
    slope = slope_of(network, scene, optimizer, given)
    ascent = Ascent(model, slope, begin, given, seeds)
    several = batch is not None or isinstance(objective, (list, tuple)) or (objective is None and _listed(filters))
    titles = titles_of(targets, lambda target: target_in_words(network, target))
    notes = list(setting.appearance.notes)
    if objective is None and filters is None and (all_of := network.layer(layer)) in network.outputs and all_of.filters > 1:
        notes.append(f"This is a dream of all {all_of.filters} outputs at once; name one with filters=, e.g. filters=0.")
    return Dream(
        ascent,
        lambda images: gradient(setting.batch(images))[0],
        np.asarray(way.image([tf.constant(each) for each in begin], setting.shape)),
        setting.appearance,
        titles,
        int(steps),
        several,
        partial(as_python, dream, asked),
        notes,
    )


def targets_of(
    network: Network,
    layer: int | str,
    filters: Filters,
    score: str,
    objective: Objective | None,
    batch: int | None,
) -> list[Target]:
    """The checked target of each image.

    Raises
    ------
    ValueError
        For an objective beside a layer, an empty list, or more than one image for each of several objectives.
    """
    if objective is None:
        wanted: Sequence[Unit | Target]
        if _listed(filters):
            wanted = [Unit(layer, one, score) for one in filters]  # type: ignore[union-attr]
        else:
            index = network.layer(layer)
            wanted = [Unit(layer, tuple(range(index.filters)) if filters is None else filters, score)]
    elif filters is not None or (layer, score) != (-1, "logit"):
        raise ValueError("objective= says all: leave layer, filters and score away.")
    else:
        wanted = objective if isinstance(objective, Sequence) else [objective]
    if not wanted:
        raise ValueError("There is nothing to dream of: name at least one filter or objective.")
    if batch is None:
        batch = 1
    elif isinstance(batch, bool) or not isinstance(batch, (int, np.integer)) or batch < 1:
        raise ValueError(f"batch={batch!r} is out of range; use a whole number from 1.")
    elif len(wanted) > 1 and batch != len(wanted):
        raise ValueError(f"batch={batch} makes several images of one objective, but there are {len(wanted)}: leave it away.")
    checked = [target_of(network, one) for one in wanted]
    return checked * batch if len(checked) == 1 else checked


def slope_of(network: Network, scene: Scene, optimizer: str | keras.optimizers.Optimizer, given: Sequence[np.ndarray]) -> Slope:
    """The compiled steps of a scene: those of an earlier dream where all but numbers is the same."""

    def made() -> Slope:
        return Slope(scene, optimizer_of(optimizer, scene.parametrization.learning_rate), given)

    # What is kept for a model must not keep a person's own functions and objects, which may mention the model.
    ours = all(isinstance(one, (Transform, Regularizer)) for one in (*scene.transforms, *scene.regularizers))
    if not (ours and isinstance(optimizer, str) and isinstance(scene.parametrization, tuple(PARAMETRIZATIONS.values()))):
        return made()
    return network.kept(("slope", scene, optimizer, tuple(each.shape for each in given)), made)


def optimizer_of(optimizer: str | keras.optimizers.Optimizer, learning_rate: float) -> keras.optimizers.Optimizer:
    """A fresh optimizer, with this rate where it is given by name: one remembers the variables that it was used on.

    Raises
    ------
    ValueError, TypeError
        For a name that Keras does not know, or what is no optimizer.
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


def _listed(filters: Filters) -> bool:
    return isinstance(filters, (Sequence, np.ndarray))
