"""The picture is zoomed with the wheel, the fingers and the keys, and what is read and chosen there stays right."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.browser.conftest import Open
from tests.browser.jupyterlab import Explorer, Notebook
from tests.browser.server import Server
from tests.browser.test_aim import OPEN

# 512 channels with a ramp in each, which starts at its number.
SIGNAL = """
import keras, numpy as np
from salwidget import SaliencyWidget
signal = keras.Input((40, 512))
model = keras.Model(signal, keras.layers.Dense(2)(keras.layers.Flatten()(keras.layers.Conv1D(2, 3)(signal))))
ramps = np.arange(512)[None] + np.linspace(0, 0.5, 40)[:, None]
w = SaliencyWidget(model, ramps[None].astype("float32"), charts=False)
w
"""


@pytest.fixture(scope="module")
def opened(server: Server, open_notebook: Open) -> tuple[Notebook, Explorer]:
    return open_notebook(server, [OPEN])


@pytest.fixture(autouse=True)
def whole(opened: tuple[Notebook, Explorer]) -> Iterator[None]:
    yield
    opened[1].stage.focus()
    opened[0].page.keyboard.press("0")


def test_the_readout_is_right_while_zoomed(opened: tuple[Notebook, Explorer]) -> None:
    """Ctrl+wheel at a pixel leaves that pixel under the pointer; what lies a pixel's width beside it is the next."""
    notebook, explorer = opened
    page = notebook.page
    picture = explorer.root.locator(".sw-picture")
    explorer.stage.scroll_into_view_if_needed()
    before = picture.bounding_box()
    assert before is not None
    pixel = before["width"] / 64
    x, y = before["x"] + 40.5 * pixel, before["y"] + 20.5 * pixel
    values = notebook.evaluate("w.wait().values[20, 40:42].tolist()")
    page.mouse.move(x, y)
    readout = explorer.root.locator(".sw-readout")
    assert readout.inner_text().startswith("x 40 · y 20")
    page.keyboard.down("Control")
    for _ in range(5):
        page.mouse.wheel(0, -100)
    page.keyboard.up("Control")
    reset = explorer.root.get_by_label("reset zoom")
    reset.wait_for()
    explorer.at_rest(picture)
    after = picture.bounding_box()
    assert after is not None
    scale = after["width"] / before["width"]
    assert scale > 3
    page.mouse.move(x + 1, y)
    text = readout.inner_text()
    assert text.startswith("x 40 · y 20")
    assert float(text.split(" · ")[2].split(" ")[0].replace("−", "-")) == pytest.approx(values[0], rel=0.02, abs=0.006)
    page.mouse.move(x + scale * pixel, y)
    text = readout.inner_text()
    assert text.startswith("x 41 · y 20")
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 30, y + 8, steps=4)
    page.mouse.move(x + 60, y + 8, steps=4)
    page.mouse.up()
    assert readout.inner_text().startswith("x 40 · y 20"), "the pixel goes with the hand"
    reset.click()
    assert picture.bounding_box() == before


def test_the_keys_zoom_around_what_is_read(opened: tuple[Notebook, Explorer]) -> None:
    notebook, explorer = opened
    page = notebook.page
    picture = explorer.root.locator(".sw-picture")
    before = picture.bounding_box()
    explorer.stage.focus()
    page.mouse.move(0, 0)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("+")
    page.keyboard.press("+")
    assert explorer.root.locator(".sw-readout").inner_text().startswith("x 33 · y 32")
    mark = explorer.root.locator(".sw-crosshair").bounding_box()
    after = picture.bounding_box()
    assert mark is not None
    assert after is not None
    assert before is not None
    assert after["width"] == pytest.approx(2.25 * before["width"], rel=0.01)
    assert mark["x"] + mark["width"] / 2 == pytest.approx(after["x"] + 33.5 / 64 * after["width"], abs=1)
    page.keyboard.press("-")
    page.keyboard.press("0")
    assert picture.bounding_box() == before


