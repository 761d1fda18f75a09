"""A dream as the call that makes it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from salwidget.dream.parametrization import Parametrization
from salwidget.dream.regularizers import Regularizer
from salwidget.dream.transforms import Transform
from salwidget.query import target_code
from salwidget.target import Target, Unit


def as_python(front: Callable[..., Any], asked: Mapping[str, Any]) -> str:
    """The call of ``salwidget.dream``, which is ``front``, for a ``model`` at hand; defaults are left out."""
    defaults = {name: each.default for name, each in inspect.signature(front).parameters.items()}
    words = [
        f"{name}={_code(name, value)}" for name, value in asked.items() if name != "model" and not _same(value, defaults[name])
    ]
    return f"salwidget.dream({', '.join(['model', *words])}).run()"


def _same(value: Any, default: Any) -> bool:
    return value is default or (
        isinstance(value, (str, int, float, tuple)) and type(value) is type(default) and value == default
    )


def _code(name: str, value: Any) -> str:
    """A value as Python: what only the person has (an image, a function) by the name of its argument."""
    if isinstance(value, (range, np.ndarray)) and name != "start":
        value = np.asarray(value).tolist()
    if isinstance(value, (list, tuple)):
        inner = ", ".join(_code(name, each) for each in value)
        return f"[{inner}]" if isinstance(value, list) else f"({inner}{',' * (len(value) == 1)})"
    if isinstance(value, (Transform, Regularizer, Parametrization)):
        return f"salwidget.dream.{value!r}"
    if isinstance(value, (Unit, Target)):
        return target_code(value)
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, (str, int, float)):
        return repr(value)
    known = getattr(value, "__name__", name)
    return known if known.isidentifier() else name  # a lambda has no name
