"""A page of a real JupyterLab (or Notebook 7): its notebook, and the salwidget view in it."""

from __future__ import annotations

import json
import shutil
import time
import uuid
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
from playwright.sync_api import Locator, Page

from tests.browser.server import Server

# The notebook in the page, also where an output's own view is in front.
OPENED = "[...window.jupyterapp.shell.widgets('main')].find(({content}) => content?.model?.sharedModel)"
# Its kernel hears what the page sends: a cell run earlier is answered by a dialog.
READY = f"""() => {{
    const session = window.jupyterapp && {OPENED}?.context.sessionContext;
    const kernel = session?.isReady && session.session?.kernel;
    return kernel && kernel.connectionStatus === "connected" && kernel.status === "idle";
}}"""
# Resolves once an element has kept its place and size for ten frames.
AT_REST = """element => new Promise(done => {
    let last = "", frames = 0;
    const look = () => {
        const {x, y, width, height} = element.getBoundingClientRect(), now = [x, y, width, height].join();
        frames = now === last ? frames + 1 : 0;
        last = now;
        frames < 10 ? requestAnimationFrame(look) : done();
    };
    look();
})"""


class Notebook:
    """A notebook open in the browser, run cell by cell as a person would."""

    def __init__(self, page: Page, server: Server, cells: list[str] | Path, name: str = "") -> None:
        self.page = page
        self.server = server
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        name = name or f"{uuid.uuid4().hex[:8]}.ipynb"
        self.path = server.folder / name
        if isinstance(cells, Path):
            shutil.copy(cells, self.path)
        else:
            made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in [*cells, ""]])
            made.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
            nbformat.write(made, self.path)
        page.goto(server.address(name))
        self.loaded()

    def loaded(self) -> None:
        """Wait until the page, new or loaded again, shows the notebook and its kernel listens."""
        page = self.page
        page.locator(".jp-Notebook").wait_for(timeout=60_000)
        page.wait_for_function(READY, timeout=60_000)
        if page.locator("#jp-left-stack").is_visible():
            page.keyboard.press("Control+b")  # the file browser takes a third of a narrow window
            page.locator("#jp-left-stack").wait_for(state="hidden")

    def save(self) -> None:
        """By Ctrl+S, wherever the focus is."""
        self.page.keyboard.press("Control+s")
        self.page.wait_for_function(f"() => !{OPENED}.context.model.dirty")

    def reload(self) -> None:
        """Save, and load the page again; the kernel lives on, and the widgets of the outputs with it."""
        self.save()
        self.page.reload()
        self.loaded()

    def cell(self, index: int) -> Locator:
        return self.page.locator(".jp-Notebook .jp-CodeCell").nth(index)

    def start(self, index: int) -> None:
        """Run a cell and do not wait for its end."""
        self._enter(index)
        self.page.keyboard.press("Control+Enter")

    def run(self, index: int, timeout: float = 120) -> str:
        """Run a cell to its end; returns its text output."""
        before = self._prompt(index)
        self.start(index)
        return self.ended(index, timeout, before)

    def ended(self, index: int, timeout: float = 120, before: str = "[ ]:") -> str:
        """Wait for a started cell to end; returns its text output, and raises when it failed."""
        deadline = time.monotonic() + timeout
        while (prompt := self._prompt(index)) == before or not prompt.strip("[]: ").isdigit():
            if time.monotonic() > deadline:
                raise TimeoutError(f"cell {index} did not end within {timeout} s")
            self.page.wait_for_timeout(50)
        texts = self.cell(index).locator(".jp-OutputArea-output.jp-RenderedText").all_inner_texts()
        failed = [text for text in texts if "Traceback (most recent call last)" in text or "Error:" in text]
        if failed:
            raise AssertionError(failed[0])
        return "\n".join(texts).strip()

    def evaluate(self, code: str, timeout: float = 60) -> Any:
        """Value of ``code`` (JSON) in the notebook's kernel, by way of a last cell that is there for this."""
        scratch = self.page.locator(".jp-Notebook .jp-CodeCell").count() - 1
        self._enter(scratch)
        self.page.keyboard.press("Control+a")
        self.page.keyboard.insert_text(f"import json; print(json.dumps({code}))")
        return json.loads(self.run(scratch, timeout))

    def becomes(self, expression: str, expected: object) -> None:
        """Wait until Python's value is ``expected``: what the page sends arrives after a while."""
        for _ in range(20):
            found = self.evaluate(expression)
            if found == expected:
                return
        raise AssertionError(f"{expression} is {found!r}, not {expected!r}")

    def model(self) -> list[list[Any]]:
        """Type, source and execution count of each cell that the page holds."""
        found: list[list[Any]] = self.page.evaluate(
            f"""() => {OPENED}.content.model.sharedModel.cells.map(
                cell => [cell.cell_type, cell.source, cell.execution_count ?? null])"""
        )
        return found

    def _prompt(self, index: int) -> str:
        return self.cell(index).locator(".jp-InputArea-prompt").inner_text()

    def _enter(self, index: int) -> None:
        """Put the cursor into a cell; where the page was still moving under the click, once more."""
        cell = self.cell(index)
        for _ in range(5):
            cell.locator(".jp-InputArea-editor .cm-content").click()
            if "jp-mod-active" in (cell.get_attribute("class") or ""):
                return
        raise AssertionError(f"cell {index} does not take the cursor")


