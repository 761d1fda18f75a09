"""Everything that decides an answer, frozen and hashable."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

import numpy as np

from salwidget.target import Target

Modifier = str | Callable[..., Any] | None


@dataclass(frozen=True)
class Query:
    """One question: two equal queries on the same weights have the same answer.

    ``image`` is a digest of the model's input; ``options`` are the method's own, sorted, defaults left out.
    """

    method: str
    target: Target
    image: str
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
        filters = self.target.filters
        shown = {
            "method": self.method,
            "layer": self.target.layer,
            "filters": filters[0] if filters and len(filters) == 1 else filters,
            "score": self.target.score,
            "backprop_modifier": self.backprop_modifier,
            "grad_modifier": self.grad_modifier,
            "seed": self.seed,
            **dict(self.options),
        }
        defaults = {"score": "logit", "backprop_modifier": None, "grad_modifier": None, "seed": 0}
        words = [f"{key}={_code(value)}" for key, value in shown.items() if key not in defaults or value != defaults[key]]
        if preprocess:
            words.append(f"preprocess={preprocess}")
        return f"salwidget.explain(model, image, {', '.join(words)})"


def digest(image: np.ndarray) -> str:
    """A digest of an array's type, shape and bytes."""
    header = f"{image.dtype}{image.shape}".encode()
    return hashlib.sha1(header + np.ascontiguousarray(image).tobytes()).hexdigest()


def _code(value: Any) -> str:
    return getattr(value, "__name__", type(value).__name__) if callable(value) else repr(value)
