"""A cache of the values used last, bounded in bytes."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import Any

# The last feature map of an image takes 0.1 to 0.4 MB, an early one up to 13 MB, the answer to a question 0.4 MB.
MAX_BYTES = 2**25


class Cache:
    """Values by key; those used last stay, up to ``max_bytes``."""

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self._max_bytes = max_bytes
        self._entries: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self._lock = threading.Lock()
        self.bytes = 0

    def __contains__(self, key: Hashable) -> bool:
        return key in self._entries

    def get(self, key: Hashable) -> Any:
        """The value under a key, ``None`` where there is none."""
        with self._lock:
            if key not in self._entries:
                return None
            self._entries.move_to_end(key)
            return self._entries[key][0]

    def put(self, key: Hashable, value: Any, size: int) -> None:
        """Store a value of ``size`` bytes, unless it alone takes more than half of the room."""
        if size > self._max_bytes // 2:
            return
        with self._lock:
            self.bytes += size - self._entries.pop(key, (None, 0))[1]
            self._entries[key] = value, size
            while self.bytes > self._max_bytes:
                self.bytes -= self._entries.popitem(last=False)[1][1]
