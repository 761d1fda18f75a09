"""One section, measured in a process of its own: ``python -m benchmarks.alone NAME SECONDS FILE``."""

from __future__ import annotations

import importlib
import sys
import time
from pathlib import Path

from benchmarks import results
from benchmarks.figures import Figure
from benchmarks.measuring import machine, say

# Name -> module with ``figures(seconds)``, in the order of the page.
SECTIONS = {
    "engine": "benchmarks.engine",
    "layers": "benchmarks.layers",
    "sweep": "benchmarks.sweep",
    "many": "benchmarks.many",
    "dream": "benchmarks.dream",
    "memory": "benchmarks.memory",
    "growth": "benchmarks.growth",
    "limit": "benchmarks.limit",
    "page": "benchmarks.in_browser",
    "peers": "benchmarks.peers.speed",
}


def measure(name: str, seconds: float, file: Path) -> None:
    """Put what a section finds into ``file``; ``VERSIONS`` of its module are of what it measures besides."""
    started = time.perf_counter()
    found = []
    module = importlib.import_module(SECTIONS[name])
    for one in module.figures(seconds):
        say(
            f"{name}, {time.perf_counter() - started:.0f} s: {one.what}"
            + (f", {one.model}" if isinstance(one, Figure) and one.model else "")
        )
        found.append(one)
    results.keep(name, found, machine() | getattr(module, "VERSIONS", {}), time.perf_counter() - started, file)


if __name__ == "__main__":
    measure(sys.argv[1], float(sys.argv[2]), Path(sys.argv[3]))
