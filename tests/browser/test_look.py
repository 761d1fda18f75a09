"""Colour, opacity and threshold are the browser's own; and the layout holds at every width, light and dark."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Open
from tests.browser.jupyterlab import Explorer, Notebook
from tests.browser.server import Server

OPEN = """
from salwidget import SaliencyWidget
from salwidget.demo import snow_test
demo = snow_test().biased
w = SaliencyWidget(demo.model, demo.images, labels=demo.labels, image_idx=3)
w
"""
# Whether the overlay has something to see.
SHOWN = """canvas => getComputedStyle(canvas).visibility !== "hidden" && +getComputedStyle(canvas).opacity > 0
    && canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data.some((x, i) => i % 4 === 3 && x)"""
CONTROLS = ("layer_idx", "filter_indices", "grad_modifier", "backprop_modifier", "method", "score")


@pytest.fixture(scope="module")
def opened(server: Server, open_notebook: Open) -> tuple[Notebook, Explorer]:
    return open_notebook(server, [OPEN])


@pytest.fixture(autouse=True)
def counted(opened: tuple[Notebook, Explorer]) -> None:
    """Count the comm messages that the page sends, where all of JupyterLab's kernel messages pass."""
    notebook, _ = opened
    notebook.page.evaluate(
        """() => {
            if (!window.salwidgetSent) {
                const send = WebSocket.prototype.send;
                WebSocket.prototype.send = function (data) {
                    const text = typeof data === "string" ? data : new TextDecoder("latin1").decode(data);
                    if (text.includes("comm_msg")) window.salwidgetSent.push(text);
                    return send.call(this, data);
                };
            }
            window.salwidgetSent = [];
        }"""
    )


def messages(notebook: Notebook) -> int:
    return int(notebook.page.evaluate("() => window.salwidgetSent.length"))


def test_dragging_looks_sends_nothing_and_repaints(opened: tuple[Notebook, Explorer]) -> None:
    notebook, explorer = opened
    for name, value in (("opacity", "0.3"), ("threshold", "0.5")):
        before = explorer.pixels()
        explorer.control(name).evaluate(
            "(slider, value) => { slider.value = value; slider.dispatchEvent(new Event('input', {bubbles: true})); }",
            value,
        )
        explorer.repainted(before)
    stage = explorer.stage.bounding_box()
    assert stage is not None
    notebook.page.mouse.move(stage["x"] + stage["width"] / 2, stage["y"] + stage["height"] / 2)
    expect(explorer.stage).to_contain_text("x 3")
    assert messages(notebook) == 0, "looking at a map must not bother the kernel"


def test_a_released_slider_reaches_python_once(opened: tuple[Notebook, Explorer]) -> None:
    notebook, explorer = opened
    query = explorer.settled()
    explorer.slide("opacity", 0.45)
    notebook.becomes("w.opacity", 0.45)
    assert messages(notebook) == 1
    assert explorer.settled() == query, "no new question"


def test_space_shows_the_original_while_held(opened: tuple[Notebook, Explorer]) -> None:
    notebook, explorer = opened
    explorer.stage.click()
    overlay = explorer.overlay.element_handle()
    assert explorer.overlay.evaluate(SHOWN)
    for key, wanted in ((notebook.page.keyboard.down, False), (notebook.page.keyboard.up, True)):
        key(" ")
        notebook.page.wait_for_function(f"([canvas, wanted]) => ({SHOWN})(canvas) === wanted", arg=[overlay, wanted])


def test_next_image_by_key(opened: tuple[Notebook, Explorer]) -> None:
    notebook, explorer = opened
    explorer.stage.click()
    notebook.page.keyboard.press("j")
    notebook.becomes("w.image_idx", 4)
    explorer.stage.click()
    notebook.page.keyboard.press("k")
    notebook.becomes("w.image_idx", 3)


@pytest.mark.parametrize("width", [1200, 900, 500])
def test_all_controls_are_in_reach_at(opened: tuple[Notebook, Explorer], width: int) -> None:
    notebook, explorer = opened
    notebook.page.set_viewport_size({"width": width + 130, "height": 1300})
    explorer.at_rest()
    root = explorer.root.bounding_box()
    assert root is not None
    for name in CONTROLS:
        box = explorer.control(name).bounding_box()
        assert box is not None, f"{name} is not shown at {width} px"
        assert root["x"] <= box["x"], name
        assert box["x"] + box["width"] <= root["x"] + root["width"] + 1, name
    assert explorer.root.evaluate("root => root.scrollWidth <= root.clientWidth + 1"), "it scrolls sideways"
    if width == 900:
        assert root["height"] <= 640


def test_a_bar_of_the_chart_picks_its_class(opened: tuple[Notebook, Explorer]) -> None:
    """The second class here has next to no probability: its row is clicked all the same."""
    notebook, explorer = opened
    assert notebook.evaluate("w._session.panels['explain'].charts._classes") == [1, 0]
    notebook.page.locator(".bqplot .bargroup rect.bar").nth(1).click()
    notebook.becomes("[w.layer_idx, w.filter_indices]", [9, 0])
    explorer.answered()


def test_dark_theme_is_dark(open_notebook: Open, tmp_path: Path) -> None:
    with Server(tmp_path, theme="JupyterLab Dark") as server:
        _, explorer = open_notebook(server, [OPEN])
        colour = explorer.root.evaluate("root => getComputedStyle(root).backgroundColor")
    red, green, blue = (int(part) for part in re.findall(r"\d+", colour)[:3])
    assert max(red, green, blue) < 80
