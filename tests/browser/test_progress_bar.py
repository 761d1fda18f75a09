"""Long work in a cell shows a bar there while it goes on, and leaves none behind."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, expect

from tests.browser.jupyterlab import Notebook
from tests.browser.server import Server

CELLS = [
    "import time, salwidget\nfrom salwidget.demo import snow_test\ndemo = snow_test().biased",
    "def slow(gradient):\n    time.sleep(0.7)\n    return gradient",
    "maps = salwidget.explain(demo.model, demo.images[:9], grad_modifier=slow); len(maps)",
]


def test_a_bar_stands_in_the_cell_while_it_works(browser: Browser, server: Server) -> None:
    page = browser.new_page(viewport={"width": 1030, "height": 1000})
    notebook = Notebook(page, server, CELLS)
    notebook.run(0)
    notebook.run(1)
    notebook.start(2)
    bar = notebook.cell(2).locator(".widget-html", has_text=re.compile(r"map\s\d\sof\s9"))
    expect(bar).to_be_visible(timeout=20_000)
    expect(notebook.cell(2).locator(".widget-hprogress")).to_be_visible()
    assert notebook.ended(2) == "9"
    expect(bar).to_have_count(0)
    assert notebook.errors == []
    page.close()


def test_the_first_step_may_take_long(browser: Browser, server: Server) -> None:
    page = browser.new_page(viewport={"width": 1030, "height": 1000})
    notebook = Notebook(
        page,
        server,
        [
            CELLS[0],
            "from salwidget.progress import progress_bar\nwith progress_bar('Tracing', 1, '%', True):\n    time.sleep(4)",
        ],
    )
    notebook.run(0)
    notebook.start(1)
    expect(notebook.cell(1).locator(".widget-html", has_text="Tracing")).to_be_visible(timeout=20_000)
    notebook.ended(1)
    page.close()
