"""Several inputs dreamed at once, against plain gradient ascent in NumPy and a tape, both in float64."""

from __future__ import annotations

import functools
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers
from PIL import Image

from salwidget import Unit
from salwidget.dreams import L2, Jitter, Rotate, TotalVariation, dream
from tests import models, zoo

pytestmark = pytest.mark.slow

RATE = 0.01
PLAIN: dict[str, Any] = {"parametrization": "pixels", "transforms": None, "optimizer": keras.optimizers.SGD(RATE)}
ALONG_A, ALONG_B = np.array([1.0, -2.0, 0.5]), np.array([0.3, 0.8])
BEGIN = {"a": np.array([0.1, 0.4, -0.2]), "b": np.array([0.4, -0.3])}


def uniform(shape: tuple[int, ...]) -> np.ndarray:
    return np.random.default_rng(7).uniform(0.1, 0.9, shape).astype(np.float32)


@functools.cache
def product() -> keras.Model:
    """S = (p . a) (q . b): the slope of each input is the other's doing."""
    a, b = keras.Input((3,), name="a"), keras.Input((2,), name="b")
    first, second = (layers.Dense(1, use_bias=False, name=name) for name in ("p", "q"))
    model = keras.Model([a, b], layers.Multiply()([first(a), second(b)]))
    model.set_weights([ALONG_A[:, None], ALONG_B[:, None]])
    return model


def climbed(
    steps: int, low: float = -np.inf, high: float = np.inf, scale: float = 1.0
) -> tuple[list[float], dict[str, np.ndarray]]:
    """Scores and the last inputs of ascent on both at once; one unit of a coordinate is ``scale`` of an input."""
    values, scores = dict(BEGIN), []
    for step in range(steps):
        a, b = values["a"], values["b"]
        scores.append(float((ALONG_A @ a) * (ALONG_B @ b)))
        if step + 1 < steps:
            moved = {"a": a + RATE * scale**2 * (ALONG_B @ b) * ALONG_A, "b": b + RATE * scale**2 * (ALONG_A @ a) * ALONG_B}
            values = {name: np.clip(each, low, high) for name, each in moved.items()}
    return scores, values


@pytest.mark.parametrize(
    ("given", "low", "high", "scale"),
    [
        ((-2, 3), -2, 3, 5),
        ((-0.35, 0.41), -0.35, 0.41, 0.76),
        ((-0.35, None), -0.35, np.inf, 1.35),
        ((None, 0.41), -np.inf, 0.41, 1.41),
        ((-float("inf"), 0.41), -np.inf, 0.41, 1.41),
        ((None, None), -np.inf, np.inf, 2),
    ],
)
def test_both_inputs_climb_together(given: Any, low: float, high: float, scale: float) -> None:
    """They are held where the range is closed; an open end is one of the range that the start has of itself, -1 to 1."""
    scores, values = climbed(12, low, high, scale)
    made = dream(product(), steps=12, start=BEGIN, input_range=given, **PLAIN).run()
    np.testing.assert_allclose(made.scores, scores, rtol=1e-3, atol=1e-6)
    assert list(made.image) == ["a", "b"]
    for name, each in values.items():
        np.testing.assert_allclose(made.image[name][:, 0], each, rtol=1e-3, atol=1e-6)
    assert made.evaluated() == pytest.approx(scores[-1], rel=1e-3)
    everything = np.concatenate(list(values.values()))
    assert np.isin([low, high], everything).any() == (given != (None, None)), "an end is reached"


def test_one_that_is_named_climbs_alone() -> None:
    made = dream(product(), steps=5, wrt="b", start=BEGIN, input_range=(-1, 1), **PLAIN).run()
    slope = float(ALONG_A @ BEGIN["a"]) * ALONG_B
    np.testing.assert_allclose(made.image[:, 0], BEGIN["b"] + 4 * RATE * 4 * slope, rtol=1e-5)
    listed = dream(product(), steps=5, wrt=[1], start=BEGIN, input_range=(-1, 1), **PLAIN).run()
    np.testing.assert_array_equal(listed.image["b"], made.image)
    assert list(listed.image) == ["b"]
    both = dream(product(), steps=5, wrt=["b", 0], start=BEGIN, input_range=(-1, 1), **PLAIN)
    assert list(next(both).image) == ["a", "b"], "in the model's order"


