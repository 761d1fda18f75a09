"""What the numbers should be, and whether they are: every budget of the project, beside what was measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.figures import Figure, Quartiles, quartiles
from benchmarks.results import Section


@dataclass(frozen=True)
class Aim:
    """A budget.

    Attributes
    ----------
    section, what, model
        The figure that it is for; of several (one for each peer) the worst counts.
    bar
        The most that it may be, in the figure's unit; of a figure with something beside it, its ratio for each pass.
    goal
        What it would better be.
    share
        The share of repetitions that must keep to it: a half is the median.
    most
        Whether bar and goal are the most that it may be; else they are the least.
    """

    section: str
    what: str
    bar: float
    goal: float | None = None
    model: str = "MobileNetV2"
    share: float = 0.5
    most: bool = True

    def judged(self, values: Sequence[float]) -> str:
        """``"goal"`` or ``"bar"``, whichever is met, else ``"missed"``."""
        limits = {"goal": self.goal, "bar": self.bar}
        value = self.value(values)
        return next((name for name, limit in limits.items() if limit is not None and self._keeps(value, limit)), "missed")

    def value(self, values: Sequence[float]) -> float:
        """What is compared."""
        return float(np.quantile(values, self.share if self.most else 1 - self.share))

    def _keeps(self, value: float, limit: float) -> bool:
        return value <= limit if self.most else value >= limit


# The bars and goals of the project's issue on speed.
AIMS = (
    Aim("engine", "saliency", 0.9, 0.85),
    Aim("engine", "saliency", 0.9, 0.85, model="ResNet50"),
    Aim("engine", "saliency", 1.05, model="VGG16"),
    Aim("engine", "guided saliency", 1.1, 0.85),
    Aim("engine", "Grad-CAM", 0.55, 0.5),
    Aim("engine", "Grad-CAM, another class of the same image", 0.55, 0.5),
    Aim("layers", "first map ever, saliency", 1.0, 0.5),
    Aim("layers", "first map of a new layer", 0.4, 0.25),
    Aim("layers", "traces made by another class, 20 times", 0),
    Aim("layers", "traces made by another filter of block_6_expand, 20 times", 0),
    Aim("sweep", "all 192 filters of block_6_expand, 16 at once", 1.0),
    Aim("many", "SmoothGrad, 20 samples", 0.57, 0.45),
    Aim("many", "Integrated Gradients, 50 steps", 0.57, 0.45),
    Aim("many", "occlusion, 196 patches", 0.54, 0.42),
    Aim("many", "Score-CAM, all 512 channels", 0.55, 0.5, model="VGG16"),
    Aim("many", "Score-CAM, all 512 channels: memory above the model", 1.5, model="VGG16"),
    Aim("dream", "dream step, 1 at once", 1.15, 0.9),
    Aim("dream", "dream step, 8 at once", 1.15, 0.9),
    Aim("memory", "500 mixed questions: growth", 20, model=""),
    Aim("memory", "2,000 dream steps, MobileNetV2: growth", 20, model=""),
    Aim("memory", "2,000 dream steps, small CNN: growth", 20, model=""),
    *(
        Aim("page", "slider to painted map, less the engine", 0.05, 0.02, model=of)
        for of in ("MobileNetV2 saliency, 200 kB", "64 x 64 saliency, 16 kB", "64 x 64 feature map, 16 kB")
    ),
    *(
        Aim("page", "recolour, from the input to the end of its frame", 1 / 60, model=of, share=0.95)
        for of in ("opacity", "threshold", "colormap")
    ),
    Aim("page", "messages sent while recolouring", 0, model=""),
    Aim("peers", "SmoothGrad, 20 samples", 1.0),
    Aim("peers", "Integrated Gradients, 50 steps", 1.0),
    Aim("peers", "occlusion, 196 patches", 1.0),
    Aim("peers", "Score-CAM, 32 channels", 1.0),
    Aim("peers", "Score-CAM, all 512 channels", 1.0, model="VGG16"),
)


@dataclass(frozen=True)
class Verdict:
    """An aim beside what was measured; ``met`` is ``"goal"``, ``"bar"`` or ``"missed"``."""

    aim: Aim
    figure: Figure
    spread: Quartiles
    value: float
    met: str


def compared(figure: Figure) -> Sequence[float]:
    """The numbers of a figure that an aim is for."""
    return figure.per_pass if figure.than else figure.values


def verdict(aim: Aim, sections: Mapping[str, Section]) -> Verdict | None:
    """The worst of the figures that an aim is for; None where they were not measured."""
    figures = sections[aim.section].figures if aim.section in sections else []
    those = [figure for figure in figures if (figure.what, figure.model) == (aim.what, aim.model)]
    if not those:
        return None
    worst = (max if aim.most else min)(those, key=lambda figure: aim.value(compared(figure)))
    values = compared(worst)
    return Verdict(aim, worst, quartiles(values), aim.value(values), aim.judged(values))
