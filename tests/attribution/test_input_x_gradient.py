"""Input x gradient: the product by its definition; on a linear model it adds up to the score."""

from __future__ import annotations

import numpy as np
import pytest

from salwidget import explain
from tests import models
from tests.models import KINDS, image


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("filters", [0, (1, 3)])
def test_equals_the_product_summed_over_channels(kind: str, filters: int | tuple[int, ...]) -> None:
    chosen = [filters] if isinstance(filters, int) else list(filters)
    expected = (image() * models.tape_gradient(models.without_final(), image(), chosen)).sum(-1)
    found = explain(KINDS[kind](), image(), "input_x_gradient", filters=filters)
    assert found.signed
    np.testing.assert_allclose(found.values, expected, rtol=0, atol=1e-6)


def test_adds_up_to_the_score_of_a_linear_model() -> None:
    weights, picture = image((5, 7), seed=3), image((5, 7, 1))
    found = explain(models.wide_head(None, weights), picture, "input_x_gradient")
    np.testing.assert_allclose(found.values, weights * picture[..., 0], atol=1e-6)
    assert found.values.sum() == pytest.approx(found.score, abs=1e-5)


def test_the_input_is_what_preprocess_made() -> None:
    weights, pixels = image((5, 7), seed=3), np.arange(35, dtype=np.uint8).reshape(5, 7, 1)
    found = explain(models.wide_head(None, weights), pixels, "input_x_gradient", preprocess=lambda x: x / 10 - 2)
    np.testing.assert_allclose(found.values, weights * (np.arange(35).reshape(5, 7) / 10 - 2), atol=1e-5)


def test_zero_pixels_get_exactly_nothing() -> None:
    picture = image()
    picture[2:4] = 0
    found = explain(models.functional(), picture, "input_x_gradient", filters=1)
    assert np.all(found.values[2:4] == 0)
    assert np.all(found.values[4:6] != 0)
