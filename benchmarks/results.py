"""benchmarks/speed.json: what was measured, by section; each run renews its own sections."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.figures import Curve, Figure, of_json

FILE = Path(__file__).with_name("speed.json")


@dataclass(frozen=True)
class Section:
    """``machine`` is what the numbers depend on, ``day`` when and ``seconds`` how long it was measured."""

    name: str
    machine: Mapping[str, str]
    day: str
    seconds: float
    found: tuple[Figure | Curve, ...]

    @property
    def figures(self) -> list[Figure]:
        return [one for one in self.found if isinstance(one, Figure)]

    @property
    def curves(self) -> list[Curve]:
        return [one for one in self.found if isinstance(one, Curve)]


def stored(file: Path = FILE) -> dict[str, Section]:
    """The sections of a file by name; none where there is no file."""
    return sections_of(json.loads(file.read_text())) if file.exists() else {}


def sections_of(found: Mapping[str, Any]) -> dict[str, Section]:
    """The sections of what a file holds."""
    return {
        name: Section(name, one["machine"], one["day"], one["seconds"], tuple(map(of_json, one["found"])))
        for name, one in found.items()
    }


def keep(name: str, found: Iterable[Figure | Curve], machine: Mapping[str, str], seconds: float, file: Path = FILE) -> None:
    """Put a section into a file, in the place of an earlier one; the others stay."""
    known = json.loads(file.read_text()) if file.exists() else {}
    day = time.strftime("%Y-%m-%d")
    known[name] = {"machine": dict(machine), "day": day, "seconds": round(seconds), "found": [one.as_json() for one in found]}
    lines = [f'"{one}": {_one_line_each(section)}' for one, section in sorted(known.items())]
    file.write_text("{\n" + ",\n".join(lines) + "\n}\n")


def _one_line_each(section: Mapping[str, Any]) -> str:
    """A line for each figure, so that a renewed section reads as such in a diff."""
    head = json.dumps({key: value for key, value in section.items() if key != "found"})[:-1]
    return head + ', "found": [\n  ' + ",\n  ".join(map(json.dumps, section["found"])) + "\n]}"
