"""The region, marked on the stage by a real pointer and by keys: Python has the very pixels, and the page shows Python's."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from salwidget.evidence import brush, rectangle
from tests.browser.aimed import OPEN
from tests.browser.conftest import Open
from tests.browser.jupyterlab import Explorer, Notebook
from tests.browser.server import Server

# Of the image: the view that `OPEN` opens shows 64 x 64 pixels.
SIZE = (64, 64)
MARKED = "[] if w.region is None else w.region.nonzero()[0].tolist() + w.region.nonzero()[1].tolist()"


@pytest.fixture(scope="module")
def opened(server: Server, open_notebook: Open) -> tuple[Notebook, Explorer]:
    return open_notebook(server, [OPEN])


def marked(region) -> list[int]:
    rows, columns = region.nonzero()
    return [*rows.tolist(), *columns.tolist()]


def drag(explorer: Explorer, *places: tuple[float, float]) -> list[tuple[float, float]]:
    """Press at the first place, given in pixels of the image, let go at the last; returns where the pointer was in them."""
    box = explorer.overlay.bounding_box()
    assert box is not None
    mouse = explorer.page.mouse
    on_page = [(round(box["x"] + box["width"] * x / SIZE[1]), round(box["y"] + box["height"] * y / SIZE[0])) for x, y in places]
    mouse.move(*on_page[0])
    mouse.down()
    for place in on_page[1:]:
        mouse.move(*place)
    mouse.up()
    return [((x - box["x"]) * SIZE[1] / box["width"], (y - box["y"]) * SIZE[0] / box["height"]) for x, y in on_page]


def test_what_is_marked_is_in_python_and_back(opened: tuple[Notebook, Explorer]) -> None:
    notebook, explorer = opened
    explorer.stage.scroll_into_view_if_needed()
    query = explorer.settled()
    explorer.control("rectangle").click()
    (left, top), (right, bottom) = drag(explorer, (5.2, 40.3), (20.7, 55.2))
    box = rectangle(SIZE, left, top, right - left, bottom - top)
    notebook.becomes(MARKED, marked(box))

    explorer.stage.scroll_into_view_if_needed()
    explorer.control("brush").click()
    path = drag(explorer, (10, 10), (31.3, 14.2), (50, 30))
    both = box | brush(SIZE, path, radius=3)  # 6 pixels across: a tenth of the image
    notebook.becomes(MARKED, marked(both))
    assert explorer.settled() == query  # no map is stale of it

    expect(explorer.root.get_by_test_id("share")).to_have_text(notebook.evaluate("w.heatmap.share(w.region).sentence"))
    explorer.stage.focus()
    explorer.page.keyboard.press("Control+z")
    notebook.becomes(MARKED, marked(box))
    notebook.evaluate("[setattr(w, 'region', np.eye(64, dtype=bool))][:0]")
    expect(explorer.root.get_by_test_id("share")).to_contain_text("in 2% of the area")
    notebook.evaluate("[setattr(w, 'region', None)][:0]")
    expect(explorer.root.get_by_test_id("share")).to_have_count(0)


def test_a_superpixel_is_marked_by_a_click_and_goes_with_its_image(opened: tuple[Notebook, Explorer]) -> None:
    notebook, explorer = opened
    explorer.stage.scroll_into_view_if_needed()
    explorer.control("superpixel").click()
    drag(explorer, (32, 32))
    number = "w.region is not None and bool((w.region == superpixel(images[0], [[32, 32]])).all())"
    notebook.evaluate("[exec('from salwidget.evidence import superpixel', globals())][:0]")
    notebook.becomes(number, True)
    explorer.stage.focus()
    explorer.page.keyboard.press("j")
    notebook.becomes("[w.image_idx, w.region is None]", [1, True])


def test_a_region_is_painted_by_keys_alone(opened: tuple[Notebook, Explorer]) -> None:
    notebook, explorer = opened
    explorer.stage.focus()
    # From the middle one to the right and two down, with a brush of the image's tenth, one larger.
    for key in ("b", "]", "ArrowRight", "ArrowDown", "ArrowDown", "Space"):
        explorer.page.keyboard.press(key)
    notebook.becomes(MARKED, marked(brush(SIZE, [(33.5, 34.5)], radius=3.5)))
    explorer.stage.focus()
    explorer.page.keyboard.press("Escape")
    expect(explorer.control("no tool")).to_have_attribute("aria-pressed", "true")
