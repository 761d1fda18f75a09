"""Regions and settings that ``cover`` cannot answer: one sentence, and what is possible is still done."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

from salwidget import Unit, cover
from salwidget.evidence import rectangle
from tests import models

pytestmark = pytest.mark.slow

SIZE = (12, 12)


@pytest.fixture(scope="module")
def classifier() -> keras.Model:
    return models.functional()


def nan_below(values: Any) -> Any:
    return keras.ops.sqrt(values - 0.5)


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "empty": ({"region": np.zeros((8, 8), bool)}, "The region is empty"),
    "another size": ({"region": np.ones((4, 4), bool)}, "has 4×4 pixels, but the image has 8×8"),
    "replacement": ({"replace": "grey"}, "replace='grey' is not known"),
    "option": ({"sigma": "wide"}, "sigma is a number"),
    "controls": ({"controls": -1}, "controls=-1 is not a whole number"),
    "seed": ({"seed": 0.5}, "seed=0.5 is not a whole number"),
    "class": ({"filters": 9}, "filter 9 is out of range"),
    "target": ({"target": Unit(filters=1), "filters": 1}, "target= already defines the score"),
    "labels": ({"labels": ["a"]}, "labels has 1 names"),
    "batch": ({"image": np.zeros((2, 8, 8, 2), np.float32)}, "cover.. takes one image"),
    "all kept": ({"region": np.ones((8, 8), bool), "keep": True}, "the region is the whole image"),
    "all by mean": ({"region": np.ones((8, 8), bool), "replace": "mean"}, "use 'blur' or 'colour'"),
}


@pytest.mark.parametrize("what", BAD)
def test_bad_input_gets_one_sentence(classifier: keras.Model, what: str) -> None:
    given, said = BAD[what]
    asked = {"image": models.image(), "region": rectangle((8, 8), 1, 1, 2, 2), **given}
    with pytest.raises((ValueError, TypeError), match=said):
        cover(classifier, asked.pop("image"), asked.pop("region"), **asked)


def test_the_whole_image_has_no_control_and_says_so(classifier: keras.Model) -> None:
    found = cover(classifier, models.image(), np.ones((8, 8), bool))
    assert len(found.controls) == 0
    assert np.isnan(found.p)
    assert list(found.agreement) == ["blur"]
    assert "The region is the whole image: no control is possible" in found.sentence
    assert found.metadata["p"] is None
    large = np.ones((8, 8), bool)
    large[0] = False
    assert "is too large to be moved: no control is possible" in cover(classifier, models.image(), large).sentence
    assert "Without a control this says little." in cover(classifier, models.image(), large, controls=0).sentence


def test_fewer_controls_are_noted(classifier: keras.Model) -> None:
    found = cover(classifier, models.image(), rectangle((8, 8), 0, 0, 4, 8), controls=64)
    assert 0 < len(found.controls) < 19
    assert found.notes[0] == f"{len(found.controls)} controls instead of 64: the region is too large to be moved to more places"
    assert "These are too few controls to tell." in found.sentence


def test_a_score_that_is_nan_under_the_edit_is_told() -> None:
    model = models.in_a_row((8, 8, 1), layers.Flatten(), nan_below, layers.Dense(2, activation="softmax"))
    image, region = np.full((8, 8, 1), 0.9, np.float32), rectangle((8, 8), 1, 1, 2, 2)
    assert np.isfinite(cover(model, image, region, filters=0, replace="mean", controls=4).change)
    with pytest.raises(ValueError, match=r"The score is NaN or infinite with a region covered \(replace='colour'\)"):
        cover(model, image, region, filters=0, replace="colour", colour=0)
    with pytest.raises(ValueError, match="The score is NaN or infinite: check the model's weights"):
        cover(model, 0 * image, region, filters=0)


def test_a_signal_is_refused() -> None:
    model = models.in_a_row((16, 1), layers.Conv1D(2, 3), layers.GlobalAveragePooling1D(), layers.Dense(2))
    with pytest.raises(ValueError, match="takes signals: use explain"):
        cover(model, np.ones((16, 1), np.float32), np.ones(16, bool))
