"""A real JupyterLab (or Notebook 7) server on loopback, and a page of Debian's Chromium in it."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

import nbformat
import numpy as np
from playwright.sync_api import Browser, Locator, Page, sync_playwright

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
TOKEN = "salwidget"
START_SECONDS = 60
# The notebook in the page, also where an output's own view is in front.
OPENED = "[...window.jupyterapp.shell.widgets('main')].find(({content}) => content?.model?.sharedModel)"


class Server:
    """JupyterLab, or Notebook 7, on a folder, with configuration, data and workspaces of its own.

    ``application`` is "jupyterlab" or "notebook".
    ``subshells`` is JupyterLab's setting for comm messages: "perCommTarget" (its default) or "disabled".
    ``plain``: what a kernel's C++ half prints stands in the notebook, as wherever nobody set anything.
    """

    def __init__(
        self,
        folder: Path,
        subshells: str = "perCommTarget",
        theme: str = "JupyterLab Light",
        application: str = "jupyterlab",
        plain: bool = False,
    ) -> None:
        self.folder = folder
        self.application = application
        self.subshells = subshells
        self.plain = plain
        self._home = folder / ".jupyter"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self._port}"
        overrides = {
            "@jupyterlab/apputils-extension:kernels-settings": {"commsOverSubshells": subshells},
            "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
            "@jupyterlab/apputils-extension:themes": {"theme": theme},
        }
        labconfig = self._home / "config" / "labconfig"
        labconfig.mkdir(parents=True)
        (labconfig / "default_setting_overrides.json").write_text(json.dumps(overrides))
        profile = self._home / "ipython" / "profile_default"
        profile.mkdir(parents=True)
        if not plain:
            # Cells that import keras first: what TensorFlow prints goes to the server's log, as in make demo.
            (profile / "ipython_kernel_config.py").write_text("c.IPKernelApp.capture_fd_output = False\n")

    def __enter__(self) -> Server:
        places = {
            "JUPYTER_CONFIG_DIR": "config",
            "JUPYTER_DATA_DIR": "data",
            "JUPYTER_RUNTIME_DIR": "runtime",
            "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
            "JUPYTERLAB_SETTINGS_DIR": "settings",
            "IPYTHONDIR": "ipython",
        }
        environment = os.environ | {name: str(self._home / place) for name, place in places.items()}
        if self.plain:
            # Of the Makefile, and what makes a kernel under pytest leave descriptor 2 alone.
            for name in ("TF_CPP_MIN_LOG_LEVEL", "PYTEST_CURRENT_TEST"):
                environment.pop(name, None)
        options = {
            "port": self._port,
            "port-retries": 0,
            "ip": "127.0.0.1",
            "IdentityProvider.token": TOKEN,
            "ServerApp.root_dir": self.folder,
            # `window.jupyterapp`: what the page holds of a notebook, saved or not.
            "LabApp.expose_app_in_browser": True,
            "JupyterNotebookApp.expose_app_in_browser": True,
        }
        command = [sys.executable, "-m", self.application, "--no-browser", "--allow-root"]
        command += [f"--{name}={value}" for name, value in options.items()]
        self._log = (self._home / "server.log").open("w")
        self._process = subprocess.Popen(
            command, env=environment, stdout=self._log, stderr=subprocess.STDOUT, start_new_session=True
        )
        self._wait()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._process.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
        self._log.close()

    def address(self, notebook: str) -> str:
        """Of a notebook in a fresh workspace: no tab of another test is restored there."""
        if self.application == "notebook":
            return f"{self.url}/notebooks/{notebook}?token={TOKEN}"
        return f"{self.url}/lab/workspaces/{uuid.uuid4().hex[:8]}/tree/{notebook}?token={TOKEN}"

    def wait_for_kernel(self, notebook: str, page: Page) -> None:
        """Until the notebook's kernel is idle and a page listens: a cell run earlier is answered by a dialog."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            kernels = self._kernels(notebook)
            if any(kernel["connections"] and kernel["execution_state"] == "idle" for kernel in kernels):
                page.wait_for_timeout(300)
                return
            page.wait_for_timeout(100)
        raise TimeoutError(f"the kernel of {notebook} is not ready")

    def restart(self, notebook: str) -> None:
        """Restart the notebook's kernel behind the page's back, as another client does."""
        for kernel in self._kernels(notebook):
            address = f"{self.url}/api/kernels/{kernel['id']}/restart?token={TOKEN}"
            urllib.request.urlopen(urllib.request.Request(address, method="POST"), timeout=60).close()

    def _kernels(self, notebook: str) -> list[dict[str, Any]]:
        with urllib.request.urlopen(f"{self.url}/api/sessions?token={TOKEN}", timeout=10) as reply:
            return [session["kernel"] for session in json.load(reply) if session["path"] == notebook]

    def _wait(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                break
            try:
                urllib.request.urlopen(f"{self.url}/api?token={TOKEN}", timeout=2).close()
                return
            except OSError:
                time.sleep(0.2)
        raise RuntimeError(f"JupyterLab did not start:\n{(self._home / 'server.log').read_text()[-2000:]}")


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, headless."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        raise RuntimeError("Chromium is not installed: apt-get install chromium (make test does it).")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


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
        self._loaded()

    def _loaded(self) -> None:
        page = self.page
        page.locator(".jp-Notebook").wait_for(timeout=60_000)
        self.server.wait_for_kernel(self.path.name, page)
        if page.locator("#jp-left-stack").is_visible():
            page.keyboard.press("Control+b")  # the file browser takes a third of a narrow window
            page.locator("#jp-left-stack").wait_for(state="hidden")

    def save(self) -> None:
        """By Ctrl+S, wherever the focus is."""
        self.page.keyboard.press("Control+s")
        for _ in range(100):
            if not self.page.evaluate(f"{OPENED}.context.model.dirty"):
                return
            self.page.wait_for_timeout(100)
        raise AssertionError("Ctrl+S did not save the notebook")

    def reload(self) -> None:
        """Save, and load the page again; the kernel lives on, and the widgets of the outputs with it."""
        self.save()
        self.page.reload()
        self._loaded()

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

    def slide(self, name: str, value: int | float) -> None:
        self.control(name).fill(str(value))

    def choose(self, name: str, value: str) -> None:
        self.control(name).select_option(value)

    def chips(self) -> list[str]:
        return self.root.get_by_test_id("chip").all_inner_texts()

    def pixels(self) -> Any:
        """RGBA of the overlay's canvas, uint8 (h, w, 4)."""
        size, data = self.overlay.evaluate(
            """canvas => {
                const {width, height} = canvas;
                const data = canvas.getContext("2d").getImageData(0, 0, width, height).data;
                return [[height, width], Array.from(data)];
            }"""
        )
        return np.array(data, np.uint8).reshape(*size, 4)
