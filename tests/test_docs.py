"""Pages of docs/ are what the methods, the parts of dreams and the controls declare now."""

from __future__ import annotations

import runpy
from pathlib import Path

from salwidget import METHODS, REPLACEMENTS
from salwidget.dreams import PARAMETRIZATIONS, REGULARIZERS, TRANSFORMS
from salwidget.widget.controls import ROWS

DOCS = Path(__file__).parents[1] / "docs"


def test_the_page_of_methods_is_up_to_date() -> None:
    written = (DOCS / "methods.md").read_text()
    assert written == runpy.run_path(str(DOCS / "methods.py"))["page"](), "run: python docs/methods.py"
    assert all(f"(`{name}`)" in written for name in METHODS)


def test_the_page_of_dreams_is_up_to_date() -> None:
    written = (DOCS / "dreams.md").read_text()
    assert written == runpy.run_path(str(DOCS / "dreams.py"))["page"](), "run: python docs/dreams.py"
    declared = {**PARAMETRIZATIONS, **TRANSFORMS, **REGULARIZERS}
    assert all(f"| `{name}` | `{kind.__name__}` |" in written for name, kind in declared.items())


def test_the_page_of_evidence_is_up_to_date() -> None:
    written = (DOCS / "evidence.md").read_text()
    assert written == runpy.run_path(str(DOCS / "evidence.py"))["page"](), "run: python docs/evidence.py"
    assert all(f"(`{name}`)" in written for name in REPLACEMENTS)


def test_the_page_of_controls_and_the_table_for_the_front_end_are_up_to_date() -> None:
    script = runpy.run_path(str(DOCS / "controls.py"))
    written = (DOCS / "controls.md").read_text()
    assert written == script["page"](), "run: python docs/controls.py"
    assert script["TABLE"].read_text() == script["table"](), "run: python docs/controls.py"
    assert all(f"\n| `{name}` | " in written for name in ROWS)


def test_labels_fit_beside_their_controls() -> None:
    for method in METHODS.values():
        for name, option in method.options().items():
            assert len(option.label) <= 14, f"{method.name}: {name}; what is longer is help"
