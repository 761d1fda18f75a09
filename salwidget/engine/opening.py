"""Opening a model: once, and again when its layers have changed."""

from __future__ import annotations

import threading
import weakref

import keras

from salwidget.engine.inputs import Shape, inputs_of, knows_shape
from salwidget.engine.network import Network
from salwidget.foreign import require_keras_model

_networks: weakref.WeakKeyDictionary[keras.Model, Network] = weakref.WeakKeyDictionary()
_opening = threading.RLock()


def open_network(model: keras.Model, *shapes: Shape) -> Network:
    """Open ``model``: traced on the first call; later calls return the same object until the model's layers change.

    Parameters
    ----------
    model
        A built Keras model.
    shapes
        The shape of each input without the batch, e.g. (H, W, C), where the model does not know it (a subclassed one).

    Raises
    ------
    TypeError, ValueError, ImportError
        For anything but a built Keras model on TensorFlow, for inputs of an unknown or unsupported shape, or inside a graph.
    """
    require_keras_model(model)
    if (known := _known(model, shapes)) is not None:
        return known
    with _opening:  # two threads that notice a change get one network
        if (known := _known(model, shapes)) is not None:
            return known
        if not shapes and model in _networks and not knows_shape(model):
            shapes = tuple(each.shape for each in _networks[model].inputs)
        network = _networks[model] = Network(model, inputs_of(model, shapes))
    return network


def _known(model: keras.Model, shapes: tuple[Shape, ...]) -> Network | None:
    known = _networks.get(model)
    if known is None or not known.is_current:
        return None
    return known if not shapes or knows_shape(model) or shapes == tuple(each.shape for each in known.inputs) else None
