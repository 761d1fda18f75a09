"""Marking a region on the stage by mouse, touch and keyboard, and the tab Test: what follows the hand, and what stays."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from playwright.sync_api import expect

from salwidget.evidence import brush, rectangle
from tests.browser.aimed import resized
from tests.browser.conftest import Open
from tests.browser.jupyterlab import Explorer, Notebook
from tests.browser.server import Server

# Two widgets, as people have them, on the shipped pair; images are 64 pixels wide.
OPEN = """
from IPython.display import display
from salwidget import SaliencyWidget
from salwidget.demo import snow_test
snow = snow_test()
demo = snow.biased
w = SaliencyWidget(demo.model, demo.images, labels=demo.labels, image_idx=3)
other = SaliencyWidget(snow.fair.model, demo.images, labels=demo.labels, image_idx=3)
display(w, other)

import threading
import numpy as np
from salwidget import evidence

areas, gate = [], threading.Event()
def moved(widget=w, **to):
    widget.move(to)
    return True
def complete():
    made = w.intervention
    return made is not None and made.progress == 1 and np.array_equal(made.region, w.region)
def watch_areas():
    areas.clear()
    w.observe(lambda change: change["new"] and areas.append(int(change["new"].region.sum())), "intervention")
    return True
def hold_up_the_model():
    def held():
        gate.wait(60)
        yield
    w._session.context.worker.errand(w._session.context, held)
    return True
