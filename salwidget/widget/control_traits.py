"""The public traits of the controls: together they are one frozen value, and to set one is a move."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from textwrap import fill
from typing import Any

import traitlets

from salwidget.widget.controls import DEFAULTS, ROWS, Controls


class ControlTrait(traitlets.Any):
    """Reads where the control stands; setting it moves it, or while notifications are held waits for their end."""

    def get(self, obj: Any, cls: Any = None) -> Any:
        held = obj.held or {}
        return held[self.name] if self.name in held else getattr(obj.controls, str(self.name))

    def set(self, obj: Any, value: Any) -> None:
        if obj.held is not None:
            obj.held[self.name] = value
        else:
            obj.move({self.name: value})


class ControlTraits(traitlets.HasTraits):
    """A trait for each control."""

    vars().update({name: ControlTrait(default) for name, default in DEFAULTS.items()})

    controls = Controls()
    # Values that were set, another or the same, while notifications are held; None: they are not.
    held: dict[str, Any] | None = None

    def move(self, changes: Mapping[str, Any]) -> None:
        """Move controls, all at once; nobody checks them."""
        before, self.controls = self.controls, replace(self.controls, **changes)
        self.tell_observers(before, self.controls)

    def tell_observers(self, before: Controls, now: Controls) -> None:
        """Notify those who observe a control that has moved; one that an observer has moved on was told of by that move."""
        for name in now.moved_since(before):
            if getattr(self.controls, name) is getattr(now, name):
                self._notify_trait(name, getattr(before, name), getattr(now, name))

    @contextmanager
    def hold_trait_notifications(self) -> Iterator[None]:
        """Move several controls at once: a filter that is set with its layer is that filter, also where it was so before.

        Raises
        ------
        TraitError
            At the end, when one does not fit: then none has moved.
        """
        if self.held is not None:
            yield
            return
        self.held = {}
        try:
            with super().hold_trait_notifications():
                yield
            changes = self.held
        finally:
            self.held = None
        if changes:
            self.move(changes)


def described(indent: str) -> str:
    """The controls with their meanings, as a docstring lists attributes."""
    inner = f"{indent}    "
    meanings = (fill(row.help.replace("`", "``"), 120, initial_indent=inner, subsequent_indent=inner) for row in ROWS.values())
    return f"\n{indent}".join(f"{name}\n{meaning}" for name, meaning in zip(ROWS, meanings, strict=True))
