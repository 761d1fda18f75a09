"""Digests of arrays."""

from __future__ import annotations

import hashlib

import numpy as np


def digest(*arrays: np.ndarray) -> str:
    """A digest of the types, shapes and bytes of arrays."""
    sha = hashlib.sha1()
    for array in arrays:
        sha.update(f"{array.dtype}{array.shape}".encode())
        sha.update(np.ascontiguousarray(array).data)
    return sha.hexdigest()