"""
SENT = """() => {
    window.salwidgetSent = [];
    if (window.salwidgetSends) return;
    const send = window.salwidgetSends = WebSocket.prototype.send;
    WebSocket.prototype.send = function (data) {
        const text = typeof data === "string" ? data : new TextDecoder("latin1").decode(data);
        if (text.includes("comm_msg")) window.salwidgetSent.push(text);
        return send.call(this, data);
    };
}"""
STROKES = 60


@pytest.fixture(scope="module")
def opened(server: Server, open_notebook: Open) -> tuple[Notebook, Explorer]:
    notebook, explorer = open_notebook(server, [OPEN], height=2200)
    Explorer(notebook, 1).settled()
    return notebook, explorer


@pytest.fixture(autouse=True)
def afresh(opened: tuple[Notebook, Explorer]) -> None:
    """Nothing is marked, no tool chosen, and Explain is open."""
    notebook, explorer = opened
    notebook.evaluate("moved(tab='explain', region=None, replace='blur', keep=False, method='grad_cam', image_idx=3)")
    expect(explorer.root.get_by_test_id("tab-explain")).to_have_attribute("aria-selected", "true")
    expect(explorer.root.get_by_test_id("region")).to_have_count(0)
    tool(explorer, "no tool").click()
    explorer.answered()
    notebook.page.evaluate(SENT)


def tool(explorer: Explorer, name: str) -> Any:
    return explorer.root.get_by_role("button", name=name, exact=True)


def place(explorer: Explorer, x: float, y: float) -> tuple[float, float]:
    """Where a pixel of the image lies in the page; a cell that ran has scrolled it."""
    explorer.stage.scroll_into_view_if_needed()
    box = explorer.stage.locator(".sw-picture").bounding_box()
    assert box is not None
    return box["x"] + x / 64 * box["width"], box["y"] + y / 64 * box["height"]


def drag(explorer: Explorer, *points: tuple[float, float], steps: int = 8) -> None:
    mouse = explorer.page.mouse
    mouse.move(*place(explorer, *points[0]))
    mouse.down()
    for point in points[1:]:
        mouse.move(*place(explorer, *point), steps=steps)
    mouse.up()


def region(notebook: Notebook, widget: str = "w") -> np.ndarray | None:
    found = notebook.evaluate(f"None if {widget}.region is None else {widget}.region.astype(int).tolist()")
    return None if found is None else np.array(found, bool)


def complete(notebook: Notebook, explorer: Explorer) -> dict[str, Any]:
    """Wait until the page shows the last test of Python to its end; returns its numbers."""
    notebook.becomes(
        "w.intervention is not None and w.intervention.progress == 1.0 and bool((w.intervention.region == w.region).all())",
        True,
    )
    found: dict[str, Any] = notebook.evaluate("w.intervention.metadata")
    expect(explorer.root.get_by_test_id("verdict")).to_have_text(found["sentence"], timeout=30_000)
    return found


def test_a_stroke_marks_what_python_calls_the_same_stroke_and_asks_for_no_map(opened: tuple[Notebook, Explorer]) -> None:
    notebook, explorer = opened
    query = explorer.settled()
    tool(explorer, "brush").click()
    size = int(explorer.control("brush size").input_value())
    drag(explorer, (20, 20), (40, 20), (40, 44))
    expect(explorer.root.get_by_test_id("region")).to_be_visible()
    marked = region(notebook)
    assert marked is not None
    expected = brush((64, 64), [(20, 20), (40, 20), (40, 44)], size / 2)
    assert (marked != expected).sum() <= 0.04 * expected.sum(), "a hand's points are not whole pixels"
    assert explorer.settled() == query
    share = notebook.evaluate("str(w.heatmap.share(w.region))")
    expect(explorer.root.get_by_test_id("share")).to_have_text(share)
    assert region(notebook, "other") is None, "the other widget has its own"


def test_hovering_with_a_tool_sends_nothing(opened: tuple[Notebook, Explorer]) -> None:
    notebook, explorer = opened
    for name in ("brush", "rectangle", "superpixel"):
        tool(explorer, name).click()
        notebook.page.evaluate("() => { window.salwidgetSent = []; }")
        for number in range(20):
            notebook.page.mouse.move(*place(explorer, 5 + 2 * number, 30))
        assert notebook.page.evaluate("() => window.salwidgetSent") == []


def test_a_region_stays_while_the_question_moves_and_goes_with_its_image(opened: tuple[Notebook, Explorer]) -> None:
    notebook, explorer = opened
    tool(explorer, "rectangle").click()
    drag(explorer, (10, 12), (30, 40))
    marked = region(notebook)
    assert marked is not None
    expected = rectangle((64, 64), 10, 12, 20, 28)
    assert (marked != expected).sum() <= 2 * 28 + 2 * 20
    first = explorer.root.get_by_test_id("share").inner_text()
    explorer.choose("method", "saliency")
    notebook.becomes("w.method", "saliency")
    explorer.answered()
    np.testing.assert_array_equal(region(notebook), marked)
    expect(explorer.root.get_by_test_id("share")).not_to_have_text(first)
    explorer.root.locator(".sw-frame").focus()
    notebook.page.keyboard.press("j")
    notebook.becomes("w.region is None", True)
    expect(explorer.root.get_by_test_id("region")).to_have_count(0)


def test_strokes_are_taken_back_and_made_again_by_keys_that_stay_in_the_widget(opened: tuple[Notebook, Explorer]) -> None:
    notebook, explorer = opened
    cells = notebook.model()
    tool(explorer, "brush").click()
    drag(explorer, (10, 10), (20, 10))
    one = region(notebook)
    drag(explorer, (40, 40), (50, 50))
    two = region(notebook)
    assert one is not None
    assert two is not None
    assert two.sum() > one.sum()
    explorer.stage.focus()
    keyboard = notebook.page.keyboard
    keyboard.press("Control+z")
    notebook.becomes("int(w.region.sum())", int(one.sum()))
    keyboard.press("Control+Shift+z")
    explorer.stage.focus()
    keyboard.press("Control+Shift+z")
    notebook.becomes("int(w.region.sum())", int(two.sum()))
    explorer.stage.focus()
    keyboard.press("x")
    notebook.becomes("int(w.region.sum())", 64 * 64 - int(two.sum()))
    assert notebook.model()[:-1] == cells[:-1]


def test_the_keyboard_paints_alone(opened: tuple[Notebook, Explorer]) -> None:
    notebook, explorer = opened
    explorer.stage.focus()
    keyboard = notebook.page.keyboard
    keyboard.press("b")
    expect(tool(explorer, "brush")).to_have_attribute("aria-pressed", "true")
    for _ in range(40):
        keyboard.press("[")
    expect(explorer.control("brush size")).to_have_value("1")
    keyboard.press("ArrowRight")
    keyboard.press(" ")
    keyboard.press("ArrowDown")
    keyboard.press(" ")
    notebook.becomes("w.region is not None and int(w.region.sum())", 2)
    marked = region(notebook)
    assert marked is not None
    (row, column), (below, same) = np.argwhere(marked)
    assert (below, same) == (row + 1, column)
    explorer.stage.focus()
    keyboard.press("e")
    keyboard.press("ArrowRight")  # the cursor begins in the middle again
    keyboard.press(" ")
    notebook.becomes("int(w.region.sum())", 1)
    explorer.stage.focus()
    keyboard.press("Escape")
    expect(tool(explorer, "no tool")).to_have_attribute("aria-pressed", "true")


def test_a_finger_paints_where_a_tool_is_chosen(opened: tuple[Notebook, Explorer]) -> None:
    notebook, explorer = opened
    tool(explorer, "brush").click()
    client = notebook.page.context.new_cdp_session(notebook.page)
    path = [place(explorer, 16 + 2 * number, 32) for number in range(12)]
    for kind, (x, y) in (("touchStart", path[0]), *(("touchMove", each) for each in path[1:])):
        client.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
    client.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    client.detach()
    notebook.becomes("w.region is not None and bool(w.region[32, 18:36].all())", True)


def test_a_superpixel_is_that_of_python(opened: tuple[Notebook, Explorer]) -> None:
    notebook, explorer = opened
    tool(explorer, "superpixel").click()
    notebook.page.mouse.click(*place(explorer, 32.5, 32.5))
    notebook.becomes(
        "w.region is not None and np.array_equal(w.region, evidence.superpixel(w.images[3], [(32.5, 32.5)]))", True
    )
    notebook.page.mouse.click(*place(explorer, 32.5, 32.5))
    notebook.becomes("w.region is None", True)


def test_python_s_region_is_outlined_and_can_be_taken_back(opened: tuple[Notebook, Explorer]) -> None:
    notebook, explorer = opened
    notebook.evaluate("moved(region=demo.masks[3])")
    expect(explorer.root.get_by_test_id("region")).to_be_visible()
    tool(explorer, "undo region").click()
    notebook.becomes("w.region is None", True)


def test_the_strongest_and_the_weakest_tenth_are_one_press_each_and_stand_beside_each_other(
    opened: tuple[Notebook, Explorer],
) -> None:
    notebook, explorer = opened
    explorer.root.get_by_test_id("tab-test").click()
    expect(explorer.root.get_by_test_id("verdict")).to_contain_text("Paint what you want to cover")
    changes = {}
    for end in ("strongest", "weakest"):
        tool(explorer, f"{end} region").click()
        made = complete(notebook, explorer)
        changes[end] = made["change"]
        expect(explorer.root.get_by_test_id("control")).to_contain_text(f"of {len(made['controls'])} move it as much")
        marked = region(notebook)
        assert marked is not None
        assert marked.sum() == round(0.1 * 64 * 64)
        same = notebook.evaluate(f"np.array_equal(w.region, evidence.{end}(w.heatmap, 10))")
        assert same
    beside = explorer.root.get_by_test_id("ends").inner_text().replace("−", "-").split()
    for end, change in changes.items():
        number = beside[beside.index(end.capitalize()) + 2]
        assert float(number) == pytest.approx(change, rel=0.01, abs=0.005)
    assert notebook.errors == []


def test_of_sixty_moves_of_the_brush_the_last_is_shown_and_they_came_in_order(opened: tuple[Notebook, Explorer]) -> None:
    notebook, explorer = opened
    explorer.root.get_by_test_id("tab-test").click()
    notebook.evaluate("watch_areas()")
    tool(explorer, "brush").click()
    drag(explorer, *[(8 + 0.8 * number, 20 + 12 * (number % 2)) for number in range(STROKES)], steps=1)
    made = complete(notebook, explorer)
    areas = notebook.evaluate("areas")
    assert areas == sorted(areas), "a brush only adds"
    assert areas[-1] == int(region(notebook).sum())  # type: ignore[union-attr]
    shown = explorer.root.get_by_test_id("target-line").locator("b").last.inner_text()
    assert float(shown.replace("−", "-")) == pytest.approx(made["change"], rel=0.01, abs=0.005)


def test_the_edit_is_drawn_before_the_kernel_answers(opened: tuple[Notebook, Explorer]) -> None:
    notebook, explorer = opened
    explorer.root.get_by_test_id("tab-test").click()
    base = explorer.root.get_by_test_id("edited").locator("canvas").first
    pixels = "c => Array.from(c.getContext('2d').getImageData(0, 0, c.width, c.height).data)"
    expect(base).to_have_attribute("width", "64")
    before = base.evaluate(pixels)
    # The model's thread is held up: what changes now, the page has drawn.
    notebook.evaluate("hold_up_the_model()")
    tool(explorer, "brush").click()
    drag(explorer, (20, 32), (44, 32))
    after = base.evaluate(pixels)
    notebook.evaluate("[gate.set(), True][1]")
    changed = (np.array(before) != np.array(after)).reshape(64, 64, 4).any(-1)
    marked = region(notebook)
    assert marked is not None
    assert changed[marked].mean() > 0.5
    assert not changed[~marked].any()
    complete(notebook, explorer)


def test_replacements_and_keep_are_tested_with_the_same_region(opened: tuple[Notebook, Explorer]) -> None:
    notebook, explorer = opened
    notebook.evaluate("moved(tab='test', region=demo.masks[3])")
    blurred = complete(notebook, explorer)
    explorer.root.get_by_role("radio", name="Mean colour").click()
    notebook.becomes("w.replace", "mean")
    notebook.becomes("w.intervention.replace", "mean")
    mean = complete(notebook, explorer)
    assert mean["change"] != blurred["change"]
    assert mean["agreement"]["mean"] == pytest.approx(mean["change"])
    explorer.root.get_by_role("switch", name="keep only").click()
    notebook.becomes("w.intervention.keep", True)
    kept = complete(notebook, explorer)
    assert kept["sentence"].startswith("Covering all but the region")


def test_a_dot_of_the_strip_shows_its_patch_on_the_stage(opened: tuple[Notebook, Explorer]) -> None:
    notebook, explorer = opened
    notebook.evaluate("moved(tab='test', region=(np.indices((64, 64)) < 12).all(0))")
    complete(notebook, explorer)
    dots = notebook.page.locator(".bqplot:visible .dot, .bqplot:visible path.element, .bqplot:visible .dot_grp path")
    dots.first.click(force=True)
    expect(explorer.root.get_by_test_id("patch").first).to_be_visible()


def test_the_background_is_swapped_and_both_verdicts_are_read(opened: tuple[Notebook, Explorer]) -> None:
    notebook, explorer = opened
    fair = Explorer(notebook, 1)
    found = {}
    for name, one in (("w", explorer), ("other", fair)):
        notebook.evaluate(f"moved({name}, tab='test', region=demo.masks[3])")
        one.root.get_by_test_id("swap").click()
        expect(one.root.locator(".sw-swap-sentence")).to_contain_text("with 95% confidence", timeout=30_000)
        found[name] = one.root.locator(".sw-swap-sentence").inner_text()
    assert "The background decides with it." in found["w"]
    assert "The background decides with it." not in found["other"]
    notebook.evaluate("moved(other, tab='explain', region=None)")


def test_a_region_and_its_test_survive_a_reload(opened: tuple[Notebook, Explorer]) -> None:
    notebook, explorer = opened
    explorer.root.get_by_test_id("tab-test").click()
    tool(explorer, "lasso").click()
    drag(explorer, (16, 16), (48, 16), (48, 48), (16, 48))
    made = complete(notebook, explorer)
    marked = region(notebook)
    notebook.reload()
    expect(explorer.root.get_by_test_id("region")).to_be_visible(timeout=30_000)
    expect(explorer.root.get_by_test_id("verdict")).to_have_text(made["sentence"], timeout=30_000)
    np.testing.assert_array_equal(region(notebook), marked)


def test_copied_python_gives_the_verdict_that_shows(opened: tuple[Notebook, Explorer]) -> None:
    notebook, explorer = opened
    notebook.evaluate("moved(tab='test', region=demo.masks[3], replace='mean')")
    made = complete(notebook, explorer)
    notebook.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    explorer.root.get_by_label("menu").click()
    explorer.root.get_by_role("menuitem", name="Copy as Python").click()
    text = notebook.page.evaluate("() => navigator.clipboard.readText()")
    setup, _, call = text.rpartition("\nsalwidget.cover(")
    found = notebook.evaluate(f"[exec({setup!r}, globals()), eval({'salwidget.cover(' + call!r}).sentence][1]")
    assert found == made["sentence"]


@pytest.mark.parametrize("width", [1200, 900, 500])
def test_nothing_overlaps_or_leaves_the_view_at_any_width(opened: tuple[Notebook, Explorer], width: int) -> None:
    notebook, explorer = opened
    notebook.evaluate("moved(tab='test', region=demo.masks[3])")
    complete(notebook, explorer)
    resized(notebook, explorer, width, 2200)
    outside = explorer.root.evaluate(
        """root => {
            const {left, right} = root.getBoundingClientRect();
            return [...root.querySelectorAll("button, input, select, canvas, p, td")]
                .filter(one => one.getClientRects().length && !one.closest(".sw-hidden"))
                .map(one => [one, one.getBoundingClientRect()])
                .filter(([_, box]) => box.left < left - 1 || box.right > right + 1)
                .map(([one]) => one.outerHTML.slice(0, 120));
        }"""
    )
    assert outside == []
    scrolled = explorer.root.evaluate("root => root.scrollWidth - root.clientWidth")
    assert scrolled <= 1
    resized(notebook, explorer, 1000, 2200)
