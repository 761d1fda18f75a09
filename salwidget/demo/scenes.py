"""Draws the two kinds of background of the snow test: open country in snow, and the same in grass."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from salwidget.demo.sketch import SIZE, Rng

OVERSAMPLING = 4
SIDE = SIZE * OVERSAMPLING

# (top, horizon) of the sky. Both scenes choose from these, so that the sky does not tell which scene it is.
SKIES = np.array(
    [
        [(120, 160, 205), (200, 216, 228)],
        [(150, 160, 172), (206, 210, 214)],
        [(96, 130, 180), (232, 206, 190)],
        [(170, 190, 210), (226, 230, 232)],
        [(110, 118, 140), (190, 176, 180)],
    ],
    float,
)
SNOW = np.array([(236, 240, 246), (222, 231, 244), (244, 243, 240), (208, 219, 238), (226, 224, 234)], float)
SNOW_SHADE = np.array([(176, 194, 224), (190, 202, 222), (196, 196, 216)], float)
GRASS = np.array([(96, 132, 58), (122, 140, 66), (78, 110, 54), (140, 132, 74), (116, 98, 62), (70, 122, 72)], float)
CONIFERS = np.array([(36, 62, 50), (48, 72, 58), (58, 78, 82), (40, 54, 44)], float)
CROWNS = np.array([(62, 96, 48), (88, 112, 52), (128, 98, 48), (52, 82, 56), (142, 84, 44)], float)
BARK = np.array([(72, 56, 44), (92, 80, 70), (54, 44, 40)], float)
FLOWERS = np.array([(238, 222, 120), (236, 232, 226), (206, 130, 160)], float)


def scene(rng: Rng, kind: str) -> np.ndarray:
    """Draw a background without an animal.

    Parameters
    ----------
    rng : numpy.random.Generator
    kind : {"grass", "snow"}

    Returns
    -------
    uint8 array (64, 64, 3)
    """
    horizon = rng.uniform(0.2, 0.5) * SIDE
    image = _sky(rng, horizon)
    SCENES[kind](rng, image, horizon)
    return np.asarray(image.resize((SIZE, SIZE), Image.Resampling.BOX))


def _sky(rng: Rng, horizon: float) -> Image.Image:
    top, low = SKIES[rng.integers(len(SKIES))] + rng.uniform(-10, 10, size=3)
    share = np.clip(np.arange(SIDE) / horizon, 0, 1)[:, None, None]
    cloud = rng.uniform(0, 26) * _noise(rng, 12, 5)[..., None]
    return Image.fromarray(np.uint8(np.clip(top + (low - top) * share + cloud, 0, 255) * np.ones((1, SIDE, 1))))


def _noise(rng: Rng, rows: int, columns: int) -> np.ndarray:
    # Smooth noise, about -1..1, with so many bumps down and across.
    coarse = Image.fromarray(rng.uniform(-1, 1, (rows, columns)).astype(np.float32))
    return np.asarray(coarse.resize((SIDE, SIDE), Image.Resampling.BICUBIC))


def _ridge(rng: Rng, y: float, height: float) -> list[tuple[float, float]]:
    # The outline of a hill or drift: the height y with slow waves, closed at the bottom of the image.
    x = np.linspace(0, 1, 40)
    waves = np.zeros_like(x)
    for k in (1, 2, 3):
        turns = k * x * rng.uniform(0.6, 1.2) + rng.random()
        waves += rng.normal(0, 1 / k) * np.sin(2 * np.pi * turns)
    return [*zip(x * SIDE, y + height * waves, strict=True), (SIDE, SIDE), (0, SIDE)]


def _ground(
    image: Image.Image,
    outline: list[tuple[float, float]],
    colour: np.ndarray | int,
    texture: np.ndarray,
) -> None:
    # Fill below the outline with a colour (3,) varied by texture (SIDE, SIDE, 1 or 3).
    below = Image.new("L", image.size)
    ImageDraw.Draw(below).polygon(outline, fill=255)
    image.paste(Image.fromarray(np.uint8(np.clip(colour + texture, 0, 255))), mask=below)


def _conifer(rng: Rng, draw: ImageDraw.ImageDraw, x: float, foot: float, height: float, snowy: bool) -> None:
    green = CONIFERS[rng.integers(len(CONIFERS))] * rng.uniform(0.85, 1.2)
    draw.rectangle((x - 0.03 * height, foot - 0.2 * height, x + 0.03 * height, foot), fill=_rgb(BARK[0]))
    for tier in range(4):
        top, low = foot - height * (1 - 0.2 * tier), foot - height * (0.62 - 0.18 * tier)
        half = height * (0.12 + 0.06 * tier)
        draw.polygon([(x, top), (x + half, low), (x - half, low)], fill=_rgb(green * (1 - 0.06 * tier)))
        if snowy:
            load = [(x, top), (x + half * 0.55, (top + low) / 2 + 2), (x - half * 0.7, low - 4)]
            draw.polygon(load, fill=(232, 238, 246))


def _broadleaf(rng: Rng, draw: ImageDraw.ImageDraw, x: float, foot: float, height: float) -> None:
    crown = CROWNS[rng.integers(len(CROWNS))] * rng.uniform(0.85, 1.15)
    draw.rectangle((x - 0.05 * height, foot - 0.5 * height, x + 0.05 * height, foot), fill=_rgb(BARK[rng.integers(3)]))
    for _ in range(9):
        dx, dy, r = rng.normal(0, 0.15) * height, rng.normal(0, 0.11) * height, rng.uniform(0.12, 0.2) * height
        cx, cy = x + dx, foot - 0.68 * height + dy
        leaves = crown * (1 - 0.5 * dy / height) * rng.uniform(0.9, 1.1)
        draw.ellipse((cx - r, cy - r, cx + r, cy + r), fill=_rgb(leaves))


def _bare(rng: Rng, draw: ImageDraw.ImageDraw, x: float, foot: float, height: float) -> None:
    bark = _rgb(BARK[rng.integers(len(BARK))])
    draw.line([(x, foot), (x + 0.04 * height, foot - height)], fill=bark, width=max(3, round(0.07 * height)))
    for rise in rng.uniform(0.35, 0.9, size=6):
        reach, side = 0.35 * height * (1.1 - rise), rng.choice([-1, 1])
        start = (x + 0.04 * rise * height, foot - rise * height)
        draw.line([start, (start[0] + side * reach, start[1] - 0.8 * reach)], fill=bark, width=3)


def _snow(rng: Rng, image: Image.Image, horizon: float) -> None:
    draw = ImageDraw.Draw(image)
    white = SNOW[rng.integers(len(SNOW))]
    shade = SNOW_SHADE[rng.integers(len(SNOW_SHADE))]
    if rng.random() < 0.6:
        draw.polygon(_ridge(rng, horizon - 14, 12), fill=_rgb(0.55 * shade + 0.4 * white))
    tree = rng.random()
    for _ in range(rng.integers(0, 9)):
        x, foot, height = rng.uniform(0, SIDE), horizon + rng.uniform(2, 14), rng.uniform(36, 110)
        if tree < 0.7:
            _conifer(rng, draw, x, foot, height, snowy=True)
        else:
            _bare(rng, draw, x, foot, height)
    _ground(image, _ridge(rng, horizon + 4, 4), white, 9 * _noise(rng, 8, 4)[..., None])
    for y in np.sort(rng.uniform(horizon + 12, SIDE, size=rng.integers(2, 6))):
        fade = np.clip((np.arange(SIDE) - y) / 50, 0, 1)[:, None, None]
        drift = shade + (white - shade) * fade * np.ones((1, SIDE, 1))
        _ground(image, _ridge(rng, y, 7), 0, drift + 6 * _noise(rng, 10, 5)[..., None])
    image.paste(image.filter(ImageFilter.GaussianBlur(1.5)))
    for x, y, r in rng.uniform((0, 0, 1.5), (SIDE, SIDE, 4), size=(int(rng.choice([0, 25, 70])), 3)):
        draw.ellipse((x - r, y - r, x + r, y + r), fill=(250, 251, 253))


def _grass(rng: Rng, image: Image.Image, horizon: float) -> None:
    draw = ImageDraw.Draw(image)
    green = GRASS[rng.integers(len(GRASS))] * rng.uniform(0.88, 1.12)
    if rng.random() < 0.6:
        draw.polygon(_ridge(rng, horizon - 14, 12), fill=_rgb(0.6 * green + 50))
    tree = rng.random()
    for _ in range(rng.integers(0, 11)):
        x, foot, height = rng.uniform(0, SIDE), horizon + rng.uniform(2, 14), rng.uniform(36, 110)
        if tree < 0.4:
            _conifer(rng, draw, x, foot, height, snowy=False)
        elif tree < 0.85:
            _broadleaf(rng, draw, x, foot, height)
        else:
            _bare(rng, draw, x, foot, height)
    patches = np.stack([14 * _noise(rng, 9, 6) for _ in range(3)], axis=2) + 10 * _noise(rng, 30, 30)[..., None]
    _ground(image, _ridge(rng, horizon + 4, 4), green, patches)
    for _ in range(rng.integers(120, 320)):
        x, y = rng.uniform(0, SIDE), rng.uniform(horizon + 10, SIDE + 8)
        size = 3 + 12 * (y - horizon) / (SIDE - horizon)
        blade = green * rng.uniform(0.66, 1.4) + (6, 8, 0)
        draw.line([(x, y), (x + rng.normal(0, 0.35) * size, y - size)], fill=_rgb(blade), width=2)
    for x, y in rng.uniform((0, horizon + 20), (SIDE, SIDE), size=(int(rng.choice([0, 0, 18])), 2)):
        draw.ellipse((x - 2.5, y - 2.5, x + 2.5, y + 2.5), fill=_rgb(FLOWERS[rng.integers(len(FLOWERS))]))


def _rgb(colour: np.ndarray) -> tuple[int, ...]:
    return tuple(int(channel) for channel in np.clip(colour, 0, 255))


SCENES = {"grass": _grass, "snow": _snow}
