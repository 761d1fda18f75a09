"""Small functions of ``vis.utils.utils`` that users of keras-vis call."""

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
    """A list as it is; anything else, tuples included, as the one item of a new list."""
    return value if isinstance(value, list) else [value]


def add_defaults_to_kwargs(defaults: Mapping[str, T], **kwargs: T) -> dict[str, T]:
    """``kwargs``, with defaults for missing names."""
    return {**defaults, **kwargs}


def get_identifier(identifier: str | Function, module_globals: Mapping[str, object], module_name: str) -> Function:
    """The callable of a name in a module; a callable is returned as it is.

    Raises
    ------
    ValueError
        For a name that the module does not have, or anything that is neither a name nor a callable.
    """
    if callable(identifier):
        return identifier
    found = module_globals.get(identifier) if isinstance(identifier, str) else None
    if not callable(found):
        raise ValueError(f"{identifier!r} is neither a callable nor a name in {module_name}.")
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
