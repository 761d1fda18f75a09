"""Finer-CAM: the closed form on GAP and a linear head, antisymmetry, and which class is the rival."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from keras import layers

from salwidget import Unit, explain
from tests import models
from tests.models import SHAPE, image

pytestmark = pytest.mark.slow

KERNEL = image((3, 4), seed=6)


def gap_linear(activation: str | None = "softmax") -> keras.Model:
    steps = [layers.Conv2D(3, 3, activation="relu", name="maps"), layers.GlobalAveragePooling2D(name="mean")]
    model = models.fill(models.in_a_row(SHAPE, *steps, layers.Dense(4, activation)))
    model.layers[-1].kernel.assign(KERNEL)
    return model


def contrast(model: keras.Model, a: int, b: int, strength: float = 1.0) -> np.ndarray:
    """sum_k mean(dS/dA_k) A_k by hand, before the ReLU."""
    maps = models.values_of(models.cut_by_keras(model, "maps"), image()[None])[0]
    return maps @ (KERNEL[:, a] - strength * KERNEL[:, b]) / maps[..., 0].size


@pytest.mark.parametrize("strength", [0.5, 1.0, 2.0])
def test_the_rival_is_the_next_best_class_and_is_named(strength: float) -> None:
    model = gap_linear()
    order = np.argsort(-models.values_of(model, image()[None])[0])
    for a, b in [(order[0], order[1]), (order[3], order[0])]:
        found = explain(model, image(), "finer_cam", filters=int(a), strength=strength)
        np.testing.assert_allclose(found.cells, np.maximum(contrast(model, a, b, strength), 0), rtol=0, atol=1e-6)
        assert f"contrasted with class {b}, the image's next best, strength {strength:g}" in found.notes
    assert explain(model, image(), "finer_cam").query.target.terms[0][1].filters == (order[0],)


@pytest.mark.quick
def test_the_b_of_a_difference_is_the_rival() -> None:
    model = gap_linear()
    found = explain(model, image(), "finer_cam", target=Unit(filters=2) - Unit(filters=3), strength=0.5)
    np.testing.assert_allclose(found.cells, contrast(model, 2, 3, 0.5), rtol=0, atol=1e-6)
    assert found.signed
    assert "contrasted with the target's own B, strength 0.5" in found.notes


def test_is_antisymmetric_before_the_relu() -> None:
    model = models.functional()
    one, other = (explain(model, image(), "finer_cam", target=Unit(filters=a) - Unit(filters=b)) for a, b in [(1, 2), (2, 1)])
    np.testing.assert_allclose(one.cells, -other.cells, rtol=0, atol=1e-7)
    assert np.abs(one.cells).max() > 0


@pytest.mark.parametrize("aim", ["increase", "decrease"])
def test_without_strength_it_is_grad_cam(aim: str) -> None:
    model = models.functional()
    plain = explain(model, image(), "grad_cam", filters=1, aim=aim)
    found = explain(model, image(), "finer_cam", filters=1, aim=aim, strength=0)
    np.testing.assert_array_equal(found.cells, plain.cells)


@pytest.mark.quick
def test_the_score_is_the_targets_own() -> None:
    assert explain(gap_linear(None), image(), "finer_cam", filters=1).score == pytest.approx(
        models.values_of(gap_linear(None), image()[None])[0, 1], abs=1e-6
    )


def test_needs_two_classes() -> None:
    with pytest.raises(ValueError, match=r"contrasts two classes, but layer 1 maps is no output of classes"):
        explain(gap_linear(), image(), "finer_cam", layer="maps")
    one = models.fill(models.in_a_row(SHAPE, layers.Conv2D(3, 3), layers.GlobalAveragePooling2D(), layers.Dense(1)))
    with pytest.raises(ValueError, match=r"contrasts two classes, but layer 3 .* is no output of classes"):
        explain(one, image(), "finer_cam")
    with pytest.raises(ValueError, match="needs a class beside those of the target"):
        explain(gap_linear(), image(), "finer_cam", filters=(0, 1, 2, 3))
    with pytest.raises(ValueError, match="name them by filters, not by a function or a distance"):
        explain(gap_linear(), image(), "finer_cam", filters=1, aim=3.0)