def test_two_fingers_zoom_around_their_middle(opened: tuple[Notebook, Explorer]) -> None:
    notebook, explorer = opened
    page = notebook.page
    picture = explorer.root.locator(".sw-picture")
    explorer.stage.scroll_into_view_if_needed()
    before = picture.bounding_box()
    assert before is not None
    touch = page.context.new_cdp_session(page)
    x, y = before["x"] + 0.25 * before["width"], before["y"] + 0.5 * before["height"]

    def fingers(kind: str, *shifts: int) -> None:
        points = [{"x": x + shift, "y": y, "id": number} for number, shift in enumerate(shifts)]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    fingers("touchStart", -20, 20)
    for apart in range(22, 62, 4):
        fingers("touchMove", -apart, apart)
    fingers("touchEnd")
    explorer.root.get_by_label("reset zoom").wait_for()
    after = picture.bounding_box()
    assert after is not None
    assert after["width"] == pytest.approx(58 / 20 * before["width"], rel=0.1)
    # What lay between the fingers still does.
    assert after["x"] + 0.25 * after["width"] == pytest.approx(x, abs=4)
    assert after["y"] + 0.5 * after["height"] == pytest.approx(y, abs=4)


def test_a_cell_is_chosen_where_the_zoomed_picture_shows_it(opened: tuple[Notebook, Explorer]) -> None:
    notebook, explorer = opened
    page = notebook.page
    notebook.evaluate("[setattr(w, n, v) for n, v in (('layer_idx', 2), ('filter_indices', 3))]")
    explorer.settled()
    picture = explorer.root.locator(".sw-picture")
    explorer.stage.scroll_into_view_if_needed()
    box = picture.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 40.5 / 64 * box["width"], box["y"] + 20.5 / 64 * box["height"])
    page.keyboard.down("Control")
    for _ in range(4):
        page.mouse.wheel(0, -100)
    page.keyboard.up("Control")
    explorer.root.get_by_label("reset zoom").wait_for()
    zoomed = picture.bounding_box()
    assert zoomed is not None
    # Cells of the layer are two pixels of the input wide.
    page.keyboard.down("Alt")
    page.mouse.click(zoomed["x"] + 43 / 64 * zoomed["width"], zoomed["y"] + 23 / 64 * zoomed["height"])
    page.keyboard.up("Alt")
    mark = explorer.root.get_by_test_id("cell")
    mark.wait_for()
    explorer.settled()
    assert notebook.evaluate("list(w.cell)") == [11, 21]
    shown = mark.bounding_box()
    assert shown is not None
    assert shown["x"] == pytest.approx(zoomed["x"] + 42 / 64 * zoomed["width"], abs=2)
    assert shown["width"] == pytest.approx(2 / 64 * zoomed["width"], abs=3)
    notebook.evaluate("[setattr(w, n, v) for n, v in (('cell', None), ('layer_idx', 4), ('filter_indices', None))]")
    explorer.settled()


