"""Random architectures, and what their maps must be: by a tape of our own, on a twin whose activations are formulas.

A seed decides all: rank, inputs, blocks, activations and how they are spelled, nesting, head. Both models compute in float64:
in float32 the two would round a few units to different sides of a kink.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from salwidget import explain, open_network
from tests.models import float64, image
from tests.shapes import GATES, RECTIFIERS, SMOOTH, Other, Rectifier

SPACES = {1: (24,), 2: (12, 10), 3: (7, 6, 8)}
RULES = (None, "guided", "rectified")


class Formula(keras.layers.Layer):
    """An activation of the twin."""

    def __init__(self, activation: Rectifier | Other) -> None:
        super().__init__()
        self.activation, self.rule = activation, None

    def call(self, x: Any) -> Any:
        return self.activation.under(self.rule)(x)


class Drawn:
    """One of the two models of a seed.

    Attributes
    ----------
    rectifiers, others
        How many of the first it has, and the others by name.
    behind
        How many rectifiers lie behind each image.
    tap, head
        The names of the last convolution and of the output that is explained.
    """

    def __init__(self, seed: int, twin: bool, final: bool = True) -> None:
        self._final = final and not twin  # the twin's score is read from what goes into the final activation
        self._rng = np.random.default_rng(seed)
        self._twin = twin
        self._weighted = 0
        self.rectifiers, self.others, self.tap, self.head = 0, Counter[str](), "", ""
        self.behind = {"first": 0, "second": 0}
        self._here: tuple[str, ...] = ("first",)
        self.formulas: list[Formula] = []
        with float64():
            self.model = self._built()
        weigh(self.model, seed)

    def _chance(self, probability: float) -> bool:
        return bool(self._rng.random() < probability)

    def _one_of(self, choices: Sequence[Any]) -> Any:
        return choices[int(self._rng.integers(len(choices)))]

    def _built(self) -> keras.Model:
        rank = self._one_of((1, 2, 2, 2, 3))
        self._rank = rank
        shape = (*SPACES[rank], int(self._rng.integers(1, 4)))
        inputs = [keras.Input(shape, name="first")]
        values = self._block(inputs[0])
        beside = self._one_of(("", "", "image", "vector"))
        if beside == "image":
            inputs.append(keras.Input(shape, name="second"))
            other = self._convolution(inputs[1], values.shape[-1], first=True)
            values = layers.Add()([self._convolution(values, values.shape[-1]), self._as(other, values)])
            self._here = ("first", "second")
        for _ in range(int(self._rng.integers(1, 4))):
            values = self._nested(self._block, values)
        values = self._pooled(values)
        if beside == "vector":
            inputs.append(keras.Input((5,), name="numbers"))
            before, self._here = self._here, ()
            values = layers.Concatenate()([values, self._activated(self._dense(4)(inputs[1]))])
            self._here = before
        if self._chance(0.5):
            values = layers.Dropout(0.3)(self._activated(self._dense(8)(values)))
        final = self._one_of(("softmax", "sigmoid", None))
        head = self._dense(3, final)
        self.head = head.name
        outputs = [head(values)] + ([self._dense(2)(values)] if self._chance(0.25) else [])
        return keras.Model(inputs, outputs if len(outputs) > 1 else outputs[0])

    # Parts

    def _block(self, x: Any) -> Any:
        kind = self._one_of(("plain", "plain", "separable", "residual", "squeeze", "branches"))
        filters = int(self._rng.integers(3, 7))
        if kind == "separable" and self._rank < 3:
            found = self._layer("SeparableConv", filters, 3, padding="same")
            self.tap = found.name
            x = self._activated(self._normed(found(x)))
        elif kind == "residual":
            x = self._activated(self._convolution(x, filters))
            x = self._activated(layers.Add()([x, self._normed(self._convolution(self._activated(x), filters))]))
        elif kind == "squeeze":
            x = self._activated(self._convolution(x, filters))
            gate = self._activated(self._dense(4)(self._kind("GlobalAveragePooling")()(x)))
            gate = self._activated(self._dense(filters)(gate), GATES)
            x = layers.Multiply()([x, layers.Reshape((*[1] * self._rank, filters))(gate)])
        elif kind == "branches":
            x = layers.Concatenate()([self._activated(self._convolution(x, 3)), self._activated(self._convolution(x, 2))])
        else:
            x = self._activated(self._normed(self._convolution(x, filters)))
        if self._rank < 3 and min(x.shape[1:-1]) > 4 and self._chance(0.5):  # TensorFlow pools no float64 volumes
            x = self._kind(self._one_of(("MaxPooling", "AveragePooling")))(2, padding="same")(x)
        return x

    def _convolution(self, x: Any, filters: int, first: bool = False) -> Any:
        found = self._layer("Conv", filters, self._one_of((1, 3)), padding="same", use_bias=self._chance(0.7))
        self.tap = self.tap if first else found.name
        return found(x)

    def _normed(self, x: Any) -> Any:
        return self._weighing(layers.BatchNormalization)(x) if self._chance(0.4) else x

    def _as(self, x: Any, like: Any) -> Any:
        """Pooled until it has the size of another."""
        while x.shape[1:-1] != like.shape[1:-1]:
            x = self._kind("MaxPooling")(2, padding="same")(x)
        return x

    def _pooled(self, x: Any) -> Any:
        kind = self._one_of(("GlobalAveragePooling", "GlobalMaxPooling", "Flatten"))
        return layers.Flatten()(x) if kind == "Flatten" else self._kind(kind)()(x)

    def _activated(self, x: Any, among: Sequence[Rectifier | Other] = ()) -> Any:
        one = self._one_of(among or self._one_of((RECTIFIERS, RECTIFIERS, SMOOTH)))
        step = self._one_of(one.spellings)
        if isinstance(one, Rectifier):
            self.rectifiers += 1
            self.behind |= {name: self.behind[name] + 1 for name in self._here}
        else:
            self.others[one.name] += 1
        if not self._twin:
            return step()(x)
        self.formulas.append(Formula(one))
        return self.formulas[-1](x)

    def _nested(self, step: Callable[[Any], Any], x: Any) -> Any:
        if not self._chance(0.3) or self._twin:
            return step(x)
        inner = keras.Input(x.shape[1:])
        return keras.Model(inner, step(inner))(x)

    def _dense(self, units: int, activation: str | None = None) -> keras.Layer:
        return self._weighing(layers.Dense, units, activation=activation if self._final else None)

    def _layer(self, kind: str, *sizes: int, **options: Any) -> keras.Layer:
        return self._weighing(self._kind(kind), *sizes, **options)

    def _kind(self, kind: str) -> Any:
        return getattr(layers, f"{kind}{self._rank}D")

    def _weighing(self, kind: Any, *sizes: int, **options: Any) -> keras.Layer:
        self._weighted += 1
        return kind(*sizes, **options, name=f"weighted{self._weighted}")

    # The truth

    def pictures(self, seed: int) -> dict[str, np.ndarray]:
        return {each.name: image(each.shape[1:], seed + at, "float64") for at, each in enumerate(self.model.inputs)}

    def truth(self, pictures: dict[str, np.ndarray], rule: str | None) -> tuple[dict[str, np.ndarray], np.ndarray]:
        """dS/dx of each input, summed over channels, and Grad-CAM before its ReLU at ``tap``; of the twin."""
        for each in self.formulas:
            each.rule = rule
        tapped = keras.Model(self.model.inputs, [self.model.get_layer(self.tap).output, self.model.outputs[0]])
        fed = [tf.constant(pictures[each.name][None]) for each in self.model.inputs]
        with tf.GradientTape() as tape:
            tape.watch(fed)
            maps, logits = tapped(fed if len(fed) > 1 else fed[0], training=False)
            score = logits[0, 1]
        gradients = tape.gradient(score, [*fed, maps])
        found = {each.name: back.numpy()[0].sum(-1) for each, back in zip(self.model.inputs, gradients, strict=False)}
        weights = gradients[-1].numpy()[0].mean(tuple(range(self._rank)))
        return found, maps.numpy()[0] @ weights


def errors_when_restructured(seed: int) -> dict[str, float]:
    """The same of a Sequential: the network of a seed and a dense layer, which then others replace; {} for two inputs."""
    drawn, twin = Drawn(seed, twin=False, final=False), Drawn(seed, twin=True)
    if len(drawn.model.inputs) + len(drawn.model.outputs) > 2:
        return {}
    one = RECTIFIERS[seed % len(RECTIFIERS)]
    with float64():
        stacks = [keras.Sequential([keras.Input(each.model.input_shape[1:]), each.model, _dense(4)]) for each in (drawn, twin)]
        found = _stack_errors(stacks, twin.formulas, seed, "before")
        for stack, ending in zip(stacks, (one.spellings[0](), Formula(one)), strict=True):
            stack.pop()
            for layer in (_dense(6), ending, _dense(3)):
                stack.add(layer)
        return found | _stack_errors(stacks, [*twin.formulas, stacks[1].layers[-2]], seed, "after pop and add")


def _dense(units: int) -> keras.Layer:
    return layers.Dense(units, name=f"weighted_{units}")


def _stack_errors(stacks: Sequence[keras.Model], formulas: Sequence[Formula], seed: int, words: str) -> dict[str, float]:
    found, (stack, twin) = {}, stacks
    picture = image(stack.input_shape[1:], seed, "float64")
    for each in stacks:
        weigh(each, seed)
    for rule in RULES if open_network(stack).rectifiers else RULES[:1]:
        for each in formulas:
            each.rule = rule
        with tf.GradientTape() as tape:
            pixels = tf.constant(picture[None])
            tape.watch(pixels)
            score = twin(pixels, training=False)[0, 1]
        truth = tape.gradient(score, pixels).numpy()[0].sum(-1)
        asked = explain(stack, picture, filters=1, backprop_modifier=rule, reduce="sum")
        found[f"saliency of first, {rule}; {words}"] = _apart(asked.values, truth)
    return found


def weigh(model: keras.Model, seed: int, share: float = 1.0) -> None:
    """Weights that a seed and the name of a layer decide, alike for both models, for a ``share`` of the layers."""
    for layer in _leaves(model):
        rng = np.random.default_rng([seed, zlib.crc32(layer.name.encode())])
        if layer.name.startswith("weighted") and rng.random() < share:
            layer.set_weights([_drawn(rng, each, layer) for each in layer.weights])


def _drawn(rng: np.random.Generator, weight: Any, layer: keras.Layer) -> np.ndarray:
    if isinstance(layer, layers.BatchNormalization):
        return rng.uniform(0.5, 1.5, weight.shape)
    return rng.normal(size=weight.shape) * (1.5 / np.sqrt(np.prod(weight.shape[:-1])) if len(weight.shape) > 1 else 0.3)


def _leaves(model: keras.Model) -> list[keras.Layer]:
    return [leaf for layer in model.layers for leaf in (_leaves(layer) if isinstance(layer, keras.Model) else [layer])]


def errors(drawn: Drawn, twin: Drawn, seed: int) -> dict[str, float]:
    """Largest difference from the truth, over the truth's largest value, of each map; by rules where rectifiers are."""
    pictures, found = drawn.pictures(seed), {}
    target = {"layer": drawn.head, "filters": 1}
    given = pictures if len(pictures) > 1 else pictures["first"]
    for rule in RULES:
        maps, cam = twin.truth(pictures, rule)
        for name in ("first", "second"):
            if name in maps and (rule is None or drawn.behind[name]):
                asked = explain(drawn.model, given, wrt=name, backprop_modifier=rule, reduce="sum", **target)
                found[f"saliency of {name}, {rule}"] = _apart(asked.values, maps[name])
        if rule is None:
            asked = explain(drawn.model, given, "grad_cam", wrt="first", penultimate_layer=drawn.tap, negative="keep", **target)
            found["grad_cam"] = _apart(asked.cells, cam)
    return found


def _apart(found: np.ndarray, truth: np.ndarray) -> float:
    largest = np.abs(truth).max()
    return float(np.abs(found - truth).max() / largest) if largest else float(np.abs(found).max())
