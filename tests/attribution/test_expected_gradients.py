"""Expected Gradients: the paper's mean in numpy on the same draws, and what it is on a linear net."""

from __future__ import annotations

import numpy as np
import pytest

from salwidget import explain
from tests import models
from tests.attribution import nets
from tests.attribution.refining import assert_refines, gradients, refined, score
from tests.models import image

pytestmark = pytest.mark.slow


def expectation(model, x: np.ndarray, draws: list[tuple[np.ndarray, float]]) -> np.ndarray:
    """mean of (x - r) dS/dx at r + a (x - r), summed over channels."""
    points = np.stack([r + a * (x - r) for r, a in draws])
    differences = np.stack([x - r for r, _ in draws])
    return (differences * gradients(model, points)).mean(0).sum(-1)


@pytest.mark.parametrize("kind", nets.SHAPES)
def test_given_references(kind: str) -> None:
    shape = nets.SHAPES[kind]
    model, x, batch = nets.smooth(shape), image(shape, dtype="float64"), image((7, *shape), 3, "float64")
    rng = np.random.default_rng(4)
    draws = [(batch[rng.integers(7)], rng.random()) for _ in range(30)]
    found = explain(model, x, "expected_gradients", filters=0, references=batch, samples=30, seed=4)
    np.testing.assert_allclose(found.values, expectation(model, x, draws), rtol=1e-5, atol=1e-7)
    assert found.signed
    assert "baselines are drawn from 7 given images" in found.notes


def test_without_references_the_baselines_are_noise_in_the_display_range() -> None:
    pixels = np.random.default_rng(9).integers(0, 256, models.SHAPE).astype(np.uint8)
    model, preprocess = models.without_final(), lambda x: x / 127.5 - 1
    rng = np.random.default_rng(0)
    draws = [(preprocess(rng.uniform(0, 255, models.SHAPE)).astype(np.float32), rng.random()) for _ in range(50)]
    expected = expectation(model, preprocess(pixels.astype(np.float32)), draws)
    found = explain(models.functional(), pixels, "expected_gradients", filters=0, preprocess=preprocess)
    np.testing.assert_allclose(found.values, expected, rtol=1e-3, atol=1e-4 * np.abs(expected).max())
    assert "baselines are uniform noise between 0 and 255, as displayed" in found.notes


@pytest.mark.quick
def test_one_reference_on_a_linear_net_is_exact() -> None:
    weights, x, start = (image((5, 6, 2), seed, "float64") for seed in range(3))
    found = explain(nets.linear(weights), x, "expected_gradients", filters=0, references=start[None], samples=3)
    np.testing.assert_allclose(found.values, (weights * (x - start)).sum(-1), rtol=1e-6, atol=1e-6)


def test_it_adds_up_in_the_limit() -> None:
    shape = nets.SHAPES["image"]
    model, x, batch = nets.smooth(shape), image(shape, dtype="float64"), image((5, *shape), 3, "float64")
    expected = score(model, x) - np.mean([score(model, one) for one in batch])
    few, many = (
        np.mean(
            [
                abs(
                    explain(model, x, "expected_gradients", filters=0, references=batch, samples=n, seed=seed).values.sum()
                    - expected
                )
                for seed in range(8)
            ]
        )
        for n in (5, 500)
    )
    assert many < few / 4  # 1 / sqrt(100) of it, but for chance


def test_partial_answers_do_not_depend_on_the_step(monkeypatch: pytest.MonkeyPatch) -> None:
    model = models.functional()
    whole = explain(model, image(), "expected_gradients", filters=0, seed=1)
    assert_refines(refined(model, image(), "expected_gradients", seed=1), whole, steps=1)
    monkeypatch.setattr("salwidget.engine.batch_size.MOST", 7)
    assert_refines(refined(model, image(), "expected_gradients", seed=1), whole, steps=8)


def test_the_seed_decides() -> None:
    one, again, other = (
        explain(models.functional(), image(), "expected_gradients", filters=0, seed=seed) for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(one.values, again.values)
    assert np.abs(one.values - other.values).max() > 1e-3


@pytest.mark.parametrize("method", [{"grad_modifier": "negate"}, {"backprop_modifier": "guided"}])
def test_modifiers_change_it(method: dict) -> None:
    plain = explain(models.functional(), image(), "expected_gradients", filters=0).values
    changed = explain(models.functional(), image(), "expected_gradients", filters=0, **method).values
    assert np.abs(plain - changed).max() > 1e-2 * np.abs(plain).max()
    if method.get("grad_modifier"):
        np.testing.assert_allclose(changed, -plain, rtol=1e-5)


@pytest.mark.parametrize(
    ("references", "sentence"),
    [
        (image(), r"a batch of images as displayed, \(N, 8, 8, 2\), not an array of shape \(8, 8, 2\)"),
        (np.zeros((3, 9, 8, 2)), r"\(N, 8, 8, 2\), not an array of shape \(3, 9, 8, 2\)"),
        (np.zeros((0, 8, 8, 2)), r"not an array of shape \(0, 8, 8, 2\)"),
        ("black", "references is 'random', or an array with several images of the image's shape"),
    ],
)
def test_references_that_do_not_fit(references: object, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        explain(models.functional(), image(), "expected_gradients", references=references)
