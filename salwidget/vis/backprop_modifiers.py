"""Backprop rules under the name of keras-vis's module; a rule is ``(op inputs, op outputs, gradient) -> gradient``."""

from salwidget.backprop import guided, rectified

relu = deconv = rectified

__all__ = ["deconv", "guided", "rectified", "relu"]
