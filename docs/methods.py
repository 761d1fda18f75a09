"""Write docs/methods.md from what the methods declare: ``python docs/methods.py``."""

from __future__ import annotations

from pathlib import Path

from salwidget.attribution import METHODS, Baseline, Choice, LayerWithSpace, Method, Number, Option, TokenGrid

PAGE = Path(__file__).with_name("methods.md")

HEAD = """\
# Methods

Written by `python docs/methods.py` from what each method declares; the widget's controls and checks come from the same
declarations. S is the target, x the input, A_k channel k of a layer's output. Every method is called as
`salwidget.explain(model, image, "name", ...)`; gradient methods take any `backprop_modifier` and `grad_modifier`.
"""


def page() -> str:
    groups: dict[str, list[type[Method]]] = {}
    for method in METHODS.values():
        groups.setdefault(method.group, []).append(method)
    parts = [HEAD]
    for group, methods in groups.items():
        parts.append(f"## {group}\n")
        parts += [_entry(method) for method in methods]
    return "\n".join(parts)


def _entry(method: type[Method]) -> str:
    lines = [
        f"### {method.title} (`{method.name}`)\n",
        method.sentence.format(target="the target") + "\n",
        f"- formula: `{method.formula}`, in {method.units}",
        f"- limits: {method.limits}",
        f"- paper: {method.paper}",
    ]
    needs = ["a seed"] * method.random + ["gradients"] * method.uses_gradient
    if needs:
        lines.append(f"- uses {' and '.join(needs)}")
    lines += [f"- option `{name}`: {_words(option)}" for name, option in method.options().items()]
    return "\n".join(lines) + "\n"


def _words(option: Option) -> str:
    match option:
        case Number():
            kind = f"{option.minimum:g} to {option.maximum:g}"
        case Choice():
            kind = ", ".join(f"`{value}`" for value, _ in option.choices)
        case Baseline():
            kind = ", ".join(f"`{value}`" for value, _ in option.choices) + ", or an array of the image's shape"
        case LayerWithSpace():
            kind = "a layer by index or name; `None`: the nearest before the target"
        case TokenGrid():
            kind = "(rows, columns) of a transformer's tokens, or `None`"
        case _:
            kind = type(option).__name__
    return f"{option.help or option.label}; {kind}; default `{option.default}`"


if __name__ == "__main__":
    PAGE.write_text(page())
