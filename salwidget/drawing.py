"""Values to pixels: a scale, a colour table, an opacity and a threshold, as the page has them (``js/src/stage/paint.ts``)."""

from __future__ import annotations

import base64
import json
import math
import os
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import ArrayLike
from PIL import Image

from salwidget.images import ImageLike, Picture
from salwidget.photographs import opened, pixels_of

# The page's defaults, so that a drawing made here looks as the widget does before anything is moved.
OPACITY = 0.7
THRESHOLD = 0.12

ABOUT_ZERO = 1e-30  # a map whose largest magnitude is below this is zero: colouring it would show rounding noise
STRIP = 16  # pixels; a signal's strip of colour is never lower than this
SHOWN = 224  # pixels; in a notebook a drawing of half that size or less is enlarged


@dataclass(frozen=True, eq=False)
class Colormap:
    """A table of 256 colours, uint8 (256, 3); the neutral colour of a diverging one is entry 128."""

    name: str
    diverging: bool
    rgb: np.ndarray


def fitting_colormap(name: str, signed: bool, dark: bool = False) -> Colormap:
    """The named table; for ``""`` a fitting one: ``inferno``, or for signed values one whose zero matches the surface.

    Raises
    ------
    ValueError
        For a name that is not in ``colormaps.json``.
    """
    name = name or (("berlin" if dark else "RdBu_r") if signed else "inferno")
    if name not in _tables():
        raise ValueError(f"colormap {name!r} is not known; use '' (automatic) or one of {', '.join(_tables())}.")
    return _tables()[name]


@cache
def _tables() -> dict[str, Colormap]:
    found = json.loads(files("salwidget").joinpath("colormaps.json").read_text())
    colors = {name: np.frombuffer(base64.b64decode(table["rgb"]), np.uint8).reshape(256, 3) for name, table in found.items()}
    return {name: Colormap(name, table["kind"] == "diverging", colors[name]) for name, table in found.items()}


def about_zero(values: np.ndarray) -> bool:
    """Whether there is nothing to colour: no finite value has a magnitude of 1e-30 or more."""
    return float(np.abs(values, where=np.isfinite(values), out=np.zeros(values.shape)).max()) < ABOUT_ZERO


def entries(values: np.ndarray, top: float, signed: bool, diverging: bool) -> np.ndarray:
    """Entry of a colour table for each (finite) value; zero falls on the neutral entry of a diverging table, exactly."""
    shares = np.clip(np.asarray(values, np.float64) / top, -1 if signed else 0, 1)
    if diverging:
        return 128 + _rounded(127 * shares)
    return _rounded(127.5 * (shares + 1) if signed else 255 * shares)


def painted(
    values: np.ndarray,
    colors: Colormap,
    top: float,
    signed: bool,
    opacity: float = OPACITY,
    threshold: float = THRESHOLD,
    alone: bool = False,
) -> np.ndarray:
    """RGBA pixels, uint8 (..., 4), of values of any shape.

    Parameters
    ----------
    top
        The magnitude at the end of the colours: they run 0 to ``top``, or -``top`` to ``top`` when ``signed``.
    opacity, threshold
        0 to 1; a value below the share ``threshold`` of ``top`` is not painted.
    alone
        Draw without a photograph: opaque, with values below the threshold in the colour of zero.

    Returns
    -------
    numpy.ndarray
        Transparent where a value is not finite, and everywhere for a map that is about zero.

    Raises
    ------
    TypeError, ValueError
        For an opacity or a threshold that is not a number from 0 to 1.
    """
    opacity, threshold = share("opacity", opacity), share("threshold", threshold)
    pixels = np.zeros((*values.shape, 4), np.uint8)
    if about_zero(values):
        return pixels
    values = values.astype(np.float64)  # as the page does, to get the same colours
    finite = np.isfinite(values)
    under = np.abs(values) < threshold * top
    shown, hidden = (255, 255) if alone else (int(_rounded(255 * opacity)), 0)
    pixels[..., :3] = colors.rgb[entries(np.where(finite & ~under, values, 0), top, signed, colors.diverging)]
    pixels[..., 3] = np.where(under, hidden, shown)
    pixels[~finite] = 0
    return pixels


