"""Who may import whom: arrows go up from the algebra of targets through the engine to the widget, and never back."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import salwidget

ROOT = Path(salwidget.__file__).parent
# Each room may import those before it: the names of the package's face that a room needs stand with it.
ALGEBRA = {"target", "digest", "query"}
ENGINE = {"engine", "foreign"}
NOUNS = {"applications", "grad_modifiers", "heatmap", "images", "labels", "load", "notices", "options", "photographs"}
DRAWN = {"drawing", "progress", "region", "snapshot", "target_text", "writing"}
FLOORS = [ALGEBRA, ENGINE, NOUNS | DRAWN, {"attribution"}, {"dreams", "evidence"}, {"vis", "widget", "demo"}]
NOTEBOOK = {"anywidget", "bqplot", "ipywidgets"}


def modules() -> dict[str, Path]:
    """Every module of the package by its name below it."""
    return {".".join(path.relative_to(ROOT).with_suffix("").parts): path for path in ROOT.rglob("*.py")}


def imported(path: Path) -> Iterator[str]:
    """All that a file imports, types and what is imported late too."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            whole = [f"{node.module}.{alias.name}" for alias in node.names] if node.module == "salwidget" else [node.module]
            yield from whole
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def floor(name: str) -> int:
    return next(number for number, rooms in enumerate(FLOORS) if name.split(".")[0] in rooms)


@pytest.mark.parametrize("name", sorted(set(modules()) - {"__init__"}))
def test_no_arrow_goes_back_up(name: str) -> None:
    here = floor(name)
    for other in imported(modules()[name]):
        if other.startswith("salwidget."):
            assert floor(other.removeprefix("salwidget.")) <= here, f"{name} imports {other}"
        elif here < len(FLOORS) - 1:
            assert other.split(".")[0] not in NOTEBOOK, f"{name} imports {other}"


def test_the_algebra_of_targets_knows_no_tensorflow() -> None:
    for name in ALGEBRA:
        assert not {"tensorflow", "keras"}.intersection(imported(ROOT / f"{name}.py"))
