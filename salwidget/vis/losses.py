"""Losses over the outputs of layers, to be minimized, as in keras-vis."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from contextvars import ContextVar

import keras
import numpy as np
import tensorflow as tf

from salwidget.engine.inputs import Input
from salwidget.engine.layers import Layer
from salwidget.engine.network import Network
from salwidget.engine.resolve import target_of
from salwidget.engine.trace import channels_last
from salwidget.target import Filters, Target, Unit
from salwidget.tensors import Tensor
from salwidget.vis.symbolic import WhichInput, WhichLayer, evaluated, layer_of, source_of

# The network in whose graph a loss is being built, and what its gradient is taken with respect to.
_building: ContextVar[tuple[Network, Layer | Input]] = ContextVar("salwidget_building_loss")


class Loss(ABC):
    """A number to minimize. Subclass it and write ``build_loss(self)``; callbacks get its ``name``.

    ``build_loss`` returns a scalar, or one number for each image, shape (N,); it is called with one image at a time
    (N = 1). It may use

    - ``self.output(layer)``, for any kind of model: a TensorFlow tensor of the model's graph, valid only while ``build_loss``
      runs. ``self.image()`` is the input in the same way.
    - ``layer.output`` and ``model.inputs``, Keras's symbolic tensors, as in keras-vis: functional and sequential models have
      them. (``model.input`` and ``model.output`` only functional ones.) Compute on them with ``keras.ops``.

    Both give the layer's output as it is, after a final softmax, too.
    """

    name = "Unnamed Loss"

    def __str__(self) -> str:
        return self.name

    @abstractmethod
    def build_loss(self) -> Tensor:
        """The loss as a tensor."""

    def output(self, layer: WhichLayer) -> Tensor:
        """Output (N, ..., channels) of a layer: by index, name, or as the Keras layer."""
        network, _ = self._graph()
        return channels_last(network.tensor(layer_of(network, layer)), network.channel_axis)

    def image(self, which: WhichInput = None) -> Tensor:
        """An input (N, ..., channels) of the model by index, name or tensor; ``None``: the one that is differentiated."""
        network, source = self._graph()
        if which is not None or isinstance(source, Layer):
            source = source_of(network, which)
        return channels_last(network.tensor(source), network.channel_axis)

    def target(self, network: Network, source: Layer | Input) -> Target:
        """The loss as a target of the engine."""

        def built(_: Tensor) -> Tensor:
            token = _building.set((network, source))
            try:
                loss = self.build_loss()
            except AttributeError as error:
                if "has no defined output" not in str(error):
                    raise
                raise ValueError(
                    f"build_loss of {self.name!r} uses layer.output, which Keras knows only in functional and sequential "
                    "models: use self.output(layer)."
                ) from error
            finally:
                _building.reset(token)
            loss = evaluated(network, loss) if isinstance(loss, keras.KerasTensor) else tf.convert_to_tensor(loss)
            if loss.shape.rank not in (0, 1):
                raise ValueError(f"build_loss of {self.name!r} returns one number for each image, but gave {loss.shape}.")
            return tf.reshape(loss, [-1])

        built.__name__, built.of_one_image = self.name, True  # type: ignore[attr-defined]
        # The unit names some layer; the loss finds its own tensors.
        score = "logit" if network.activation_of(network.output) == "none" else "probability"
        return 1 * Unit(network.output.index, score=score, function=built)

    def _graph(self) -> tuple[Network, Layer | Input]:
        if (found := _building.get(None)) is None:
            raise ValueError("self.output(...) and self.image() work only inside build_loss.")
        return found


class ActivationMaximization(Loss):
    """Minus the mean output of filters, summed over them: minimizing it maximizes their response.

    Parameters
    ----------
    layer
        The Keras layer, or its index or name.
    filter_indices
        One, several, or ``None`` for all of them: not for the top class, as elsewhere.
    score
        If the layer ends the model in a softmax or sigmoid, ``"logit"`` is its input, for which keras-vis's users had to swap
        the activation; ``"probability"`` is its output, ``"log_probability"`` the logarithm of that. Ignored elsewhere.
    """

    name = "ActivationMax Loss"

    def __init__(self, layer: WhichLayer, filter_indices: Filters, score: str = "logit") -> None:
        self.layer = layer
        self.filter_indices = filter_indices
        self.score = score

    def build_loss(self) -> Tensor:
        """The loss as a tensor, on the layer's output as it is."""
        values = self.output(self.layer)
        filters = range(values.shape[-1]) if self.filter_indices is None else np.atleast_1d(self.filter_indices)
        means = tf.reduce_mean(values, axis=list(range(1, values.shape.rank - 1)))
        return -tf.reduce_sum(tf.gather(means, list(filters), axis=-1), axis=-1)

    def target(self, network: Network, source: Layer | Input) -> Target:
        """The loss as a target whose filters are fed, so that another filter needs no new graph."""
        layer = layer_of(network, self.layer)
        if self.filter_indices is None:  # named one by one: left open, they would be the top class of a dense output
            every = tuple(range(layer.filters))
            return -layer.filters * Unit(layer.index, every, self.score)
        return Target(tuple((-1.0, Unit(layer.index, one, self.score)) for one in np.atleast_1d(self.filter_indices).tolist()))


def named_targets(
    network: Network, losses: Iterable[tuple[Loss, float]], source: Layer | Input
) -> tuple[Target, list[tuple[str, Target]]]:
    """The weighted sum of losses as a checked target, and each weighted loss as one, with its name.

    Weights of 0 or ``None`` are left out.

    Raises
    ------
    ValueError, TypeError
        For an empty sum, or anything that is no list of (loss, weight).
    """
    named: list[tuple[str, Target]] = []
    for each in losses:
        if not (isinstance(each, (tuple, list)) and len(each) == 2 and isinstance(each[0], Loss)):
            raise TypeError(f"losses is a list of (Loss, weight), but holds {each!r}.")
        if each[1] not in (0, None):
            named.append((each[0].name, target_of(network, float(each[1]) * each[0].target(network, source))))
    if not named:
        raise ValueError("losses holds no loss of a weight other than 0; give at least one.")
    total = Target(tuple(term for _, target in named for term in target.terms))
    return target_of(network, total), named
