"""Dreams: images that a unit of a model responds to, made by gradient ascent: ``salwidget.dream(model, filters=20).run()``."""

from __future__ import annotations

from salwidget.dreams.front import dream
from salwidget.dreams.objective import caricature, deep_dream, direction, diversity
from salwidget.dreams.parametrization import PARAMETRIZATIONS, Fourier, MaCo, Parametrization, Pixels
from salwidget.dreams.regularizers import L2, REGULARIZERS, Blur, LpNorm, Regularizer, TotalVariation
from salwidget.dreams.result import Dream, Frame
from salwidget.dreams.transforms import TRANSFORMS, Jitter, Pad, Rotate, Scale, Transform

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
