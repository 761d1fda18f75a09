"""Write docs/dreams.md from what the parts of a dream declare: ``python docs/dreams.py``."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from salwidget.dreams import PARAMETRIZATIONS, REGULARIZERS, TRANSFORMS, caricature, deep_dream, direction, diversity
from salwidget.options import Number

PAGE = Path(__file__).with_name("dreams.md")
OBJECTIVES = (deep_dream, direction, caricature, diversity)

HEAD = """\
# Dreams

Written by `python docs/dreams.py` from what the parts declare; the Dream tab's controls come from the same declarations.
`salwidget.dream(model, layer, filters, ...).run()` ascends the target's score less the regularizers' costs, in the
coordinates of a parametrization, on the image as the transforms show it. [notebooks/dreams.ipynb](../notebooks/dreams.ipynb)
tries them out.

- **Several inputs** climb together, in one gradient: all that the target's gradient reaches, or those that `wrt=` names, the
  others held as in `start=` or at zero. `size`, `parametrization`, `transforms`, `regularizers`, `start`, `preprocess` and
  `input_range` are for all of them, or dicts by input name; `image` and `picture` are then dicts by input name. In the tab
  *inputs* says whether all are dreamed or the one above.
- **Several outputs** in one objective: `Unit("classes", 3) - 2 * Unit("place", 0)`.
- **Several starts**: a batch or list of images as `start=` gives a dream from each; that at place k is the one that `seed + k`
  gives alone.
- **Ranges**: values are held in `input_range=(black, white)`. An end that is `None` or infinite holds none: `(0, None)` is all
  that is not negative. Its black or white, which pictures are cut off at and steps are measured by, is then that of the start,
  or what it would be if no range were given. Behind the sigmoid's place there is a softplus, or with two open ends a line.
- **Something at each step** stands in the loop: `for frame in salwidget.dream(model, filters=20): print(frame.step,
  frame.score)`; `break` stops, `run()` goes on.
"""


def page() -> str:
    ways = (_row(name, kind, kind.help, f"{kind.learning_rate:g}") for name, kind in PARAMETRIZATIONS.items())
    moves = (_row(name, kind, *_range(kind.option)) for name, kind in TRANSFORMS.items())
    costs = (_row(name, kind, *_range(kind.option)) for name, kind in REGULARIZERS.items())
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


def _range(option: Number) -> tuple[str, str]:
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
