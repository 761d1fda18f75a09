"""What TensorFlow says of itself at its import is kept back, what is wrong is not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

PROJECT = Path(__file__).parents[1]
FAKE = r"""
import os
os.write(2, b"I0000 00:00:1 1 port.cc:153] oneDNN custom operations are on. You may see\n")
os.write(2, b"E0000 00:00:1 1 cuda_platform.cc:52] failed call to cuInit: INTERNAL: UNKNOWN ERROR (999)\n")
os.write(2, b"E0000 00:00:1 1 somewhere.cc:1] a real error, without an end of line")
"""


def stderr(code: str, folder: Path | None = None, **environment: str) -> str:
    """What a Python of its own writes to descriptor 2; modules of ``folder`` come before the installed ones."""
    path = os.pathsep.join(str(each) for each in (folder, PROJECT) if each)
    env = {name: value for name, value in os.environ.items() if name != "TF_CPP_MIN_LOG_LEVEL"}
    env |= {"PYTHONPATH": path} | environment
    return subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True).stderr


def fake(folder: Path, more: str = "") -> Path:
    (folder / "tensorflow").mkdir()
    (folder / "tensorflow" / "__init__.py").write_text(FAKE + more)
    return folder


@pytest.mark.parametrize("imports", ["import salwidget, keras", "import salwidget.engine.trace"])
def test_tensorflow_starts_in_silence(imports: str) -> None:
    run = "import tensorflow as tf; tf.function(lambda: tf.ones(2) + 1, jit_compile=True)(); tf.config.list_physical_devices()"
    assert stderr(f"{imports}; {run}") == ""


def test_who_asks_for_all_lines_gets_them() -> None:
    assert "oneDNN custom operations are on" in stderr("import salwidget, tensorflow", TF_CPP_MIN_LOG_LEVEL="0")


def test_a_real_error_during_the_import_is_seen(tmp_path: Path) -> None:
    seen = stderr("import salwidget, tensorflow, sys; print('; after', file=sys.stderr)", fake(tmp_path))
    assert seen.splitlines() == [
        "E0000 00:00:1 1 cuda_platform.cc:52] failed call to cuInit: INTERNAL: UNKNOWN ERROR (999)",
        "E0000 00:00:1 1 somewhere.cc:1] a real error, without an end of line; after",
    ]


def test_an_import_that_fails_shows_its_lines_and_its_error_each_time(tmp_path: Path) -> None:
    code = (
        "import salwidget\n"
        "for _ in range(2):\n"
        "    try: import tensorflow\n"
        "    except ImportError as error: import sys; print(';', error, file=sys.stderr)"
    )
    seen = stderr(code, fake(tmp_path, "raise ImportError('no such library')\n"))
    assert seen.count("a real error, without an end of line; no such library") == 2
    assert "oneDNN" not in seen


def test_nothing_is_left_behind(tmp_path: Path) -> None:
    code = (
        "import sys; before = [*sys.meta_path]; import salwidget, os\n"
        "open_files = len(os.listdir('/proc/self/fd')) if os.path.isdir('/proc') else 0\n"
        "import tensorflow\n"
        "assert sys.meta_path == before\n"
        "assert not open_files or len(os.listdir('/proc/self/fd')) == open_files\n"
        "print('; clean', file=sys.stderr)"
    )
    assert stderr(code, fake(tmp_path)).endswith("; clean\n")
