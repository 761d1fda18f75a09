"""What a page shows beyond the controls. It asks nothing: Python's picture is the same, and the next page begins so."""

from __future__ import annotations

from typing import Any

VIEWS = ("image", "overlay", "map")

# ``slice`` is -1 where nobody has chosen one: a volume then shows where its map is strongest. ``channel`` is the first of a
# signal's that has room; ``rail`` the width of the layers' list in CSS pixels, 0 for its own; ``dark`` the page's theme.
UNSEEN: dict[str, Any] = {"view": "overlay", "slice": -1, "channel": 0, "dark": False, "rail": 0}

LOWEST = {"slice": -1, "channel": 0, "rail": 0}
MOST = 2**31


def fitting(told: Any) -> dict[str, Any]:
    """What was told, which may be anything; where it does not fit, what is usual."""
    given = told if isinstance(told, dict) else {}
    return {name: given[name] if _fits(name, given.get(name)) else usual for name, usual in UNSEEN.items()}


def _fits(name: str, value: Any) -> bool:
    if name == "view":
        return isinstance(value, str) and value in VIEWS
    return isinstance(value, bool) if name == "dark" else type(value) is int and LOWEST[name] <= value < MOST
