"""A map as a picture with title, question and colour bar, as the page's camera draws it (``js/src/snapshot.ts``)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from salwidget import drawing
from salwidget.heatmap import Heatmap
from salwidget.images import Picture

# Pixels, twice what a picture takes on a page.
SIDE = 896
SERIES_HEIGHT = 448
MARGIN = 32
BAR_HEIGHT = 20
TITLE = 30
TEXT = 24
SMALL = 128  # a picture under this size shows its pixels
MOST_LANES = 32

INK, SURFACE, LINE = "#1a1a1e", "#ffffff", 3
# What Pillow's own font cannot write.
PLAIN = str.maketrans({"−": "-", "·": "·", "×": "x", "≥": ">", "≤": "<", "’": "'", "…": "..."})


@dataclass(frozen=True)
class Look:
    """As the traits of the widget."""

    opacity: float = drawing.OPACITY
    threshold: float = drawing.THRESHOLD
    colormap: str = ""


def snapshot(
    heatmap: Heatmap, picture: Picture, title: str, question: Sequence[str], on_image: bool, look: Look
) -> Image.Image:
    """The picture, RGB.

    Parameters
    ----------
    picture
        The input that the map lies over.
    on_image
        The map is one of the input; else (a layer's weights) it is drawn alone.
    """
    at = strongest(heatmap.values) if heatmap.values.ndim == 3 else 0
    stage = _stage(heatmap, picture, at, on_image, look)
    across = max(stage.width, 640)
    words = [*question, f"slice {at}"] if heatmap.values.ndim == 3 else list(question)
    titled, asked = _wrapped(title, TITLE, across), _wrapped(" · ".join(words), TEXT, across)
    top = math.ceil(MARGIN + 1.35 * (len(titled) * TITLE + len(asked) * TEXT) + 12)
    barred = heatmap.picture is None and not drawing.about_zero(heatmap.values)
    under = BAR_HEIGHT + TEXT + 32 if barred else 0
    sheet = Image.new("RGB", (across + 2 * MARGIN, top + stage.height + under + MARGIN), SURFACE)
    pen = ImageDraw.Draw(sheet)
    y = float(MARGIN)
    for lines, size in ((titled, TITLE), (asked, TEXT)):
        for line in lines:
            pen.text((MARGIN, y), line, INK, _font(size))
            y += 1.35 * size
    sheet.paste(stage, ((sheet.width - stage.width) // 2, top))
    if barred:
        _draw_bar(sheet, heatmap, top + stage.height + 16, across, not on_image, look)
    return sheet


def strongest(volume: np.ndarray) -> int:
    """The slice of a volume (D, H, W) with the largest sum of magnitudes; the middle one where all are zero."""
    sums = np.abs(volume, where=np.isfinite(volume), out=np.zeros(volume.shape)).sum((1, 2))
    return int(sums.argmax()) if sums.any() else len(sums) // 2


def _stage(heatmap: Heatmap, picture: Picture, at: int, on_image: bool, look: Look) -> Image.Image:
    colors = drawing.fitting_colormap(look.colormap, heatmap.signed)
    values = heatmap.values[at] if heatmap.values.ndim == 3 else np.atleast_2d(heatmap.values)
    if heatmap.picture is not None:
        size = heatmap.picture.shape[0], heatmap.picture.shape[1]
        pixels = drawing.painted_picture(heatmap.picture, size, look.opacity if on_image else 1.0)
    else:
        pixels = drawing.painted(values, colors, heatmap.top, heatmap.signed, look.opacity, look.threshold, alone=not on_image)
    is_signal = on_image and picture.given.ndim == 2
    shown = picture.shown[at] if picture.given.ndim == 4 else picture.shown
    height, width = shown.shape[:2] if on_image and not is_signal else pixels.shape[:2]
    zoom = max(1, math.ceil(SIDE / max(height, width)))
    size = (SIDE, SERIES_HEIGHT) if heatmap.values.ndim == 1 else (zoom * width, zoom * height)
    how = Image.Resampling.BILINEAR if max(height, width) >= SMALL and not is_signal else Image.Resampling.NEAREST
    stage = Image.new("RGBA", size, SURFACE)
    if on_image and not is_signal:
        stage.paste(Image.fromarray(shown).resize(size, how))
    stage.alpha_composite(Image.fromarray(pixels, "RGBA").resize(size, how))
    if is_signal:
        _draw_lines(stage, picture.given)
    return stage.convert("RGB")


def _draw_lines(stage: Image.Image, series: np.ndarray) -> None:
    """The channels of a signal (L, C), each in a lane with a scale of its own."""
    pen, count = ImageDraw.Draw(stage), min(MOST_LANES, series.shape[1])
    x = (np.arange(len(series)) + 0.5) / len(series) * stage.width
    for channel in range(count):
        values = series[:, channel].astype(np.float64)
        top, bottom = ((0.14 + 0.79 * (channel + side) / count) * stage.height for side in (0, 1))
        span = float(np.ptp(values))
        shares = (values - values.min()) / span if span else np.full(len(values), 0.5)
        points = list(zip(x, bottom - 6 - (bottom - top - 12) * shares, strict=True))
        for color, width in ((SURFACE, 7), (INK, LINE)):
            pen.line(points, color, width, joint="curve")


def _draw_bar(sheet: Image.Image, heatmap: Heatmap, top: int, width: int, alone: bool, look: Look) -> None:
    colors = drawing.fitting_colormap(look.colormap, heatmap.signed)
    ramp = np.linspace(-1.0 if heatmap.signed else 0.0, 1.0, 256)[None]
    pixels = drawing.painted(ramp, colors, 1.0, heatmap.signed, 1.0, look.threshold, alone)
    bar = Image.fromarray(pixels, "RGBA").resize((width, BAR_HEIGHT), Image.Resampling.NEAREST)
    sheet.paste(bar, (MARGIN, top), bar)
    pen, font, under = ImageDraw.Draw(sheet), _font(TEXT), top + BAR_HEIGHT + 8
    pen.rectangle((MARGIN, top, MARGIN + width - 1, top + BAR_HEIGHT - 1), outline="#bbbbbc")
    clipped = bool(np.nanmax(np.abs(heatmap.values[np.isfinite(heatmap.values)])) > heatmap.top)
    low = f"{'≤ ' * clipped}{_number(-heatmap.top)}" if heatmap.signed else "0"
    pen.text((MARGIN, under), _writable(low), INK, font)
    pen.text((MARGIN + width / 2, under), _writable(heatmap.units), INK, font, anchor="ma")
    pen.text((MARGIN + width, under), _writable(f"{'≥ ' * clipped}{_number(heatmap.top)}"), INK, font, anchor="ra")


def _number(value: float) -> str:
    text = f"{value:.1e}" if value and not 1e-3 <= abs(value) < 1e5 else f"{float(f'{value:.3g}'):g}"
    return text.replace("-", "−")


def _wrapped(text: str, size: int, width: int) -> list[str]:
    lines: list[str] = []
    for word in _writable(text).split(" "):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and _font(size).getlength(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


@cache
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """DejaVu Sans from the system or from matplotlib, which knows more signs than Pillow's own font."""
    for place in ("DejaVuSans.ttf", *_of_matplotlib()):
        try:
            return ImageFont.truetype(place, size)
        except OSError:
            continue
    return ImageFont.load_default(size)


def _of_matplotlib() -> list[str]:
    found = find_spec("matplotlib")
    return [str(Path(found.origin).parent / "mpl-data/fonts/ttf/DejaVuSans.ttf")] if found and found.origin else []


def _writable(text: str) -> str:
    return text if "DejaVu" in str(getattr(_font(TEXT), "path", "")) else text.translate(PLAIN)
