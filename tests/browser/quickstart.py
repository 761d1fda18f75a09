"""Run the quickstart notebook in JupyterLab and Chromium, and write a screenshot of its first widget.

python -m tests.browser.quickstart screenshots/quickstart.png
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.browser.jupyterlab import Notebook
from tests.browser.server import Server, chromium

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "quickstart.ipynb"


def main(target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, Server(Path(folder)) as server, chromium() as browser:
        page = browser.new_page(viewport={"width": 1100, "height": 1250})
        notebook = Notebook(page, server, NOTEBOOK)
        notebook.run(0)
        stage = page.get_by_test_id("stage").first
        page.locator("[data-testid=stage][data-state=fresh]").first.wait_for(timeout=60_000)
        page.wait_for_timeout(2000)  # charts and thumbnails follow the map
        page.screenshot(path=target)
        if notebook.errors:
            raise SystemExit(f"The page reported errors: {notebook.errors}")
        print(f"{target}: the first widget shows map {stage.get_attribute('data-query')}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
