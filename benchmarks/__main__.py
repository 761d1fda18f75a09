"""Print the table of the README: ``make bench``, or ``python -m benchmarks [engine] [dream] [page] [peers]``."""

from __future__ import annotations

import os
import platform
import sys

import keras
import tensorflow as tf

from benchmarks import dream, engine, page
from benchmarks.peers import environment

PARTS = {"engine": engine.rows, "dream": dream.rows, "page": page.rows, "peers": environment.rows}
# The peers need an environment of their own (make parity), and half an hour: only where they are named.
USUAL = ("engine", "dream", "page")


def main(names: list[str]) -> None:
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    print(f"MobileNetV2, 224 x 224, batch 1, float32; {machine}, TensorFlow {tf.__version__}, Keras {keras.__version__};")
    print("medians (and quartiles) of one run.\n")
    print("| what | measured | aim |\n|---|---|---|")
    for name in names or USUAL:
        for row in PARTS[name]():
            print(f"| {' | '.join(row)} |", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
