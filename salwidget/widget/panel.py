"""A tab of the widget."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from typing import Any, ClassVar, Protocol

from salwidget.engine.network import Network
from salwidget.widget.context import WidgetContext
from salwidget.widget.names import Names
from salwidget.widget.pane import Pane
from salwidget.widget.protocol import Reader


class Figure(Protocol):
    """What a tab shows beside the view: an ipywidget that can hide."""

    def reveal(self, shown: bool) -> None: ...

    def close(self) -> None: ...


class Panel:
    """Everything about one tab; the session calls it and knows no tab by name. One class a tab, a row of ``PANELS``."""

    name: ClassVar[str]
    # Kind of a message of the page to what checks it; ``handle`` gets what that returns.
    requests: ClassVar[Mapping[str, Reader]] = {}

    def __init__(self, context: WidgetContext) -> None:
        self.context = context
        self.panes: Sequence[Pane] = ()
        self.figure: Figure | None = None

    @property
    def is_open(self) -> bool:
        return self.context.controls.tab == self.name

    @classmethod
    def traits(cls, network: Network) -> dict[str, Any]:
        """Traits of the page that this tab makes of a network."""
        return {}

    def handle(self, request: Any) -> None:
        """Do what the page asks, on the thread of its message; what cannot be done is told to it."""

    def ask(self) -> None:
        """Ask what the controls ask now, in each pane that shows it."""

    def moved(self, names: Sequence[str]) -> None:
        """These controls have moved; under the lock."""

    def opened(self) -> None:
        """The tab is the open one now; under the lock."""

    def closed(self) -> None:
        """Another tab is the open one now; under the lock."""

    def page_opened(self) -> None:
        """A page is shown, perhaps a second one."""

    def labels_changed(self) -> None:
        """Images or classes are called or prepared otherwise."""

    def network_changed(self) -> None:
        """The context has another network; under the lock."""

    def likely(self) -> Generator[Any, None, None]:
        """Work for the worker while nobody asks, soonest first."""
        yield from ()

    def python(self, names: Names) -> dict[str, str]:
        """What "copy as Python" copies here, by its name in the menu."""
        return {}

    def close(self) -> None:
        """End all work."""
        if self.figure is not None:
            self.figure.close()
