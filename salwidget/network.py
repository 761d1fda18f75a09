"""An opened model: its layers in a flat list, what they are, and the trace that answers questions about them."""

from __future__ import annotations

import difflib
import functools
import threading
import weakref
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from salwidget.backprop import RECTIFIERS, RULES, rule_of
from salwidget.layers import Layer, flattened, named
from salwidget.observe import Call
from salwidget.trace import CONVOLUTIONS, Cut, Trace, channels_last, first_tensor

# tf.gradients adds operations to the graph at every cut; past this many a fresh trace (0.3 s) is cheaper to keep.
MOST_CUTS = 64


class Network:
    """A Keras model, opened for questions. Use ``open_network``, which keeps one for each model object.

    The model is never modified; it is held by a weak reference, so that dropping it frees it.
    """

    def __init__(self, model: keras.Model, shape: tuple[int | None, ...], dtype: str) -> None:
        self._model = weakref.ref(model)
        self.name: str = model.name
        self.parameters: int = model.count_params()
        self.input_shape = shape
        self.dtype = dtype
        self._cuts: dict[Any, Any] = {}
        self._ancestors: dict[int, dict[str, str]] = {}
        self._lock = threading.RLock()
        self._open()
        formats = {getattr(call.layer, "data_format", None) for call, _ in self._taps}
        self.channel_axis = 1 if "channels_first" in formats else -1
        self.layers = tuple(
            Layer(index, name, type(call.layer).__name__, self._shape_of(call.output))
            for index, (call, name) in enumerate(self._taps)
        )

    def _open(self) -> None:
        model = self.model
        self._trace = Trace(model, self.input_shape, self.dtype)
        self._taps = named(flattened(self._trace.calls, self._trace))
        inputs = [layer for layer in getattr(model, "layers", []) if isinstance(layer, keras.layers.InputLayer)]
        if inputs:  # counted as in model.layers, so that an index means what keras-vis's users expect
            self._taps.insert(0, (Call(weakref.ref(inputs[0]), self._trace.input), inputs[0].name))
        self._output_index = max(i for i, (call, _) in enumerate(self._taps) if first_tensor(call.output) is self._trace.output)
        self.activation, self._logits = self._trace.final_activation()
        self._cuts.clear()
        self._ancestors.clear()

    @property
    def model(self) -> keras.Model:
        model = self._model()
        if model is None:
            raise ValueError("The model is gone: keep a reference to it while you ask questions about it.")
        return model

    @property
    def image_shape(self) -> tuple[int | None, ...]:
        """(H, W, C) of the images, channels last whatever the model's layout is."""
        if self.channel_axis == 1:
            return (*self.input_shape[1:], self.input_shape[0])
        return self.input_shape

    @property
    def output(self) -> Layer:
        """The layer whose output is the model's."""
        return self.layers[self._output_index]

    @functools.cached_property
    def rectifiers(self) -> int:
        """How many rectifier operations the model has."""
        found = self._trace.nonlinearities()
        return sum(found[kind] for kind in RECTIFIERS)

    @property
    def cuts(self) -> int:
        """How many gradients have been built on the present trace; a class or a filter builds none."""
        return self._trace.cuts

    def why_no_rule(self) -> str:
        """Why a backprop rule cannot be used on this model; empty where it can."""
        if self._trace.hides_rectifiers():
            return "a rectifier is hidden inside a tf.function, where backprop rules cannot reach it"
        if self.rectifiers:
            return ""
        others = ", ".join(f"{count} {kind.upper()}" for kind, count in self._trace.nonlinearities().items())
        return f"this model has no rectifier (ReLU, ReLU6, LeakyReLU); its activations are {others or 'none'}"

    def layer(self, which: int | str | Layer) -> Layer:
        """Find a layer by index (negative counts from the end) or by name.

        Raises
        ------
        ValueError
            For an unknown name, with the nearest ones, or an index out of range, with the count.
        """
        if isinstance(which, Layer):
            return which
        if isinstance(which, str):
            same = [layer for layer in self.layers if layer.name == which]
            if same:
                return same[0]
            near = difflib.get_close_matches(which, [layer.name for layer in self.layers], cutoff=0.3)
            hint = f"; the nearest are {', '.join(near)}" if near else ""
            raise ValueError(f"There is no layer {which!r} in {self.name}{hint}.")
        count = len(self.layers)
        if isinstance(which, bool) or not isinstance(which, (int, np.integer)):
            raise TypeError(f"A layer is given by its index or its name, not by {type(which).__name__}.")
        if not -count <= which < count:
            raise ValueError(f"layer {which} is out of range: {self.name} has {count} layers, 0 to {count - 1}.")
        return self.layers[which]

    def keras_layer(self, layer: Layer) -> keras.Layer:
        """The Keras layer behind ``layer`` (for its weights)."""
        return self._taps[layer.index][0].layer

    def depends(self, target: Layer, source: Layer) -> bool:
        """Whether the output of ``target`` is computed from that of ``source``."""
        return self._raw_tap(source).op.name in self._before(target)

    def last_with_space(self, target: Layer) -> Layer | None:
        """The nearest feature map of more than one cell before ``target`` that it is computed from."""
        for layer in reversed(self.layers[: target.index]):
            if layer.has_space and self.depends(target, layer):
                return layer if any(kind in CONVOLUTIONS for kind in self._before(layer).values()) else None
        return None

    def _before(self, layer: Layer) -> dict[str, str]:
        if layer.index not in self._ancestors:
            self._ancestors[layer.index] = self._trace.ancestors(self._raw_tap(layer))
        return self._ancestors[layer.index]

    def predict(self, images: np.ndarray) -> np.ndarray:
        """The model's output for a batch of inputs (N, H, W, C), as the model gives it."""
        (output,) = self._forward("output", lambda: [self._trace.output])(self.as_input(images))
        return output

    def activations(self, images: np.ndarray, layer: Layer) -> np.ndarray:
        """Output of ``layer`` for a batch of inputs, channels last."""
        (values,) = self._forward(layer, lambda: [self._tap(layer)])(self.as_input(images))
        return values

    def means_over_channels(self, images: np.ndarray, layers: Sequence[Layer]) -> list[np.ndarray]:
        """Mean over channels of the output of each of ``layers``, (N, h, w) each, in one forward pass."""

        def means() -> list[Any]:
            with self._trace.graph.as_default():
                return [tf.reduce_mean(self._tap(layer), axis=-1) for layer in layers]

        key = ("means", tuple(layer.index for layer in layers))
        return list(self._forward(key, means)(self.as_input(images)))

    def gradient(self, target: Layer, score: str, source: Layer | None, modifier: Any) -> Cut:
        """Compiled gradient of a score with respect to the input (``source=None``) or to a layer's output.

        Raises
        ------
        ValueError
            When a backprop rule finds no rectifier on its way, or nothing joins the two.
        """
        rule = rule_of(modifier)
        if rule and (reason := self.why_no_rule()):
            raise ValueError(f"backprop_modifier {_name_of(modifier)!r} needs rectifiers: {reason}.")

        def cut() -> Cut:
            tensor = self._logits if score == "logit" and target == self.output else self._raw_tap(target)
            if tensor is None:
                raise ValueError(
                    f"The final {self.activation} of {self.name} is inside a tf.function, where its logit cannot be reached; "
                    "use score='probability', or take the tf.function away."
                )
            start = self._trace.input if source is None else self._raw_tap(source)
            made = self._trace.cut(tensor, start, rule=rule, channel_axis=self.channel_axis)
            if rule and not made.rectifiers:
                begin = "the input" if source is None else f"layer {source}"
                raise ValueError(
                    f"backprop_modifier {_name_of(modifier)!r} would change nothing: "
                    f"no rectifier lies between {begin} and layer {target}."
                )
            return made

        # A rule of the user's may mention the model: held weakly, it cannot keep the model alive.
        own = rule if rule is None or rule in RULES.values() else weakref.ref(rule)
        return self._kept(("gradient", target, score, source, own), cut)

    def as_input(self, images: np.ndarray) -> np.ndarray:
        """Images (N, H, W, C) in the layout and floating type that the trace is fed."""
        if self.channel_axis == 1:
            images = np.moveaxis(images, -1, 1)
        return np.ascontiguousarray(images, dtype=self.dtype)

    def _forward(self, key: Any, tensors: Any) -> Any:
        return self._kept(("forward", key), lambda: self._trace.forward(tensors()))

    def _kept(self, key: Any, make: Any) -> Any:
        with self._lock:
            if key not in self._cuts:
                if self._trace.cuts >= MOST_CUTS:
                    self._open()
                self._cuts[key] = make()
            return self._cuts[key]

    def _raw_tap(self, layer: Layer) -> Any:
        return first_tensor(self._taps[layer.index][0].output)

    def _tap(self, layer: Layer) -> Any:
        with self._trace.graph.as_default():
            return channels_last(self._raw_tap(layer), self.channel_axis)

    def _shape_of(self, output: Any) -> tuple[int | None, ...]:
        shape = tuple(first_tensor(output).shape)[1:]
        return (*shape[1:], shape[0]) if self.channel_axis == 1 and len(shape) > 1 else shape


