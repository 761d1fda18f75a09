"""What a person at the page waits for, in a real JupyterLab with its defaults, less the time of the engine where that is meant.

All times are milliseconds of the page's own clock. "Painted" is the pixels put into the canvas; "shown" is the end of the
frame that has them, which adds half the distance of two frames on average, and the browser's own work for the whole notebook.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser

from benchmarks.strokes import strokes
from tests.browser.dream_tab import DreamTab
from tests.browser.jupyterlab import Explorer, Notebook
from tests.browser.server import Server, chromium

MOVES = 40
# Between two moves: less than the worker waits before it begins idle work.
PAUSE_MS = 150
# Idle work of the first seconds: thumbnails, class scores, the next cut.
SETTLE_MS = 8000
DREAM_MS = 8000
FRESH_KERNELS = 3

MOBILENET = """
import keras, numpy as np, time
from salwidget import SaliencyWidget
model = keras.applications.MobileNetV2(weights=None)
images = [np.random.default_rng(0).uniform(-1, 1, (224, 224, 3)).astype("float32")]
"""
SMALL_CNN = """
import keras, numpy as np
from salwidget import SaliencyWidget
model = keras.Sequential([
    keras.Input((64, 64, 3)),
    keras.layers.Conv2D(64, 3, activation="relu"),
    keras.layers.GlobalAveragePooling2D(),
    keras.layers.Dense(64),
])
images = [np.random.default_rng(0).uniform(size=(64, 64, 3)).astype("float32")]
"""
DIGITS = """
import time
from salwidget import SaliencyWidget
from salwidget.demo import digits
demo = digits()
model, images = demo.model, demo.images
"""
SHOW = """
seconds = []
w = SaliencyWidget(model, images, {controls})
w.observe(lambda change: seconds.append(change["new"].seconds), names="heatmap")
w
"""
FIRST = """
began = time.time()
w = SaliencyWidget(model, images)
display(w)
"""
# Model, controls and size of the reply, by the name of the measurement.
REPLIES = {
    "MobileNetV2 saliency, 200 kB": (MOBILENET, "method='saliency', filter_indices=0"),
    "64 x 64 saliency, 16 kB": (SMALL_CNN, "method='saliency', filter_indices=0"),
    "64 x 64 feature map, 16 kB": (SMALL_CNN, "method='feature_map', layer_idx=0, filter_indices=0"),
}
BRUSHED = ("MobileNetV2 saliency, 200 kB", "64 x 64 saliency, 16 kB")
DREAMERS = {"MobileNetV2": MOBILENET, "digits": DIGITS}

# One move at a time: from the input event to the new map in the canvas, and to the end of the frame that shows it.
MOVE = """async ([slider, stage, moves, pause]) => {
    const shown = () => new Promise(done => requestAnimationFrame(() => {
        const channel = new MessageChannel();
        channel.port1.onmessage = () => done(performance.now());
        channel.port2.postMessage(null);
    }));
    const times = [];
    for (let move = 1; move <= moves; move++) {
        const before = stage.dataset.query;
        const painted = new Promise((done, fail) => {
            new MutationObserver((_, observer) => {
                if (stage.dataset.query === before || stage.dataset.state !== "fresh") return;
                observer.disconnect();
                done(performance.now());
            }).observe(stage, {attributes: true});
            setTimeout(() => fail(new Error("no map in 10 s")), 10000);
        });
        const started = performance.now();
        slider.value = String(move);
        slider.dispatchEvent(new Event("input", {bubbles: true}));
        times.push([await painted - started, await shown() - started]);
        await new Promise(done => setTimeout(done, pause));
    }
    return times;
}"""
# The overlay is repainted in an animation frame: what it posts is heard when that frame is done. Messages are counted from
# the input to there; those that tell Python of the new look come when the hand has come to rest.
WATCH_RECOLOUR = """overlay => {
    const {putImageData} = CanvasRenderingContext2D.prototype;
    const {send} = WebSocket.prototype;
    window.started = 0;
    window.recoloured = [];
    window.sent = 0;
    document.addEventListener("input", () => window.started ||= performance.now(), true);
    CanvasRenderingContext2D.prototype.putImageData = function (...given) {
        putImageData.apply(this, given);
        if (this.canvas !== overlay || !window.started) return;
        const channel = new MessageChannel();
        channel.port1.onmessage = () => {
            window.recoloured.push(performance.now() - window.started);
            window.started = 0;
        };
        channel.port2.postMessage(null);
    };
    WebSocket.prototype.send = function (data) {
        if (window.started) window.sent += 1;
        send.call(this, data);
    };
}"""
# An input that changed no pixel is forgotten: its clock would run on to the next repaint.
TAKE_RECOLOURED = "() => { window.started = 0; return window.recoloured.splice(0); }"
WATCH_FIRST = """() => {
    const look = () => {
        if (document.querySelector("[data-testid=stage][data-state=fresh]")) window.first = Date.now();
        else requestAnimationFrame(look);
    };
    look();
}"""


def measured() -> dict[str, Any]:
    """Milliseconds of each repetition, and counts, by what was measured and of what."""
    with chromium() as browser:
        moves = {name: slider_moves(browser, *asked) for name, asked in REPLIES.items()}
        recoloured, sent = recolours(browser)
        return {
            "slider to painted map, less the engine": {name: painted for name, (painted, _) in moves.items()},
            "slider to shown map, less the engine": {name: shown for name, (_, shown) in moves.items()},
            "brush to new scores, less the engine": {name: brushed(browser, *REPLIES[name]) for name in BRUSHED},
            "recolour, from the input to the end of its frame": recoloured,
            "messages sent while recolouring": sent,
            "dream, from frame to painted frame": {name: dream_frames(browser, cell) for name, cell in DREAMERS.items()},
            "widget made and displayed, to its first map": {name: first_maps(browser, cell) for name, cell in DREAMERS.items()},
        }


@contextmanager
def opened(browser: Browser, *cells: str) -> Iterator[Notebook]:
    """A notebook whose first cell has run, in a server of its own: no other kernel is at work beside it."""
    with tempfile.TemporaryDirectory() as folder, Server(Path(folder)) as server:
        context = browser.new_context(viewport={"width": 1030, "height": 1300})
        notebook = Notebook(context.new_page(), server, list(cells))
        notebook.run(0)
        yield notebook
        context.close()


@contextmanager
def settled(browser: Browser, model: str, controls: str = "") -> Iterator[tuple[Notebook, Explorer]]:
    """A widget called ``w`` that shows its first map and has nothing more to do."""
    with opened(browser, model + SHOW.format(controls=controls)) as notebook:
        explorer = Explorer(notebook)
        explorer.settled()
        notebook.page.wait_for_timeout(SETTLE_MS)
        yield notebook, explorer


def slider_moves(browser: Browser, model: str, controls: str) -> tuple[list[float], list[float]]:
    """From the input event to the painted and to the shown map, less what the engine took for each."""
    with settled(browser, model, controls) as (notebook, explorer):
        notebook.evaluate("seconds.clear()")
        handles = [explorer.control("filter_indices").element_handle(), explorer.stage.element_handle()]
        times = notebook.page.evaluate(MOVE, [*handles, MOVES, PAUSE_MS])
        engine = [1e3 * seconds for seconds in notebook.evaluate("seconds")]
    return (
        [painted - spent for (painted, _), spent in zip(times, engine, strict=True)],
        [shown - spent for (_, shown), spent in zip(times, engine, strict=True)],
    )


def brushed(browser: Browser, model: str, controls: str) -> list[float]:
    """From the move of a brush to the new scores, less what the engine took for each."""
    with settled(browser, model, controls) as (notebook, explorer):
        return strokes(notebook, explorer)


def recolours(browser: Browser) -> tuple[Mapping[str, list[float]], int]:
    """By control, the sliders dragged by a real mouse; and the messages that the page sent meanwhile."""
    with settled(browser, *REPLIES["MobileNetV2 saliency, 200 kB"]) as (notebook, explorer):
        explorer.overlay.evaluate(WATCH_RECOLOUR)
        times = {name: dragged(explorer, name) for name in ("opacity", "threshold")}
        times["colormap"] = chosen(explorer)
        return times, int(notebook.page.evaluate("() => window.sent"))


def dragged(explorer: Explorer, name: str) -> list[float]:
    """A look slider dragged along, and not let go before all is painted."""
    box = explorer.control(name).bounding_box()
    assert box is not None
    mouse, middle = explorer.page.mouse, box["y"] + box["height"] / 2
    mouse.move(box["x"] + 10, middle)
    mouse.down()
    for move in range(1, MOVES + 1):
        mouse.move(box["x"] + 10 + (box["width"] - 20) * move / MOVES, middle)
        explorer.page.wait_for_timeout(50)
    times: list[float] = explorer.page.evaluate(TAKE_RECOLOURED)
    mouse.up()
    return times


def chosen(explorer: Explorer) -> list[float]:
    """One colour map after the other; "auto" and the map that it stands for look the same, and repaint nothing."""
    names = explorer.control("colormap").locator("option").evaluate_all("options => options.map(option => option.value)")
    times: list[float] = []
    for move in range(1, MOVES + 1):
        explorer.choose("colormap", names[move % len(names)])
        explorer.page.wait_for_timeout(50)
        times += explorer.page.evaluate(TAKE_RECOLOURED)
    return times


def dream_frames(browser: Browser, model: str) -> list[float]:
    """From one painted frame of a running dream to the next."""
    with settled(browser, model) as (notebook, _):
        tab = DreamTab(notebook)
        tab.show()
        tab.start(steps=2000)
        notebook.page.wait_for_timeout(DREAM_MS)
        painted = [1e3 * at for _, at in notebook.page.evaluate("() => window.painted")]
    return [later - earlier for earlier, later in pairwise(painted)]


def first_maps(browser: Browser, model: str) -> list[float]:
    """From the start of a cell that makes and displays a widget to its first map, each in a fresh kernel."""
    return [first_map(browser, model) for _ in range(FRESH_KERNELS)]


def first_map(browser: Browser, model: str) -> float:
    with opened(browser, model, FIRST) as notebook:
        notebook.page.evaluate(WATCH_FIRST)
        notebook.start(1)
        Explorer(notebook).settled()
        painted = notebook.page.wait_for_function("() => window.first").json_value()
        return float(painted) - 1e3 * float(notebook.evaluate("began"))
