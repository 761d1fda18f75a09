"""What ``benchmarks.page`` measures in a real JupyterLab, as figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from benchmarks import page
from benchmarks.figures import Figure


def figures(seconds: float) -> Iterator[Figure]:
    """As many moves and frames as the page makes, whatever ``seconds`` is; milliseconds become seconds."""
    for what, found in page.measured().items():
        if isinstance(found, Mapping):
            for of, times in found.items():
                yield Figure(what, [each / 1e3 for each in times], model=of)
        else:
            yield Figure(what, [found], "", model="")
