"""A whole task by keyboard alone: every control that it takes is reached by Tab, and one sees where the focus is."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Open
from tests.browser.jupyterlab import Explorer, Notebook
from tests.browser.server import Server
from tests.browser.test_look import OPEN

MOST_TABS = 120
FOCUSED = """() => {
    const focused = document.activeElement;
    const {outlineStyle, outlineWidth} = getComputedStyle(focused);
    return {
        label: focused.getAttribute("aria-label"),
        inside: focused.closest("[data-testid=salwidget]") !== null,
        outline: outlineStyle === "none" ? 0 : parseFloat(outlineWidth),
    };
}"""


@pytest.fixture(scope="module")
def opened(host: Server, open_notebook: Open) -> tuple[Notebook, Explorer]:
    return open_notebook(host, [OPEN])


def tab_to(explorer: Explorer, label: str) -> None:
    """From the view's frame, press Tab until the control called ``label`` has the focus, and shows it."""
    explorer.root.locator(".sw-frame").focus()  # Python's answer to the step before was asked for in a cell
    for _ in range(MOST_TABS):
        explorer.page.keyboard.press("Tab")
        focused = explorer.page.evaluate(FOCUSED)
        assert focused["inside"], f"Tab left the view before it came to {label}"
        assert focused["outline"] > 0, f"the focus on {focused['label']} can't be seen"
        if focused["label"] == label:
            return
    raise AssertionError(f"{label} is not reached within {MOST_TABS} Tabs")


def test_a_whole_task_by_keyboard(opened: tuple[Notebook, Explorer]) -> None:
    notebook, explorer = opened
    keyboard = notebook.page.keyboard

    for name in ("beagle", "wolf"):
        tab_to(explorer, "find a class")
        keyboard.press("Enter")
        keyboard.type(name)
        keyboard.press("Enter")
        assert notebook.page.evaluate(FOCUSED)["label"] == "find a class", "the focus comes back to the button"
        notebook.becomes("demo.labels[w.filter_indices]", name)

    tab_to(explorer, "layers")
    keyboard.press("End")
    keyboard.press("ArrowUp")
    keyboard.press("ArrowUp")
    notebook.becomes("w.layer_idx", 7)

    tab_to(explorer, "filter_indices value")
    keyboard.press("Control+a")
    keyboard.type("3, 5")
    keyboard.press("Enter")
    notebook.becomes("w.filter_indices", [3, 5])
    tab_to(explorer, "filter_indices")
    keyboard.press("ArrowRight")
    notebook.becomes("w.filter_indices", 4)

    tab_to(explorer, "method")
    keyboard.type("Smooth")
    notebook.becomes("w.method", "smoothgrad")
    explorer.settled()
    tab_to(explorer, "samples")
    keyboard.press("ArrowRight")
    notebook.becomes("w.options", {"samples": 21})

    before = notebook.evaluate("[w.opacity, w.threshold]")
    tab_to(explorer, "opacity")
    keyboard.press("Shift+ArrowLeft")
    notebook.becomes("w.opacity", round(before[0] - 0.1, 2))
    tab_to(explorer, "threshold")
    keyboard.press("Shift+ArrowRight")
    notebook.becomes("w.threshold", round(before[1] + 0.1, 2))
    tab_to(explorer, "colormap")
    keyboard.type("vir")
    notebook.becomes("w.colormap", "viridis")

    assert explorer.settled() == notebook.evaluate("w.heatmap.query.id")
