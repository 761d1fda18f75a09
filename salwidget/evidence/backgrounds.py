"""Is it the background? Objects on other backgrounds, and how often the top class changes."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
from scipy.special import expit, softmax

from salwidget.attribution.context import Context, finite
from salwidget.attribution.explain import predicted, shape_hints
from salwidget.digest import digest
from salwidget.engine.network import Network
from salwidget.engine.opening import open_network
from salwidget.engine.resolve import target_of
from salwidget.evidence.contract import REPLACEMENTS, replacement_of
from salwidget.evidence.covering import edited_input
from salwidget.evidence.swaps import COLUMNS, Swaps, said, wilson
from salwidget.images import Example, Picture, Preprocess, are_several, examples_of
from salwidget.labels import labels_of
from salwidget.progress import progress_bar
from salwidget.query import Query
from salwidget.region import region_of
from salwidget.target import Unit

# Of many images so many, drawn by the seed, lend their backgrounds.
LENDERS = 8
# Of many images the tiles of so many are kept.
ROWS = 6


def swap_backgrounds(
    model: keras.Model,
    images: Any,
    regions: Any,
    *,
    backgrounds: Sequence[Any] | None = None,
    wrt: int | str | None = None,
    preprocess: Preprocess | Mapping[str, Preprocess] | None = None,
    labels: Sequence[str] | Mapping[int, str] | str | None = None,
    seed: int = 0,
    progress: bool = True,
) -> Swaps:
    """Put objects on other backgrounds, and count how often the model's top class changes.

    Parameters
    ----------
    model, images, preprocess
        As ``salwidget.explain`` takes them: one image or several.
    regions
        The object of each image, as ``cover`` takes a region: one for one image, an array (N, H, W) or a list for several.
    backgrounds
        Images of the same size (arrays, Pillow images, paths), and names of ``salwidget.REPLACEMENTS``, or pairs of a name
        and its options. ``None``: up to eight of the other images, their own objects filled by ``neighbours``; black, grey,
        white; noise; the image's own background blurred.
    wrt
        Of several inputs the image that is edited.
    labels
        Names of the classes.
    seed
        For the choice of images that lend their background, and for noise.
    progress
        Whether work of more than two seconds shows a bar.

    Returns
    -------
    Swaps

    Raises
    ------
    ValueError, TypeError
        One sentence that says what is wrong and what to do.
    """
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or seed < 0:
        raise ValueError(f"seed={seed!r} is not a whole number of at least 0.")
    network = open_network(model, *shape_hints(images))
    place = edited_input(network, wrt).index
    examples = examples_of(images, network.inputs, preprocess)
    marks = list(regions) if are_several(images, network.inputs) else [regions]
    if len(marks) != len(examples):
        raise ValueError(f"There are {len(examples)} images and {len(marks)} regions: give one for each.")
    if len(sizes := {example[place].given.shape[:-1] for example in examples}) > 1:
        raise ValueError(f"The images have {len(sizes)} different sizes: bring them to one, or swap_backgrounds one by one.")
    inside = [region_of(mark, example[place].given.shape[:-1]) for mark, example in zip(marks, examples, strict=True)]
    names = labels_of(labels, network.output.filters)
    if network.output.filters < 2 and network.activation_of(network.output) == "none":
        raise ValueError(f"The output of {network.name} is one number and no class: use cover(..., keep=True) for its change.")
    columns = _columns(examples, inside, place, backgrounds, int(seed), network)
    with progress_bar("Swap backgrounds", 1, "%", progress) as tell:
        for found in swaps(network, examples, inside, place, columns, int(seed), names):
            tell(found.progress, "")
    return found


@dataclass(frozen=True, eq=False)
class Background:
    """A column: a replacement of all but the object, and the number of the image that lends it, if any."""

    title: str
    replace: str
    options: Mapping[str, Any]
    lender: int = -1


def swaps(
    network: Network,
    examples: Sequence[Example],
    inside: Sequence[np.ndarray],
    place: int,
    columns: Sequence[Background],
    seed: int,
    labels: list[str],
) -> Iterator[Swaps]:
    """The answer after each image, or of a single one after each batch of backgrounds; all is checked already."""
    if not columns:
        raise ValueError("There is no background to put an object on: name at least one.")
    table = _Table(network, place, seed, columns, len(examples), labels)
    for row, example in enumerate(examples):
        used = [number for number, column in enumerate(columns) if column.lender != row]
        for done in table.add(example, inside[row], used):
            if len(examples) == 1:
                yield table.swaps(done)
        if len(examples) > 1:
            yield table.swaps((row + 1) / len(examples))


def _columns(
    examples: Sequence[Example],
    inside: Sequence[np.ndarray],
    place: int,
    backgrounds: Sequence[Any] | None,
    seed: int,
    network: Network,
) -> list[Background]:
    if backgrounds is not None:
        return [_given(each, number) for number, each in enumerate(backgrounds)]
    lenders = np.arange(len(examples)) if len(examples) > 1 else np.empty(0, int)
    if len(lenders) > LENDERS:
        lenders = np.sort(np.random.default_rng(seed).choice(lenders, LENDERS, replace=False))
    found = []
    for number in lenders.tolist():
        filled = replacement_of("neighbours", examples[number][place], {}, seed, network).edited(inside[number])
        name = examples[number][place].name or f"image {number}"
        found.append(Background(f"that of {name}", "image", {"other": filled}, number))
    return [*found, *plain_backgrounds(examples[0][place])]


def plain_backgrounds(picture: Picture) -> list[Background]:
    """Those that need no other image."""
    low, high = picture.range
    plain = {"black": low, "grey": (low + high) / 2, "white": high}
    found = [Background(name, "colour", {"colour": value}) for name, value in plain.items()]
    return [*found, Background("noise", "noise", {}), Background("its own, blurred", "blur", {})]


def _given(background: Any, number: int) -> Background:
    if isinstance(background, str) and background in REPLACEMENTS:
        return Background(background, background, {})
    if isinstance(background, tuple) and len(background) == 2 and isinstance(background[1], Mapping):
        return Background(str(background[0]), background[0], background[1])
    title = Path(background).name if isinstance(background, (str, os.PathLike)) else f"background {number}"
    return Background(title, "image", {"other": background})


class _Table:
    """Rows of the answer, as they come."""

    def __init__(
        self, network: Network, place: int, seed: int, columns: Sequence[Background], images: int, labels: list[str]
    ) -> None:
        self.network, self.place, self.seed, self.columns, self.images = network, place, seed, columns, images
        self.labels = labels
        self.classes: list[np.ndarray] = []
        self.original: list[int] = []
        self.scores: list[np.ndarray] = []
        self.probabilities: list[np.ndarray] = []
        self.tiles: list[np.ndarray] = []

    def add(self, example: Example, inside: np.ndarray, used: Sequence[int]) -> Iterator[float]:
        """The image with its object on each background that is used, batch by batch; tells the share that is done."""
        network, picture, count = self.network, example[self.place], len(self.columns)
        first = predicted(network, [one.input[None] for one in example], network.output)
        if first.ndim != 1:
            raise ValueError(f"The output of {network.name} has axes of space: there is no top class of an image to change.")
        top = int(_top(first[None] - 0.5 * (len(first) == 1))[0])
        target = target_of(network, Unit(network.output.index, 0 if len(first) == 1 else top))
        query = Query("swap", target, digest(*(one.input for one in example)), self.place, seed=self.seed)
        context = Context(network, query, example, {})
        classes, scores, probabilities = np.full(count, -1), np.full(count, np.nan), np.full(count, np.nan)
        kept = count if self.images == 1 else min(count, COLUMNS)
        shown = np.broadcast_to(picture.shown, (kept, *picture.shown.shape)).copy()
        self.classes.append(classes)
        self.scores.append(scores)
        self.probabilities.append(probabilities)
        self.original.append(top)
        if len(self.tiles) < ROWS:
            self.tiles.append(shown)
        for part in context.batches(len(used), gradient=False):
            where = list(used[part])
            edited = [
                replacement_of(each.replace, picture, each.options, self.seed, network).edited(~inside)
                for each in (self.columns[number] for number in where)
            ]
            found, logits = context.scored(np.stack([picture.fed(each) for each in edited]))
            assert logits is not None, "a target that is a logit has been found"
            classes[where], scores[where] = _top(finite(logits, "output")), found
            probabilities[where] = _sureness(logits, network.activation_of(network.output))
            for column, image in zip(where, edited, strict=True):
                if column < len(shown):
                    shown[column] = picture.as_shown(image)
            yield part.stop / len(used) if part.stop < len(used) else 1.0

    def swaps(self, progress: float) -> Swaps:
        """All that there is."""
        classes, original = np.array(self.classes), np.array(self.original)
        changed, of = int(((classes >= 0) & (classes != original[:, None])).sum()), int((classes >= 0).sum())
        if not of:
            raise ValueError("There is no background but the image's own: name another.")
        low, high = wilson(changed, of)
        return Swaps(
            classes=classes,
            original=original,
            scores=np.array(self.scores),
            probabilities=np.array(self.probabilities),
            flipped=(changed, of, low, high),
            backgrounds=tuple(column.title for column in self.columns),
            labels=self.labels,
            tiles=np.array(self.tiles),
            sentence=said(changed, of, low, high, self.images),
            progress=progress,
        )


def _sureness(logits: np.ndarray, activation: str) -> np.ndarray:
    """The probability of the best class of each of (N, classes); NaN where the model gives none."""
    if activation == "softmax":
        return np.asarray(softmax(logits, axis=1).max(axis=1))
    if activation == "sigmoid":
        return np.asarray(expit(np.abs(logits[:, 0]) if logits.shape[1] == 1 else logits.max(axis=1)))
    return np.full(len(logits), np.nan)


def _top(logits: np.ndarray) -> np.ndarray:
    """The best class of each of (N, classes); of a single output 1 above zero."""
    return (logits[:, 0] > 0).astype(int) if logits.shape[1] == 1 else logits.argmax(axis=1)
