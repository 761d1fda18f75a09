"""What a method declares, and how it answers.

A method is declared once: its options, its formula, its limits and its needs stand on the class, and the widget's controls,
the help, the validation and the tests are made from them. Its body is the formula.
"""

from __future__ import annotations

import weakref
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Protocol

import numpy as np

from salwidget.attribution.context import Context
from salwidget.engine.inputs import Input
from salwidget.engine.layers import Layer
from salwidget.engine.network import Network
from salwidget.options import Option, Options


class Method(ABC):
    """One way to answer.

    The class attributes declare it. ``group`` is its group in the page's menu. ``formula`` is Unicode with ``_x`` for a
    subscript; ``sentence`` may contain ``{target}``. ``smooth`` decides how cells become pixels, ``clip`` is the percentile
    where a drawing's scale ends. ``random`` says that the seed matters, ``has_score`` that the target's value at the image
    does.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    group: ClassVar[str] = "Yours"
    sentence: ClassVar[str]
    formula: ClassVar[str]
    limits: ClassVar[str]
    paper: ClassVar[str]
    units: ClassVar[str]
    uses_gradient: ClassVar[bool] = True
    on_image: ClassVar[bool] = True
    random: ClassVar[bool] = False
    has_score: ClassVar[bool] = True
    smooth: ClassVar[bool] = True
    clip: ClassVar[float] = 100.0

    @classmethod
    def options(cls) -> dict[str, Option]:
        """The declared options by name, inherited ones first."""
        declared = {name: value for each in reversed(cls.__mro__) for name, value in vars(each).items()}
        return {name: value for name, value in declared.items() if isinstance(value, Option)}

    @classmethod
    def defaults(cls) -> Options:
        return {name: option.default for name, option in cls.options().items()}

    def checked(self, given: Options, network: Network) -> Options:
        """The given options in their canonical form, those at their default left out.

        Raises
        ------
        TypeError, ValueError
            For an option that the method does not declare, or a value that it refuses.
        """
        declared = self.options()
        for name in given:
            if name not in declared:
                known = f"it takes {', '.join(declared)}" if declared else "it takes none"
                raise TypeError(f"method {self.name!r} has no option {name!r}; {known}.")
        values = {name: declared[name].check(name, value, network) for name, value in given.items()}
        return {name: value for name, value in values.items() if value != declared[name].default}

    def refusal(self, network: Network, target: Layer, source: Input) -> str:
        """Why this method cannot explain ``target`` by a map over ``source``; empty if it can."""
        return ""

    @abstractmethod
    def refine(self, context: Context) -> Iterator[Answer]:
        """Yield better and better answers; the last one is final."""


@dataclass(frozen=True)
class Answer:
    """What a method computes.

    ``values`` are floats (h, w), or (l,) for signals and (d, h, w) for volumes; ``signed`` says whether negative ones mean
    something; ``picture`` is uint8 (h, w, 3) if they have colours of their own. ``progress`` is the share of the work done:
    1 for the final answer.
    """

    values: np.ndarray
    signed: bool = False
    picture: np.ndarray | None = None
    progress: float = 1.0


class Watcher(Protocol):
    """An observer of methods, and of what covers regions, that are registered while it is open."""

    def method_registered(self, name: str) -> None: ...

    def replacement_registered(self, name: str) -> None: ...


METHODS: dict[str, type[Method]] = {}
WATCHERS: weakref.WeakSet[Watcher] = weakref.WeakSet()


def method(cls: type[Method]) -> type[Method]:
    """Register a method under its name, replacing an earlier one; open widgets offer it, and ask it again."""
    METHODS[cls.name] = cls
    for watcher in list(WATCHERS):
        watcher.method_registered(cls.name)
    return cls


def method_of(name: str) -> Method:
    """The method called ``name``.

    Raises
    ------
    ValueError
        For an unknown name, with the known ones.
    """
    if not isinstance(name, str) or name not in METHODS:
        raise ValueError(f"method {name!r} is not known; use one of {', '.join(METHODS)}.")
    return METHODS[name]()
