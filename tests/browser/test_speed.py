"""What a person's hand costs, in counts: messages, bytes, computations. Times are for ``python -m benchmarks page``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from salwidget.widget.protocol import SEGMENT_BYTES
from tests.browser.conftest import Open
from tests.browser.jupyterlab import Explorer, Notebook
from tests.browser.server import Server

# Two sizes of answers, no idle work (its messages are not the move's), and an account of what the worker does.
OPEN = """
import time
import keras, numpy as np
from salwidget import SaliencyWidget
from salwidget.widget import pane
from salwidget.widget.pane import Pane
from salwidget.widget.worker import Worker

queued, begun, ended, running, most, slow = [], [], [], 0, 0, 0.0
ask, answer, query = Worker.ask, Pane._answer, pane.controls_query
def counted_ask(self, owner, job, pane):
    ask(self, owner, job, pane)
    queued.append(len(self._questions))
def counted_answer(self, seq, *rest):
    global running, most
    begun.append(seq)
    running += 1
    most = max(most, running)
    try:
        yield from answer(self, seq, *rest)
        ended.append(seq)
    finally:
        running -= 1
def slow_query(*asked):
    time.sleep(slow)
    return query(*asked)
Worker.ask, Worker.when_idle = counted_ask, lambda *_: None
Pane._answer, pane.controls_query = counted_answer, slow_query

def widget(side):
    model = keras.Sequential([
        keras.Input((side, side, 3)),
        keras.layers.Conv2D(8, 3, activation="relu"),
        keras.layers.GlobalAveragePooling2D(),
        keras.layers.Dense(64),
    ])
    image = np.random.default_rng(0).uniform(size=(side, side, 3)).astype("float32")
    return SaliencyWidget(model, [image], method="saliency", filter_indices=0)
