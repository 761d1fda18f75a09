"""The messages between kernel and page, mirrored by ``js/src/protocol.ts``.

Values travel raw: float32 maps, uint8 pictures. ``tests/protocol.json`` holds examples that test both sides.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from salwidget.heatmap import Heatmap

# JupyterLab's server closes a WebSocket on messages past 10 MiB; the rest of the message needs room too.
UPLOAD_BYTES = 8 * 2**20

Buffers = list[bytes]
Message = tuple[dict[str, Any], Buffers]


def picture(image_idx: int, name: str, shown: np.ndarray) -> Message:
    return {"kind": "picture", "image_idx": image_idx, "name": name, "shape": list(shown.shape)}, [shown.tobytes()]


def scores(image_idx: int, activation: str, values: np.ndarray) -> Message:
    content = {"kind": "scores", "image_idx": image_idx, "activation": activation}
    return content, [np.ascontiguousarray(values, np.float32).tobytes()]


def computing(seq: int, asked: dict[str, Any]) -> Message:
    return {"kind": "computing", "seq": seq, "asked": asked}, []


def heatmap(seq: int, asked: dict[str, Any], answer: Heatmap, final: bool, target: str, python: str) -> Message:
    content = {
        "kind": "map",
        "seq": seq,
        "query": answer.query.id,
        "asked": asked,
        "shape": list(answer.values.shape),
        "signed": answer.signed,
        "top": answer.top,
        "units": answer.units,
        "method": answer.query.method,
        "target": target,
        "ms": round(answer.seconds * 1000, 2),
        "passes": answer.passes,
        "notes": list(answer.notes),
        "final": final,
        "python": python,
        "picture": answer.picture is not None,
    }
    buffers = [answer.values.tobytes()]
    if answer.picture is not None:
        buffers.append(np.ascontiguousarray(answer.picture).tobytes())
    return content, buffers


def error(about: str, text: str, seq: int | None = None, asked: dict[str, Any] | None = None) -> Message:
    return {"kind": "error", "seq": seq, "asked": asked, "about": about, "text": text}, []


def stopped(seq: int) -> Message:
    return {"kind": "stopped", "seq": seq}, []


def thumbnails(image_idx: int, size: int, indices: list[int], greys: np.ndarray) -> Message:
    content = {"kind": "thumbnails", "image_idx": image_idx, "size": size, "indices": indices}
    return content, [np.ascontiguousarray(greys, np.uint8).tobytes()]


@dataclass(frozen=True)
class Request:
    """A checked message from the page."""

    kind: Literal["ready", "stop", "upload"]
    name: str = ""
    data: bytes = b""


def read_request(content: Any, buffers: Any) -> Request:
    """Check a message from the page; anyone who reaches the page can send one.

    Raises
    ------
    ValueError
        In one sentence, when the message is not one of the three or breaks its form.
    """
    kind = content.get("kind") if isinstance(content, dict) else None
    if kind in ("ready", "stop"):
        return Request(kind)
    if kind != "upload":
        raise ValueError(f"The kernel knows no message of kind {str(kind)[:40]!r}.")
    name = content.get("name")
    if not isinstance(name, str) or not isinstance(buffers, list) or len(buffers) != 1:
        raise ValueError("An upload needs a name and one buffer.")
    data = bytes(buffers[0])
    if not data:
        raise ValueError(f"{name[:80]} is empty.")
    if len(data) > UPLOAD_BYTES:
        raise ValueError(f"{name[:80]} is larger than {UPLOAD_BYTES // 2**20} MB; scale it down.")
    return Request("upload", name[:200], data)
