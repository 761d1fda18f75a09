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
# Names of TensorFlow's types, which import it for type checkers only.
TYPES = {"tensors"}
ENGINE = {"engine", "foreign"}
NOUNS = {"applications", "grad_modifiers", "heatmap", "images", "labels", "load", "notices", "options", "photographs"}
DRAWN = {"drawing", "progress", "region", "snapshot", "target_text", "writing"}
FLOORS = [ALGEBRA | TYPES, ENGINE, NOUNS | DRAWN, {"attribution"}, {"dreams", "evidence"}, {"vis", "widget", "demo"}]
NOTEBOOK = {"anywidget", "bqplot", "ipywidgets"}


# Every module of the package by its name below it.
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path for path in ROOT.rglob("*.py")
}


def imported(path: Path) -> Iterator[str]:
    """All that a file imports, types and what is imported late too."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                is_module = node.module == "salwidget" or whole.removeprefix("salwidget.") in MODULES
                yield whole if is_module else node.module
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def graph() -> dict[str, set[str]]:
    """Each module with those of the package that it imports."""
    return {
        name: {each.removeprefix("salwidget.") for each in imported(path)} & set(MODULES) - {name}
        for name, path in MODULES.items()
        if name != "__init__"
    }


def floor(name: str) -> int:
    return next(number for number, rooms in enumerate(FLOORS) if name.split(".")[0] in rooms)


@pytest.mark.parametrize("name", sorted(set(MODULES) - {"__init__"}))
def test_no_arrow_goes_back_up(name: str) -> None:
    here = floor(name)
    for other in imported(MODULES[name]):
        if other.startswith("salwidget."):
            assert floor(other.removeprefix("salwidget.")) <= here, f"{name} imports {other}"
        elif here < len(FLOORS) - 1:
            assert other.split(".")[0] not in NOTEBOOK, f"{name} imports {other}"


def test_the_algebra_of_targets_knows_no_tensorflow() -> None:
    for name in ALGEBRA:
        assert not {"tensorflow", "keras"}.intersection(imported(ROOT / f"{name}.py"))


def test_no_two_modules_import_each_other_in_a_circle() -> None:
    left = graph()
    while leaves := {name for name, others in left.items() if not others & set(left)}:
        left = {name: others for name, others in left.items() if name not in leaves}
    assert not left, {name: sorted(others & set(left)) for name, others in left.items()}


def test_tabs_do_not_know_each_other() -> None:
    for name, others in graph().items():
        room = name.split(".")[:2]
        if room in (["widget", "explain"], ["widget", "dream"]):
            foreign = {other for other in others if other.count(".") > 1 and other.split(".")[:2] != room and "widget" in other}
            assert not foreign, f"{name} imports {foreign}"
