"""Backprop modifiers as functions from model to model, as in keras-vis."""

from __future__ import annotations

from salwidget.vis.backend import Model, ModifiedModel, modify_model_backprop
from salwidget.vis.idioms import Function, get_identifier


def guided(model: Model) -> ModifiedModel:
    """The model with positive gradients passed on only where a rectifier is active (Springenberg et al. 2014, section 3.4)."""
    return modify_model_backprop(model, "guided")


def rectified(model: Model) -> ModifiedModel:
    """The model with only positive gradients passed on by its rectifiers (Zeiler and Fergus 2013, section 2.1)."""
    return modify_model_backprop(model, "rectified")


relu = deconv = rectified


def get(identifier: str | Function) -> Function:
    """Look up a modifier by name: ``get("guided")(model)``; a callable is returned as it is.

    Raises
    ------
    ValueError
        For an unknown name.
    """
    return get_identifier(identifier, _MODIFIERS, __name__)


_MODIFIERS = {"guided": guided, "rectified": rectified, "relu": relu, "deconv": deconv}

__all__ = ["deconv", "get", "guided", "rectified", "relu"]
