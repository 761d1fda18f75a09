"""What the page says when nobody answers any more, and what it keeps when widgets are closed."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Open
from tests.browser.jupyterlab import Explorer
from tests.browser.server import Server

SLOW = """
import time
import numpy as np
import salwidget
from salwidget import SaliencyWidget
from salwidget.attribution import Answer
from salwidget.demo import snow_test

@salwidget.method
class Slow(salwidget.Method):
    name = "slow"
    title = "Slow"
    sentence = "A slow map for {target}."
    formula = "m"
    limits = "For tests."
    paper = "none"
    units = "score"

    def refine(self, question):
        for step in range(1, 1001):
            time.sleep(0.1)
            yield Answer(np.ones(question.image.shape[:2]) * step, progress=step / 1000)

demo = snow_test().biased
w = SaliencyWidget(demo.model, demo.images[:2], labels=demo.labels)
w
"""


@pytest.mark.timeout(600)
def test_a_restart_by_the_servers_api_ends_what_runs(server: Server, open_notebook: Open) -> None:
    notebook, explorer = open_notebook(server, [SLOW])
    notebook.evaluate("[setattr(w, 'method', 'slow'), 0][-1]")
    explorer.root.locator(".sw-percent:not(:empty)").wait_for()
    status = explorer.root.locator(".sw-status")
    assert status.get_attribute("data-working") == "true"
    server.restart(notebook.path.name)
    explorer.root.locator(".sw-status[data-state=gone]").wait_for(timeout=60_000)
    assert status.get_attribute("data-working") == "false"
    assert explorer.root.locator(".sw-percent").inner_text() == ""
    assert explorer.root.get_by_role("progressbar").count() == 0
    (said,) = explorer.root.get_by_role("alert").all_inner_texts()
    assert "un the cell again" in said
    assert explorer.control("method").is_disabled()
    notebook.start(0)  # as the page advises; its number is the same again, so that no prompt tells its end
    explorer.root.locator(".sw-status[data-state=fresh]").wait_for(timeout=120_000)


MODEL = """
from salwidget import SaliencyWidget
from salwidget.demo import snow_test
demo = snow_test().biased
w = SaliencyWidget(demo.model, demo.images[:3], labels=demo.labels)
w
"""
AGAIN = f"w.close(){MODEL}"
# Megabytes of the page's heap for each closed widget. Half of the 0.6 measured is JupyterLab's, whose kernel connection keeps
# every comm it ever had, and by it the model with its texts; most of the rest are the SVG nodes of bqplot's views, which
# that model keeps in turn. A module for each widget, two bytes a character, took 0.6 more.
MOST = 0.9


@pytest.mark.timeout(600)
def test_a_closed_widget_leaves_little_behind(server: Server, open_notebook: Open) -> None:
    notebook, _ = open_notebook(server, [MODEL, AGAIN])
    devtools = notebook.page.context.new_cdp_session(notebook.page)
    devtools.send("HeapProfiler.enable")

    def heap_after(widgets: int) -> float:
        for _ in range(widgets):
            notebook.run(1)
            Explorer(notebook).settled()
        devtools.send("HeapProfiler.collectGarbage")
        devtools.send("HeapProfiler.collectGarbage")
        return devtools.send("Runtime.getHeapUsage")["usedSize"] / 1e6

    first = heap_after(5)
    grown = heap_after(20) - first
    assert grown / 20 < MOST
    modules = notebook.page.evaluate(
        "Object.getOwnPropertySymbols(globalThis).filter(key => key.description.startsWith('salwidget ')).length"
    )
    assert modules == 1
