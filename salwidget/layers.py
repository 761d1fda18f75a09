"""A model's layers as a person counts them: one flat list, whatever is nested in what."""

from __future__ import annotations

from dataclasses import dataclass

from salwidget.observe import Call
from salwidget.trace import Trace, first_tensor


@dataclass(frozen=True)
class Layer:
    """One layer as a person counts them: nested models are opened, and each call of a shared layer is one.

    ``shape`` is the output's, without the batch and channels last; ``cells`` is its spatial extent, ``None`` for a
    vector.
    """

    index: int
    name: str
    kind: str
    shape: tuple[int | None, ...]

    @property
    def filters(self) -> int:
        return int(self.shape[-1] or 0) if self.shape else 1

    @property
    def cells(self) -> tuple[int | None, ...] | None:
        return self.shape[:-1] or None

    @property
    def has_space(self) -> bool:
        """Whether it is a plane of more than one cell."""
        return self.cells is not None and len(self.cells) == 2 and any(size is None or size > 1 for size in self.cells)

    def __str__(self) -> str:
        return f"{self.index} {self.name}"


def flattened(call: Call, trace: Trace) -> list[Call]:
    """Layers below ``call`` in order; a composite comes after its parts, unless its output is that of one of them."""
    inner = [part for part in call.inner if trace.owns(first_tensor(part.output))]
    # A functional model runs its layers in another order than model.layers counts them in; a subclassed one lists them as
    # they were declared, which says nothing.
    functional = hasattr(call.layer, "operations")
    order = {id(layer): place for place, layer in enumerate(call.layer.layers)} if functional else {}
    ids = [id(part.layer) for part in inner]
    if functional and len(set(ids)) == len(ids) and set(ids) <= set(order):
        inner.sort(key=lambda part: order[id(part.layer)])
    parts = [tap for part in inner for tap in flattened(part, trace)]
    output = first_tensor(call.output)
    return parts if any(first_tensor(tap.output) is output for tap in parts) else [*parts, call]


def named(taps: list[Call]) -> list[tuple[Call, str]]:
    """Names as Keras gives them; the second call of a shared layer, or a name used twice, gets a number."""
    seen: dict[str, int] = {}
    found = []
    for tap in taps:
        name = tap.layer.name
        seen[name] = seen.get(name, 0) + 1
        found.append((tap, name if seen[name] == 1 else f"{name}#{seen[name]}"))
    return found
