"""Gradient modifiers under the name of keras-vis's module."""

from numpy import absolute

from salwidget.gradient import invert, negate, relu, small_values

__all__ = ["absolute", "invert", "negate", "relu", "small_values"]
