"""salwidget: ask a trained Keras CNN questions by hand, in a notebook cell.

Names are looked up when they are first used, so that importing the package does not import TensorFlow.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from salwidget.foreign import require_tensorflow_backend
from salwidget.notices import await_tensorflow

if TYPE_CHECKING:
    from salwidget.attribution import METHODS, Method, method
    from salwidget.attribution.explain import explain
    from salwidget.dreams import Dream, dream
    from salwidget.engine.network import Network
    from salwidget.engine.opening import open_network
    from salwidget.evidence import (
        REPLACEMENTS,
        Intervention,
        Replacement,
        Support,
        Swaps,
        cover,
        probe,
        replacement,
        swap_backgrounds,
    )
    from salwidget.heatmap import Heatmap
    from salwidget.load import load_model
    from salwidget.query import Query
    from salwidget.target import Target, Unit
    from salwidget.vis import visualize_activation, visualize_cam, visualize_saliency
    from salwidget.widget import SaliencyWidget

_HOME = {
    "Dream": "dreams",
    "METHODS": "attribution",
    "Heatmap": "heatmap",
    "Intervention": "evidence",
    "Method": "attribution",
    "Network": "engine.network",
    "Query": "query",
    "REPLACEMENTS": "evidence",
    "Replacement": "evidence",
    "SaliencyWidget": "widget",
    "Support": "evidence",
    "Swaps": "evidence",
    "Target": "target",
    "Unit": "target",
    "cover": "evidence",
    "dream": "dreams",
    "explain": "attribution.explain",
    "load_model": "load",
    "method": "attribution",
    "open_network": "engine.opening",
    "probe": "evidence",
    "replacement": "evidence",
    "swap_backgrounds": "evidence",
    "visualize_activation": "vis",
    "visualize_cam": "vis",
    "visualize_saliency": "vis",
}

__all__ = [
    "METHODS",
    "REPLACEMENTS",
    "Dream",
    "Heatmap",
    "Intervention",
    "Method",
    "Network",
    "Query",
    "Replacement",
    "SaliencyWidget",
    "Support",
    "Swaps",
    "Target",
    "Unit",
    "cover",
    "dream",
    "explain",
    "load_model",
    "method",
    "open_network",
    "probe",
    "replacement",
    "swap_backgrounds",
    "visualize_activation",
    "visualize_cam",
    "visualize_saliency",
]

require_tensorflow_backend()
await_tensorflow()


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module 'salwidget' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"salwidget.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
