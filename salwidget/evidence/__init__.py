"""Evidence: whether a model uses a place, by changing it beside a control."""

from __future__ import annotations

from salwidget.evidence.regions import brush, polygon, rectangle, strongest, superpixel, superpixels, weakest
from salwidget.region import region_of

__all__ = ["brush", "polygon", "rectangle", "region_of", "strongest", "superpixel", "superpixels", "weakest"]
