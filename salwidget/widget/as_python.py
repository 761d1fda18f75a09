"""A widget, and the map that it shows, as Python that runs in the next cell."""

from __future__ import annotations

from salwidget.heatmap import Heatmap
from salwidget.query import call, code
from salwidget.widget.context import WidgetContext
from salwidget.widget.controls import DEFAULTS, ROWS, first_method
from salwidget.widget.names import Names


def explained(context: WidgetContext, names: Names, answer: Heatmap, image: int) -> str:
    """The call of ``salwidget.explain`` that gives the answer."""
    query, several = answer.query, len(context.network.inputs) > 1
    functions = [unit.function for _, unit in query.target.terms if unit.function is not None]
    w = names.widget
    return names.first + query.as_python(
        f"{w}.model",
        f"{w}.images[{image}]",
        f"{w}.preprocess" if context.gallery.preprocess is not None else "",
        target="" if all(map(names.of, functions)) else f"{w}.target",
        several_inputs=several,
        named=names.named,
    )


def constructed(context: WidgetContext, names: Names) -> str:
    """The call of ``SaliencyWidget`` that opens an equal widget: settings that differ from its defaults."""
    w, network = names.widget, context.network
    usual = DEFAULTS | {"layer_idx": network.output.index, "method": first_method(network)}
    several = len(network.inputs) > 1
    words = {
        "images": f"{{name: [one[name] for one in {w}.images] for name in {w}.images[0]}}" if several else f"{w}.images",
    }
    if context.labels:
        words["labels"] = f"{w}.labels"
    if context.gallery.preprocess is not None:
        words["preprocess"] = f"{w}.preprocess"
    for name in ROWS:
        value = getattr(context.controls, name)
        if name == "options" and value:
            inner = ", ".join(f"{option!r}: {code(chosen, option, names.named)}" for option, chosen in value.items())
            words[name] = f"{{{inner}}}"
        elif name == "target" and value is not None:
            words[name] = names.of(value) or f"{w}.target"
        elif name == "region":
            words |= {} if value is None else {name: f"{w}.region"}
        elif name not in ("options", "target") and value != usual[name]:
            words[name] = code(value, name, names.named)
    return names.first + call("salwidget.SaliencyWidget", f"{w}.model", **words)
