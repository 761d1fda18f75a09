"""The answer: a map of raw values, their meaning and their cost."""

from __future__ import annotations

import io
import json
import os
import platform
from dataclasses import dataclass, field, fields
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image, PngImagePlugin
from PIL.TiffImagePlugin import IMAGEDESCRIPTION as DESCRIPTION

from salwidget import drawing
from salwidget.images import ImageLike
from salwidget.query import Query
from salwidget.region import Share, share_of
from salwidget.writing import atomic_write

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, eq=False)
class Heatmap:
    """A map over the samples of a signal, the pixels of an image or the voxels of a volume.

    Attributes
    ----------
    values
        float32 (L,), (H, W) or (D, H, W) at the size of the model's input, signed where the method is; never normalised.
    cells
        The same values at the size at which they were computed, before resizing (e.g. 7 x 7 for a CAM).
    query
        The question. Two heatmaps are equal when their queries are.
    target
        The target as text, e.g. ``"layer 155 predictions, filter 20, logit"``.
    signed
        Whether negative values mean something.
    units
        The unit of the values.
    clip
        Percentile of the absolute values at which a drawing's scale ends (heavy tails would hide a gradient map).
    notes
        What a person should know: which layer a CAM used, how many rectifiers were modified.
    score
        Value of the target on this image; NaN for a method without a target.
    seconds, passes
        Its cost: wall time, and forward or forward + gradient passes of the model.
    picture
        uint8 (h, w, 3) if the map has colours of its own (weights of a first convolution), else None.
    progress
        Share of the work that was done when this answer was made, 0 to 1.
    image
        uint8 (H, W, 3), the picture that was explained; None for signals and volumes.
    """

    values: np.ndarray
    cells: np.ndarray
    query: Query
    target: str
    signed: bool
    units: str
    clip: float
    notes: tuple[str, ...] = ()
    score: float = float("nan")
    seconds: float = 0.0
    passes: int = 0
    picture: np.ndarray | None = field(default=None, repr=False)
    progress: float = 1.0
    image: np.ndarray | None = field(default=None, repr=False)

    @cached_property
    def top(self) -> float:
        """The magnitude at which a drawing's scale ends; the largest if nearly all values are zero."""
        magnitudes = np.abs(self.values[np.isfinite(self.values)])
        return (float(np.percentile(magnitudes, self.clip)) or float(magnitudes.max())) if magnitudes.size else 0.0

    @property
    def metadata(self) -> dict[str, Any]:
        """The query, its cost and the versions used, as JSON types; a score of NaN is None."""
        terms = self.query.target.terms
        versions = {name: version(name) for name in ("salwidget", "tensorflow", "keras", "numpy")}
        known = {
            **{each.name: getattr(self.query, each.name) for each in fields(self.query)},
            "target": str(self.target),
            "target_repr": repr(self.query.target),
            "layers": [unit.layer for _, unit in terms],
            "filters": [unit.filters for _, unit in terms],
            "options": dict(self.query.options),
            **{name: getattr(self, name) for name in ("signed", "units", "seconds", "passes", "progress", "notes")},
            "score": self.score if np.isfinite(self.score) else None,
            "versions": {**versions, "python": platform.python_version()},
        }
        plain: dict[str, Any] = json.loads(json.dumps(known, default=_plain))
        return plain

    def overlay(
        self,
        image: ImageLike | None = None,
        *,
        opacity: float = drawing.OPACITY,
        colormap: str = "",
        threshold: float = drawing.THRESHOLD,
    ) -> Image.Image:
        """The map over a photograph, RGB at the photograph's size.

        ``image`` is an array (H, W) or (H, W, C), a Pillow image or a path; ``None``: the one that was explained. The map
        is resized to it (bilinear). ``opacity`` is that of the colours; values below the share ``threshold`` of the scale are
        not painted. ``colormap`` is a name of ``colormaps.json``; ``""``: ``RdBu_r`` for a signed map, else ``inferno``.

        Raises
        ------
        ValueError, TypeError
            For a map of a signal or a volume, without an image to draw on, or for an invalid argument.
        """
        if self.values.ndim != 2:
            raise ValueError(
                f"Only a map of an image can be laid over one; this one has shape {self.values.shape}: use plot()."
            )
        image = self.image if image is None else image
        if image is None:
            raise ValueError("The map has no image of its own: give the one to draw on, overlay(image).")
        photograph = drawing.photograph_of(image)
        height, width = photograph.shape[:2]
        if self.picture is not None:
            pixels = drawing.painted_picture(self.picture, (height, width), opacity)
        else:
            values = resized(self.values, (height, width), smooth=True)
            colors = drawing.fitting_colormap(colormap, self.signed)
            pixels = drawing.painted(values, colors, self.top, self.signed, opacity, threshold)
        return Image.fromarray(drawing.over(pixels, photograph))

    def share(self, region: Any) -> Share:
        """How much of the map lies in a region, bool (H, W) or a mask file, beside its part of the area."""
        return share_of(self.values, region)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw into matplotlib axes (new ones by default), with title and colour bar; returns the axes.

        Raises
        ------
        ImportError
            Without matplotlib, which the extra ``plot`` installs.
        """
        return _plotted(self, ax)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write a file of the kind that its ending names.

        ``.png``: the drawing, one pixel per value, with ``metadata`` as JSON in the text chunk ``salwidget``. ``.npy``: the
        float32 values. ``.tif``: the same values (a page per slice of a volume, one row for a signal), JSON in
        ImageDescription.

        Raises
        ------
        ValueError
            For another ending, or a path that cannot be written; an existing file stays as it was.
        """
        path, ending = Path(path), Path(path).suffix.lower()
        if ending not in (".png", ".npy", ".tif", ".tiff"):
            raise ValueError(f"A heatmap is saved as .png, .npy or .tif; {path.name!r} ends in none of them.")
        with atomic_write(path) as file:
            if ending == ".png":
                text = PngImagePlugin.PngInfo()
                text.add_text("salwidget", json.dumps(self.metadata))
                drawn(self).save(file, "PNG", pnginfo=text)
            elif ending == ".npy":
                np.save(file, np.asarray(self.values, np.float32))
            else:
                height, width = np.atleast_2d(self.values).shape[-2:]
                first, *others = map(Image.fromarray, np.asarray(self.values, np.float32).reshape(-1, height, width))
                about = {DESCRIPTION: json.dumps(self.metadata)}
                first.save(file, "TIFF", save_all=True, append_images=others, tiffinfo=about)

    def _repr_png_(self) -> bytes:
        return _png(self)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Heatmap) and self.query == other.query

    def __hash__(self) -> int:
        return hash(self.query)

    def __array__(self, dtype: np.dtype | None = None, copy: bool | None = None) -> np.ndarray:
        return np.array(self.values, dtype=dtype, copy=True if copy is None else copy)

    def __repr__(self) -> str:
        values = self.values
        size = f"{len(values)} samples" if values.ndim == 1 else "x".join(map(str, values.shape))
        finite = values[np.isfinite(values)]
        if not finite.size:
            span = NO_VALUE
        elif drawing.about_zero(values):
            span = "zero"
        else:
            span = f"{finite.min():.3g} to {finite.max():.3g} {self.units}"
        return f"<Heatmap {self.query.method} of {self.target}: {size}, {', '.join([span, *not_finite(values)])}>"


