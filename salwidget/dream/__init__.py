"""Dreams: images that a unit of a model responds to, made by gradient ascent.

``salwidget.dream`` is this package, and is called: ``salwidget.dream(model, filters=20).run()``.
"""

from __future__ import annotations

import inspect
import sys
from types import ModuleType
from typing import Any

from salwidget.dream.front import dream
from salwidget.dream.objective import caricature, deep_dream, direction, diversity
from salwidget.dream.parametrization import PARAMETRIZATIONS, Fourier, MaCo, Parametrization, Pixels
from salwidget.dream.regularizers import L2, REGULARIZERS, Blur, LpNorm, Regularizer, TotalVariation
from salwidget.dream.result import Dream, Frame
from salwidget.dream.transforms import TRANSFORMS, Jitter, Pad, Rotate, Scale, Transform

__all__ = [
    "L2",
    "PARAMETRIZATIONS",
    "REGULARIZERS",
    "TRANSFORMS",
    "Blur",
    "Dream",
    "Fourier",
    "Frame",
    "Jitter",
    "LpNorm",
    "MaCo",
    "Pad",
    "Parametrization",
    "Pixels",
    "Regularizer",
    "Rotate",
    "Scale",
    "TotalVariation",
    "Transform",
    "caricature",
    "deep_dream",
    "direction",
    "diversity",
    "dream",
]


class _Front(ModuleType):
    """Importing a subpackage makes it an attribute of ``salwidget``, in place of any function of its name."""

    __signature__ = inspect.signature(dream)

    def __call__(self, *args: Any, **kwargs: Any) -> Dream:
        return dream(*args, **kwargs)


sys.modules[__name__].__class__ = _Front
