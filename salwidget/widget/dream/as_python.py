"""A dream that the page shows as Python that runs in the next cell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from salwidget.dreams import Dream
from salwidget.query import own_name
from salwidget.target import Function, Target, Unit
from salwidget.widget.context import WidgetContext
from salwidget.widget.dream.plan import Plan
from salwidget.widget.names import Names


def dreamed(context: WidgetContext, dream: Dream, plan: Plan) -> str:
    """The call of ``salwidget.dream`` that makes the dream."""
    names = Names(context.widget, context.number)
    w, inputs = names.widget, context.network.inputs
    place = next(index for index, each in enumerate(context.gallery.examples) if each is plan.example)
    functions = _functions(context.controls.target, f"{w}.target")

    def named(value: Any, argument: str) -> str:
        if callable(value) and (name := names.of(value)):
            return name
        for source, picture in zip(inputs, plan.example, strict=True):
            one = f"[{source.name!r}]" if len(inputs) > 1 else ""
            image = f"{w}.images[{place}]{one}"
            preprocess = f"{w}.preprocess" + f"[{source.name!r}]" * isinstance(context.gallery.preprocess, Mapping)
            if value is picture.preprocess:
                return preprocess
            if value is picture.given or (value is picture.input and picture.preprocess is None):
                return image
            if value is picture.input:
                return f"{preprocess}({image}.astype('float32'))"
        return functions.get(id(value)) or own_name(value, argument)

    return names.first + dream.as_python(f"{w}.model", named)


def _functions(target: Unit | Target | Function | None, text: str) -> dict[int, str]:
    """How to get at the functions in a target that is called ``text``, by their identity."""
    if isinstance(target, Target):
        return {id(unit.function): f"{text}.terms[{at}][1].function" for at, (_, unit) in enumerate(target.terms)}
    if isinstance(target, Unit):
        return {id(target.function): f"{text}.function"}
    return {id(target): text}