class Explorer:
    """The salwidget view on a page, by the hooks that it pins for tests and assistive tools."""

    def __init__(self, notebook: Notebook, place: int = 0, within: Locator | None = None) -> None:
        self.notebook = notebook
        self.page = notebook.page
        self.root = (within or self.page).get_by_test_id("salwidget").nth(place)
        self.stage = self.root.get_by_test_id("stage")
        self.overlay = self.root.get_by_test_id("overlay")

    def control(self, name: str) -> Locator:
        return self.root.get_by_label(name, exact=True)

    def settled(self, state: str = "fresh", timeout: float = 60) -> str:
        """Wait for the stage to reach ``state``; returns the id of the query painted."""
        self.root.locator(f"[data-testid=stage][data-state={state}]").wait_for(timeout=timeout * 1000)
        return self.stage.get_attribute("data-query") or ""

    def answered(self, widget: str = "w") -> str:
        """Wait until the stage shows the answer to what the widget's controls ask in Python; returns its query's id."""
        query: str = self.notebook.evaluate(f"{widget}.wait(60).query.id")
        self.root.locator(f"[data-testid=stage][data-state=fresh][data-query='{query}']").wait_for(timeout=60_000)
        return query

    def repainted(self, before: np.ndarray) -> np.ndarray:
        """Wait until the overlay has other pixels; returns them."""
        for _ in range(100):
            if (after := self.pixels()).shape != before.shape or (after != before).any():
                return after
        raise AssertionError("the overlay has the same pixels as before")

    def at_rest(self, part: Locator | None = None) -> None:
        """Wait until the view, or a part of it, has kept its place and size: a window's new width moves it several times."""
        (part or self.root).evaluate(AT_REST)

    def slide(self, name: str, value: int | float) -> None:
        self.control(name).fill(str(value))

    def choose(self, name: str, value: str) -> None:
        self.control(name).select_option(value)

    def chips(self) -> list[str]:
        return self.root.get_by_test_id("chip").all_inner_texts()

    def pixels(self) -> np.ndarray:
        """RGBA of the overlay's canvas, uint8 (h, w, 4)."""
        size, data = self.overlay.evaluate(
            """canvas => {
                const {width, height} = canvas;
                const data = canvas.getContext("2d").getImageData(0, 0, width, height).data;
                return [[height, width], Array.from(data)];
            }"""
        )
        return np.array(data, np.uint8).reshape(*size, 4)
