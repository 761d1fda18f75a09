"""Pictures and films of dreams."""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from salwidget.writing import whole

# A film holds at most this many pictures and bytes; where it is full every second one is dropped, and from then on only every
# second, fourth, ... step is kept.
MOST_PICTURES = 96
MOST_BYTES = 2**26
GAP = 4


class History:
    """Pictures (N, H, W, 3) of evenly spaced steps, bounded."""

    def __init__(self) -> None:
        self.kept: list[tuple[int, np.ndarray]] = []
        self._every = 1

    def add(self, step: int, picture: Callable[[], np.ndarray]) -> None:
        if (step - 1) % self._every:
            return
        self.kept.append((step, picture()))
        while len(self.kept) > 2 and (len(self.kept) > MOST_PICTURES or sum(each.nbytes for _, each in self.kept) > MOST_BYTES):
            self._every *= 2
            self.kept = [entry for entry in self.kept if (entry[0] - 1) % self._every == 0]


def save(path: str | Path, pictures: np.ndarray, history: History) -> None:
    """Write pictures (N, H, W, 3) side by side as .png, or the history and then them as .gif."""
    ending = Path(path).suffix.lower()
    if ending not in (".png", ".gif"):
        raise ValueError(f"A dream is saved as .png or .gif, not {ending or 'without an ending'}.")
    if ending == ".gif" and not history.kept:
        raise ValueError("The dream has taken no step yet: run() it before its film is saved.")
    with whole(path) as file:
        if ending == ".png":
            file.write(png_of(pictures))
        else:
            film = [Image.fromarray(side_by_side(each)) for each in [*(kept for _, kept in history.kept), pictures]]
            times = [60] * (len(film) - 1) + [2000]
            film[0].save(file, "GIF", save_all=True, append_images=film[1:], duration=times, loop=0)


def png_of(pictures: np.ndarray) -> bytes:
    """Pictures (N, H, W, 3) side by side as the bytes of a PNG."""
    memory = io.BytesIO()
    Image.fromarray(side_by_side(pictures)).save(memory, "PNG")
    return memory.getvalue()


def side_by_side(pictures: np.ndarray) -> np.ndarray:
    """Pictures (N, h, w, 3) in one, as nearly square as their number allows, with a gap between them."""
    count, height, width, _ = pictures.shape
    across = min(count, 4) if count <= 4 else math.ceil(math.sqrt(count))
    rows = math.ceil(count / across)
    sheet = np.full((rows * (height + GAP) - GAP, across * (width + GAP) - GAP, 3), 255, np.uint8)
    for place, picture in enumerate(pictures):
        top, left = place // across * (height + GAP), place % across * (width + GAP)
        sheet[top : top + height, left : left + width] = picture
    return sheet
