"""A pause of Python's garbage collection."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_lock = threading.Lock()
_depth = 0
_enabled = True


@contextmanager
def gc_paused() -> Iterator[None]:
    """No garbage is collected inside the block, on any thread.

    Building a graph makes so many objects that it triggers a full collection, which takes 0.2 s with TensorFlow loaded.
    """
    global _depth, _enabled
    with _lock:
        if not _depth:
            _enabled = gc.isenabled()
            gc.disable()
        _depth += 1
    try:
        yield
    finally:
        with _lock:
            _depth -= 1
            if not _depth and _enabled:
                gc.enable()
