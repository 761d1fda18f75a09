"""``python -m benchmarks.peers setup`` makes the environment, ``parity`` writes docs/parity.md; ``python -m benchmarks peers``
asks for the rest, each in a process of its own."""

from __future__ import annotations

import json
import sys

from benchmarks.peers import environment


def main(names: list[str]) -> None:
    match names:
        case ["setup"]:
            environment.make()
        case ["parity"] | ["speed", _, _] | ["first" | "peak", _]:
            inside(names) if environment.is_inside() else print(environment.call(*names), end="")
        case _:
            raise SystemExit(__doc__)


def inside(names: list[str]) -> None:
    """In the environment of the peers; what is measured is printed as JSON."""
    import keras

    from benchmarks.peers import parity, speed

    keras.config.disable_interactive_logging()  # peers call predict, whose progress bars would stand in the JSON
    match names:
        case ["parity"]:
            parity.write()
        case ["speed", peer, seconds]:
            print(json.dumps([one.as_json() for one in speed.beside(peer, float(seconds))]))
        case ["first", name]:
            print(json.dumps(speed.first(name)))
        case ["peak", name]:
            print(json.dumps(speed.highest(name)))


if __name__ == "__main__":
    main(sys.argv[1:])
