"""What replacements put into a region: closed forms, and linear imputation against a dense solve written out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from scipy import ndimage

from salwidget import REPLACEMENTS, Replacement, open_network, replacement
from salwidget.evidence import rectangle
from salwidget.evidence.contract import replacement_of
from salwidget.evidence.imputation import Imputation
from salwidget.images import picture_of
from salwidget.options import Number
from tests import models

SIZE = (8, 8)
INSIDE = rectangle(SIZE, 2, 1, 3, 4)
IMAGE = np.random.default_rng(0).uniform(0, 1, (*SIZE, 2))


@pytest.fixture(scope="module")
def network() -> Any:
    model = models.functional()
    opened = open_network(model)
    opened.kept_by_test = model
    return opened


@pytest.fixture
def filled(network: Any) -> Any:
    def filled(name: str, image: Any = IMAGE, region: np.ndarray = INSIDE, seed: int = 0, **options: Any) -> np.ndarray:
        picture = picture_of(image, (*SIZE, np.shape(image)[-1]))
        found = replacement_of(name, picture, options, seed, network).edited(region)
        np.testing.assert_array_equal(found[~region], picture.given[~region])
        return found[region]

    return filled


def dense(image: np.ndarray, missing: np.ndarray) -> np.ndarray:
    """Every missing pixel's equation in words, solved as one full matrix."""
    places = [tuple(place) for place in np.argwhere(missing)]
    matrix, right = np.zeros((len(places), len(places))), np.zeros((len(places), image.shape[-1]))
    for number, (row, column) in enumerate(places):
        for down in (-1, 0, 1):
            for across in (-1, 0, 1):
                other = row + down, column + across
                if (down, across) == (0, 0) or not (0 <= other[0] < image.shape[0] and 0 <= other[1] < image.shape[1]):
                    continue
                weight = 1 / 6 if 0 in (down, across) else 1 / 12
                matrix[number, number] += weight
                if missing[other]:
                    matrix[number, places.index(other)] -= weight
                else:
                    right[number] += weight * image[other]
    return np.linalg.solve(matrix, right)


@pytest.mark.parametrize("seed", range(10))
def test_neighbours_solve_the_dense_system(filled: Any, seed: int) -> None:
    missing = np.random.default_rng(seed).random(SIZE) < (0.2, 0.5, 0.9)[seed % 3]
    found = filled("neighbours", region=missing, noise=0)
    np.testing.assert_allclose(found, dense(IMAGE, missing), rtol=1e-9, atol=1e-12)


def test_regions_of_one_shape_share_a_factorization() -> None:
    impute = Imputation()
    for x, y in ((1, 1), (3, 2), (2, 4), (0, 3), (6, 5), (5, 5)):
        missing = rectangle(SIZE, x, y, 2, 3)
        np.testing.assert_allclose(impute(IMAGE, missing)[missing], dense(IMAGE, missing), rtol=1e-9)
    assert len(impute._solvers) == 4  # inside, at the left edge, at the corner, at the lower edge


def test_neighbours_add_noise_of_the_given_spread(filled: Any) -> None:
    region = np.ones(SIZE, bool)
    region[0] = False
    grey = np.full((*SIZE, 2), 0.5)
    grey[0, 0], grey[0, 1] = 0, 1  # so that white is 1
    added = filled("neighbours", grey, region, noise=0.1) - filled("neighbours", grey, region, noise=0)
    assert added.std() == pytest.approx(0.1, rel=0.2)
    np.testing.assert_array_equal(filled("neighbours", seed=3), filled("neighbours", seed=3))
    assert np.abs(filled("neighbours", seed=3) - filled("neighbours", seed=4)).max() > 0


def test_blur_is_a_gaussian_of_a_twentieth_of_the_side(filled: Any) -> None:
    for sigma, options in ((8 / 20, {}), (2.0, {"sigma": 2})):
        channels = [ndimage.gaussian_filter(IMAGE[..., each], sigma, mode="nearest") for each in (0, 1)]
        np.testing.assert_allclose(filled("blur", **options), np.stack(channels, -1)[INSIDE], rtol=1e-12)


def test_mean_is_that_of_the_image_outside(filled: Any) -> None:
    outside = [IMAGE[row, column] for row in range(8) for column in range(8) if not INSIDE[row, column]]
    np.testing.assert_allclose(filled("mean"), np.tile(np.sum(outside, 0) / len(outside), (12, 1)), rtol=1e-12)


