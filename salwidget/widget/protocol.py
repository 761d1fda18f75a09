"""The messages between kernel and page, mirrored by ``js/src/kernel/protocol.ts``.

Values travel raw: float32 maps, uint8 pictures. ``tests/protocol.json`` holds examples that test both sides.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from traitlets import TraitError

from salwidget.evidence.support import Support
from salwidget.heatmap import Heatmap
from salwidget.images import Picture

# A message's content, and its buffers.
Message = tuple[dict[str, Any], list[bytes]]
# From a message of the page, whose content is a dict, to what it asks for; raises ValueError in one sentence.
Reader = Callable[[dict[str, Any], Any], Any]

# JupyterLab's server closes a WebSocket on messages past 10 MiB; the rest of the message needs room too.
UPLOAD_BYTES = 8 * 2**20
# Characters of the longest sentence that a person is told.
SENTENCE = 400
# Of the longest name of a pane.
PANE = 40
# No segment of TCP is longer: 64 KiB is what an IP packet can hold, and what a loopback device lets through whole.
SEGMENT_BYTES = 2**16


def shown(image_idx: int, input_idx: int, one: Picture) -> Message:
    """One input in the form that it is shown in."""
    if one.given.ndim == 2:
        return signal(image_idx, input_idx, one.name, one.given)
    return picture(image_idx, input_idx, one.name, one.shown)


def picture(image_idx: int, input_idx: int, name: str, shown: np.ndarray) -> Message:
    """One input as it is shown: uint8 (H, W, 3) of an image, (D, H, W, 3) of a volume."""
    return _input("picture", image_idx, input_idx, name, np.ascontiguousarray(shown, np.uint8))


def signal(image_idx: int, input_idx: int, name: str, values: np.ndarray) -> Message:
    """One input along one axis: (length, channels), sent as float32."""
    return _input("signal", image_idx, input_idx, name, np.ascontiguousarray(values, np.float32))


def _input(kind: str, image_idx: int, input_idx: int, name: str, array: np.ndarray) -> Message:
    content = {"kind": kind, "image_idx": image_idx, "input_idx": input_idx, "name": name, "shape": list(array.shape)}
    return content, [array.tobytes()]


def scores(image_idx: int, layer: int, activation: str, values: np.ndarray) -> Message:
    """The scores of one of the model's outputs, which is the layer of that index."""
    content = {"kind": "scores", "image_idx": image_idx, "layer": layer, "activation": activation}
    return content, [np.ascontiguousarray(values, np.float32).tobytes()]


def computing(pane: str, seq: int, asked: dict[str, Any]) -> Message:
    return {"kind": "computing", "pane": pane, "seq": seq, "asked": asked}, []


def heatmap(pane: str, seq: int, asked: dict[str, Any], answer: Heatmap, final: bool, target: str) -> Message:
    content = {
        "kind": "map",
        "pane": pane,
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
        "progress": float(answer.progress),
        "final": final,
        "picture": answer.picture is not None,
    }
    buffers = [answer.values.tobytes()]
    if answer.picture is not None:
        buffers.append(np.ascontiguousarray(answer.picture).tobytes())
    return content, buffers


def error(
    about: str, text: str, pane: str | None = None, seq: int | None = None, asked: dict[str, Any] | None = None
) -> Message:
    """What could not be done; one about a question says in which pane it was asked."""
    return {"kind": "error", "pane": pane, "seq": seq, "asked": asked, "about": about, "text": text}, []


def sentence(error: BaseException) -> str:
    """An error as one sentence for a person: ours as they are, others with their kind."""
    text = str(error).strip().splitlines()[0] if str(error).strip() else ""
    if len(text) > SENTENCE:
        text = f"{text[:SENTENCE].rsplit(' ', 1)[0]} …"
    kind = type(error).__name__
    return text if isinstance(error, (ValueError, TypeError, TraitError)) and text else f"{kind}: {text}" if text else kind


def stopped(pane: str, seq: int, text: str = "") -> Message:
    """A question has no answer for now: it was stopped, or ``text`` says why the one that it had is none any more."""
    return {"kind": "stopped", "pane": pane, "seq": seq, "text": text}, []


def picked(index: int) -> Message:
    """A class was clicked outside the view, in a chart."""
    return {"kind": "picked", "index": index}, []


