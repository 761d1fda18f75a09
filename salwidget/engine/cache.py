"""What was computed lately and may be wanted again, bounded in bytes."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import Any

# The last feature map of an image takes 0.1 to 0.4 MB, an early one up to 13 MB, the answer to a question 0.4 MB.
MOST = 2**25


class Cache:
    """Values by key; those used last stay, up to ``most`` bytes."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._kept: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self._lock = threading.Lock()
        self.bytes = 0

    def __contains__(self, key: Hashable) -> bool:
        return key in self._kept

    def get(self, key: Hashable) -> Any:
        """The value under a key, ``None`` where there is none."""
        with self._lock:
            if key not in self._kept:
                return None
            self._kept.move_to_end(key)
            return self._kept[key][0]

    def keep(self, key: Hashable, value: Any, size: int) -> None:
        """Keep a value of ``size`` bytes, unless it alone takes more than half of the room."""
        if size > self._most // 2:
            return
        with self._lock:
            self.bytes += size - self._kept.pop(key, (None, 0))[1]
            self._kept[key] = value, size
            while self.bytes > self._most:
                self.bytes -= self._kept.popitem(last=False)[1][1]
