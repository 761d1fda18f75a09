"""The clock and the scales: calls in turn within a time, fresh processes, memory."""

from __future__ import annotations

import gc
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

Call = Callable[[], object]

ROOT = Path(__file__).parents[1]
FEWEST, MOST = 3, 40


def in_turn(
    calls: Mapping[str, Call], seconds: float, *, times: Mapping[str, int] | None = None, fewest: int = FEWEST
) -> dict[str, list[float]]:
    """Seconds of each call, repeated in turn, so that a drift of the machine meets all of them.

    Parameters
    ----------
    calls
        Each has been called before: what is made once is not timed here.
    seconds
        For all repetitions: as many are made as begin within it, 3 to 40.
    times
        How often in a row a call that is short beside the others is made; its seconds are for one.
    fewest
        Instead of 3, for calls of half a minute.
    """
    rows = times or {}
    found: dict[str, list[float]] = {name: [] for name in calls}
    started = time.perf_counter()
    for turn in range(MOST):
        if turn >= fewest and time.perf_counter() - started > seconds:
            break
        gc.collect()
        for name, call in calls.items():
            row = rows.get(name, 1)
            found[name].append(timed(lambda call=call, row=row: [call() for _ in range(row)]) / row)  # type: ignore[misc]
    return found


def timed(call: Call) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def in_fresh_process(module: str, *arguments: str) -> Any:
    """What ``python -m module arguments`` prints as JSON on its last line.

    Raises
    ------
    SystemExit
        When the process failed; what it said is on the terminal.
    """
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"})
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed.")
    return json.loads(done.stdout.splitlines()[-1])


def say(text: str) -> None:
    """Progress, beside the tables."""
    print(text, file=sys.stderr, flush=True)


def peak(call: Call) -> float:
    """GB that resident memory rises to above what it is now, at the highest, while ``call`` runs."""
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5")  # the kernel forgets the highest so far
    before = _kilobytes("VmRSS")
    call()
    return (_kilobytes("VmHWM") - before) / 2**20


def _kilobytes(what: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(what))


def machine() -> dict[str, str]:
    """What the numbers depend on, in words."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    processor = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    versions = {name: version(name) for name in ("tensorflow", "keras", "numpy")}
    cores = len(os.sched_getaffinity(0))
    return {"processor": f"{processor}, {cores} cores, {memory:.0f} GB", "python": platform.python_version(), **versions}
