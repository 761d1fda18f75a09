"""Pictures and films of dreams."""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from salwidget.writing import atomic_write

# A film holds at most this many pictures and bytes; when it is full, every second one is dropped, and from then on only every
# second, fourth, ... step is added.
MOST_PICTURES = 96
MOST_BYTES = 2**26
GAP = 4

# For each input uint8 (N, H, W, 3).
Pictures = Sequence[np.ndarray]


class History:
    """Pictures of evenly spaced steps, bounded."""

    def __init__(self) -> None:
        self.entries: list[tuple[int, Pictures]] = []
        self._every = 1

    @property
    def nbytes(self) -> int:
        return sum(one.nbytes for _, pictures in list(self.entries) for one in pictures)

    def add(self, step: int, pictures: Callable[[], Pictures]) -> None:
        if (step - 1) % self._every:
            return
        self.entries.append((step, pictures()))
        while len(self.entries) > 2 and (len(self.entries) > MOST_PICTURES or self.nbytes > MOST_BYTES):
            self._every *= 2
            self.entries = [entry for entry in self.entries if (entry[0] - 1) % self._every == 0]


def save(path: str | Path, pictures: Pictures, history: History) -> None:
    """Write pictures side by side as .png, or the history and then them as .gif."""
    ending = Path(path).suffix.lower()
    if ending not in (".png", ".gif"):
        raise ValueError(f"A dream is saved as .png or .gif, not {ending or 'without an ending'}.")
    if ending == ".gif" and not history.entries:
        raise ValueError("The dream has taken no step yet: run() it before its film is saved.")
    with atomic_write(path) as file:
        if ending == ".png":
            file.write(png_of(pictures))
        else:
            film = [Image.fromarray(sheet(each)) for each in [*(shown for _, shown in history.entries), pictures]]
            times = [60] * (len(film) - 1) + [2000]
            film[0].save(file, "GIF", save_all=True, append_images=film[1:], duration=times, loop=0)


def png_of(pictures: Pictures) -> bytes:
    """Pictures side by side as the bytes of a PNG."""
    memory = io.BytesIO()
    Image.fromarray(sheet(pictures)).save(memory, "PNG")
    return memory.getvalue()


def sheet(pictures: Pictures) -> np.ndarray:
    """All inputs' pictures in one: each input's in a nearly square grid, the grids side by side."""
    parts = [side_by_side(each) for each in pictures]
    height, width = max(len(part) for part in parts), sum(part.shape[1] + GAP for part in parts) - GAP
    canvas, left = np.full((height, width, 3), 255, np.uint8), 0
    for part in parts:
        canvas[: len(part), left : left + part.shape[1]] = part
        left += part.shape[1] + GAP
    return canvas


def side_by_side(pictures: np.ndarray) -> np.ndarray:
    """Pictures (N, h, w, 3) in a nearly square grid, with gaps between them."""
    count, height, width, _ = pictures.shape
    across = min(count, 4) if count <= 4 else math.ceil(math.sqrt(count))
    rows = math.ceil(count / across)
    sheet = np.full((rows * (height + GAP) - GAP, across * (width + GAP) - GAP, 3), 255, np.uint8)
    for index, picture in enumerate(pictures):
        top, left = index // across * (height + GAP), index % across * (width + GAP)
        sheet[top : top + height, left : left + width] = picture
    return sheet
