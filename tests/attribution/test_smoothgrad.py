"""SmoothGrad, VarGrad, SquareGrad: numpy statistics of a GradientTape's gradients under noise drawn one by one."""

from __future__ import annotations

import numpy as np
import pytest

from salwidget import explain
from tests import models
from tests.attribution import nets
from tests.attribution.refining import assert_refines, gradients, refined
from tests.models import image

pytestmark = pytest.mark.slow

FAMILY = ("smoothgrad", "squaregrad", "vargrad")
STATISTICS = {"smoothgrad": lambda g: g.mean(0), "squaregrad": lambda g: (g**2).mean(0), "vargrad": lambda g: g.var(0)}


def noisy_gradients(model, x: np.ndarray, samples: int, noise: float, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    width = noise * (x.max() - x.min())
    copies = [x + width * rng.standard_normal(x.shape, dtype=np.float32) for _ in range(samples)]
    return gradients(model, np.stack(copies)).astype(np.float64)


@pytest.mark.parametrize("method", FAMILY)
@pytest.mark.parametrize("samples", [2, 20, 37])
def test_equals_the_formula(method: str, samples: int) -> None:
    g = noisy_gradients(models.without_final(), image(), samples, 0.15, seed=5)
    found = explain(models.functional(), image(), method, filters=0, samples=samples, seed=5)
    expected = np.abs(STATISTICS[method](g)).max(-1)
    np.testing.assert_allclose(found.values, expected, rtol=1e-4, atol=1e-6 * expected.max())
    assert not found.signed
    assert found.passes == samples + 1  # the gradients, and the score


@pytest.mark.parametrize("method", FAMILY)
@pytest.mark.parametrize("kind", nets.SHAPES)
def test_signals_images_volumes(method: str, kind: str) -> None:
    shape = nets.SHAPES[kind]
    model, x = nets.smooth(shape), image(shape, dtype="float64")
    expected = STATISTICS[method](noisy_gradients(model, x, 6, 0.3, seed=0)).sum(-1)
    found = explain(model, x, method, filters=0, samples=6, noise=0.3, reduce="sum")
    np.testing.assert_allclose(found.values, expected, rtol=1e-6, atol=1e-9)
    assert found.signed == (method == "smoothgrad")


@pytest.mark.quick
def test_statistics_of_a_quadratic_score() -> None:
    """S = sum x^2 / 2 has gradient x + e, so the mean is x, the variance s^2, and the mean square x^2 + s^2."""
    with models.float64():
        model = models.in_a_row(
            (20, 20, 1), lambda x: x * x / 2, models.layers.Flatten(), models.layers.Dense(1, use_bias=False)
        )
    model.layers[-1].set_weights([np.ones((400, 1))])
    x = image((20, 20, 1), dtype="float64")
    width = 0.2 * np.ptp(x)
    mean, square, variance = (
        explain(model, x, name, filters=0, samples=200, noise=0.2, reduce="sum").values for name in FAMILY
    )
    assert np.abs(mean - x[..., 0]).max() < 5 * width / np.sqrt(200)
    assert variance.mean() == pytest.approx(width**2, rel=0.03)
    np.testing.assert_allclose(square, variance + mean**2, rtol=1e-5)


@pytest.mark.quick
def test_no_variance_where_the_model_is_linear() -> None:
    weights = image((6, 6, 2), dtype="float64")
    model, x = nets.linear(weights), image((6, 6, 2), seed=3, dtype="float64")
    assert np.abs(explain(model, x, "vargrad", filters=0).values).max() < 1e-12
    np.testing.assert_allclose(explain(model, x, "squaregrad", filters=0).values, (weights**2).max(-1), rtol=1e-6)
    np.testing.assert_allclose(explain(model, x, "smoothgrad", filters=0).values, np.abs(weights).max(-1), rtol=1e-6)


@pytest.mark.parametrize(("x", "options"), [(image(), {"noise": 0}), (np.ones(models.SHAPE, np.float32), {})])
def test_without_noise_it_is_the_saliency_and_a_note_says_so(x: np.ndarray, options: dict) -> None:
    found = explain(models.functional(), x, "smoothgrad", filters=0, **options)
    np.testing.assert_allclose(found.values, explain(models.functional(), x, filters=0).values, rtol=1e-5)
    assert any(note.startswith("no noise was added") for note in found.notes)


@pytest.mark.parametrize("method", FAMILY)
def test_partial_answers_do_not_depend_on_the_step(method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    model = models.functional()
    whole = explain(model, image(), method, filters=0, samples=20, seed=2)
    assert_refines(refined(model, image(), method, seed=2), whole, steps=1)
    monkeypatch.setattr("salwidget.engine.batch_size.MOST", 3)
    parts = refined(model, image(), method, seed=2)
    assert_refines(parts, whole, steps=7)
    g = noisy_gradients(models.without_final(), image(), 6, 0.15, seed=2)
    np.testing.assert_allclose(parts[1].values, np.abs(STATISTICS[method](g)).max(-1), rtol=1e-4, atol=1e-7)


def test_the_seed_decides() -> None:
    one, again, other = (explain(models.functional(), image(), "smoothgrad", filters=0, seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one.values, again.values)
    assert np.abs(one.values - other.values).max() > 1e-3


def test_modifiers_work_on_each_gradient() -> None:
    g = noisy_gradients(models.without_final(), image(), 20, 0.15, seed=0)
    found = explain(models.functional(), image(), "smoothgrad", filters=0, grad_modifier="absolute")
    np.testing.assert_allclose(found.values, np.abs(g).mean(0).max(-1), rtol=1e-4)
    guided = explain(models.functional(), image(), "smoothgrad", filters=0, backprop_modifier="guided")
    plain = explain(models.functional(), image(), "smoothgrad", filters=0)
    assert "2 rectifiers modified" in guided.notes
    assert np.abs(guided.values - plain.values).max() > 1e-3


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"samples": 1}, "samples=1 is out of range; use a whole number from 2 to 200"),
        ({"noise": 1.5}, "noise=1.5 is out of range; use a number from 0 to 1"),
        ({"reduce": "median"}, "reduce='median' is not known"),
    ],
)
def test_options_out_of_range(options: dict, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        explain(models.functional(), image(), "smoothgrad", **options)
