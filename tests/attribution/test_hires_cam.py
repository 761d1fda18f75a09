"""HiResCAM: its formula by a GradientTape, and that it is exact where what follows is linear."""

from __future__ import annotations

import numpy as np
import pytest
from keras import layers

from salwidget import Unit, explain
from tests import models
from tests.attribution.asking import maps_and_gradient
from tests.models import image

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("at", ["conv1", "conv2", "pool"])
def test_is_the_gradient_times_the_maps_cell_by_cell(at: str) -> None:
    maps, gradient, _ = maps_and_gradient(at, [1])
    expected = np.maximum((maps * gradient).sum(-1), 0)
    found = explain(models.functional(), image(), "hirescam", filters=1, penultimate_layer=at).cells
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-6)
    assert expected.max() > 0, "or this test says nothing"


@pytest.mark.parametrize("shape", [(9, 2), (6, 7, 2), (4, 5, 6, 2)], ids=["signal", "image", "volume"])
def test_adds_up_to_the_score_where_a_linear_layer_follows(shape: tuple[int, ...]) -> None:
    convolution = {2: layers.Conv1D, 3: layers.Conv2D, 4: layers.Conv3D}[len(shape)]
    steps = [convolution(3, 2, activation="relu", name="maps"), layers.Flatten(), layers.Dense(2, use_bias=False)]
    model = models.fill(models.in_a_row(shape, *steps))
    picture = image(shape)
    found = explain(model, picture, "hirescam", filters=1, negative="keep")
    assert found.cells.sum() == pytest.approx(models.values_of(model, picture[None])[0, 1], abs=1e-5)
    assert found.values.shape == shape[:-1]


@pytest.mark.quick
def test_a_difference_of_classes_keeps_both_signs() -> None:
    maps, gradient, _ = maps_and_gradient("pool", [1])
    other = maps_and_gradient("pool", [2])[1]
    found = explain(models.functional(), image(), "hirescam", target=Unit(filters=1) - Unit(filters=2))
    np.testing.assert_allclose(found.cells, (maps * (gradient - other)).sum(-1), rtol=0, atol=1e-6)
    assert found.signed
    assert found.cells.min() < 0 < found.cells.max()
