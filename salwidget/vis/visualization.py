"""keras-vis's functions: saliency, class activation maps, activation maximization."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

import numpy as np

from salwidget.attribution import Context
from salwidget.attribution.explain import explain, query_of, shape_hints
from salwidget.engine.inputs import Input
from salwidget.engine.opening import open_network
from salwidget.images import InputsLike, examples_of
from salwidget.query import Modifier
from salwidget.target import Filters
from salwidget.vis import pictures
from salwidget.vis.backend import Model, modify_model_backprop
from salwidget.vis.losses import ActivationMaximization, Loss, named_targets
from salwidget.vis.optimizer import Optimizer
from salwidget.vis.regularizers import LPNorm, TotalVariation
from salwidget.vis.symbolic import InputTensor, WhichLayer, WrtTensor, layer_of, model_of, source_of

Losses = Sequence[tuple[Loss, float]]

# Logs which layer a CAM used, and how many rectifiers a rule changed: logging.basicConfig(level="INFO") shows it.
_log = logging.getLogger("salwidget.vis")


def visualize_saliency(
    model: Model,
    layer_idx: int | str,
    filter_indices: Filters,
    seed_input: InputsLike,
    wrt_tensor: WrtTensor = None,
    backprop_modifier: Modifier = None,
    grad_modifier: Modifier = "absolute",
    keepdims: bool = False,
    normalize: bool = True,
    score: str = "logit",
) -> np.ndarray:
    """Which values of the input move the score of filters: the gradient, maximum over channels.

    Parameters
    ----------
    model
        A Keras model of any kind, or what ``modify_model_backprop`` returns.
    layer_idx
        By index (negative from the end) or name; nested models are opened before counting.
    filter_indices
        One, several (the sum of their scores), or ``None``: all of them.
    seed_input
        One image (..., C) as the model takes it, or a batch of them; for several inputs a dict by name or one entry for each.
    wrt_tensor
        Of several inputs the one that the map is for, by index, name or tensor; ``None``: the first.
    backprop_modifier
        ``None``, ``"guided"``, ``"rectified"`` (``"relu"``, ``"deconv"``), ``(inputs, outputs, gradient) -> gradient``, or a
        function from model to model, such as ``backprop_modifiers.guided``.
    grad_modifier
        ``"absolute"``, ``None``, ``"negate"`` (what decreases the score), ``"relu"``, ``"invert"``, ``"small_values"``
        (what maintains it), or a callable on arrays.
    keepdims
        Keep the channels instead of their largest value.
    normalize
        Scale each map as a whole to [0, 1]; ``False``: raw values.
    score
        For a final softmax or sigmoid: its input, ``"logit"``, or its output, ``"probability"``.

    Returns
    -------
    float32 array (H, W), also for a batch of one, or (N, H, W) for a batch of N; with ``keepdims`` (..., C). For a vector
    (F,) in either case.

    Raises
    ------
    ValueError, TypeError
        One sentence that says what is wrong and what to do.
    """
    losses = [(ActivationMaximization(layer_idx, filter_indices, score), -1)]
    return visualize_saliency_with_losses(
        _ruled(model, backprop_modifier), losses, seed_input, wrt_tensor, grad_modifier, keepdims, normalize
    )


def visualize_saliency_with_losses(
    input_tensor: InputTensor,
    losses: Losses,
    seed_input: InputsLike,
    wrt_tensor: WrtTensor = None,
    grad_modifier: Modifier = "absolute",
    keepdims: bool = False,
    normalize: bool = True,
) -> np.ndarray:
    """The same for a weighted sum of losses: its gradient, so that -1 times an ``ActivationMaximization`` shows what raises
    the activation.

    Parameters
    ----------
    input_tensor
        The model, or its ``model.inputs`` where it has them (functional and sequential models; of a functional one with a
        single input ``model.input``, too).
    losses
        ``[(Loss, weight), ...]``.
    wrt_tensor
        As above; or a layer's output, by its tensor or Keras layer: the map then has that layer's size.
    """
    model, rule = model_of(input_tensor)
    network = open_network(model, *shape_hints(seed_input))
    source = source_of(network, wrt_tensor)
    target, _ = named_targets(network, losses, source)
    over = source if isinstance(source, Input) else network.inputs[0]
    maps = []
    for example in examples_of(seed_input, network.inputs, None):
        query = query_of(network, example, "saliency", target, over, rule, grad_modifier, 0, {})
        context = Context(network, query, example, {})
        gradient = context.gradient() if isinstance(source, Input) else context.activations_and_gradient(source)[1]
        vector = isinstance(source, Input) and len(source.shape) == 1  # it goes through here as a signal of one channel
        maps.append(gradient if keepdims and not vector else gradient.max(-1))
        _log_notes(context.notes)
    return _finished(maps, normalize)


def visualize_cam(
    model: Model,
    layer_idx: int | str,
    filter_indices: Filters,
    seed_input: InputsLike,
    penultimate_layer_idx: int | str | None = None,
    backprop_modifier: Modifier = None,
    grad_modifier: Modifier = None,
    normalize: bool = True,
    score: str = "logit",
    wrt_tensor: WrtTensor = None,
) -> np.ndarray:
    """Where the feature maps of a layer support the score of filters: Grad-CAM, at the size of the input.

    Parameters
    ----------
    penultimate_layer_idx
        The layer whose feature maps are weighed, by index or name. ``None``: the nearest before ``layer_idx`` with more
        than one cell; the logger ``salwidget.vis`` says which (level INFO).

    Other parameters and the result are as in ``visualize_saliency``. ``normalize=False`` gives Grad-CAM's own values, none of
    them negative.
    """
    losses = [(ActivationMaximization(layer_idx, filter_indices, score), -1)]
    tensor = _ruled(model, backprop_modifier)
    return visualize_cam_with_losses(tensor, losses, seed_input, penultimate_layer_idx, grad_modifier, normalize, wrt_tensor)


def visualize_cam_with_losses(
    input_tensor: InputTensor,
    losses: Losses,
    seed_input: InputsLike,
    penultimate_layer: WhichLayer | None,
    grad_modifier: Modifier = None,
    normalize: bool = True,
    wrt_tensor: WrtTensor = None,
) -> np.ndarray:
    """The same for a weighted sum of losses, as in ``visualize_saliency_with_losses``.

    ``penultimate_layer`` is a Keras layer, or its index or name.
    """
    model, rule = model_of(input_tensor)
    network = open_network(model, *shape_hints(seed_input))
    source = source_of(network, wrt_tensor)
    if not isinstance(source, Input):
        raise ValueError("wrt_tensor of a CAM is an input; the layer that it looks at is penultimate_layer.")
    target, _ = named_targets(network, losses, source)
    penultimate = None if penultimate_layer is None else layer_of(network, penultimate_layer).index
    rules: dict[str, Any] = {"backprop_modifier": rule, "grad_modifier": grad_modifier}
    options: dict[str, Any] = {"penultimate_layer": penultimate, "negative": "drop"}
    found = explain(model, seed_input, "grad_cam", target=target, wrt=source.index, **rules, **options)
    maps = found if isinstance(found, list) else [found]
    for each in maps:
        _log_notes(each.notes)
    return _finished([each.values for each in maps], normalize)


def visualize_activation(
    model: Model,
    layer_idx: int | str,
    filter_indices: Filters = None,
    wrt_tensor: WrtTensor = None,
    seed_input: InputsLike | None = None,
    input_range: tuple[float, float] = (0, 255),
    backprop_modifier: Modifier = None,
    grad_modifier: Modifier = None,
    act_max_weight: float = 1,
    lp_norm_weight: float = 10,
    tv_weight: float = 10,
    score: str = "logit",
    **optimizer_params: Any,
) -> np.ndarray:
    """An image that the filters respond to: activation maximization in pixels.

    Erhan et al. 2009; Simonyan, Vedaldi and Zisserman 2013, section 2.

    Parameters
    ----------
    seed_input
        The start image; ``None``: noise.
    input_range
        Lowest and highest value that the model takes; (0, 255) gives an image in uint8.
    act_max_weight, lp_norm_weight, tv_weight
        Weights of ``ActivationMaximization``, ``LPNorm`` and ``TotalVariation``; 0 or ``None`` leaves one out.
    **optimizer_params
        Of ``Optimizer.minimize``: ``max_iter`` (200), ``input_modifiers``, ``callbacks``, ``optimizer``, ``seed``,
        ``verbose`` (False).

    Other parameters are as in ``visualize_saliency``; ``filter_indices=None``: all filters.

    Returns
    -------
    array (..., C), or (F,) for a vector, in ``input_range``.
    """
    losses = [
        (ActivationMaximization(layer_idx, filter_indices, score), act_max_weight),
        (LPNorm(), lp_norm_weight),
        (TotalVariation(), tv_weight),
    ]
    tensor = _ruled(model, backprop_modifier)
    return visualize_activation_with_losses(
        tensor, losses, wrt_tensor, seed_input, input_range, grad_modifier=grad_modifier, **optimizer_params
    )


def visualize_activation_with_losses(
    input_tensor: InputTensor,
    losses: Losses,
    wrt_tensor: WrtTensor = None,
    seed_input: InputsLike | None = None,
    input_range: tuple[float, float] = (0, 255),
    **optimizer_params: Any,
) -> np.ndarray:
    """The same for a weighted sum of losses, which is minimized."""
    optimizer = Optimizer(input_tensor, losses, input_range, wrt_tensor)
    image, _, _ = optimizer.minimize(seed_input, **{"verbose": False, **optimizer_params})
    photograph = tuple(input_range) == (0, 255) and all(isinstance(end, int) for end in input_range)
    return np.rint(image).astype(np.uint8) if photograph else image


def _ruled(model: Model, backprop_modifier: Modifier) -> Model:
    return model if backprop_modifier is None else modify_model_backprop(model, backprop_modifier)


def _finished(maps: Sequence[np.ndarray], normalize: bool) -> np.ndarray:
    """Maps stacked, but a single one without that axis: keras-vis took batches of one and returned one map."""
    scaled = [pictures.normalize(each) if normalize else each for each in maps]
    return np.asarray(np.stack(scaled) if len(scaled) > 1 else scaled[0], np.float32)


def _log_notes(notes: Sequence[str]) -> None:
    for note in notes:
        _log.info(note)
