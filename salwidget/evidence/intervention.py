"""What came of covering a region: numbers, pictures, one verdict."""

from __future__ import annotations

import io
import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image, ImageDraw, PngImagePlugin

from salwidget.drawing import SHOWN
from salwidget.evidence.matched import Control
from salwidget.writing import atomic_write

if TYPE_CHECKING:
    from matplotlib.axes import Axes

GAP = 4  # pixels between pictures
STRIP = 28  # pixels; height of the strip of controls
GREY, RED, LINE = (120, 120, 120), (200, 30, 30), (200, 200, 200)


@dataclass(frozen=True, eq=False)
class Intervention:
    """A region covered, beside the same patch covered elsewhere. Printed, it is its sentence; in a cell it draws itself.

    Attributes
    ----------
    before, after, change : float
        The target's score of the image and of the edited one, in its own units; ``change = after - before``.
    probability, log_odds : (float, float) or None
        Before and after, of the class: p, and log(p / (1 - p)), computed from logits without rounding. ``None`` unless the
        target is one class of the model's output, which ends in a softmax or a sigmoid.
    controls : float array (K,)
        Changes of the score when the same patch elsewhere is covered (kept, with ``keep``).
    p : float
        (1 + number of controls at least as extreme) / (1 + K): of as large a change, or with ``keep`` of as high a score.
        Equal changes count as extreme. NaN without controls.
    agreement : dict
        The change under blur, mean, neighbours and the chosen replacement, where they can be made.
    image, original : uint8 (H, W, 3)
        The edited image and the one before, as shown.
    sentence : str
        The verdict.
    region : bool (H, W)
    target, replace : str
    keep : bool
        Whether the region was kept, and all else covered.
    outputs : float (2, classes) or None
        The model's output before and after, before its softmax or sigmoid: for bars and ranks. ``None`` where it has axes
        of space, or its logits lie out of reach.
    notes : tuple of str
    patches : tuple of Control
        Where the controls lie; ``patches[k].region`` is bool (H, W).
    wanted : int
        How many controls there are in the end.
    passes, seconds, progress
        Images that went through the model, time of the work, and the share of it that is done.
    """

    before: float
    after: float
    change: float
    probability: tuple[float, float] | None
    log_odds: tuple[float, float] | None
    controls: np.ndarray = field(repr=False)
    p: float
    agreement: dict[str, float]
    image: np.ndarray = field(repr=False)
    original: np.ndarray = field(repr=False)
    sentence: str
    region: np.ndarray = field(repr=False)
    target: str
    replace: str
    keep: bool
    outputs: np.ndarray | None = field(repr=False)
    notes: tuple[str, ...]
    patches: tuple[Control, ...] = field(repr=False)
    wanted: int
    passes: int
    seconds: float
    progress: float

    @property
    def metadata(self) -> dict[str, Any]:
        """All numbers and words of it in the types of JSON; None for what is NaN."""
        names = ("before", "after", "change", "probability", "log_odds", "agreement", "sentence", "target", "replace", "keep")
        known = {name: getattr(self, name) for name in (*names, "notes", "passes", "seconds", "progress")}
        p = None if np.isnan(self.p) else self.p
        known |= {"controls": self.controls.tolist(), "p": p, "area": float(self.region.mean())}
        plain: dict[str, Any] = json.loads(json.dumps(known))
        return plain

    def plot(self, ax: Axes | None = None) -> Axes:
        """The strip of controls in matplotlib axes (new ones by default), the region's own change in it.

        Raises
        ------
        ImportError
            Without matplotlib, which is the extra ``plot``.
        """
        try:
            from matplotlib import pyplot
        except ImportError as error:
            raise ImportError('plot() needs matplotlib: pip install "salwidget[plot]".') from error
        axes = pyplot.subplots(figsize=(6, 1.6), layout="constrained")[1] if ax is None else ax
        axes.axvline(0, color="0.8", zorder=0)
        axes.scatter(self.controls, np.zeros(len(self.controls)), s=18, color="0.45", alpha=0.5, label="elsewhere")
        axes.scatter([self.change], [0], s=60, color="tab:red", marker="D", label="the region")
        axes.set_yticks([])
        axes.set_xlabel(f"change of {self.target}")
        axes.legend(loc="upper left", frameon=False)
        return axes

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write both images and the strip of controls as ``.png`` (``metadata`` in the text chunk ``salwidget``), or ``.json``.

        Raises
        ------
        ValueError
            For another ending, or a place that cannot be written to: a file that was there stays as it was.
        """
        path, ending = Path(path), Path(path).suffix.lower()
        if ending not in (".png", ".json"):
            raise ValueError(f"An intervention is saved as .png or .json; {path.name!r} ends in neither.")
        with atomic_write(path) as file:
            if ending == ".json":
                file.write(json.dumps(self.metadata, indent=1).encode())
            else:
                text = PngImagePlugin.PngInfo()
                text.add_text("salwidget", json.dumps(self.metadata))
                drawn(self).save(file, "PNG", pnginfo=text)

    def _repr_png_(self) -> bytes:
        memory = io.BytesIO()
        drawn(self).save(memory, "PNG")
        return memory.getvalue()

    def __str__(self) -> str:
        return self.sentence

    def __repr__(self) -> str:
        against = f"{len(self.controls)} controls, p = {self.p:.2g}" if len(self.controls) else "no control"
        return f"<Intervention on {self.target}: {self.before:.4g} to {self.after:.4g} by {self.replace!r}, {against}>"


def drawn(made: Intervention) -> Image.Image:
    """The image, the edited one beside it, and below them a dot for each control, the region's own in red."""
    height, width = made.image.shape[:2]
    step = max(1, SHOWN // max(height, width))
    height, width = step * height, step * width
    canvas = Image.new("RGB", (2 * width + GAP, height + GAP + STRIP), "white")
    for place, pixels in enumerate((made.original, made.image)):
        enlarged = Image.fromarray(pixels).resize((width, height), Image.Resampling.NEAREST)
        canvas.paste(enlarged, (place * (width + GAP), 0))
    changes = np.array([0.0, made.change, *made.controls])
    low, extent = changes.min(), np.ptp(changes) or 1.0
    across = STRIP + (changes - low) / extent * (canvas.width - 2 * STRIP)
    middle, draw = height + GAP + STRIP // 2, ImageDraw.Draw(canvas)
    draw.line([(STRIP // 2, middle), (canvas.width - STRIP // 2, middle)], LINE)
    draw.line([(across[0], middle - STRIP // 3), (across[0], middle + STRIP // 3)], LINE)
    for at in across[2:]:
        draw.ellipse([at - 3, middle - 3, at + 3, middle + 3], outline=GREY)
    draw.ellipse([across[1] - 5, middle - 5, across[1] + 5, middle + 5], fill=RED)
    return canvas
