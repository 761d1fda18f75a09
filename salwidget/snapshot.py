"""A map as a picture with title, question and colour bar, as the page's camera draws it (``js/src/stage/snapshot.ts``)."""

from __future__ import annotations

import math
import re
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

# Pixels, twice the size on the page.
SIDE = 896
SERIES_HEIGHT = 448
MARGIN = 32
BAR_HEIGHT = 20
TITLE = 30
TEXT = 24
SMALL = 128  # a picture under this size shows its pixels
MOST_LANES = 32

INK, SURFACE, LINE = {False: "#1a1a1e", True: "#e8e8ea"}, {False: "#ffffff", True: "#17181c"}, 3
OUTLINE = {False: "#bbbbbc", True: "#555659"}
# Characters that Pillow's own font lacks.
PLAIN = str.maketrans({"−": "-", "·": "·", "×": "x", "≥": ">", "≤": "<", "’": "'", "…": "..."})


@dataclass(frozen=True)
class Look:
    """How a map is drawn: the widget's traits, and what its page shows.

    Attributes
    ----------
    view
        ``"image"``, ``"overlay"`` or ``"map"``.
    slice
        Slice of a volume; ``None``: where the map is strongest.
    channel
        The first channel of a signal to draw, if there are more than fit.
    dark
        Drawn on a dark surface.
    """

    opacity: float = drawing.OPACITY
    threshold: float = drawing.THRESHOLD
    colormap: str = ""
    view: str = "overlay"
    slice: int | None = None
    channel: int = 0
    dark: bool = False


