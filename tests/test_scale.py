"""Scores of any size: a map is right, or a sentence says that float32 does not hold it; never infinite or zero in silence."""

from __future__ import annotations

import functools
from typing import Any

import keras
import numpy as np
import pytest

from salwidget import METHODS, Heatmap, explain
from tests import models
from tests.models import image

pytestmark = pytest.mark.slow

LARGE, SMALL = 1e30, 1e-30
# Powers of the score's scale that are in a map's values: Score-CAM's are score times activation.
SQUARED = {"squaregrad", "vargrad", "guided_grad_cam"}
# Of the scores themselves they take ratios, or exponentials, and no power.
OTHER = {"grad_cam++", "weights", "feature_map"}


@functools.cache
def scaled(scale: float) -> keras.Model:
    """S times ``scale``."""
    model = models.without_final()
    dense = model.get_layer("dense")
    dense.set_weights([weights * scale for weights in dense.get_weights()])
    return model


def asked(model: keras.Model, method: str, **options: Any) -> Heatmap:
    options |= {"negative": "keep"} if "negative" in METHODS[method].options() else {}
    return explain(model, image(), method, filters=0, **options)


@pytest.mark.filterwarnings("error::RuntimeWarning")
@pytest.mark.parametrize("scale", [LARGE, SMALL])
@pytest.mark.parametrize("method", sorted(set(METHODS) - OTHER))
def test_a_score_of_any_size(method: str, scale: float) -> None:
    """All of these are of the first or second order in the score: the map of c S is c or c² times that of S."""
    if method in SQUARED:
        with pytest.raises(
            ValueError, match=r"largest value is \d.*e[+-][56]\d .*, which float32 cannot hold .*: scale the model's"
        ):
            asked(scaled(scale), method)
        return
    found, plain = asked(scaled(scale), method), asked(scaled(1.0), method)
    assert np.abs(plain.values).max() > 0, "or this test says nothing"
    np.testing.assert_allclose(found.values / scale, plain.values, rtol=2e-3, atol=2e-4 * np.abs(plain.values).max())


@pytest.mark.filterwarnings("error::RuntimeWarning")
def test_activations_of_1e30_in_score_cam() -> None:
    model = models.without_final()
    with pytest.raises(ValueError, match=r"largest value is \d.*e\+(59|60) score × activation, which float32 cannot hold"):
        explain(model, image() * np.float32(LARGE), "score_cam", filters=int(np.argmax(models.values_of(model, image()[None]))))


@pytest.mark.filterwarnings("error::RuntimeWarning")
@pytest.mark.parametrize("scale", [LARGE, SMALL])
def test_the_norm_over_channels(scale: float) -> None:
    found, plain = (asked(scaled(each), "saliency", reduce="l2") for each in (scale, 1.0))
    np.testing.assert_allclose(found.values / scale, plain.values, rtol=1e-4)
