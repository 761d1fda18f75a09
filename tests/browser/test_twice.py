"""A third tab of two panes, made of one row and one file a side, in a real page: two questions at once, newest wins in each."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Open
from tests.browser.jupyterlab import Explorer, Notebook
from tests.browser.server import Server

ROOT = Path(__file__).parents[2]
FILTERS = 32
OPEN = """
import sys, time
from pathlib import Path
import keras, numpy as np
sys.path.insert(0, ROOT)
from salwidget import SaliencyWidget
from salwidget.widget import pane
from salwidget.widget.explorer import Explorer
from salwidget.widget.panels import PANELS
from tests.twice import TwicePanel
PANELS["twice"] = TwicePanel
Explorer._esm, Explorer._css = (Path(BUILT, f"widget.{kind}").read_text() for kind in ("js", "css"))

slow = 0.0
answers = pane.cached_answers
def slow_answers(network, query, example):
    for answer in answers(network, query, example):
        time.sleep(slow if query.method == "occlusion" else 0)
        yield answer
pane.cached_answers = slow_answers

model = keras.Sequential([
    keras.Input((64, 64, 3)),
    keras.layers.Conv2D(32, 3, activation="relu"),
    keras.layers.GlobalAveragePooling2D(),
    keras.layers.Dense(FILTERS),
])
images = list(np.random.default_rng(0).uniform(size=(2, 64, 64, 3)).astype("float32"))
w = SaliencyWidget(model, images, method="saliency", filter_indices=0)
w
"""


@pytest.fixture(scope="module")
def twice(open_notebook: Open, server: Server, tmp_path_factory: pytest.TempPathFactory) -> tuple[Notebook, Explorer]:
    built = tmp_path_factory.mktemp("twice")
    subprocess.run(["node", "scripts/build.mjs", "test/twice/index.ts", str(built)], cwd=ROOT / "js", check=True)
    code = OPEN.replace("ROOT", repr(str(ROOT))).replace("BUILT", repr(str(built))).replace("FILTERS", str(FILTERS))
    notebook, explorer = open_notebook(server, [code])
    explorer.root.get_by_test_id("tab-twice").click()
    return notebook, explorer


def pane_of(explorer: Explorer, name: str, state: str = "fresh") -> Any:
    return explorer.root.locator(f"[data-testid=pane-{name}][data-state={state}]")


def queries(notebook: Notebook) -> list[str]:
    return [notebook.evaluate(f"w._session.panes[{name!r}].heatmap.query.id") for name in ("left", "right")]


def painted(explorer: Explorer, name: str) -> Any:
    return explorer.root.locator(f"[data-testid=pane-{name}]")


def both_answer(notebook: Notebook, explorer: Explorer, filter: int) -> None:
    """Both panes show the answers to that filter, which are those that Python holds."""
    for name, method in (("left", "saliency"), ("right", "occlusion")):
        notebook.becomes(f"w._session.panes[{name!r}].heatmap.query.target.filters", [filter])
        expect(pane_of(explorer, name)).to_be_visible(timeout=60_000)
        expect(painted(explorer, name)).to_contain_text(method)
    for name, query in zip(("left", "right"), queries(notebook), strict=True):
        expect(painted(explorer, name)).to_have_attribute("data-query", query)


def test_two_maps_answer_two_questions(twice: tuple[Notebook, Explorer]) -> None:
    notebook, explorer = twice
    both_answer(notebook, explorer, 0)
    before = queries(notebook)
    explorer.control("filter_indices").focus()
    notebook.page.keyboard.press("ArrowRight")
    both_answer(notebook, explorer, 1)
    assert not set(before) & set(queries(notebook))
    canvases = [painted(explorer, name).locator("canvas").screenshot() for name in ("left", "right")]
    assert canvases[0] != canvases[1]
    assert notebook.errors == []


def test_a_fast_hand_ends_with_the_last_answers(twice: tuple[Notebook, Explorer]) -> None:
    notebook, explorer = twice
    explorer.control("filter_indices").focus()
    notebook.page.keyboard.press("Home")
    for _ in range(FILTERS - 2):
        notebook.page.keyboard.press("ArrowRight")
    both_answer(notebook, explorer, FILTERS - 2)


def test_one_stops_while_the_other_is_answered(twice: tuple[Notebook, Explorer]) -> None:
    notebook, explorer = twice
    explorer.control("filter_indices").focus()
    notebook.page.keyboard.press("Home")
    both_answer(notebook, explorer, 0)
    notebook.evaluate("globals().update(slow=3.0)")
    explorer.control("filter_indices").focus()
    notebook.page.keyboard.press("j")  # of the other image nothing is known yet
    expect(pane_of(explorer, "right", "computing")).to_be_visible()
    expect(pane_of(explorer, "left")).to_be_visible(timeout=60_000)
    stop = explorer.root.get_by_label("stop right")
    expect(stop).to_be_enabled()
    stop.focus()
    notebook.page.keyboard.press("Enter")
    expect(pane_of(explorer, "right", "stale")).to_be_visible(timeout=60_000)
    expect(pane_of(explorer, "left")).to_be_visible()
    notebook.becomes("[w._session.panes[name].status for name in ('left', 'right')]", ["fresh", "stale"])
    notebook.evaluate("globals().update(slow=0.0)")
    explorer.control("filter_indices").focus()
    notebook.page.keyboard.press("ArrowRight")
    both_answer(notebook, explorer, 1)


def test_the_other_tabs_are_as_they_were(twice: tuple[Notebook, Explorer]) -> None:
    notebook, explorer = twice
    explorer.root.get_by_test_id("tab-explain").click()
    explorer.answered()
    notebook.becomes("w.tab", "explain")
    assert notebook.errors == []
