"""Says in one sentence what a build of the front end needs, where hatch-jupyter-builder would end in a traceback."""

import shutil
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class NodeCheck(BuildHookInterface):
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        built = (Path(self.root) / "salwidget" / "static" / "widget.js").exists()
        if not built and shutil.which("npm") is None:
            raise SystemExit(
                "Node 20 or newer is needed to build the front end: install it, or install a wheel (README: make wheel)."
            )
