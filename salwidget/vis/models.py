"""Models and layers: rebuilding, finding, counting filters, names of classes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import keras
import numpy as np

from salwidget.engine.layers import Layer
from salwidget.engine.opening import open_network
from salwidget.labels import imagenet
from salwidget.tensors import Nested
from salwidget.vis.backend import ModifiedModel


class _Renewed(keras.Model):
    """A model that calls another one, with nothing compiled yet."""

    def __init__(self, model: keras.Model) -> None:
        super().__init__(name=model.name)
        self.model = model
        self.built = True

    def call(self, inputs: Nested, training: bool | None = None) -> Nested:
        return self.model(inputs, training=training)


def apply_modifications(model: keras.Model, custom_objects: Mapping[str, object] | None = None) -> keras.Model:
    """A model in which changed attributes of layers (``model.layers[-1].activation = ...``) take effect everywhere.

    A call of the changed model uses them at once, but functions compiled before, such as ``predict``, keep the old ones.
    keras-vis saved the model to a file and loaded it again. Here a functional or sequential model is cloned in memory, with
    its weights; a subclassed one cannot be cloned, so the returned model calls the same layers.

    Parameters
    ----------
    custom_objects
        Functions and classes by name that Keras needs to rebuild the layers.

    Raises
    ------
    ValueError
        When Keras cannot rebuild a layer.
    """
    if not hasattr(model, "operations") and not isinstance(model, keras.Sequential):
        return _Renewed(model)
    try:
        with keras.saving.custom_object_scope(dict(custom_objects or {})):
            renewed = keras.models.clone_model(model)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"A layer of {model.name} cannot be built again from its configuration: name its functions and classes in "
            "custom_objects={'name': object}, and use no lambda."
        ) from error
    renewed.set_weights(model.get_weights())
    return renewed


def find_layer_idx(model: keras.Model | ModifiedModel, layer_name: str) -> int:
    """The index of a layer, counted as everywhere in ``salwidget``: like ``model.layers``, with nested models opened.

    Functions that take an index also take the name.

    Raises
    ------
    ValueError
        For an unknown name, with the nearest ones.
    """
    return open_network(model.model if isinstance(model, ModifiedModel) else model).layer(layer_name).index


def get_num_filters(layer: keras.Layer | Layer) -> int:
    """The number of filters of a layer: its channels, or the units of a dense layer.

    Raises
    ------
    ValueError
        For a layer that does not know its output, as inside subclassed models.
    """
    if isinstance(layer, Layer):
        return layer.filters
    try:
        shape = layer.output.shape
    except AttributeError:
        counts = [getattr(layer, name) for name in ("filters", "units") if hasattr(layer, name)]
        if not counts:
            raise ValueError(
                f"Layer {layer.name} does not know its output: ask open_network(model).layer({layer.name!r}).filters."
            ) from None
        return int(counts[0])
    first = len(shape) > 2 and getattr(layer, "data_format", None) == "channels_first"
    return int(shape[1 if first else -1])


def lookup_imagenet_labels(indices: int | Sequence[int]) -> list[str]:
    """Names of ImageNet classes by number; a list, also for a single number.

    Raises
    ------
    ValueError
        For a number outside 0 to 999.
    """
    chosen = np.atleast_1d(indices).tolist()
    if wrong := [each for each in chosen if each not in range(1000)]:
        raise ValueError(f"ImageNet has classes 0 to 999, not {wrong[0]!r}.")
    names = imagenet()
    return [names[each] for each in chosen]