_networks: weakref.WeakKeyDictionary[keras.Model, Network] = weakref.WeakKeyDictionary()


def open_network(model: keras.Model, image_shape: tuple[int, ...] | None = None) -> Network:
    """The opened ``model``: traced at the first call, the same object afterwards.

    Parameters
    ----------
    model
        A built Keras model with one input of rank 4 (images).
    image_shape
        (H, W, C) of the images, needed only where the model does not know its own input shape (subclassed models).

    Raises
    ------
    TypeError
        When ``model`` is not a Keras model.
    ValueError
        When the model has several inputs, takes no images, or has no known input shape.
    """
    if not isinstance(model, keras.Model):
        raise TypeError(
            f"A Keras model is needed, not {type(model).__name__}; "
            "load one with keras.models.load_model, or build it with keras.Model."
        )
    known = _networks.get(model)
    if known is not None and (image_shape is None or _fits(image_shape, known.image_shape) or _knows_shape(model)):
        return known
    shape, dtype = _input_of(model, image_shape)
    network = Network(model, shape, dtype)
    _networks[model] = network
    return network


def _knows_shape(model: keras.Model) -> bool:
    return bool(getattr(model, "inputs", None))


def _fits(image: tuple[int, ...], shape: tuple[int | None, ...]) -> bool:
    return len(image) == len(shape) and all(b in (None, a) for a, b in zip(image, shape, strict=True))


def _input_of(model: keras.Model, image_shape: tuple[int, ...] | None) -> tuple[tuple[int | None, ...], str]:
    if not model.built:
        raise ValueError(f"{model.name} is not built and has no weights yet: call it once on an image, or load its weights.")
    if not _knows_shape(model):
        if image_shape is None:
            raise ValueError(f"{model.name} does not know its input shape: pass an image of the size that it takes.")
        return image_shape, model.dtype if model.dtype == "float64" else "float32"
    if len(model.inputs) > 1:
        names = ", ".join(tensor.name for tensor in model.inputs)
        raise ValueError(f"{model.name} has {len(model.inputs)} inputs ({names}); models with one image input are supported.")
    tensor = model.inputs[0]
    if len(tensor.shape) != 4:
        raise ValueError(f"{model.name} takes inputs of shape {tuple(tensor.shape)}; images (batch, H, W, C) are supported.")
    return tuple(tensor.shape[1:]), "float64" if tensor.dtype == "float64" else "float32"


def _name_of(modifier: Any) -> str:
    return modifier if isinstance(modifier, str) else getattr(modifier, "__name__", "callable")
