"""Gradient descent on the image."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import keras
import numpy as np
import tensorflow as tf

from salwidget.attribution.explain import shape_hints
from salwidget.dreams.front import optimizer_of
from salwidget.engine.inputs import Input
from salwidget.engine.layers import Layer
from salwidget.engine.network import Network
from salwidget.engine.opening import open_network
from salwidget.grad_modifiers import modifier_of
from salwidget.images import InputsLike, examples_of
from salwidget.progress import progress_bar
from salwidget.query import Modifier
from salwidget.tensors import Tensor
from salwidget.vis.callbacks import OptimizerCallback, Print
from salwidget.vis.input_modifiers import InputModifier
from salwidget.vis.losses import Loss, named_targets
from salwidget.vis.pictures import random_array
from salwidget.vis.symbolic import InputTensor, WrtTensor, model_of, source_of

# As shares of the input range: the deviation of the initial noise, as in keras-vis, and the learning rate.
NOISE = 0.05
STEP = 0.01


def stepping(
    image: np.ndarray, optimizer: keras.optimizers.Optimizer, bounds: tuple[float, float]
) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    """A function from an image like ``image`` and its gradient to the image after one step, clipped to ``bounds``."""
    variable = keras.Variable(image, dtype=image.dtype.name, name="image")
    optimizer.build([variable])

    @tf.function(autograph=False, reduce_retracing=True)
    def moved(image: Tensor, gradient: Tensor) -> Tensor:
        variable.assign(image)
        optimizer.apply([gradient], [variable])
        return tf.clip_by_value(variable.value, *bounds)

    def step(image: np.ndarray, gradient: np.ndarray) -> np.ndarray:
        stepped: np.ndarray = moved(tf.constant(image, variable.dtype), tf.constant(gradient, variable.dtype)).numpy()
        return stepped

    return step


def after(modifiers: Sequence[InputModifier], image: np.ndarray) -> np.ndarray:
    """``post`` of all modifiers, the last one first."""
    for modifier in reversed(modifiers):
        image = modifier.post(image)
    return image


def check_finite(loss: float, gradient: np.ndarray, iteration: int) -> None:
    if not (np.isfinite(loss) and np.isfinite(gradient).all()):
        raise ValueError(
            f"The loss or its gradient is NaN or infinite at iteration {iteration}: "
            "check the weights of the model and of the losses, and try a smaller learning rate."
        )


class Optimizer:
    """Minimize a weighted sum of losses by changing the image.

    Parameters
    ----------
    input_tensor
        The model, or its ``model.inputs`` where it has them (functional and sequential models; of a functional one with a
        single input ``model.input``, too).
    losses
        ``[(Loss, weight), ...]``; weights of 0 or ``None`` are left out.
    input_range
        Lowest and highest value that the model takes; the image stays between them.
    wrt_tensor
        What gradients are taken with respect to: an input by index, name or tensor, or a layer's output by its tensor or
        Keras layer; ``None``: the first input. Only an input is optimized.
    norm_grads
        Whether to scale the gradient to length 1.

    Attributes
    ----------
    wrt_tensor : Input or Layer
        What gradients are taken with respect to.
    wrt_tensor_is_input_tensor : bool
        Whether it is an input, which ``minimize`` changes.
    """

    def __init__(
        self,
        input_tensor: InputTensor,
        losses: Sequence[tuple[Loss, float]],
        input_range: tuple[float, float] = (0, 255),
        wrt_tensor: WrtTensor = None,
        norm_grads: bool = True,
    ) -> None:
        if not input_range[0] < input_range[1]:
            raise ValueError(
                f"input_range={input_range} is empty; give the lowest value that the model takes, then the highest."
            )
        self.input_tensor = input_tensor
        self.model, self.backprop_modifier = model_of(input_tensor)
        self.losses = list(losses)
        self.input_range = input_range
        self._wrt = wrt_tensor
        self.norm_grads = norm_grads

    @property
    def wrt_tensor(self) -> Input | Layer:
        return source_of(open_network(self.model), self._wrt)

    @property
    def wrt_tensor_is_input_tensor(self) -> bool:
        return isinstance(self.wrt_tensor, Input)

    def minimize(
        self,
        seed_input: InputsLike | None = None,
        max_iter: int = 200,
        input_modifiers: Sequence[InputModifier] | None = None,
        grad_modifier: Modifier = None,
        callbacks: Sequence[OptimizerCallback] | None = None,
        verbose: bool = True,
        optimizer: str | keras.optimizers.Optimizer = "adam",
        seed: int | None = None,
        progress: bool = True,
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Evaluate the losses ``max_iter`` times, with a step of the optimizer after each but the last.

        Parameters
        ----------
        seed_input
            The start image, as the model takes it; for several inputs one for each. ``None``: noise around the middle of the
            input range, reproducible by ``seed``.
        grad_modifier
            Applied to the gradient before the step, as in ``visualize_saliency``.
        verbose
            Print the losses at each step.
        progress
            Whether to show a bar when it takes more than two seconds and losses are not printed.
        optimizer
            Name of a Keras optimizer, whose learning rate is then 1 % of the input range, or an optimizer.

        Returns
        -------
        image : float array (..., C), or (F,) for a vector
            The evaluated image with the lowest loss. (keras-vis returned the one after it, with stretched colours, which
            ``deprocess_input`` does.)
        gradient, value : arrays (1, ..., C), or (1, F)
            The gradient at that image, and the value that it is taken with respect to.

        Raises
        ------
        ValueError
            For a ``seed_input`` outside the input range, or a loss or gradient that becomes NaN or infinite.
        """
        if max_iter < 1:
            raise ValueError(f"max_iter={max_iter} is out of range; use at least 1.")
        network = open_network(self.model, *([] if seed_input is None else shape_hints(seed_input)))
        source = source_of(network, self._wrt)
        moved = source if isinstance(source, Input) else network.inputs[0]
        batch = self._start(network, seed_input, seed)
        total, named = named_targets(network, self.losses, source)
        gradient_of = network.gradient(total, source, self.backprop_modifier)

        def shown(image: np.ndarray) -> list[np.ndarray]:
            return [*batch[: moved.index], image, *batch[moved.index + 1 :]]

        def evaluate(image: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
            loss, value, gradient = gradient_of(shown(image))
            if moved is source:  # a vector is fed without its axis of channels
                value, gradient = value.reshape(image.shape), gradient.reshape(image.shape)
            return float(loss[0]), self._prepared(gradient, grad_modifier), value

        callbacks, modifiers = [*(callbacks or ()), *([Print()] if verbose else [])], tuple(input_modifiers or ())
        image, steps = batch[moved.index], max_iter if moved is source else 1
        if steps > 1:
            self._check_range(image)
        step = stepping(image, optimizer_of(optimizer, STEP * (self.input_range[1] - self.input_range[0])), self.input_range)
        lowest = np.inf
        try:
            with progress_bar("Optimizer", steps, "steps", progress and not verbose) as update:
                for step_index in range(steps):
                    for modifier in modifiers:
                        image = modifier.pre(image)
                    loss, gradient, value = evaluate(image)
                    check_finite(loss, gradient, step_index + 1)
                    if callbacks:
                        losses = [(name, float(network.scores(target, shown(image))[0])) for name, target in named]
                        for each in callbacks:
                            each.callback(step_index, losses, loss, gradient, value)
                    if loss < lowest:
                        lowest, best = loss, (after(modifiers, image)[0], gradient, value)
                    if step_index + 1 < steps:
                        image = after(modifiers, step(image, gradient))
                    update(step_index + 1, "")
        finally:
            for each in callbacks:
                each.on_end()
        image, gradient, value = best
        if len(moved.shape) == 1:  # a vector goes through here as a signal of one channel
            image, gradient, value = image[..., 0], gradient.reshape(1, -1), value.reshape(1, -1)
        return image, gradient, value

    def _start(self, network: Network, seed_input: InputsLike | None, seed: int | None) -> list[np.ndarray]:
        """One image (1, ..., C) for each input."""
        if seed_input is not None:
            examples = examples_of(seed_input, network.inputs, None)
            if len(examples) != 1:
                raise ValueError(f"seed_input holds {len(examples)} images; minimize begins with one.")
            return [picture.input[None] for picture in examples[0]]
        low, high = self.input_range
        if any(None in each.image_shape for each in network.inputs):
            raise ValueError(f"{network.name} takes images of any size: pass a seed_input of the size that you want.")
        noise = [
            random_array((1, *each.image_shape), (low + high) / 2, NOISE * (high - low), seed)  # type: ignore[arg-type]
            for each in network.inputs
        ]
        return [np.clip(each, low, high).astype(np.float32) for each in noise]

    def _prepared(self, gradient: np.ndarray, grad_modifier: Modifier) -> np.ndarray:
        if self.norm_grads and (length := np.linalg.norm(gradient)) > 0:
            gradient = gradient / length
        modify = modifier_of(grad_modifier)
        if modify is None:
            return gradient
        modified = np.asarray(modify(gradient[0]), gradient.dtype)[None]
        if modified.shape != gradient.shape:
            raise ValueError(f"The grad_modifier turned shape {gradient.shape[1:]} into {modified.shape[1:]}; keep the shape.")
        return modified

    def _check_range(self, image: np.ndarray) -> None:
        low, high = self.input_range
        slack = 1e-6 * (high - low)
        if not (low - slack <= image.min() and image.max() <= high + slack):
            raise ValueError(
                f"seed_input has values from {image.min():g} to {image.max():g}, outside input_range={self.input_range}: "
                "give the range that the model takes."
            )
