"""Every mode of Pillow and every way that a camera was held: the same photograph, or a sentence that says why not."""

from __future__ import annotations

import colorsys
import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import ExifTags, Image

from salwidget.drawing import photograph_of
from salwidget.engine.opening import open_network
from salwidget.images import picture_of
from salwidget.vis.pictures import load_img
from salwidget.widget.gallery import Gallery
from tests import models

HEIGHT, WIDTH = 5, 7
SHAPE = (HEIGHT, WIDTH, 3)
RGB = np.random.default_rng(1).integers(0, 256, SHAPE, dtype=np.uint8)
GREY = RGB[..., 0]
ALPHA = np.random.default_rng(2).integers(1, 256, (HEIGHT, WIDTH), dtype=np.uint8)
WIDE = np.random.default_rng(3).integers(0, 2**16, (HEIGHT, WIDTH))


def of(mode: str, *bands: np.ndarray) -> Image.Image:
    """An image of a mode with just these bytes."""
    return Image.frombytes(mode, (WIDTH, HEIGHT), np.stack(bands, -1).astype(np.uint8).tobytes())


def palette(colors: np.ndarray, **info: object) -> Image.Image:
    """Pixel number n has the n-th colour."""
    picture = of("P", np.arange(HEIGHT * WIDTH).reshape(HEIGHT, WIDTH))
    picture.putpalette(colors.reshape(-1).tolist())
    picture.info.update(info)
    return picture


def rows(*bands: np.ndarray) -> np.ndarray:
    return np.stack(bands, -1).reshape(-1, len(bands)).astype(float)


def of_ycbcr(y: np.ndarray, blue: np.ndarray, red: np.ndarray) -> np.ndarray:
    """JFIF 1.02, page 3."""
    y, blue, red = y.astype(float), blue - 128.0, red - 128.0
    return np.clip(np.stack([y + 1.402 * red, y - 0.34414 * blue - 0.71414 * red, y + 1.772 * blue], -1), 0, 255)


def of_lab(bands: np.ndarray) -> np.ndarray:
    """CIE 15:2004 with a white of D50, to sRGB (IEC 61966-2-1) by Bradford's adaptation to D65."""
    light, a, b = bands[..., 0] / 2.55, bands[..., 1] - 128.0, bands[..., 2] - 128.0
    y = (light + 16) / 116
    ratios = np.stack([y + a / 500, y, y - b / 200], -1)
    xyz = np.where(ratios > 6 / 29, ratios**3, 3 * (6 / 29) ** 2 * (ratios - 4 / 29)) * [0.9642, 1, 0.8249]
    matrix = [[3.1339, -1.6169, -0.4906], [-0.9788, 1.9161, 0.0335], [0.0719, -0.2290, 1.4052]]
    linear = np.clip(xyz @ np.array(matrix).T, 0, 1)
    return 255 * np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)


def grey(values: np.ndarray) -> np.ndarray:
    return np.repeat(values[..., None], 3, axis=-1)


INK = np.random.default_rng(4).integers(0, 256, (4, HEIGHT, WIDTH), dtype=np.uint8)
# Soft colours, which sRGB holds all.
LAB = np.random.default_rng(5).integers([100, 118, 118], [160, 138, 138], SHAPE).astype(np.uint8)
BITS = GREY > 127

