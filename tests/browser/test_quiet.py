"""Above the widget stands nothing red, where nobody set anything for TensorFlow or for the kernel."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.jupyterlab import Explorer, Notebook
from tests.browser.server import Server

STDERR = '.jp-OutputArea-output[data-mime-type="application/vnd.jupyter.stderr"]'
DEMO = "from salwidget.demo import snow_test\ndemo = snow_test().biased\nSaliencyWidget(demo.model, demo.images)"
FIRST = f"from salwidget import SaliencyWidget\n{DEMO}"
OWN = f"import salwidget, keras\nfrom salwidget import SaliencyWidget\n{DEMO}"
LATE = f"import keras\nfrom salwidget import SaliencyWidget\n{DEMO}"


@pytest.mark.parametrize(("cell", "blocks"), [(FIRST, False), (OWN, False), (LATE, True)], ids=["first", "own", "late"])
def test_notices_stand_above_the_widget_only_where_keras_comes_first(
    browser: Browser, tmp_path: Path, cell: str, blocks: bool
) -> None:
    with Server(tmp_path, plain=True) as server:
        page = browser.new_page(viewport={"width": 1100, "height": 1100})
        notebook = Notebook(page, server, [cell, "import os; os.write(2, b'a line of C\\n')"])
        notebook.run(0)
        Explorer(notebook).settled()
        # The kernel passes on what is written to descriptor 2 in its order: after this line nothing older is to come.
        notebook.run(1)
        notebook.cell(1).locator(STDERR, has_text="a line of C").wait_for()
        assert bool(notebook.cell(0).locator(STDERR).count()) == blocks
        page.close()
