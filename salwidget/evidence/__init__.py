"""Evidence: whether a model uses a place, by changing it beside a control."""

from __future__ import annotations

# Those that ship are registered as they are imported.
from salwidget.evidence import replacements  # noqa: F401
from salwidget.evidence.backgrounds import swap_backgrounds
from salwidget.evidence.contract import REPLACEMENTS, Colour, OtherImage, Replacement, replacement
from salwidget.evidence.covering import cover, interventions
from salwidget.evidence.intervention import Intervention
from salwidget.evidence.probing import probe
from salwidget.evidence.regions import brush, polygon, rectangle, strongest, superpixel, superpixels, weakest
from salwidget.evidence.support import Support
from salwidget.evidence.swaps import Swaps
from salwidget.region import region_of

__all__ = [
    "REPLACEMENTS",
    "Colour",
    "Intervention",
    "OtherImage",
    "Replacement",
    "Support",
    "Swaps",
    "brush",
    "cover",
    "interventions",
    "polygon",
    "probe",
    "rectangle",
    "region_of",
    "replacement",
    "strongest",
    "superpixel",
    "superpixels",
    "swap_backgrounds",
    "weakest",
]
