"""Write docs/controls.md, and tests/controls.json for the front end, from the rows: ``python docs/controls.py``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from salwidget.widget.controls import DEFAULTS, ROWS

PAGE = Path(__file__).with_name("controls.md")
# Against these both sides are tested.
TABLE = Path(__file__).parents[1] / "tests" / "controls.json"

HEAD = """\
# Controls

Written by `python docs/controls.py` from the rows of `salwidget/widget/controls.py`. Each is a trait of `SaliencyWidget`,
set in the call or later; the page follows. What decides the *answer* asks a new question; a *look* is applied in the page;
what decides the *test* is of the tab Test alone.

A move of `layer_idx` sets `versus` and `cell` back, and `filter_indices` to what it was there: the outputs keep their class,
all other layers share one filter. A move of `method` keeps the `options` that the new one has and allows. What is chosen in
the same move wins, and several controls are one move, and one question, inside `with w.hold_trait_notifications():`; where one
value does not fit, none moves.

| control | when it opens | decides | what it is |
|---|---|---|---|
"""


def page() -> str:
    return HEAD + "".join(
        f"| `{name}` | {'by the model' if row.by_model else f'`{DEFAULTS[name]!r}`'} | {row.decides} | {row.help} |\n"
        for name, row in ROWS.items()
    )


def table() -> str:
    return json.dumps([_row(name) for name in ROWS], indent="\t") + "\n"


def _row(name: str) -> dict[str, Any]:
    row = ROWS[name]
    usual = {} if row.by_model else {"default": "" if row.travels == "target" else DEFAULTS[name]}
    return {"name": name, "decides": row.decides, "travels": row.travels, **usual}


if __name__ == "__main__":
    PAGE.write_text(page())
    TABLE.write_text(table())
