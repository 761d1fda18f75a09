"""Values of the controls as they go over the wire, and back, each the way that its row says.

What only Python knows (a callable modifier, a target of one's own, an array among the options) goes by a name, and comes
back by it.
"""

from __future__ import annotations

from typing import Any

from salwidget.engine.resolve import target_of
from salwidget.query import Array, ByInput, Table
from salwidget.target import Target, Unit
from salwidget.target_text import target_title
from salwidget.widget.context import WidgetContext
from salwidget.widget.controls import ROWS
from salwidget.widget.packed_region import packed, unpacked

# An array, one for each input, or a table, among a method's options.
GIVEN = "given"


class TraitCodec:
    """The two ways, and what was named on the way to the page."""

    def __init__(self, context: WidgetContext) -> None:
        self._context = context
        # By control and name: two functions of one name, as a rule and as a gradient modifier, keep apart.
        self._named: dict[tuple[str, str], Any] = {}
        self._given: dict[str, Array | ByInput | Table] = {}

    def to_page(self, name: str, value: Any) -> Any:
        """The JSON for a control's value."""
        match ROWS[name].travels:
            case "options":
                given = {option: one for option, one in value.items() if isinstance(one, (Array, ByInput, Table))}
                self._given |= given
                return {option: GIVEN if option in given else _plain(chosen) for option, chosen in value.items()}
            case "region" if value is not None:
                return packed(value)
            case "target" if value is None:
                return ""
            case "target" | "function" if callable(value) or isinstance(value, (Unit, Target)):
                label = self._label(value)
                self._named[name, label] = value
                return label
        return _plain(value)

    def from_page(self, name: str, value: Any) -> Any:
        """The value that a control may get for what the page sent, which may be anything."""
        match ROWS[name].travels, value:
            case "options", dict():
                return {
                    option: self._given.get(option, chosen) if chosen == GIVEN else chosen for option, chosen in value.items()
                }
            case "target", "":
                return None
            case "target" | "function", str():
                return self._named.get((name, value), value)
            case "cell", list():
                return tuple(value)
            case "region", dict():
                return unpacked(value)
        return value

    def _label(self, value: Any) -> str:
        if isinstance(value, (Unit, Target)):
            network = self._context.network
            return target_title(network, target_of(network, value), self._context.labels)
        return f"{getattr(value, '__name__', 'callable')}()"  # the brackets keep it apart from a rule of ours


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
