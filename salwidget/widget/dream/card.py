"""The card of a unit: its weights, its map on the current image, and the places in the images that excite it most."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from PIL import Image

from salwidget.attribution import method_of
from salwidget.attribution.explain import answers, query_of
from salwidget.engine.batch_size import batch_size
from salwidget.engine.inputs import Input
from salwidget.engine.network import Network
from salwidget.engine.resolve import target_of
from salwidget.heatmap import Heatmap, drawn
from salwidget.images import Example
from salwidget.target import Target, Unit
from salwidget.target_text import target_title
from salwidget.widget.dream.protocol import Patch
from salwidget.widget.gallery import Gallery

MOST_PATCHES = 6
THUMBNAIL = 96
# Of the gradient's magnitude, what the box of a patch holds.
HELD = 0.9
# Cells along a side in which a box is sought: finer than a person sees on a thumbnail.
GRAIN = 128

# Title, weights and map as uint8 (h, w, 3) or None, patches.
Card = tuple[str, np.ndarray | None, np.ndarray | None, list[Patch]]


def card_of(
    network: Network, gallery: Gallery, labels: Sequence[str], target: Target, source: Input, image_idx: int
) -> Iterator[Card | None]:
    """The card of a checked target, with regard to an input, at the end; ``None`` after each piece of work before it."""
    example = gallery.examples[image_idx]
    title = target_title(network, target, labels)
    if source.space != 2:
        yield title, None, None, []
        return
    weights = _weights(network, example, target, source)
    drawn = _map(network, example, target, source)
    yield None
    found: list[tuple[float, int, tuple[int, ...] | None]] = []
    for chunk in _chunks(network, gallery.examples):
        found += _excited(network, gallery.examples, chunk, target)
        yield None
    patches: list[Patch] = []
    for score, place, cell in sorted(found, key=lambda each: (-each[0], each[1])):
        if len(patches) == MOST_PATCHES:
            break
        picture = gallery.examples[place][source.index]
        slopes = _slopes(network, gallery.examples[place], _at(network, target, cell), source)
        if not slopes.any() and cell is not None and score > 0 and not network.why_no_rule():
            # ReLU6 held at 6 has no gradient; the deconvnet's way back does not ask what went forward.
            slopes = _slopes(network, gallery.examples[place], _at(network, target, cell), source, "deconv")
        if slopes.any():  # else nothing of the image excites it: a rectifier is silent
            box = shares_of(smallest_box(slopes), slopes.shape)
            patches.append(Patch(picture.name, place, score, box, _thumbnail(picture.shown)))
        yield None
    yield title, weights, drawn, patches


def smallest_box(values: np.ndarray, held: float = HELD) -> tuple[int, int, int, int]:
    """Top, left, bottom, right (exclusive) of the box of least area that holds the share ``held`` of values >= 0 (H, W).

    Of a larger extent than ``GRAIN`` cells of several pixels are taken together, and the box is of whole cells.
    """
    rows, columns = np.flatnonzero(values.any(1)), np.flatnonzero(values.any(0))
    top, left = int(rows[0]), int(columns[0])
    inside = values[top : rows[-1] + 1, left : columns[-1] + 1].astype(np.float64)
    step = -(-max(inside.shape) // GRAIN)
    cells = np.add.reduceat(np.add.reduceat(inside, range(0, inside.shape[0], step)), range(0, inside.shape[1], step), axis=1)
    sums = np.pad(cells.cumsum(0).cumsum(1), ((1, 0), (1, 0)))
    # The sums round: what holds all of it must be found to.
    enough = held * sums[-1, -1] * (1 - 1e-12)
    best, width = (0, 0, *cells.shape), cells.shape[1]
    for height in range(1, cells.shape[0] + 1):
        # A higher box needs no wider one, so that each height begins at the width that the one before got to.
        while width and (place := _held(sums, height, width, enough)) is not None:
            if height * width < (best[2] - best[0]) * (best[3] - best[1]):
                best = (*place, place[0] + height, place[1] + width)
            width -= 1
        if not width:
            break
    bottom, right = min(step * best[2], inside.shape[0]), min(step * best[3], inside.shape[1])
    return top + step * best[0], left + step * best[1], top + bottom, left + right


def shares_of(box: tuple[int, int, int, int], size: tuple[int, ...]) -> tuple[float, float, float, float]:
    """A box in pixels as shares of a picture (H, W)."""
    (top, left, bottom, right), (height, width) = box, size
    return top / height, left / width, bottom / height, right / width


def _held(sums: np.ndarray, height: int, width: int, enough: float) -> tuple[int, int] | None:
    """Where the fullest box of this size begins, if it holds enough; ``sums`` is over rows and columns, from 0."""
    inside = sums[height:, width:] - sums[:-height, width:] - sums[height:, :-width] + sums[:-height, :-width]
    row, column = np.unravel_index(int(inside.argmax()), inside.shape)
    return (int(row), int(column)) if inside[row, column] >= enough else None


def _weights(network: Network, example: Example, target: Target, source: Input) -> np.ndarray | None:
    layer = network.layers[target.layer]
    if _unit(target) is None or method_of("weights").refusal(network, layer, source):
        return None
    heatmap = _asked(network, example, "weights", target, source)
    return np.asarray(drawn(heatmap).convert("RGB"))


def _map(network: Network, example: Example, target: Target, source: Input) -> np.ndarray | None:
    layer = network.layers[target.layer]
    unit = _unit(target)
    if unit is not None and not method_of("feature_map").refusal(network, layer, source):
        return np.asarray(_asked(network, example, "feature_map", 1 * replace(unit, function=None), source).overlay())
    if method_of("grad_cam").refusal(network, layer, source):
        return None
    return np.asarray(_asked(network, example, "grad_cam", target, source).overlay())


def _asked(network: Network, example: Example, method: str, target: Target, source: Input) -> Heatmap:
    *_, last = answers(network, query_of(network, example, method, target, source, None, None, 0, {}), example)
    return last


def _unit(target: Target) -> Unit | None:
    """The one unit that a target is about."""
    return target.terms[0][1] if len(target.terms) == 1 else None


def _chunks(network: Network, examples: Sequence[Example]) -> Iterator[list[int]]:
    """Places of examples that go through the model together: of one shape."""
    alike = itertools.groupby(range(len(examples)), key=lambda place: [picture.input.shape for picture in examples[place]])
    for _, group in alike:
        places = list(group)
        most = batch_size(network, examples[places[0]][0].input.shape, gradient=False)
        yield from (places[start : start + most] for start in range(0, len(places), most))


def _excited(
    network: Network, examples: Sequence[Example], places: list[int], target: Target
) -> list[tuple[float, int, tuple[int, ...] | None]]:
    """Score and place of each example, and the cell of a feature map at which the score is highest."""
    batch = [np.stack([examples[place][each.index].input for place in places]) for each in network.inputs]
    layer = network.layers[target.layer]
    unit = _unit(target)
    if unit is None or unit.function or unit.cell or target.nearness_to is not None or not _has_map(network, target):
        scores = network.scores(target, batch)
        return [(float(score), place, None) for score, place in zip(scores, places, strict=True)]
    values = network.activations(batch, layer)
    chosen = values if unit.filters is None else np.take(values, unit.filters, axis=-1)
    maps = target.terms[0][0] * chosen.mean(-1)
    highest = maps.reshape(len(places), -1).argmax(1)
    cells = [np.unravel_index(int(at), maps.shape[1:]) for at in highest]
    return [
        (float(one[cell]), place, tuple(int(at) for at in cell)) for one, cell, place in zip(maps, cells, places, strict=True)
    ]


def _has_map(network: Network, target: Target) -> bool:
    layer = network.layers[target.layer]
    return layer.cells is not None and layer not in network.outputs


def _at(network: Network, target: Target, cell: tuple[int, ...] | None) -> Target:
    if cell is None:
        return target
    ((weight, unit),) = target.terms
    return target_of(network, weight * replace(unit, cell=cell))


def _slopes(network: Network, example: Example, target: Target, source: Input, rule: str | None = None) -> np.ndarray:
    """Magnitude (H, W) of the gradient at each pixel."""
    _, _, slopes = network.gradient(target, source, rule)([picture.input[None] for picture in example])
    return np.asarray(np.abs(slopes[0]).sum(-1))


def _thumbnail(shown: np.ndarray) -> np.ndarray:
    image = Image.fromarray(shown)
    image.thumbnail((THUMBNAIL, THUMBNAIL))
    return np.asarray(image)
