"""What keras-vis' application of a steering model does, with numbers that are computed here."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

from tests import models
from tests.vis.by_hand import agree, cam_by_hand, ouzel, red

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("installed")]

FRAME_H, FRAME_W = 35, 90


def steering() -> keras.Model:
    """Its shape of network, at half of its size."""
    steps: list[keras.Layer] = []
    for filters in (4, 6, 8):
        steps += [layers.Conv2D(filters, 3, activation="relu"), layers.MaxPooling2D(2)]
    steps += [layers.Flatten(), layers.Dropout(0.5), layers.Dense(16, activation="relu"), layers.Dropout(0.5)]
    model = models.in_a_row((FRAME_H, FRAME_W, 3), *steps, layers.Dense(1, activation="tanh"))
    rng = np.random.default_rng(5)  # weights at which tanh is not flat
    model.set_weights(
        [rng.normal(size=each.shape) * np.sqrt(1.4 / np.prod(each.shape[:-1] or 1)) for each in model.get_weights()]
    )
    model.layers[-1].kernel.assign(model.layers[-1].kernel / 100)
    return model


@pytest.mark.parametrize("modifier", [None, "negate", "small_values"])
def test_self_driving(tmp_path: Any, modifier: str | None) -> None:
    from vis.utils import utils
    from vis.visualization import overlay, visualize_cam, visualize_saliency

    model = steering()
    img = utils.load_img(ouzel(tmp_path, 2), target_size=(FRAME_H, FRAME_W))
    bgr_img = utils.bgr2rgb(img)
    img_input = np.expand_dims(keras.utils.img_to_array(bgr_img), axis=0)
    assert 0.01 < abs(model.predict(img_input, verbose=0)[0][0]) < 0.99

    modify = {None: lambda g: g, "negate": np.negative, "small_values": lambda g: np.abs(1 / (g + 1e-7))}[modifier]
    heatmap = visualize_saliency(model, layer_idx=-1, filter_indices=0, seed_input=bgr_img, grad_modifier=modifier)
    gradient = models.tape_gradient(model, img_input[0], [0])
    agree(heatmap, modify(gradient).max(-1), atol=2e-3)
    mixed = overlay(img, red(heatmap), alpha=0.7)
    np.testing.assert_allclose(mixed, 0.7 * img + 0.3 * red(heatmap), atol=0.51)

    heatmap = visualize_cam(model, layer_idx=-1, filter_indices=0, seed_input=bgr_img, grad_modifier=modifier)
    expected = cam_by_hand(model, 6, img_input[0], 0, modify=modify)
    agree(heatmap, expected, atol=2e-3)
