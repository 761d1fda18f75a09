"""The last section of ``docs/truth.md``: the pointing game on photographs, where they are at hand."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

import salwidget
from benchmarks.truth.asked import NOT_OF_A_CLASS, Asked, everyone
from benchmarks.truth.page import reasons, table
from benchmarks.truth.photographs import MOBILENET, SQUEEZENET, available, combinations, photographs, pointing

# A pass for each of 49 patches instead of 196.
COARSE = {"occlusion": {"patch": 32, "stride": 32}}


def pointing_game() -> Iterator[str]:
    """Hits of all methods, and of Grad-CAM and LayerCAM at several layers taken together."""
    yield "## The pointing game on photographs\n"
    if not available():
        yield "The photographs and models are not here; set SALWIDGET_TEST_DATA to their folder to have this section.\n"
        return
    chosen = photographs()
    readers = (SQUEEZENET, MOBILENET)
    area = {reader.name: float(np.mean([one.region(reader.side).mean() for one in chosen])) for reader in readers}
    yield (
        f"{len(chosen)} photographs of ILSVRC 2012 with human-drawn boxes; a hit is a peak of the true class's map in a box. "
        f"The boxes cover {area[SQUEEZENET.name]:.0%} of the pictures on average, so that a peak at random hits "
        f"{area[SQUEEZENET.name] * len(chosen):.1f} of them. With so few pictures a difference of two is luck.\n"
    )
    rows = [
        (f"`{asked.name}`", asked.settings, *(_hits(pointing(reader, asked, chosen)) for reader in readers))
        for asked in everyone(NOT_OF_A_CLASS, COARSE)
    ]
    yield from table(("method", "other than default", *(reader.name for reader in readers)), rows)
    yield from reasons(NOT_OF_A_CLASS, salwidget.METHODS)
    yield (
        "Hits of Grad-CAM at the last layer were recorded before this engine was written. A heatmap enlarges its cells "
        "bilinearly, where the peak stays at the centre of a cell; under bicubic enlargement it moves between cells, which "
        "decides the photographs whose boxes are narrow:\n"
    )
    enlarged = []
    for reader in readers:
        asked = Asked("grad_cam", options={"penultimate_layer": reader.layers[0]})
        for bicubic in (False, True):
            found = pointing(reader, asked, chosen, bicubic)
            missed = ", ".join(one.label for one, hit in zip(chosen, found, strict=True) if not hit)
            how = "bicubic" if bicubic else "bilinear"
            enlarged.append((reader.name, how, _hits(found), missed or "none", reader.recorded))
    yield from table(("model", "enlarged", "hits", "missed", "recorded"), enlarged)
    yield (
        "Layers taken together, each map over its largest value. "
        "The best of so many combinations on so few pictures is partly luck:\n"
    )
    for reader in readers:
        together = [
            (f"`{row.method}`", " + ".join(row.layers), row.how, f"{row.hits} / {len(chosen)}")
            for row in combinations(reader, ("grad_cam", "layercam"), chosen)
        ]
        yield from table((reader.name, "layers", "how", "hits"), together)


def _hits(found: list[bool]) -> str:
    return f"{sum(found)} / {len(found)}"
