"""Keys stay the view's later on: after a reload, over a stale map, beside another widget, and in a second view of one."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import Open
from tests.browser.jupyterlab import Explorer, Notebook
from tests.browser.server import Server

OPEN = """
import keras, numpy as np
from keras import layers
from salwidget import SaliencyWidget
keras.utils.set_random_seed(1)
body = layers.Conv2D(4, 3, activation="relu"), layers.GlobalAveragePooling2D(), layers.Dense(3)
model = keras.Sequential([keras.Input((16, 16, 3)), *body])
images = np.random.default_rng(0).uniform(size=(5, 16, 16, 3)).astype("float32")
w = SaliencyWidget(model, images, opacity=0.5)
w
"""
OTHER = "v = SaliencyWidget(model, images, opacity=0.5, charts=False)\nv"
AGAIN = "w"
TRAINED = "model.set_weights([weight + 0.1 for weight in model.get_weights()])"
KINDS = ("[data-testid=chip]", "[aria-label=opacity]", "[aria-label=method]", "[data-testid=stage]", ".sw-frame")
# They would delete the cell, cut it, turn it into text, insert one, restart the kernel and go to another cell.
KEYS = ("d d", "x", "m", "b", "0 0", "ArrowDown", "ArrowUp", "j", "k")
CELLS = [OPEN, OTHER, AGAIN, TRAINED]


@pytest.fixture(scope="module")
def notebook(server: Server, open_notebook: Open) -> Notebook:
    return open_notebook(server, CELLS, height=1700)[0]


def keys_stay(notebook: Notebook, explorer: Explorer, kinds: tuple[str, ...] = KINDS) -> None:
    """None of the notebook's commands fires, and the focus stays where it is."""
    cells = [cell[:2] for cell in notebook.model()]
    for kind in kinds:
        control = explorer.root.locator(kind).first
        for keys in KEYS:
            control.focus()
            for key in keys.split():
                notebook.page.keyboard.press(key)
        notebook.page.wait_for_timeout(1100)  # a first key of two waits a second for the other
        assert [cell[:2] for cell in notebook.model()] == cells, f"keys on {kind} changed the notebook"
        assert not notebook.page.locator(".jp-Dialog").count(), f"keys on {kind} opened a dialog"
        expect(control).to_be_focused()


def opacity(notebook: Notebook, explorer: Explorer) -> Locator:
    """The slider, moved a step by the keyboard."""
    slider = explorer.control("opacity")
    slider.focus()
    notebook.page.keyboard.press("ArrowRight")
    return slider


def test_after_the_page_is_loaded_again_and_the_cell_is_run_again(notebook: Notebook) -> None:
    explorer = Explorer(notebook, within=notebook.cell(0))
    explorer.control("method").focus()
    notebook.reload()
    explorer.settled()
    expect(opacity(notebook, explorer)).to_have_value("0.51")
    notebook.becomes("w.opacity", 0.51)
    keys_stay(notebook, explorer)
    notebook.save()
    notebook.run(0)
    explorer.settled()
    expect(opacity(notebook, explorer)).to_have_value("0.51")
    keys_stay(notebook, explorer)
    notebook.save()
    notebook.becomes("w.opacity", 0.51)


def test_over_a_map_of_weights_that_have_changed(notebook: Notebook) -> None:
    explorer = Explorer(notebook, within=notebook.cell(0))
    notebook.run(3)
    explorer.settled("stale")
    again = explorer.root.get_by_role("button", name="Ask again")
    # j and k, a class and another method would ask: here only what asks nothing.
    cells = notebook.model()
    for control in (again, explorer.control("opacity"), explorer.stage):
        control.focus()
        for key in ("d", "d", "x", "m", "b", "0", "0", "ArrowUp", "ArrowDown"):
            notebook.page.keyboard.press(key)
        notebook.page.wait_for_timeout(1100)
        assert notebook.model() == cells
        expect(control).to_be_focused()
    explorer.settled("stale")
    again.focus()
    notebook.page.keyboard.press("Enter")
    explorer.settled()
    expect(again).to_have_count(0)
    assert explorer.root.evaluate("root => root.contains(document.activeElement)"), "the button that went took the focus along"
    for key in ("d", "d", "x", "m", "b"):
        notebook.page.keyboard.press(key)
    notebook.save()
    assert notebook.model() == cells
    notebook.becomes("w.status", "fresh")


def test_of_two_widgets_the_one_with_the_focus_has_the_keys(notebook: Notebook) -> None:
    first = Explorer(notebook, within=notebook.cell(0))
    notebook.run(1)
    second = Explorer(notebook, within=notebook.cell(1))
    second.settled()
    notebook.evaluate("[setattr(w, 'image_idx', 1), setattr(v, 'image_idx', 1), setattr(w, 'opacity', 0.5)]")
    first.settled()
    second.settled()
    second.control("method").focus()
    notebook.page.keyboard.press("j")
    notebook.becomes("[w.image_idx, v.image_idx]", [1, 2])
    expect(opacity(notebook, second)).to_have_value("0.51")
    notebook.becomes("[w.opacity, v.opacity]", [0.5, 0.51])
    first.control("method").focus()
    notebook.page.keyboard.press("k")
    notebook.becomes("[w.image_idx, v.image_idx]", [0, 2])
    keys_stay(notebook, second)
    keys_stay(notebook, first, KINDS[:1])
    notebook.save()


def test_two_views_of_a_widget_show_the_same_and_the_one_with_the_focus_keeps_it(notebook: Notebook) -> None:
    notebook.run(2)
    first, second = (Explorer(notebook, within=notebook.cell(at)) for at in (0, 2))
    second.settled()
    same_in_both(notebook, first, second)
    notebook.save()


def test_a_view_beside_the_notebook_too(notebook: Notebook) -> None:
    notebook.cell(0).locator(".jp-OutputArea-promptOverlay").first.click(button="right", position={"x": 10, "y": 60})
    notebook.page.get_by_role("menuitem", name="Create New View for Cell Output").click()
    beside = Explorer(notebook, within=notebook.page.locator(".jp-LinkedOutputView"))
    beside.settled()
    first = Explorer(notebook, within=notebook.cell(0))
    same_in_both(notebook, first, beside)


def same_in_both(notebook: Notebook, first: Explorer, second: Explorer) -> None:
    notebook.evaluate("[setattr(w, 'image_idx', 1), setattr(w, 'opacity', 0.5), setattr(w, 'method', 'saliency')]")
    for explorer in (first, second):
        explorer.settled()
        expect(explorer.control("opacity")).to_have_value("0.5")
    expect(opacity(notebook, second)).to_have_value("0.51")
    expect(first.control("opacity")).to_have_value("0.51")
    second.control("method").focus()
    notebook.page.keyboard.press("j")
    notebook.becomes("w.image_idx", 2)
    second.root.get_by_role("button", name="map", exact=True).click()
    expect(first.root.get_by_role("button", name="map", exact=True)).to_have_attribute("aria-pressed", "true")
    for explorer in (first, second):
        expect(explorer.root.locator(".sw-footer-image")).to_contain_text("image 2")
        explorer.settled()
    expect(first.control("filter_indices value")).to_have_value(second.control("filter_indices value").input_value())
    assert (first.pixels() == second.pixels()).all()
    second.root.get_by_role("button", name="overlay", exact=True).click()
    keys_stay(notebook, second)