def thumbnails(image_idx: int, size: int, indices: list[int], greys: np.ndarray) -> Message:
    content = {"kind": "thumbnails", "image_idx": image_idx, "size": size, "indices": indices}
    return content, [np.ascontiguousarray(greys, np.uint8).tobytes()]


def superpixels(image_idx: int, input_idx: int, labels: np.ndarray) -> Message:
    """The number of the superpixel of each pixel, int (H, W)."""
    content = {"kind": "superpixels", "image_idx": image_idx, "input_idx": input_idx, "size": list(labels.shape)}
    return content, [np.ascontiguousarray(labels, np.uint16).tobytes()]


def supports(image_idx: int, input_idx: int, layer: int, found: Support) -> Message:
    """What each cell of a feature map adds to the likeliest classes of an output, which is the layer of that index."""
    content = {
        "kind": "supports",
        "image_idx": image_idx,
        "input_idx": input_idx,
        "layer": layer,
        "classes": list(found.classes),
        "labels": list(found.labels),
        "shape": list(found.values.shape[1:]),
        "cam_layer": found.layer,
        "units": found.units,
    }
    return content, [found.values.tobytes()]


def filled(message: Message) -> Message:
    """What carries values, with a buffer of zeros behind them that makes it a whole segment; nobody reads the zeros.

    JupyterLab's server leaves Nagle's algorithm on (RFC 896): less than a segment waits until all that was sent before is
    acknowledged. Before an answer goes the kernel's word that it is busy, and a browser that has nothing to say delays its
    acknowledgement by 40 ms. A whole segment is sent at once, with all that waits before it. On loopback it costs less
    than a millisecond; elsewhere segments hold 1.4 kB, and the values alone fill them.
    """
    content, buffers = message
    missing = SEGMENT_BYTES - sum(len(buffer) for buffer in buffers)
    return (content, [*buffers, bytes(missing)]) if buffers and missing > 0 else message


@dataclass(frozen=True)
class Request:
    """A checked message from the page; ``loopback``: it was loaded from this machine, or through a tunnel that ends here."""

    kind: str
    loopback: bool = False
    pane: str = ""
    name: str = ""
    data: bytes = b""


def kind_of(content: Any) -> str:
    """The kind of a message from the page, which may be anything."""
    return str(content.get("kind")) if isinstance(content, dict) else ""


# Anyone who reaches the page can send a message: each kind is read by one of these.


def read_ready(content: dict[str, Any], buffers: Any) -> Request:
    return Request(content["kind"], loopback=content.get("loopback") is True)


def read_kind(content: dict[str, Any], buffers: Any) -> Request:
    """A message that says all by its kind."""
    return Request(content["kind"])


def read_pane(content: dict[str, Any], buffers: Any) -> Request:
    """A message to one pane."""
    pane = content.get("pane")
    if not isinstance(pane, str) or len(pane) > PANE:
        raise ValueError(f"A message {content['kind']!r} needs the name of its pane.")
    return Request(content["kind"], pane=pane)


def read_upload(content: dict[str, Any], buffers: Any) -> Request:
    name = content.get("name")
    if not isinstance(name, str) or not isinstance(buffers, list) or len(buffers) != 1:
        raise ValueError("An upload needs a name and one buffer.")
    data = bytes(buffers[0])
    if not data:
        raise ValueError(f"{name[:80]} is empty.")
    if len(data) > UPLOAD_BYTES:
        raise ValueError(f"{name[:80]} is larger than {UPLOAD_BYTES // 2**20} MB; scale it down.")
    return Request(content["kind"], name=name[:200], data=data)


READERS: dict[str, Reader] = {
    "ready": read_ready,
    "stop": read_pane,
    "again": read_pane,
    "upload": read_upload,
    "superpixels": read_kind,
    "probe": read_kind,
}


def read_request(content: Any, buffers: Any, readers: Mapping[str, Reader]) -> Any:
    """What a message from the page asks for, by the reader of its kind.

    Raises
    ------
    ValueError
        In one sentence, when the message is of no kind that is known or breaks its form.
    """
    kind = kind_of(content)
    if kind not in readers:
        raise ValueError(f"The kernel knows no message of kind {kind[:40]!r}.")
    return readers[kind](content, buffers)
