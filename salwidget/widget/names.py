"""What a widget, and what a person gave it, is called in the notebook."""

from __future__ import annotations

import itertools
import keyword
import weakref
from collections.abc import Callable
from typing import Any

_numbers = itertools.count(1)
_opened: weakref.WeakValueDictionary[int, Any] = weakref.WeakValueDictionary()


def register(widget: Any) -> int:
    """The widget's number in this process, by which ``opened`` finds it."""
    number = next(_numbers)
    _opened[number] = widget
    return number


def opened(number: int) -> Any:
    """The widget with this number.

    Raises
    ------
    ValueError
        When it is closed, or was never there.
    """
    widget = _opened.get(number)
    if widget is None or widget.status == "closed":
        raise ValueError(f"There is no open widget {number!r} in this kernel: copy the line again from the widget.")
    return widget


def notebook() -> Any:
    """The shell that runs the cells; None outside of IPython."""
    from IPython import get_ipython

    return get_ipython()


class CellWatch:
    """Calls ``ran`` after each cell of the notebook."""

    def __init__(self, ran: Callable[[], None]) -> None:
        self._ran, shell = ran, notebook()
        self._events = None if shell is None else shell.events
        if self._events is not None:
            self._events.register("post_run_cell", self._cell_ran)

    def close(self) -> None:
        if self._events is not None:
            self._events.unregister("post_run_cell", self._cell_ran)

    def _cell_ran(self, *_: object) -> None:
        self._ran()


class Names:
    """Names as the notebook has them at this moment.

    Attributes
    ----------
    widget
        The variable that holds the widget.
    first
        The lines that must run before: an import, and for a widget without a name of its own one that finds it.
    """

    def __init__(self, widget: Any, number: int) -> None:
        shell = notebook()
        self._bound = {} if shell is None else dict(shell.user_ns)
        self.first = "import salwidget\n\n"
        self.widget = self.of(widget)
        if not self.widget:
            self.widget = next(name for name in self._free() if name not in self._bound)
            self.first += f"{self.widget} = salwidget.SaliencyWidget.opened({number})\n"

    def of(self, value: Any) -> str:
        """A name that is bound to this very object, or ``""``."""
        found = (name for name, one in self._bound.items() if one is value and not name.startswith("_"))
        return next((name for name in found if name.isidentifier() and not keyword.iskeyword(name)), "")

    def named(self, value: Any, argument: str) -> str:
        """A function by its own name where it has one, else as the widget holds it; arrays may have been changed since."""
        at_hand = self.of(value) if callable(value) else ""
        return at_hand or (f"{self.widget}.{argument}" if argument in _CONTROLS else f"{self.widget}.options[{argument!r}]")

    @staticmethod
    def _free() -> Any:
        yield "w"
        yield from (f"w{number}" for number in itertools.count(2))


_CONTROLS = ("target", "backprop_modifier", "grad_modifier")
