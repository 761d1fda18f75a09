"""A dream in a real notebook: started, paused, stopped, queued and left, on a subshell and on the main thread."""

from __future__ import annotations

import numpy as np
import pytest

from tests.browser.conftest import Open
from tests.browser.dream_tab import DreamTab
from tests.browser.jupyterlab import Notebook, Server

OPEN = """
import base64, threading, time
import numpy as np, salwidget
from salwidget import SaliencyWidget
from salwidget.demo import snow_test
demo = snow_test().biased
model = demo.model
w = SaliencyWidget(model, demo.images, labels=demo.labels, image_idx=3)
w
"""
LONG = "count, end = 0, time.time() + 3\nwhile time.time() < end: count += 1\ncount"


@pytest.fixture(scope="module")
def live(each_server: Server, open_notebook: Open) -> tuple[Notebook, DreamTab]:
    notebook, explorer = open_notebook(each_server, [OPEN, LONG])
    tab = DreamTab(notebook)
    tab.show()
    return notebook, tab


def test_a_dream_is_painted_step_by_step_to_its_end(live: tuple[Notebook, DreamTab]) -> None:
    notebook, tab = live
    tab.start(steps=400)
    tab.come_to("done", 400)
    steps = tab.steps()
    print(len(steps), steps)
    assert len(steps) > 3, steps
    assert steps == sorted(set(steps))
    print(notebook.evaluate("w.dreamed.as_python()"))
    (painted,) = tab.pictures()
    np.testing.assert_array_equal(painted, tab.dreamed())


def test_a_pause_changes_nothing(live: tuple[Notebook, DreamTab]) -> None:
    notebook, tab = live
    tab.start(steps=600, seed=5)
    tab.press("pause")
    tab.come_to("paused")
    at = notebook.evaluate("w.dreamed.step")
    print("paused at", at)
    tab.come_to("paused", at, timeout=10)
    notebook.page.wait_for_timeout(700)
    assert [tab.step, notebook.evaluate("w.dreamed.step")] == [at, at]
    tab.press("pause")
    tab.come_to("done", 600)
    assert notebook.evaluate("np.array_equal(w.dreamed.image, eval(w.dreamed.as_python()).image)")
    (painted,) = tab.pictures()
    np.testing.assert_array_equal(painted, tab.dreamed())
    print(notebook.evaluate("[t.name for t in threading.enumerate()]"))
