"""What is shipped, and who imports whom."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

PROJECT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), str(PROJECT)]
    subprocess.run(command, check=True)
    (path,) = folder.glob("*.whl")
    return zipfile.ZipFile(path)


def test_the_wheel_has_all_that_runs(wheel: zipfile.ZipFile) -> None:
    sizes = {each.filename: each.file_size for each in wheel.infolist()}
    (budget,) = re.findall(r"BUDGET_BYTES = ([\d_]+)", (PROJECT / "js" / "scripts" / "build.mjs").read_text())
    assert 0 < sizes["salwidget/static/widget.js"] + sizes["salwidget/static/widget.css"] <= int(budget)
    assert sizes["salwidget/colormaps.json"] > 0
    assert sizes["salwidget/imagenet.txt"] > 0
    assert "salwidget/py.typed" in sizes
    assert 0 < sum(size for name, size in sizes.items() if name.startswith("salwidget/demo/data/")) < 2_000_000
    assert not [name for name in sizes if name.startswith(("js/", "tests/")) or "node_modules" in name]


def test_without_node_one_sentence_says_what_to_do(tmp_path: Path) -> None:
    for name in ("pyproject.toml", "hatch_build.py", "README.md"):
        shutil.copy(PROJECT / name, tmp_path)
    (tmp_path / "salwidget").mkdir()
    (tmp_path / "bin").mkdir()
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--wheel-dir", str(tmp_path), str(tmp_path)]
    env = os.environ | {"PATH": str(tmp_path / "bin")}
    done = subprocess.run(command, env=env, capture_output=True, text=True)
    assert done.returncode
    assert "Node 20 or newer is needed to build the front end: install it, or install a wheel" in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr


def test_the_wheel_opens_a_widget_by_itself(wheel: zipfile.ZipFile, tmp_path: Path) -> None:
    wheel.extractall(tmp_path)
    code = (
        "import salwidget, time; from salwidget.demo import digits; d = digits()\n"
        "w = salwidget.SaliencyWidget(d.model, d.images)\n"
        "while w.status == 'computing': time.sleep(.01)\n"
        "print(salwidget.__file__, w.status)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.split() == [str(tmp_path / "salwidget" / "__init__.py"), "fresh"]


@pytest.mark.parametrize("module", ["salwidget", "salwidget.widget", "salwidget.demo"])
def test_importing_does_not_load_tensorflow(module: str) -> None:
    code = f"import sys, {module}; print('tensorflow' in sys.modules, 'keras' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


def test_only_the_widget_knows_of_notebooks() -> None:
    code = "import sys, salwidget as s; s.explain, s.load_model; print({'ipywidgets', 'anywidget', 'bqplot'} & {*sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
