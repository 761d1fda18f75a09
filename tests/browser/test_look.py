"""Colour, opacity and threshold are the browser's own; and the layout holds at every width, light and dark."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.browser.conftest import Open
from tests.browser.jupyterlab import Explorer, Notebook, Server

OPEN = """
from salwidget import SaliencyWidget
from salwidget.demo import snow_test
demo = snow_test().biased
w = SaliencyWidget(demo.model, demo.images, labels=demo.labels, image_idx=3)
w
"""
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
        notebook.page.wait_for_timeout(200)
        assert (explorer.pixels() != before).any(), name
    stage = explorer.stage.bounding_box()
    assert stage is not None
    notebook.page.mouse.move(stage["x"] + stage["width"] / 2, stage["y"] + stage["height"] / 2)
    notebook.page.wait_for_timeout(200)
    assert "x 3" in explorer.stage.inner_text()
    assert messages(notebook) == 0, "looking at a map must not bother the kernel"


def test_a_released_slider_reaches_python_once(opened: tuple[Notebook, Explorer]) -> None:
    notebook, explorer = opened
    query = explorer.settled()
    explorer.slide("opacity", 0.45)
    notebook.page.wait_for_timeout(800)
    assert messages(notebook) == 1
    assert notebook.evaluate("w.opacity") == 0.45
    assert explorer.settled() == query, "no new question"


def test_space_shows_the_original_while_held(opened: tuple[Notebook, Explorer]) -> None:
    notebook, explorer = opened
    explorer.stage.click()
    visible = "canvas => getComputedStyle(canvas).visibility !== 'hidden' && +getComputedStyle(canvas).opacity > 0"
    assert explorer.overlay.evaluate(visible)
    notebook.page.keyboard.down(" ")
    notebook.page.wait_for_timeout(200)
    hidden = not explorer.overlay.evaluate(visible) or not explorer.pixels()[..., 3].any()
    notebook.page.keyboard.up(" ")
    notebook.page.wait_for_timeout(200)
    assert hidden
    assert explorer.overlay.evaluate(visible)
    assert explorer.pixels()[..., 3].any()


def test_next_image_by_key(opened: tuple[Notebook, Explorer]) -> None:
    notebook, explorer = opened
    explorer.stage.click()
    notebook.page.keyboard.press("j")
    notebook.page.wait_for_timeout(1000)
    assert notebook.evaluate("w.image_idx") == 4
    explorer.stage.click()
    notebook.page.keyboard.press("k")
    notebook.page.wait_for_timeout(1000)
    assert notebook.evaluate("w.image_idx") == 3


@pytest.mark.parametrize("width", [1200, 900, 500])
def test_all_controls_are_in_reach_at(opened: tuple[Notebook, Explorer], width: int) -> None:
    notebook, explorer = opened
    notebook.page.set_viewport_size({"width": width + 130, "height": 1300})
    notebook.page.wait_for_timeout(500)
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
    notebook.page.wait_for_timeout(1000)
    assert notebook.evaluate("[w.layer_idx, w.filter_indices]") == [9, 0]
    explorer.settled()


def test_dark_theme_is_dark(open_notebook: Open, tmp_path: Path) -> None:
    with Server(tmp_path, theme="JupyterLab Dark") as server:
        _, explorer = open_notebook(server, [OPEN])
        colour = explorer.root.evaluate("root => getComputedStyle(root).backgroundColor")
    red, green, blue = (int(part) for part in re.findall(r"\d+", colour)[:3])
    assert max(red, green, blue) < 80
