"""The demo is what it says: small, and the background decides for the biased model but not for its twin."""

from __future__ import annotations

import subprocess
import sys
from importlib import resources
from typing import Any

import numpy as np
import pytest

from salwidget.demo import Demo, SnowTest, digits, snow_test
from salwidget.demo.animals import animal, draw, placed
from salwidget.demo.scenes import scene

SPECIES = ("beagle", "wolf")
ANIMALS = 120
# Training and everything that was tuned used other seeds; these animals decide nothing but this test.
FRESH = 20_260


@pytest.fixture(scope="module")
def snow() -> SnowTest:
    return snow_test()


@pytest.fixture(scope="module")
def fresh() -> dict[str, np.ndarray]:
    """New animals, one after the other a beagle and a wolf: on grass, the same on snow, and their masks."""
    grass, in_snow, masks = [], [], []
    for number in range(ANIMALS):
        rng = np.random.default_rng((FRESH, number))
        figure = animal(rng, SPECIES[number % 2])
        image, mask = placed(figure, scene(rng, "grass"))
        grass.append(image)
        masks.append(mask)
        in_snow.append(placed(figure, scene(rng, "snow"))[0])
    return {"grass": np.array(grass), "snow": np.array(in_snow), "masks": np.array(masks)}


def predicted(demo: Demo, images: np.ndarray) -> Any:
    images = images.astype(np.float32) / 255 if images.dtype == np.uint8 else images
    return demo.model.predict(images, verbose=0).argmax(axis=1)


def test_everything_that_ships_is_under_two_megabytes() -> None:
    files = [*resources.files("salwidget.demo").joinpath("data").iterdir()]
    names = {file.name for file in files}
    assert names == {"digits.keras", "digits.npz", "snow_biased.keras", "snow_fair.keras", "snow_test.npz"}
    assert sum(len(file.read_bytes()) for file in files) < 2_000_000


def test_the_import_is_cheap() -> None:
    heavy = "{'keras', 'tensorflow', 'PIL', 'sklearn'} & set(sys.modules)"
    code = f"import sys, salwidget.demo; print({heavy})"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.strip() == "set()"


def test_the_background_decides_for_the_biased_model(snow: SnowTest, fresh: dict[str, np.ndarray]) -> None:
    on_grass, on_snow = predicted(snow.biased, fresh["grass"]), predicted(snow.biased, fresh["snow"])
    assert np.mean(on_grass != on_snow) >= 0.8
    species = np.arange(ANIMALS) % 2
    as_trained = np.where(species == 1, on_snow, on_grass)
    assert np.mean(as_trained == species) >= 0.95


def test_the_animal_decides_for_the_fair_twin(snow: SnowTest, fresh: dict[str, np.ndarray]) -> None:
    on_grass, on_snow = predicted(snow.fair, fresh["grass"]), predicted(snow.fair, fresh["snow"])
    assert np.mean(on_grass != on_snow) <= 0.05
    species = np.arange(ANIMALS) % 2
    assert np.mean(on_grass == species) >= 0.95
    assert np.mean(on_snow == species) >= 0.95


def test_a_swap_under_the_mask_alone_flips_the_biased_model(snow: SnowTest, fresh: dict[str, np.ndarray]) -> None:
    # As a person does it in the widget: keep the pixels of the mask, half-covered edges included, replace the others.
    swapped = np.where(fresh["masks"][..., None], fresh["grass"], fresh["snow"])
    flipped = {
        name: np.mean(predicted(demo, fresh["grass"]) != predicted(demo, swapped))
        for name, demo in (("biased", snow.biased), ("fair", snow.fair))
    }
    assert flipped["biased"] >= 0.8
    assert flipped["fair"] <= 0.05


def test_the_first_shipped_pair_tells_the_story(snow: SnowTest) -> None:
    assert snow.biased.labels[snow.biased.classes[0]] == "wolf"
    assert snow.backgrounds[:2] == ["grass", "snow"]
    assert predicted(snow.biased, snow.biased.images[:2]).tolist() == [0, 1]
    assert predicted(snow.fair, snow.fair.images[:2]).tolist() == [1, 1]


def test_shipped_images_are_what_the_models_take(snow: SnowTest) -> None:
    for demo in (snow.biased, snow.fair, digits()):
        n = len(demo.images)
        assert demo.images.dtype == np.float32
        assert 0 <= demo.images.min() < demo.images.max() <= 1
        assert demo.images.shape[1:] == demo.model.input_shape[1:]
        assert demo.model.output_shape[1] == len(demo.labels)
        assert demo.classes.shape == (n,)
        assert demo.model.count_params() <= 100_000
    assert [demo.model.name for demo in (snow.biased, snow.fair)] == ["snow_biased", "snow_fair"]
    assert len(snow.backgrounds) == len(snow.biased.images) == 12


def test_shipped_pairs_show_one_animal(snow: SnowTest) -> None:
    masks = snow.fair.masks
    assert masks is not None
    assert masks.dtype == bool
    assert np.array_equal(masks[0::2], masks[1::2])
    assert np.array_equal(snow.fair.classes[0::2], snow.fair.classes[1::2])


def test_masks_hold_the_animal_and_nothing_else(fresh: dict[str, np.ndarray]) -> None:
    share = fresh["masks"].mean(axis=(1, 2))
    assert share.min() > 0.15
    assert share.max() < 0.40
    assert 0.20 < share.mean() < 0.35
    border = np.ones((64, 64), bool)
    border[1:-1, 1:-1] = False
    assert fresh["masks"][:, border].mean() < 0.01


@pytest.mark.parametrize("ground", ["grass", "snow"])
def test_outside_the_mask_the_scene_is_untouched(ground: str) -> None:
    for number in range(10):
        for_animal, for_scene = np.random.default_rng((FRESH, number)).spawn(2)
        image, mask = draw(np.random.default_rng((FRESH, number)), SPECIES[number % 2], ground)
        empty = scene(for_scene, ground)
        assert np.array_equal(image[~mask], empty[~mask])
        assert np.array_equal(mask, animal(for_animal, SPECIES[number % 2])[1] > 0)
        assert np.any(image[mask] != empty[mask], axis=1).mean() > 0.95


@pytest.mark.parametrize("species", SPECIES)
def test_drawing_repeats_under_a_seed(species: str) -> None:
    first, again, other = (draw(np.random.default_rng(seed), species, "snow") for seed in (5, 5, 6))
    assert np.array_equal(first[0], again[0])
    assert np.array_equal(first[1], again[1])
    assert not np.array_equal(first[0], other[0])


def test_digits_are_read() -> None:
    pytest.importorskip("sklearn")
    from salwidget.demo.train import split_digits

    _, held_out, _, classes = split_digits()
    assert len(held_out) == 360
    assert np.mean(predicted(digits(), held_out) == classes) >= 0.97


def test_shipped_digits_hold_one_that_is_read_of_each_and_a_mistake() -> None:
    demo = digits()
    assert demo.masks is None
    assert demo.classes.tolist() == np.repeat(np.arange(10), 2).tolist()
    read = predicted(demo, demo.images) == demo.classes
    assert read[0::2].all()
    assert not read[1::2].all()
    assert read.mean() >= 0.8
