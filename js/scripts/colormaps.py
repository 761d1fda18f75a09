"""Write salwidget/colormaps.json: the colour tables that the page and Python share.

A diverging table has its neutral colour at entry 128, exactly: a 256-entry table has no middle, so entries 1..255 are
the map (zero at 128) and entry 0 repeats entry 1.
"""

import base64
import json
from pathlib import Path

import matplotlib
import numpy as np

SEQUENTIAL = ["inferno", "viridis", "magma", "cividis", "gray"]
DIVERGING = ["RdBu_r", "coolwarm", "berlin"]  # berlin: dark in the middle, for dark surfaces
TARGET = Path(__file__).parents[2] / "salwidget" / "colormaps.json"


def table(name: str, positions: np.ndarray) -> str:
    """Colours of a matplotlib map at positions in 0..1, as base64 of RGB bytes."""
    rgb = matplotlib.colormaps[name](np.linspace(0, 1, 256))[:, :3]
    at = [np.interp(positions, np.linspace(0, 1, 256), channel) for channel in rgb.T]
    return base64.b64encode(np.round(255 * np.stack(at, axis=1)).astype(np.uint8).tobytes()).decode()


def main() -> None:
    even = np.linspace(0, 1, 256)
    centred = np.clip(0.5 + (np.arange(256) - 128) / 254, 0, 1)
    maps = {name: {"kind": "sequential", "rgb": table(name, even)} for name in SEQUENTIAL}
    maps |= {name: {"kind": "diverging", "rgb": table(name, centred)} for name in DIVERGING}
    TARGET.write_text(json.dumps(maps, indent=1) + "\n")


if __name__ == "__main__":
    main()
