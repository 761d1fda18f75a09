"""What a question costs in passes of the model and in gradients built: counts, which do not depend on the machine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

from salwidget import Unit, cover, explain, open_network, probe
from salwidget.attribution.explain import cached_answers, query_of
from salwidget.dreams import dream
from salwidget.engine.compiled import Compiled
from salwidget.engine.network import Gradient, Network
from salwidget.evidence import rectangle
from salwidget.images import examples_of
from tests import models
from tests.models import SHAPE, image

pytestmark = pytest.mark.slow


def net(final: str | None = None) -> keras.Model:
    """Two convolutions with their normalisations, and a head."""
    parts = [layers.Conv2D(4, 3, padding="same"), layers.BatchNormalization(), layers.ReLU()]
    parts += [layers.Conv2D(6, 3, padding="same"), layers.BatchNormalization(), layers.ReLU()]
    return models.normalised(models.in_a_row(SHAPE, *parts, layers.GlobalAveragePooling2D(), layers.Dense(4, activation=final)))


@pytest.fixture
def counts(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Images that went through a part of a model (``forward``), forward and back (``gradient``), and calls of each."""
    found: Counter[str] = Counter()
    run, differentiate = Compiled.__call__, Gradient.__call__

    def running(self: Compiled, *fed: Any, **how: Any) -> Any:
        found.update({"forward": len(fed[0]), "calls": 1})
        return run(self, *fed, **how)

    def differentiating(self: Gradient, batch: Any) -> Any:
        made = differentiate(self, batch)  # of one image it may be of several targets
        found.update({"gradient": len(made[0]), "forward": -len(made[0])})
        return made

    monkeypatch.setattr(Compiled, "__call__", running)
    monkeypatch.setattr(Gradient, "__call__", differentiating)
    return found


def cost(counts: Counter[str], model: keras.Model, ask: Callable[[], Any]) -> dict[str, int]:
    """What ``ask`` adds: traces (gradients built), images forward, images forward and back."""
    network = open_network(model)
    before, built = counts.copy(), network.cuts
    ask()
    found = {"traces": network.cuts - built, **{name: counts[name] - before[name] for name in ("forward", "gradient")}}
    return {name: count for name, count in found.items() if count}


ONE = {"gradient": 1}
FIRST: dict[str, tuple[dict[str, Any], dict[str, int]]] = {
    "saliency": ({}, {"traces": 1, "gradient": 1}),
    "input_x_gradient": ({}, {"traces": 1, "gradient": 1}),
    "smoothgrad": ({"samples": 20}, {"traces": 1, "gradient": 20, "forward": 1}),
    "integrated_gradients": ({"steps": 30}, {"traces": 1, "gradient": 30, "forward": 2}),
    "grad_cam": ({}, {"traces": 1, "gradient": 1, "forward": 1}),
    "layercam": ({}, {"traces": 1, "gradient": 1, "forward": 1}),
    "guided_grad_cam": ({}, {"traces": 2, "gradient": 2, "forward": 1}),
    "score_cam": ({"top": 3}, {"forward": 1 + 3 + 1}),
    "occlusion": ({"patch": 2}, {"forward": 16 + 1}),
    "rise": ({"masks": 50}, {"forward": 50 + 1}),
}


@pytest.mark.parametrize("method", FIRST)
def test_a_first_question_costs_what_its_formula_says(counts: Counter[str], method: str) -> None:
    options, expected = FIRST[method]
    model = net()
    assert cost(counts, model, lambda: explain(model, image(), method, filters=0, **options)) == expected


@pytest.mark.parametrize("method", FIRST)
def test_another_class_filter_or_image_is_never_a_trace(counts: Counter[str], method: str) -> None:
    model, (options, _) = net(), FIRST[method]
    explain(model, image(), method, filters=0, **options)
    kept = len(open_network(model)._cuts)
    for seed, filters in enumerate([1, 2, [1, 3], None]):
        asked = cost(counts, model, lambda: explain(model, image(seed=seed), method, filters=filters, **options))  # noqa: B023
        assert "traces" not in asked
    # The model's own top class is read from its output, which is a function of its own.
    assert len(open_network(model)._cuts) <= kept + 1


def test_a_filter_of_a_layer_within_is_never_a_trace(counts: Counter[str]) -> None:
    model = net()
    explain(model, image(), layer=4, filters=0)
    for filters in range(1, 6):
        assert cost(counts, model, lambda: explain(model, image(), layer=4, filters=filters)) == ONE  # noqa: B023


def test_the_forward_pass_of_an_image_serves_every_class_and_method(counts: Counter[str]) -> None:
    model = net()
    first = {"traces": 1, "gradient": 1, "forward": 1}
    assert cost(counts, model, lambda: explain(model, image(), "grad_cam", filters=0)) == first
    for method in ("grad_cam", "grad_cam++", "hirescam", "layercam"):
        assert cost(counts, model, lambda: explain(model, image(), method, filters=1)) == ONE  # noqa: B023
    assert cost(counts, model, lambda: explain(model, image(), "feature_map", layer=6, filters=2)) == {}
    assert cost(counts, model, lambda: explain(model, image(seed=1), "grad_cam", filters=1)) == {"gradient": 1, "forward": 1}
    model.layers[1].kernel.assign(2 * model.layers[1].kernel)
    assert cost(counts, model, lambda: explain(model, image(), "grad_cam", filters=1)) == {"gradient": 1, "forward": 1}


