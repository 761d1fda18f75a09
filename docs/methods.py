"""Write docs/methods.md from what the methods declare: ``python docs/methods.py``."""

from __future__ import annotations

from pathlib import Path

from salwidget.attribution import METHODS, Baseline, ByLayer, Choice, LayerWithSpace, Method, Number, Option, TokenGrid

RULES = """\
## Backprop rules

`backprop_modifier` changes how the gradient R goes back through rectifiers, and through nothing else:

- `guided`: R · [y > 0] · [R > 0] (Springenberg et al. 2014, section 3.4), y being the rectifier's output
- `rectified` (also `relu`, `deconv`): R · [R > 0] (Zeiler, Fergus 2013, section 2.1)
- a callable `(inputs, outputs, gradient) -> gradient` gets x, y and R of each rectifier

A rectifier is found in the traced graph, so its spelling does not matter: `ReLU`, `ReLU6`, `LeakyReLU`, `PReLU`, `ReLU` with
any `max_value`, `negative_slope` and `threshold`, `maximum(x, 0)`, `clip(x, 0, c)`, `where(x > 0, x, a x)`.

**Caps.** One rule for every cap, 6 or not: it belongs to the rectifier, and y is what comes out behind it. The papers gate on
y > 0 (guided) or not on y at all (rectified), and they have no cap. So a unit held at its cap passes R on: it is as active as
it can be, and the plain gradient's zero there would hide just those. For x = -1, 3, 9 guided gives 0, 1, 1 under
`ReLU(max_value=4)` as under `ReLU(max_value=6)`; the plain gradient gives 0, 1, 0 and 0, 1, 0.

**Gates.** relu6(x + 3) / 6 is a sigmoid made of straight lines: at x = 0 it is half open, and [y > 0] asks nothing about x.
hard_sigmoid and hard_silu (hard swish) keep their own gradient, whether Keras, `ReLU(6.)(x + 3.) * (1 / 6)` (MobileNetV3) or
`clip(0.2 * x + 0.5, 0, 1)` wrote them: a rectifier with a cap whose x has half of the cap added is one. MobileNetV3Small has
14 rectifiers and 28 gates.

Nor do the rules speak of ELU, GELU, SiLU, tanh and their like. What is left alone is named in a note on the map; a model with
nothing else is refused by the same names. Those of `keras.activations` all have one.
"""

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
    return "\n".join([*parts, RULES])


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
            kind = (
                ", ".join(f"`{value}`" for value, _ in option.choices)
                + f", or {option.given} (of several inputs a dict by name)"
            )
        case LayerWithSpace():
            kind = "a layer by index or name; `None`: the nearest before the target"
        case ByLayer():
            values = ", ".join(f"`{value}`" for value in option.values)
            kind = f"a dict from a layer's name, index or kind to one of {values}; a name is over a kind, both over the rest"
        case TokenGrid():
            kind = "(rows, columns) of a transformer's tokens, or `None`"
        case _:
            kind = type(option).__name__
    return f"{option.help or option.label}; {kind}; default `{option.default}`"


if __name__ == "__main__":
    PAGE.write_text(page())
