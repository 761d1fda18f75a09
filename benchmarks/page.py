"""From a slider's move to the painted map in a real JupyterLab, less the time of the engine."""

from __future__ import annotations

import tempfile
from pathlib import Path
from statistics import median, quantiles

from tests.browser.jupyterlab import Explorer, Notebook, Server, chromium

MOVES = 40
CELL = """
import keras, numpy as np
from salwidget import SaliencyWidget
model = keras.applications.MobileNetV2(weights=None)
image = np.random.default_rng(0).uniform(-1, 1, (224, 224, 3)).astype("float32")
w = SaliencyWidget(model, [image], method="saliency", filter_indices=0)
seconds = []
w.observe(lambda change: seconds.append(change["new"].seconds), names="heatmap")
w
"""
# One move at a time: the clock starts at the input event and stops when the new map is painted.
DRIVE = """async ([slider, stage, moves]) => {
    const painted = [];
    for (let move = 1; move <= moves; move++) {
        const before = stage.dataset.query;
        const fresh = new Promise((done, fail) => {
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
        painted.push((await fresh - started) / 1000);
        await new Promise(done => setTimeout(done, 150));
    }
    return painted;
}"""


def rows() -> list[tuple[str, str, str]]:
    """(what, measured, aim)."""
    with tempfile.TemporaryDirectory() as folder, Server(Path(folder)) as server, chromium() as browser:
        notebook = Notebook(browser.new_page(viewport={"width": 1030, "height": 1300}), server, [CELL])
        notebook.run(0)
        explorer = Explorer(notebook)
        explorer.settled()
        notebook.page.wait_for_timeout(8000)  # thumbnails and the next cut: idle work of the first seconds
        notebook.evaluate("seconds.clear()")
        handles = [explorer.control("filter_indices").element_handle(), explorer.stage.element_handle(), MOVES]
        painted = notebook.page.evaluate(DRIVE, handles)
        engine = notebook.evaluate("seconds")[:MOVES]
    rest = [whole - part for whole, part in zip(painted, engine, strict=True)]
    low, _, high = quantiles(rest, n=4)
    return [
        ("slider to paint, whole", f"{median(painted) * 1e3:.0f} ms", ""),
        ("slider to paint, less the engine", f"{median(rest) * 1e3:.0f} ms ({low * 1e3:.0f} to {high * 1e3:.0f})", "50 ms"),
    ]
