"""Methods against their formula in numpy."""

from __future__ import annotations

import numpy as np
import pytest

import salwidget
from benchmarks.truth.numpy_cnn import CHANNELS, CLASSES, SIZE, twins
from benchmarks.truth.references import REFERENCES, agreement
from tests.models import image


@pytest.mark.parametrize("activation", ["relu", "softplus"])
def test_the_numpy_cnn_is_the_keras_one(activation: str) -> None:
    cnn, model = twins(3, activation)
    x = image((SIZE, SIZE, CHANNELS), 3, "float64")
    np.testing.assert_allclose(cnn.probabilities(x), np.asarray(model(x[None]))[0], rtol=1e-12)


@pytest.mark.parametrize("activation", ["relu", "softplus"])
def test_the_numpy_gradient_is_that_of_finite_differences(activation: str) -> None:
    cnn, _ = twins(3, activation)
    x, row = image((SIZE, SIZE, CHANNELS), 3, "float64"), np.eye(CLASSES)[1]
    found = cnn.gradient(x, row)
    for place in [(0, 0, 0), (5, 7, 1), (11, 3, 0)]:
        step = np.zeros_like(x)
        step[place] = 1e-6
        slope = (cnn.logits(x + step)[1] - cnn.logits(x - step)[1]) / 2e-6
        assert found[place] == pytest.approx(slope, abs=1e-8)


@pytest.mark.parametrize("name", [name for name in REFERENCES if name in salwidget.METHODS])
@pytest.mark.parametrize("seed", [0, 1])
def test_a_method_equals_its_formula(name: str, seed: int) -> None:
    assert {row.words: row.error for row in agreement(name, seed) if row.error > row.bound} == {}