def test_every_channel_of_512_is_reached_by_keys(server: Server, open_notebook: Open) -> None:
    notebook, explorer = open_notebook(server, [SIGNAL])
    slider = explorer.control("channels")
    lanes = 512 - int(slider.get_attribute("max") or 0)
    slider.focus()
    notebook.page.keyboard.press("End")
    words = explorer.root.locator(".sw-slice-words")
    assert words.inner_text() == f"{512 - lanes} to 511 of 512"
    notebook.page.keyboard.press("ArrowLeft")
    assert words.inner_text() == f"{511 - lanes} to 510 of 512"
    notebook.page.keyboard.press("Home")
    box = explorer.root.locator(".sw-picture").bounding_box()
    assert box is not None
    seen = set()
    for first in range(0, 512 - lanes + 1, lanes):
        notebook.page.mouse.move(box["x"] + 5, box["y"] + 1)
        notebook.page.mouse.move(box["x"] + 5, box["y"] + 0.5 * box["height"] / lanes)
        seen.add(explorer.root.locator(".sw-readout").inner_text())
        assert words.inner_text().startswith(f"{first} to ")
        slider.focus()
        for _ in range(lanes // 10):
            notebook.page.keyboard.press("Shift+ArrowRight")
        for _ in range(lanes % 10):
            notebook.page.keyboard.press("ArrowRight")
    assert len(seen) == (512 - lanes) // lanes + 1, "each place of the slider reads another channel"


SPIKE = """
import keras, numpy as np
from salwidget import SaliencyWidget
keras.utils.set_random_seed(1)
signal = keras.Input((400, 1))
model = keras.Model(signal, keras.layers.Dense(2)(keras.layers.Flatten()(keras.layers.Conv1D(2, 3)(signal))))
beat = np.zeros((1, 400, 1), np.float32)
beat[0, 137] = 1
w = SaliencyWidget(model, beat, charts=False, method="saliency")
w
"""
# Of the canvas with the lines: its size in the page, and where in the page its highest ink lies.
DRAWN = """canvas => {
    const {width, height} = canvas;
    const {data} = canvas.getContext("2d").getImageData(0, 0, width, height);
    const box = canvas.getBoundingClientRect();
    const ink = getComputedStyle(canvas).color.match(/\\d+/g).map(Number);
    const far = (at) => Math.abs(data[at] - ink[0]) + Math.abs(data[at + 1] - ink[1]) + Math.abs(data[at + 2] - ink[2]);
    for (let row = Math.round(0.1 * height); row < height; row++) {
        const found = [];
        for (let x = Math.round(0.1 * width); x < 0.9 * width; x++) {
            const at = 4 * (row * width + x);
            if (data[at + 3] > 200 && far(at) < 350) found.push(x);
        }
        if (found.length)
            return {
                x: box.x + (found[0] + found.at(-1) + 1) / 2 / width * box.width,
                thick: found.length * box.width / width,
                scale: box.width / width,
            };
    }
}"""


def test_the_line_of_a_zoomed_signal_is_sharp_and_lies_where_it_is_read(server: Server, open_notebook: Open) -> None:
    notebook, explorer = open_notebook(server, [SPIKE])
    page, base = notebook.page, explorer.root.locator(".sw-base").last
    explorer.at_rest(base)
    before = base.evaluate(DRAWN)
    box = explorer.stage.bounding_box()
    assert box is not None
    page.mouse.move(before["x"], box["y"] + 0.5 * box["height"])
    readout = explorer.root.locator(".sw-readout")
    assert readout.inner_text().startswith("at 137 · signal 1")
    page.keyboard.down("Control")
    for _ in range(5):
        page.mouse.wheel(0, -100)
    page.keyboard.up("Control")
    explorer.root.get_by_label("reset zoom").wait_for()
    explorer.at_rest(base)
    zoomed = base.evaluate(DRAWN)
    # A pixel of the canvas is one of the screen, and each side of the spike as thin as its tip was.
    assert zoomed["scale"] == pytest.approx(before["scale"], rel=0.01)
    assert zoomed["thick"] <= 2 * before["thick"] + 2
    # The tip was found to half a pixel, which is larger now.
    assert zoomed["x"] == pytest.approx(before["x"], abs=5), "what lies under the pointer stays there"
    assert readout.inner_text().startswith("at 137 · signal 1")
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2 + 60, box["y"] + box["height"] / 2, steps=3)
    page.mouse.up()
    explorer.at_rest(base)
    dragged = base.evaluate(DRAWN)
    assert dragged["x"] == pytest.approx(zoomed["x"] + 60, abs=2)
    page.mouse.move(dragged["x"], box["y"] + 0.5 * box["height"])
    assert readout.inner_text().startswith("at 137 · signal 1")
    for theme, dark in (("Dark", True), ("Light", False)):
        page.evaluate("theme => jupyterapp.commands.execute('apputils:change-theme', {theme})", f"JupyterLab {theme}")
        notebook.becomes("w._session.context.view.seen['dark']", dark)
        redrawn = base.evaluate(DRAWN)
        assert redrawn is not None, "the lines have gone with the theme"
        assert redrawn["x"] == pytest.approx(dragged["x"], abs=2)
