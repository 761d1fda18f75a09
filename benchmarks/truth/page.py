"""Markdown for ``docs/truth.md``: tables whose every number was measured a moment ago."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    """A Markdown table; floats are written by ``number``."""
    lines = [f"| {' | '.join(head)} |", "|" + "---|" * len(head)]
    lines += [f"| {' | '.join(number(cell) if isinstance(cell, float) else str(cell) for cell in row)} |" for row in rows]
    return [*lines, ""]


def number(value: float) -> str:
    """Two decimals, or a power of ten where that would hide the value."""
    return f"{value:.2f}" if value == 0 or abs(value) >= 0.01 else f"{value:.0e}"


def reasons(left_out: dict[str, str], registered: Iterable[str]) -> list[str]:
    """Which registered methods are left out, and why."""
    known = [f"`{name}` ({why})" for name, why in left_out.items() if name in registered]
    return [f"Not asked: {'; '.join(known)}.", ""] if known else []
