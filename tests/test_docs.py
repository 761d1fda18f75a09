"""docs/methods.md is what the methods declare now."""

from __future__ import annotations

import runpy
from pathlib import Path

from salwidget import METHODS

DOCS = Path(__file__).parents[1] / "docs"


def test_the_page_of_methods_is_up_to_date() -> None:
    written = (DOCS / "methods.md").read_text()
    assert written == runpy.run_path(str(DOCS / "methods.py"))["page"](), "run: python docs/methods.py"
    assert all(f"(`{name}`)" in written for name in METHODS)


def test_labels_fit_beside_their_controls() -> None:
    for method in METHODS.values():
        for name, option in method.options().items():
            assert len(option.label) <= 14, f"{method.name}: {name}; what is longer is help"
