"""Write docs/dreams.md from what the parts of a dream declare: ``python docs/dreams.py``."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from salwidget.dream import PARAMETRIZATIONS, REGULARIZERS, TRANSFORMS, caricature, deep_dream, direction, diversity
from salwidget.options import Number

PAGE = Path(__file__).with_name("dreams.md")
OBJECTIVES = (deep_dream, direction, caricature, diversity)

HEAD = """\
# Dreams

Written by `python docs/dreams.py` from what the parts declare; the Dream tab's controls come from the same declarations.
`salwidget.dream(model, layer, filters, ...).run()` ascends the target's score less the regularizers' costs, in the
coordinates of a parametrization, on the image as the transforms show it. [notebooks/dreams.ipynb](../notebooks/dreams.ipynb)
tries them out.
"""


def page() -> str:
    ways = (_row(name, kind, kind.help, f"{kind.learning_rate:g}") for name, kind in PARAMETRIZATIONS.items())
    moves = (_row(name, kind, *_asked(kind.asked)) for name, kind in TRANSFORMS.items())
    costs = (_row(name, kind, *_asked(kind.asked)) for name, kind in REGULARIZERS.items())
    objectives = (f"| `{each.__name__}{_parameters(each)}` | {_first(each)} |" for each in OBJECTIVES)
    parts = [
        HEAD,
        _table("Parametrizations", ("name", "in Python", "what it is", "help", "step of an optimizer given by name"), ways),
        _table("Transforms", ("control", "in Python", "what it does", "help", "range; default"), moves),
        _table("Regularizers", ("control", "in Python", "cost, before the strength", "help", "range; in the tab"), costs),
        _table("Objectives", ("beside units, their sums and differences", "what rises"), objectives),
    ]
    return "\n".join(parts)


def _row(name: str, kind: type, *more: str) -> str:
    return f"| `{name}` | `{kind.__name__}` | {_first(kind)} | {' | '.join(more)} |"


def _asked(option: Number) -> tuple[str, str]:
    return option.help, f"{option.minimum:g} to {option.maximum:g}; {option.default:g}"


def _first(declared: Any) -> str:
    """The first paragraph of a docstring, as a cell of a table."""
    return " ".join((inspect.getdoc(declared) or "").partition("\n\n")[0].split()).replace("|", "\\|")


def _parameters(function: Callable[..., Any]) -> str:
    return f"({', '.join(inspect.signature(function).parameters)})"


def _table(title: str, head: tuple[str, ...], rows: Iterable[str]) -> str:
    return "\n".join([f"## {title}\n", f"| {' | '.join(head)} |", "|" + "---|" * len(head), *rows, ""])


if __name__ == "__main__":
    PAGE.write_text(page())
