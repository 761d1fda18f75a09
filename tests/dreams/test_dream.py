"""The front door: arguments, frames, pausing, seeds and files."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from PIL import Image

import salwidget
from salwidget import Unit
from salwidget.dreams import Dream, Fourier, Jitter, LpNorm, Rotate, TotalVariation, ascent, dream
from tests import models
from tests.models import SHAPE

pytestmark = pytest.mark.slow

MODEL = functools.cache(models.functional)


def film(made: Dream, chunks: list[int] | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Images and scores of all steps, pausing after each chunk."""
    frames = []
    for count in chunks or [made.steps]:
        frames += [next(made) for _ in range(count)]
    return np.stack([frame.images for frame in frames]), np.stack([frame.scores for frame in frames])


def test_frames_come_in_order_and_hold_what_the_dream_holds() -> None:
    made = dream(MODEL(), filters=[1, 2], steps=12)
    assert made.step == 0
    assert made.scores.shape == (0, 2)
    for place, frame in enumerate(made, 1):
        assert (frame.step, frame.steps, made.step) == (place, 12, place)
        assert frame.images.shape == (2, *SHAPE)
        assert frame.images.dtype == frame.scores.dtype == np.float32
        assert frame.picture.shape == (2, 8, 8, 3)
        assert frame.picture.dtype == np.uint8
        np.testing.assert_array_equal(frame.image, made.image)
        np.testing.assert_array_equal(frame.scores, made.scores[-1])
    assert place == made.step == 12
    assert made.scores.shape == (12, 2)
    assert next(made, None) is None
    assert made.run() is made


def test_one_filter_is_one_image_and_a_list_is_one_each() -> None:
    for filters, several, shape in [(1, None, SHAPE), ([1], None, (1, *SHAPE)), (None, None, SHAPE), (1, 2, (2, *SHAPE))]:
        made = dream(MODEL(), "conv2", filters, steps=2, batch=several).run()
        assert made.image.shape == shape
        assert made.picture.shape == (*shape[:-1], 3)
        assert made.scores.shape == ((2,) if shape == SHAPE else (2, shape[0]))
        assert np.shape(made.evaluated()) == (() if shape == SHAPE else (shape[0],))
        assert len(made.titles) == (1 if shape == SHAPE else shape[0])


