"""A dream as the call that makes it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from salwidget.dreams.parametrization import Parametrization
from salwidget.dreams.regularizers import Regularizer
from salwidget.dreams.transforms import Transform
from salwidget.query import Named, call, target_code
from salwidget.target import Target, Unit

if TYPE_CHECKING:
    from salwidget.dreams.result import Dream


def as_python(front: Callable[..., Dream], arguments: Mapping[str, object], steps: int, model: str, named: Named) -> str:
    """The call of ``salwidget.dream``, passed as ``front``, for ``steps`` steps in all; defaults are left out.

    ``named`` gives the names of values without a literal (an image, a function).
    """
    defaults = {name: each.default for name, each in inspect.signature(front).parameters.items()}
    written = {
        name: _code(name, value, named)
        for name, value in {**arguments, "steps": steps}.items()
        if not _same(value, defaults[name])
    }
    return call("salwidget.dream", model, **written) + ".run()"


def _same(value: object, default: object) -> bool:
    return value is default or (
        isinstance(value, (str, int, float, tuple)) and type(value) is type(default) and value == default
    )


def _code(name: str, value: object, named: Named) -> str:
    """A value as Python."""
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{key!r}: ' + _code(f'{name}[{key!r}]', each, named) for key, each in value.items())}}}"
    is_image = name.startswith("start") and value is not None
    if isinstance(value, (range, np.ndarray)) and not is_image:
        value = np.asarray(value).tolist()
    if isinstance(value, (list, tuple)) and not is_image:
        inner = ", ".join(_code(name, each, named) for each in value)
        return f"[{inner}]" if isinstance(value, list) else f"({inner}{',' * (len(value) == 1)})"
    if isinstance(value, (Transform, Regularizer, Parametrization)):
        return f"salwidget.dreams.{value!r}"
    if isinstance(value, (Unit, Target)):
        return target_code(value, named)
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not np.isfinite(value):
        return f"float({str(value)!r})"
    if value is None or isinstance(value, (str, int, float)):
        return repr(value)
    return named(value, name)
