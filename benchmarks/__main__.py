"""``python -m benchmarks [NAME...] [--seconds S] [--json FILE]``: measure sections, all of them without a name.

Each section runs in a process of its own, is put into benchmarks/speed.json, and its tables are printed; docs/speed.md and
its plots are then written from that file. ``python -m benchmarks report`` writes them and measures nothing.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

from benchmarks import plots, report, results
from benchmarks.alone import SECTIONS
from benchmarks.measuring import ROOT

# For the repetitions of a figure: all sections then take a quarter of an hour, and as long again for the peers.
SECONDS = 4.0


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="How fast salwidget is.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"{', '.join(SECTIONS)}, or report; none: all sections")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="for each figure; below 1 to see that all runs")
    parser.add_argument("--json", type=Path, default=results.FILE, help="keep the numbers there, docs/speed.md as it is")
    given = parser.parse_args()
    if unknown := [name for name in given.names if name not in (*SECTIONS, "report")]:
        raise SystemExit(f"There is no section {unknown[0]!r}; the sections are {', '.join(SECTIONS)}.")
    names = [name for name in given.names or SECTIONS if name != "report"]
    failed = [name for name in names if not measured(name, given.seconds, given.json.absolute())]
    sections = results.stored(given.json)
    for name in (name for name in names if name not in failed):
        print("\n".join(report.section(name, sections)), flush=True)
    if given.json == results.FILE:
        plots.write(sections)
        report.write(sections)
    if failed:
        raise SystemExit(f"Not measured, see above: {', '.join(failed)}.")


def measured(name: str, seconds: float, file: Path) -> bool:
    """Whether a process measured a section."""
    quiet = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": os.environ.get("TF_CPP_MIN_LOG_LEVEL", "3")}
    command = [sys.executable, "-m", "benchmarks.alone", name, str(seconds), str(file)]
    return subprocess.run(command, cwd=ROOT, env=quiet).returncode == 0


if __name__ == "__main__":
    main()
