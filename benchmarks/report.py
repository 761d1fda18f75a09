"""docs/speed.md, written from benchmarks/speed.json and tried.md alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from benchmarks import plots
from benchmarks.aims import AIMS, Aim, verdict
from benchmarks.figures import Figure, quartiles
from benchmarks.limit_table import limits
from benchmarks.measuring import ROOT
from benchmarks.peers_table import libraries
from benchmarks.results import Section
from benchmarks.truth.page import table
from benchmarks.words import amount, ratio, spread

PAGE = ROOT / "docs" / "speed.md"
# Written by hand, and put behind the tables.
TRIED = ROOT / "benchmarks" / "tried.md"
Sections = Mapping[str, Section]

HEAD = """\
# Speed

Written by `python -m benchmarks report` from `benchmarks/speed.json`, which `make bench` measures (`python -m benchmarks NAME`
renews a section), and `benchmarks/tried.md`. Every ratio was taken in one process with repetitions in turn, so that a drift of
the machine meets both sides; numbers are medians, with quartiles in brackets. Each repetition is a new question: another
image, or another class of the same image where it says so. *The floor* is what a person would write by hand: a compiled
`tf.function` of a class's logit and its gradient with respect to the image, the class a tensor; *forward* is the same without
the gradient. Random weights, 224 × 224, batch 1, float32, unless it says otherwise.
"""

# Section -> its heading, and what stands before its tables.
TITLES = {
    "engine": (
        "Warm maps",
        "With each method's own defaults, beside the floor of the same model; per pass, the ratio is divided by the passes.",
    ),
    "layers": (
        "Tracing",
        "The first map ever is that of a fresh process in which everything is imported and the model is made. The first map of "
        "a new layer is asked of each convolution in turn. A class or a filter is a number that the trace is fed.",
    ),
    "sweep": (
        "All filters of a layer",
        "A batch that repeats the image, with one filter for each, beside a map for each filter.",
    ),
    "many": (
        "Methods of many passes",
        "What one pass costs beside the floor, or beside a forward pass where there is no gradient.",
    ),
    "dream": (
        "Dreams",
        "A step with all that a loop over frames runs; of MobileNetV2 with its trained weights where they are at hand.",
    ),
    "memory": (
        "Memory",
        "At the highest, for the first map of a fresh process; then what questions and steps without end add.",
    ),
    "growth": (
        "How cost grows",
        "MobileNetV2, by the side of the image in pixels and by the images in a batch (a gradient for each).",
    ),
    "limit": ("The physical limit", ""),
    "page": ("In the browser", "JupyterLab with its defaults and Chromium, on the same machine. Recolouring asks no kernel."),
    "peers": ("Beside other libraries", ""),
}


def write(sections: Sections) -> None:
    PAGE.write_text(page(sections))


def page(sections: Sections) -> str:
    """All of docs/speed.md."""
    lines = [HEAD, *machines(sections), "## Budgets", "", *budgets(AIMS, sections)]
    for name in TITLES:
        if name in sections:
            lines += section(name, sections)
    lines.append(TRIED.read_text())
    return "\n".join(lines).rstrip() + "\n"


def section(name: str, sections: Sections) -> list[str]:
    """A heading, a sentence, tables and plots."""
    title, sentence = TITLES[name]
    body: Callable[[Section], list[str]] = {"limit": limits, "peers": libraries}.get(name, plain)
    pictures = [f"![{alt}]({file})\n" for file, alt in plots.PLOTS.get(name, {}).items()]
    return [f"## {title}", "", *[sentence, ""] * bool(sentence), *body(sections[name]), *pictures]


def machines(sections: Sections) -> list[str]:
    """A line for each machine and day."""
    found: dict[str, list[str]] = {}
    for name, one in sections.items():
        versions = ", ".join(f"{key} {value}" for key, value in one.machine.items() if key != "processor")
        found.setdefault(f"{one.machine['processor']}; {versions}; measured on {one.day}", []).append(name)
    return [f"- {words}" + (f": {', '.join(sorted(names))}" if len(found) > 1 else "") for words, names in found.items()] + [""]


def budgets(aims: Iterable[Aim], sections: Sections) -> list[str]:
    """Every aim beside what was measured."""
    return table(("section", "what", "model", "measured", "bar", "goal", "met"), (budget(aim, sections) for aim in aims))


def budget(aim: Aim, sections: Sections) -> list[str]:
    found = verdict(aim, sections)
    unit = found.figure.unit if found and not found.figure.than else ""
    bar, goal = (amount(limit, unit) if limit is not None else "" for limit in (aim.bar, aim.goal))
    asked = [TITLES[aim.section][0], aim.what, aim.model]
    if found is None:
        return [*asked, "not measured", bar, goal, ""]
    beside = found.figure.than
    measured = f"{ratio(found.spread)} × {beside}" if beside else spread(found.spread, unit)
    if aim.share != 0.5:
        measured = f"{amount(found.value, unit)} at {aim.share:.0%}"
    met = {"goal": "yes, the goal", "bar": "yes", "missed": "**no**"}[found.met]
    return [*asked, measured, bar, goal, met]


def plain(section: Section) -> list[str]:
    """The figures of a section, those with something beside them first."""
    beside = [figure for figure in section.figures if figure.than]
    alone = [figure for figure in section.figures if not figure.than]
    lines = table(("what", "model", "passes", "time", "beside", "ratio", "per pass"), map(beside_row, beside)) if beside else []
    return lines + (table(("what", "model", "measured"), map(alone_row, alone)) if alone else [])


def beside_row(figure: Figure) -> list[str]:
    """``beside`` is one pass of the floor, or all that is compared with."""
    ratios, per_pass = quartiles(figure.ratios), quartiles(figure.per_pass)
    what = figure.what if figure.at is None else f"{figure.what}, {figure.at:g}"
    other = f"{figure.than} {amount(quartiles(figure.beside).middle, figure.unit)}"
    time = amount(quartiles(figure.values).middle, figure.unit)
    return [what, figure.model, f"{figure.passes:g}", time, other, ratio(ratios), f"{per_pass.middle:.2f}"]


def alone_row(figure: Figure) -> list[str]:
    """``n`` where there are several."""
    count = len(figure.values)
    return [figure.what, figure.model, spread(quartiles(figure.values), figure.unit) + (f", n = {count}" if count > 1 else "")]
