"""A region as it travels: its bits, row by row, eight in a byte."""

from __future__ import annotations

import base64
import binascii
import zlib
from typing import Any

import numpy as np

# Pixels of the largest region that a page may send: a side of 8192.
MOST_PIXELS = 2**26


def packed(region: np.ndarray) -> dict[str, Any]:
    """A region (H, W) as JSON: ``size``, and ``bits`` in base64, the most significant first."""
    return {"size": list(region.shape), "bits": base64.b64encode(_bits(region)).decode()}


def unpacked(value: dict[str, Any]) -> Any:
    """The region that the page has sent, bool (H, W); what is none comes back as it is, to be refused."""
    size, bits = value.get("size"), value.get("bits")
    if not (isinstance(size, list) and len(size) == 2 and all(type(each) is int and each > 0 for each in size)):
        return value
    height, width = size
    if height * width > MOST_PIXELS or not isinstance(bits, str):
        return value
    try:
        data = base64.b64decode(bits, validate=True)
    except (binascii.Error, ValueError):
        return value
    if len(data) != -(-height * width // 8):
        return value
    return np.unpackbits(np.frombuffer(data, np.uint8), count=height * width).reshape(size).astype(bool)


def token(region: np.ndarray | None) -> int:
    """By which a message names a region; 0 for none."""
    return 0 if region is None else zlib.crc32(_bits(region))


def _bits(region: np.ndarray) -> bytes:
    return np.packbits(region).tobytes()
