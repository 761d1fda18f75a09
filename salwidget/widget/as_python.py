"""A widget, and the map that it shows, as Python that runs in the next cell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from salwidget.dreams import Dream
from salwidget.heatmap import Heatmap
from salwidget.query import call, code, own_name
from salwidget.target import Function, Target, Unit
from salwidget.widget.controls import DEFAULTS, ROWS, first_method
from salwidget.widget.dream_plan import Plan
from salwidget.widget.names import Names, enrol, notebook

if TYPE_CHECKING:
    from salwidget.widget.page import Page
    from salwidget.widget.session import Session


class AsPython:
    """Keeps the page's two texts up to date: a variable may get its name after the widget has answered."""

    def __init__(self, session: Session, page: Page) -> None:
        self._session = session
        self._page = page
        self._number = 0
        self._events: Any = None
        self._shown: tuple[Heatmap, int] | None = None

    def open(self) -> None:
        self._number = enrol(self._session.widget)
        if (shell := notebook()) is not None:
            self._events = shell.events
            self._events.register("post_run_cell", self._cell_ran)

    def close(self) -> None:
        if self._events is not None:
            self._events.unregister("post_run_cell", self._cell_ran)
            self._events = None

    def shows(self, answer: Heatmap, image: int) -> None:
        """The page shows this answer about the image at that place."""
        self._shown = answer, image
        self.tell()

    @property
    def image_shown(self) -> int:
        """Which image the last answer is about."""
        return self._shown[1] if self._shown else self._session.widget.image_idx

    def tell(self) -> None:
        names = self.names()
        explained = "" if self._shown is None else self.explained(names, *self._shown)
        self._page.show(python={"explain": explained, "widget": self.constructed(names)})

    def names(self) -> Names:
        return Names(self._session.widget, self._number)

    def explained(self, names: Names, answer: Heatmap, image: int) -> str:
        """The call of ``salwidget.explain`` that gives the answer."""
        query, several = answer.query, len(self._session.network.inputs) > 1
        functions = [unit.function for _, unit in query.target.terms if unit.function is not None]
        w = names.widget
        return names.first + query.as_python(
            f"{w}.model",
            f"{w}.images[{image}]",
            f"{w}.preprocess" if self._session.gallery.preprocess is not None else "",
            target="" if all(map(names.of, functions)) else f"{w}.target",
            several_inputs=several,
            named=names.named,
        )

    def dreamed(self, dream: Dream, plan: Plan) -> str:
        """The call of ``salwidget.dream`` that makes the dream."""
        session, names = self._session, self.names()
        w, inputs = names.widget, session.network.inputs
        place = next(index for index, each in enumerate(session.gallery.examples) if each is plan.example)
        functions = _functions(session.widget.target, f"{w}.target")

        def named(value: Any, argument: str) -> str:
            if callable(value) and (name := names.of(value)):
                return name
            for source, picture in zip(inputs, plan.example, strict=True):
                one = f"[{source.name!r}]" if len(inputs) > 1 else ""
                image = f"{w}.images[{place}]{one}"
                preprocess = f"{w}.preprocess" + f"[{source.name!r}]" * isinstance(session.gallery.preprocess, Mapping)
                if value is picture.preprocess:
                    return preprocess
                if value is picture.given or (value is picture.input and picture.preprocess is None):
                    return image
                if value is picture.input:
                    return f"{preprocess}({image}.astype('float32'))"
            return functions.get(id(value)) or own_name(value, argument)

        return names.first + dream.as_python(f"{w}.model", named)

    def constructed(self, names: Names) -> str:
        """The call of ``SaliencyWidget`` that opens an equal widget: settings that differ from its defaults."""
        session, w = self._session, names.widget
        widget = session.widget
        usual = DEFAULTS | {"layer_idx": session.network.output.index, "method": first_method(session.network)}
        several = len(session.network.inputs) > 1
        words = {
            "images": f"{{name: [one[name] for one in {w}.images] for name in {w}.images[0]}}" if several else f"{w}.images",
        }
        if session.labels:
            words["labels"] = f"{w}.labels"
        if session.gallery.preprocess is not None:
            words["preprocess"] = f"{w}.preprocess"
        for name in ROWS:
            value = getattr(widget, name)
            if name == "options" and value:
                inner = ", ".join(f"{option!r}: {code(chosen, option, names.named)}" for option, chosen in value.items())
                words[name] = f"{{{inner}}}"
            elif name == "target" and value is not None:
                words[name] = names.of(value) or f"{w}.target"
            elif name not in ("options", "target") and value != usual[name]:
                words[name] = code(value, name, names.named)
        return names.first + call("salwidget.SaliencyWidget", f"{w}.model", **words)

    def _cell_ran(self, *_: object) -> None:
        self.tell()
        self._session.cell_ran()


def _functions(target: Unit | Target | Function | None, text: str) -> dict[int, str]:
    """How to get at the functions in a target that is called ``text``, by their identity."""
    if isinstance(target, Target):
        return {id(unit.function): f"{text}.terms[{at}][1].function" for at, (_, unit) in enumerate(target.terms)}
    if isinstance(target, Unit):
        return {id(target.function): f"{text}.function"}
    return {id(target): text}
