"""Everything that decides an answer, frozen and hashable."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from salwidget.target import Target, Unit, written

Modifier = str | Callable[..., Any] | None


@dataclass(frozen=True)
class Query:
    """One question: two equal queries on the same weights have the same answer.

    ``image`` is a digest of the model's inputs, ``source`` the input that the map lies over; ``options`` are the method's
    own, sorted, defaults left out.
    """

    method: str
    target: Target
    image: str
    source: int = 0
    backprop_modifier: Modifier = None
    grad_modifier: Modifier = None
    seed: int = 0
    options: tuple[tuple[str, Hashable], ...] = ()

    @property
    def id(self) -> str:
        """A short name for the query, the same for equal ones within a process."""
        return hashlib.sha1(repr(self).encode()).hexdigest()[:12]

    def as_python(self, preprocess: str = "") -> str:
        """The call that gives this answer, for a ``model`` and an ``image`` at hand."""
        shown = {
            "method": self.method,
            **_target_words(self.target),
            "wrt": self.source,
            "backprop_modifier": self.backprop_modifier,
            "grad_modifier": self.grad_modifier,
            "seed": self.seed,
            **dict(self.options),
        }
        words = [
            f"{key}={_code(value, key)}" for key, value in shown.items() if key not in _DEFAULTS or value != _DEFAULTS[key]
        ]
        if preprocess:
            words.append(f"preprocess={preprocess}")
        return f"salwidget.explain(model, image, {', '.join(words)})"


_DEFAULTS = {
    "score": "logit",
    "cell": None,
    "aim": "increase",
    "wrt": 0,
    "backprop_modifier": None,
    "grad_modifier": None,
    "seed": 0,
}


@dataclass(frozen=True, eq=False)
class Array:
    """An array as the value of an option: equal where the bytes are."""

    values: np.ndarray

    @cached_property
    def digest(self) -> str:
        return digest(self.values)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Array) and other.digest == self.digest

    def __hash__(self) -> int:
        return hash(self.digest)

    def __repr__(self) -> str:
        return f"Array({self.digest[:12]})"


def digest(*arrays: np.ndarray) -> str:
    """A digest of the types, shapes and bytes of arrays."""
    sha = hashlib.sha1()
    for array in arrays:
        sha.update(f"{array.dtype}{array.shape}".encode())
        sha.update(np.ascontiguousarray(array).data)
    return sha.hexdigest()


def _target_words(target: Target) -> dict[str, Any]:
    """A target as the arguments of ``explain``: in the plain words where they suffice."""
    weight, unit = target.terms[0]
    if len(target.terms) > 1 or unit.function is not None or abs(weight) != 1:
        return {"target": target}
    filters = unit.filters[0] if isinstance(unit.filters, tuple) and len(unit.filters) == 1 else unit.filters
    aim: str | float = "increase" if weight > 0 else "decrease"
    if target.nearness_to is not None:
        if weight < 0:
            return {"target": target}
        aim = target.nearness_to
    return {"layer": unit.layer, "filters": filters, "cell": unit.cell, "score": unit.score, "aim": aim}


def _code(value: Any, key: str) -> str:
    if isinstance(value, Target):
        return target_code(value)
    if callable(value):
        return getattr(value, "__name__", type(value).__name__)
    return key if isinstance(value, Array) else repr(value)


def target_code(target: Unit | Target) -> str:
    """A target as Python."""
    target = 1 * target if isinstance(target, Unit) else target
    text = written(target, _unit_code, times=" * ", minus="-", first="-")
    return text if target.nearness_to is None else f"({text}).near({target.nearness_to:g})"


def _unit_code(unit: Unit) -> str:
    given = {
        "layer": unit.layer,
        "filters": unit.filters[0] if isinstance(unit.filters, tuple) and len(unit.filters) == 1 else unit.filters,
        "score": None if unit.score == "logit" else unit.score,
        "cell": unit.cell,
        "function": unit.function,
    }
    words = [f"{name}={_code(value, name)}" for name, value in given.items() if value is not None]
    return f"salwidget.Unit({', '.join(words)})"
