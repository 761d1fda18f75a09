"""Draws the two animals of the snow test, a wolf and a beagle, seen from the side.

Both take their coat from the same palette, so only shape and pattern tell them apart.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageFilter

from salwidget.demo.scenes import scene
from salwidget.demo.sketch import SIZE, Rng, Rows, Sketch, turned

# (dark, mid, light) of a coat, 0..255.
PALETTE = np.array(
    [
        [(62, 64, 72), (124, 125, 130), (212, 210, 206)],
        [(66, 46, 34), (138, 102, 70), (222, 200, 168)],
        [(34, 32, 34), (86, 78, 72), (200, 180, 150)],
        [(92, 58, 38), (158, 112, 74), (232, 210, 180)],
        [(116, 98, 78), (186, 166, 136), (240, 232, 214)],
    ],
    float,
)
EYE, NOSE = (24, 18, 16), (30, 24, 24)


def _wolf_coat(rng: Rng, sketch: Sketch, coat: np.ndarray, trunk: Rows, neck: Rows, tail: np.ndarray) -> None:
    # A dark back that fades down the flanks, a pale belly and throat: no sharp border anywhere.
    dark, _, light = coat
    back = [(x, y + radius * rng.uniform(0.75, 1.05), 0.6 * radius) for x, y, radius in trunk]
    belly = [(x, y - 1.15 * radius, 0.5 * radius) for x, y, radius in trunk]
    throat = [(x + 0.12, y - 0.8 * radius, 0.5 * radius) for x, y, radius in neck]
    sketch.marking(belly, light, within=trunk, softness=0.06)
    sketch.marking(throat, light, within=neck, softness=0.06)
    sketch.marking(back, dark, within=trunk, softness=0.07)
    sketch.marking([tail[-1] + (0, 0, 0.12)] * 2, dark, within=tail, softness=0.05)


def _beagle_coat(rng: Rng, sketch: Sketch, coat: np.ndarray, trunk: Rows, neck: Rows, tail: np.ndarray) -> None:
    # Patches with a sharp border: a saddle, a pale chest and belly, a white tip to the tail.
    dark, _, light = coat
    (hip_x, hip_y, _), (_, y, _), (shoulder_x, shoulder_y, _) = trunk
    saddle = [(rng.uniform(-0.35, -0.05), y + 0.12, rng.uniform(0.17, 0.26)), (rng.uniform(0, 0.3), y + 0.14, 0.2)]
    belly = [(hip_x, hip_y - 0.27, 0.1), (0, y - 0.27, 0.13), (shoulder_x, shoulder_y - 0.27, 0.17)]
    sketch.marking(belly, light, within=trunk, softness=0.01)
    sketch.marking(saddle, dark, within=trunk, softness=0.01)
    sketch.marking([neck[0] + np.array([0.2, -0.12, -0.08])] * 2, light, within=neck, softness=0.01)
    sketch.marking([tail[-1] + (0, 0, 0.12)] * 2, light, within=tail, softness=0.01)


@dataclass(frozen=True)
class Species:
    """Proportions in body lengths (hip to shoulder); angles in degrees, as (lowest, highest).

    Parts are rows of (x, y, radius): ear and muzzle from the middle of the skull, tail from its root.
    """

    leg: float
    trunk: tuple[float, float, float]
    skull: float
    muzzle: Rows
    ear: Rows
    tail: Rows
    neck: float
    neck_angle: tuple[float, float]
    socks: bool
    softness: float
    paint_coat: Callable[..., None]


SPECIES = {
    "beagle": Species(
        leg=0.36,
        trunk=(0.25, 0.25, 0.28),
        skull=0.215,
        muzzle=((0.06, -0.04, 0.16), (0.17, -0.06, 0.13), (0.25, -0.07, 0.115)),
        ear=((-0.09, 0.10, 0.07), (-0.15, -0.08, 0.105), (-0.13, -0.25, 0.085)),
        tail=((0, 0, 0.075), (-0.15, 0.22, 0.06), (-0.13, 0.48, 0.045)),
        neck=0.36,
        neck_angle=(20, 60),
        socks=True,
        softness=0.01,
        paint_coat=_beagle_coat,
    ),
    "wolf": Species(
        leg=0.60,
        trunk=(0.23, 0.20, 0.30),
        skull=0.205,
        muzzle=((0.05, -0.02, 0.15), (0.21, -0.06, 0.11), (0.42, -0.10, 0.06)),
        ear=((-0.07, 0.10, 0.085), (-0.10, 0.23, 0.055), (-0.12, 0.36, 0.012)),
        tail=((0, 0, 0.09), (-0.17, -0.22, 0.125), (-0.24, -0.58, 0.035)),
        neck=0.44,
        neck_angle=(-5, 50),
        socks=False,
        softness=0.05,
        paint_coat=_wolf_coat,
    ),
}


def draw(rng: Rng, species: str, background: str) -> tuple[np.ndarray, np.ndarray]:
    """Draw one animal in one scene.

    Parameters
    ----------
    rng : numpy.random.Generator
        Two generators with the same seed draw the same animal, whatever the background.
    species : {"beagle", "wolf"}
    background : {"grass", "snow"}

    Returns
    -------
    image : uint8 array (64, 64, 3)
    mask : bool array (64, 64)
        True where the animal covers any part of the pixel.
    """
    for_animal, for_scene = rng.spawn(2)
    return placed(animal(for_animal, species), scene(for_scene, background))


def placed(figure: tuple[np.ndarray, np.ndarray], ground: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Put an animal, as `animal` gives it, before a scene (uint8, (64, 64, 3)); the image and mask of `draw`."""
    colour, coverage = figure
    image = colour + (1 - coverage[..., None]) * ground
    return np.clip(np.rint(image), 0, 255).astype(np.uint8), coverage > 0


