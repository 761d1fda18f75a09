"""RISE: its formula on given masks, its masks against the paper's recipe, and what it finds on a planted region."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from keras import layers

from salwidget import explain
from salwidget.attribution.rise import masks_of, weighed
from tests import models
from tests.attribution.asking import assert_refines, context_of, upsampled
from tests.models import image


def test_given_masks_are_weighed_by_probability() -> None:
    masks = np.random.default_rng(2).uniform(size=(37, 8, 8)).astype(np.float32)
    model = models.functional()
    scores = models.values_of(model, image() * masks[..., None])[:, 1].astype(np.float64)
    expected = (scores[:, None, None] * masks).sum(0) / (0.3 * len(masks))
    context = context_of(model, image(), "rise", filters=1)
    *_, last = weighed(context, lambda part: masks[part], len(masks), 0.3)
    np.testing.assert_allclose(last.values, expected, rtol=1e-5)
    assert last.progress == 1
    assert not last.signed
    assert context.notes == ("masked images are scored by probability, as in the paper",)


def test_without_a_probability_the_score_keeps_its_sign() -> None:
    masks = np.random.default_rng(2).uniform(size=(5, 8, 8)).astype(np.float32)
    model = models.without_final()
    scores = models.values_of(model, image() * masks[..., None])[:, 1]
    assert scores.min() < 0, "or this test says nothing"
    *_, last = weighed(context_of(model, image(), "rise", filters=1), lambda part: masks[part], 5, 0.5)
    np.testing.assert_allclose(last.values, (scores[:, None, None] * masks).mean(0) / 0.5, rtol=0, atol=1e-5)


@pytest.mark.parametrize("space", [(8, 8), (20, 33), (50, 7)])
def test_masks_are_the_papers_recipe(space: tuple[int, int]) -> None:
    """Petsiuk et al. 2018: h x w cells up to (h + 1) C_H x (w + 1) C_W bilinearly, then a crop at random."""
    rng = np.random.default_rng(1)
    grids = rng.random((6, 5, 5)) < 0.5
    cell = [int(np.ceil(size / 5)) for size in space]
    offsets = rng.integers(0, cell, (6, 2))
    large = upsampled(np.moveaxis(grids, 0, -1).astype(np.float32), [6 * size for size in cell])
    expected = [large[r : r + space[0], c : c + space[1], i] for i, (r, c) in enumerate(offsets)]
    np.testing.assert_allclose(masks_of(grids, offsets, space), expected, rtol=0, atol=1e-6)


def by_sigmoid(weights: np.ndarray, bias: float) -> keras.Model:
    model = models.in_a_row(weights.shape, layers.Flatten(), layers.Dense(1, "sigmoid"))
    model.set_weights([weights.reshape(-1, 1), np.array([bias])])
    return model


@pytest.mark.slow
@pytest.mark.parametrize(
    ("shape", "window"),
    [
        ((30, 1), (slice(18, 24),)),
        ((24, 30, 1), (slice(4, 12), slice(18, 26))),
        ((12, 12, 14, 1), (slice(0, 5), slice(6, 12), slice(3, 9))),
    ],
    ids=["signal", "image", "volume"],
)
def test_finds_the_window_that_the_score_is_made_of(shape: tuple[int, ...], window: tuple[slice, ...]) -> None:
    inside = np.zeros(shape[:-1], bool)
    inside[window] = True
    model = by_sigmoid(8 * inside[..., None] / inside.sum(), bias=-4)  # of how much of the window is shown
    found = explain(model, np.ones(shape, np.float32), "rise", masks=600, cells=5)
    assert found.values.shape == shape[:-1]
    assert inside[np.unravel_index(found.values.argmax(), inside.shape)]
    assert found.values[inside].mean() > found.values[~inside].mean() + 0.02


def test_a_constant_score_is_all_that_a_pixel_gets() -> None:
    """S = 1/2 for every mask: the map is 1/2 times how often a pixel is shown, over p: 1/2 up to the noise of the masks."""
    model = by_sigmoid(np.zeros((16, 16, 1)), bias=0)
    for p in (0.3, 0.7):
        found = explain(model, np.ones((16, 16, 1), np.float32), "rise", masks=2000, p=p)
        # Bilinear masks have at most the variance p (1 - p) of their cells.
        assert np.abs(found.values / 0.5 - 1).max() < 5 * np.sqrt((1 - p) / p / 2000)


def test_a_seed_decides_the_masks() -> None:
    model = models.functional()
    one, same, other = (explain(model, image(), "rise", filters=1, masks=20, seed=seed).values for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, same)
    assert np.abs(one - other).max() > 1e-3


def test_partial_answers(monkeypatch) -> None:
    steps = assert_refines(models.functional(), image(), "rise", monkeypatch, filters=1, masks=20)
    assert [step.passes for step in steps[:2]] == [3 + 1, 6 + 1]  # masks so far, and the score of the image
    assert steps[0].values.mean() == pytest.approx(steps[-1].values.mean(), rel=0.5)


def test_cells_for_each_axis() -> None:
    """The masks' grids are 3 x 5: each mask is drawn from the seed as is written here, and weighs its own score."""
    model, picture = models.functional(), image()
    found = explain(model, picture, "rise", filters=1, masks=20, cells=(3, 5), seed=4)
    rng = np.random.default_rng(4)
    grids = rng.random((20, 3, 5), np.float32) < 0.5
    offsets = rng.integers(0, [3, 2], (20, 2))
    masks = masks_of(grids, offsets, (8, 8))
    scores = models.values_of(model, picture * masks[..., None])[:, 1]
    np.testing.assert_allclose(found.values, np.tensordot(scores, masks, 1) / (0.5 * 20), rtol=1e-5)
