"""The card of a unit, against numpy."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest

import salwidget
from salwidget import SaliencyWidget
from salwidget.widget.dream.card import HELD, shares_of, smallest_box
from tests.widget.conftest import Sent, say, settled, small_cnn, until
from tests.widget.test_dreams import come_to

pytestmark = pytest.mark.slow

Make = Callable[..., SaliencyWidget]


def card(widget: SaliencyWidget, sent: Sent, id: int, place: int) -> tuple[dict[str, Any], list[np.ndarray]]:
    """What is told of one image, and its pictures."""
    sent.clear()
    say(widget, {"kind": "dream_card", "id": id, "place": place})
    until(lambda: [content for content, _ in sent if content["kind"] == "dream_card"], lambda: sent)
    content, buffers = next((content, buffers) for content, buffers in sent if content["kind"] == "dream_card")
    shapes = [content[name] for name in ("weights", "map") if content[name]] + [patch["shape"] for patch in content["patches"]]
    assert len(shapes) == len(buffers)
    return content, [np.frombuffer(b, np.uint8).reshape(*shape, 3) for b, shape in zip(buffers, shapes, strict=True)]


def least_area(values: np.ndarray) -> float:
    """By trying every box."""
    rows, columns = (list(itertools.combinations(range(size + 1), 2)) for size in values.shape)
    enough = HELD * values.sum() * (1 - 1e-12)
    return min((b - a) * (d - c) for a, b in rows for c, d in columns if values[a:b, c:d].sum() >= enough)


@pytest.mark.quick
@pytest.mark.parametrize("seed", range(12))
def test_the_box_is_the_smallest_that_holds_its_share(seed: int) -> None:
    rng = np.random.default_rng(seed)
    values = rng.uniform(size=rng.integers(1, 10, 2)) ** rng.integers(1, 30)
    values[rng.uniform(size=values.shape) < 0.3] = 0
    values.flat[0] += 1e-6
    top, left, bottom, right = smallest_box(values)
    assert values[top:bottom, left:right].sum() >= HELD * values.sum() * (1 - 1e-9)
    assert (bottom - top) * (right - left) == least_area(values)


def test_the_box_of_a_large_map_is_of_whole_cells_and_holds_its_share() -> None:
    values = np.zeros((700, 500))
    values[100:300, 50:450] = 1.0
    values[699, 499] = values[0, 0] = 1e-9  # so that the extent is the whole
    top, left, bottom, right = smallest_box(values)
    assert values[top:bottom, left:right].sum() >= HELD * values.sum() * (1 - 1e-9)
    assert (bottom - top) * (right - left) <= HELD * 200 * 400 + 12 * 600  # no more than two cells' border over
    assert shares_of((0, 50, 350, 500), (700, 500)) == (0, 0.1, 0.5, 1)


def test_a_filter_of_the_first_convolution(make: Make, sent: Sent) -> None:
    model = small_cnn()
    images = np.random.default_rng(1).uniform(size=(8, 16, 16, 3)).astype("float32")
    widget = make(model, images, layer_idx=0, filter_indices=2, image_idx=3)
    widget.dream(steps=1)
    come_to(sent, "done")
    content, (weights, drawn, *patches) = card(widget, sent, 0, 0)
    assert (content["id"], content["place"], content["title"]) == (0, 0, "filter 2 of first")
    kernels = model.layers[0].kernel.numpy()
    np.testing.assert_array_equal(weights, np.round(127.5 + 127.5 * kernels[..., 2] / np.abs(kernels).max()))
    heatmap = salwidget.explain(model, images[3], "feature_map", layer=0, filters=2)
    np.testing.assert_array_equal(drawn, np.asarray(heatmap.overlay()))

    maps = keras.Model(model.inputs, model.layers[0].output).predict(images, verbose=0)[..., 2]
    order = np.argsort(-maps.max((1, 2)))[:6]
    assert [patch["image_idx"] for patch in content["patches"]] == order.tolist()
    np.testing.assert_allclose([patch["score"] for patch in content["patches"]], maps.max((1, 2))[order], rtol=1e-5)
    for patch, picture in zip(content["patches"], patches, strict=True):
        place = patch["image_idx"]
        np.testing.assert_array_equal(picture, np.round(images[place] * 255))
        row, column = np.unravel_index(maps[place].argmax(), maps.shape[1:])
        # The gradient of one cell is the kernel itself, at the pixels under it.
        box = smallest_box(np.abs(kernels[..., 2]).sum(-1)) + np.array([row, column, row, column])
        np.testing.assert_allclose(patch["box"], box / 16)


def test_a_filter_further_on_has_no_weights_and_a_class_has_grad_cam(make: Make, sent: Sent) -> None:
    model = small_cnn()
    widget = make(model, layer_idx=1, filter_indices=5)
    widget.dream(steps=1)
    widget.layer_idx = 3
    widget.filter_indices = 1
    widget.dream(steps=1)
    come_to(sent, "done", id=1)
    images = np.stack([example[0].input for example in widget._session.context.gallery.examples])

    content, (drawn, *_) = card(widget, sent, 0, 0)
    assert content["weights"] is None
    np.testing.assert_array_equal(
        drawn, np.asarray(salwidget.explain(model, images[0], "feature_map", layer=1, filters=5).overlay())
    )
    content, (drawn, *_) = card(widget, sent, 1, 0)
    np.testing.assert_array_equal(drawn, np.asarray(salwidget.explain(model, images[0], "grad_cam", filters=1).overlay()))
    order = np.argsort(-np.array([salwidget.explain(model, image, filters=1).score for image in images]))
    assert [patch["image_idx"] for patch in content["patches"]] == order.tolist()


def test_each_image_of_a_grid_has_a_card_and_a_silent_filter_no_patches(make: Make, sent: Sent) -> None:
    model = small_cnn()
    bias = np.array([0, 0, 0, -100.0])  # behind its rectifier the last filter is always 0
    model.layers[0].bias.assign(bias)
    widget = make(model, layer_idx=0)
    settled(widget)
    say(widget, {"kind": "dream_filters", "settings": {"tile_steps": 1}})
    come_to(sent, "done")
    content, _ = card(widget, sent, 0, 3)
    assert (content["title"], content["patches"]) == ("filter 3 of first", [])
    content, _ = card(widget, sent, 0, 2)
    assert (content["title"], len(content["patches"])) == ("filter 2 of first", 3)
    say(widget, {"kind": "dream_card", "id": 0, "place": 4})
    until(lambda: "4 images, 0 to 3" in sent[-1][0].get("text", ""), "an error")


def test_a_filter_that_its_rectifier_holds_at_its_top_still_has_patches(make: Make, sent: Sent) -> None:
    model = keras.Sequential(
        [
            keras.Input((16, 16, 3)),
            keras.layers.Conv2D(2, 3),
            keras.layers.ReLU(max_value=6, name="capped"),
            keras.layers.GlobalAveragePooling2D(),
            keras.layers.Dense(2),
        ]
    )
    model.layers[0].kernel.assign(np.full((3, 3, 3, 2), 100.0))  # far past 6, where its gradient is 0
    widget = make(model, layer_idx=1, filter_indices=0)
    widget.dream(steps=1)
    come_to(sent, "done")
    content, _ = card(widget, sent, 0, 0)
    assert [patch["score"] for patch in content["patches"]] == [6.0, 6.0, 6.0]
    np.testing.assert_allclose([patch["box"] for patch in content["patches"]], [[0, 0, 3 / 16, 3 / 16]] * 3)


def test_the_newest_of_many_cards_wins(make: Make, sent: Sent) -> None:
    widget = make(layer_idx=0)
    settled(widget)
    say(widget, {"kind": "dream_filters", "settings": {"tile_steps": 1}})
    come_to(sent, "done")
    sent.clear()
    for place in (0, 1, 2, 3) * 3:
        say(widget, {"kind": "dream_card", "id": 0, "place": place})
    until(lambda: any(content["kind"] == "dream_card" and content["place"] == 3 for content, _ in sent), "the last card")
    cards = [content["place"] for content, _ in sent if content["kind"] == "dream_card"]
    assert cards[-1] == 3
    assert len(cards) < 12, "those that nobody looks at any more are left out"


def test_a_signal_has_a_card_without_pictures(make: Make, sent: Sent) -> None:
    model = keras.Sequential([keras.Input((20, 1)), keras.layers.Conv1D(3, 3), keras.layers.Flatten(), keras.layers.Dense(2)])
    signals = np.random.default_rng(0).uniform(size=(2, 20, 1)).astype("float32")
    widget = make(model, signals, filter_indices=0, method="saliency")
    widget.dream(steps=1)
    come_to(sent, "done")
    content, pictures = card(widget, sent, 0, 0)
    assert (content["weights"], content["map"], content["patches"], pictures) == (None, None, [], [])
