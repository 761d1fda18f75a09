"""A target is checked, counted from either end, and put into one form."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from keras import layers

from salwidget import Target, Unit, explain, open_network
from salwidget.engine.resolve import target_of, why_no_probability
from salwidget.engine.score import structure_of
from tests import models
from tests.models import SHAPE, image

DENSE, CONV2 = 6, 2


@pytest.fixture(scope="module")
def model():
    return models.functional()


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (0, (0,)),
        (-1, (3,)),
        (np.int64(2), (2,)),
        ([1, -1], (1, 3)),
        ((0,), (0,)),
        (range(2), (0, 1)),
        (np.array([3, 0]), (3, 0)),
        (None, None),
    ],
)
def test_filters_in_their_one_form(model, filters: Any, expected: tuple[int, ...] | None) -> None:
    assert target_of(open_network(model), Unit(-1, filters)) == Target(((1.0, Unit(DENSE, expected)),))


@pytest.mark.parametrize("layer", ["dense", DENSE, -1])
def test_a_layer_by_name_and_index_is_the_same_target(model, layer: int | str) -> None:
    found = target_of(open_network(model), Unit(layer, 1, "probability"))
    assert found == Target(((1.0, Unit(DENSE, (1,), "probability")),))


@pytest.mark.parametrize(
    ("filters", "expected"),
    [(None, [0.25] * 4), ((0,), [1, 0, 0, 0]), ((1, 3), [0, 0.5, 0, 0.5])],
)
def test_weights_are_a_mean(model, filters: tuple[int, ...] | None, expected: list[float]) -> None:
    network = open_network(model)
    _, (weights,) = structure_of([target_of(network, Unit(DENSE, filters))], network.layers)
    np.testing.assert_array_equal(weights, np.array([expected], np.float32))


@pytest.mark.parametrize("filters", [(1, 1), (1, -3)])
def test_a_filter_named_twice_still_gives_a_mean(model, filters: tuple[int, ...]) -> None:
    once = models.values_of(models.without_final(), image()[None])[0, 1]
    assert explain(model, image(), filters=filters).score == pytest.approx(once, abs=1e-6)


def test_class_zero_is_a_class_and_not_none(model) -> None:
    logits = models.values_of(models.without_final(), image()[None])[0]
    top = int(logits.argmax())
    assert top != 0, "or this test says nothing"
    zero, none = explain(model, image(), filters=0), explain(model, image(), filters=None)
    assert zero.query.target == Target(((1.0, Unit(DENSE, (0,))),))
    assert none.query.target == Target(((1.0, Unit(DENSE, (top,))),))
    assert zero.score == pytest.approx(logits[0], abs=1e-6)
    assert none.score == pytest.approx(logits[top], abs=1e-6)


def test_none_is_all_filters_where_there_are_no_classes(model) -> None:
    part = models.cut_by_keras(models.without_final(), "conv2")
    expected = models.tape_gradient(part, image(), range(5)).sum(-1)
    found = explain(model, image(), layer="conv2", reduce="sum")
    assert found.query.target == Target(((1.0, Unit(CONV2)),))
    assert found.target == "layer 2 conv2, all filters"
    np.testing.assert_allclose(found.values, expected, atol=1e-6)


@pytest.mark.parametrize(
    ("layer", "filters", "message"),
    [
        (-1, 4, r"filter 4 is out of range: layer 6 dense has 4 filters, 0 to 3"),
        (-1, -5, r"filter -5 is out of range: layer 6 dense has 4 filters, 0 to 3"),
        ("conv2", [0, 5], r"filter 5 is out of range: layer 2 conv2 has 5 filters, 0 to 4"),
        (-1, [], "filters is empty"),
        (-1, np.array([], int), "filters is empty"),
    ],
)
def test_filters_that_the_layer_has_not(model, layer: int | str, filters: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        explain(model, image(), layer=layer, filters=filters)


def test_the_one_filter_of_a_regression_is_number_zero() -> None:
    model = models.in_a_row(SHAPE, layers.Flatten(), layers.Dense(1, name="steer"))
    with pytest.raises(ValueError, match=r"filter 1 is out of range: layer 2 steer has 1 filter, number 0"):
        explain(model, image(), filters=1)


@pytest.mark.parametrize("filters", [True, "1", "cat", [0, False], ["1"], 1.0, [2.5]])
def test_filters_are_numbers(model, filters: Any) -> None:
    with pytest.raises(TypeError, match="filters and cells are given as whole numbers"):
        explain(model, image(), filters=filters)


@pytest.mark.parametrize("score", ["probabilities", "", None, 0])
def test_unknown_score_names_the_known(model, score: Any) -> None:
    with pytest.raises(ValueError, match="use one of 'logit', 'probability', 'log_probability'"):
        explain(model, image(), score=score)


def test_probability_without_a_softmax_is_refused() -> None:
    linear = models.without_final()
    network = open_network(linear)
    assert "its score as it stands" in why_no_probability(network, network.output)
    with pytest.raises(ValueError, match=r"needs a final softmax or sigmoid.*use score='logit'"):
        explain(linear, image(), score="probability")


def test_probability_of_an_inner_layer_is_its_activation(model) -> None:
    network = open_network(model)
    assert why_no_probability(network, network.output) == ""
    assert target_of(network, Unit("conv1", 0, "probability")) == Target(((1.0, Unit(1, (0,))),))
