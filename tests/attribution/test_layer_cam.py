"""LayerCAM: its formula by a GradientTape."""

from __future__ import annotations

import numpy as np
import pytest

from salwidget import explain
from tests import models
from tests.attribution.asking import maps_and_gradient
from tests.models import image


@pytest.mark.slow
@pytest.mark.parametrize("at", ["conv1", "conv2", "gate", "pool"])
@pytest.mark.parametrize("filters", [0, 1])
def test_weighs_each_cell_by_its_positive_gradient(at: str, filters: int) -> None:
    maps, gradient, _ = maps_and_gradient(at, [filters])
    assert (gradient < 0).any(), "or ReLU of the gradient is not looked at"
    expected = np.maximum((maps * np.maximum(gradient, 0)).sum(-1), 0)
    found = explain(models.functional(), image(), "layercam", filters=filters, penultimate_layer=at).cells
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-6)


def test_a_modifier_comes_before_the_rectifier_of_the_gradient() -> None:
    maps, gradient, _ = maps_and_gradient("pool", [1])
    expected = np.maximum((maps * np.maximum(-gradient, 0)).sum(-1), 0)
    found = explain(models.functional(), image(), "layercam", filters=1, grad_modifier="negate").cells
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-6)
