"""What each cell of a feature map does for each of several classes."""

from __future__ import annotations

import io
from dataclasses import dataclass, field

import numpy as np
from PIL import Image

from salwidget import drawing
from salwidget.heatmap import resized

GAP = 4  # pixels between pictures


@dataclass(frozen=True, eq=False)
class Support:
    """Maps of the top classes. Printed, it is its sentence; in a cell it draws them, of one scale, the likeliest first.

    Attributes
    ----------
    classes : tuple of int
        The likeliest first.
    labels : tuple of str
        Their names.
    values : float32 (classes, h, w)
        What each cell of the feature map adds to each class, negative where it speaks against it; (classes, l) of a signal,
        (classes, d, h, w) of a volume.
    scores : tuple of float
        The score of each class.
    layer : str
        The feature map, e.g. ``"152 out_relu"``.
    units : str
        Of the values.
    size : tuple of int
        Of the input, (H, W).
    image : uint8 (H, W, 3) or None
        The image as shown; None of a signal or volume.
    passes, seconds
        Its cost: the image once through the model, unless its feature map is kept, and once for each class from the feature
        map up, forward and back.
    """

    classes: tuple[int, ...]
    labels: tuple[str, ...]
    values: np.ndarray = field(repr=False)
    scores: tuple[float, ...]
    layer: str
    units: str
    size: tuple[int, ...]
    image: np.ndarray | None = field(repr=False)
    passes: int
    seconds: float

    def at(self, *place: int) -> np.ndarray:
        """What the cell under a pixel (row, column) of the input adds to each class, (classes,).

        Raises
        ------
        ValueError
            For a place outside of the input.
        """
        whole = all(isinstance(one, (int, np.integer)) for one in place)
        if not whole or len(place) != len(self.size) or not all(0 <= p < n for p, n in zip(place, self.size, strict=True)):
            wanted = f"{len(self.size)} whole number{'s' * (len(self.size) > 1)}"
            raise ValueError(f"A place in an input of {_by(self.size)} is {wanted} from 0, not {place}.")
        cells = self.values.shape[1:]
        found: np.ndarray = self.values[(..., *(p * n // size for p, n, size in zip(place, cells, self.size, strict=True)))]
        return found

    def __str__(self) -> str:
        cells = self.values.shape[1:]
        said = [
            f"{label} ({score:.4g}) {'most ' if values.max() > 0 else 'nowhere, least against it '}in cell "
            f"{', '.join(map(str, np.unravel_index(values.argmax(), cells)))} ({values.max():+.3g})"
            for label, score, values in zip(self.labels, self.scores, self.values, strict=True)
        ]
        return f"The {_by(cells)} cells of layer {self.layer} support {'; '.join(said)}."

    def __repr__(self) -> str:
        return f"<Support of {', '.join(self.labels)} by {_by(self.values.shape[1:])} cells of layer {self.layer}>"

    def _repr_png_(self) -> bytes:
        memory = io.BytesIO()
        drawn(self).save(memory, "PNG")
        return memory.getvalue()


def drawn(made: Support) -> Image.Image:
    """The map of each class, over the image where there is one, all of one scale."""
    colors, top = drawing.fitting_colormap("", signed=True), float(np.abs(made.values).max())
    tiles = []
    for values in made.values:
        if made.image is None:
            tile = drawing.flat(drawing.painted(values, colors, top, signed=True, alone=True))[..., :3]
        else:
            tile = drawing.over(drawing.painted(resized(values, made.size, smooth=True), colors, top, signed=True), made.image)
        tiles.append(np.pad(tile, ((0, 0), (0, GAP), (0, 0)), constant_values=255))
    return Image.fromarray(np.hstack(tiles)[:, :-GAP])


def _by(sizes: tuple[int, ...]) -> str:
    return "×".join(map(str, sizes))
