"""Numbers in words: three digits, a unit that suits them, quartiles in brackets."""

from __future__ import annotations

from benchmarks.figures import Quartiles

# A thousandth of a unit.
SMALLER = {"s": "ms", "GB": "MB"}


def amount(value: float, unit: str = "") -> str:
    """``0.0382, "s"`` is 38.2 ms."""
    return f"{digits(value * _scale(value, unit))} {_shown(value, unit)}".rstrip()


def spread(found: Quartiles, unit: str = "") -> str:
    """The median, and the quartiles where they differ from it, in the median's unit."""
    scale = _scale(found.middle, unit)
    low, high = digits(found.low * scale), digits(found.high * scale)
    middle = amount(found.middle, unit)
    return middle if low == high else f"{middle} ({low} to {high})"


def ratio(found: Quartiles) -> str:
    """Two decimals, as budgets have them."""
    if found.low == found.high:
        return f"{found.middle:.2f}"
    return f"{found.middle:.2f} ({found.low:.2f} to {found.high:.2f})"


def digits(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _scale(value: float, unit: str) -> float:
    return 1e3 if unit in SMALLER and value < 1 else 1


def _shown(value: float, unit: str) -> str:
    return SMALLER[unit] if unit in SMALLER and value < 1 else unit
