"""The section on other libraries: all of them, and where one is ahead of us."""

from __future__ import annotations

from benchmarks.figures import Figure, quartiles
from benchmarks.peers.speed import FIRST
from benchmarks.results import Section
from benchmarks.truth.page import table
from benchmarks.words import amount, ratio

TEXT = """\
The same model, image, class and sample counts, one process for each library, ours and theirs in turn; each first map has a
fresh process. *Per pass* divides each side's time by the images that it put through the model. The best library of each task
is in bold. Captum runs the same network in torch; the others are called on the same Keras model.
"""
HEAD = ("what", "model", "library", "ours", "theirs", "ours / theirs", "per pass")

AHEAD = "### Where a library is ahead"
NOWHERE = "By these medians, nowhere."
# What is not said by the numbers.
WHY = {
    FIRST: "A library that runs one operation after the other, as torch does, traces nothing: its first map costs little more "
    "than its later ones. Ours makes one graph of the model first and compiles the part that is asked for; every later class "
    "and filter is then a number that this graph is fed.",
}


def libraries(section: Section) -> list[str]:
    """Text, table, and who is ahead."""
    groups: dict[tuple[str, str], list[Figure]] = {}
    for figure in section.figures:
        groups.setdefault((figure.what, figure.model), []).append(figure)
    rows = []
    for figures in groups.values():
        figures.sort(key=lambda one: -quartiles(one.per_pass).middle)
        rows += [row(one, one is figures[0]) for one in figures]
    return [TEXT, *table(HEAD, rows), AHEAD, "", *(ahead(groups) or [NOWHERE, ""])]


def row(figure: Figure, best: bool) -> list[str]:
    sides = [amount(quartiles(values).middle, figure.unit) for values in (figure.values, figure.beside)]
    name = f"**{figure.than}**" if best else figure.than
    per_pass = f"{quartiles(figure.per_pass).middle:.2f}"
    return [figure.what, figure.model, name, *sides, ratio(quartiles(figure.ratios)), per_pass]


def ahead(groups: dict[tuple[str, str], list[Figure]]) -> list[str]:
    """A line for each task in which some library needs less time for a pass than we do."""
    lines = []
    for (what, model), figures in groups.items():
        if behind := [one for one in figures if quartiles(one.per_pass).middle > 1]:
            words = ", ".join(f"{one.than} ({quartiles(one.per_pass).middle:.2f})" for one in behind)
            best = behind[0]
            theirs, ours = (amount(quartiles(values).middle, best.unit) for values in (best.beside, best.values))
            lines.append(f"- {what}, {model}: {words}; {best.than} takes {theirs}, ours {ours}. {WHY.get(what, '')}".rstrip())
    return [*lines, ""] if lines else []
