"""What a method declares, and how it answers.

A method is declared once: its options, its formula in words, its limits and its needs stand on the class, and the
widget's controls, the help, the validation and the tests are made from them. Its body is the formula.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from salwidget.gradient import modifier_of
from salwidget.layers import Layer
from salwidget.network import Network
from salwidget.query import Query


@dataclass(frozen=True)
class Choice:
    """An option with a few named values."""

    label: str
    choices: tuple[tuple[str, str], ...]
    default: str

    def check(self, name: str, value: Any, network: Network) -> Any:
        known = [choice for choice, _ in self.choices]
        if value not in known:
            raise ValueError(f"{name}={value!r} is not known; use one of {', '.join(map(repr, known))}.")
        return value


@dataclass(frozen=True)
class LayerWithSpace:
    """An option that names a layer with feature maps of more than one cell; ``None`` lets the method find it."""

    label: str
    default: None = None

    def check(self, name: str, value: Any, network: Network) -> Any:
        if value is None:
            return None
        layer = network.layer(value)
        if not layer.has_space:
            near = [other for other in network.layers[: layer.index] if other.has_space]
            hint = f"; {near[-1]} would do" if near else ""
            raise ValueError(f"{name}: layer {layer} has no feature map of more than one cell{hint}.")
        return layer.index


Option = Choice | LayerWithSpace


@dataclass
class Question:
    """A query made concrete for a method: the network, the model's input, and what may be asked of them.

    Everything here is for one image; arrays have channels last and no batch axis.
    """

    network: Network
    query: Query
    image: np.ndarray
    score: float = float("nan")
    passes: int = 0

    def __post_init__(self) -> None:
        self.notes: list[str] = []
        self.options = dict(METHODS[self.query.method].defaults()) | dict(self.query.options)

    @property
    def target(self) -> Layer:
        return self.network.layers[self.query.target.layer]

    def gradient(self) -> np.ndarray:
        """dS/dx, (H, W, C), under the query's backprop rule and gradient modifier."""
        return self._differentiate(None)[1]

    def activations_and_gradient(self, source: Layer) -> tuple[np.ndarray, np.ndarray]:
        """A and dS/dA of a layer, each (h, w, K), under the query's backprop rule and gradient modifier."""
        return self._differentiate(source)

    def activations(self) -> np.ndarray:
        """Output of the target's layer."""
        self.passes += 1
        return finite(self.network.activations(self.image[None], self.target)[0], "output of the layer")

    def _differentiate(self, source: Layer | None) -> tuple[np.ndarray, np.ndarray]:
        cut = self.network.gradient(self.target, self.query.target.score, source, self.query.backprop_modifier)
        weights = self.query.target.weights(self.target.filters)
        score, activations, gradient = cut(self.network.as_input(self.image[None]), weights)
        self.passes += 1
        self.score = float(finite(score, "score")[0])
        if cut.rectifiers:
            self.notes.append(f"{cut.rectifiers} rectifier{'s' * (cut.rectifiers > 1)} modified")
        modify = modifier_of(self.query.grad_modifier)
        changed = finite(gradient[0], "gradient") if modify is None else _same_shape(modify(gradient[0]), gradient[0])
        return activations[0], changed


class Method(ABC):
    """One way to answer.

    Class attributes are the declaration. ``formula`` is Unicode with ``_x`` for a subscript; ``sentence`` may hold
    ``{target}``. ``smooth`` says how cells become pixels, ``clip`` where a drawing's scale ends (a percentile).
    """

    name: ClassVar[str]
    title: ClassVar[str]
    sentence: ClassVar[str]
    formula: ClassVar[str]
    limits: ClassVar[str]
    paper: ClassVar[str]
    units: ClassVar[str]
    uses_gradient: ClassVar[bool] = True
    on_image: ClassVar[bool] = True
    smooth: ClassVar[bool] = True
    clip: ClassVar[float] = 100.0

    @classmethod
    def options(cls) -> dict[str, Option]:
        """The declared options by name."""
        return {name: value for name, value in vars(cls).items() if isinstance(value, Option)}

    @classmethod
    def defaults(cls) -> dict[str, Any]:
        return {name: option.default for name, option in cls.options().items()}

    def checked(self, given: dict[str, Any], network: Network) -> dict[str, Any]:
        """The given options in their canonical form, those at their default left out.

        Raises
        ------
        TypeError, ValueError
            For an option that the method does not declare, or a value that does not fit.
        """
        declared = self.options()
        for name in given:
            if name not in declared:
                known = f"it takes {', '.join(declared)}" if declared else "it takes none"
                raise TypeError(f"method {self.name!r} has no option {name!r}; {known}.")
        values = {name: declared[name].check(name, value, network) for name, value in given.items()}
        return {name: value for name, value in values.items() if value != declared[name].default}

    def refusal(self, network: Network, target: Layer) -> str:
        """Why this method cannot explain ``target``; empty where it can."""
        return ""

    @abstractmethod
    def refine(self, question: Question) -> Iterator[Answer]:
        """Yield better and better answers; the last one is the answer."""


@dataclass(frozen=True)
class Answer:
    """What a method computes.

    ``values`` are float (h, w); ``signed`` says whether a negative one means something; ``picture`` is uint8 (h, w, 3)
    where they have colours of their own.
    """

    values: np.ndarray
    signed: bool = False
    picture: np.ndarray | None = None


METHODS: dict[str, type[Method]] = {}


def method(cls: type[Method]) -> type[Method]:
    """Register a method under its name; the widget then shows it with its options."""
    METHODS[cls.name] = cls
    return cls


def method_of(name: str) -> Method:
    """The method called ``name``.

    Raises
    ------
    ValueError
        For an unknown name, with the known ones.
    """
    if name not in METHODS:
        raise ValueError(f"method {name!r} is not known; use one of {', '.join(METHODS)}.")
    return METHODS[name]()


def finite(values: np.ndarray, what: str) -> np.ndarray:
    """``values`` unless they hold NaN or infinity.

    Raises
    ------
    ValueError
        Saying what was not finite and what to look at.
    """
    if not np.all(np.isfinite(values)):
        raise ValueError(f"The {what} is NaN or infinite: check the model's weights and the image's preprocessing.")
    return values


def _same_shape(values: np.ndarray, like: np.ndarray) -> np.ndarray:
    values = np.asarray(values)
    if values.shape != like.shape:
        raise ValueError(f"The grad_modifier turned a gradient of shape {like.shape} into {values.shape}; keep the shape.")
    return finite(values, "modified gradient")
