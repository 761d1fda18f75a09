"""The Dream tab under a person's hands, and what its page paints, step by step."""

from __future__ import annotations

import base64
import math
import shutil
from typing import Any

import numpy as np
from playwright.sync_api import Locator, Page

from tests.browser.jupyterlab import Explorer, Notebook
from tests.browser.server import TOKEN

# Keeps each step that the stage paints from now on, with the time.
WATCH = """stage => {
    window.painted = [];
    window.painting?.disconnect();
    window.painting = new MutationObserver(() => {
        const {step} = stage.dataset;
        if (step && +step !== window.painted.at(-1)?.[0]) window.painted.push([+step, Date.now() / 1000]);
    });
    window.painting.observe(stage, {attributes: true, attributeFilter: ["data-step"]});
}"""
# Milliseconds from a click on Stop to the stage that says so.
STOP = """([button, stage]) => new Promise((done, fail) => {
    setTimeout(() => fail(new Error("the dream was not stopped in 10 s")), 10000);
    const start = performance.now();
    new MutationObserver(() => stage.dataset.state === "stopped" && done(performance.now() - start))
        .observe(stage, {attributes: true, attributeFilter: ["data-state"]});
    button.click();
})"""
INTERRUPT = """async ([url, token, path]) => {
    const headers = {Authorization: `token ${token}`};
    const sessions = await (await fetch(`${url}/api/sessions`, {headers})).json();
    const {id} = sessions.find(session => session.path === path).kernel;
    return (await fetch(`${url}/api/kernels/${id}/interrupt`, {method: "POST", headers})).status;
}"""
# Threads that were not there `before` the widget. Two are not ours and stay as long as the kernel: pyzmq's, which
# begins with the first large message of a process, and the subshell that JupyterLab has made for the comms of widgets.
LEFT = """[each.name for each in threading.enumerate() if each not in before
and type(each).__name__ not in ('GarbageCollectorThread', 'SubshellThread')]"""
READ = """canvases => canvases.map(canvas => {
    const {width, height} = canvas;
    return [height, width, Array.from(canvas.getContext("2d").getImageData(0, 0, width, height).data)];
})"""


class DreamTab(Explorer):
    """The Dream tab of a widget that is called ``w`` in the notebook."""

    def __init__(self, notebook: Notebook) -> None:
        super().__init__(notebook)
        self.stage = self.root.get_by_test_id("dream-stage")
        self.settings = self.root.get_by_role("region", name="settings")

    def show(self, tab: str = "dream") -> None:
        self.root.get_by_test_id(f"tab-{tab}").click()

    def press(self, name: str) -> None:
        self.root.get_by_test_id(f"dream-{name}").click()

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

    def start(self, button: str = "start", **settings: int | str) -> int:
        """Start a dream and watch it; returns its id, once its first picture is on the stage."""
        self.set(**settings)
        before = self.stage.get_attribute("data-id") or ""
        self.watch()
        self.press(button)
        self._wait("([stage, before]) => stage.dataset.id !== before && +stage.dataset.step > 0", before)
        return int(self.stage.get_attribute("data-id") or -1)

    def come_to(self, state: str, step: int, id: int | None = None) -> None:
        """Wait until the stage shows this state and the picture of this step, of a dream."""
        which = "" if id is None else f"[data-id='{id}']"
        there = f"[data-testid=dream-stage][data-state={state}][data-step='{step}']{which}"
        self.root.locator(there).wait_for(timeout=90_000)

    def come_to_rest(self, state: str) -> int:
        """Wait until the dream stands still and the page has painted all of it; returns its step."""
        self.root.locator(f"[data-testid=dream-stage][data-state={state}]").wait_for(timeout=30_000)
        step = int(self.notebook.evaluate("w.dreamed.step"))
        self.come_to(state, step)
        self.page.wait_for_timeout(500)  # in which it might move
        assert [self.step, self.notebook.evaluate("w.dreamed.step")] == [step, step], f"a dream that is {state} moves"
        return step

    def passes(self, step: int) -> None:
        """Wait until the stage has painted a later step."""
        self._wait("([stage, step]) => +stage.dataset.step > step", step)

    def stopped_after(self) -> float:
        """Milliseconds from a click on Stop to its effect in the page."""
        button = self.root.get_by_test_id("dream-stop").element_handle()
        return float(self.page.evaluate(STOP, [button, self.stage.element_handle()]))

    @property
    def step(self) -> int:
        """Of the picture on the stage."""
        return int(self.stage.get_attribute("data-step") or 0)

    def watch(self) -> None:
        """From now on keep the steps that the stage paints."""
        self.stage.evaluate(WATCH)

    def painted(self, since: float = 0, until: float = math.inf) -> list[int]:
        """The steps painted, in their order; between two times in seconds, which page and kernel count alike."""
        return [step for step, at in self.page.evaluate("() => window.painted") if since < at < until]

    def pictures(self, inside: Locator | None = None) -> list[np.ndarray]:
        """RGB of each canvas of the stage, or of another part of the page, uint8 (h, w, 3)."""
        canvases = (inside or self.stage).locator("canvas").evaluate_all(READ)
        return [np.array(data, np.uint8).reshape(height, width, 4)[..., :3] for height, width, data in canvases]

    def kernels(self, code: str) -> np.ndarray:
        """Pictures of the kernel's, uint8, bit for bit; there ``packed`` makes text of them."""
        shape, text = self.notebook.evaluate(f"packed({code})")
        return np.frombuffer(base64.b64decode(text), np.uint8).reshape(shape)

    def check_picture(self, code: str = "w.dreamed.picture") -> None:
        """The one picture on the stage is the kernel's, bit for bit."""
        (painted,) = self.pictures()
        np.testing.assert_array_equal(painted, self.kernels(code))

    def _wait(self, condition: str, value: Any) -> None:
        self.page.wait_for_function(condition, arg=[self.stage.element_handle(), value], timeout=60_000)


def name_of(notebook: Notebook) -> str:
    """Of its file."""
    return notebook.page.url.split("/tree/")[1].split("?")[0]


def save(notebook: Notebook) -> None:
    """Save it by its key, which the widget keeps from JupyterLab; returns when the file has the widget in it."""
    path = notebook.server.folder / name_of(notebook)
    old = path.stat().st_mtime_ns
    notebook.cell(-1).locator(".cm-content").click()
    notebook.page.keyboard.press("Control+s")
    for _ in range(200):
        if path.stat().st_mtime_ns != old and "widget-view+json" in path.read_text():
            return
        notebook.page.wait_for_timeout(50)
    raise TimeoutError(f"{path.name} was not saved within 10 s")


def interrupt(notebook: Notebook) -> None:
    """What Kernel > Interrupt asks of the server."""
    assert notebook.page.evaluate(INTERRUPT, [notebook.server.url, TOKEN, name_of(notebook)]) == 204


def reopened(notebook: Notebook, page: Page) -> Notebook:
    """The saved notebook, whose kernel goes on, in another page."""
    name = name_of(notebook)
    kept = notebook.server.folder / ".jupyter" / name
    shutil.copy(notebook.server.folder / name, kept)
    return Notebook(page, notebook.server, kept, name)


def threads_after_close(notebook: Notebook) -> list[str]:
    """Close the widget, whatever it does, and name the threads that it leaves."""
    notebook.evaluate("w.close()")
    for _ in range(20):
        names: list[str] = notebook.evaluate(LEFT)
        if not names:
            break
    return names
