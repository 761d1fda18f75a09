"""Is it the background? Objects on other backgrounds, and how often the top class changes."""

from __future__ import annotations

import io
import json
import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import keras
import numpy as np
from PIL import Image

from salwidget.attribution.context import Context, finite
from salwidget.attribution.explain import predicted, shape_hints
from salwidget.digest import digest
from salwidget.engine.network import Network
from salwidget.engine.opening import open_network
from salwidget.engine.resolve import target_of
from salwidget.evidence.contract import REPLACEMENTS, replacement_of
from salwidget.evidence.covering import edited_input
from salwidget.evidence.intervention import GAP
from salwidget.images import Example, Preprocess, are_several, examples_of
from salwidget.labels import labels_of
from salwidget.progress import progress_bar
from salwidget.query import Query
from salwidget.region import region_of
from salwidget.target import Unit
from salwidget.writing import atomic_write

# Of many images so many, drawn by the seed, lend their backgrounds.
LENDERS = 8
# 95 % of a normal distribution lies within so many standard deviations.
WITHIN = 1.959963984540054
# A background that changes more than one answer in ten decides much; its interval says which side it is on.
MUCH = 0.1
# Tiles of a drawing.
ROWS, COLUMNS = 6, 8


@dataclass(frozen=True, eq=False)
class Swaps:
    """Objects on other backgrounds. Printed, it is its sentence; in a cell it draws tiles.

    Attributes
    ----------
    classes : int array (images, backgrounds)
        The top class on each; -1 where an image would lie on its own background.
    original : int array (images,)
        The top class of each image as it came.
    scores : float array (images, backgrounds)
        The logit of the original top class on each; NaN on the own background.
    flipped : (count, of, low, high)
        How often the top class changed, of how many, and Wilson's 95 % interval of the share. Backgrounds of one image are
        not independent of each other: with few images the interval is too narrow.
    backgrounds : tuple of str
    labels : list of str
    tiles : uint8 (rows, columns, h, w, 3)
        The first edited images, as shown.
    sentence : str
    """

    classes: np.ndarray
    original: np.ndarray
    scores: np.ndarray = field(repr=False)
    flipped: tuple[int, int, float, float]
    backgrounds: tuple[str, ...]
    labels: list[str] = field(repr=False)
    tiles: np.ndarray = field(repr=False)
    sentence: str

    @property
    def metadata(self) -> dict[str, Any]:
        """All numbers and words in the types of JSON; None for a score on an image's own background."""
        scores = [[None if np.isnan(one) else one for one in row] for row in self.scores.tolist()]
        arrays = {"classes": self.classes.tolist(), "original": self.original.tolist(), "scores": scores}
        words = {"flipped": self.flipped, "backgrounds": self.backgrounds, "labels": self.labels, "sentence": self.sentence}
        plain: dict[str, Any] = json.loads(json.dumps(arrays | words))
        return plain

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the tiles as ``.png``, or all numbers as ``.json``.

        Raises
        ------
        ValueError
            For another ending, or a place that cannot be written to: a file that was there stays as it was.
        """
        path, ending = Path(path), Path(path).suffix.lower()
        if ending not in (".png", ".json"):
            raise ValueError(f"Swaps are saved as .png or .json; {path.name!r} ends in neither.")
        with atomic_write(path) as file:
            file.write(self._repr_png_() if ending == ".png" else json.dumps(self.metadata, indent=1).encode())

    def _repr_png_(self) -> bytes:
        framed = np.pad(self.tiles, ((0, 0), (0, 0), (0, GAP), (0, GAP), (0, 0)), constant_values=255)
        rows, columns, height, width, _ = framed.shape
        sheet = framed.swapaxes(1, 2).reshape(rows * height, columns * width, 3)[:-GAP, :-GAP]
        memory = io.BytesIO()
        Image.fromarray(sheet).save(memory, "PNG")
        return memory.getvalue()

    def __str__(self) -> str:
        return self.sentence


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
    if not columns:
        raise ValueError("There is no background to put an object on: name at least one.")
    found = _Table(network, place, int(seed))
    with progress_bar("Swap backgrounds", len(examples), "images", progress) as tell:
        for row, example in enumerate(examples):
            found.add(example, inside[row], [column for column in columns if column.lender != row], columns)
            tell(row + 1, "")
    classes, original = np.array(found.classes), np.array(found.original)
    changed, of = int(((classes >= 0) & (classes != original[:, None])).sum()), int((classes >= 0).sum())
    if not of:
        raise ValueError("There is no background but the image's own: name another.")
    low, high = wilson(changed, of)
    return Swaps(
        classes,
        original,
        np.array(found.scores),
        (changed, of, low, high),
        tuple(column.title for column in columns),
        names,
        np.array(found.tiles),
        _said(changed, of, low, high, len(examples)),
    )


@dataclass(frozen=True, eq=False)
class _Background:
    """A column: a replacement of all but the object, and the number of the image that lends it, if any."""

    title: str
    replace: str
    options: Mapping[str, Any]
    lender: int = -1


def _columns(
    examples: Sequence[Example],
    inside: Sequence[np.ndarray],
    place: int,
    backgrounds: Sequence[Any] | None,
    seed: int,
    network: Network,
) -> list[_Background]:
    if backgrounds is not None:
        return [_given(each, number) for number, each in enumerate(backgrounds)]
    lenders = np.arange(len(examples)) if len(examples) > 1 else np.empty(0, int)
    if len(lenders) > LENDERS:
        lenders = np.sort(np.random.default_rng(seed).choice(lenders, LENDERS, replace=False))
    found = []
    for number in lenders.tolist():
        filled = replacement_of("neighbours", examples[number][place], {}, seed, network).edited(inside[number])
        name = examples[number][place].name or f"image {number}"
        found.append(_Background(f"that of {name}", "image", {"other": filled}, number))
    low, high = examples[0][place].range
    plain = {"black": low, "grey": (low + high) / 2, "white": high}
    found += [_Background(name, "colour", {"colour": value}) for name, value in plain.items()]
    return [*found, _Background("noise", "noise", {}), _Background("its own, blurred", "blur", {})]


def _given(background: Any, number: int) -> _Background:
    if isinstance(background, str) and background in REPLACEMENTS:
        return _Background(background, background, {})
    if isinstance(background, tuple) and len(background) == 2 and isinstance(background[1], Mapping):
        return _Background(str(background[0]), background[0], background[1])
    title = Path(background).name if isinstance(background, (str, os.PathLike)) else f"background {number}"
    return _Background(title, "image", {"other": background})


class _Table:
    """Rows of the answer, as they come."""

    def __init__(self, network: Network, place: int, seed: int) -> None:
        self.network, self.place, self.seed = network, place, seed
        self.classes: list[np.ndarray] = []
        self.original: list[int] = []
        self.scores: list[np.ndarray] = []
        self.tiles: list[np.ndarray] = []

    def add(self, example: Example, inside: np.ndarray, used: Sequence[_Background], columns: Sequence[_Background]) -> None:
        """The image with its object on each background that is used, of all columns."""
        network, picture = self.network, example[self.place]
        first = predicted(network, [one.input[None] for one in example], network.output)
        if first.ndim != 1:
            raise ValueError(f"The output of {network.name} has axes of space: there is no top class of an image to change.")
        top = int(_top(first[None] - 0.5 * (len(first) == 1))[0])
        target = target_of(network, Unit(network.output.index, 0 if len(first) == 1 else top))
        query = Query("swap", target, digest(*(one.input for one in example)), self.place, seed=self.seed)
        context = Context(network, query, example, {})
        classes, scores = np.full(len(columns), -1), np.full(len(columns), np.nan)
        where = [columns.index(each) for each in used]
        shown = np.broadcast_to(picture.shown, (min(len(columns), COLUMNS), *picture.shown.shape)).copy()
        for part in context.batches(len(used), gradient=False):
            edited = [
                replacement_of(each.replace, picture, each.options, self.seed, network).edited(~inside) for each in used[part]
            ]
            found, logits = context.scored(np.stack([picture.fed(each) for each in edited]))
            assert logits is not None, "a target that is a logit has been found"
            classes[where[part]], scores[where[part]] = _top(finite(logits, "output")), found
            for column, image in zip(where[part], edited, strict=True):
                if column < len(shown):
                    shown[column] = picture.as_shown(image)
        self.classes.append(classes)
        self.scores.append(scores)
        self.original.append(top)
        if len(self.tiles) < ROWS:
            self.tiles.append(shown)


def _top(logits: np.ndarray) -> np.ndarray:
    """The best class of each of (N, classes); of a single output 1 above zero."""
    return (logits[:, 0] > 0).astype(int) if logits.shape[1] == 1 else logits.argmax(axis=1)


def wilson(count: int, of: int) -> tuple[float, float]:
    """Wilson's 95 % interval (1927): the shares p from which count / of is not more than 1.96 sqrt(p (1 - p) / of) away."""
    share, square = count / of, WITHIN**2 / of
    middle = (share + square / 2) / (1 + square)
    extent = WITHIN * math.sqrt(share * (1 - share) / of + square / (4 * of)) / (1 + square)
    # Rounding must not leave 0 or 1 outside.
    return (0.0 if count == 0 else middle - extent), (1.0 if count == of else middle + extent)


def _said(changed: int, of: int, low: float, high: float, images: int) -> str:
    begin = "On other backgrounds" + f" of {images} images" * (images > 1)
    interval = f"{low:.0%} to {high:.0%} with 95% confidence"
    if low > MUCH:
        follows = "The background decides with it."
    elif high < MUCH:
        follows = "The class goes with the object."
    else:
        follows = "That is too few to tell whether the background decides."
    return f"{begin} the top class changes in {changed} of {of} ({changed / of:.0%}; {interval}). {follows}"
