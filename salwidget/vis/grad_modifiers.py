"""Gradient modifiers under the name of keras-vis's module."""

from __future__ import annotations

from numpy import absolute

from salwidget.grad_modifiers import MODIFIERS, invert, negate, relu, small_values
from salwidget.vis.idioms import Function, get_identifier


def get(identifier: str | Function) -> Function:
    """Look up a modifier by name: ``get("negate")(gradient)``; a callable is returned as it is.

    Raises
    ------
    ValueError
        For an unknown name.
    """
    return get_identifier(identifier, MODIFIERS, __name__)


__all__ = ["absolute", "get", "invert", "negate", "relu", "small_values"]
