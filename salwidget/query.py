"""Everything that decides an answer, frozen and hashable."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from salwidget.digest import digest
from salwidget.target import Target, Unit, written

Modifier = str | Callable[..., Any] | None
# From a value without a literal (a function, an array) and its argument's name to the Python for it.
Named = Callable[[object, str], str]


@dataclass(frozen=True)
class Query:
    """One question: two equal queries on the same weights have the same answer.

    ``image`` is a digest of the model's inputs, ``source`` the index of the input that the map is for; ``options`` are the
    method's own, sorted, without defaults.
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

    def as_python(
        self,
        model: str = "model",
        image: str = "image",
        preprocess: str = "",
        *,
        target: str = "",
        several_inputs: bool = False,
        named: Named | None = None,
    ) -> str:
        """The Python call that gives this answer.

        Parameters
        ----------
        model, image, preprocess, target
            Names of variables; ``target=""`` writes the target out.
        several_inputs
            The model has more than one, so the call must say which of them the map is for.
        named
            Gives the names of functions and arrays; ``None``: their own.
        """
        shown = {
            "method": self.method,
            **_target_arguments(self.target),
            "wrt": self.source,
            "backprop_modifier": self.backprop_modifier,
            "grad_modifier": self.grad_modifier,
            "seed": self.seed,
            **dict(self.options),
        }
        if target:
            shown = {name: value for name, value in shown.items() if name not in _target_arguments(self.target)}
        arguments = {
            name: code(value, name, named or own_name)
            for name, value in shown.items()
            if name not in _DEFAULTS or value != _DEFAULTS[name] or (name == "wrt" and several_inputs)
        }
        arguments |= {name: text for name, text in (("target", target), ("preprocess", preprocess)) if text}
        return call("salwidget.explain", model, image, **arguments)


LINE = 100  # characters

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
    """An array as the value of an option: equal if the bytes are."""

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


@dataclass(frozen=True)
class Table:
    """A mapping as the value of an option."""

    pairs: tuple[tuple[str | int, str], ...]

    def __repr__(self) -> str:
        return repr(dict(self.pairs))


@dataclass(frozen=True)
class ByInput:
    """A value of an option for each of a model's inputs, in their order."""

    values: tuple[str | Array, ...]


def _target_arguments(target: Target) -> dict[str, object]:
    """A target as the arguments of ``explain``: by layer, filters, cell, score and aim where these suffice."""
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


def own_name(value: object, argument: str) -> str:
    """The name that a function was defined with; for an array, or a value without a name, that of its argument."""
    name: str = getattr(value, "__name__", type(value).__name__) if callable(value) else argument
    return name if name.isidentifier() else argument


def code(value: object, argument: str, named: Named = own_name) -> str:
    """A value as Python."""
    if isinstance(value, (Unit, Target)):
        return target_code(value, named)
    if callable(value) or isinstance(value, (Array, ByInput)):
        return named(value, argument)
    return repr(value.item() if isinstance(value, np.generic) else value)


def target_code(target: Unit | Target, named: Named = own_name) -> str:
    """A target as Python."""
    target = 1 * target if isinstance(target, Unit) else target
    text = written(target, lambda unit: _unit_code(unit, named), times=" * ", minus="-", first="-", number=repr)
    return text if target.nearness_to is None else f"({text}).near({target.nearness_to!r})"


def call(function: str, *positional: str, **keywords: str) -> str:
    """A call of ``function``, on one line if it is short."""
    inside = [*positional, *(f"{name}={text}" for name, text in keywords.items())]
    line = f"{function}({', '.join(inside)})"
    return line if len(line) <= LINE else f"{function}(\n" + "".join(f"    {one},\n" for one in inside) + ")"


def _unit_code(unit: Unit, named: Named) -> str:
    given = {
        "layer": unit.layer,
        "filters": unit.filters[0] if isinstance(unit.filters, tuple) and len(unit.filters) == 1 else unit.filters,
        "score": None if unit.score == "logit" else unit.score,
        "cell": unit.cell,
        "function": unit.function,
    }
    if made := getattr(unit.function, "as_python", ""):
        return str(made)
    arguments = [f"{name}={code(value, name, named)}" for name, value in given.items() if value is not None]
    return f"salwidget.Unit({', '.join(arguments)})"
