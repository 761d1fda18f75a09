"""The way to the page: what is said to it, and what one that is opened later must be told again."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import Context, copy_context
from typing import Any

from salwidget.widget import protocol
from salwidget.widget.explorer import Explorer


class Channel:
    """Messages and traits to one view."""

    def __init__(self, view: Explorer) -> None:
        self._view = view
        self._replay: dict[str, protocol.Message] = {}
        self._context: Context | None = None
        self._loopback = False

    def reply_here(self) -> None:
        """A message of the page is being handled on this thread: answers go the way that it came."""
        self._context = copy_context()

    def send(self, message: protocol.Message, keep: str = "") -> None:
        """Send a message; under ``keep`` the last of its kind is told again to a page that is opened later."""
        if keep:
            self._replay[keep] = message
        if self._view.comm is not None:
            self._publish(self._view.send, *(protocol.filled(message) if self._loopback else message))

    def forget(self, keep: str) -> None:
        self._replay.pop(keep, None)

    def forget_all(self, beginning: str) -> None:
        for keep in list(self._replay):
            if keep.startswith(beginning):
                self.forget(keep)

    def opened(self, loopback: bool) -> None:
        """A page has been opened, ``loopback``: on the server's own machine. Tell it all that was kept."""
        self._loopback = loopback
        for message in list(self._replay.values()):
            self.send(message)

    def show(self, **values: Any) -> None:
        """Give the page traits: one message, of those that are new to it."""
        self._publish(self._view.tell, values)

    def _publish(self, call: Callable[..., Any], *args: Any) -> None:
        """Call what sends over the comm as if it answered the page's last message.

        ipykernel 7 routes a comm's messages to the shell that last published on it. A cell that sets a trait would draw
        the page's next messages to the main shell, and they would wait there for as long as a later cell runs.
        """
        if self._context is None:
            call(*args)
        else:
            self._context.copy().run(call, *args)
