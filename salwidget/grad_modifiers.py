"""Gradient modifiers, applied to the gradient before it becomes a map; the names are keras-vis's."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

Modifier = Callable[[np.ndarray], np.ndarray]

EPSILON = 1e-7


def negate(gradient: np.ndarray) -> np.ndarray:
    """What lowers the score: -g."""
    return -gradient


def relu(gradient: np.ndarray) -> np.ndarray:
    """What raises the score: max(g, 0)."""
    positive: np.ndarray = np.maximum(gradient, 0)
    return positive


def invert(gradient: np.ndarray) -> np.ndarray:
    """1 / (g + 1e-7): large where the score hardly moves."""
    # A gradient of exactly -1e-7 would divide by zero; the shifted value keeps its sign and stays finite.
    shifted = gradient + EPSILON
    return 1 / np.where(shifted == 0, EPSILON, shifted)


def small_values(gradient: np.ndarray) -> np.ndarray:
    """abs(1 / (g + 1e-7)): what maintains the score."""
    magnitudes: np.ndarray = np.abs(invert(gradient))
    return magnitudes


MODIFIERS: dict[str, Modifier] = {
    "absolute": np.abs,
    "negate": negate,
    "relu": relu,
    "invert": invert,
    "small_values": small_values,
}


def modifier_of(modifier: str | Modifier | None) -> Modifier | None:
    """Look up a gradient modifier by name; callables (array -> array of the same shape) pass through.

    Raises
    ------
    ValueError
        For a name that is not one of ``MODIFIERS``.
    """
    if modifier is None or callable(modifier):
        return modifier
    if not isinstance(modifier, str) or modifier not in MODIFIERS:
        raise ValueError(f"grad_modifier {modifier!r} is not known; use one of {', '.join(MODIFIERS)}, or a callable.")
    return MODIFIERS[modifier]
