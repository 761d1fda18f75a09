"""XRAI: algorithm 1 with every gain counted anew, scikit-image's dilation, and a net that reads one square of a picture."""

from __future__ import annotations

import numpy as np
import pytest
from skimage.morphology import dilation, disk
from skimage.segmentation import felzenszwalb

from salwidget import explain
from salwidget.attribution.xrai import SCALES, dilated, regions, segments
from tests import models
from tests.attribution import nets
from tests.attribution.refining import assert_refines, refined
from tests.models import image

pytestmark = pytest.mark.slow


def algorithm_1(attribution: np.ndarray, masks: list[np.ndarray], smallest: int) -> np.ndarray:
    taken, found, left = np.zeros(attribution.shape, bool), np.zeros(attribution.shape), list(masks)
    while left := [mask for mask in left if (mask & ~taken).sum() >= smallest]:
        best = max(left, key=lambda mask: attribution[mask & ~taken].mean())
        found[best & ~taken] = attribution[best & ~taken].mean()
        taken |= best
    if not taken.all():
        found[~taken] = attribution[~taken].mean()
    return found


def random_masks(count: int, size: int, rng: np.random.Generator) -> list[np.ndarray]:
    masks = []
    for _ in range(count):
        top, left, height, width = rng.integers(0, size // 2, 4)
        masks.append(np.zeros((size, size), bool))
        masks[-1][top : top + height + 1, left : left + width + 1] = True
    return masks


@pytest.mark.quick
@pytest.mark.parametrize("smallest", [1, 10, 50])
@pytest.mark.parametrize("seed", range(4))
def test_regions_are_those_of_algorithm_1(smallest: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    attribution, masks = rng.normal(size=(40, 40)), random_masks(60, 40, rng)
    *_, (found, share) = regions(attribution, masks, smallest)
    np.testing.assert_allclose(found, algorithm_1(attribution, masks, smallest), rtol=1e-12, atol=1e-12)
    assert share == 1
    assert found.sum() == pytest.approx(attribution.sum(), abs=1e-9)


@pytest.mark.quick
def test_regions_come_one_by_one() -> None:
    attribution = np.repeat([[5.0, -1.0, 2.0, 0.0]], 4, axis=0)
    masks = [np.arange(4) == column for column in range(4)]
    masks = [np.broadcast_to(mask, (4, 4)) for mask in masks]
    rows = [(found[0].tolist(), share) for found, share in regions(attribution, masks, 1)]
    third = pytest.approx(1 / 3)
    assert rows == [
        ([5, third, third, third], 0.25),
        ([5, -0.5, 2, -0.5], 0.5),
        ([5, -1, 2, 0], 0.75),
        ([5, -1, 2, 0], 1.0),
    ]


@pytest.mark.quick
def test_no_region_at_all_leaves_the_mean() -> None:
    attribution = np.arange(16.0).reshape(4, 4)
    ((found, share),) = regions(attribution, [], 1)
    assert np.all(found == 7.5)
    assert share == 1


def squares(size: int) -> np.ndarray:
    """A red and a green square on blue."""
    picture = np.zeros((size, size, 3), np.uint8)
    picture[..., 2] = 200
    unit = size // 8
    picture[unit : 3 * unit, unit : 3 * unit] = (250, 20, 20)
    picture[4 * unit : 7 * unit, 4 * unit : 7 * unit] = (20, 250, 20)
    return picture


def noisy_squares(size: int) -> np.ndarray:
    return np.clip(squares(size) + np.random.default_rng(0).normal(0, 4, (size, size, 3)), 0, 255).astype(np.uint8)


@pytest.mark.quick
def test_dilation_is_that_of_scikit_image() -> None:
    mask = np.zeros((30, 40), bool)
    mask[3:9, 20:36] = mask[7:20, 22] = True
    box = slice(3, 20), slice(20, 36)
    np.testing.assert_array_equal(dilated(mask, box), dilation(mask, disk(5)))


def test_segments_at_the_papers_size_are_those_of_scikit_image() -> None:
    picture = noisy_squares(224)
    values = 2 * (picture - float(picture.min())) / np.ptp(picture.astype(float)) - 1
    expected = []
    for scale in (50, 100, 150, 250, 500, 1200):
        labels = felzenszwalb(values, scale=scale, sigma=0.8, min_size=50)
        expected += [dilation(labels == label, disk(5)) for label in range(labels.max() + 1)]
    found = segments(picture)
    assert len(found) == len(expected)
    assert all(np.array_equal(one, other) for one, other in zip(found, expected, strict=True))


@pytest.mark.parametrize("shape", [(8, 8), (28, 28), (60, 100), (300, 180)])
def test_segments_of_pictures_of_any_size_cover_them_at_each_scale(shape: tuple[int, int]) -> None:
    picture = np.random.default_rng(0).integers(0, 256, (*shape, 3)).astype(np.uint8)
    found = segments(picture)
    assert all(mask.shape == shape and mask.dtype == bool for mask in found)
    assert (np.sum(found, axis=0) >= len(SCALES)).all()


@pytest.mark.quick
def test_a_constant_picture_is_one_segment() -> None:
    found = segments(np.full((50, 50, 3), 7, np.uint8))
    assert len(found) == len(SCALES)
    assert all(mask.all() for mask in found)


@pytest.mark.parametrize("size", [32, 224])
def test_a_net_that_reads_one_square_gets_that_square(size: int) -> None:
    """IG of a linear net is w (x - b); its mean over black and white is w (x - (black + white) / 2)."""
    picture, unit = squares(size), size // 8
    weights = np.zeros((size, size, 3))
    weights[4 * unit : 7 * unit, 4 * unit : 7 * unit, 1] = 1
    model = nets.linear(weights)
    found = explain(model, picture, "xrai", filters=0, steps=2)
    inside = weights[..., 1] > 0
    around = dilation(inside, disk(6))  # segments are dilated by 5
    assert found.values[inside].min() > 20
    assert np.abs(found.values[~around]).max() < 1e-3
    pixels = (weights * (picture - 127.5)).sum(-1)
    assert found.values.sum(dtype=np.float64) == pytest.approx(pixels.sum(), rel=1e-5)
    *_, (expected, _) = regions(pixels, segments(picture), max(1, round(50 * size**2 / 224**2)))
    np.testing.assert_allclose(found.values, expected, rtol=1e-4, atol=1e-4)
    assert any(note.endswith("segments at 6 scales") for note in found.notes)


def test_partial_answers_do_not_depend_on_the_step(monkeypatch: pytest.MonkeyPatch) -> None:
    picture = noisy_squares(32)
    model = models.fill(models.in_a_row((32, 32, 3), *models.parts()))
    whole = explain(model, picture, "xrai", filters=0)
    for most, steps in ((16, 4), (7, 8)):
        monkeypatch.setattr("salwidget.engine.batch_size.MOST", most)
        parts = refined(model, picture, "xrai")
        assert_refines(parts, whole, steps=2 * steps + 1)
        # Four fifths of the work for the gradients of two baselines, the rest for the regions.
        seen = [min(most * step, 50) / 50 for step in range(1, steps + 1)]
        shares = [0.4 * share for share in seen] + [0.4 + 0.4 * share for share in seen]
        assert [part.progress for part in parts[: 2 * steps]] == pytest.approx(shares)


def test_before_the_regions_it_shows_the_mean_of_two_integrated_gradients() -> None:
    picture = noisy_squares(32)
    model = models.fill(models.in_a_row((32, 32, 3), *models.parts()))
    black, white = (
        explain(model, picture, "integrated_gradients", filters=0, baseline=name).values for name in ("black", "white")
    )
    (last,) = (part for part in refined(model, picture, "xrai") if part.progress == pytest.approx(0.8))
    np.testing.assert_allclose(last.values, (black + white) / 2, rtol=1e-4, atol=1e-5 * np.abs(black).max())


def test_modifiers_change_it() -> None:
    plain, guided = (
        explain(models.functional(), image(), "xrai", filters=0, backprop_modifier=how) for how in (None, "guided")
    )
    assert plain.values.shape == (8, 8)
    assert np.abs(guided.values - plain.values).max() > 1e-2 * np.abs(plain.values).max()


@pytest.mark.quick
@pytest.mark.parametrize(("kind", "word"), [("signal", "a signal"), ("volume", "a volume")])
def test_only_images_have_segments(kind: str, word: str) -> None:
    shape = nets.SHAPES[kind]
    with pytest.raises(ValueError, match=f"XRAI needs an image to segment, and input .* is {word}; use 'integrated_gradients'"):
        explain(nets.smooth(shape), image(shape, dtype="float64"), "xrai", filters=0)