# Mode: the image, and what it shows (H, W, 3), computed here.
MODES: dict[str, tuple[Image.Image, np.ndarray]] = {
    "1": (Image.fromarray(BITS), grey(255.0 * BITS)),
    "L": (of("L", GREY), grey(GREY)),
    "LA": (of("LA", GREY, ALPHA), grey(GREY)),
    "La": (of("La", GREY // 2, np.full_like(ALPHA, 127)), grey(GREY // 2 * (255 / 127))),
    "P": (palette(RGB), RGB),
    "P, one colour transparent": (palette(RGB, transparency=3), RGB),
    "P, transparent by bytes": (palette(RGB, transparency=bytes(range(35))), RGB),
    "PA": (palette(RGB).convert("PA"), RGB),
    "RGB": (of("RGB", *RGB.transpose(2, 0, 1)), RGB),
    "RGBA": (of("RGBA", *RGB.transpose(2, 0, 1), ALPHA), RGB),
    "RGBa": (of("RGBa", *(RGB // 2).transpose(2, 0, 1), np.full_like(ALPHA, 127)), RGB // 2 * (255 / 127)),
    "CMYK": (
        of("CMYK", *INK),
        (255 - INK[:3].astype(float)).transpose(1, 2, 0) * (255 - INK[3][..., None].astype(float)) / 255,
    ),
    "YCbCr": (of("YCbCr", *RGB.transpose(2, 0, 1)), of_ycbcr(*RGB.transpose(2, 0, 1))),
    # Pillow keeps a and b of LAB as signed bytes.
    "LAB": (of("LAB", LAB[..., 0], LAB[..., 1] ^ 128, LAB[..., 2] ^ 128), of_lab(LAB.astype(float))),
    "HSV": (
        of("HSV", *RGB.transpose(2, 0, 1)),
        255 * np.array([colorsys.hsv_to_rgb(*row / 255) for row in rows(*RGB.transpose(2, 0, 1))]).reshape(SHAPE),
    ),
    "I of 8 bits": (Image.fromarray(GREY.astype(np.int32)), grey(GREY)),
    "I of 16 bits": (Image.fromarray(WIDE.astype(np.int32)), grey(WIDE / 65535 * 255)),
    "I;16": (Image.fromarray(WIDE.astype("<u2")), grey(WIDE / 65535 * 255)),
    "I;16B": (Image.frombytes("I;16B", (WIDTH, HEIGHT), WIDE.astype(">u2").tobytes()), grey(WIDE / 65535 * 255)),
    "F of 0..1": (Image.fromarray((GREY / 255).astype(np.float32)), grey(GREY)),
    "F of 0..255": (Image.fromarray(GREY.astype(np.float32)), grey(GREY)),
}
ENDINGS = {"png": "PNG", "tif": "TIFF"}


def written(picture: Image.Image, ending: str) -> bytes:
    file = io.BytesIO()
    picture.save(file, ENDINGS[ending])
    return file.getvalue()


def holds(ending: str, mode: str) -> bool:
    tiff = {"1", "L", "LA", "P", "PA", "RGB", "RGBA", "CMYK", "YCbCr", "LAB", "I", "I;16", "I;16B", "F"}
    png = {"1", "L", "LA", "P", "RGB", "RGBA", "I;16", "I;16B"}
    return mode in (png if ending == "png" else tiff)


FILES = [(name, ending) for name, (one, _) in MODES.items() for ending in ENDINGS if holds(ending, one.mode)]


def shows(found: np.ndarray, expected: np.ndarray) -> None:
    """To 3 of 255, by which Pillow's whole numbers (of hue, of chroma, of what was multiplied by alpha) may be off."""
    assert found.dtype == np.uint8
    np.testing.assert_allclose(found.astype(float), expected, atol=3)


@pytest.mark.parametrize("name", MODES)
@pytest.mark.filterwarnings("error")
def test_every_mode_shows_its_photograph(name: str) -> None:
    picture, expected = MODES[name]
    shows(picture_of(picture, SHAPE).given, expected)
    shows(photograph_of(picture), expected)
    luma = expected @ [0.299, 0.587, 0.114]  # ITU-R BT.601
    shows(picture_of(picture, (HEIGHT, WIDTH, 1)).given[..., 0], luma)


@pytest.mark.parametrize(("name", "ending"), FILES)
@pytest.mark.filterwarnings("error")
def test_every_mode_is_read_from_a_file(tmp_path: Path, name: str, ending: str) -> None:
    picture, expected = MODES[name]
    path = tmp_path / f"photo.{ending}"
    path.write_bytes(written(picture, ending))
    shows(picture_of(path, SHAPE).given, expected)
    shows(load_img(path), expected)


@pytest.fixture(scope="module")
def gallery() -> Gallery:
    model = models.in_a_row(SHAPE, models.layers.Flatten(), models.layers.Dense(1))
    return Gallery(open_network(model), None, None)


@pytest.mark.parametrize(("name", "ending"), FILES)
def test_every_mode_may_be_dropped(gallery: Gallery, name: str, ending: str) -> None:
    picture, expected = MODES[name]
    index = gallery.add(written(picture, ending), f"photo.{ending}")
    shows(gallery.examples[index][0].given, expected)


def held(orientation: int) -> np.ndarray:
    """The rows and columns that a camera writes for RGB, by what EXIF 2.3, 4.6.4 A, says of row 0 and column 0."""
    return {
        1: lambda up: up,
        2: lambda up: up[:, ::-1],
        3: lambda up: up[::-1, ::-1],
        4: lambda up: up[::-1],
        5: lambda up: up.transpose(1, 0, 2),
        6: lambda up: up[:, ::-1].transpose(1, 0, 2),
        7: lambda up: up[::-1, ::-1].transpose(1, 0, 2),
        8: lambda up: up[::-1].transpose(1, 0, 2),
    }[orientation](RGB)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("ending", ["PNG", "JPEG", "WEBP", "TIFF"])
def test_a_camera_may_be_held_in_any_way(tmp_path: Path, gallery: Gallery, orientation: int, ending: str) -> None:
    header = Image.Exif()
    header[ExifTags.Base.Orientation] = orientation
    path = tmp_path / f"photo.{ending.lower()}"
    exactly: dict[str, object] = {"WEBP": {"lossless": True}, "JPEG": {"quality": 100, "subsampling": 0}}.get(ending, {})
    Image.fromarray(held(orientation)).save(path, ending, exif=header, **exactly)
    with Image.open(path) as picture:
        shows(picture_of(picture, SHAPE).given, RGB)
        shows(picture_of(picture, SHAPE).given, RGB)
    shows(picture_of(path, SHAPE).given, RGB)
    shows(photograph_of(path), RGB)
    shows(gallery.examples[gallery.add(path.read_bytes(), path.name)][0].given, RGB)


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
def test_a_header_that_is_damaged_says_nothing() -> None:
    picture = Image.fromarray(RGB)
    for header in (b"Exif\0\0", b"Exif\0\0MM\0*", b"Exif\0\0II*\0\xff\xff\xff\xff", b"rubbish", bytes(40)):
        picture.info["exif"] = header
        picture._exif = None
        shows(picture_of(picture, SHAPE).given, RGB)


def numbers(*values: float, dtype: type = np.float32) -> Image.Image:
    return Image.fromarray(np.resize(np.array(values, dtype), (HEIGHT, WIDTH)))


@pytest.mark.parametrize(
    ("picture", "message"),
    [
        (numbers(-1, 0.5), r"numbers from -1 to 0\.5: scale it to 0\.\.1 or 0\.\.255"),
        (numbers(0, 256), r"numbers from 0 to 256: scale it to 0\.\.1 or 0\.\.255"),
        (numbers(0, np.nan), "NaN or infinite"),
        (numbers(0, np.inf), "NaN or infinite"),
        (numbers(-3, 9, dtype=np.int32), r"numbers from -3 to 9: scale it to 0\.\.255 or 0\.\.65535"),
        (numbers(0, 2**16, dtype=np.int32), r"numbers from 0 to 65536: scale it to 0\.\.255 or 0\.\.65535"),
    ],
)
def test_numbers_of_no_known_range_are_refused(gallery: Gallery, tmp_path: Path, picture: Image.Image, message: str) -> None:
    path = tmp_path / "photo.tif"
    picture.save(path)
    for source in (picture, path):
        with pytest.raises(ValueError, match=message):
            picture_of(source, SHAPE)
        with pytest.raises(ValueError, match=message):
            photograph_of(source)
    with pytest.raises(ValueError, match=message):
        gallery.add(path.read_bytes(), "photo.tif")


def test_a_damaged_file_that_is_open_already_is_one_sentence() -> None:
    data = written(Image.fromarray(np.tile(RGB, (40, 40, 1))), "png")
    with Image.open(io.BytesIO(data[: len(data) // 2])) as picture, pytest.raises(ValueError, match="its file is damaged"):
        picture_of(picture, SHAPE)


def test_a_dark_16_bit_png_stays_dark(tmp_path: Path) -> None:
    Image.fromarray(np.full((HEIGHT, WIDTH), 200, np.uint16)).save(tmp_path / "dark.png")
    np.testing.assert_array_equal(picture_of(tmp_path / "dark.png", SHAPE).given, 1)


def test_colours_of_16_bits_keep_their_high_byte(tmp_path: Path) -> None:
    wide = np.random.default_rng(6).integers(0, 2**16, SHAPE).astype(">u2")
    path = tmp_path / "wide.png"
    path.write_bytes(png_of_16_bits(wide))
    shows(picture_of(path, SHAPE).given, wide / 65535 * 255)


def png_of_16_bits(rgb: np.ndarray) -> bytes:
    """A PNG (RFC 2083) of 48 bits a pixel, which Pillow reads and does not write."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", rgb.shape[1], rgb.shape[0], 16, 2, 0, 0, 0)
    lines = b"".join(b"\0" + line.tobytes() for line in rgb)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b"")