def two_towers() -> keras.Model:
    """Two images of different kinds, each with a convolution of its own; two outputs."""
    left, right = keras.Input((6, 7, 1), name="left"), keras.Input((8, 8, 3), name="right")
    towers = [
        layers.GlobalAveragePooling2D()(layers.Conv2D(4, 3, activation="softplus", name=f"of_{each.name}")(each))
        for each in (left, right)
    ]
    both = layers.Concatenate()([*towers, layers.Multiply()(towers)])
    return models.fill(keras.Model([left, right], [layers.Dense(3, name="classes")(both), layers.Dense(2, name="place")(both)]))


def in_float64(model: keras.Model) -> keras.Model:
    with models.float64():
        twin = two_towers()
    twin.set_weights(model.get_weights())
    return twin


def spectral(z: Any, shape: tuple[int, ...]) -> Any:
    """Numbers of half spectra (2, C, h, w) of grey images, as the documented formula has them."""
    grid = np.hypot(*np.meshgrid(np.fft.fftfreq(shape[0]), np.fft.rfftfreq(shape[1]), indexing="ij"))
    weights = 3.74 * (shape[0] * shape[1]) ** 0.25 / np.maximum(grid, 1 / max(shape))
    return tf.signal.irfft2d(tf.complex(z[0] * weights, z[1] * weights), shape)[0][..., None]


def test_each_input_has_its_own_coordinates_costs_and_range() -> None:
    """Four steps of plain ascent, of two outputs in one sum, by a tape in float64."""
    model, rate = two_towers(), 0.05
    twin, right = in_float64(model), uniform((8, 8, 3))
    made = dream(
        model,
        objective=Unit("classes", 1) - 2 * Unit("place", 0),
        steps=5,
        parametrization={"right": "pixels"},
        transforms=None,
        regularizers={"left": TotalVariation(3), "right": [L2(2)]},
        input_range={"left": (-1, None), "right": (0, 1)},
        start={"right": right},
        optimizer=keras.optimizers.SGD(rate),
        seed=2,
    )
    begin = np.random.default_rng(2).normal(0, 0.01, (2, 1, 6, 4)).astype(np.float32)
    z, x = tf.Variable(begin.astype(np.float64)), tf.Variable(right.astype(np.float64))
    for frame in made:
        with tf.GradientTape() as tape:
            grey = tf.math.softplus(spectral(z, (6, 7))) / np.log(4)
            shown = [(2 * grey - 1)[None], x[None]]
            classes, place = twin(shown)
            score = classes[0, 1] - 2 * place[0, 0]
            # Squared differences to the next pixel down and to the right, where there are both.
            down, across = grey[1:, :-1] - grey[:-1, :-1], grey[:-1, 1:] - grey[:-1, :-1]
            variation = tf.reduce_sum(down**2 + across**2) / (6 * 7)
            climb = score - 3 * variation - 2 * tf.reduce_mean((x - 0.5) ** 2)
        np.testing.assert_allclose(frame.images["left"][0], grey, atol=2e-5)
        np.testing.assert_allclose(frame.images["right"][0], x, atol=2e-5)
        np.testing.assert_allclose(frame.image["left"], 2 * grey - 1, atol=5e-5)
        assert frame.score == pytest.approx(float(score), rel=1e-4)
        for variable, slope in zip((z, x), tape.gradient(climb, (z, x)), strict=True):
            variable.assign_add(rate * slope)
        x.assign(tf.clip_by_value(x, 0, 1))
    assert frame.step == 5


def test_each_moves_by_the_step_that_suits_its_coordinates() -> None:
    """Adam's first step is its rate along every coordinate that has a slope."""
    made = dream(two_towers(), "classes", 1, steps=2, parametrization={"left": "pixels", "right": "maco"}, transforms=None)
    before = [each.copy() for each in made._ascent.state]
    made._ascent.advance(0, 1)
    after = [each.numpy() for each in made._ascent._slope._coordinates]
    for rate, old, new in zip((0.02, 0.3), before, after, strict=True):
        assert np.median(np.abs(new - old)) == pytest.approx(rate, rel=0.02)