def test_the_top_class_of_an_image_is_computed_once(counts: Counter[str]) -> None:
    model = net("softmax")
    assert cost(counts, model, lambda: explain(model, image())) == {"traces": 1, "gradient": 1, "forward": 1}
    assert cost(counts, model, lambda: explain(model, image(), backprop_modifier="guided")) == {"traces": 1, "gradient": 1}
    assert cost(counts, model, lambda: explain(model, image(), "integrated_gradients", steps=4))["gradient"] == 4


def test_the_pass_that_finds_the_top_class_serves_its_cam(counts: Counter[str]) -> None:
    model = net("softmax")
    assert cost(counts, model, lambda: explain(model, image(), "grad_cam")) == {"traces": 1, "gradient": 1, "forward": 1}


def test_a_step_takes_several_images(counts: Counter[str]) -> None:
    model = net()
    explain(model, image(), "smoothgrad", filters=0, samples=100)
    assert counts["calls"] <= 3


@pytest.mark.parametrize("replace", ["blur", "noise"])
def test_a_region_with_sixty_four_controls_costs_at_most_seventy_passes(counts: Counter[str], replace: str) -> None:
    model = net("softmax")
    found = cover(model, image(), rectangle((8, 8), 2, 2, 2, 1), replace=replace, controls=64)
    assert len(found.controls) == 64
    # The image, covered by the chosen and the others of three, the controls, and the pass that found the top class.
    assert counts["forward"] == 1 + 1 + len(found.agreement) + 64 <= 70
    assert found.passes == counts["forward"] - 1
    assert counts["gradient"] == 0
    assert counts["calls"] <= 8


def test_a_probe_is_one_backward_pass_of_copies_of_the_feature_map(counts: Counter[str]) -> None:
    model = net("softmax")
    found = probe(model, image())
    # Four classes; the image goes through the model once, which also finds them.
    assert dict(counts) == {"gradient": 4, "forward": 1, "calls": 2}
    assert found.passes == 1 + 4
    assert cost(counts, model, lambda: probe(model, image())) == {"gradient": 4}
    assert cost(counts, model, lambda: probe(model, image(seed=1))) == {"gradient": 4, "forward": 1}
    assert probe(model, image()).passes == 4


def test_dreams_of_one_kind_share_a_trace(counts: Counter[str]) -> None:
    model = net()
    assert cost(counts, model, lambda: dream(model, filters=0, steps=3).run()).get("traces") == 1
    for filters in (1, 2, 3):
        assert "traces" not in cost(counts, model, lambda: dream(model, filters=filters, steps=3).run())  # noqa: B023


# The cache of answers


def asked(network: Network, method: str = "saliency", filters: Any = 0, seed: int = 0, **how: Any) -> Any:
    (example,) = examples_of(image(seed=seed), network.inputs, None)
    unit = how.pop("target", None) or Unit(network.output.index, filters)
    rules = how.pop("rule", None), how.pop("modifier", None)
    query = query_of(network, example, method, unit, network.inputs[0], *rules, 0, how)
    *_, last = cached_answers(network, query, example)
    return last


@pytest.mark.parametrize("method", ["saliency", "smoothgrad", "grad_cam", "occlusion", "rise"])
def test_a_question_that_comes_again_runs_nothing(counts: Counter[str], method: str) -> None:
    model = net()
    network = open_network(model)
    first, others = asked(network, method), [asked(network, method, 1), asked(network, method, 0, seed=1)]
    found: list[Any] = []
    assert cost(counts, model, lambda: found.append(asked(network, method))) == {}
    np.testing.assert_array_equal(found[0].values, first.values)
    assert (found[0].query, found[0].score, found[0].notes, found[0].passes) == (first.query, first.score, first.notes, 0)
    assert all(np.abs(other.values - first.values).max() > 0 for other in others)


def test_an_answer_is_forgotten_when_weights_change(counts: Counter[str]) -> None:
    model = net()
    network = open_network(model)
    first = asked(network)
    model.layers[-1].kernel.assign(3 * model.layers[-1].kernel)
    assert cost(counts, model, lambda: asked(network)) == ONE
    np.testing.assert_allclose(asked(network).values, 3 * first.values, rtol=1e-5)


def test_writing_into_an_answer_changes_no_later_one() -> None:
    network = open_network(model := net())
    first = asked(network)
    expected = first.values.copy()
    first.values[:] = 7
    again = asked(network)
    np.testing.assert_array_equal(again.values, expected)
    again.values[:] = 8
    np.testing.assert_array_equal(asked(network).values, expected)
    assert model.built


def test_questions_with_functions_of_a_persons_own_are_not_kept(counts: Counter[str]) -> None:
    model = net()
    network = open_network(model)
    for how in (
        {"rule": lambda inputs, outputs, gradient: gradient},
        {"modifier": lambda gradient: -gradient},
        {"target": Unit(function=lambda values: values[:, 0])},
    ):
        asked(network, **how)
        assert cost(counts, model, lambda: asked(network, **how))["gradient"] == 1  # noqa: B023