def painted_picture(rgb: np.ndarray, size: tuple[int, int], opacity: float) -> np.ndarray:
    """RGBA pixels (H, W, 4) at ``size`` of a map with colours of its own, uint8 (h, w, 3), all with one opacity."""
    fitted = Image.fromarray(rgb).resize((size[1], size[0]), Image.Resampling.NEAREST)
    return np.dstack([np.asarray(fitted), np.full(size, _rounded(255 * share("opacity", opacity)), np.uint8)])


def over(pixels: np.ndarray, photograph: np.ndarray) -> np.ndarray:
    """RGBA pixels (H, W, 4) laid over a photograph (H, W, 3), uint8."""
    share = pixels[..., 3:].astype(np.uint32)
    return ((pixels[..., :3] * share + photograph * (255 - share) + 127) // 255).astype(np.uint8)


def flat(pixels: np.ndarray) -> np.ndarray:
    """Pixels of a signal, an image or a volume, (L, 4), (H, W, 4) or (D, H, W, 4), as those of one image.

    A signal becomes a strip of about an eighth of its length, at least 16 pixels high; a volume a contact sheet of its
    slices in reading order, in a nearly square grid with a transparent line of one pixel between them.
    """
    if pixels.ndim == 2:
        return np.repeat(pixels[None], max(STRIP, round(len(pixels) / 8)), axis=0)
    if pixels.ndim == 3:
        return pixels
    depth, height, width, _ = pixels.shape
    columns = math.ceil(math.sqrt(depth))
    rows = math.ceil(depth / columns)
    sheet = np.zeros((rows * (height + 1), columns * (width + 1), 4), np.uint8)
    for number, one in enumerate(pixels):
        top, left = number // columns * (height + 1), number % columns * (width + 1)
        sheet[top : top + height, left : left + width] = one
    return sheet[:-1, :-1]


def photograph_of(source: ImageLike) -> np.ndarray:
    """uint8 (H, W, 3) of a path, a Pillow image or an array; the range of floats is inferred from their values.

    Raises
    ------
    TypeError, ValueError
        For anything that is no image, with its shape.
    """
    if isinstance(source, (str, os.PathLike)):
        source = opened(source)
    if isinstance(source, Image.Image):
        return pixels_of(source, grey=False)
    image = np.asarray(source)
    if image.dtype == bool or not np.issubdtype(image.dtype, np.number) or np.iscomplexobj(image):
        raise TypeError(f"An image is an array of numbers, a Pillow image or a path, not {type(source).__name__}.")
    if image.ndim == 2:
        image = image[..., None]
    if image.ndim != 3 or image.shape[-1] not in (1, 3, 4) or not image.size:
        raise ValueError(f"An image to draw on has shape (H, W), (H, W, 1), (H, W, 3) or (H, W, 4), not {np.shape(source)}.")
    if not np.all(np.isfinite(image)):
        raise ValueError("The image holds NaN or infinite values; replace them first.")
    return Picture("", image, image).shown


def share(name: str, value: object) -> float:
    """A number from 0 to 1; anything else raises ``TypeError`` or ``ValueError`` in a sentence about ``name``."""
    if isinstance(value, bool) or not isinstance(value, (int, float, np.integer, np.floating)):
        raise TypeError(f"{name} is a number from 0 to 1, not {repr(value)[:40]}.")
    if not 0 <= value <= 1:
        raise ValueError(f"{name} goes from 0 to 1; {str(value)[:40]} lies outside.")
    return float(value)


def _rounded(values: ArrayLike) -> np.ndarray:
    """To the next integer, halves up, as JavaScript rounds; numpy's halves go to the even one."""
    whole = np.floor(values)
    rounded: np.ndarray = (whole + (values - whole >= 0.5)).astype(np.intp)
    return rounded