def animal(rng: Rng, species: str) -> tuple[np.ndarray, np.ndarray]:
    """Draw an animal in a random pose and coat: colour (64, 64, 3) in 0..255 times coverage, coverage (64, 64)."""
    kind = SPECIES[species]
    _, mid, light = coat = _coat(rng)
    sketch = Sketch(mirrored=bool(rng.integers(2)), tilt=np.radians(rng.uniform(-5, 5)))
    hip, shoulder = np.array([-0.40, kind.leg + 0.22]), np.array([0.40, kind.leg + 0.24])
    rise = np.radians(rng.uniform(*kind.neck_angle))
    head = shoulder + (0.06, 0.08) + kind.neck * np.array([np.cos(rise), np.sin(rise)])
    trunk = [(*hip, kind.trunk[0]), (0.0, kind.leg + 0.25, kind.trunk[1]), (*shoulder, kind.trunk[2])]
    neck = [(*shoulder, kind.trunk[2] - 0.04), (*head, kind.skull)]
    tail = turned(kind.tail, np.radians(rng.uniform(-22, 22)), hip + (-0.19, 0.12))
    stride, phase = rng.uniform(0.06, 0.26), rng.uniform(0, 2 * np.pi)
    far, near = [
        (_hind_leg(kind.leg, x, stride, phase + turn), _fore_leg(kind.leg, x + 0.74, stride, phase + turn + np.pi))
        for x, turn in ((-0.32, np.pi), (-0.40, 0))
    ]

    for leg in far:
        sketch.part(leg, 0.72 * mid)
        sketch.marking(leg[2:], 0.72 * (light if kind.socks else mid), within=leg, softness=kind.softness)
    sketch.part(tail, mid)
    sketch.part(trunk, mid)
    sketch.part(neck, mid)
    kind.paint_coat(rng, sketch, coat, trunk, neck, tail)
    for leg in near:
        sketch.part(leg, mid, edge=0.84)
        sketch.marking(leg[2:], light if kind.socks else 0.5 * (mid + light), within=leg, softness=kind.softness)
    _paint_head(sketch, kind, coat, head, np.radians(rng.uniform(-14, 10)))
    colour, coverage = sketch.framed(rng, share=(0.82, 0.97), ground=(0.84, 0.97))
    return colour * _light(rng, coverage)[..., None], coverage


def _coat(rng: Rng) -> np.ndarray:
    coat = PALETTE[rng.integers(len(PALETTE))] * rng.uniform(0.9, 1.1) + rng.uniform(-4, 4, size=3)
    return np.asarray(np.clip(coat, 16, 250))


def _hind_leg(length: float, x: float, stride: float, phase: float) -> Rows:
    swing, lift = stride * np.sin(phase), 0.5 * stride * max(0.0, np.cos(phase))
    return [
        (x, length + 0.14, 0.19),
        (x + 0.05 + 0.4 * swing, 0.55 * length + 0.06 + lift / 2, 0.105),
        (x - 0.08 + 0.8 * swing, 0.26 * length + lift, 0.062),
        (x - 0.04 + swing, 0.065 + lift, 0.06),
        (x + 0.05 + swing, 0.055 + lift, 0.055),
    ]


def _fore_leg(length: float, x: float, stride: float, phase: float) -> Rows:
    swing, lift = stride * np.sin(phase), 0.5 * stride * max(0.0, np.cos(phase))
    return [
        (x, length + 0.14, 0.16),
        (x + 0.35 * swing, 0.55 * length + lift / 2, 0.088),
        (x + 0.85 * swing, 0.22 * length + lift, 0.062),
        (x + swing, 0.065 + lift, 0.06),
        (x + 0.08 + swing, 0.055 + lift, 0.055),
    ]


def _paint_head(sketch: Sketch, kind: Species, coat: np.ndarray, head: np.ndarray, tilt: float) -> None:
    dark, mid, light = coat
    skull = turned([(0, 0, kind.skull)] * 2, tilt, head)
    muzzle = turned(kind.muzzle, tilt, head)
    ear = turned(kind.ear, tilt, head)
    ear_colour = dark if kind.socks else mid
    sketch.part(ear + (0.13, 0, 0), 0.7 * ear_colour)
    sketch.part(skull, mid)
    sketch.part(muzzle, light if kind.socks else mid)
    sketch.part(skull, mid, edge=1)
    cheek = turned([(0.10, -0.12, 0.09), (0.3, -0.16, 0.07)], tilt, head)
    sketch.marking(cheek, light, within=np.concatenate([skull, muzzle]), softness=0.03)
    sketch.part(ear, ear_colour)
    sketch.part(turned([(0.08, 0.05, 0.035)] * 2, tilt, head), EYE, edge=1)
    sketch.part([muzzle[-1] * (1, 1, 0) + (0.4 * muzzle[-1, 2], 0.3 * muzzle[-1, 2], 0.055)] * 2, NOSE, edge=1)


def _light(rng: Rng, coverage: np.ndarray) -> np.ndarray:
    # Light from above and the grain of fur; both small, so that the drawing stays legible at this size.
    blurred = Image.fromarray(np.uint8(255 * coverage)).filter(ImageFilter.GaussianBlur(2.5))
    relief = np.gradient(np.asarray(blurred, float) / 255, axis=0)
    return np.clip(1 + 1.6 * relief + rng.normal(0, 0.03, (SIZE, SIZE)), 0.5, 1.4)