def test_transforms_are_each_input_s_own_and_chance_is_that_of_each_alone() -> None:
    """By images that no move changes: the score of all is that of an image that stands still."""
    model = two_towers()
    still = {"left": np.full((6, 7, 1), 0.3, np.float32), "right": np.full((8, 8, 3), 0.6, np.float32)}
    moved = next(dream(model, filters=0, layer="classes", start=still, transforms={"left": [Jitter(0.3)]}, input_range=(0, 1)))
    plain = next(dream(model, filters=0, layer="classes", start=still, transforms=None, input_range=(0, 1)))
    assert moved.score == pytest.approx(plain.score, abs=1e-5)
    start = {"right": uniform((8, 8, 3))}
    asked = {"layer": "classes", "filters": 0, "start": start, "input_range": (0, 1), "transforms": [Jitter(0.2), Rotate(20)]}
    both = next(dream(model, **{**asked, "transforms": {"left": asked["transforms"], "right": None}}))
    left = next(dream(model, wrt="left", **asked))
    np.testing.assert_array_equal(both.images["left"], left.images)
    assert both.score == pytest.approx(left.score, abs=1e-5), "the second input's chance is not in the way of the first's"
    other = next(dream(model, **{**asked, "transforms": {"right": asked["transforms"], "left": None}}))
    assert abs(other.score - next(dream(model, **{**asked, "transforms": None})).score) > 1e-5


@pytest.mark.parametrize(("layer", "names"), [("of_left", ["left"]), ("of_right", ["right"]), ("classes", ["left", "right"])])
def test_what_a_target_does_not_see_is_not_dreamed(layer: str, names: list[str]) -> None:
    made = dream(two_towers(), layer, 0, steps=20).run()
    assert list(made.image) == list(made.picture) == names
    assert made.scores[-1] > made.scores[0]


def test_a_dream_from_each_of_several_starts_is_as_each_alone() -> None:
    model = two_towers()
    starts = {"left": uniform((3, 6, 7, 1)), "right": uniform((3, 8, 8, 3))}
    ask = functools.partial(dream, model, "classes", 1, steps=8, input_range=(0, 1))
    together = ask(start=starts).run()
    assert {name: each.shape for name, each in together.image.items()} == {"left": (3, 6, 7, 1), "right": (3, 8, 8, 3)}
    assert together.scores.shape == (8, 3)
    for place in range(3):
        alone = ask(start={name: each[place] for name, each in starts.items()}, seed=place).run()
        for name, each in alone.image.items():
            np.testing.assert_allclose(together.image[name][place], each, atol=1e-3)
        assert together.evaluated()[place] == pytest.approx(alone.evaluated(), abs=1e-3)
    # Held ones too, and one for all beside several.
    held = ask(wrt="left", start={"right": starts["right"], "left": starts["left"][0]}).run()
    assert held.image.shape == (3, 6, 7, 1)
    for place in range(3):
        alone = ask(wrt="left", start={"right": starts["right"][place], "left": starts["left"][0]}, seed=place).run()
        np.testing.assert_allclose(held.image[place], alone.image, atol=1e-3)
    objectives = [Unit("classes", 0), Unit("classes", 1), Unit("place", 0)]
    each_own = dream(model, objective=objectives, start=starts, steps=2, input_range=(0, 1)).run()
    assert each_own.image["left"].shape == (3, 6, 7, 1)


def test_a_batch_of_starts_of_one_input() -> None:
    model, starts = models.functional(), uniform((4, *models.SHAPE))
    for given in (starts, list(starts), tf.constant(starts)):
        made = dream(model, filters=1, steps=5, start=given, transforms=None, input_range=(0, 1))
        np.testing.assert_allclose(next(made).image, starts, atol=0.005)
        assert made.run().image.shape == (4, *models.SHAPE)
    one = dream(model, filters=1, steps=5, start=starts[:1], transforms=None).run()
    assert one.image.shape == (1, *models.SHAPE), "a batch of one is a batch"
    grey = Image.fromarray((255 * uniform((8, 8, 3))).astype(np.uint8))
    photographs = [grey, np.zeros((8, 8, 3), np.uint8)]
    right = dream(two_towers(), "of_right", 0, steps=1, start={"right": photographs}).run()
    np.testing.assert_allclose(right.image["right"][1], 1, atol=0.01, err_msg="no nearer to black than EDGE")


def test_scores_of_several_outputs_add_up_and_rise() -> None:
    model = zoo.two_outputs()
    classes = next(layer.name for layer in model.layers if layer.output is model.outputs[0])
    made = dream(
        model,
        objective=Unit("place", 1) + 0.5 * Unit("place", 0) - 2 * Unit(classes, 3, "probability"),
        steps=20,
        transforms=None,
    )
    for frame in made:
        outputs = [np.asarray(each, np.float64)[0] for each in model(frame.image[None], training=False)]
        assert frame.score == pytest.approx(outputs[1][1] + 0.5 * outputs[1][0] - 2 * outputs[0][3], abs=1e-4)
    assert made.scores[-1] > made.scores[0]
