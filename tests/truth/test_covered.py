"""Boxes of photographs covered, against a plain loop over the real models' own ``predict``."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage
from scipy.special import logit

from benchmarks.truth.covered import beaten, box_covered, log_odds_changes
from benchmarks.truth.photographs import MOBILENET, SQUEEZENET, Reader, photographs
from tests.data import needs_data


def blurred_in(image: np.ndarray, region: np.ndarray) -> np.ndarray:
    sigma = image.shape[0] / 20
    blurred = np.stack(
        [ndimage.gaussian_filter(image[..., channel].astype(float), sigma, mode="nearest") for channel in range(3)], -1
    )
    return np.where(region[..., None], np.round(blurred), image)


def log_odds(reader: Reader, images: list[np.ndarray], index: int) -> np.ndarray:
    """From probabilities, in float64: p of one image and of all others."""
    fed = np.stack([reader.preprocess(image.astype(np.float32)) for image in images])
    return np.asarray(logit(reader.model.predict(fed, verbose=0)[:, index].astype(np.float64)))


@needs_data
@pytest.mark.parametrize("reader", [SQUEEZENET, MOBILENET], ids=["SqueezeNet", "MobileNetV2"])
def test_the_log_odds_of_a_box_and_its_controls_are_those_of_a_plain_loop(reader: Reader) -> None:
    one = next(each for each in photographs() if each.label == "fireboat")
    found, image = box_covered(reader, one), reader.image(one)
    regions = [one.region(reader.side), *(each.region for each in found.patches)]
    before, *after = log_odds(reader, [image, *(blurred_in(image, each) for each in regions)], one.index)
    own, *controls = np.array(after) - before
    assert found.log_odds == pytest.approx((before, after[0]), abs=0.02)
    assert len(found.controls) == 64
    np.testing.assert_allclose(log_odds_changes(found), controls, atol=0.02)
    # One that lies as close to the box's own as rounding may count on either side.
    assert beaten(found) == pytest.approx(np.mean(np.array(controls) > own), abs=1 / 64)
