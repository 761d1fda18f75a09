"""Hides TensorFlow's notices about its own build, which a notebook would show in red above the widget, during its import.

Its C++ half writes them to file descriptor 2, most of them before any log level applies. All other lines are shown.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
from collections.abc import Callable, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import ModuleType

NO_DRIVERS = b"Could not find cuda drivers"
NOTICE = re.compile(
    NO_DRIVERS
    + rb"|All log messages before absl::InitializeLog\(\) is called are written to STDERR"
    + rb"|oneDNN custom operations are on"
    + rb"|failed call to cuInit.*\(303\)"  # 303: no driver is installed; every other failure of a driver is shown
    # Releases before 2.21 register parts of CUDA twice:
    + rb"|Unable to register cu\w+ factory|computation placer already registered"
)


def keep_back(import_: Callable[[], object]) -> bytes:
    """Everything written to file descriptor 2 during the call; all but notices is written there afterwards, also on errors."""
    if sys.stderr is None:  # no descriptor 2, as in a program without a console
        import_()
        return b""
    sys.stderr.flush()
    with tempfile.TemporaryFile() as file:
        before = os.dup(2)
        os.dup2(file.fileno(), 2)
        try:
            import_()
        finally:
            sys.stderr.flush()
            os.dup2(before, 2)
            os.close(before)
            file.seek(0)
            lines = file.readlines()
            with open(2, "wb", closefd=False) as screen:
                screen.writelines(line for line in lines if not NOTICE.search(line))
    return b"".join(lines)


class _Loader(SourceFileLoader):
    def exec_module(self, module: ModuleType) -> None:
        if os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "1") == "0":  # whoever sets 0 wants to see all
            super().exec_module(module)
        elif NO_DRIVERS in keep_back(lambda: super(_Loader, self).exec_module(module)):
            keep_back(module.config.list_physical_devices)  # done once; in vain it would report in red
        sys.meta_path.remove(_FINDER)


class _Finder(MetaPathFinder):
    def find_spec(self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> ModuleSpec | None:
        spec = PathFinder.find_spec(name, path, target) if name == "tensorflow" else None
        if spec and spec.origin and isinstance(spec.loader, SourceFileLoader):
            spec.loader = _Loader(name, spec.origin)
        return spec


_FINDER = _Finder()


def await_tensorflow() -> None:
    """Hide the notices of TensorFlow's import, whenever it happens; nothing is imported here."""
    if "tensorflow" not in sys.modules and _FINDER not in sys.meta_path:
        sys.meta_path.insert(0, _FINDER)
