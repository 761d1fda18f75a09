"""Moves of the image, against SciPy, NumPy and finite differences."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from scipy import ndimage

from salwidget.dreams import Dream, Jitter, Pad, Rotate, Scale, Transform, dream
from salwidget.dreams.transforms import draws_of, resampled, transformed, transforms_of
from salwidget.engine.inputs import Input
from tests import models, zoo

SIZE = (13, 18)


def pictures(count: int = 2, size: Sequence[int] = SIZE, channels: int = 3) -> np.ndarray:
    return np.random.default_rng(0).random((count, *size, channels)).astype(np.float32)


def chances(transforms: Sequence[Any], count: int = 2, space: int = 2, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).random((count, draws_of(transforms, space))).astype(np.float32)


def moved(images: np.ndarray, transforms: Sequence[Any], draws: np.ndarray) -> np.ndarray:
    return transformed(tf.constant(images), transforms, tf.constant(draws)).numpy()


def by_scipy(image: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """Read at matrix (3, 3) times each place (x, y, 1) from the centre, bilinear, mirrored outside."""
    swap = np.array([[0, 1], [1, 0]])
    linear = swap @ matrix[:2, :2] @ swap
    centre = (np.array(image.shape[:2]) - 1) / 2
    offset = centre + matrix[1::-1, 2] - linear @ centre
    planes = [ndimage.affine_transform(plane, linear, offset, order=1, mode="reflect") for plane in np.moveaxis(image, -1, 0)]
    return np.stack(planes, axis=-1)


def by_hand(move: Transform, draws: np.ndarray) -> np.ndarray:
    """The matrix of one move by its definition, from its own draws of one image."""
    matrix = np.eye(3)
    if isinstance(move, Pad):
        matrix[:2, :2] *= 1 + 2 * move.strength
    elif isinstance(move, Jitter):
        matrix[:2, 2] = np.round((2 * draws - 1) * move.strength * max(SIZE))
    elif isinstance(move, Scale):
        matrix[:2, :2] /= 1 + (2 * draws[0] - 1) * move.strength
    else:
        angle = np.radians((2 * draws[0] - 1) * move.strength)
        matrix[:2, :2] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    return matrix


MOVES = [Pad(0.2), Jitter(0.3), Scale(0.4), Rotate(30)]


@pytest.mark.parametrize("move", MOVES, ids=repr)
def test_each_move_is_the_affine_transform_of_scipy(move: Transform) -> None:
    images, draws = pictures(), chances([move])
    found = moved(images, [move], draws)
    for image, chance, after in zip(images, draws, found, strict=True):
        np.testing.assert_allclose(after, by_scipy(image, by_hand(move, chance[2:])), atol=2e-5)
        assert np.abs(after - image).max() > 0.1, "or this test says nothing"


def test_moves_follow_each_other_in_the_order_of_the_list_in_one_resampling() -> None:
    """``out1(p) = image(A p)`` and ``out2(p) = out1(B p)`` make ``image(A B p)``."""
    images = pictures(1)
    for moves in (MOVES, MOVES[::-1]):
        draws = chances(moves, 1)
        shares = np.split(draws[0, 2:], np.cumsum([move.draws for move in moves])[:-1])
        whole = functools.reduce(np.matmul, [by_hand(move, share) for move, share in zip(moves, shares, strict=True)])
        np.testing.assert_allclose(moved(images, moves, draws)[0], by_scipy(images[0], whole), atol=5e-5)
    shift = np.float32([[0.5, 0.5, 0.99, 0.2]])
    one_way, other_way = (moved(images, order, shift) for order in ([Pad(0.5), Jitter(0.3)], [Jitter(0.3), Pad(0.5)]))
    assert np.abs(one_way - other_way).max() > 0.1, "twice the size after or before a move is not the same"


def test_each_image_has_a_chance_of_its_own() -> None:
    images, draws = np.repeat(pictures(1), 3, axis=0), chances(MOVES, 3)
    together = moved(images, MOVES, draws)
    for place in range(3):
        alone = moved(images[:1], MOVES, draws[place : place + 1])
        np.testing.assert_array_equal(together[place], alone[0])
    assert np.abs(together[0] - together[1]).max() > 0.1


@pytest.mark.parametrize("size", [SIZE, (12, 12), (15, 9)])
def test_jitter_moves_whole_pixels_and_its_gradient_is_exact(size: tuple[int, int]) -> None:
    images, draws = tf.constant(pictures(1, size)), np.float32([[0, 0, 0.9, 0.2]])
    x, y = np.round((2 * draws[0, 2:] - 1) * 0.3 * max(size)).astype(int)
    assert x > 0 > y
    weights = tf.constant(pictures(2, size)[1:])
    with tf.GradientTape() as tape:
        tape.watch(images)
        after = transformed(images, [Jitter(0.3)], tf.constant(draws))
        score = tf.reduce_sum(after * weights)
    slope = tape.gradient(score, images).numpy()[0]
    height, width = size
    inside = (slice(-y, height), slice(0, width - x))  # of the new image: what was not mirrored in
    taken = (slice(0, height + y), slice(x, width))
    np.testing.assert_allclose(after.numpy()[0][inside], images.numpy()[0][taken], atol=1e-5)
    expected = np.zeros_like(slope)
    expected[taken] = weights.numpy()[0][inside]
    np.testing.assert_allclose(slope, expected, atol=1e-5, err_msg="what was mirrored in gives no slope")


@pytest.mark.parametrize("move", MOVES, ids=repr)
def test_gradient_of_a_smooth_score_is_that_of_finite_differences(move: Transform) -> None:
    """The slope is the adjoint of the continuous move: for smooth weights and away from the border both agree."""
    y, x = np.mgrid[:48, :48] - 23.5
    bump = np.exp(-((x - 3) ** 2 + (y + 2) ** 2) / 60).astype(np.float32)[None, ..., None]
    matrix = tf.constant(by_hand(move, np.array([0.62, 0.41]))[None].astype(np.float32))
    images = tf.Variable(np.random.default_rng(0).random((1, 48, 48, 1)).astype(np.float32))
    with tf.GradientTape() as tape:
        score = tf.reduce_sum(resampled(images, matrix) * bump)
    slope = tape.gradient(score, images).numpy()
    # The move is linear in the image, so that a difference along any direction is exact: here along smooth ones.
    for cx, cy in [(0, 0), (4, -5), (-3, 2)]:
        along = np.exp(-((x - cx) ** 2 + (y - cy) ** 2) / 40).astype(np.float32)[None, ..., None]
        exact = float(tf.reduce_sum(resampled(tf.constant(along), matrix) * bump))
        assert float((slope * along).sum()) == pytest.approx(exact, rel=0.02)


def seeds_seen(seed: int, *steps: int) -> list[tuple[int, ...]]:
    """What a callable is given at each step of a dream that is run in parts."""
    seen: list[tuple[int, ...]] = []

    def kept(given: np.ndarray) -> np.float32:
        seen.append(tuple(given))
        return np.float32(0)

    def watching(images: Any, seed: Any) -> Any:
        return images + tf.ensure_shape(tf.numpy_function(kept, [seed], tf.float32), ())

    first, *more = steps
    made = dream(models.functional(), filters=1, seed=seed, steps=first, transforms=[watching]).run()
    for each in more:
        made.resume(each)
    return seen


@pytest.mark.slow
def test_chance_depends_on_seed_and_step_alone() -> None:
    whole = seeds_seen(3, 6)
    assert whole == seeds_seen(3, 1, 2, 3)
    assert len({*whole, *seeds_seen(4, 6)}) == 12, "another step or seed: another chance"


def test_callables_take_images_and_where_they_ask_for_it_a_seed() -> None:
    seeds: list[np.ndarray] = []

    def noisy(images: Any, seed: Any) -> Any:
        seeds.append(seed.numpy())
        return images + tf.random.stateless_normal(images.shape, seed)

    images, draws = pictures(), chances([])
    np.testing.assert_allclose(moved(images, [lambda x: 1 - x, lambda x: x * x], draws), (1 - images) ** 2, atol=1e-6)
    np.testing.assert_array_equal(moved(images, [tf.image.flip_left_right], draws), images[:, :, ::-1])
    np.testing.assert_array_equal(moved(images, [lambda x, strength=2.0, **more: strength * x], draws), 2 * images)
    once, again = (moved(images, [noisy], draws) for _ in range(2))
    np.testing.assert_array_equal(once, again)
    assert np.abs(once - moved(images, [noisy], chances([], seed=2))).max() > 0.1
    seeds.clear()
    moves = [noisy, noisy, Jitter(0.1), noisy]
    moved(images, moves, chances(moves))
    assert len({tuple(seed) for seed in seeds}) == 3, "one of its own for each, a move between them or not"


def test_moves_and_callables_follow_each_other() -> None:
    images, order = pictures(1), [Scale(0.3), tf.image.flip_left_right, Rotate(20)]
    draws = chances(order, 1)
    scaled = moved(images, order[:1], draws[:, :3])
    turned = moved(scaled[:, :, ::-1], order[2:], draws[:, [0, 1, 3]])
    np.testing.assert_allclose(moved(images, order, draws), turned, atol=1e-6)


def ran(transforms: Any, build: Any = models.functional) -> Dream:
    return dream(build(), filters=1, steps=2, transforms=transforms).run()


@pytest.mark.slow
@pytest.mark.parametrize("function", [lambda x: x[:, 1:], lambda x: tf.reduce_mean(x, -1), lambda x: None])
def test_a_callable_that_changes_the_shape_is_refused(function: Any) -> None:
    with pytest.raises(ValueError, match=r"A transform turned images \(1, 8, 8, 2\) into .*; keep the shape"):
        ran([function])


@pytest.mark.parametrize("space", [1, 3])
def test_signals_and_volumes_are_rolled(space: int) -> None:
    size = (9, 7, 8)[:space]
    images, moves = pictures(3, size, 2), [Jitter(0.4), Jitter(0.2)]
    draws = chances(moves, 3, space)
    shifts = np.round((2 * draws[:, 2:].reshape(3, 2, space) - 1) * np.float32([[[0.4], [0.2]]]) * max(size)).astype(int)
    assert np.abs(shifts).max(axis=(0, 1)).min() > 0
    expected = [np.roll(image, shift.sum(0), range(space)) for image, shift in zip(images, shifts, strict=True)]
    np.testing.assert_array_equal(moved(images, moves, draws), expected)
    signal = Input(0, "input", (*size, 2), "float32")
    assert [type(one) for one in transforms_of("default", signal)] == [Jitter]


def test_a_vector_has_no_neighbours_to_be_moved_to() -> None:
    vector = Input(0, "input", (9,), "float32")
    assert transforms_of("default", vector) == ()
    with pytest.raises(ValueError, match="Jitter needs an image or a signal"):
        transforms_of([Jitter(0.1)], vector)


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ("robust", ValueError, "transforms='robust' is not known; use 'default', None, or a list"),
        ([3], TypeError, "A transform is Pad, Jitter, Scale, Rotate .* or a callable, not 3"),
        (Jitter, TypeError, "A transform is Pad, Jitter, Scale, Rotate .* or a callable, not <class"),
    ],
)
def test_what_is_no_transform(given: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        ran(given)


@pytest.mark.parametrize("kind", [Pad, Jitter, Scale, Rotate])
def test_strengths_have_a_range(kind: type[Transform]) -> None:
    for bad in (-0.1, 46, float("nan")):
        with pytest.raises(ValueError, match=rf"{kind.__name__}\(.*\) is out of range; use a number from 0 to"):
            kind(bad)
    for no_number in ("a", None, True):
        with pytest.raises(TypeError, match=rf"{kind.__name__}\(.*\) has no strength; use a number from 0 to"):
            kind(no_number)
    assert transforms_of([kind(0)], Input(0, "input", (8, 8, 3), "float32")) == (), "a move of no strength is none"


def test_only_images_turn() -> None:
    with pytest.raises(ValueError, match=r"Rotate needs an image; for signals and volumes \(.*\) use Jitter or a callable"):
        ran([Rotate(8)], zoo.signal)
