"""What the page is told of options: where numbers end on this network's images, and what automatic comes to."""

from __future__ import annotations

import math

import keras
import pytest

from salwidget.engine.network import Network
from salwidget.engine.opening import open_network
from salwidget.widget.catalogue import method_as_json

pytestmark = pytest.mark.slow


def network(rows: int | None, columns: int | None) -> Network:
    image = keras.Input((rows, columns, 3))
    convolved = keras.layers.Conv2D(4, 3, name="first")(image)
    halved = keras.layers.MaxPooling2D(name="second")(convolved)
    pooled = keras.layers.GlobalAveragePooling2D(name="third")(halved)
    return open_network(keras.Model(image, keras.layers.Dense(5, name="fourth")(pooled)))


def options(method: str, of: Network) -> dict[str, dict]:
    return {option["name"]: option for option in method_as_json(method, of)["options"]}


@pytest.mark.parametrize("size", [(224, 224), (32, 64)])
def test_a_patch_ends_at_the_image_and_automatic_is_a_number_of_pixels(size: tuple[int, int]) -> None:
    patch = options("occlusion", network(*size))["patch"]
    assert patch["maximum"] == max(size)
    assert patch["automatic"] == str(round(math.sqrt(size[0] * size[1] / 196)))
    assert options("occlusion", network(*size))["stride"]["automatic"] == "the patch's side"


def test_images_of_any_size_leave_the_declared_end() -> None:
    patch = options("occlusion", network(None, None))["patch"]
    assert (patch["maximum"], patch["automatic"]) == (512, "by the image")


def test_the_layer_that_a_cam_finds_by_itself_is_told_for_each_layer() -> None:
    assert options("grad_cam", network(32, 32))["penultimate_layer"]["automatic"][1:] == [None, 1, 2, 2]


@pytest.mark.quick
def test_a_number_whose_zero_is_a_number_has_no_automatic() -> None:
    assert "automatic" not in options("smoothgrad", network(32, 32))["noise"]