def snapshot(
    heatmap: Heatmap, picture: Picture, title: str, question: Sequence[str], on_image: bool, look: Look
) -> Image.Image:
    """The picture, RGB.

    Parameters
    ----------
    picture
        The input that the map is for.
    on_image
        Whether the map is one of the input; a layer's weights, which are not, are drawn alone.
    """
    alone = not on_image or look.view == "map"
    at, depth = _cut(heatmap.values, picture.given if on_image else heatmap.values, look.slice)
    stage = _stage(heatmap, picture, (at, depth), alone, on_image, look)
    across = max(stage.width, 640)
    facts = [*question, f"slice {at}"] if heatmap.values.ndim == 3 else list(question)
    titled, subtitled = _wrapped(title, TITLE, across), _wrapped(" · ".join(facts), TEXT, across)
    top = math.ceil(MARGIN + 1.35 * (len(titled) * TITLE + len(subtitled) * TEXT) + 12)
    barred = heatmap.picture is None and not drawing.about_zero(heatmap.values)
    under = BAR_HEIGHT + TEXT + 32 if barred else 0
    sheet = Image.new("RGB", (across + 2 * MARGIN, top + stage.height + under + MARGIN), SURFACE[look.dark])
    pen = ImageDraw.Draw(sheet)
    y = float(MARGIN)
    for lines, size in ((titled, TITLE), (subtitled, TEXT)):
        for line in lines:
            pen.text((MARGIN, y), line, INK[look.dark], _font(size))
            y += 1.35 * size
    sheet.paste(stage, ((sheet.width - stage.width) // 2, top))
    if barred:
        _draw_bar(sheet, heatmap, top + stage.height + 16, across, alone, look)
    return sheet


def _cut(values: np.ndarray, shown: np.ndarray, chosen: int | None) -> tuple[int, int]:
    """Which of how many slices is drawn, as the page counts them."""
    if values.ndim < 3:
        return 0, 1
    depth = len(shown)
    return slice_of(strongest(values), len(values), depth) if chosen is None else min(chosen, depth - 1), depth


def strongest(volume: np.ndarray) -> int:
    """The slice of a volume (D, H, W) with the largest sum of magnitudes; the middle one where all are zero."""
    sums = np.abs(volume, where=np.isfinite(volume), out=np.zeros(volume.shape)).sum((1, 2))
    return int(sums.argmax()) if sums.any() else len(sums) // 2


def slice_of(at: int, depth: int, count: int) -> int:
    """Which of ``count`` slices lies where slice ``at`` of ``depth`` does: a map may have fewer than the picture."""
    return min(count - 1, int((at + 0.5) / depth * count))


def _stage(heatmap: Heatmap, picture: Picture, cut: tuple[int, int], alone: bool, on_image: bool, look: Look) -> Image.Image:
    colors = drawing.fitting_colormap(look.colormap, heatmap.signed, look.dark)
    values = np.atleast_2d(heatmap.values)
    if values.ndim == 3:
        values = values[slice_of(*cut, len(values))]
    if heatmap.picture is not None:
        size = heatmap.picture.shape[0], heatmap.picture.shape[1]
        pixels = drawing.painted_picture(heatmap.picture, size, 1.0 if alone else look.opacity)
    else:
        pixels = drawing.painted(values, colors, heatmap.top, heatmap.signed, look.opacity, look.threshold, alone)
    is_signal = picture.given.ndim == 2
    shown = picture.shown[slice_of(*cut, len(picture.shown))] if picture.given.ndim == 4 else picture.shown
    height, width = shown.shape[:2] if on_image and not is_signal else pixels.shape[:2]
    zoom = max(1, math.ceil(SIDE / max(height, width)))
    size = (SIDE, SERIES_HEIGHT) if heatmap.values.ndim == 1 else (zoom * width, zoom * height)
    resampling = Image.Resampling.BILINEAR if max(height, width) >= SMALL and not is_signal else Image.Resampling.NEAREST
    stage = Image.new("RGBA", size, SURFACE[look.dark])
    beneath = not alone or look.view == "image"
    if beneath and not is_signal:
        stage.paste(Image.fromarray(shown).resize(size, resampling))
    if look.view != "image":
        stage.alpha_composite(Image.fromarray(pixels, "RGBA").resize(size, resampling))
    if beneath and is_signal:
        _draw_lines(stage, picture.given, look)
    return stage.convert("RGB")


def _draw_lines(stage: Image.Image, series: np.ndarray, look: Look) -> None:
    """The channels of a signal (L, C), each in a lane with a scale of its own."""
    pen, count = ImageDraw.Draw(stage), min(MOST_LANES, series.shape[1])
    first = min(look.channel, series.shape[1] - count)
    x = (np.arange(len(series)) + 0.5) / len(series) * stage.width
    for lane in range(count):
        values = series[:, first + lane].astype(np.float64)
        top, bottom = ((0.14 + 0.79 * (lane + side) / count) * stage.height for side in (0, 1))
        span = float(np.ptp(values))
        shares = (values - values.min()) / span if span else np.full(len(values), 0.5)
        points = list(zip(x, bottom - 6 - (bottom - top - 12) * shares, strict=True))
        for color, width in ((SURFACE[look.dark], 7), (INK[look.dark], LINE)):
            pen.line(points, color, width, joint="curve")


def _draw_bar(sheet: Image.Image, heatmap: Heatmap, top: int, width: int, alone: bool, look: Look) -> None:
    colors = drawing.fitting_colormap(look.colormap, heatmap.signed, look.dark)
    ramp = np.linspace(-1.0 if heatmap.signed else 0.0, 1.0, 256)[None]
    pixels = drawing.painted(ramp, colors, 1.0, heatmap.signed, 1.0, look.threshold, alone)
    bar = Image.fromarray(pixels, "RGBA").resize((width, BAR_HEIGHT), Image.Resampling.NEAREST)
    sheet.paste(bar, (MARGIN, top), bar)
    ink = INK[look.dark]
    pen, font, under = ImageDraw.Draw(sheet), _font(TEXT), top + BAR_HEIGHT + 8
    pen.rectangle((MARGIN, top, MARGIN + width - 1, top + BAR_HEIGHT - 1), outline=OUTLINE[look.dark])
    clipped = bool(np.nanmax(np.abs(heatmap.values[np.isfinite(heatmap.values)])) > heatmap.top)
    low = f"{'≤ ' * clipped}{_number(-heatmap.top)}" if heatmap.signed else "0"
    pen.text((MARGIN, under), _writable(low), ink, font)
    pen.text((MARGIN + width / 2, under), _writable(heatmap.units), ink, font, anchor="ma")
    pen.text((MARGIN + width, under), _writable(f"{'≥ ' * clipped}{_number(heatmap.top)}"), ink, font, anchor="ra")


def _number(value: float) -> str:
    if value and not 1e-3 <= abs(value) < 1e5:
        text = re.sub("e([+-])0", r"e\1", f"{value:.1e}")  # 8.6e-5, as the page writes it
    else:
        text = f"{float(f'{value:.3g}'):g}"
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
    for name in ("DejaVuSans.ttf", *_of_matplotlib()):
        try:
            return ImageFont.truetype(name, size)
        except OSError:
            continue
    return ImageFont.load_default(size)


def _of_matplotlib() -> list[str]:
    found = find_spec("matplotlib")
    return [str(Path(found.origin).parent / "mpl-data/fonts/ttf/DejaVuSans.ttf")] if found and found.origin else []


def _writable(text: str) -> str:
    return text if "DejaVu" in str(getattr(_font(TEXT), "path", "")) else text.translate(PLAIN)
