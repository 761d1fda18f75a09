"""The messages of the tab Test, mirrored by ``js/src/tabs/test/protocol.ts``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from PIL import Image
from scipy.special import expit, softmax

from salwidget.evidence.intervention import Intervention
from salwidget.evidence.swaps import Swaps
from salwidget.widget.packed_region import packed, token
from salwidget.widget.protocol import Message, Reader, read_kind

# So many of the classes that were best, and of those that are best now.
MOST_ROWS = 3
# Pixels of the longer side of a small picture.
SMALL = 96


def draft(image_idx: int, input_idx: int, blurred: np.ndarray) -> Message:
    """The whole image blurred, uint8 (H, W, 3): of it the page draws an edit before the answer is there."""
    content = {"kind": "draft", "image_idx": image_idx, "input_idx": input_idx, "size": list(blurred.shape[:2])}
    return content, [_pixels(blurred)]


def intervention(made: Intervention, score: str, activation: str, labels: Sequence[str]) -> Message:
    """What is known so far; ``score`` is that of the question."""
    content = {
        "kind": "intervention",
        "region": token(made.region),
        "replace": made.replace,
        "keep": made.keep,
        "progress": float(made.progress),
        "final": made.progress >= 1,
        "target": made.target,
        "units": score,
        "before": made.before,
        "after": made.after,
        "change": made.change,
        "probability": None if made.probability is None else list(made.probability),
        "log_odds": None if made.log_odds is None else list(made.log_odds),
        "p": None if np.isnan(made.p) else made.p,
        "wanted": made.wanted,
        "agreement": made.agreement,
        "sentence": made.sentence,
        "notes": list(made.notes),
        "rows": _rows(made.outputs, activation, labels),
        "size": list(made.image.shape[:2]),
        "ms": round(made.seconds * 1000, 2),
        "passes": made.passes,
    }
    return content, [np.ascontiguousarray(made.controls, np.float32).tobytes(), _pixels(made.image)]


def _rows(outputs: np.ndarray | None, activation: str, labels: Sequence[str]) -> list[dict[str, Any]]:
    """The best classes before, and then those of the best after that are not among them."""
    if outputs is None:
        return []
    order = np.argsort(-outputs, axis=1, kind="stable")
    ranks = np.argsort(order, axis=1)
    likely = softmax(outputs, axis=1) if activation == "softmax" else expit(outputs) if activation == "sigmoid" else None
    best = list(dict.fromkeys([*order[0, :MOST_ROWS].tolist(), *order[1, :MOST_ROWS].tolist()]))
    return [
        {
            "index": index,
            "label": _named(labels, index),
            "before": float(outputs[0, index]),
            "after": float(outputs[1, index]),
            "probability": None if likely is None else [float(likely[0, index]), float(likely[1, index])],
            "rank": [int(ranks[0, index]) + 1, int(ranks[1, index]) + 1],
        }
        for index in best
    ]


def previews(region: np.ndarray, pictures: dict[str, np.ndarray]) -> Message:
    """The image, uint8 (H, W, 3), with the region filled by each replacement."""
    content, buffers = _small(list(pictures.values()))
    return {"kind": "previews", "region": token(region), "names": list(pictures), **content}, buffers


def swaps(region: np.ndarray, made: Swaps) -> Message:
    """The object of one image on other backgrounds; those that are not there yet are left out."""
    there = np.flatnonzero(made.classes[0] >= 0)
    content, buffers = _small(list(made.tiles[0, there]))
    tiles = [
        {
            "name": made.backgrounds[at],
            "label": _named(made.labels, int(made.classes[0, at])),
            "probability": None if np.isnan(made.probabilities[0, at]) else float(made.probabilities[0, at]),
            "flips": bool(made.classes[0, at] != made.original[0]),
        }
        for at in there.tolist()
    ]
    said = {"progress": float(made.progress), "final": made.progress >= 1, "sentence": made.sentence}
    return {
        "kind": "swaps",
        "region": token(region),
        **said,
        "flipped": [float(one) for one in made.flipped],
        "tiles": tiles,
        **content,
    }, buffers


def patch(region: np.ndarray | None) -> Message:
    """A place to be outlined in the image, or none any more."""
    return {"kind": "patch", **(packed(region) if region is not None else {"size": None, "bits": None})}, []


READERS: dict[str, Reader] = {"swap": read_kind, "stop swap": read_kind}


def _named(labels: Sequence[str], index: int) -> str:
    return labels[index] if index < len(labels) else f"class {index}"


def _small(pictures: Sequence[np.ndarray]) -> tuple[dict[str, Any], list[bytes]]:
    """Pictures uint8 (H, W, 3) of one size, scaled down."""
    if not pictures:
        return {"size": [1, 1]}, [b""]
    height, width = pictures[0].shape[:2]
    scale = min(1.0, SMALL / max(height, width))
    size = max(1, round(height * scale)), max(1, round(width * scale))
    scaled = [np.asarray(Image.fromarray(each).resize(size[::-1], Image.Resampling.BOX)) for each in pictures]
    return {"size": list(size)}, [_pixels(np.stack(scaled))]


def _pixels(picture: np.ndarray) -> bytes:
    return np.ascontiguousarray(picture, np.uint8).tobytes()
