"""Asking does not use up memory: it is flat once each kind of question was asked, and new kinds push out old ones."""

from __future__ import annotations

import ctypes
import gc
import os
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from salwidget import Unit, explain, open_network
from salwidget.engine import network
from tests import models
from tests.models import image

pytestmark = pytest.mark.slow

MEGABYTES = 2**20
QUERIES, FIRST, GROWTH = 500, 50, 20
TINY: dict[str, dict[str, Any]] = {
    "saliency": {},
    "input_x_gradient": {},
    "smoothgrad": {"samples": 2},
    "integrated_gradients": {"steps": 2},
    "grad_cam": {},
    "layercam": {},
    "score_cam": {"top": 2},
    "lrp": {},
    "occlusion": {"patch": 48},
    "rise": {"masks": 10},
    "feature_map": {},
}
# What is asked of a layer within the network as well as of the classes.
ANYWHERE = ("saliency", "smoothgrad", "feature_map")


def resident() -> float:
    """Resident memory of this process, in MB, less what the allocator only keeps for later: after many tests that is a lot."""
    gc.collect()
    ctypes.CDLL("libc.so.6").malloc_trim(0)
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / MEGABYTES


def mobilenet() -> keras.Model:
    return keras.applications.MobileNetV2(weights=None, input_shape=(96, 96, 3), classes=10)


def mixed(layers: list[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Questions without end: every kind among the first ones, then at random; filters and seeds are new each time."""
    rng = np.random.default_rng(0)
    kinds = [(method, -1) for method in TINY if method != "feature_map"]
    kinds += [(method, layer) for method in ANYWHERE for layer in layers]
    kinds += [("saliency", -1, "guided"), ("saliency", -1, "rectified")]
    while True:
        for place in [*range(len(kinds)), *rng.integers(len(kinds), size=QUERIES)]:
            method, layer, *rule = kinds[place]
            question = {"layer": layer, "filters": int(rng.integers(3)), "seed": int(rng.integers(1000)), **TINY[method]}
            yield method, {**question, **({"backprop_modifier": rule[0]} if rule else {})}


@pytest.mark.usefixtures("nothing_old_is_searched")
@pytest.mark.parametrize(
    ("build", "layers"),
    [(models.functional, ["conv1", "conv2", "gate", "pool"]), (mobilenet, ["block_2_expand", "block_6_project"])],
    ids=["small", "MobileNetV2"],
)
def test_500_mixed_questions_take_no_more_memory_than_the_first_50(build: Any, layers: list[str]) -> None:
    model = build()
    pictures = [image(model.input_shape[1:], seed) for seed in range(5)]
    grown = []
    for count, (method, question) in zip(range(QUERIES), mixed(layers), strict=False):
        explain(model, pictures[count % len(pictures)], method, **question)
        if count == FIRST - 1:
            before, cuts = resident(), open_network(model).cuts
        elif count % FIRST == FIRST - 1:
            grown.append(resident() - before)
    assert open_network(model).cuts == cuts, "no new kind of question after the first ones"
    assert max(grown) < GROWTH, grown
    reference = weakref.ref(model)
    del model
    gc.collect()
    assert reference() is None


@pytest.mark.usefixtures("nothing_old_is_searched")
def test_new_kinds_of_question_push_out_old_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each callable is a kind of its own, with and without a gradient."""
    monkeypatch.setattr(network, "MOST_CUTS", 8)
    model, picture = models.functional(), image()
    grown = []
    for _ in range(4):
        for factor in range(10):
            score = lambda values, factor=factor: values[:, 1] * (factor + 1.0)  # noqa: E731
            found = explain(model, picture, target=Unit(function=score), reduce="sum")
            explain(model, picture, "occlusion", target=Unit(function=score), patch=8)
            assert len(open_network(model)._cuts) <= 8
        expected = 10 * models.tape_gradient(models.without_final(), picture, [1]).sum(-1)
        np.testing.assert_allclose(found.values, expected, rtol=0, atol=1e-4)
        grown.append(resident())
    assert grown[-1] - grown[1] < GROWTH, grown
