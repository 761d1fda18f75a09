"""Small words of ``vis.utils.utils`` that stand in the code of keras-vis's users."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import EllipsisType
from typing import Any, TypeVar

import keras

Function = Callable[..., Any]
Index = int | slice | EllipsisType
T = TypeVar("T")


def reverse_enumerate(iterable: Sequence[T]) -> Iterator[tuple[int, T]]:
    """``enumerate`` from the end: the last item and its index come first."""
    return zip(range(len(iterable) - 1, -1, -1), reversed(iterable), strict=True)


def listify(value: T | list[T]) -> list[T]:
    """A list as it is, and anything else, a tuple too, as the one item of a new list."""
    return value if isinstance(value, list) else [value]


def add_defaults_to_kwargs(defaults: Mapping[str, T], **kwargs: T) -> dict[str, T]:
    """``kwargs``, with the value of ``defaults`` for each name that is not among them."""
    return {**defaults, **kwargs}


def get_identifier(identifier: str | Function, module_globals: Mapping[str, object], module_name: str) -> Function:
    """What a name stands for in a module; a callable stands for itself.

    Raises
    ------
    ValueError
        For a name that the module does not have, or what is neither a name nor callable.
    """
    if callable(identifier):
        return identifier
    found = module_globals.get(identifier) if isinstance(identifier, str) else None
    if not callable(found):
        raise ValueError(f"{identifier!r} is no callable and no name in {module_name}.")
    return found


class _Slicer:
    """Turns an index for (samples, channels, sizes ...) into one for arrays of ``keras.config.image_data_format()``."""

    def __getitem__(self, index: tuple[Index, ...]) -> tuple[Index, ...]:
        if keras.config.image_data_format() == "channels_first":
            return index
        samples, channels, *sizes = index
        return (samples, *sizes, channels)


# ``outputs[slicer[:, 3, ...]]`` is filter 3 of a convolution's output, wherever its channels are.
slicer = _Slicer()
