"""An opened model: its layers in a flat list, what they are, and the trace that answers questions about them."""

from __future__ import annotations

import functools
import threading
import weakref
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import keras
import numpy as np
import tensorflow as tf

from salwidget.digest import digest
from salwidget.engine.architecture import Architecture, settings_of
from salwidget.engine.backprop import RULES, Propagation, Rule, rule_of
from salwidget.engine.cache import Cache
from salwidget.engine.gc_pause import gc_paused
from salwidget.engine.inputs import Input, found_input
from salwidget.engine.layers import Layer, found
from salwidget.engine.score import one_each, structure_of
from salwidget.engine.trace import CONVOLUTIONS, Cut
from salwidget.engine.traced_model import TracedModel
from salwidget.target import Target
from salwidget.tensors import Operation, Tensor

# Compiled questions at most: each adds operations to the graph. Past this many all are dropped and the model is traced
# again (0.3 s), which frees the memory.
MOST_CUTS = 32

# One array (N, ..., C) for each of the model's inputs.
Batch = Sequence[np.ndarray]
Source = Layer | Input | tuple[Input, ...]
T = TypeVar("T")


class Network:
    """A Keras model, opened for questions by ``open_network``: never modified, and held weakly, so that dropping it frees it.

    Attributes
    ----------
    inputs, layers, outputs
        The model's inputs, all its layers with nested models opened, and the layers that are its outputs.
    one_by_one
        Whether the model takes one image at a time.
    cache
        Outputs of layers, and answers; the version of the weights is part of each key.
    """

    def __init__(self, model: keras.Model, inputs: Sequence[Input]) -> None:
        self._model = weakref.ref(model)
        self.name: str = model.name
        self.parameters: int = model.count_params()
        self._cuts: dict[Hashable, Any] = {}
        self._lock = threading.RLock()
        before = settings_of(model._flatten_layers())
        with gc_paused():
            self._traced = TracedModel(model, inputs)
        self._architecture = Architecture(model, self._traced.called, before)
        self._plain: TracedModel | None = None
        self.cache = Cache()
        self.channel_axis = self._traced.channel_axis
        self.one_by_one = self._traced.trace.one_by_one
        self.inputs = self._traced.inputs
        self.layers = self._traced.layers
        self.outputs = tuple(self.layers[index] for index in self._traced.ends)

    @property
    def model(self) -> keras.Model:
        if (model := self._model()) is None:
            raise ValueError("The model is gone: keep a reference to it while you ask questions about it.")
        return model

    @property
    def output(self) -> Layer:
        """The layer whose output is the model's first."""
        return self.outputs[0]

    def activation_of(self, output: Layer) -> str:
        """The final activation of an output: ``softmax``, ``sigmoid`` or ``none``."""
        return self._traced.ends[output.index][0]

    @functools.cached_property
    def rectifiers(self) -> int:
        """How many rectifiers the model has that backprop rules reach."""
        return len(self._traced.trace.activations.rectifiers)

    def refresh(self) -> int:
        """Take up the weights as they are now; returns their version, a new number if any was assigned since the last call."""
        return self._traced.trace.folds.refresh()

    @property
    def version_used(self) -> int:
        """The version of the weights that answers were last computed from; the weights are not read."""
        return self._traced.trace.folds.version

    @property
    def is_current(self) -> bool:
        """Whether the model is still made of the layers that were traced; if not, ``open_network`` opens it again."""
        return self._architecture.is_current()

    @property
    def has_room(self) -> bool:
        """Whether more can be compiled before old ones are dropped."""
        return len(self._cuts) < MOST_CUTS // 2

    @property
    def cuts(self) -> int:
        """How many gradients have been built on the present trace; another class or filter builds none."""
        return self._traced.trace.cuts

    @functools.cached_property
    def smooth_activations(self) -> str:
        """The activations that backprop rules do not apply to, e.g. ``"3 GELU, 1 SiLU"``; empty if there are none."""
        return ", ".join(f"{count} {kind}" for kind, count in self._traced.trace.smooth_activations().items())

    @property
    def activations_by_operation(self) -> Mapping[str, str]:
        """The same by operation name: an operation's type does not tell a gate from a rectifier."""
        return self._traced.trace.activations.others

    def why_no_rule(self) -> str:
        """Why no backprop rule can be used on this model; empty if one can."""
        if self._traced.trace.hides_rectifiers():
            return "a rectifier is hidden inside a tf.function, where backprop rules cannot reach it"
        named = "" if self.rectifiers else self.smooth_activations or "none"
        return named and f"this model has no rectifier (ReLU, ReLU6, LeakyReLU, PReLU); its activations are {named}"

    def layer(self, which: int | str | Layer) -> Layer:
        """Find a layer by index (negative counts from the end) or by name; raises ``ValueError`` if there is none."""
        return found(self.layers, which, self.name)

    def input(self, which: int | str) -> Input:
        """Find an input by index or name; raises ``ValueError`` if there is none."""
        return found_input(self.inputs, which, self.name)

    def keras_layer(self, layer: Layer) -> keras.Layer:
        """The Keras layer behind ``layer`` (for its weights)."""
        return self._traced.keras_layer(layer)

    def tensor(self, node: Layer | Input) -> Tensor:
        """An input, or the output of a layer, as a tensor of the graph, in the model's own layout."""
        return self._traced.tensor(node)

    def depends(self, target: Layer, source: Layer | Input) -> bool:
        """Whether the output of ``target`` is computed from that of ``source``."""
        return self.tensor(source).op.name in self._traced.before(self.tensor(target))

    def last_with_space(self, target: Layer, source: Input) -> Layer | None:
        """The nearest feature map of more than one cell before ``target``, laid out like ``source`` and computed from it."""
        for layer in reversed(self.layers[: target.index]):
            alike = layer.has_space and len(layer.shape) == source.space + 1
            if alike and self.depends(target, layer) and self.depends(layer, source):
                return layer if self.operations(layer) & set(CONVOLUTIONS) else None
        return None

    def operations(self, layer: Layer) -> set[str]:
        """Types of all operations that the output of ``layer`` depends on."""
        return set(self._traced.before(self.tensor(layer)).values())

    def between(self, source: Input, target: Layer) -> list[Operation]:
        """The operations on the way from an input to a layer's output, or to its logits where the model ends."""
        return self._traced.between(source, target)

    def predict(self, batch: Batch, output: Layer | None = None) -> np.ndarray:
        """An output of the model (by default the first) for a batch, channels last."""
        return self.activations(batch, output or self.output)

    def activations(self, batch: Batch, layer: Layer) -> np.ndarray:
        """Output of ``layer`` for a batch, channels last."""
        values = self.tensor_at(batch, layer).numpy()
        return np.moveaxis(values, 1, -1) if self.channel_axis == 1 and values.ndim > 2 else values

    def tensor_at(self, batch: Batch, layer: Layer) -> Tensor:
        """Output of ``layer`` for a batch in the model's own layout; from the cache if the batch has been seen."""
        images, version = digest(*batch), self.refresh()
        if (known := self.cache.get((images, layer.index, version))) is not None:
            return known
        layers = self._together(layer)
        run = self.get_or_compile(("outputs", *(each.index for each in layers)), lambda: self._traced.raw(layers))
        for each, value in zip(layers, values := run(*self.as_fed(batch), fresh=True), strict=True):
            self.cache.put((images, each.index, version), value, value.dtype.size * int(tf.size(value)))
        return values[0]

    def has_cached(self, batch: Batch, layer: Layer) -> bool:
        """Whether the output of ``layer`` for a batch is in the cache."""
        return (digest(*batch), layer.index, self.refresh()) in self.cache

    def means_over_channels(self, batch: Batch, layers: Sequence[Layer]) -> list[np.ndarray]:
        """Mean over channels of the output of each of ``layers``, (N, h, w) each, in one forward pass."""
        key = "means", tuple(layer.index for layer in layers)
        run = self.get_or_compile(key, lambda: self._traced.outputs(layers, lambda tap: tf.reduce_mean(tap, axis=-1)))
        return [values.numpy() for values in run(*self.as_fed(batch))]

    def scores(self, target: Target, batch: Batch) -> np.ndarray:
        """The target's value (N,) for each item of a batch."""
        return self.scored(target, batch)[0]

    def scored(self, target: Target, batch: Batch, *beside: Layer) -> list[np.ndarray]:
        """The target's value (N,), then of outputs ``beside`` it their logits (N, ..., C), if in reach: in one pass."""
        structure, numbers = structure_of([target], self.layers)
        key = "scores", structure, *(each.index for each in beside)
        run = self.get_or_compile(key, lambda: self._traced.scores(structure, *beside))
        scores, *logits = run(*self.as_fed(batch), *numbers)
        return [one_each(scores.numpy(), len(batch[0])), *(each.numpy() for each in logits)]

    def gradient(
        self, target: Target | Sequence[Target], source: Source, modifier: str | Rule | Propagation | None = None
    ) -> Gradient:
        """The compiled gradient of a target with respect to an input, several at once, or to a layer's output.

        Parameters
        ----------
        target
            One for all images of a batch, or a list with one for each; of a batch of one several.
        modifier
            ``None``, the name of a backprop rule, a callable rule, or a ``Propagation``.

        Raises
        ------
        ValueError
            When a backprop rule would change nothing, or the target does not depend on the source.
        """
        sources = source if isinstance(source, tuple) else (source,)
        if whole := [each.name for each in sources if isinstance(each, Input) and not each.differentiable]:
            raise ValueError(f"input {whole[0]} takes whole numbers, which have no gradient; use a method like 'occlusion'.")
        structure, numbers = structure_of([target] if isinstance(target, Target) else target, self.layers)
        rule = modifier if isinstance(modifier, Propagation) else rule_of(modifier)
        name = modifier if isinstance(modifier, str) else getattr(modifier, "__name__", "callable")
        if callable(rule) and (reason := self.why_no_rule()):
            raise ValueError(f"backprop_modifier {name!r} needs rectifiers: {reason}.")

        def cut() -> Cut:
            # A propagation has rules for batch normalisations that are not folded.
            traced_model = self._unfolded() if isinstance(rule, Propagation) else self._traced
            made = traced_model.cut(structure, sources, rule)
            if callable(rule) and not made.rectifiers:
                begin = f"layer {source}" if isinstance(source, Layer) else f"input {sources[0].name}"
                way = f"{begin} and layer {self.layers[max(tap.layer for tap in structure.taps)]}"
                raise ValueError(f"backprop_modifier {name!r} would change nothing: no rectifier lies between {way}.")
            return made

        # A user's rule may refer to the model: held weakly, it does not keep the model alive.
        ends = tuple((isinstance(each, Input), each.index) for each in sources)
        own = rule if rule is None or rule in RULES.values() else weakref.ref(rule)
        made = self.get_or_compile(("gradient", structure, ends, own), cut)
        return Gradient(made, self, numbers, source if made.from_source and isinstance(source, Layer) else None)

    def as_fed(self, batch: Batch) -> list[np.ndarray]:
        """A batch in the layouts and types that the traced graph takes."""
        return [each.as_fed(images) for each, images in zip(self.inputs, batch, strict=True)]

    def get_or_compile(self, key: Hashable, make: Callable[[], T]) -> T:
        """What was compiled under a key, else what ``make`` compiles; released with the model, or when too much is held."""
        with self._lock:
            if key not in self._cuts:
                if len(self._cuts) >= MOST_CUTS:
                    self._cuts.clear()
                    self._traced, self._plain = self._retraced(), None
                with gc_paused():
                    self._cuts[key] = make()
            compiled: T = self._cuts[key]
            return compiled

    def _retraced(self) -> TracedModel:
        """The model traced again; if its weights have not changed meanwhile, neither does their version."""
        before = self.refresh()
        traced_model = TracedModel(self.model, self.inputs)
        if self.refresh() == before:
            traced_model.trace.folds.rename(before)
        return traced_model

    def _together(self, layer: Layer) -> list[Layer]:
        """The layers to compute with ``layer``: for an output also the last feature map, which a CAM will want next."""
        found = [self.last_with_space(layer, source) for source in self.inputs] if layer in self.outputs else []
        return [layer, *dict.fromkeys(each for each in found if each is not None)]

    def _unfolded(self) -> TracedModel:
        """The model traced without folding its batch normalisations, on first use."""
        if not any(layer.kind == "BatchNormalization" for layer in self.layers):
            return self._traced
        if self._plain is None:
            self._plain = TracedModel(self.model, self.inputs, folding=False)
        return self._plain


@dataclass(frozen=True)
class Gradient:
    """A compiled gradient, the numbers of its target, and the layer whose values are fed to it, if any."""

    cut: Cut
    network: Network
    numbers: list[np.ndarray]
    layer: Layer | None

    def __call__(self, batch: Batch) -> tuple[np.ndarray, ...]:
        """Score (N,), values of each source (N, ..., C), and the score's gradient with respect to each; N images or targets."""
        network, count = self.network, max(len(batch[0]), len(self.numbers[0]))
        # Half precision is handed out as float32.
        values = [tf.cast(network.tensor_at(batch, self.layer), network.tensor(self.layer).dtype)] if self.layer else []
        if len(batch[0]) < count:  # one image, several targets
            batch, values = ([np.repeat(each, count, axis=0) for each in arrays] for arrays in (batch, values))
        score, *others = self.cut.run(*network.as_fed(batch), *values, *self.numbers, fresh=bool(values))
        return one_each(score.numpy(), count), *(each.numpy() for each in others)
