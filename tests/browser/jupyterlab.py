"""A real JupyterLab server on loopback, and a page of Debian's Chromium in it."""

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

import nbformat
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
TOKEN = "salwidget-tests"


class Server:
    """JupyterLab in a folder of its own; ``subshells`` is the ``commsOverSubshells`` setting."""

    def __init__(self, folder: Path, subshells: str = "perCommTarget", dark: bool = False) -> None:
        self.folder = folder
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        homes = {
            name: str(folder / "home" / name.lower())
            for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
        }
        settings = folder / "settings"
        _setting(settings, "@jupyterlab/services-extension/kernel-settings.jupyterlab-settings".replace("services-extension/kernel-settings", "apputils-extension/notification"), {"fetchNews": "false"})
        self._environment = {**os.environ, **homes, "JUPYTERLAB_SETTINGS_DIR": str(settings), "TF_CPP_MIN_LOG_LEVEL": "2"}
        self.subshells, self.dark = subshells, dark
