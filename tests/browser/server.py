"""A real JupyterLab (or Notebook 7) server on loopback, and Debian's Chromium."""

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

from playwright.sync_api import Browser, sync_playwright

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

    def end(self, notebook: str) -> None:
        """End the notebook's kernel, which keeps half a gigabyte; a server that has ended took it along."""
        if self._process.poll() is not None:
            return
        for kernel in self._kernels(notebook):
            address = f"{self.url}/api/kernels/{kernel['id']}?token={TOKEN}"
            urllib.request.urlopen(urllib.request.Request(address, method="DELETE"), timeout=60).close()

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
