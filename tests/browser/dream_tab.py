"""The Dream tab under a person's hands, and what its page paints, step by step."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Locator

from tests.browser.jupyterlab import Explorer, Notebook, Server

# Every step that the stage paints, with its state and the time; also the time of the last click.
WATCH = """stage => {
    window.painted = [];
    const look = () => {
        const {id, step, state} = stage.dataset, last = window.painted.at(-1);
        if (last && last.id === id && last.step === +step && last.state === state) return;
        window.painted.push({id, step: +step, state, at: performance.now()});
    };
    window.painting?.disconnect();
    window.painting = new MutationObserver(look);
    window.painting.observe(stage, {attributes: true, attributeFilter: ["data-step", "data-state"]});
}"""
READ = """canvases => canvases.map(canvas => {
    const {width, height} = canvas;
    return [height, width, Array.from(canvas.getContext("2d").getImageData(0, 0, width, height).data)];
})"""


class DreamTab(Explorer):
    """The open Dream tab of a widget that is called ``w`` in the notebook."""

    def __init__(self, notebook: Notebook, place: int = 0) -> None:
        super().__init__(notebook, place)
        self.notebook = notebook
        self.stage = self.root.get_by_test_id("dream-stage")
        self.settings = self.root.get_by_role("region", name="settings")

    def show(self, tab: str = "dream") -> None:
        self.root.get_by_test_id(f"tab-{tab}").click()

    def button(self, name: str) -> Locator:
        return self.root.get_by_test_id(f"dream-{name}")

    def press(self, name: str) -> None:
        self.button(name).click()

    def set(self, **settings: int | str) -> None:
        """Move settings of the next dream; all others go to their defaults."""
        reset = self.settings.get_by_role("button", name="reset to defaults")
        if reset.is_visible():  # it is hidden where there is nothing to reset
            reset.click()
        for name, value in settings.items():
            control = self.settings.get_by_label(name, exact=True)
            if isinstance(value, str):
                control.select_option(value)
            else:
                control.fill(str(value))

    def start(self, **settings: int | str) -> str:
        """Start a dream and watch it; returns its id, once its first picture is on the stage."""
        before = self.stage.get_attribute("data-id") or ""
        self.set(**settings)
        self.watch()
        self.press("start")
        self.page.wait_for_function(
            "([stage, before]) => stage.dataset.id !== before && +stage.dataset.step > 0",
            arg=[self.stage.element_handle(), before],
            timeout=60_000,
        )
        return self.stage.get_attribute("data-id") or ""

    def come_to(self, state: str, step: int | None = None, timeout: float = 90) -> None:
        """Wait until the stage shows ``state``, and the picture of ``step``."""
        at = "" if step is None else f"[data-step='{step}']"
        self.root.locator(f"[data-testid=dream-stage][data-state={state}]{at}").wait_for(timeout=timeout * 1000)

    @property
    def step(self) -> int:
        """Of the picture on the stage."""
        return int(self.stage.get_attribute("data-step") or 0)

    def passes(self, step: int, timeout: float = 60) -> None:
        """Wait until the stage has painted a later step."""
        self.page.wait_for_function(
            "([stage, step]) => +stage.dataset.step > step", arg=[self.stage.element_handle(), step], timeout=timeout * 1000
        )

    def watch(self) -> None:
        """From now on keep what the stage paints."""
        self.stage.evaluate(WATCH)

    def painted(self) -> list[dict[str, Any]]:
        """What it has painted since: id, step, state and time in milliseconds, in order."""
        told: list[dict[str, Any]] = self.page.evaluate("() => window.painted")
        return told

    def steps(self) -> list[int]:
        """The steps painted since, without repetition of neighbours."""
        every = [moment["step"] for moment in self.painted()]
        return [step for place, step in enumerate(every) if place == 0 or step != every[place - 1]]

    def pictures(self, inside: Locator | None = None) -> list[np.ndarray]:
        """RGB of each canvas of the stage, or of another part of the page, uint8 (h, w, 3)."""
        canvases = (inside or self.stage).locator("canvas").evaluate_all(READ)
        return [np.array(data, np.uint8).reshape(height, width, 4)[..., :3] for height, width, data in canvases]

    def dreamed(self) -> np.ndarray:
        """``w.dreamed.picture`` of the kernel."""
        code = "[list(w.dreamed.picture.shape), base64.b64encode(w.dreamed.picture.tobytes()).decode()]"
        shape, text = self.notebook.evaluate(code)
        return np.frombuffer(base64.b64decode(text), np.uint8).reshape(shape)


def opened_again(notebook: Notebook, server: Server, page: Any) -> Notebook:
    """The saved notebook, whose kernel goes on, in a new page."""
    name = notebook.page.url.split("/tree/")[1].split("?")[0]
    kept = server.folder / ".jupyter" / name
    kept.write_bytes((server.folder / name).read_bytes())
    return Notebook(page, server, Path(kept), name)
