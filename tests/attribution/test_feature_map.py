"""Feature maps against the part of a functional model that Keras itself cuts."""

from __future__ import annotations

import numpy as np
import pytest

from salwidget import Unit, explain
from tests import models
from tests.models import KINDS, image


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("layer", ["conv1", "conv2", "gate", "pool"])
@pytest.mark.parametrize("filters", [None, 0, (0, 2)])
def test_equals_the_output_of_the_layer(kind: str, layer: str, filters) -> None:
    values = models.values_of(models.cut_by_keras(models.functional(), layer), image()[None])[0]
    chosen = range(values.shape[-1]) if filters is None else np.atleast_1d(filters)
    expected = values[..., list(chosen)].mean(-1)
    found = explain(KINDS[kind](), image(), "feature_map", layer=layer, filters=filters)
    np.testing.assert_allclose(found.cells, expected, rtol=0, atol=1e-6)
    assert found.signed == bool(expected.min() < 0)
    assert found.values.shape == (8, 8)


def test_cells_become_blocks_of_pixels() -> None:
    model = models.in_a_row((8, 8, 1), models.layers.AveragePooling2D(2, name="pool"))
    found = explain(model, image((8, 8, 1)), "feature_map", layer="pool")
    means = image((8, 8)).reshape(4, 2, 4, 2).mean((1, 3))
    np.testing.assert_allclose(found.values, np.kron(means, np.ones((2, 2))), atol=1e-6)


def test_the_input_is_a_feature_map_too() -> None:
    found = explain(models.functional(), image(), "feature_map", layer=0)
    np.testing.assert_allclose(found.values, image().mean(-1), atol=1e-6)


@pytest.mark.parametrize("layer", ["mean", "dense"])
def test_a_layer_without_space_is_refused_with_its_shape(layer: str) -> None:
    with pytest.raises(ValueError, match=rf"{layer} has no feature map: its output \(\d,\) has no space"):
        explain(models.functional(), image(), "feature_map", layer=layer)


def test_a_difference_of_filters_is_that_of_their_maps() -> None:
    maps = models.values_of(models.cut_by_keras(models.without_final(), "conv2"), image()[None])[0]
    found = explain(models.functional(), image(), "feature_map", target=2 * Unit("conv2", 1) - Unit("conv2", (2, 3)))
    np.testing.assert_allclose(found.cells, 2 * maps[..., 1] - maps[..., 2:4].mean(-1), rtol=1e-5, atol=1e-6)
    assert found.signed


@pytest.mark.slow
def test_what_has_no_map_of_its_own_is_refused() -> None:
    with pytest.raises(ValueError, match="these have 6×6 and 3×3 cells; choose filters of one layer"):
        explain(models.functional(), image(), "feature_map", target=Unit("conv2", 1) - Unit("pool", 1))
    with pytest.raises(ValueError, match="feature_map shows filters: name them by filters, not by a function"):
        explain(models.functional(), image(), "feature_map", target=Unit("conv2", function=lambda maps: maps[:, 0, 0, 0]))
    near = explain(models.functional(), image(), "feature_map", layer="conv2", filters=1, aim=3.0)
    assert "the value to come closer to changes nothing" in near.notes[0]