w = widget(SIDE)
w
"""
SMALL, LARGE = 64, 160
# Of the messages that come with a map: that the kernel is busy and idle again, the trait's echo, that the answer is being
# computed, what the map says beside its values, and the map and the widget as Python.
OVERHEAD_BYTES = 5000
MOST_MESSAGES = 6

# From now on count what goes over the kernel's WebSocket; what comes is counted once something was sent.
COUNT = """() => {
    const {send} = WebSocket.prototype;
    const heard = new WeakSet();
    const size = data => data.byteLength ?? data.length;
    window.wire = {sent: [], got: []};
    WebSocket.prototype.send = function (data) {
        window.wire.sent.push(size(data));
        if (!heard.has(this)) this.addEventListener("message", ({data}) => window.wire.got.push(size(data)));
        heard.add(this);
        send.call(this, data);
    };
}"""
FORGET = "() => { window.wire = {sent: [], got: []}; }"
# One move, and what had gone over the wire when its map was painted.
MOVE = """async ([slider, stage, value]) => {
    const before = stage.dataset.query;
    const painted = new Promise((done, fail) => {
        new MutationObserver(() => stage.dataset.query !== before && stage.dataset.state === "fresh" && done())
            .observe(stage, {attributes: true});
        setTimeout(() => fail(new Error("no map in 20 s")), 20000);
    });
    window.wire = {sent: [], got: []};
    slider.value = String(value);
    slider.dispatchEvent(new Event("input", {bubbles: true}));
    await painted;
    await new Promise(done => setTimeout(done));  // JupyterLab hears of a message before the count does
    return window.wire;
}"""
SIXTY_MOVES = """async slider => {
    for (let move = 1; move <= 60; move++) {
        slider.value = String(move);
        slider.dispatchEvent(new Event("input", {bubbles: true}));
        await new Promise(done => setTimeout(done, 25));
    }
}"""
# Longer than the page waits before it tells Python of a look that is not touched any more (REST_MS).
REST = 1000

Live = tuple[Notebook, Explorer]


@pytest.fixture(scope="module")
def open_side(each_server: Server, open_notebook: Open) -> Callable[[int], Live]:
    opened: dict[int, Live] = {}

    def of(side: int) -> Live:
        if side not in opened:
            opened[side] = open_notebook(each_server, [OPEN.replace("SIDE", str(side))])
            opened[side][0].page.evaluate(COUNT)
        return opened[side]

    return of


def sent(notebook: Notebook) -> int:
    return len(notebook.page.evaluate("() => window.wire.sent"))


@pytest.mark.parametrize("side", [SMALL, LARGE])
def test_a_move_costs_one_message_and_a_map(open_side: Callable[[int], Live], side: int) -> None:
    notebook, explorer = open_side(side)
    slider, stage = explorer.control("filter_indices").element_handle(), explorer.stage.element_handle()
    map_bytes = 4 * side * side
    for value in range(20, 26):
        wire = notebook.page.evaluate(MOVE, [slider, stage, value])
        notebook.page.wait_for_timeout(500)  # what else might be sent
        if value == 20:  # the socket was not known yet
            continue
        assert len(wire["sent"]) == 1, wire
        assert wire["sent"][0] <= 1000, wire
        assert 1 <= len(wire["got"]) <= MOST_MESSAGES, wire
        # A small map is filled up to a whole segment, which nothing holds back; a large one goes as it is.
        assert max(wire["got"]) >= SEGMENT_BYTES, wire
        assert sum(wire["got"]) <= max(map_bytes, SEGMENT_BYTES) + OVERHEAD_BYTES, wire


def test_sixty_moves_never_queue_more_than_one_computation(open_side: Callable[[int], Live]) -> None:
    notebook, explorer = open_side(SMALL)
    explorer.settled()
    # A slow engine: the hand is ahead of it all the time.
    notebook.evaluate("[globals().update(slow=0.2, most=0), queued.clear(), begun.clear(), ended.clear()]")
    notebook.page.evaluate(FORGET)
    explorer.control("filter_indices").evaluate(SIXTY_MOVES)
    notebook.becomes("w.filter_indices", 60)
    query = explorer.answered()
    messages = sent(notebook)
    asked = notebook.evaluate("[w.heatmap.query.id, w.heatmap.query.target.filters]")
    last, queued, begun, ended, most = notebook.evaluate("[w._session.panes['explain'].seq, queued, begun, ended, most]")
    assert asked == [query, [60]], "the last answer is the last move's"
    assert max(queued) <= 1, "a newer question takes the place of the one that waits"
    assert most == 1, "one computation at a time"
    assert begun == sorted(begun), "the map went back in time"
    assert len(ended) <= len(begun) < len(queued) <= messages <= 60, "moves were left out, not kept"
    assert begun[-1] == ended[-1] == last
    notebook.evaluate("[globals().update(slow=0.0)]")


def drag(explorer: Explorer, name: str, shares: list[float]) -> None:
    """Hold a slider, and rest with it at each place longer than the page waits."""
    box: Any = explorer.control(name).bounding_box()
    mouse, middle = explorer.page.mouse, box["y"] + box["height"] / 2
    mouse.move(box["x"] + box["width"] / 2, middle)
    mouse.down()
    for share in shares:
        before = explorer.pixels()
        mouse.move(box["x"] + share * box["width"], middle)
        explorer.page.wait_for_timeout(REST)
        assert (explorer.pixels() != before).any(), name


def test_a_dragged_look_sends_nothing_and_one_message_when_it_rests(open_side: Callable[[int], Live]) -> None:
    notebook, explorer = open_side(SMALL)
    query = explorer.settled()
    for name in ("threshold", "opacity"):
        notebook.page.evaluate(FORGET)
        drag(explorer, name, [0.35, 0.2, 0.3])
        assert sent(notebook) == 0, f"{name} is dragged"
        notebook.page.mouse.up()
        notebook.page.wait_for_timeout(REST)
        assert sent(notebook) == 1, f"{name} has come to rest"
        shown = float(explorer.control(name).input_value())
        assert notebook.evaluate(f"w.{name}") == pytest.approx(shown)
    assert explorer.settled() == query, "no new question"


def test_colour_maps_and_arrow_keys_send_nothing_until_they_rest(open_side: Callable[[int], Live]) -> None:
    notebook, explorer = open_side(SMALL)
    explorer.settled()
    notebook.page.evaluate(FORGET)
    changed = notebook.page.evaluate(
        """async ([select, slider, overlay]) => {
            const frame = () => new Promise(requestAnimationFrame);
            const pixels = () => overlay.getContext("2d").getImageData(0, 0, overlay.width, overlay.height).data.join();
            const seen = new Set([pixels()]);
            for (const name of ["viridis", "magma", "gray"]) {
                select.value = name;
                select.dispatchEvent(new Event("change", {bubbles: true}));
                await frame();
                seen.add(pixels());
            }
            // An arrow key changes a slider and lets it go at once.
            for (let press = 1; press <= 20; press++) {
                slider.value = String(0.5 + press / 100);
                for (const kind of ["input", "change"]) slider.dispatchEvent(new Event(kind, {bubbles: true}));
                await frame();
                seen.add(pixels());
            }
            return [seen.size, window.wire.sent.length];
        }""",
        [
            explorer.control("colormap").element_handle(),
            explorer.control("opacity").element_handle(),
            explorer.overlay.element_handle(),
        ],
    )
    assert changed == [1 + 3 + 20, 0], "repainted in the next frame, and nobody told"
    notebook.page.wait_for_timeout(REST)
    assert sent(notebook) == 1, "all of the new look in one message"
    assert notebook.evaluate("[w.colormap, w.opacity]") == ["gray", 0.7]
