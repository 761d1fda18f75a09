"""axe-core finds nothing wrong in the view, light and dark."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser.conftest import Open
from tests.browser.server import Server
from tests.browser.test_look import OPEN

AXE = Path(__file__).parents[2] / "js" / "node_modules" / "axe-core" / "axe.min.js"
FINDINGS = """async () => {
    const {violations} = await axe.run("[data-testid=salwidget]", {resultTypes: ["violations"]});
    return violations.map(({id, impact, nodes}) => [id, impact, nodes.map(node => node.html.slice(0, 200))]);
}"""


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_axe_finds_nothing(open_notebook: Open, tmp_path: Path, theme: str) -> None:
    with Server(tmp_path, theme=theme) as server:
        notebook, explorer = open_notebook(server, [OPEN])
        notebook.page.evaluate(AXE.read_text())
        found = {"explain": notebook.page.evaluate(FINDINGS)}
        explorer.root.get_by_test_id("tab-dream").click()
        explorer.root.get_by_test_id("dream-stage").wait_for()
        found["dream"] = notebook.page.evaluate(FINDINGS)
    assert found == {"explain": [], "dream": []}
