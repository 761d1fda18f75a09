"""One dream of a widget: its state, and its frames on their way to the page."""

from __future__ import annotations

import re
import tempfile
import time
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from salwidget.dreams import Dream, Frame
from salwidget.dreams.saving import sheet
from salwidget.engine.network import Network
from salwidget.widget.dream import protocol as dream_protocol
from salwidget.widget.dream.plan import Plan, dream_of, settled
from salwidget.widget.dream.protocol import Format, State
from salwidget.widget.protocol import Message

# Longest side of an image of a grid, in pixels: twice what a tile has on a page, for fine screens. 512 of them take 25 MB.
TILE = 128

# Seconds after which a frame is sent although the one before was not painted: where comm messages go to the main thread, a
# cell that runs there keeps the page's word from us, but not our frames from the page.
PATIENCE = 1.0

ENDED: tuple[State, ...] = ("done", "stopped", "failed")


class Outbox:
    """Frames for the page: one at a time, each when the one before was painted, and always the newest.

    The last frame of each part of a grid is never skipped: a tile would stay half done.
    """

    def __init__(self) -> None:
        self._lasts: deque[Message] = deque()
        self._newest: tuple[int, Frame] | None = None
        # Step of the frame that is not painted yet, when it was sent, and since when the page has not been heard.
        self._away: tuple[int, float, float] | None = None

    def put(self, offset: int, frame: Frame) -> None:
        self._newest = offset, frame

    def close_part(self, id: int, tiles: bool) -> None:
        """No more frames of this part: the newest must be sent, if it was not."""
        if self._newest is not None:
            self._lasts.append(_message(id, *self._newest, tiles))
            self._newest = None

    def take(self, id: int, tiles: bool) -> Message | None:
        """What may be sent now."""
        if self.unpainted_for < PATIENCE and self._away is not None:
            return None
        if self._lasts:
            message = self._lasts.popleft()
        elif self._newest is not None:
            message, self._newest = _message(id, *self._newest, tiles), None
        else:
            return None
        sent = time.monotonic()
        self._away = message[0]["step"], sent, self._away[2] if self._away else sent
        return message

    def painted(self, step: int) -> None:
        # A second view, or one that was told all again, also speaks of frames that are long gone.
        if self._away is not None and self._away[0] == step:
            self._away = None

    def seen_again(self) -> None:
        """A page has opened: it has not been slow until now."""
        if self._away is not None:
            self._away = *self._away[:2], time.monotonic()

    @property
    def unpainted_for(self) -> float:
        """Seconds since the frame was sent that no page has painted."""
        return 0.0 if self._away is None else time.monotonic() - self._away[1]

    @property
    def unheard_for(self) -> float:
        """Seconds since a frame was sent after which the page has said nothing."""
        return 0.0 if self._away is None else time.monotonic() - self._away[2]


class Dreaming:
    """A dream from its request to its end. ``Dreams`` guards ``state``, ``text``, ``more`` and ``outbox`` by its lock.

    The engine's dream is stepped, saved and replaced on the worker's thread alone.
    """

    def __init__(self, id: int, plan: Plan) -> None:
        self.id = id
        self.plan = plan
        self.state: State = "queued"
        self.text = ""
        # Steps that were asked for since it ended.
        self.more = 0
        self.outbox = Outbox()
        self.dream: Dream | None = None
        # Place of the first image of the part that is being made.
        self.offset = 0
        # Of each part that is done, for each input.
        self._tiles: list[tuple[np.ndarray, ...]] = []

    @property
    def is_grid(self) -> bool:
        return self.plan.form == "grid"

    @property
    def ended(self) -> bool:
        return self.state in ENDED

    @property
    def probable(self) -> list[bool]:
        """Of each image that is being made, whether its score is a probability."""
        under_way = self.plan.targets[self.offset : self.offset + self.plan.at_once]
        return [target.terms[0][1].score == "probability" for target in under_way]

    @property
    def nbytes(self) -> int:
        """Of the pictures that it keeps."""
        film = 0 if self.dream is None else self.dream.history.nbytes
        return film + sum(picture.nbytes for part in self._tiles for picture in part)

    def message(self, as_python: Callable[[Dream, Plan], str]) -> Message:
        dream, plan = self.dream, self.plan
        step, steps = (0, plan.steps) if dream is None else (dream.step, dream.steps)
        # What makes one part of a grid does not make the grid.
        whole = plan.at_once == len(plan.targets)
        notes, python = ((), "") if dream is None else (dream.notes, as_python(dream, plan) if whole else "")
        return dream_protocol.dream(
            self.id,
            plan.form,
            self.state,
            step,
            steps + self.more,
            self._titles(),
            [one for one in plan.filters for _ in plan.sources],
            self.text,
            notes,
            python,
        )

    def _titles(self) -> list[str]:
        """One for each image: of several inputs with the input's name."""
        sources = self.plan.sources
        return [f"{title} · {each.name}" if len(sources) > 1 else title for title in self.plan.titles for each in sources]

    def go_on(self, model: Any, network: Network, labels: Sequence[str]) -> bool:
        """Have a dream to step; returns whether it is a new one."""
        if self.dream is None:
            self.plan = settled(self.plan, network, labels)
            self.dream = dream_of(self.plan, self.offset, model, network)
            return True
        self.dream.steps, self.more = self.dream.steps + self.more, 0
        return False

    def next_part(self) -> bool:
        """Leave a part that is done; returns whether there is another, which ``go_on`` then makes."""
        if self.is_grid and self.dream is not None:
            self._tiles.append(tuple(map(shrunk, self.dream.pictures)))
        if self.offset + self.plan.at_once >= len(self.plan.targets):
            return False
        self.offset += self.plan.at_once
        self.dream = None
        return True

    def file(self, format: Format) -> tuple[str, bytes]:
        """Name and bytes of a file of it as it is now.

        Raises
        ------
        ValueError
            When there is no image yet, and for a film of a grid.
        """
        if self.is_grid and format == "gif":
            raise ValueError("A grid of filters has no film: export it as PNG, or dream of one filter.")
        if not self._tiles and (self.dream is None or not self.dream.step):
            raise ValueError("The dream has no image yet: let it begin first.")
        name = re.sub(r"[^\w-]+", "_", "filters" if self.is_grid else self.plan.titles[0]).strip("_")[:60]
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"dream.{format}"
            if self.is_grid:
                under_way = [] if self.state == "done" or self.dream is None else [tuple(map(shrunk, self.dream.pictures))]
                tiles = zip(*self._tiles, *under_way, strict=True)
                Image.fromarray(sheet([np.concatenate(each) for each in tiles])).save(path)
            else:
                assert self.dream is not None
                self.dream.save(path)
            return f"{name or 'dream'}.{format}", path.read_bytes()


def shrunk(pictures: np.ndarray) -> np.ndarray:
    """Pictures (N, h, w, 3) that are no larger than ``TILE``."""
    height, width = _tile_size(*pictures.shape[1:3])
    if (height, width) == pictures.shape[1:3]:
        return pictures
    return np.stack([np.asarray(Image.fromarray(one).resize((width, height), Image.Resampling.BOX)) for one in pictures])


def _tile_size(height: int, width: int) -> tuple[int, int]:
    share = min(1.0, TILE / max(height, width))
    return max(1, round(share * height)), max(1, round(share * width))


def _message(id: int, offset: int, frame: Frame, tiles: bool) -> Message:
    pictures = [shrunk(each) if tiles else each for each in frame.pictures]
    return dream_protocol.frame(id, frame.step, offset * len(pictures), pictures, frame.scores)
