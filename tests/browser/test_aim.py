"""Controls that a hand can aim with: real pointer moves, wheel turns and keys, at the widths that notebooks have."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.aimed import OPEN, resized
from tests.browser.conftest import Open
from tests.browser.jupyterlab import Explorer, Notebook
from tests.browser.server import Server


@pytest.fixture(scope="module")
def opened(server: Server, open_notebook: Open) -> tuple[Notebook, Explorer]:
    return open_notebook(server, [OPEN])


@pytest.fixture(autouse=True)
def fresh(opened: tuple[Notebook, Explorer]) -> Iterator[None]:
    yield
    notebook, explorer = opened
    notebook.page.set_viewport_size({"width": 1030, "height": 1300})
    notebook.evaluate("[setattr(w, n, v) for n, v in (('layer_idx', 4), ('filter_indices', None), ('versus', None))]")
    explorer.answered()


def value(explorer: Explorer, name: str) -> int:
    return int(explorer.control(name).input_value())


@pytest.mark.parametrize(("width", "track"), [(1200, 350), (900, 220), (500, 320), (380, 200)])
def test_the_tracks_are_long_enough(opened: tuple[Notebook, Explorer], width: int, track: int) -> None:
    notebook, explorer = opened
    resized(notebook, explorer, width)
    for name in ("layer_idx", "filter_indices"):
        box = explorer.control(name).bounding_box()
        assert box is not None
        assert box["width"] >= track, name


def test_each_of_144_filters_is_reached_by_the_pointer_alone(opened: tuple[Notebook, Explorer]) -> None:
    """A drag to about there, then the buttons: no filter is farther than a step from where the pointer can be."""
    notebook, explorer = opened
    notebook.evaluate("[setattr(w, 'layer_idx', 1), setattr(w, 'filter_indices', 0)][:0]")
    explorer.settled()
    box = explorer.control("filter_indices").bounding_box()
    assert box is not None
    assert explorer.control("filter_indices").get_attribute("max") == "143"
    reached = {0}
    middle = box["y"] + box["height"] / 2
    notebook.page.mouse.move(box["x"] + 8, middle)
    notebook.page.mouse.down()
    for step in range(int(box["width"]) - 15):
        notebook.page.mouse.move(box["x"] + 8 + step, middle)
        reached.add(value(explorer, "filter_indices"))
    notebook.page.mouse.up()
    assert reached == set(range(144))
    for wanted, button in ((142, "filter_indices down"), (143, "filter_indices up"), (143, "filter_indices up")):
        explorer.control(button).click(force=True)  # the button at the end is there, and does nothing
        assert value(explorer, "filter_indices") == wanted
    explorer.settled()
    assert notebook.evaluate("w.filter_indices") == 143


def test_arrows_step_by_one_and_with_shift_by_ten(opened: tuple[Notebook, Explorer]) -> None:
    notebook, explorer = opened
    notebook.evaluate("[setattr(w, 'layer_idx', 1), setattr(w, 'filter_indices', 50)][:0]")
    explorer.settled()
    explorer.control("filter_indices").focus()
    for key, wanted in (("ArrowRight", 51), ("Shift+ArrowRight", 61), ("ArrowDown", 60), ("Shift+ArrowLeft", 50)):
        notebook.page.keyboard.press(key)
        expect(explorer.control("filter_indices"), key).to_have_value(str(wanted))
    explorer.settled()
    assert notebook.evaluate("w.filter_indices") == 50


def test_the_wheel_steps_and_the_page_stays(opened: tuple[Notebook, Explorer]) -> None:
    notebook, explorer = opened
    notebook.page.set_viewport_size({"width": 1030, "height": 500})
    notebook.evaluate("[setattr(w, 'layer_idx', 1), setattr(w, 'filter_indices', 50)][:0]")
    explorer.settled()
    slider = explorer.control("filter_indices")
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    assert box is not None
    notebook.page.mouse.move(box["x"] + 40, box["y"] + 8)
    notebook.page.mouse.move(box["x"] + 50, box["y"] + 8)
    for turn, wanted in ((-100, 51), (-100, 52), (100, 51)):
        notebook.page.mouse.wheel(0, turn)
        notebook.page.wait_for_function(
            "wanted => document.querySelector('[aria-label=filter_indices]').value === String(wanted)", arg=wanted, timeout=3000
        )
    after = slider.bounding_box()
    assert after is not None
    assert after["y"] == box["y"], "the notebook has scrolled"


@pytest.mark.parametrize(
    ("name", "typed", "trait", "wanted"),
    [
        ("layer_idx value", "1_proj", "layer_idx", 2),
        ("layer_idx value", "3", "layer_idx", 3),
        ("filter_indices value", "water ouzel", "filter_indices", 39),
        ("filter_indices value", "bear", "filter_indices", 38),
        ("filter_indices value", "best", "filter_indices", None),
    ],
)
def test_enter_commits_a_number_or_a_name(
    opened: tuple[Notebook, Explorer], name: str, typed: str, trait: str, wanted: int | None
) -> None:
    notebook, explorer = opened
    explorer.control(name).click()
    notebook.page.keyboard.press("Control+a")
    notebook.page.keyboard.type(typed)
    notebook.page.keyboard.press("Enter")
    notebook.becomes(f"w.{trait}", wanted)


def test_what_is_wrong_with_a_name_is_said_until_it_is_typed_anew(opened: tuple[Notebook, Explorer]) -> None:
    notebook, explorer = opened
    for name, typed, said in (
        ("layer_idx value", "block_1_expnd", "the nearest is block_1_expand"),
        ("layer_idx value", "block_1", "2 layers have “block_1” in their names"),
        ("filter_indices value", "watr ouzl", "the nearest is water ouzel"),
    ):
        explorer.control(name).click()
        notebook.page.keyboard.press("Control+a")
        notebook.page.keyboard.type(typed)
        notebook.page.keyboard.press("Enter")
        note = explorer.root.locator(".sw-target-bar", has_text=said)
        note.wait_for(timeout=3000)
        notebook.page.keyboard.type("x")
        note.wait_for(state="detached", timeout=3000)
        notebook.page.keyboard.press("Escape")


@pytest.mark.parametrize("width", [1200, 900, 500, 380])
def test_the_chosen_class_is_in_sight_and_best_goes_back_to_the_image(opened: tuple[Notebook, Explorer], width: int) -> None:
    notebook, explorer = opened
    resized(notebook, explorer, width)
    best = explorer.root.get_by_test_id("best")
    assert best.get_attribute("aria-pressed") == "true"
    notebook.evaluate("setattr(w, 'filter_indices', int(np.argmin(model.predict(images[:1], verbose=0))))")
    explorer.settled()
    chosen = explorer.root.locator("[data-testid=chip][aria-pressed=true]")
    chosen.wait_for()
    explorer.at_rest()
    row = explorer.root.locator(".sw-chips")
    for scrolled in (0, 10_000):
        row.evaluate("(row, to) => { row.scrollLeft = to; }", scrolled)
        inner, outer = chosen.bounding_box(), row.bounding_box()
        assert inner is not None
        assert outer is not None
        assert outer["x"] - 1 <= inner["x"]
        assert inner["x"] + inner["width"] <= outer["x"] + outer["width"] + 1
    assert "is 40th of 40 here" in explorer.root.locator(".sw-target-bar").inner_text()
    assert best.get_attribute("aria-pressed") == "false"
    best.click()
    notebook.becomes("w.filter_indices", None)
    expect(explorer.root.locator(".sw-target-bar")).not_to_contain_text("of 40 here")


def test_a_class_is_subtracted_by_a_button_one_can_see(opened: tuple[Notebook, Explorer]) -> None:
    notebook, explorer = opened
    explorer.root.get_by_test_id("subtract").click()
    third = explorer.root.get_by_test_id("chip").nth(2)
    index = int(third.get_attribute("data-class") or "")
    third.click()
    notebook.becomes("w.versus", index)
    explorer.answered()
    explorer.root.get_by_test_id("subtract").click()
    notebook.becomes("w.versus", None)
    assert "explained" in (explorer.root.locator(".sw-target-mark").first.get_attribute("title") or "")


def test_the_view_fits_a_small_laptop(opened: tuple[Notebook, Explorer]) -> None:
    notebook, explorer = opened
    notebook.page.set_viewport_size({"width": 1366, "height": 768})
    explorer.at_rest()
    box = explorer.root.bounding_box()
    assert box is not None
    assert box["height"] <= 610
    resized(notebook, explorer, 900)
    box = explorer.root.bounding_box()
    assert box is not None
    assert box["height"] <= 640


@pytest.mark.parametrize("width", [500, 380])
def test_nothing_overlaps_where_it_is_narrow(opened: tuple[Notebook, Explorer], width: int) -> None:
    notebook, explorer = opened
    resized(notebook, explorer, width)
    overlaps = explorer.root.evaluate(
        """root => {
            const seen = [...root.querySelectorAll("button, input, select, .sw-row-label, .sw-model-name, .sw-title")]
                .filter(e => e.checkVisibility() && !e.closest(".sw-stage, .sw-chips, .sw-hidden")
                    && !e.matches(".sw-hidden, [data-shown=false]") && getComputedStyle(e).visibility === "visible")
                .map(e => [e, e.getBoundingClientRect()]).filter(([, b]) => b.width > 1);
            const found = [];
            for (const [a, p] of seen) for (const [b, q] of seen) {
                if (a === b || a.contains(b) || b.contains(a)) continue;
                const across = Math.min(p.right, q.right) - Math.max(p.left, q.left);
                const down = Math.min(p.bottom, q.bottom) - Math.max(p.top, q.top);
                if (across > 1 && down > 1) found.push([a, b].map(e => e.ariaLabel || e.textContent));
            }
            return found;
        }"""
    )
    assert overlaps == []
    assert explorer.root.evaluate("root => root.scrollWidth <= root.clientWidth + 1"), "it scrolls sideways"
    inside = explorer.root.evaluate(
        """root => {
            const frame = root.getBoundingClientRect();
            return [...root.querySelectorAll("button, input, select")]
                .filter(e => e.checkVisibility() && !e.closest(".sw-chips, .sw-hidden") && !e.matches(".sw-hidden"))
                .filter(e => e.getBoundingClientRect().right > frame.right + 1).map(e => e.ariaLabel || e.textContent);
        }"""
    )
    assert inside == []


def test_a_layer_is_found_by_typing_on_the_rail(opened: tuple[Notebook, Explorer]) -> None:
    notebook, explorer = opened
    explorer.control("find a layer").click()
    notebook.page.keyboard.type("project")
    assert explorer.root.locator(".sw-layer").count() == 1
    notebook.page.keyboard.press("Enter")
    notebook.becomes("w.layer_idx", 2)
    explorer.control("find a layer").click()
    notebook.page.keyboard.press("Escape")
    assert explorer.root.locator(".sw-layer").count() == 5


def test_the_rail_is_made_wider_by_hand_and_by_keys(opened: tuple[Notebook, Explorer]) -> None:
    notebook, explorer = opened
    rail, edge = explorer.root.locator(".sw-rail"), explorer.control("width of the layers")
    before, box = rail.bounding_box(), edge.bounding_box()
    assert before is not None
    assert box is not None
    notebook.page.mouse.move(box["x"] + 3, box["y"] + 100)
    notebook.page.mouse.down()
    notebook.page.mouse.move(box["x"] + 63, box["y"] + 100, steps=4)
    notebook.page.mouse.up()
    wider = rail.bounding_box()
    assert wider is not None
    assert wider["width"] == pytest.approx(before["width"] + 60, abs=5)
    edge.focus()
    notebook.page.keyboard.press("ArrowLeft")
    assert rail.evaluate("rail => rail.getBoundingClientRect().width") == pytest.approx(wider["width"] - 16, abs=1)
    notebook.page.keyboard.press("Home")
    assert rail.bounding_box() == before


def test_the_rail_keeps_its_width_in_the_other_tab_and_when_the_page_is_loaded_again(opened: tuple[Notebook, Explorer]) -> None:
    notebook, explorer = opened
    rail = explorer.root.locator(".sw-rail")
    explorer.control("width of the layers").focus()
    before = rail.bounding_box()
    notebook.page.keyboard.press("ArrowRight")
    notebook.page.keyboard.press("ArrowRight")
    wider = rail.bounding_box()
    assert before is not None
    assert wider is not None
    assert wider["width"] == pytest.approx(before["width"] + 32, abs=1)
    explorer.root.get_by_test_id("tab-dream").click()
    explorer.root.get_by_test_id("dream-stage").wait_for()
    assert rail.bounding_box() == wider
    explorer.root.get_by_test_id("tab-explain").click()
    notebook.becomes("[w.tab, w._session.context.view.seen['rail'] > 0]", ["explain", True])
    notebook.reload()
    explorer.settled()
    again = rail.bounding_box()
    assert again is not None
    assert again["width"] == pytest.approx(wider["width"], abs=1)
    explorer.control("width of the layers").focus()
    notebook.page.keyboard.press("Home")
    assert rail.evaluate("rail => rail.getBoundingClientRect().width") == pytest.approx(before["width"], abs=1)
