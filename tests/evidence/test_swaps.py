"""Objects on other backgrounds: a plain loop over ``model.predict``, SciPy's interval, and the shipped snow pair."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers
from PIL import Image
from scipy import stats

from salwidget import cover, swap_backgrounds
from salwidget.demo import SnowTest, snow_test
from salwidget.evidence import rectangle
from salwidget.evidence.imputation import Imputation
from salwidget.evidence.swaps import wilson
from tests import models

pytestmark = pytest.mark.slow

SHAPE = (8, 8, 3)
RNG = np.random.default_rng(0)
IMAGES = RNG.uniform(0, 1, (4, *SHAPE)).astype(np.float32)
REGIONS = np.stack([rectangle(SHAPE[:2], place, 2, 3, 4) for place in range(4)])


def classifier(outputs: int = 3, final: str | None = "softmax") -> keras.Model:
    parts = [layers.Conv2D(4, 3, activation="relu"), layers.Flatten(), layers.Dense(outputs, activation=final)]
    return models.fill(models.in_a_row(SHAPE, *parts), seed=5)


@pytest.mark.quick
@pytest.mark.parametrize("of", [1, 2, 7, 30, 148, 5000])
def test_the_interval_is_wilson_s(of: int) -> None:
    for count in {0, 1, of // 3, of // 2, of - 1, of}:
        expected = stats.binomtest(count, of).proportion_ci(method="wilson")
        assert wilson(count, of) == pytest.approx((expected.low, expected.high), abs=1e-12)
        assert 0 <= wilson(count, of)[0] <= count / of <= wilson(count, of)[1] <= 1


def test_classes_and_scores_are_what_a_plain_loop_says() -> None:
    model, linear = classifier(), classifier(final=None)
    others = [RNG.uniform(0, 1, SHAPE).astype(np.float32) for _ in range(3)]
    found = swap_backgrounds(model, IMAGES, REGIONS, backgrounds=[*others, ("colour", {"colour": 0.25})], labels=list("abc"))
    assert found.backgrounds == ("background 0", "background 1", "background 2", "colour")
    flips = 0
    for row, (image, inside) in enumerate(zip(IMAGES, REGIONS, strict=True)):
        top = int(model.predict(image[None], verbose=0).argmax())
        assert found.original[row] == top
        for column, background in enumerate([*others, np.full(SHAPE, 0.25)]):
            edited = np.where(inside[..., None], image, background).astype(np.float32)
            scores = linear.predict(edited[None], verbose=0)[0]
            assert found.classes[row, column] == scores.argmax()
            assert found.scores[row, column] == pytest.approx(scores[top], rel=1e-4, abs=1e-4)
            flips += scores.argmax() != top
    assert found.flipped == (flips, 16, *wilson(flips, 16))
    assert str(found).startswith(f"On other backgrounds of 4 images the top class changes in {flips} of 16 ({flips / 16:.0%}; ")


def test_by_default_the_other_images_lend_theirs() -> None:
    model = classifier()
    found = swap_backgrounds(model, list(IMAGES), list(REGIONS), seed=3)
    assert found.backgrounds[:4] == tuple(f"that of image {number}" for number in range(4))
    assert found.backgrounds[4:] == ("black", "grey", "white", "noise", "its own, blurred")
    assert np.all(np.diag(found.classes[:, :4]) == -1)
    assert found.flipped[1] == 4 * 3 + 4 * 5
    # Where image 2 lends its background, its own object is imputed, with noise of 1 % on it.
    lent = Imputation()(IMAGES[2].astype(np.float64), REGIONS[2])
    expected = np.where(REGIONS[0][..., None], IMAGES[0], lent)
    assert np.abs(found.tiles[0, 2] / 255 - expected).max() < 0.06
    np.testing.assert_allclose(found.tiles[0, 4][~REGIONS[0]], 0)


def test_one_image_is_put_on_what_needs_no_other() -> None:
    found = swap_backgrounds(classifier(), IMAGES[0], REGIONS[0])
    assert found.classes.shape == (1, 5)
    assert found.flipped[1] == 5


def test_many_images_borrow_from_eight() -> None:
    images = RNG.uniform(0, 1, (12, *SHAPE)).astype(np.float32)
    found = swap_backgrounds(classifier(), images, np.repeat(REGIONS, 3, axis=0))
    assert found.classes.shape == (12, 8 + 5)
    assert (found.classes == -1).sum() == 8


def test_one_output_has_two_classes() -> None:
    model = classifier(1, "sigmoid")
    found = swap_backgrounds(model, IMAGES, REGIONS, backgrounds=["colour"])
    grey = [np.where(inside[..., None], image, 0.5) for image, inside in zip(IMAGES, REGIONS, strict=True)]
    sure = model.predict(np.stack([*IMAGES, *grey]).astype(np.float32), verbose=0)[:, 0] > 0.5
    np.testing.assert_array_equal(found.original, sure[:4])
    np.testing.assert_array_equal(found.classes[:, 0], sure[4:])


def test_it_draws_prints_and_saves_itself(tmp_path: Path) -> None:
    found = swap_backgrounds(classifier(), IMAGES, REGIONS)
    assert "with 95% confidence" in str(found)
    found.save(tmp_path / "swaps.png")
    with Image.open(tmp_path / "swaps.png") as drawn:
        assert drawn.size == (8 * 12 - 4, 4 * 12 - 4)
        np.testing.assert_array_equal(np.asarray(drawn)[12:20, 24:32], found.tiles[1, 2])
    found.save(tmp_path / "swaps.json")
    written = json.loads((tmp_path / "swaps.json").read_text())
    assert written["classes"] == found.classes.tolist()
    assert written["scores"][0][0] is None
    with pytest.raises(ValueError, match="saved as"):
        found.save(tmp_path / "swaps.csv")


def dense_output() -> keras.Model:
    return models.fill(models.in_a_row(SHAPE, layers.Conv2D(2, 1, activation="softmax")))


BAD: dict[str, tuple[Any, dict[str, Any], str]] = {
    "too few regions": (classifier, {"regions": REGIONS[:3]}, "There are 4 images and 3 regions"),
    "an empty region": (classifier, {"regions": 0 * REGIONS}, "The region is empty"),
    "no background": (classifier, {"backgrounds": []}, "There is no background"),
    "no file": (classifier, {"backgrounds": ["nowhere.png"]}, "There is no file 'nowhere.png'"),
    "another size": (classifier, {"backgrounds": [np.zeros((4, 4, 3), np.float32)]}, "the image has"),
    "seed": (classifier, {"seed": -1}, "seed=-1 is not a whole number"),
    "a number": (lambda: classifier(1, None), {}, "is one number and no class"),
    "a map of classes": (dense_output, {}, "there is no top class of an image to change"),
}


@pytest.mark.parametrize("what", BAD)
def test_what_cannot_be_swapped_is_told_in_one_sentence(what: str) -> None:
    make, given, said = BAD[what]
    asked = {"images": IMAGES, "regions": REGIONS, **given}
    model = make()
    with pytest.raises(ValueError, match=said):
        swap_backgrounds(model, asked.pop("images"), asked.pop("regions"), **asked)


# The shipped snow pair: the biased model goes with the background, its twin with the animal


@pytest.fixture(scope="module")
def snow() -> SnowTest:
    return snow_test()


def test_the_biased_model_flips_and_its_twin_does_not(snow: SnowTest) -> None:
    biased, fair = (
        swap_backgrounds(demo.model, demo.images, demo.masks, labels=demo.labels) for demo in (snow.biased, snow.fair)
    )
    assert biased.sentence.endswith("The background decides with it.")
    assert fair.sentence.endswith("The class goes with the object.")
    assert biased.flipped[2] > fair.flipped[3]
    for column, name in enumerate(biased.backgrounds[:8]):
        scene = snow.backgrounds[int(name.removeprefix("that of image "))]
        lent = biased.classes[:, column] >= 0
        assert set(biased.classes[lent, column]) == {snow.biased.labels.index("wolf" if scene == "snow" else "beagle")}
        np.testing.assert_array_equal(fair.classes[lent, column], fair.original[lent])


@pytest.mark.parametrize("pair", range(6))
def test_an_animal_kept_in_the_scene_of_its_twin_picture(snow: SnowTest, pair: int) -> None:
    grass, on_snow = 2 * pair, 2 * pair + 1
    for demo, flips in ((snow.biased, True), (snow.fair, False)):
        for here, there in ((grass, on_snow), (on_snow, grass)):
            how = {"replace": "image", "other": demo.images[there], "keep": True, "controls": 0}
            found = cover(demo.model, demo.images[here], demo.masks[here], **how)
            assert (found.probability[1] < 0.5) == flips
            assert found.probability[0] > 0.5


@pytest.mark.parametrize("picture", [1, 3])
def test_the_animal_is_what_the_fair_twin_uses(snow: SnowTest, picture: int) -> None:
    fair, biased = (
        cover(demo.model, demo.images[picture], demo.masks[picture], labels=demo.labels) for demo in (snow.fair, snow.biased)
    )
    assert fair.change < 0
    assert fair.p == 1 / 65
    assert "The model uses it." in fair.sentence
    # Without its animal the snow alone is a wolf to the biased one.
    assert biased.target == "the logit of wolf"
    assert biased.change > 0
    assert "The model uses it." not in biased.sentence
