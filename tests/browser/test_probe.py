"""The point probe in a notebook: what the page shows is Python's, and hovering asks nothing."""

from __future__ import annotations

import re

import numpy as np
import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import Open
from tests.browser.jupyterlab import Explorer, Notebook
from tests.browser.server import Server

OPEN = """
import salwidget
from salwidget.demo import snow_test
demo = snow_test().biased
w = salwidget.SaliencyWidget(demo.model, demo.images, labels=demo.labels, image_idx=3)
w
"""
# The newest messages that the page sends to the kernel over the comm.
COUNT = """() => {
    window.salwidgetSent = [];
    const send = WebSocket.prototype.send;
    WebSocket.prototype.send = function (data) {
        const text = typeof data === "string" ? data : new TextDecoder("latin1").decode(data);
        if (text.includes("comm_msg")) window.salwidgetSent.push(text);
        return send.call(this, data);
    };
}"""


@pytest.fixture(scope="module")
def opened(server: Server, open_notebook: Open) -> tuple[Notebook, Explorer]:
    notebook, explorer = open_notebook(server, [OPEN])
    explorer.settled()
    notebook.page.evaluate(COUNT)
    return notebook, explorer


def probes(notebook: Notebook) -> int:
    return int(notebook.page.evaluate("() => window.salwidgetSent.filter(text => /kind\\W+probe/.test(text)).length"))


def card(explorer: Explorer) -> Locator:
    return explorer.root.get_by_test_id("probe")


def hover(notebook: Notebook, explorer: Explorer, x: float, y: float) -> None:
    box = explorer.overlay.bounding_box()
    assert box is not None
    notebook.page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])


def check(notebook: Notebook, explorer: Explorer, image: int) -> None:
    """Compare the card with Python's own answer for its cell."""
    # Before the mouse goes to the cell that asks Python.
    place = card(explorer).locator(".sw-probe-place").first.inner_text()
    names = card(explorer).locator(".sw-probe-name").all_inner_texts()
    values = card(explorer).locator(".sw-probe-value").all_inner_texts()
    found = re.match(r"cell (\d+), (\d+) of (.*)", place)
    assert found is not None
    row, column, layer = int(found[1]), int(found[2]), found[3]
    asked = f"salwidget.probe(demo.model, demo.images[{image}], labels=demo.labels)"
    made = notebook.evaluate(f"(lambda s: [s.layer, s.labels, s.values[:, {row}, {column}].tolist()])({asked})")
    assert (layer, names) == (made[0], made[1])
    last_digit = 10.0 ** -len(values[0].partition(".")[2])
    np.testing.assert_allclose([float(text.replace("−", "-")) for text in values], made[2], atol=0.51 * last_digit, rtol=0)


def test_it_is_asked_once_and_hovering_asks_nothing(opened: tuple[Notebook, Explorer]) -> None:
    notebook, explorer = opened
    assert probes(notebook) == 0
    explorer.root.get_by_role("button", name="probe", exact=True).click()
    hover(notebook, explorer, 0.4, 0.6)
    expect(card(explorer)).to_be_visible()
    assert probes(notebook) == 1
    sent = notebook.page.evaluate("() => window.salwidgetSent.length")
    places = set()
    for step in range(20):
        hover(notebook, explorer, 0.05 + 0.045 * step, 0.3)
        places.add(card(explorer).inner_text())
    assert len(places) > 2
    assert notebook.page.evaluate("() => window.salwidgetSent.length") == sent, "hovering is local"
    check(notebook, explorer, 3)


def test_another_image_is_asked_and_new_weights_are_told(opened: tuple[Notebook, Explorer]) -> None:
    notebook, explorer = opened
    before = probes(notebook)
    explorer.stage.focus()
    notebook.page.keyboard.press("j")
    explorer.settled()
    hover(notebook, explorer, 0.5, 0.5)
    expect(card(explorer)).to_be_visible()
    check(notebook, explorer, 4)
    assert probes(notebook) > before
    hover(notebook, explorer, 0.5, 0.5)
    values = card(explorer).locator(".sw-probe-value")
    before = values.all_inner_texts()
    notebook.evaluate("[v.assign(10 * v) for v in demo.model.layers[-1].weights] and None")
    hover(notebook, explorer, 0.5, 0.5)
    expect(values).not_to_have_text(before)
    check(notebook, explorer, 4)


def test_by_keyboard_alone(opened: tuple[Notebook, Explorer]) -> None:
    notebook, explorer = opened
    notebook.page.mouse.move(1, 1)
    explorer.stage.focus()
    notebook.page.keyboard.press("Escape")
    expect(card(explorer)).to_have_count(0)
    notebook.page.keyboard.press("p")
    notebook.page.keyboard.press("ArrowRight")
    expect(card(explorer)).to_be_visible()
    first = card(explorer).inner_text()
    for _ in range(4):
        notebook.page.keyboard.press("Shift+ArrowLeft")
    expect(card(explorer)).not_to_have_text(first)
    notebook.page.keyboard.press("Escape")
    expect(card(explorer)).to_have_count(0)