# The text for a map without anything to draw.
NO_VALUE = "no finite value"


def not_finite(values: np.ndarray) -> tuple[str, ...]:
    """A note for a map that holds NaN or infinity; none if all values are finite."""
    share = 1 - float(np.isfinite(values).mean())
    return (f"{share:.2%} of the values are NaN or infinite",) if share else ()


def resized(cells: np.ndarray, size: tuple[int, ...], smooth: bool) -> np.ndarray:
    """``cells`` of one, two or three axes resized to ``size``: linearly if ``smooth``, else each cell becomes a block.

    Centres of cells lie at halves, as in Pillow's BILINEAR. Shrinking averages images, but not signals and volumes.
    """
    cells = np.ascontiguousarray(cells, np.float32)
    if cells.shape == tuple(size):
        return cells
    if cells.ndim == 2:
        resampling = Image.Resampling.BILINEAR if smooth else Image.Resampling.NEAREST
        return np.asarray(Image.fromarray(cells).resize((size[1], size[0]), resampling), np.float32)
    from scipy.ndimage import zoom  # 0.2 s to import, which a model of images never needs

    return np.asarray(zoom(cells, np.divide(size, cells.shape), order=int(smooth), mode="nearest", grid_mode=True))


def _plain(value: object) -> object:
    """JSON for what it does not know: numpy's numbers, and functions by name."""
    return value.tolist() if isinstance(value, (np.generic, np.ndarray)) else getattr(value, "__name__", str(value))


def drawn(heatmap: Heatmap) -> Image.Image:
    """The map over the explained image if both have the same size, else alone, one pixel per value.

    A map with colours of its own (weights) is drawn in these.
    """
    if heatmap.picture is not None:
        return Image.fromarray(heatmap.picture)
    if heatmap.image is not None and heatmap.image.shape[:2] == heatmap.values.shape:
        return heatmap.overlay()
    colors = drawing.fitting_colormap("", heatmap.signed)
    return Image.fromarray(drawing.flat(drawing.painted(heatmap.values, colors, heatmap.top, heatmap.signed, alone=True)))


def _png(heatmap: Heatmap) -> bytes:
    """The drawing as a PNG for a notebook, a small one enlarged."""
    image = drawn(heatmap)
    step = max(1, drawing.SHOWN // max(image.size))
    file = io.BytesIO()
    image.resize((step * image.width, step * image.height), Image.Resampling.NEAREST).save(file, "PNG")
    return file.getvalue()


def _plotted(heatmap: Heatmap, ax: Axes | None) -> Axes:
    """The drawing in matplotlib axes, with a title, a colour bar in the map's units and, for a signal, its samples."""
    try:
        from matplotlib import cm, colors, pyplot
    except ImportError as error:
        raise ImportError('plot() needs matplotlib: pip install "salwidget[plot]".') from error
    axes = pyplot.subplots(layout="constrained")[1] if ax is None else ax
    is_signal = heatmap.values.ndim == 1
    axes.imshow(np.asarray(drawn(heatmap)), interpolation="nearest", aspect="auto" if is_signal else "equal")
    axes.set_title(f"{heatmap.query.method} of {heatmap.target}", wrap=True)
    axes.set_yticks([])
    if not is_signal:
        axes.set_axis_off()
    if heatmap.picture is None and not drawing.about_zero(heatmap.values):
        low, top = -heatmap.top if heatmap.signed else 0.0, heatmap.top
        table = drawing.fitting_colormap("", heatmap.signed)
        ramp = drawing.painted(np.linspace(low, top, 256), table, top, heatmap.signed, alone=True) / 255
        scale = cm.ScalarMappable(colors.Normalize(low, top), colors.ListedColormap(ramp))
        axes.figure.colorbar(scale, ax=axes, label=heatmap.units)
    return axes
