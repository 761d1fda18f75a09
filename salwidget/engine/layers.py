"""A model's layers as one flat list, nested models opened."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from salwidget.engine.layer_calls import Call
from salwidget.engine.trace import Trace, first_tensor


@dataclass(frozen=True)
class Layer:
    """One layer of a model: nested models are opened, and each call of a shared layer counts as one.

    ``shape`` is that of the output, without the batch and channels last; ``cells`` is its spatial extent, ``None`` for a
    vector; ``space`` holds the numbers of spatial axes of the model's inputs.
    """

    index: int
    name: str
    kind: str
    shape: tuple[int | None, ...]
    space: tuple[int, ...] = (2,)

    @property
    def filters(self) -> int:
        return int(self.shape[-1] or 0) if self.shape else 1

    @property
    def cells(self) -> tuple[int | None, ...] | None:
        return self.shape[:-1] or None

    @property
    def has_space(self) -> bool:
        """Whether it has more than one cell, laid out like an input: a plane for images."""
        return self.cells is not None and len(self.cells) in self.space and any(size != 1 for size in self.cells)

    def __str__(self) -> str:
        return f"{self.index} {self.name}"


def found(layers: Sequence[Layer], which: int | str | Layer, model: str) -> Layer:
    """Find a layer by index (negative counts from the end) or by name.

    Raises
    ------
    ValueError
        For an unknown name, with the nearest ones, or an index out of range, with the count.
    TypeError
        For anything else.
    """
    if isinstance(which, Layer):
        return which
    if isinstance(which, str):
        same = [layer for layer in layers if layer.name == which]
        if same:
            return same[0]
        near = difflib.get_close_matches(which, [layer.name for layer in layers], cutoff=0.3)
        hint = f"; the nearest are {', '.join(near)}" if near else ""
        raise ValueError(f"There is no layer {which!r} in {model}{hint}.")
    count = len(layers)
    if isinstance(which, bool) or not isinstance(which, (int, np.integer)):
        raise TypeError(f"A layer is given by its index or its name, not by {type(which).__name__}.")
    if not -count <= which < count:
        raise ValueError(f"layer {which} is out of range: {model} has {count} layers, 0 to {count - 1}.")
    return layers[which]


def flattened(call: Call, trace: Trace) -> list[Call]:
    """Layers below ``call`` in order; a composite comes after its parts, unless its output is that of one of them."""
    inner = [part for part in call.inner if trace.owns(first_tensor(part.output))]
    # A functional model runs its layers in another order than model.layers has them; a subclassed one lists them as they
    # were declared, which says nothing about their order.
    functional = hasattr(call.layer, "operations")
    order = {id(layer): position for position, layer in enumerate(call.layer.layers)} if functional else {}
    ids = [id(part.layer) for part in inner]
    if functional and len(set(ids)) == len(ids) and set(ids) <= set(order):
        inner.sort(key=lambda part: order[id(part.layer)])
    parts = [tap for part in inner for tap in flattened(part, trace)]
    output = first_tensor(call.output)
    return parts if any(first_tensor(tap.output) is output for tap in parts) else [*parts, call]


def named(taps: list[Call]) -> list[tuple[Call, str]]:
    """Names as Keras gives them; the second call of a shared layer, or a name used twice, gets a number."""
    seen: dict[str, int] = {}
    names = []
    for tap in taps:
        name = tap.layer.name
        seen[name] = seen.get(name, 0) + 1
        names.append((tap, name if seen[name] == 1 else f"{name}#{seen[name]}"))
    return names
