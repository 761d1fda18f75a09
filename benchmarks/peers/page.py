"""docs/parity.md, of which each part of this package writes its half."""

from __future__ import annotations

from benchmarks.peers.environment import ROOT

PAGE = ROOT / "docs" / "parity.md"
SPEED = "# Speed beside other libraries"


def write(text: str) -> None:
    """Put a section in its place; the other one stays. The one that begins with ``SPEED`` is the second."""
    known = PAGE.read_text() if PAGE.exists() else ""
    first, mark, second = known.partition(SPEED)
    first, second = (first, text) if text.startswith(SPEED) else (text, mark + second)
    PAGE.write_text("\n\n".join(part.strip() for part in (first, second) if part.strip()) + "\n")
