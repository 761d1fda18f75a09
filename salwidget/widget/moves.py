"""Moves of the controls, from Python and from the page: each is applied once, told once, and asked once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from salwidget.widget import protocol
from salwidget.widget.context import WidgetContext
from salwidget.widget.controls import ROWS, Controls
from salwidget.widget.trait_codec import TraitCodec


class Moves:
    """Lets the controls of one widget stand elsewhere, under its lock.

    ``moved`` shows what follows from the controls that have moved; ``ask`` asks anew.
    """

    def __init__(self, context: WidgetContext, moved: Callable[[Sequence[str]], None], ask: Callable[[], None]) -> None:
        self._context, self._moved, self._ask = context, moved, ask
        self._codec = TraitCodec(context)

    def by_python(self, changes: Mapping[str, Any]) -> None:
        """Move all of these, or where one does not fit none.

        Raises
        ------
        TraitError
            One sentence, when a value does not fit.
        """
        before, now, refused = self._apply(changes, partly=False)
        for error in refused.values():
            raise error
        self._context.widget.tell_observers(before, now)

    def by_page(self, values: Mapping[str, Any]) -> None:
        """Move what fits of a message; of the rest the page is told why not, and what stands."""
        self._context.channel.reply_here()
        changes = {name: self._codec.from_page(name, value) for name, value in values.items()}
        before, now, refused = self._apply(changes, partly=True)
        for error in refused.values():
            self._refuse(error)
        try:
            self._context.widget.tell_observers(before, now)
        except Exception as error:  # of an observer, which is the user's; nobody else would hear of it
            self._refuse(error)

    def _refuse(self, error: Exception) -> None:
        self._context.channel.send(protocol.error("message", protocol.sentence(error)))

    def _apply(self, changes: Mapping[str, Any], partly: bool) -> tuple[Controls, Controls, Mapping[str, Exception]]:
        """Returns where the controls stood and where they stand, and what was refused."""
        context = self._context
        if any(ROWS[name].decides == "answer" for name in changes):
            with suppress(Exception):  # a model that cannot be opened as it is now: the question will tell
                context.reopen()
        with context.lock:
            before = context.controls
            now, refused = before.apply(changes, context.available)
            if refused and not partly:
                return before, before, refused
            moved = self.commit(now, changes)
            if any(ROWS[name].decides == "answer" for name in moved):
                self._ask()
        return before, now, refused

    def commit(self, now: Controls, told: Iterable[str] = ()) -> list[str]:
        """Under the lock: let the controls stand there, and show it; returns which of them moved.

        The page is told of these and of ``told``, which it has moved itself, perhaps to a place where they do not stand.
        """
        moved = now.moved_since(self._context.controls)
        self._context.widget.controls = now
        self.tell_page({*moved, *told})
        self._moved(moved)
        return moved

    def tell_page(self, names: Iterable[str] = tuple(ROWS)) -> None:
        """Tell the page where controls stand, in one message of what is new to it."""
        context = self._context
        values = {name: self._codec.to_page(name, getattr(context.controls, name)) for name in names}
        context.on_wire |= values
        choices = context.view.choices
        for name, value in values.items():
            if value and ROWS[name].travels == "function" and value not in choices[name]:
                choices = {**choices, name: [*choices[name], value]}
        context.channel.show(choices=choices, **values)
