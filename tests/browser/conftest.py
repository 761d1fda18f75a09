"""Servers and one browser for all browser tests; each test file opens its own notebooks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser.jupyterlab import Explorer, Notebook
from tests.browser.server import Server, chromium

SUBSHELLS = ("perCommTarget", "disabled")

Open = Callable[..., tuple[Notebook, Explorer]]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Server]]:
    """Servers by their name; each is started once and stays."""
    with ExitStack() as stack:

        @cache
        def of(name: str, **settings: Any) -> Server:
            return stack.enter_context(Server(tmp_path_factory.mktemp(name), **settings))

        yield of


@pytest.fixture(scope="module", params=SUBSHELLS)
def each_server(request: pytest.FixtureRequest, servers: Callable[..., Server]) -> Server:
    """JupyterLab with comm handlers on a subshell's thread, and with all on the main thread."""
    return servers(request.param, subshells=request.param)


@pytest.fixture(scope="session")
def server(servers: Callable[..., Server]) -> Server:
    return servers("lab")


@pytest.fixture(scope="module", params=["jupyterlab", "notebook"])
def host(request: pytest.FixtureRequest, servers: Callable[..., Server]) -> Server:
    """JupyterLab, and Notebook 7: their keys differ."""
    return servers(request.param, application=request.param)


@pytest.fixture(scope="module")
def open_notebook(browser: Browser) -> Iterator[Open]:
    """Opens cells in a server, runs the first, and waits for the widget's first map."""
    notebooks = []

    def opened(server: Server, cells: list[str], width: int = 1030, height: int = 1300) -> tuple[Notebook, Explorer]:
        context = browser.new_context(viewport={"width": width, "height": height})
        notebook = Notebook(context.new_page(), server, cells)
        notebooks.append((context, notebook))
        notebook.run(0)
        explorer = Explorer(notebook)
        explorer.settled()
        return notebook, explorer

    yield opened
    for context, notebook in notebooks:
        context.close()
        notebook.server.end(notebook.path.name)