@pytest.mark.parametrize("looped", [True, False])
def test_pausing_changes_nothing_bit_for_bit(looped: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the compiled loop and one step at a time; how many steps fit into a call depends on the clock."""
    if not looped:
        monkeypatch.setattr(ascent, "MOST_OPERATIONS", 0)
    ask = functools.partial(dream, models.functional(), filters=[1, 3], steps=45, seed=3, regularizers=TotalVariation(2))
    images, scores = film(ask())
    for chunks in ([1] * 45, [44, 1], [7, 20, 18]):
        again, marks = film(ask(), chunks)
        np.testing.assert_array_equal(again, images)
        np.testing.assert_array_equal(marks, scores)
    for chunk in (1, 9, 45):
        climbed = ask()._ascent
        assert (climbed._slope._looped is not None) == looped
        parts = [climbed.advance(first, chunk) for first in range(0, 45, chunk)]
        np.testing.assert_array_equal(np.concatenate([part for _, (part,) in parts]), images)
        np.testing.assert_array_equal(np.concatenate([part for part, _ in parts]), scores)


@pytest.mark.parametrize("parametrization", ["fourier", "pixels"])
def test_dreams_that_take_turns_do_not_see_each_other(parametrization: str) -> None:
    """They step on one compiled slope, whose variables are those of the one that stepped last."""
    ask = functools.partial(dream, MODEL(), steps=12, optimizer="rmsprop", parametrization=parametrization)
    wanted = [film(ask(filters=[1], seed=0)), film(ask(filters=[2], seed=7))]
    turns = [ask(filters=[1], seed=0), ask(filters=[2], seed=7)]
    assert turns[0]._ascent._slope is turns[1]._ascent._slope
    ways = [[], []]
    for _ in range(12):
        for way, turn in zip(ways, turns, strict=True):
            turn._at_once = 1
            way.append(next(turn).images)
    for way, (images, _) in zip(ways, wanted, strict=True):
        np.testing.assert_array_equal(np.array(way), images)


def test_steps_beyond_a_call_of_any_length_are_traced_once() -> None:
    made = dream(MODEL(), filters=1, steps=60)._ascent
    for first, steps in [(0, 1), (1, 2), (3, 7), (10, 13), (23, 30)]:
        made.advance(first, steps)
    dream(MODEL(), filters=2, seed=3, steps=5).run()
    looped = made._slope._looped
    assert looped is not None
    assert looped.experimental_get_tracing_count() == 1, "another filter and seed differ in numbers only"


@pytest.mark.quick
def test_a_resumed_dream_is_the_longer_dream() -> None:
    whole = dream(MODEL(), filters=1, steps=30).run()
    parts = dream(MODEL(), filters=1, steps=8).run().resume(10)
    assert (parts.step, parts.steps) == (18, 18)
    assert parts.resume().step == 18
    next(parts, None)
    parts.resume(12)
    np.testing.assert_array_equal(parts.image, whole.image)
    np.testing.assert_array_equal(parts.scores, whole.scores)
    early = dream(MODEL(), filters=1, steps=20)
    next(early)
    assert early.resume(10).step == 30
    np.testing.assert_array_equal(early.image, whole.image)
    for bad in (-1, 1.5, "a", True, float("nan")):
        with pytest.raises(ValueError, match=r"steps=.* is out of range; use a whole number, 0 or more"):
            parts.resume(bad)  # type: ignore[arg-type]


@pytest.mark.parametrize("parametrization", ["fourier", "pixels", "maco"])
def test_a_seed_gives_the_same_dream_bit_for_bit_and_another_seed_another(parametrization: str) -> None:
    one, same, other = (
        film(dream(MODEL(), filters=1, steps=15, seed=seed, parametrization=parametrization)) for seed in (4, 4, 5)
    )
    np.testing.assert_array_equal(one[0], same[0])
    np.testing.assert_array_equal(one[1], same[1])
    assert all(np.abs(a - b).max() > 1e-3 for a, b in zip(one[0], other[0], strict=True))


def test_a_start_is_where_it_begins() -> None:
    start = np.random.default_rng(0).uniform(0.1, 0.9, SHAPE).astype(np.float32)
    first = next(dream(MODEL(), filters=1, steps=2, start=start))
    np.testing.assert_allclose(first.image, start, atol=1e-5)
    photo = (start * 255).astype(np.uint8)
    made = dream(MODEL(), filters=1, steps=2, start=photo, preprocess=lambda x: x / 255)
    np.testing.assert_allclose(next(made).image, photo, atol=255 * 1 / 255 + 0.01)
    signed = dream(MODEL(), filters=1, steps=2, start=2 * start - 1)
    np.testing.assert_allclose(next(signed).image, 2 * start - 1, atol=1e-4)
    assert dream(MODEL(), filters=1, steps=2, batch=3, start=start).run().image.shape == (3, *SHAPE)


def test_the_range_is_what_is_displayed_and_fed() -> None:
    made = dream(MODEL(), filters=1, steps=30, input_range=(-3, 5), transforms=None).run()
    assert -3 <= made.image.min() < made.image.max() <= 5
    assert np.ptp(made.image) > 1
    assert made.evaluated() == pytest.approx(models.values_of(models.without_final(), made.image[None])[0, 1], abs=1e-4)
    np.testing.assert_allclose(made.picture[..., 0], np.round((made.image[..., 0] + 3) / 8 * 255), atol=1)


def test_an_optimizer_is_neither_used_nor_changed() -> None:
    mine = keras.optimizers.Adam(keras.optimizers.schedules.ExponentialDecay(0.1, 5, 0.5), beta_1=0.5)
    before = mine.get_config()
    one, two = (dream(MODEL(), filters=1, steps=10, optimizer=mine).run() for _ in range(2))
    np.testing.assert_array_equal(one.image, two.image)
    assert mine.get_config() == before
    assert not mine.built
    assert int(mine.iterations) == 0
    other = dream(MODEL(), filters=1, steps=10, optimizer="adam").run()
    assert np.abs(other.image - one.image).max() > 1e-3
    for name in ("sgd", "rmsprop", "adamw", "lion"):
        assert np.isfinite(dream(MODEL(), filters=1, steps=3, optimizer=name).run().image).all()


def test_nan_stops_with_a_sentence_and_keeps_the_last_good_image() -> None:
    made = dream(MODEL(), filters=1, steps=50, objective=None, optimizer=keras.optimizers.SGD(float("inf")))
    good = next(made)
    for _ in range(2):
        with pytest.raises(ValueError, match=r"The dream of layer 6 dense.* became NaN or infinite at step 2; its last good"):
            made.run()
    np.testing.assert_array_equal(made.image, good.image)
    assert made.step == len(made.scores) == 1
    broken = models.functional()
    broken.get_layer("dense").bias.assign([np.nan] * models.CLASSES)
    at_once = dream(broken, filters=1, steps=5)
    with pytest.raises(ValueError, match=r"became NaN or infinite at step 1; .* or check the model's weights"):
        at_once.run()
    assert np.isfinite(at_once.image).all()


def test_weights_that_are_set_between_two_dreams_count_from_the_first_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """However soon: a dream that goes on looks twice a second, one that begins or is resumed looks at once."""
    monkeypatch.setattr("salwidget.dreams.ascent.RECHECK", 1e6)
    norm = keras.layers.BatchNormalization()  # is folded into the convolution, anew when it has changed
    still = keras.layers.Conv2D(4, 3, kernel_initializer="zeros")
    model = keras.Sequential([keras.Input((8, 8, 3)), still, norm, keras.layers.GlobalAveragePooling2D()])
    made = dream(model, filters=1, steps=2).run()
    norm.beta.assign_add([7.0] * 4)
    made.resume(1)
    assert [each.item() for each in made.scores] == [0, 0, 7]
    norm.beta.assign_add([7.0] * 4)
    other = dream(model, filters=1, steps=1).run()
    assert other.scores[0].item() == 14


@pytest.mark.parametrize("filters", [1, [0, 1, 2]])
def test_saved_pictures_and_films_open(filters: Any, tmp_path: Path) -> None:
    made = dream(MODEL(), filters=filters, steps=7)
    with pytest.raises(ValueError, match="has taken no step yet: run"):
        made.save(tmp_path / "a.gif")
    made.run().save(tmp_path / "a.png")
    made.save(str(tmp_path / "a.gif"))
    width = 8 if filters == 1 else 3 * 8 + 2 * 4
    with Image.open(tmp_path / "a.png") as picture:
        assert picture.size == (width, 8)
        np.testing.assert_array_equal(np.asarray(picture)[:8, :8], made.picture if filters == 1 else made.picture[0])
    with Image.open(tmp_path / "a.gif") as moving:
        assert moving.size == (width, 8)
        assert moving.n_frames > 2
    assert made._repr_png_() == (tmp_path / "a.png").read_bytes()
    for bad in ("a.jpg", "a"):
        with pytest.raises(ValueError, match=r"A dream is saved as \.png or \.gif, not"):
            made.save(tmp_path / bad)


def test_the_history_is_bounded_and_evenly_spaced() -> None:
    made = dream(MODEL(), filters=1, steps=400).run()
    steps = [step for step, _ in made.history.entries]
    assert 20 < len(steps) <= 96
    assert set(np.diff(steps)) == {steps[1] - steps[0]}
    assert steps[0] == 1


CALLS: list[dict[str, Any]] = [
    {"filters": 1},
    {"layer": "conv2", "filters": [0, 3], "seed": 3},
    {"filters": np.array([1, 2]), "steps": np.int64(6)},
    {"filters": range(2), "transforms": None, "regularizers": None},
    {"filters": np.int64(1), "score": "probability", "parametrization": "maco"},
    {"objective": Unit(filters=1) - 0.5 * Unit("conv2", 3, cell=(1, 2))},
    {"objective": [Unit(filters=1).near(2), (Unit(filters=1) - Unit(filters=2)).near(-0.5)]},
    {
        "parametrization": Fourier(0.5),
        "transforms": [Jitter(0.2), Rotate(5)],
        "regularizers": [TotalVariation(2.0), LpNorm(1.0, 4)],
    },
    {"filters": 2, "batch": 2, "input_range": (-1, 1), "optimizer": "sgd", "transforms": Jitter(0.1), "size": (8, 8)},
]


@pytest.mark.parametrize("asked", CALLS, ids=lambda asked: ", ".join(asked))
def test_copied_python_gives_the_same_image(asked: dict[str, Any]) -> None:
    made = dream(MODEL(), **{"steps": 5, **asked}).run()
    again = eval(made.as_python(), {"salwidget": salwidget, "model": MODEL()})
    np.testing.assert_array_equal(again.image, made.image)
    assert again.titles == made.titles


@pytest.mark.quick
def test_copied_python_names_what_only_the_person_has() -> None:
    given = {
        "start": np.zeros(SHAPE),
        "preprocess": lambda x: 2 * x,
        "optimizer": keras.optimizers.Adam(0.1),
        "transforms": [abs],
    }
    made = dream(MODEL(), filters=1, **given)
    words = ("model", "filters=1", "transforms=[abs]", "optimizer=optimizer", "start=start", "preprocess=preprocess")
    assert made.as_python() == "salwidget.dream(\n" + "".join(f"    {word},\n" for word in words) + ").run()"


def test_notes_say_what_a_person_would_want_to_know() -> None:
    assert any("all 4 outputs at once" in note for note in dream(MODEL(), steps=1).notes)
    assert not any("at once" in note for note in dream(MODEL(), filters=1, steps=1).notes)
    asleep = models.functional()
    kernel, bias = asleep.get_layer("conv1").get_weights()
    asleep.get_layer("conv1").set_weights([kernel * 0, bias * 0 - 1])
    made = dream(asleep, "gate", [0, 1], steps=3).run()
    assert "gradient is zero for" in made.notes[-1]
    assert not any("no slope" in note for note in dream(MODEL(), filters=1, steps=3).run().notes)
