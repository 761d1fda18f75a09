"""Trained models and photographs as a person would bring them (skipped where ../shared/data is absent)."""

from __future__ import annotations

import json

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Open
from tests.browser.jupyterlab import Explorer, Notebook
from tests.browser.server import Server
from tests.data import ROOT, needs_data

pytestmark = needs_data

IMAGENET = f"""
import json, keras, numpy as np
from salwidget import SaliencyWidget
index = json.load(open({str(ROOT / "imagenet_class_index.json")!r}))
labels = [index[str(number)][1].replace("_", " ") for number in range(1000)]
photo = {str(ROOT / "images" / "ouzel1.jpg")!r}
"""
MOBILENET = f"""{IMAGENET}
model = keras.applications.MobileNetV2(weights={str(ROOT / "models" / "mobilenet_v2_1.0_224_imagenet.weights.h5")!r})
w = SaliencyWidget(model, [photo], labels=labels, preprocess=keras.applications.mobilenet_v2.preprocess_input)
w
"""
SQUEEZENET = f"""{IMAGENET}
model = keras.models.load_model({str(ROOT / "models" / "squeezenet_v1.0_imagenet.keras")!r}, compile=False)
def bgr(image):
    return image[..., ::-1] - np.array([104, 117, 123], "float32")
w = SaliencyWidget(model, [photo], labels=labels, preprocess=bgr)
w
"""
LENET = f"""
import gzip, keras, numpy as np
from salwidget import SaliencyWidget
model = keras.models.load_model({str(ROOT / "models" / "lenet_mnist.keras")!r}, compile=False)
raw = gzip.open({str(ROOT / "mnist" / "t10k-images-idx3-ubyte.gz")!r}).read()
digits = np.frombuffer(raw, np.uint8, offset=16).reshape(-1, 28, 28)[:8] / np.float32(255)
w = SaliencyWidget(model, digits, labels=[str(digit) for digit in range(10)])
w
"""
PILOTNET = f"""
import keras, numpy as np
from PIL import Image
from salwidget import SaliencyWidget
model = keras.models.load_model({str(ROOT / "models" / "pilotnet_naokishibuya.keras")!r}, compile=False)
frame = Image.open({str(next((ROOT / "driving" / "mit_frames").glob("center*"), ROOT))!r}).convert("RGB")
road = frame.crop((0, 60, 320, 135)).resize((200, 66), Image.Resampling.BILINEAR)
def yuv(image):
    b, g, r = image[..., 2], image[..., 1], image[..., 0]
    y = .299 * b + .587 * g + .114 * r
    u, v = .492 * (r - y) + 128, .877 * (b - y) + 128
    return np.clip(np.round(np.stack([y, u, v], -1)), 0, 255)
w = SaliencyWidget(model, [road], preprocess=yuv)
w
"""
BIRD = (slice(45, 160), slice(50, 165))  # where the water ouzel stands in the 224 x 224 photograph


@pytest.fixture(scope="module")
def mobilenet(server: Server, open_notebook: Open) -> tuple[Notebook, Explorer]:
    return open_notebook(server, [MOBILENET])


def test_mobilenet_says_water_ouzel(mobilenet: tuple[Notebook, Explorer]) -> None:
    _, explorer = mobilenet
    chip = explorer.chips()[0]
    assert "water ouzel" in chip
    percent = float("".join(letter for letter in chip if letter.isdigit() or letter == "."))
    assert percent == pytest.approx(91.7, abs=2)


def test_grad_cam_peaks_on_the_bird_in_the_painted_pixels(mobilenet: tuple[Notebook, Explorer]) -> None:
    notebook, explorer = mobilenet
    explorer.settled()
    pixels = explorer.pixels().astype(int)
    assert pixels.shape == (224, 224, 4)
    brightness = pixels[..., :3].sum(-1) * (pixels[..., 3] > 0)  # inferno grows brighter with the value
    peak = np.unravel_index(brightness.argmax(), brightness.shape)
    assert BIRD[0].start <= peak[0] < BIRD[0].stop
    assert BIRD[1].start <= peak[1] < BIRD[1].stop
    assert np.unravel_index(notebook.evaluate("int(w.heatmap.values.argmax())"), (224, 224)) == pytest.approx(peak, abs=16)