def test_a_colour_is_as_displayed(filled: Any) -> None:
    assert np.all(filled("colour") == 0.5)
    assert np.all(filled("colour", colour=0.25) == 0.25)
    assert np.all(filled("colour", colour=(0.25, 1)) == (0.25, 1))
    assert np.all(filled("colour", np.full((8, 8, 3), 90, np.uint8), colour=(300, 7.6, -3)) == (255, 8, 0))
    with pytest.raises(ValueError, match="colour has 3 numbers, but the image has 2 channels"):
        filled("colour", colour=(1, 2, 3))
    with pytest.raises(ValueError, match="colour='red' is no colour"):
        filled("colour", colour="red")


def test_noise_has_the_spread_of_the_outside(filled: Any) -> None:
    region = np.ones(SIZE, bool)
    region[:2] = False
    outside = IMAGE[:2].reshape(-1, 2)
    draws = np.concatenate([filled("noise", region=region, seed=seed) for seed in range(50)])
    wide = [np.clip(np.random.default_rng(9).normal(outside[:, c].mean(), outside[:, c].std(), 100_000), 0, 1) for c in (0, 1)]
    np.testing.assert_allclose(draws.mean(0), [each.mean() for each in wide], atol=0.02)
    np.testing.assert_allclose(draws.std(0), [each.std() for each in wide], atol=0.02)


def test_another_image_gives_its_own_pixels(filled: Any, tmp_path: Path) -> None:
    other = np.random.default_rng(1).uniform(0, 1, (*SIZE, 2))
    np.testing.assert_array_equal(filled("image", other=other), other[INSIDE])
    picture = np.random.default_rng(2).integers(0, 256, (*SIZE, 3), np.uint8)
    Image.fromarray(picture).save(tmp_path / "other.png")
    np.testing.assert_array_equal(filled("image", 0 * picture, other=tmp_path / "other.png"), picture[INSIDE])
    np.testing.assert_allclose(
        filled("image", np.linspace(0, 1, 192).reshape(8, 8, 3), other=picture), picture[INSIDE] / 255, rtol=1e-12
    )
    with pytest.raises(ValueError, match="needs the other image"):
        filled("image")
    with pytest.raises(ValueError, match="the image has"):
        filled("image", other=np.zeros((3, 3, 2)))


@pytest.mark.parametrize("name", ["mean", "noise", "neighbours"])
def test_what_is_made_of_the_outside_cannot_cover_all(filled: Any, name: str) -> None:
    with pytest.raises(ValueError, match="the whole image is: use 'blur' or 'colour'"):
        filled(name, region=np.ones(SIZE, bool))


def test_unknown_names_and_options_are_told(filled: Any) -> None:
    with pytest.raises(ValueError, match="replace='grey' is not known; use one of 'blur', 'mean', 'colour', 'noise'"):
        filled("grey")
    with pytest.raises(TypeError, match="replacement 'mean' has no option 'sigma'; it takes none"):
        filled("mean", sigma=3)
    with pytest.raises(ValueError, match="sigma=-1 is out of range"):
        filled("blur", sigma=-1)


@pytest.fixture
def stripes() -> Iterator[type[Replacement]]:
    @replacement
    class Stripes(Replacement):
        name = "stripes"
        title = "Stripes"
        sentence = "Black and white, row by row."
        limits = "Only a test."
        width = Number("width", 1, 1, 8)

        def fill(self, region: np.ndarray) -> np.ndarray:
            rows = np.arange(len(region)) // self.options["width"] % 2
            return np.array(self.range)[rows][:, None, None]

    yield Stripes
    del REPLACEMENTS["stripes"]


@pytest.mark.usefixtures("stripes")
def test_a_person_s_own_is_one_among_them(filled: Any) -> None:
    low, high = 0, 1
    rows = np.nonzero(INSIDE)[0]
    np.testing.assert_array_equal(filled("stripes")[:, 0], np.where(rows % 2, high, low))
    np.testing.assert_array_equal(filled("stripes", width=2)[:, 1], np.where(rows // 2 % 2, high, low))


def test_every_replacement_declares_what_the_page_shows() -> None:
    assert list(REPLACEMENTS) == ["blur", "mean", "colour", "noise", "neighbours", "image"]
    for name, each in REPLACEMENTS.items():
        assert each.name == name
        assert each.title
        assert each.sentence.endswith(".")
        assert each.limits.endswith(".")
        assert all(len(option.label) <= 14 for option in each.declared().values())
