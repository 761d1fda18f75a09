"""Saliency: each reducer by numpy on the gradient of a GradientTape, and real models."""

from __future__ import annotations

import gzip

import keras
import numpy as np
import pytest

from salwidget import explain
from tests import models
from tests.data import ROOT, needs_data
from tests.models import image

pytestmark = pytest.mark.slow

REDUCERS = {
    "auto": lambda g: np.abs(g).max(-1),
    "max_abs": lambda g: np.abs(g).max(-1),
    "max": lambda g: g.max(-1),
    "mean": lambda g: g.mean(-1),
    "sum": lambda g: g.sum(-1),
    "l2": lambda g: np.linalg.norm(g, axis=-1),
}


@pytest.fixture(scope="module")
def gradient() -> np.ndarray:
    return models.tape_gradient(models.without_final(), image(), [1])


@pytest.mark.parametrize("reduce", REDUCERS)
def test_reducers(gradient: np.ndarray, reduce: str) -> None:
    found = explain(models.functional(), image(), filters=1, reduce=reduce)
    np.testing.assert_allclose(found.values, REDUCERS[reduce](gradient), rtol=0, atol=1e-6)
    assert found.signed == (reduce in ("max", "mean", "sum"))


@pytest.mark.quick
@pytest.mark.parametrize("reduce", ["max_abs", "mean", "l2"])
def test_a_reducer_works_on_the_modified_gradient(gradient: np.ndarray, reduce: str) -> None:
    found = explain(models.functional(), image(), filters=1, reduce=reduce, grad_modifier="relu")
    np.testing.assert_allclose(found.values, REDUCERS[reduce](np.maximum(gradient, 0)), rtol=0, atol=1e-6)
    assert not found.signed


@pytest.mark.parametrize("kind", models.KINDS)
@pytest.mark.parametrize("filters", [0, (1, 2), (0, 1, 2, 3)])
def test_every_kind_of_model(kind: str, filters: int | tuple[int, ...]) -> None:
    chosen = [filters] if isinstance(filters, int) else list(filters)
    expected = np.abs(models.tape_gradient(models.without_final(), image(), chosen)).max(-1)
    found = explain(models.KINDS[kind](), image(), filters=filters)
    np.testing.assert_allclose(found.values, expected, rtol=0, atol=1e-6)


def mnist(count: int) -> tuple[np.ndarray, np.ndarray]:
    def read(name: str, header: int) -> np.ndarray:
        with gzip.open(ROOT / "mnist" / f"t10k-{name}-ubyte.gz") as file:
            return np.frombuffer(file.read(), np.uint8, offset=header)

    return read("images-idx3", 16).reshape(-1, 28, 28)[:count], read("labels-idx1", 8)[:count]


@needs_data
def test_lenet_on_mnist() -> None:
    model = keras.models.load_model(ROOT / "models" / "lenet_mnist.keras", compile=False)
    digits, labels = mnist(20)
    found = explain(model, digits, score="probability", preprocess=lambda pixels: pixels / 255)
    assert len(found) == len(digits)
    given = model.predict(digits[..., None] / np.float32(255), verbose=0)
    named = [each.query.target.filters[0] for each in found]
    assert named == given.argmax(-1).tolist()
    assert np.mean(np.array(named) == labels) >= 0.9
    np.testing.assert_allclose([each.score for each in found], given.max(-1), atol=1e-5)
    for each, digit in zip(found[:5], digits, strict=False):
        expected = models.tape_gradient(model, (digit / np.float32(255))[..., None], each.query.target.filters)
        np.testing.assert_allclose(each.values, np.abs(expected).max(-1), rtol=1e-3, atol=1e-6)
