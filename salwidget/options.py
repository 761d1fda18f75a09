"""The kinds of options that a method may declare; each checks its own values and has a control in the page.

``label`` is a word or two beside the control, ``help`` the sentence of its tooltip.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

import numpy as np

from salwidget.engine.inputs import Shape
from salwidget.engine.network import Network
from salwidget.query import Array, ByInput, Table

T = TypeVar("T")


@dataclass(frozen=True)
class Choice:
    """An option with a few named values."""

    label: str
    choices: tuple[tuple[str, str], ...]
    default: str
    help: str = ""

    def check(self, name: str, value: object, network: Network) -> str:
        known = [choice for choice, _ in self.choices]
        if not isinstance(value, str) or value not in known:
            raise ValueError(f"{name}={value!r} is not known; use one of {', '.join(map(repr, known))}.")
        return value


@dataclass(frozen=True)
class MovedInputs(Choice):
    """Which inputs of a model change at once; with a single input there is nothing to choose."""

    def check(self, name: str, value: object, network: Network) -> str:
        return super().check(name, value, network) if len(network.inputs) > 1 else self.default


@dataclass(frozen=True)
class Number:
    """A number from ``minimum`` to ``maximum``; a whole one where ``step`` is whole.

    ``zero`` says what 0 stands for if it means "automatic": a text, or a function of the image's sizes. ``of_image`` is true
    for pixels along an axis, which the page limits to the image's own.
    """

    label: str
    default: float
    minimum: float
    maximum: float
    step: float = 1
    help: str = ""
    zero: str | Callable[[Sequence[int]], float] = ""
    of_image: bool = False

    def check(self, name: str, value: object, network: Network) -> float | tuple[float, ...]:
        whole = isinstance(self.step, int)
        wanted = f"a {'whole ' * whole}number from {self.minimum:g} to {self.maximum:g}"
        if isinstance(value, bool) or not isinstance(value, (int, float, np.integer, np.floating)):
            raise TypeError(f"{name} is {wanted}, not {value!r}.")
        if not self.minimum <= value <= self.maximum or (whole and value != int(value)):
            raise ValueError(f"{name}={value:g} is out of range; use {wanted}.")
        return int(value) if whole else float(value)


@dataclass(frozen=True)
class PerAxis(Number):
    """A number for all axes of space, or one for each: (rows, columns) of an image, (slices, rows, columns) of a volume."""

    def check(self, name: str, value: object, network: Network) -> float | tuple[float, ...]:
        if isinstance(value, (str, bytes)) or not isinstance(value, (Sequence, np.ndarray)):
            return super().check(name, value, network)
        each: tuple[float, ...] = tuple(super(PerAxis, self).check(name, one, network) for one in value)  # type: ignore[misc]
        if len(each) not in {source.space for source in network.inputs}:
            axes = " or ".join(map(str, sorted({source.space for source in network.inputs})))
            raise ValueError(
                f"{name}={each} has {len(each)} numbers, but there are {axes} axes; give one number, or one for each."
            )
        return each[0] if len(set(each)) == 1 else each

    @staticmethod
    def along(name: str, value: T | tuple[T, ...], space: Sequence[int]) -> list[T]:
        """A checked value as one number for each axis of an image; raises ``ValueError`` for another number of axes."""
        if not isinstance(value, tuple):
            return [value] * len(space)
        if len(value) != len(space):
            raise ValueError(f"{name}={value} has {len(value)} numbers, but the input has {len(space)} axes of space.")
        return list(value)


@dataclass(frozen=True)
class LayerWithSpace:
    """An option that names a layer with feature maps of more than one cell; ``None`` lets the method find it."""

    label: str
    default: None = None
    help: str = ""

    def check(self, name: str, value: Any, network: Network) -> int | None:
        if value is None:
            return None
        layer = network.layer(value)
        if not layer.has_space and not is_sequence(layer.shape):
            near = [other for other in network.layers[: layer.index] if other.has_space]
            hint = f"; {near[-1]} would do" if near else ""
            raise ValueError(f"{name}: layer {layer} has no feature map of more than one cell{hint}.")
        return layer.index


@dataclass(frozen=True)
class TokenGrid:
    """The rows and columns of a transformer's tokens; ``None`` for a network of feature maps."""

    label: str
    default: None = None
    help: str = ""

    def check(self, name: str, value: object, network: Network) -> tuple[int, int] | None:
        if value is None:
            return None
        pair = value if isinstance(value, Sequence) and not isinstance(value, str) and len(value) == 2 else ()
        if not pair or not all(isinstance(size, (int, np.integer)) and size > 0 for size in pair):
            raise ValueError(f"{name}={value!r} is no grid; give the rows and columns of tokens, e.g. (14, 14).")
        if not any(is_sequence(layer.shape) for layer in network.layers):
            raise ValueError(f"{name}= is for the tokens of a transformer, and {network.name} has none: leave it out.")
        return int(pair[0]), int(pair[1])


