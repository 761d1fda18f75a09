"""What is dreamed of: scores and steps against Keras, NumPy and a tape."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from salwidget import Unit
from salwidget.dreams import (
    L2,
    PARAMETRIZATIONS,
    Pixels,
    TotalVariation,
    caricature,
    deep_dream,
    direction,
    diversity,
    dream,
)
from tests import models, zoo
from tests.models import image

pytestmark = pytest.mark.slow

MODEL = functools.cache(models.functional)
ARROW = np.float32([1, -2, 0.5, 0, 3])


def maps(images: Any, layer: str = "conv2") -> Any:
    return models.cut_by_keras(MODEL(), layer)(images)


def logits(images: Any) -> np.ndarray:
    return models.values_of(models.without_final(), images)


def probabilities(images: Any) -> np.ndarray:
    return models.values_of(MODEL(), images)


def cosine(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return (a * b).sum(-1) / (np.linalg.norm(a, axis=-1) * np.linalg.norm(b, axis=-1) + 1e-12)


def along(images: Any, power: float) -> np.ndarray:
    """Carter et al. 2019: mean over cells of v · a · max(cos(v, a), 0.1)^power."""
    values, arrow = maps(images).numpy(), ARROW / np.linalg.norm(ARROW)
    return ((values @ arrow) * np.maximum(cosine(values, arrow), 0.1) ** power).mean((1, 2))


def likeness(images: Any, layer: str = "conv2") -> np.ndarray:
    """(N, N): cosine of the channel correlations of each pair."""
    cells = maps(images, layer).numpy().reshape(len(images), -1, maps(images, layer).shape[-1])
    grams = np.einsum("nik,nil->nkl", cells, cells).reshape(len(images), -1)
    return cosine(grams[:, None], grams[None])


def unlike(images: Any) -> np.ndarray:
    alike = likeness(images)
    return -(alike.sum(1) - alike.diagonal()) / (len(images) - 1)


# An objective, and the same of images (N, ..., C) by Keras and NumPy.
OBJECTIVES: dict[str, tuple[Any, Callable[[np.ndarray], np.ndarray]]] = {
    "logit": (Unit(filters=2), lambda x: logits(x)[:, 2]),
    "probability": (Unit(filters=2, score="probability"), lambda x: probabilities(x)[:, 2]),
    "log probability": (Unit(filters=2, score="log_probability"), lambda x: np.log(probabilities(x)[:, 2])),
    "a - b": (Unit(filters=1) - Unit(filters=2), lambda x: logits(x)[:, 1] - logits(x)[:, 2]),
    "weighted": (0.2 * Unit(filters=0) + 0.8 * Unit(filters=3), lambda x: 0.2 * logits(x)[:, 0] + 0.8 * logits(x)[:, 3]),
    "less": (-Unit(filters=1), lambda x: -logits(x)[:, 1]),
    "near": (Unit(filters=1).near(0.3), lambda x: -np.abs(logits(x)[:, 1] - 0.3)),
    "filters": (Unit("conv2", (0, 3)), lambda x: maps(x).numpy()[..., [0, 3]].mean((1, 2, 3))),
    "cell": (Unit("conv2", 3, cell=(2, 1)), lambda x: maps(x).numpy()[:, 2, 1, 3]),
    "layer": (Unit("conv2"), lambda x: maps(x).numpy().mean((1, 2, 3))),
    "function": (
        Unit("pool", function=lambda v: tf.reduce_max(v, (1, 2, 3))),
        lambda x: maps(x, "pool").numpy().max((1, 2, 3)),
    ),
    "deep dream": (deep_dream("conv2"), lambda x: np.square(maps(x).numpy()).mean((1, 2, 3))),
    "direction": (direction("conv2", 5 * ARROW), lambda x: along(x, 1)),
    "dot product": (direction("conv2", ARROW, power=0), lambda x: along(x, 0)),
    "sharp direction": (direction("conv2", list(ARROW), power=2), lambda x: along(x, 2)),
    "diversity": (Unit(filters=1) + 3 * diversity("conv2"), lambda x: logits(x)[:, 1] + 3 * unlike(x)),
}


@pytest.mark.parametrize("name", OBJECTIVES)
def test_scores_are_those_written_by_hand_and_rise(name: str) -> None:
    objective, truth = OBJECTIVES[name]
    made = dream(MODEL(), objective=objective, batch=3, steps=30, transforms=None)
    for frame in made:
        if frame.step in (1, 2, 30):
            np.testing.assert_allclose(frame.scores, truth(frame.images), rtol=1e-4, atol=2e-5)
    np.testing.assert_allclose(made.evaluated(), truth(made.image), rtol=1e-4, atol=2e-5)
    assert (made.scores[-1] > made.scores[0]).all()
    np.testing.assert_allclose(made.evaluated(), made.scores[-1], rtol=1e-4, atol=2e-5)


def test_several_filters_are_as_each_alone() -> None:
    together = dream(MODEL(), filters=[0, 1, 3], steps=20, seed=5)
    alone = [dream(MODEL(), filters=one, steps=20, seed=5) for one in (0, 1, 3)]
    for frame, *singles in zip(together, *alone, strict=True):
        if frame.step == 1:
            for place, single in enumerate(singles):
                np.testing.assert_array_equal(frame.images[place], single.images[0], err_msg="begun alike")
    assert list(together._ascent._seeds) == [5, 5, 5]
    for place, single in enumerate(alone):
        np.testing.assert_allclose(together.image[place], single.image, atol=1e-3)
        np.testing.assert_allclose(together.scores[:, place], single.scores, atol=1e-3)
    assert np.abs(together.image[0] - together.image[1]).max() > 0.05


@pytest.mark.quick
def test_answers_of_one_objective_are_as_each_alone_with_the_next_seed() -> None:
    together = dream(MODEL(), filters=1, batch=3, steps=20, seed=5).run()
    for place in range(3):
        alone = dream(MODEL(), filters=1, steps=20, seed=5 + place).run()
        np.testing.assert_allclose(together.image[place], alone.image, atol=1e-3)


def test_each_image_may_have_an_objective_of_its_own() -> None:
    wanted = [
        Unit(filters=0),
        Unit(filters=1) - Unit(filters=2),
        Unit("conv2", 3, cell=(2, 1)),
        Unit(filters=0, score="probability"),
    ]
    together = dream(MODEL(), objective=wanted, steps=20).run()
    assert together.image.shape == (4, *models.SHAPE)
    assert len(set(together.titles)) == 4
    for place, each in enumerate(wanted):
        alone = dream(MODEL(), objective=each, steps=20).run()
        np.testing.assert_allclose(together.image[place], alone.image, atol=1e-3)
        assert together.evaluated()[place] == pytest.approx(alone.evaluated(), abs=1e-3)


@pytest.mark.quick
def test_equal_objectives_are_numbered_and_begin_apart() -> None:
    made = dream(MODEL(), objective=[Unit(filters=0), Unit(filters=1), Unit(filters=0)], steps=1)
    assert made.titles[0].endswith("(1)")
    assert made.titles[2].endswith("(2)")
    frame = next(made)
    np.testing.assert_array_equal(frame.images[0], frame.images[1])
    assert np.abs(frame.images[0] - frame.images[2]).max() > 1e-3


def test_answers_differ_more_with_diversity_than_without() -> None:
    means = []
    for objective in (Unit("conv2", 3), Unit("conv2", 3) + 5 * diversity("conv2")):
        alike = likeness(dream(MODEL(), objective=objective, batch=4, steps=80).run().image)
        means.append((alike.sum() - 4) / 12)
    assert means[1] < means[0] - 0.05, means


def test_a_caricature_comes_closer_to_the_directions_of_its_example() -> None:
    example = np.clip(image() / 4 + 0.5, 0, 1).astype(np.float32)
    seen = maps(example[None]).numpy()
    unit = seen / np.sqrt(np.square(seen).sum(-1).mean())
    made = dream(MODEL(), objective=caricature(MODEL(), "conv2", example), steps=60, transforms=None)
    frame = next(made)
    values = maps(frame.images).numpy()
    by_hand = ((values * unit).sum(-1) * np.maximum(cosine(values, unit), 0.1)).mean()
    assert frame.score == pytest.approx(by_hand, rel=1e-4)
    made.run()
    before, after = (cosine(maps(each[None]).numpy(), seen).mean() for each in (frame.image, made.image))
    assert 1 - after < 0.7 * (1 - before), (before, after)


@pytest.mark.quick
@pytest.mark.parametrize("bad", [[0, 0, 0, 0, 0], [[1, 2]], [1, float("nan")], []])
def test_directions_that_point_nowhere(bad: Any) -> None:
    with pytest.raises(ValueError, match="A direction is a list of finite numbers, one for each channel"):
        direction("conv2", bad)


@pytest.mark.quick
def test_a_direction_has_a_number_for_each_channel() -> None:
    with pytest.raises(ValueError, match="The direction has 3 numbers, but layer conv2 has 5 channels"):
        dream(MODEL(), objective=direction("conv2", [1, 2, 3]))


RATE = 0.3
MEAN = np.float32([104, 117, 123])


@pytest.mark.parametrize("name", PARAMETRIZATIONS)
def test_one_step_of_sgd_is_the_step_of_a_tape_through_the_whole_chain(name: str) -> None:
    """Coordinates -> image -> 0..255 -> BGR less its mean -> logit, less two regularizers."""
    head = [layers.GlobalAveragePooling2D(), layers.Dense(4)]
    linear = models.fill(models.in_a_row(zoo.SQUARE, *zoo.trunk(), *head))
    way = PARAMETRIZATIONS[name]()
    # The score of images of 0 to 255 is steep: the step that suits it is small.
    rate = RATE / 255 if name == "pixels" else RATE
    made = dream(
        zoo.activated("relu")(),
        objective=Unit(filters=1) - 0.5 * Unit(filters=3),
        parametrization=name,
        transforms=None,
        regularizers=[TotalVariation(3.0), L2(20.0), (lambda x: tf.reduce_mean(x**4, (1, 2, 3)), 2.0)],
        optimizer=keras.optimizers.SGD(rate),
        preprocess=lambda x: x[..., ::-1] - MEAN,
        steps=2,
        seed=7,
    )
    (begin,) = way.noise(zoo.SQUARE, np.random.default_rng(7))
    z = tf.constant(begin[None])
    with tf.GradientTape() as tape:
        tape.watch(z)
        shown = way.image([z], zoo.SQUARE)
        seen = linear(255 * shown[..., ::-1] - MEAN)[0]
        cells = shown[0]
        differences = (cells[1:, :-1] - cells[:-1, :-1]) ** 2 + (cells[:-1, 1:] - cells[:-1, :-1]) ** 2
        size = np.prod(zoo.SQUARE)
        cost = 3 * tf.reduce_sum(differences) / size + 20 * tf.reduce_mean((cells - 0.5) ** 2) + 2 * tf.reduce_mean(cells**4)
        score = seen[1] - 0.5 * seen[3]
        loss = cost - score
    after = z - rate * tape.gradient(loss, z)
    expected = way.image([tf.clip_by_value(after, 0, 1) if isinstance(way, Pixels) else after], zoo.SQUARE).numpy()
    first, second = made
    np.testing.assert_allclose(first.images, shown.numpy(), atol=1e-6)
    assert first.score == pytest.approx(float(score), rel=1e-4)
    np.testing.assert_allclose(second.images, expected, atol=2e-5)
    assert np.abs(expected - shown.numpy()).max() > 1e-3, "or this test says nothing"
