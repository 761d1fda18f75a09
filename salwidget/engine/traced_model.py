"""A traced model by layers: its final activations, and which operations lead to which."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Sequence
from dataclasses import replace

import keras

from salwidget.engine.backprop import Propagation, Rule, rectifying
from salwidget.engine.compiled import Compiled
from salwidget.engine.inputs import Input, Shape
from salwidget.engine.layer_calls import Call
from salwidget.engine.layers import Layer, flattened, named
from salwidget.engine.score import Structure, Tap, log_probability, score_in_graph
from salwidget.engine.trace import Cut, Trace, channels_last, first_tensor
from salwidget.tensors import Nested, Operation, Tensor


class TracedModel:
    """One trace of a model, and where its layers are in it.

    Attributes
    ----------
    inputs, layers
        The model's inputs, and all its layers in order, nested models opened.
    channel_axis
        1 where some layer has channels first, else -1.
    ends
        For each layer that is an output of the model: its final activation, and the tensor that goes into it.
    """

    def __init__(self, model: keras.Model, inputs: Sequence[Input], folding: bool = True) -> None:
        self.trace = Trace(model, inputs, folding)
        self._taps = named(flattened(self.trace.calls, self.trace))
        layers = [layer for layer in getattr(model, "layers", []) if isinstance(layer, keras.layers.InputLayer)]
        # Counted as in model.layers, so that an index means what keras-vis's users expect.
        for layer, tensor in reversed(list(zip(layers, self.trace.inputs, strict=False))):
            self._taps.insert(0, (Call(weakref.ref(layer), tensor), layer.name))
        formats = {getattr(call.layer, "data_format", None) for call, _ in self._taps}
        self.channel_axis = 1 if "channels_first" in formats else -1
        self.inputs = tuple(
            replace(each, dtype=tensor.dtype.name, channel_axis=self.channel_axis if len(each.shape) > 1 else -1)
            for each, tensor in zip(inputs, self.trace.inputs, strict=True)
        )
        space = tuple(sorted({each.space for each in self.inputs}))
        self.layers = tuple(
            Layer(index, name, type(call.layer).__name__, self._shape_of(call.output), space)
            for index, (call, name) in enumerate(self._taps)
        )
        last = {id(first_tensor(call.output)): index for index, (call, _) in enumerate(self._taps)}
        self.ends = {
            last[id(tensor)]: self.trace.final_activation(tensor) for tensor in self.trace.outputs if id(tensor) in last
        }
        self._ancestors: dict[str, dict[str, str]] = {}
        self._descendants: dict[int, list[Operation]] = {}

    @property
    def called(self) -> list[keras.Layer]:
        """All layers that the model's call reached, composites included; a layer made inside the call may be gone by now."""
        found, todo = [], [self.trace.calls]
        while todo:
            call = todo.pop()
            found += [layer for layer in [call.reference()] if layer is not None]
            todo += call.inner
        return found

    def keras_layer(self, layer: Layer) -> keras.Layer:
        return self._taps[layer.index][0].layer

    def tensor(self, node: Layer | Input) -> Tensor:
        """An input, or the output of a layer, in the model's own layout."""
        if isinstance(node, Input):
            return self.trace.inputs[node.index]
        return first_tensor(self._taps[node.index][0].output)

    def tap(self, layer: Layer) -> Tensor:
        """The output of a layer, channels last; adds a transposition if they are first."""
        return channels_last(self.tensor(layer), self.channel_axis)

    def score_tensor(self, tap: Tap) -> Tensor:
        """The tensor (N, ..., C) that a score is read from: of an output the logits, unless the score is a probability.

        Raises
        ------
        ValueError
            When the logits are out of reach.
        """
        if tap.layer not in self.ends or tap.score == "probability":
            return self.tap(self.layers[tap.layer])
        activation, logits = self.ends[tap.layer]
        if logits is None:
            raise ValueError(
                f"The final {activation} of layer {self.layers[tap.layer]} is inside a tf.function, where its logit cannot be "
                "reached; use score='probability', or remove the tf.function."
            )
        logits = channels_last(logits, self.channel_axis)
        return logits if tap.score == "logit" else log_probability(logits, activation)

    def cut(self, structure: Structure, sources: Sequence[Layer | Input], rule: Rule | Propagation | None) -> Cut:
        """The gradient of a score with respect to inputs or a layer's output; the way up to that layer is not run."""
        units: list[Tensor] = []

        def unit(tap: Tap) -> Tensor:
            units.append(self.score_tensor(tap))
            return units[-1]

        return self.trace.cut(
            lambda: (*score_in_graph(structure, unit), units),
            [self.tensor(source) for source in sources],
            propagation_of=lambda count: self._propagation(rule, self.tensor(sources[0]), count),
            channel_axis=self.channel_axis,
            from_source=isinstance(sources[0], Layer),
        )

    def _propagation(self, rule: Rule | Propagation | None, source: Tensor, count: Callable[[Operation], None]) -> Propagation:
        """The propagation of a rule, which calls ``count`` with each rectifier that it replaces; none for ``None``."""
        if rule is None:
            return Propagation({})
        if not isinstance(rule, Propagation):
            return rectifying(rule, count, self.trace.activations.rectifiers)
        return rule if rule.of_layers is None else replace(rule, handlers={**rule.handlers, **rule.of_layers(self, source)})

    def scores(self, structure: Structure, *beside: Layer) -> Compiled:
        """The score (N,) as a function of the inputs and the target's numbers; then of outputs ``beside`` it their logits."""

        def build() -> tuple[list[Tensor], list[Tensor]]:
            score, feeds = score_in_graph(structure, self.score_tensor)
            reached = [each for each in beside if self.ends[each.index][1] is not None]
            ends = [Tap(each.index, "logit", False, None) for each in reached]
            return [score, *map(self.score_tensor, ends)], feeds

        return self.trace.forward(build)

    def outputs(self, layers: Sequence[Layer], of: Callable[[Tensor], Tensor]) -> Compiled:
        """``of`` the output (N, ..., C) of each layer, channels last, as a function of the inputs."""
        return self.trace.forward(lambda: ([of(self.tap(layer)) for layer in layers], []))

    def raw(self, layers: Sequence[Layer]) -> Compiled:
        """The output of each layer in the model's own layout, as a function of the inputs."""
        return self.trace.forward(lambda: ([self.tensor(layer) for layer in layers], []))

    def operations(self, layer: Layer) -> list[Operation]:
        """The operations of one layer: back from its output to the outputs of others."""
        output = self.tensor(layer)
        ends = {id(self.tensor(each)) for each in self.layers} - {id(output)}
        found, todo = {}, [output]
        while todo:
            tensor = todo.pop()
            if id(tensor) not in ends and tensor.op.name not in found:
                found[tensor.op.name] = tensor.op
                todo += tensor.op.inputs
        return list(found.values())

    def before(self, tensor: Tensor) -> dict[str, str]:
        """Names and types of all operations that ``tensor`` depends on, its own included."""
        name = tensor.op.name
        if name not in self._ancestors:
            self._ancestors[name] = self.trace.ancestors(tensor)
        return self._ancestors[name]

    def between(self, source: Input, target: Layer) -> list[Operation]:
        """The operations on the way from an input to a layer's output, or to its logits where the model ends."""
        if source.index not in self._descendants:
            self._descendants[source.index] = self.trace.descendants(self.tensor(source))
        _, logits = self.ends.get(target.index, ("", None))
        before = self.before(self.tensor(target) if logits is None else logits)
        return [op for op in self._descendants[source.index] if op.name in before]

    def _shape_of(self, output: Nested) -> Shape:
        tensor = first_tensor(output)
        assert tensor is not None, "only calls whose output is a tensor of the graph are layers"
        shape = tuple(tensor.shape)[1:]
        return (*shape[1:], shape[0]) if self.channel_axis == 1 and len(shape) > 1 else shape
