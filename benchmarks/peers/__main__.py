"""``python -m benchmarks.peers setup``, then ``parity`` or ``speed``, each of which writes its half of docs/parity.md."""

from __future__ import annotations

import json
import sys

from benchmarks.peers import environment


def main(names: list[str]) -> None:
    match names:
        case ["setup"]:
            environment.make()
        case ["parity"] | ["speed", *_] | ["peak", _]:
            inside(names) if environment.is_inside() else print(environment.call(*names), end="")
        case _:
            raise SystemExit(__doc__)


def inside(names: list[str]) -> None:
    """In the environment of the peers; what ``speed`` asks of processes of its own is printed as JSON."""
    import keras

    from benchmarks.peers import page, parity, speed

    keras.config.disable_interactive_logging()  # peers call predict, whose progress bars would stand in the JSON
    match names:
        case ["parity"]:
            page.write(parity.section())
        case ["speed"]:
            text, rows = speed.measured()
            page.write(text)
            print(json.dumps(rows))
        case ["speed", peer]:
            print(json.dumps(speed.beside(peer)))
        case ["peak", name]:
            print(json.dumps(speed.peak(name)))


if __name__ == "__main__":
    main(sys.argv[1:])
