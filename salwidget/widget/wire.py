"""Values of the controls as they go over the wire, and back.

What only Python knows (a callable modifier, a target of one's own, an array among the options) goes by a name, and comes
back by it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from salwidget.network import Network
from salwidget.query import Array, ByInput, Table
from salwidget.target import Target, Unit, target_of
from salwidget.words import target_said

# An array, one for each input, or a table, among a method's options.
GIVEN = "given"


class Wire:
    """The two ways, and what was named on the way to the page."""

    def __init__(self, network: Network, labels: Sequence[str]) -> None:
        self._network = network
        self._labels = labels
        self._named: dict[str, Any] = {}
        self._given: dict[str, Array | ByInput | Table] = {}

    def take_up(self, network: Network) -> None:
        """Speak of another network's layers."""
        self._network = network

    def to_page(self, name: str, value: Any) -> Any:
        """The JSON for a control's value."""
        if name == "options":
            self._given |= (given := {option: one for option, one in value.items() if isinstance(one, (Array, ByInput, Table))})
            return {option: GIVEN if option in given else _plain(chosen) for option, chosen in value.items()}
        if name == "target" and value is None:
            return ""
        if callable(value) or isinstance(value, (Unit, Target)):
            label = self._label(value)
            self._named[label] = value
            return label
        return _plain(value)

    def from_page(self, name: str, value: Any) -> Any:
        """The value that a control may get for what the page sent, which may be anything."""
        if name == "options" and isinstance(value, dict):
            return {option: self._given.get(option, chosen) if chosen == GIVEN else chosen for option, chosen in value.items()}
        if name == "target" and value == "":
            return None
        if name in ("backprop_modifier", "grad_modifier", "target") and isinstance(value, str):
            return self._named.get(value, value)
        return tuple(value) if name == "cell" and isinstance(value, list) else value

    def _label(self, value: Any) -> str:
        if isinstance(value, (Unit, Target)):
            return target_said(self._network, target_of(self._network, value), self._labels)
        return f"{getattr(value, '__name__', 'callable')}()"  # the brackets keep it apart from a rule of ours


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
