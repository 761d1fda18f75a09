"""Covering a region: closed forms of small models, a plain loop over ``model.predict``, and what is said."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import keras
import numpy as np
import pytest
from keras import layers
from PIL import Image
from scipy import stats

from salwidget import Unit, cover, open_network
from salwidget.evidence import interventions, rectangle
from salwidget.evidence.contract import replacement_of
from salwidget.evidence.verdict import depends, p_of
from salwidget.images import picture_of
from tests import models

pytestmark = pytest.mark.slow

SIZE = (12, 12)
RNG = np.random.default_rng(0)
IMAGE = RNG.uniform(0, 1, (*SIZE, 1)).astype(np.float32)
WEIGHTS = RNG.normal(size=SIZE).astype(np.float32)
INSIDE = rectangle(SIZE, 3, 2, 4, 3)


@pytest.fixture(scope="module")
def linear() -> keras.Model:
    return models.wide_head(None, WEIGHTS)


@pytest.fixture(scope="module")
def classifier() -> keras.Model:
    return models.functional()


# Closed forms


def test_a_linear_model_under_mean_changes_by_its_weights(linear: keras.Model) -> None:
    found = cover(linear, IMAGE, INSIDE, replace="mean", controls=20)
    pixels = IMAGE[..., 0].astype(np.float64)

    def change(region: np.ndarray) -> float:
        return float((WEIGHTS[region] * (pixels[~region].mean() - pixels[region])).sum())

    assert found.before == pytest.approx((WEIGHTS * pixels).sum(), rel=1e-5)
    assert found.change == pytest.approx(change(INSIDE), rel=1e-4)
    assert found.after == pytest.approx(found.before + found.change)
    np.testing.assert_allclose(found.controls, [change(each.region) for each in found.patches], rtol=1e-3, atol=1e-5)
    extreme = sum(abs(change(each.region)) >= abs(change(INSIDE)) for each in found.patches)
    assert found.p == pytest.approx((1 + extreme) / 21)
    assert found.probability is None
    assert found.log_odds is None


def test_keep_only_covers_the_rest(linear: keras.Model) -> None:
    found = cover(linear, IMAGE, INSIDE, replace="mean", keep=True, controls=20)
    pixels = IMAGE[..., 0].astype(np.float64)

    def score(region: np.ndarray) -> float:
        return float((WEIGHTS * np.where(region, pixels, pixels[region].mean())).sum())

    assert found.after == pytest.approx(score(INSIDE), rel=1e-4)
    others = [score(each.region) for each in found.patches]
    np.testing.assert_allclose(found.controls + found.before, others, rtol=1e-3, atol=1e-4)
    as_high = sum(other >= score(INSIDE) for other in others)
    assert found.p == pytest.approx((1 + as_high) / 21)
    assert found.sentence.startswith("Covering all but the region (8% of the picture)")


def one_pixel(weights: np.ndarray) -> keras.Model:
    return models.wide_head(None, weights.astype(np.float32))


def test_a_model_that_reads_one_pixel_has_the_least_p_on_it_and_the_most_elsewhere() -> None:
    weights = np.zeros(SIZE)
    weights[5, 6] = 10
    model = one_pixel(weights)
    on = cover(model, IMAGE, rectangle(SIZE, 6, 5, 2, 2), replace="colour", controls=64)
    assert on.p == 1 / 65
    assert "The model uses it" in on.sentence
    # Elsewhere nothing changes, under most controls neither: equal changes are extreme.
    off = cover(model, IMAGE, rectangle(SIZE, 1, 1, 2, 2), replace="colour", controls=64)
    assert off.change == 0
    assert off.p == 1
    assert "does not show that the model uses it" in off.sentence


def test_p_is_uniform_over_regions_that_do_not_matter_more_than_others() -> None:
    """All pixels count alike: over 200 regions p is uniform on 1/20, ..., 1.

    With a pixel that counts more, controls that cover it would be the extreme ones, and p of the others larger.
    """
    rng = np.random.default_rng(7)
    size = (20, 20)
    weights = 0.01 * rng.normal(size=size)
    model = one_pixel(weights)
    found = []
    for seed in range(200):
        image = rng.normal(size=(*size, 1)).astype(np.float32)
        region = rectangle(size, *rng.integers(0, 17, 2), 3, 3)
        *_, last = interventions(model, image, region, replace="colour", controls=19, seed=seed, colour=0)
        found.append(last.p)
    assert set(np.round(20 * np.array(found), 6)) <= set(range(1, 21))
    # A discrete p, spread evenly over the step that it stands for.
    spread = np.array(found) - rng.uniform(0, 1 / 20, 200)
    assert stats.kstest(spread, "uniform").pvalue > 0.05


@pytest.mark.parametrize("name", ["blur", "mean", "colour", "noise", "neighbours", "image"])
def test_random_regions_are_what_a_plain_loop_over_predict_says(classifier: keras.Model, name: str) -> None:
    rng = np.random.default_rng(3)
    options = {"other": rng.uniform(0, 255, models.SHAPE)} if name == "image" else {}
    network = open_network(classifier)

    def halved(image: np.ndarray) -> np.ndarray:
        return image / 100 - 1

    for _ in range(20):
        image = rng.uniform(0, 255, models.SHAPE)
        region = rng.random(models.SHAPE[:2]) < 0.3
        region[0, 0], region[7, 7] = True, False
        seed = int(rng.integers(100))
        found = cover(classifier, image, region, preprocess=halved, replace=name, controls=3, seed=seed, **options)
        filling = replacement_of(name, picture_of(image, models.SHAPE), options, seed, network)
        parts = [region, *(each.region for each in found.patches)]
        edited = [image, *(np.where(part[..., None], filling.fill(part), image) for part in parts)]
        logs = np.log(classifier.predict(np.stack([halved(each) for each in edited]), verbose=0).astype(np.float64))
        top = int(logs[0].argmax())
        logits = found.outputs - found.outputs.mean(1, keepdims=True)
        np.testing.assert_allclose(logits, logs[:2] - logs[:2].mean(1, keepdims=True), atol=1e-4)
        np.testing.assert_allclose(found.probability, np.exp([logs[0][top], logs[1][top]]), rtol=1e-4)
        odds = [one[top] - np.log(1 - np.exp(one[top])) for one in logs[:2]]
        np.testing.assert_allclose(found.log_odds, odds, atol=1e-3)
        how = {"filters": top, "score": "log_probability", "controls": 3, "seed": seed}
        asked = cover(classifier, image, region, preprocess=halved, replace=name, **how, **options)
        np.testing.assert_allclose(asked.controls, [one[top] - logs[0][top] for one in logs[2:]], atol=1e-4)


# Numbers that matter to a person


def test_log_odds_of_a_sure_model_are_not_rounded() -> None:
    model = models.in_a_row((4, 4, 1), layers.Flatten(), layers.Dense(2, use_bias=False, activation="softmax"))
    model.layers[-1].kernel.assign(np.outer(np.ones(16), [5.0, -5.0]))
    image = np.ones((4, 4, 1), np.float32)
    found = cover(model, image, rectangle((4, 4), 0, 0, 1, 1), replace="colour", colour=0, controls=4)
    assert found.log_odds == (160.0, 150.0)
    assert found.probability == (1.0, 1.0)
    sigmoid = models.in_a_row((4, 4, 1), layers.Flatten(), layers.Dense(1, use_bias=False, activation="sigmoid"))
    sigmoid.layers[-1].kernel.assign(np.full((16, 1), 7.0))
    found = cover(
        sigmoid, np.ones((4, 4, 1), np.float32), rectangle((4, 4), 0, 0, 2, 1), replace="colour", colour=0, controls=4
    )
    assert found.log_odds == (112.0, 98.0)


def test_it_is_said_where_logit_and_probability_point_different_ways() -> None:
    model = models.in_a_row((4, 4, 1), layers.Flatten(), layers.Dense(2, use_bias=False, activation="softmax"))
    kernel = np.zeros((16, 2), np.float32)
    kernel[0], kernel[1] = (1, 3), (4, 0)
    model.layers[-1].kernel.assign(kernel)
    found = cover(model, np.ones((4, 4, 1), np.float32), rectangle((4, 4), 0, 0, 1, 1), filters=0, replace="colour", colour=0)
    assert (found.before, found.after) == (5, 4)
    assert found.probability == pytest.approx((1 / (1 + np.exp(-2)), 1 / (1 + np.exp(-4))))
    assert "The score falls but the probability rises, from 88.1% to 98.2%: other classes move more." in found.sentence


@pytest.mark.quick
def test_replacements_that_disagree_are_named(linear: keras.Model) -> None:
    assert depends({"blur": 1.0, "mean": -1.0}, 0)
    assert depends({"blur": -1.0, "mean": -0.49}, 0)
    assert not depends({"blur": -1.0, "mean": -0.51}, 0)
    assert not depends({"blur": 1e-9, "mean": -1e-9}, 5)
    assert not depends({}, 5)
    # White where the image is black around: blurred it stays, as its neighbours it goes.
    image = np.zeros((*SIZE, 1), np.float32)
    region = rectangle(SIZE, 3, 3, 6, 6)
    image[region] = 1
    found = cover(one_pixel(np.ones(SIZE)), image, region, replace="colour", colour=0.9)
    assert list(found.agreement) == ["blur", "mean", "neighbours", "colour"]
    assert "It depends on what you put there: blur -" in found.sentence
    assert found.agreement["colour"] == pytest.approx(-3.6, rel=1e-4)
    assert found.agreement["mean"] == pytest.approx(-36)


@pytest.mark.quick
def test_p_counts_the_region_itself() -> None:
    changes = np.array([-3.0, 1.0, 2.0])
    assert p_of(-2.5, changes, keep=False) == 2 / 4
    assert p_of(1.5, changes, keep=True) == 2 / 4
    assert np.isnan(p_of(1.0, np.empty(0), keep=False))


# What it costs, and how it comes


def test_answers_become_better(monkeypatch: pytest.MonkeyPatch, classifier: keras.Model) -> None:
    monkeypatch.setattr("salwidget.attribution.context.batch_size", lambda *_: 10)
    region = rectangle((8, 8), 2, 2, 2, 2)
    frames = list(interventions(classifier, models.image(), region, controls=25))
    assert [len(each.controls) for each in frames] == [0, 0, 10, 20, 25]
    assert [len(each.agreement) for each in frames] == [1, 3, 3, 3, 3]
    assert "Its controls are to come." in frames[0].sentence
    assert [each.progress for each in frames] == sorted(each.progress for each in frames)
    assert frames[-1].progress == 1
    np.testing.assert_array_equal(frames[2].controls, frames[-1].controls[:10])
    again = cover(classifier, models.image(), region, controls=25)
    np.testing.assert_allclose(again.controls, frames[-1].controls, rtol=1e-5, atol=1e-6)
    other = cover(classifier, models.image(), region, controls=25, seed=1)
    assert np.abs(other.controls - again.controls).max() > 0


def test_the_edited_image_is_what_the_model_was_shown() -> None:
    model = models.fill(models.in_a_row((8, 8, 3), layers.Rescaling(1 / 255), layers.Flatten(), layers.Dense(3)))
    image = np.random.default_rng(0).integers(0, 256, (8, 8, 3), np.uint8)
    found = cover(model, image, INSIDE[:8, :8], filters=1, controls=4)
    assert found.image.dtype == np.uint8
    np.testing.assert_array_equal(found.original, image)
    np.testing.assert_array_equal(found.image[~found.region], image[~found.region])
    assert float(np.asarray(model(found.image[None].astype(np.float32)))[0, 1]) == pytest.approx(found.after, rel=1e-5)


def test_a_model_of_several_inputs_is_asked_beside_the_others() -> None:
    photo, facts = keras.Input((8, 8, 1), name="photo"), keras.Input((3,), name="facts")
    joined = layers.Concatenate()([layers.Flatten()(photo), facts])
    model = models.fill(keras.Model([photo, facts], layers.Dense(2)(joined)))
    rng = np.random.default_rng(0)
    fed = {"photo": rng.uniform(0, 1, (8, 8, 1)).astype(np.float32), "facts": rng.normal(size=(3, 1)).astype(np.float32)}
    region = rectangle((8, 8), 1, 1, 3, 3)
    found = cover(model, fed, region, filters=0, replace="colour", colour=0, controls=4)
    changed = np.where(region[..., None], 0, fed["photo"])
    scores = [np.asarray(model([one[None], fed["facts"].reshape(1, 3)]))[0, 0] for one in (fed["photo"], changed)]
    assert (found.before, found.after) == pytest.approx(tuple(scores), rel=1e-5)
    with pytest.raises(ValueError, match="input facts takes signals"):
        cover(model, fed, region, wrt="facts")


def test_targets_are_those_of_explain(classifier: keras.Model) -> None:
    region, (first, second) = rectangle((8, 8), 2, 2, 3, 3), (Unit(filters=1), Unit(filters=2))
    both = [cover(classifier, models.image(), region, filters=each, controls=0).change for each in (1, 2)]
    difference = cover(classifier, models.image(), region, target=first - second, controls=0)
    assert difference.change == pytest.approx(both[0] - both[1], abs=1e-5)
    assert difference.probability is None
    inner = cover(classifier, models.image(), region, layer="conv2", filters=3, controls=5)
    cut = models.cut_by_keras(classifier, "conv2")
    assert inner.before == pytest.approx(float(np.asarray(cut(models.image()[None]))[0, ..., 3].mean()), rel=1e-5)


# Words, pictures, files


def test_it_draws_prints_and_saves_itself(classifier: keras.Model, tmp_path: Path) -> None:
    found = cover(classifier, models.image(), rectangle((8, 8), 2, 2, 2, 2), filters=1, controls=30, labels=list("abcd"))
    assert str(found).startswith("Covering the region (6% of the picture) ")
    assert "the logit of b by " in str(found)
    assert "30 patches of the same shape elsewhere change it by" in str(found)
    assert "30 controls, p = " in repr(found)
    found.save(tmp_path / "seen.png")
    with Image.open(tmp_path / "seen.png") as saved:
        assert saved.width > 2 * 224
        assert json.loads(saved.text["salwidget"]) == found.metadata
    found.save(tmp_path / "seen.json")
    written = json.loads((tmp_path / "seen.json").read_text())
    assert written["controls"] == pytest.approx(found.controls.tolist())
    assert written["change"] == found.change
    with pytest.raises(ValueError, match=r"saved as \.png or \.json"):
        found.save(tmp_path / "seen.tif")
    assert found._repr_png_().startswith(b"\x89PNG")
    assert len(found.plot().collections) == 2


def test_the_seconds_are_of_its_own_work_not_of_who_looks_on(linear: keras.Model, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr("salwidget.evidence.covering.time", SimpleNamespace(perf_counter=lambda: now))
    told = []
    for made in interventions(linear, IMAGE, INSIDE, controls=4):
        told.append(made.seconds)
        now += 100.0
    assert len(told) >= 3
    assert set(told) == {0.0}
