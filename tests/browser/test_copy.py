"""What is taken away: Python that runs as pasted, and a picture."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.browser.conftest import Open
from tests.browser.jupyterlab import Explorer, Notebook
from tests.browser.server import Server
from tests.browser.test_bad_input import drop

OPEN = """
from salwidget import SaliencyWidget
from salwidget.demo import snow_test
demo = snow_test().biased
explorer = SaliencyWidget(demo.model, demo.images, labels=demo.labels, image_idx=3)
explorer
"""
SECOND = """
second = SaliencyWidget(demo.model, demo.images, labels=demo.labels, image_idx=5, method="smoothgrad", seed=4)
second
"""


@pytest.fixture(scope="module")
def opened(server: Server, open_notebook: Open) -> tuple[Notebook, Explorer]:
    notebook, explorer = open_notebook(server, [OPEN, SECOND, "", "", ""])
    notebook.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    return notebook, explorer


@pytest.fixture
def second(opened: tuple[Notebook, Explorer]) -> Explorer:
    """Another widget below the first, new for each test."""
    notebook, _ = opened
    notebook.run(1)
    second = Explorer(notebook, within=notebook.cell(1))
    second.answered("second")
    return second


def copied(explorer: Explorer, item: str) -> str:
    explorer.settled()
    explorer.control("menu").click()
    explorer.root.get_by_role("menuitem", name=item).click()
    explorer.root.get_by_text("Copied.").wait_for()
    return str(explorer.page.evaluate("navigator.clipboard.readText()"))


def paste(notebook: Notebook, index: int) -> None:
    """With the keys, as a person does, and run it."""
    notebook._enter(index)
    notebook.page.keyboard.press("Control+v")
    notebook.run(index)


def gives_the_same(notebook: Notebook, index: int, widget: str) -> None:
    """The pasted text, run in that cell, gives the map that the widget shows."""
    paste(notebook, index)
    difference = f"Out[max(Out)].values - {widget}.heatmap.values"
    assert notebook.evaluate(f"float(abs({difference}).max())") <= 1e-6


def test_what_the_menu_copies_runs_in_the_next_cell(opened: tuple[Notebook, Explorer]) -> None:
    notebook, explorer = opened
    assert "explorer.images[3]" in copied(explorer, "Copy as Python")
    gives_the_same(notebook, 2, "explorer")


def test_of_two_widgets_each_is_copied_by_its_own_name(opened: tuple[Notebook, Explorer], second: Explorer) -> None:
    notebook, _ = opened
    assert "second.images[5]" in copied(second, "Copy as Python")
    gives_the_same(notebook, 3, "second")


def test_the_widget_is_copied_into_another_cell(opened: tuple[Notebook, Explorer], second: Explorer, tmp_path: Path) -> None:
    """With all settings, and with an image that was dropped on it, by its name."""
    notebook, _ = opened
    Image.new("RGB", (90, 60), "teal").save(tmp_path / "mine.png")
    drop(second, tmp_path / "mine.png", "image/png")
    place = notebook.evaluate("len(demo.images)")
    notebook.becomes("second.image_idx", place)
    copied(second, "Copy this widget")
    paste(notebook, 4)
    twin = Explorer(notebook, within=notebook.cell(4))
    twin.settled()
    assert twin.root.locator(".sw-footer-image").inner_text().startswith("mine.png")
    chosen = twin.control("image_idx").locator("option:checked")
    assert chosen.inner_text() == second.control("image_idx").locator("option:checked").inner_text() == f"{place} mine.png"
    assert notebook.evaluate("[Out[max(Out)].seed, Out[max(Out)].method, Out[max(Out)].image_idx]") == [4, "smoothgrad", place]


def test_the_camera_and_python_save_one_picture(opened: tuple[Notebook, Explorer], tmp_path: Path) -> None:
    notebook, explorer = opened
    explorer.slide("opacity", 0.4)
    explorer.slide("threshold", 0.3)
    explorer.choose("colormap", "viridis")
    notebook.becomes("[explorer.opacity, explorer.threshold, explorer.colormap]", [0.4, 0.3, "viridis"])
    with notebook.page.expect_download() as download:
        explorer.control("save picture").click()
    download.value.save_as(tmp_path / "page.png")
    path = tmp_path / "python.png"
    notebook.evaluate(f"explorer.save({str(path)!r})")
    of_page, of_python = (np.asarray(Image.open(each).convert("RGB"), int) for each in (tmp_path / "page.png", path))
    shown = stage_of(of_page), stage_of(of_python)
    assert shown[0].shape == shown[1].shape
    assert np.abs(shown[0] - shown[1]).max() <= 3
    assert shown[0].std() > 5


VOLUME = """
import keras, numpy as np
from keras import layers
from salwidget import SaliencyWidget
keras.utils.set_random_seed(3)
body = layers.Conv3D(4, 3, activation="relu"), layers.GlobalAveragePooling3D(), layers.Dense(2)
model = keras.Sequential([keras.Input((12, 32, 32, 1)), *body])
scans = np.random.default_rng(0).uniform(size=(2, 12, 32, 32, 1)).astype("float32")
w = SaliencyWidget(model, scans, method="input_x_gradient", charts=False)
w
"""


def test_python_saves_the_slice_the_view_and_the_theme_of_the_page(server: Server, open_notebook: Open, tmp_path: Path) -> None:
    notebook, explorer = open_notebook(server, [VOLUME])
    page = notebook.page
    shown = int(explorer.control("slice").input_value())
    explorer.stage.focus()
    for _ in range(shown - 2 if shown > 2 else 0):
        page.keyboard.press("PageDown")
    page.keyboard.press("PageDown")
    cut = max(0, min(shown, 2) - 1)
    notebook.becomes("w._session.context.view.seen['slice']", cut)
    for view, theme in (("map", "Light"), ("overlay", "Dark"), ("image", "Dark")):
        page.evaluate("theme => jupyterapp.commands.execute('apputils:change-theme', {theme})", f"JupyterLab {theme}")
        explorer.root.get_by_role("button", name=view, exact=True).click()
        notebook.becomes("[w._session.context.view.seen[name] for name in ('view', 'dark')]", [view, theme == "Dark"])
        with page.expect_download() as download:
            explorer.control("save picture").click()
        download.value.save_as(tmp_path / "page.png")
        notebook.evaluate(f"w.save({str(tmp_path / 'python.png')!r})")
        of_page, of_python = (np.asarray(Image.open(tmp_path / f"{by}.png").convert("RGB"), int) for by in ("page", "python"))
        assert np.abs(stage_of(of_page) - stage_of(of_python)).max() <= 3, (view, theme)
        assert of_page[0, 0].tolist() == of_python[0, 0].tolist(), (view, theme)
        assert of_page[-20, 40].tolist() == of_python[-20, 40].tolist(), (view, theme)
    notebook.reload()
    explorer.settled()
    assert explorer.control("slice").input_value() == str(cut), "the page begins as it was"
    assert explorer.root.get_by_role("button", name="image", exact=True).get_attribute("aria-pressed") == "true"
    page.evaluate("theme => jupyterapp.commands.execute('apputils:change-theme', {theme})", "JupyterLab Light")


def stage_of(picture: np.ndarray) -> np.ndarray:
    """The middle of the picture, counted from below, where both have a bar and their texts have their own heights above."""
    height, width = picture.shape[:2]
    below = height - 32 - (20 + 24 + 32)
    return picture[below - 800 : below, width // 2 - 300 : width // 2 + 300]
