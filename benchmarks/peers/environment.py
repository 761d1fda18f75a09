"""The environment of the peers: their packages, pinned, on top of the site-packages of this one."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / ".venv-peers"
PYTHON = FOLDER / "bin" / "python"

# Their modules here, and their distributions.
MODULES = ("tf_keras_vis", "pair", "xplique", "tf_explain", "captum")
PEERS = ("xplique==2.0.2", "tf-keras-vis==0.8.7", "saliency==0.2.1", "tf-explain==0.3.1", "captum==0.9.0")
# Without dependencies: xplique alone asks for 6.9 GB of CUDA and for TensorFlow 2.20. These are what they import here.
# Of torch the CPU build of this version is taken where pip is offered one; the CUDA build needs its CUDA packages to start.
TORCH = "torch==2.13.0"
NEEDED = (
    *(TORCH, "filelock==4.2.11", "fsspec==2026.9.0", "mpmath==1.4.1", "sympy==1.14.0", "tqdm==4.70.1"),
    *("tensorflow-probability==0.25.0", "tf-keras==2.21.0", "dm-tree==0.1.10", "decorator==5.3.1"),
    *("deprecated==1.3.1", "einops==0.8.2", "opencv-python-headless==5.0.0.93"),
)


def make() -> None:
    """Make the environment, or bring it to the pins.

    Raises
    ------
    SystemExit
        When a package is not to be had, or a peer does not start.
    """
    if not PYTHON.exists():
        venv.create(FOLDER, with_pip=True)
    site = next(FOLDER.glob("lib/python*/site-packages"))
    (site / "salwidget_environment.pth").write_text(sysconfig.get_path("purelib") + "\n")
    subprocess.run([PYTHON, "-m", "pip", "install", "--quiet", "--no-deps", *PEERS, *NEEDED], check=True)
    names = "captum.attr, saliency.core, tf_explain.core, tf_keras_vis.saliency, torch, xplique.attributions"
    subprocess.run([PYTHON, "-c", f"import {names}"], check=True, env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"})


def is_inside() -> bool:
    """Whether this process runs in the environment of the peers."""
    return Path(sys.prefix) == FOLDER


def call(*arguments: str) -> str:
    """Run ``python -m benchmarks.peers`` with ``arguments`` in the environment; what it printed comes back.

    Raises
    ------
    SystemExit
        When the environment has not been made.
    """
    if not PYTHON.exists():
        raise SystemExit("The peers are not installed: run `python -m benchmarks.peers setup`, or `make parity`.")
    command = [str(PYTHON), "-m", "benchmarks.peers", *arguments]
    return subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.PIPE, text=True).stdout
