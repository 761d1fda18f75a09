"""The widget under a person's hands, with comm handlers on a subshell and on the main thread."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Open
from tests.browser.jupyterlab import Explorer, Notebook
from tests.browser.server import Server

OPEN = """
import threading
from salwidget import SaliencyWidget
from salwidget.demo import snow_test
demo = snow_test().biased
w = SaliencyWidget(demo.model, demo.images, labels=demo.labels, image_idx=3)
seen = []
w.observe(lambda change: seen.append(change["new"].query.target), names="heatmap")
w
"""
LONG = "import time\nprint('begun', flush=True)\nend = time.time() + 6\nwhile time.time() < end: pass"


@pytest.fixture(scope="module")
def live(each_server: Server, open_notebook: Open) -> tuple[Notebook, Explorer]:
    return open_notebook(each_server, [OPEN, LONG])


@pytest.fixture
def hidden(live: tuple[Notebook, Explorer]) -> tuple[Notebook, Explorer]:
    """Grad-CAM of a filter of a hidden layer, whatever was asked before."""
    notebook, explorer = live
    asked = {"method": "grad_cam", "layer_idx": 5, "filter_indices": 0, "grad_modifier": None, "backprop_modifier": None}
    notebook.evaluate("[" + ", ".join(f"setattr(w, {name!r}, {value!r})" for name, value in asked.items()) + "]")
    explorer.answered()
    return live


def test_first_map_is_grad_cam_of_the_top_class(live: tuple[Notebook, Explorer]) -> None:
    notebook, explorer = live
    query = explorer.settled()
    assert query == notebook.evaluate("w.heatmap.query.id")
    assert notebook.evaluate("[w.heatmap.query.method, w.heatmap.query.target.filters]") == ["grad_cam", [1]]
    assert "wolf" in explorer.chips()[0]
    assert explorer.pixels()[..., 3].max() > 0, "nothing is painted"


def test_controls_in_the_page_ask_the_right_question(live: tuple[Notebook, Explorer]) -> None:
    notebook, explorer = live
    before = explorer.pixels()
    explorer.slide("layer_idx", 3)
    explorer.slide("filter_indices", 5)
    explorer.choose("method", "saliency")
    explorer.choose("backprop_modifier", "guided")
    explorer.choose("grad_modifier", "negate")
    notebook.becomes("[w.filter_indices, w.method, w.grad_modifier]", [5, "saliency", "negate"])
    query = explorer.answered()
    asked = notebook.evaluate(
        "[w.layer_idx, w.filter_indices, w.method, w.backprop_modifier, w.grad_modifier, w.heatmap.query.id, "
        "w.heatmap.query.target.layer, w.heatmap.query.target.filters]"
    )
    assert asked == [3, 5, "saliency", "guided", "negate", query, 3, [5]]
    assert (explorer.pixels() != before).any()


def test_a_cell_moves_the_controls_of_the_page(live: tuple[Notebook, Explorer]) -> None:
    notebook, explorer = live
    notebook.evaluate("[setattr(w, 'grad_modifier', None), setattr(w, 'backprop_modifier', None), setattr(w, 'layer_idx', 5)]")
    explorer.settled()
    notebook.page.wait_for_function(
        "root => root.querySelector('[aria-label=layer_idx]').value === '5'", arg=explorer.root.element_handle()
    )
    assert explorer.control("grad_modifier").evaluate("select => select.selectedOptions[0].textContent") == "none"
    assert explorer.settled() == notebook.evaluate("w.heatmap.query.id")


def test_a_chip_of_the_number_of_a_filter_is_the_class(live: tuple[Notebook, Explorer]) -> None:
    """Class 0 after filter 0 of another layer; class 1 was chosen before."""
    notebook, explorer = live
    for name, value in (("layer_idx", 9), ("filter_indices", 1), ("layer_idx", 1), ("filter_indices", 0)):
        notebook.evaluate(f"[setattr(w, {name!r}, {value}), 0][-1]")
    explorer.root.locator("[data-testid=chip][data-class='0']").click()
    asked = notebook.evaluate("[w.wait(30).query.target.filters, w.layer_idx, w.filter_indices]")
    assert asked == [[0], 9, 0]
    assert explorer.settled() == notebook.evaluate("w.heatmap.query.id")


def test_a_chip_picks_its_class_from_a_hidden_layer(live: tuple[Notebook, Explorer]) -> None:
    notebook, explorer = live
    notebook.evaluate("[setattr(w, 'layer_idx', 1), setattr(w, 'method', 'saliency')]")
    explorer.root.get_by_test_id("chip").nth(1).click()
    notebook.becomes("[w.layer_idx, w.filter_indices]", [9, 0])
    explorer.answered()
    assert notebook.evaluate("w.heatmap.query.target.filters") == [0]


def test_the_map_follows_while_a_long_cell_runs(hidden: tuple[Notebook, Explorer]) -> None:
    notebook, explorer = hidden
    before = explorer.settled()
    notebook.start(1)
    notebook.cell(1).get_by_text("begun", exact=True).wait_for()
    explorer.slide("filter_indices", 9)
    subshells = notebook.server.subshells != "disabled"
    if subshells:
        # The cell still runs: the answer came through a subshell's thread.
        notebook.page.wait_for_function(
            "([stage, before]) => stage.dataset.query !== before && stage.dataset.state === 'fresh'",
            arg=[explorer.stage.element_handle(), before],
            timeout=4000,
        )
        assert "*" in notebook.cell(1).inner_text()
    else:
        assert explorer.settled("computing") == before, "the last good map stays until the kernel is free"
    notebook.ended(1)
    explorer.settled()
    assert notebook.evaluate("w.heatmap.query.target.filters") == [9]


def test_sixty_fast_moves_end_on_the_last_in_order(hidden: tuple[Notebook, Explorer]) -> None:
    notebook, explorer = hidden
    notebook.evaluate("seen.clear()")
    threads = notebook.evaluate("threading.active_count()")
    explorer.control("filter_indices").evaluate(
        """async slider => {
            for (let move = 1; move <= 60; move++) {
                slider.value = String(move % 30);
                slider.dispatchEvent(new Event("input", {bubbles: true}));
                await new Promise(done => setTimeout(done, 25));
            }
            slider.value = "17";
            slider.dispatchEvent(new Event("input", {bubbles: true}));
            slider.dispatchEvent(new Event("change", {bubbles: true}));
        }"""
    )
    notebook.becomes("w.filter_indices", 17)
    query = explorer.answered()
    assert notebook.evaluate("[w.filter_indices, w.heatmap.query.id, w.status]") == [17, query, "fresh"]
    # The moves go 1..29, 0..29, 0: what was answered is a part of that, in that order.
    moves = [*(move % 30 for move in range(1, 61)), 17]
    answered = [filters[0] for filters in notebook.evaluate("[target.filters for target in seen]")]
    rest = iter(moves)
    assert all(filter_index in rest for filter_index in answered), answered
    assert len(answered) > 3, "the map did not follow the drag"
    assert notebook.evaluate("threading.active_count()") <= threads
    assert notebook.errors == []


def test_stop_and_error_keep_the_last_map(hidden: tuple[Notebook, Explorer]) -> None:
    notebook, explorer = hidden
    good = explorer.settled()
    pixels = explorer.pixels()
    notebook.evaluate("[setattr(w, 'method', 'weights')]")  # layer 5 is no first convolution
    assert explorer.settled("error") == good
    assert (explorer.pixels() == pixels).all()
    assert explorer.root.get_by_role("alert").inner_text().startswith("Weights are images only in the first convolution")
    explorer.choose("method", "saliency")
    assert explorer.settled() == notebook.evaluate("w.heatmap.query.id")


def test_closing_ends_the_worker(live: tuple[Notebook, Explorer]) -> None:
    notebook, explorer = live
    explorer.settled()
    notebook.evaluate("[w.close()]")
    notebook.becomes("[each.name for each in threading.enumerate() if each.name.startswith('salwidget')]", [])
    assert notebook.evaluate("w.status") == "closed"
