"""The messages of the Dream tab, mirrored by ``js/src/tabs/dream/protocol.ts``; examples are in ``tests/protocol.json``."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from salwidget.widget.protocol import Message, Reader

Form = Literal["single", "grid"]
State = Literal["queued", "running", "paused", "done", "stopped", "failed"]
Format = Literal["gif", "png"]

MIMES = {"gif": "image/gif", "png": "image/png"}
# More settings, longer words or larger numbers than these nobody has: they are an attack or a mistake.
MOST_SETTINGS, LONGEST, LARGEST = 64, 40, 10**9


def dream(
    id: int,
    form: Form,
    state: State,
    step: int,
    steps: int,
    titles: Sequence[str],
    filters: Sequence[int | None],
    text: str = "",
    notes: Sequence[str] = (),
    python: str = "",
) -> Message:
    """How a dream is: sent at each change of its state."""
    content = {
        "kind": "dream",
        "id": id,
        "form": form,
        "state": state,
        "step": step,
        "steps": steps,
        "titles": list(titles),
        "filters": list(filters),
        "text": text,
        "notes": list(notes),
        "python": python,
    }
    return content, []


def frame(id: int, step: int, offset: int, pictures: Sequence[np.ndarray], scores: np.ndarray) -> Message:
    """The images of one step, of each input uint8 (N, H, W, 3), and their scores (N,).

    On the stage those of one score stand beside each other; ``offset`` is the place of the first among all.
    """
    content = {
        "kind": "frame",
        "id": id,
        "step": step,
        "offset": offset,
        "inputs": [{"shape": list(each.shape)} for each in pictures],
        "scores": [_number(score) for score in scores],
    }
    return content, [_pixels(each) for each in pictures]


def dream_file(id: int, name: str, format: Format, data: bytes) -> Message:
    return {"kind": "dream_file", "id": id, "name": name, "mime": MIMES[format]}, [data]


@dataclass(frozen=True, eq=False)
class Patch:
    """An image that excites a filter: uint8 (h, w, 3), and the box (top, left, bottom, right) in shares of it."""

    name: str
    image_idx: int
    score: float
    box: tuple[float, float, float, float]
    picture: np.ndarray


def dream_card(
    id: int, place: int, title: str, weights: np.ndarray | None, drawn: np.ndarray | None, patches: Sequence[Patch]
) -> Message:
    """What is known of one unit; ``weights`` and ``drawn``, its map on the current image, are uint8 (h, w, 3) or None."""
    pictures = [picture for picture in (weights, drawn) if picture is not None]
    content = {
        "kind": "dream_card",
        "id": id,
        "place": place,
        "title": title,
        "weights": None if weights is None else list(weights.shape[:2]),
        "map": None if drawn is None else list(drawn.shape[:2]),
        "patches": [
            {
                "name": patch.name,
                "image_idx": patch.image_idx,
                "score": _number(patch.score),
                "box": list(patch.box),
                "shape": list(patch.picture.shape[:2]),
            }
            for patch in patches
        ],
    }
    return content, [_pixels(picture) for picture in [*pictures, *(patch.picture for patch in patches)]]


@dataclass(frozen=True)
class DreamRequest:
    """A checked message from the page about dreams; its settings are checked against their declarations elsewhere."""

    kind: str
    id: int = -1
    step: int = -1
    place: int = -1
    format: Format = "png"
    settings: dict[str, float | str] = field(default_factory=dict)


# What a message of each kind has to say.
_FIELDS: dict[str, tuple[str, ...]] = {
    "dream_start": ("settings",),
    "dream_filters": ("settings",),
    "dream_pause": ("id",),
    "dream_resume": ("id",),
    "dream_stop": ("id",),
    "dream_painted": ("id", "step"),
    "dream_more": ("id",),
    "dream_export": ("id", "format"),
    "dream_card": ("id", "place"),
}


def read_dream_request(content: dict[str, Any], buffers: Any = None) -> DreamRequest:
    """Check a message about dreams.

    Raises
    ------
    ValueError
        In one sentence, when it breaks its form.
    """
    kind = content["kind"]
    return DreamRequest(kind, **{name: _read(kind, name, content.get(name)) for name in _FIELDS[kind]})


READERS: dict[str, Reader] = dict.fromkeys(_FIELDS, read_dream_request)


def _read(kind: str, name: str, value: Any) -> Any:
    if name == "settings":
        return _settings(kind, value)
    if name == "format":
        if not isinstance(value, str) or value not in MIMES:
            raise ValueError("A dream is exported as 'gif' or 'png'.")
        return value
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= LARGEST:
        raise ValueError(f"A message {kind!r} needs a whole number from 0 as its {name}.")
    return value


def _settings(kind: str, value: Any) -> dict[str, float | str]:
    if not isinstance(value, dict) or len(value) > MOST_SETTINGS:
        raise ValueError(f"A message {kind!r} needs its settings by their names, at most {MOST_SETTINGS}.")
    for name, chosen in value.items():
        if not isinstance(name, str) or len(name) > LONGEST:
            raise ValueError("A setting of a dream has a short name.")
        is_word = isinstance(chosen, str) and len(chosen) <= LONGEST
        is_number = isinstance(chosen, (int, float)) and not isinstance(chosen, bool) and -LARGEST <= chosen <= LARGEST
        if not (is_word or is_number):
            raise ValueError(f"The setting {name!r} of a dream is a number or a short word.")
    return dict(value)


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _pixels(picture: np.ndarray) -> bytes:
    return np.ascontiguousarray(picture, np.uint8).tobytes()
