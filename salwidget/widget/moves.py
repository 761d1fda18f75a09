"""Moves of the controls, from Python and from the page: each is applied once, told once, and asked once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from salwidget.engine.network import Network
from salwidget.widget import protocol
from salwidget.widget.controls import QUESTION, ROWS, Controls
from salwidget.widget.page import Page
from salwidget.widget.wire import Wire

if TYPE_CHECKING:
    from salwidget.widget.session import Session


class Moves:
    """Lets the controls of one widget stand elsewhere, under the lock of its session."""

    def __init__(self, session: Session, page: Page) -> None:
        self._session, self._page = session, page
        self._wire = Wire(session.network, session.labels)
        # Where the controls stand, as it lies on the wire.
        self.on_wire: dict[str, Any] = {}

    def take_up(self, network: Network) -> None:
        """Speak of another network's layers."""
        self._wire.take_up(network)

    @property
    def asked(self) -> dict[str, Any]:
        """The question of the controls, as it lies on the wire."""
        return {name: self.on_wire[name] for name in QUESTION}

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
        self._session.widget.tell_observers(before, now)

    def by_page(self, said: Mapping[str, Any]) -> None:
        """Move what fits of a message; of the rest the page is told why not, and what stands."""
        self._page.heard()
        changes = {name: self._wire.from_page(name, value) for name, value in said.items()}
        before, now, refused = self._apply(changes, partly=True)
        for error in refused.values():
            self._refuse(error)
        try:
            self._session.widget.tell_observers(before, now)
        except Exception as error:  # of an observer, which is the user's; nobody else would hear of it
            self._refuse(error)

    def _refuse(self, error: Exception) -> None:
        self._page.send(protocol.error("message", protocol.sentence(error)))

    def _apply(self, changes: Mapping[str, Any], partly: bool) -> tuple[Controls, Controls, Mapping[str, Exception]]:
        """Returns where the controls stood and where they stand, and what was refused."""
        session = self._session
        if any(ROWS[name].decides == "answer" for name in changes):
            with suppress(Exception):  # a model that cannot be opened as it is now: the question will tell
                session.look()
        with session.lock:
            before = session.controls
            now, refused = before.apply(changes, session.available)
            if refused and not partly:
                return before, before, refused
            moved = self.stand(now, changes)
            if any(ROWS[name].decides == "answer" for name in moved):
                session.pane.ask()
        return before, now, refused

    def stand(self, now: Controls, told: Iterable[str] = ()) -> list[str]:
        """Under the lock: let the controls stand there, and show it; returns which of them moved.

        The page is told of these and of ``told``, which it has moved itself, perhaps to a place where they do not stand.
        """
        moved = now.moved_since(self._session.controls)
        self._session.widget.controls = now
        self.tell({*moved, *told})
        self._session.show_moved(moved)
        return moved

    def tell(self, names: Iterable[str] = tuple(ROWS)) -> None:
        """Tell the page where controls stand, in one message of what is new to it."""
        session = self._session
        values = {name: self._wire.to_page(name, getattr(session.controls, name)) for name in names}
        self.on_wire |= values
        choices = session.view.choices
        for name, value in values.items():
            if value and ROWS[name].travels == "function" and value not in choices[name]:
                choices = {**choices, name: [*choices[name], value]}
        self._page.show(choices=choices, **values)