def test_moving_layer_and_filter_repaints_with_the_right_query(mobilenet: tuple[Notebook, Explorer]) -> None:
    notebook, explorer = mobilenet
    first, painted = explorer.settled(), explorer.pixels()
    explorer.choose("method", "saliency")
    explorer.slide("layer_idx", 54)
    explorer.slide("filter_indices", 7)
    notebook.becomes("[w.method, w.layer_idx, w.filter_indices]", ["saliency", 54, 7])
    query = explorer.answered()
    asked = "[w.heatmap.query.id, w.heatmap.query.target.layer, w.heatmap.query.target.filters, w.heatmap.query.method]"
    assert notebook.evaluate(asked) == [query, 54, [7], "saliency"]
    assert query != first
    assert (explorer.pixels() != painted).any()


def test_a_cell_moves_the_slider(mobilenet: tuple[Notebook, Explorer]) -> None:
    notebook, explorer = mobilenet
    notebook.evaluate("setattr(w, 'layer_idx', 20)")
    expect(explorer.control("layer_idx")).to_have_value("20")
    explorer.answered()
    assert notebook.errors == []


def test_squeezenet_through_its_preprocessing(server: Server, open_notebook: Open) -> None:
    notebook, explorer = open_notebook(server, [SQUEEZENET])
    assert "water ouzel" in explorer.chips()[0]
    assert "100" in explorer.chips()[0]
    assert notebook.evaluate("w.heatmap.values.shape") == [227, 227]
    inside = notebook.evaluate("(lambda v: float(v[50:165, 50:165].sum() / v.sum()))(w.heatmap.values)")
    assert inside > 2 * (115 / 227) ** 2 * 0.7, "Grad-CAM lies on the bird more than its area explains"


def test_lenet_reads_a_grey_digit(server: Server, open_notebook: Open) -> None:
    notebook, explorer = open_notebook(server, [LENET])
    assert explorer.chips()[0].split()[:2] == ["A", "7"]
    assert explorer.pixels().shape == (28, 28, 4)
    explorer.choose("method", "saliency")
    notebook.becomes("w.method", "saliency")
    explorer.answered()


def test_steering_model_with_gradient_modifiers_and_no_rectifier(server: Server, open_notebook: Open) -> None:
    notebook, explorer = open_notebook(server, [PILOTNET])
    expected = json.loads((ROOT / "expected_predictions.json").read_text())["pilotnet"]["center.jpg"][0]
    explorer.choose("method", "saliency")
    notebook.becomes("w.method", "saliency")
    queries = set()
    maps = []
    for modifier in ("negate", "small_values", None):
        notebook.evaluate(f"setattr(w, 'grad_modifier', {modifier!r})")
        queries.add(explorer.answered())
        maps.append(notebook.evaluate("w.heatmap.values[::8, ::8].tolist()"))
    assert len(queries) == 3
    assert maps[0] != maps[1] != maps[2]
    assert notebook.evaluate("w.heatmap.score") == pytest.approx(expected, abs=0.02)
    assert explorer.control("backprop_modifier").is_disabled()
    notebook.evaluate("setattr(w, 'backprop_modifier', 'guided')")
    explorer.settled("error")
    message = explorer.root.get_by_role("alert").inner_text()
    assert "ELU" in message
    assert "rectifier" in message
    explorer.control("backprop_modifier").select_option(index=0)  # set in vain from a cell, taken back in the page
    explorer.settled()
    assert notebook.evaluate("w.backprop_modifier") is None
