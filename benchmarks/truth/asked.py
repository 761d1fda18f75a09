"""Who is asked: every registered method at the settings of these experiments, and why some are left out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np

import salwidget

# Why a method is not asked where the question is "which pixels speak for this class".
NOT_OF_A_CLASS = {
    "feature_map": "shows a layer, not what speaks for a class",
    "weights": "shows a kernel, whatever the image",
}
SLOW = {"xrai": "segmenting takes a second for each picture; asked in section 4 and on the photographs"}
NO_HEAD = {"cam": "needs a mean over space right behind the feature maps"}


@dataclass(frozen=True, eq=False)
class Asked:
    """A method, or a method under a backprop rule, at fixed settings."""

    method: str
    modifier: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"{self.method}, {self.modifier}" if self.modifier else self.method

    @property
    def settings(self) -> str:
        """The options that are not arrays, in words."""
        return ", ".join(f"{name} {value}" for name, value in self.options.items() if not isinstance(value, np.ndarray))

    def map(self, model: keras.Model, image: np.ndarray, **question: Any) -> np.ndarray:
        """The raw map (H, W) that answers ``salwidget.explain(model, image, method=..., **question)``."""
        return self.heatmap(model, image, **question).values

    def heatmap(self, model: keras.Model, image: np.ndarray, **question: Any) -> salwidget.Heatmap:
        found = salwidget.explain(
            model, image, method=self.method, backprop_modifier=self.modifier, **{**self.options, **question}
        )
        assert isinstance(found, salwidget.Heatmap)
        return found


# Fewer steps than the defaults, so that thousands of maps are drawn in minutes; the page says so.
QUICK: dict[str, dict[str, Any]] = {
    **{name: {"samples": 10} for name in ("smoothgrad", "squaregrad", "vargrad")},
    **{name: {"steps": 16} for name in ("integrated_gradients", "guided_ig", "blur_ig")},
    "expected_gradients": {"samples": 16},
    "xrai": {"steps": 8},
    "rise": {"masks": 200},
}


def everyone(without: Iterable[str] = (), given: Mapping[str, Mapping[str, Any]] | None = None) -> list[Asked]:
    """All registered methods but those named, and saliency under both backprop rules, with the options ``given`` for each."""
    left_out, options = {*without}, given or {}
    names = [name for name in salwidget.METHODS if name not in left_out]
    plain = [Asked(name, options={**QUICK.get(name, {}), **options.get(name, {})}) for name in names]
    ruled = [] if "saliency" in left_out else [Asked("saliency", "guided"), Asked("saliency", "rectified")]
    return plain + ruled
