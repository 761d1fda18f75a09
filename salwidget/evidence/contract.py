"""What a replacement declares, and how it fills a region: one world in which the region is not there.

A replacement is declared once, like a method: its options, its sentence and its limits stand on the class, and checks, docs
and controls are made from them.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from salwidget.attribution.contract import WATCHERS
from salwidget.engine.network import Network
from salwidget.images import Picture
from salwidget.options import Number


@dataclass(frozen=True)
class Colour:
    """An option that is a colour as displayed: one number, or one for each channel; ``None``: half way from black to white."""

    label: str
    default: None = None
    help: str = ""

    def check(self, name: str, value: Any, network: Network) -> tuple[float, ...] | None:
        if value is None:
            return None
        try:
            numbers = np.atleast_1d(np.asarray(value, np.float64))
        except (TypeError, ValueError):
            numbers = np.empty(0)
        if numbers.ndim != 1 or not numbers.size or not np.isfinite(numbers).all():
            raise ValueError(f"{name}={value!r} is no colour: use a number, or one for each channel, e.g. (255, 0, 0).")
        return tuple(map(float, numbers))


@dataclass(frozen=True)
class OtherImage:
    """An option that is an image of the same size: an array, a Pillow image or a path."""

    label: str
    default: None = None
    help: str = ""

    def check(self, name: str, value: Any, network: Network) -> Any:
        return value


Option = Number | Colour | OtherImage


class Replacement(ABC):
    """One way to fill a region of one image.

    Class attributes are the declaration. ``needs_outside`` says that it is made of the pixels outside the region, so that the
    whole image cannot be filled; ``random`` that the seed matters.

    Attributes
    ----------
    image
        float64 (H, W, C) as displayed.
    range
        Black and white of the image, e.g. (0, 255).
    options
        All of the replacement's own.
    seed
        For a replacement that draws random numbers.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    sentence: ClassVar[str]
    limits: ClassVar[str]
    paper: ClassVar[str] = ""
    needs_outside: ClassVar[bool] = False
    random: ClassVar[bool] = False

    def __init__(self, picture: Picture, options: Mapping[str, Any], seed: int) -> None:
        self.picture = picture
        self.range = picture.range
        self.options = {name: options.get(name, option.default) for name, option in self.declared().items()}
        self.seed = seed

    @classmethod
    def declared(cls) -> dict[str, Option]:
        """The declared options by name."""
        found = {name: value for each in reversed(cls.__mro__) for name, value in vars(each).items()}
        return {name: value for name, value in found.items() if isinstance(value, Option)}

    @cached_property
    def image(self) -> np.ndarray:
        return self.picture.given.astype(np.float64)

    @property
    def rng(self) -> np.random.Generator:
        """A fresh generator of the seed: each region of an image is filled with the same draws."""
        return np.random.default_rng(self.seed)

    @abstractmethod
    def fill(self, region: np.ndarray) -> np.ndarray:
        """Values that can be broadcast to (H, W, C), as displayed, of which those in ``region``, bool (H, W), are taken."""

    def edited(self, region: np.ndarray) -> np.ndarray:
        """The image as displayed with ``region`` filled, in its own type; 8 bits are rounded.

        Raises
        ------
        ValueError
            When the region is the whole image and pixels outside of it are needed.
        """
        if self.needs_outside and region.all():
            raise ValueError(
                f"replace={self.name!r} is made of pixels outside of what is covered, and the whole image is: use 'blur' or "
                "'colour'."
            )
        values = np.where(region[..., None], self.fill(region), self.image)
        given = self.picture.given
        if given.dtype.kind in "iu":
            values = np.clip(np.round(values), *self.range)
        return values.astype(given.dtype)


REPLACEMENTS: dict[str, type[Replacement]] = {}


def replacement(cls: type[Replacement]) -> type[Replacement]:
    """Register a replacement under its name, in place of an earlier one; open widgets offer it, and ask it again."""
    REPLACEMENTS[cls.name] = cls
    for watcher in list(WATCHERS):
        watcher.replacement_registered(cls.name)
    return cls


def replacement_of(name: str, picture: Picture, options: Mapping[str, Any], seed: int, network: Network) -> Replacement:
    """The replacement called ``name`` for one image, with options as they were given.

    Raises
    ------
    ValueError, TypeError
        For an unknown name, an option that it does not declare, or a value that does not fit.
    """
    if not isinstance(name, str) or name not in REPLACEMENTS:
        raise ValueError(f"replace={name!r} is not known; use one of {', '.join(map(repr, REPLACEMENTS))}.")
    made = REPLACEMENTS[name]
    declared = made.declared()
    for each in options:
        if each not in declared:
            known = f"it takes {', '.join(declared)}" if declared else "it takes none"
            raise TypeError(f"replacement {name!r} has no option {each!r}; {known}.")
    return made(picture, {each: declared[each].check(each, value, network) for each, value in options.items()}, seed)
