"""Keys in the view are the view's: none of the notebook's commands fires, and each control does what it does elsewhere."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Locator

from tests.browser.conftest import Open
from tests.browser.jupyterlab import Explorer, Notebook
from tests.browser.server import Server
from tests.browser.test_look import OPEN

SCHEMAS = Path(sys.prefix) / "share" / "jupyter" / "lab" / "schemas"
# What fires around a focused output; "body" holds what is the host's wherever the focus is.
NOTEBOOK = (".jp-Notebook", "[data-jp-kernel-user]", "[data-jp-code-runner]", "[data-jp-undoer]")
SECOND = "v = SaliencyWidget(demo.model, demo.images, labels=demo.labels, charts=False)\nv"
# By selector within the view; the menu and the finder are opened where they are asked for.
EXPLAIN = {
    "chip": "[data-testid=chip]",
    "slider": "[aria-label=opacity]",
    "select": "[aria-label=method]",
    "number field": "[aria-label='layer_idx value']",
    "text field": "[aria-label='filter_indices value']",
    "button": "[aria-label='add image']",
    "layers": ".sw-rail [role=listbox]",
    "stage": "[data-testid=stage]",
    "tab": "[role=tab][aria-selected=true]",
    "frame": ".sw-frame",
    "menu item": "[role=menuitem]:last-child",
    "finder": ".sw-finder-box",
}
DREAM = {
    "dream stage": "[data-testid=dream-stage]",
    "dream slider": "fieldset input[type=range]",
    "dream field": "fieldset input[type=text]",
    "dream select": "fieldset select",
    "dream group": ".sw-group",
}
OPENERS = {"menu item": "menu", "finder": "find a class"}


def bound() -> list[str]:
    """Keys that the installed JupyterLab and Notebook 7 bind in command mode, as Playwright names them."""
    found = set()
    for path in SCHEMAS.rglob("*.json"):
        for shortcut in json.loads(path.read_text()).get("jupyter.lab.shortcuts", []):
            if shortcut["selector"].startswith(NOTEBOOK):
                found.add(" ".join(shortcut["keys"]))
    return sorted(found - {""})


def strokes(keys: str) -> list[str]:
    """``"D D"`` is two strokes, ``"Accel Shift Z"`` one."""
    modifiers, presses = [], []
    for part in keys.split():
        if part in ("Accel", "Ctrl", "Shift", "Alt"):
            modifiers.append("Control" if part in ("Accel", "Ctrl") else part)
        else:
            plain = part.lower() if len(part) == 1 and "Shift" not in modifiers else part
            presses.append("+".join([*modifiers, plain]))
    return presses


@pytest.fixture(scope="module")
def opened(host: Server, open_notebook: Open) -> tuple[Notebook, Explorer]:
    notebook, explorer = open_notebook(host, [OPEN, SECOND], height=1500)
    notebook.run(1)
    return notebook, explorer


def focused(explorer: Explorer, kind: str, selector: str) -> Locator:
    control = explorer.root.locator(selector).first
    if kind in OPENERS and not control.count():
        explorer.control(OPENERS[kind]).press("Enter")
    control.focus()
    return control


def press_all(notebook: Notebook, explorer: Explorer, kinds: dict[str, str]) -> None:
    before = notebook.model()
    assert len(before) == 3
    for kind, selector in kinds.items():
        for keys in bound():
            for stroke in strokes(keys):
                focused(explorer, kind, selector)
                notebook.page.keyboard.press(stroke)
        notebook.page.wait_for_timeout(1100)  # a first key of two waits a second for the other
        assert notebook.model() == before, f"keys on {kind} changed the notebook"
        assert not notebook.page.locator(".jp-Dialog").count(), f"keys on {kind} opened a dialog"
        assert explorer.root.evaluate("root => root.contains(document.activeElement)"), f"{kind} lost the focus"
        notebook.page.keyboard.press("Escape")


def test_the_schemas_bind_what_destroys() -> None:
    assert {"D D", "M", "X", "B", "0 0", "J", "Shift Enter", "Accel Enter", "Ctrl Backspace", "O"} <= set(bound())
    assert strokes("D D") == ["d", "d"]
    assert strokes("Accel Shift Z") == ["Control+Shift+Z"]


def test_no_command_fires_on_a_control_of_explain(opened: tuple[Notebook, Explorer]) -> None:
    press_all(*opened, EXPLAIN)


def test_no_command_fires_on_a_control_of_dream(opened: tuple[Notebook, Explorer]) -> None:
    notebook, explorer = opened
    explorer.root.get_by_test_id("tab-dream").click()
    explorer.root.get_by_test_id("dream-stage").wait_for()
    press_all(notebook, explorer, DREAM)
    explorer.root.get_by_test_id("tab-explain").click()


def test_a_second_widget_keeps_its_keys(opened: tuple[Notebook, Explorer]) -> None:
    notebook, _ = opened
    press_all(notebook, Explorer(notebook, 1), {"chip": EXPLAIN["chip"], "select": EXPLAIN["select"]})


def test_controls_obey_the_keyboard(opened: tuple[Notebook, Explorer]) -> None:
    notebook, explorer = opened
    keyboard = notebook.page.keyboard
    notebook.evaluate("[setattr(w, 'image_idx', 3), setattr(w, 'layer_idx', 2), setattr(w, 'opacity', 0.5)]")
    explorer.settled()
    explorer.root.locator(".sw-frame").focus()
    keyboard.press("ArrowRight")
    explorer.control("opacity").focus()
    keyboard.press("ArrowRight")
    notebook.becomes("w.opacity", 0.51)
    explorer.control("layer_idx value").focus()
    keyboard.press("Control+a")
    keyboard.type("4")
    keyboard.press("Enter")
    notebook.becomes("w.layer_idx", 4)
    explorer.control("layer_idx value").focus()
    keyboard.type("x")
    keyboard.press("Control+z")  # of the field, not of the notebook
    assert explorer.control("layer_idx value").input_value() == "4"
    explorer.settled()
    explorer.control("method").focus()
    method = explorer.control("method").input_value()
    keyboard.press("ArrowDown")
    assert explorer.control("method").input_value() != method
    notebook.becomes("w.method", explorer.control("method").input_value())
    explorer.control("colormap").focus()
    keyboard.press("ArrowDown")
    notebook.becomes("w.colormap", explorer.control("colormap").input_value())
    explorer.control("method").focus()
    keyboard.press("j")
    notebook.becomes("w.image_idx", 4)


def test_no_command_fires_after_a_click_on_a_chart(opened: tuple[Notebook, Explorer]) -> None:
    notebook, _ = opened
    before = notebook.model()
    bar = notebook.page.locator(".bqplot .bargroup rect.bar").nth(1)
    corner = notebook.page.locator(".bqplot").first
    for keys in ("m", "b", "x", "d d"):
        for click in (bar.click, lambda: corner.click(position={"x": 4, "y": 4})):
            click()
            for key in keys.split():
                notebook.page.keyboard.press(key)
            assert notebook.model() == before, f"{keys} after a click on the chart changed the notebook"
    notebook.page.wait_for_timeout(1100)  # a first key of two waits a second for the other
    assert notebook.model() == before


def test_ctrl_s_saves_from_a_control(opened: tuple[Notebook, Explorer]) -> None:
    notebook, explorer = opened
    notebook.evaluate("'to be saved'")
    explorer.control("opacity").focus()
    notebook.save()
    assert "to be saved" in notebook.path.read_text()
