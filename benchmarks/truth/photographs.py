"""The pointing game (Zhang et al. 2018) on 16 photographs of ILSVRC 2012 with human-drawn boxes and two trained models.

The photographs and models are not part of the project: ``tests.data.ROOT`` says where they are looked for.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import keras
import numpy as np
from PIL import Image

from benchmarks.truth.asked import Asked
from salwidget import Heatmap
from tests.data import ROOT

FOLDER = ROOT / "groundtruth" / "ilsvrc_val"


@dataclass(frozen=True)
class Photograph:
    """A file, its true class, and boxes (left, top, right, bottom) as shares of its width and height."""

    path: Path
    label: str
    index: int
    boxes: tuple[tuple[float, float, float, float], ...]

    def region(self, side: int) -> np.ndarray:
        """True in the boxes, (side, side), by the centres of the pixels."""
        centres = (np.arange(side) + 0.5) / side
        inside = [
            ((top <= centres) & (centres <= bottom))[:, None] & ((left <= centres) & (centres <= right))
            for left, top, right, bottom in self.boxes
        ]
        return np.any(inside, axis=0)


def photographs() -> list[Photograph]:
    """The 16 photographs."""
    found = []
    for entry in json.loads((FOLDER / "boxes.json").read_text())["images"]:
        size = np.array([entry["width"], entry["height"]] * 2)
        boxes = tuple(tuple((np.array(box) / size).tolist()) for box in entry["boxes_xyxy"])
        found.append(Photograph(FOLDER / entry["file"], entry["label"], entry["class_index"], boxes))
    return found


@dataclass(frozen=True)
class Reader:
    """A trained model, what it takes, and the layers whose maps are looked at, the last one first.

    ``recorded`` is how many of the 16 photographs Grad-CAM at the last layer was found to hit before this engine was
    written (ORIGIN.md of the data).
    """

    name: str
    load: Callable[[], keras.Model] = field(repr=False)
    side: int
    preprocess: Callable[[np.ndarray], np.ndarray] = field(repr=False)
    layers: tuple[str, ...]
    recorded: int

    @cached_property
    def model(self) -> keras.Model:
        return self.load()

    def image(self, photograph: Photograph) -> np.ndarray:
        """uint8 (side, side, 3)."""
        with Image.open(photograph.path) as opened:
            return np.asarray(opened.convert("RGB").resize((self.side, self.side), Image.Resampling.BILINEAR))

    def heatmap(self, asked: Asked, photograph: Photograph) -> Heatmap:
        """The map of the true class's logit."""
        image = self.image(photograph)
        return asked.heatmap(self.model, image, filters=photograph.index, preprocess=self.preprocess)


SQUEEZENET = Reader(
    "SqueezeNet",
    lambda: keras.models.load_model(ROOT / "models" / "squeezenet_v1.0_imagenet.keras"),
    227,
    lambda image: image[..., ::-1] - np.array([104, 117, 123], np.float32),
    ("fire9_concat", "fire8_concat", "fire5_concat"),
    recorded=15,
)
MOBILENET = Reader(
    "MobileNetV2",
    lambda: keras.applications.MobileNetV2(weights=str(ROOT / "models" / "mobilenet_v2_1.0_224_imagenet.weights.h5")),
    224,
    lambda image: image / 127.5 - 1,
    ("out_relu", "block_13_expand_relu", "block_6_expand_relu"),
    recorded=13,
)


def hits(values: np.ndarray, photograph: Photograph) -> bool:
    """Whether the largest value of a map lies in a box; an empty map hits nothing."""
    peak = np.unravel_index(int(values.argmax()), values.shape)
    return bool(photograph.region(len(values))[peak]) and float(np.ptp(values)) > 0


def pointing(reader: Reader, asked: Asked, chosen: Iterable[Photograph], bicubic: bool = False) -> list[bool]:
    """For each photograph, whether the map of its true class's logit has its peak in a box.

    With ``bicubic`` the cells are enlarged so, instead of taking the heatmap's own bilinear values: the curve of a
    bicubic map peaks between cells, which moves the peak of small maps by up to half a cell.
    """
    found = []
    for one in chosen:
        heatmap = reader.heatmap(asked, one)
        smooth = Image.fromarray(heatmap.cells).resize((reader.side, reader.side), Image.Resampling.BICUBIC)
        found.append(hits(np.asarray(smooth) if bicubic else heatmap.values, one))
    return found


def combined(maps: Sequence[np.ndarray], how: str) -> np.ndarray:
    """The "product" or "mean" of maps each divided by its largest value."""
    scaled = [values / max(float(values.max()), 1e-30) for values in maps]
    return np.prod(scaled, 0) if how == "product" else np.mean(scaled, 0)


@dataclass(frozen=True)
class Combination:
    """How many photographs the maps of some layers, taken together, hit."""

    method: str
    layers: tuple[str, ...]
    how: str
    hits: int


def combinations(reader: Reader, methods: Sequence[str], chosen: Sequence[Photograph]) -> list[Combination]:
    """Each layer by itself, and the product and the mean of the last layer with one or both of the earlier ones."""
    last, middle, early = reader.layers
    sets = [(last,), (middle,), (early,), (last, middle), (last, early), (last, middle, early)]
    rows = []
    for method in methods:
        maps = {
            (layer, one): reader.heatmap(Asked(method, options={"penultimate_layer": layer}), one).values
            for layer in reader.layers
            for one in chosen
        }
        for names in sets:
            for how in ("product", "mean")[: len(names)]:
                together = [hits(combined([maps[name, one] for name in names], how), one) for one in chosen]
                rows.append(Combination(method, names, how if len(names) > 1 else "", sum(together)))
    return rows


def available() -> bool:
    """Whether the photographs and the models are here."""
    return (FOLDER / "boxes.json").is_file() and (ROOT / "models").is_dir()
