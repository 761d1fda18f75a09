"""A test as Python that runs in the next cell, and gives the same numbers."""

from __future__ import annotations

from salwidget.query import call, code
from salwidget.target import Target, Unit
from salwidget.widget.context import WidgetContext
from salwidget.widget.controls import DEFAULTS, Controls
from salwidget.widget.names import Names
from salwidget.widget.test.pane import other_image, other_images


def covered(context: WidgetContext, names: Names, controls: Controls, target: Target) -> str:
    """The call of ``salwidget.cover`` for the region as it is marked, and what these controls ask."""
    network, w = context.network, names.widget
    words = _target(target, names)
    if len(network.inputs) > 1:
        words["wrt"] = repr(network.inputs[controls.input_idx].name)
    if context.gallery.preprocess is not None:
        words["preprocess"] = f"{w}.preprocess"
    if context.labels:
        words["labels"] = f"{w}.labels"
    if controls.replace != DEFAULTS["replace"]:
        words["replace"] = repr(controls.replace)
    for name in other_images(controls.replace):
        words[name] = f"{w}.images[{other_image(controls, len(context.gallery.examples))}]"
    if controls.keep:
        words["keep"] = "True"
    if controls.seed:
        words["seed"] = repr(controls.seed)
    return names.first + call("salwidget.cover", f"{w}.model", f"{w}.images[{controls.image_idx}]", f"{w}.region", **words)


def _target(target: Target, names: Names) -> dict[str, str]:
    (weight, unit), *others = target.terms
    usual = Unit(unit.layer, unit.filters, unit.score)
    if others or weight != 1 or target.nearness_to is not None or unit != usual:
        functions = [each.function for _, each in target.terms if each.function is not None]
        written = all(map(names.of, functions))
        return {"target": code(target, "target", names.named) if written else f"{names.widget}.target"}
    filters = unit.filters[0] if isinstance(unit.filters, tuple) and len(unit.filters) == 1 else unit.filters
    given = {"layer": unit.layer, "filters": filters, "score": unit.score if unit.score != "logit" else None}
    return {name: repr(value) for name, value in given.items() if value is not None}