BASELINES = (("black", "black"), ("white", "white"), ("mean", "mean colour"), ("blurred", "blurred"), ("random", "random"))


@dataclass(frozen=True)
class Baseline:
    """An image without what is explained: a named one, or an array of the image's shape, as displayed.

    For a model with several inputs also a dict by input name; inputs that it leaves out have the default.
    """

    given: ClassVar[str] = "an array of the image's shape"

    label: str
    default: str
    choices: tuple[tuple[str, str], ...] = BASELINES
    help: str = ""

    def check(self, name: str, value: object, network: Network) -> str | Array | ByInput:
        if isinstance(value, Mapping):
            values = {network.input(which).index: self._checked(name, one) for which, one in value.items()}
            return ByInput(tuple(values.get(each.index, self.default) for each in network.inputs))
        return value if isinstance(value, ByInput) else self._checked(name, value)

    def _checked(self, name: str, value: object) -> str | Array:
        if isinstance(value, (np.ndarray, Array)):
            return value if isinstance(value, Array) else Array(value.copy())
        known = [choice for choice, _ in self.choices]
        if not isinstance(value, str) or value not in known:
            allowed = "one of " * (len(known) > 1) + ", ".join(map(repr, known))
            raise ValueError(f"{name} is {allowed}, or {self.given}.")
        return value


@dataclass(frozen=True)
class ByLayer:
    """Rules of single layers, by name, index or kind (``{"conv1": "z_box", "Dense": "epsilon"}``); ``None``: no exceptions.

    It can only be set from Python; the page shows that it is set.
    """

    label: str
    values: tuple[str, ...]
    default: None = None
    help: str = ""

    def check(self, name: str, value: object, network: Network) -> Table | None:
        if value is None:
            return None
        if not isinstance(value, (Mapping, Table)):
            raise TypeError(f"{name} is a dict from a layer's name, index or kind to one of {', '.join(self.values)}.")
        pairs = value.pairs if isinstance(value, Table) else tuple(value.items())
        kinds = {layer.kind for layer in network.layers}
        for chosen in (chosen for _, chosen in pairs if chosen not in self.values):
            raise ValueError(f"{name}: {chosen!r} is not known; use one of {', '.join(map(repr, self.values))}.")
        return (
            Table(tuple((key if key in kinds else network.layer(key).name, chosen) for key, chosen in pairs)) if pairs else None
        )


Option = Choice | Number | LayerWithSpace | TokenGrid | Baseline | ByLayer
# Values of a method's options by name, as each option checks them.
Options = dict[str, Any]


def has_tokens(network: Network) -> bool:
    """Whether the model is a transformer, whose tokens may lie in a grid that only its user knows."""
    return any("Attention" in layer.kind for layer in network.layers)


def is_sequence(shape: Shape) -> bool:
    """Whether an output (tokens, channels) could be a grid of tokens."""
    return len(shape) == 2 and (shape[0] is None or shape[0] > 1)


def grid_of(values: np.ndarray, grid: tuple[int, int] | None) -> np.ndarray:
    """Tokens (T, K) as cells (rows, columns, K); tokens before the grid (a class token) are left out.

    Raises
    ------
    ValueError
        When there are fewer tokens than the grid has cells.
    """
    if grid is None or values.ndim != 2:
        return values
    cells = math.prod(grid)
    if len(values) < cells:
        raise ValueError(f"token_grid {grid[0]} × {grid[1]} needs {cells} tokens, but the layer has {len(values)}.")
    return values[-cells:].reshape(*grid, -1)
