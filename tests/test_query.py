"""A query is a value: equal, hashable, with a name, and it can be written as the call that gives its answer."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace
from typing import Any

import numpy as np
import pytest

import salwidget
from salwidget import Query, Target, Unit, explain
from salwidget.digest import digest
from tests import models
from tests.models import image


def target(layer: int, filters: tuple[int, ...] | None, score: str) -> Target:
    return 1 * Unit(layer, filters, score)


BASE = Query("saliency", target(6, (1,), "logit"), "abc")

OTHERS = [
    replace(BASE, method="input_x_gradient"),
    replace(BASE, target=target(6, (0,), "logit")),
    replace(BASE, target=target(6, None, "logit")),
    replace(BASE, target=target(6, (1,), "probability")),
    replace(BASE, target=target(5, (1,), "logit")),
    replace(BASE, image="abd"),
    replace(BASE, backprop_modifier="guided"),
    replace(BASE, grad_modifier="negate"),
    replace(BASE, seed=1),
    replace(BASE, options=(("reduce", "sum"),)),
]


def doubled(gradient: np.ndarray) -> np.ndarray:
    return 2 * gradient


def squared_rule(_inputs: Any, outputs: Any, gradient: Any) -> Any:
    return gradient * outputs[0] ** 2


class Tripled:
    """A modifier without a ``__name__``, as ``functools.partial`` makes them too."""

    def __call__(self, gradient: np.ndarray) -> np.ndarray:
        return 3 * gradient


def test_equal_queries_have_equal_hash_and_id() -> None:
    again = Query("saliency", target(6, (1,), "logit"), "abc")
    assert (again, hash(again), again.id) == (BASE, hash(BASE), BASE.id)


@pytest.mark.parametrize("other", OTHERS, ids=lambda query: query.as_python())
def test_every_part_of_a_query_decides(other: Query) -> None:
    assert other != BASE
    assert other.id != BASE.id
    assert len({other, BASE, replace(other)}) == 2


def test_id_is_short_hexadecimal_and_stable() -> None:
    assert len(BASE.id) == 12
    assert int(BASE.id, 16) >= 0
    assert len({query.id for query in [BASE, *OTHERS] * 3}) == len(OTHERS) + 1


def test_a_query_is_frozen() -> None:
    with pytest.raises(FrozenInstanceError):
        BASE.seed = 2


def test_digest_tells_values_shapes_and_types_apart() -> None:
    zeros = np.zeros((2, 3), np.float32)
    different = [zeros, zeros.T, zeros.astype(np.float64), np.ones((2, 3), np.float32), zeros.view(np.int32)]
    assert len({digest(each) for each in different}) == len(different)
    assert digest(np.asfortranarray(zeros)) == digest(zeros.copy())


def test_explain_gives_one_query_for_one_question() -> None:
    model = models.functional()
    asked = [explain(model, image(), layer=layer, filters=filters).query for layer in (-1, 6, "dense") for filters in (1, -3)]
    assert len(set(asked)) == 1
    assert asked[0].options == ()
    assert explain(model, image(), filters=1, reduce="auto").query == asked[0]
    assert explain(model, image(seed=3), filters=1).query != asked[0]


CALLS = [
    {},
    {"filters": 2},
    {"filters": (0, 3), "score": "probability"},
    {"layer": "conv2"},
    {"layer": "conv1", "filters": -1, "backprop_modifier": None},
    {"grad_modifier": "negate"},
    {"backprop_modifier": "guided", "grad_modifier": "small_values", "seed": 3},
    {"reduce": "l2"},
    {"method": "input_x_gradient", "backprop_modifier": "deconv"},
    {"method": "grad_cam", "filters": 1},
    {"method": "grad_cam", "penultimate_layer": "conv1"},
    {"method": "feature_map", "layer": "pool", "filters": [2]},
    {"method": "weights", "layer": "conv1", "filters": (0, 2)},
    {"grad_modifier": doubled, "backprop_modifier": squared_rule},
]


@pytest.mark.slow
@pytest.mark.parametrize("call", CALLS, ids=" and ".join)
def test_as_python_gives_the_same_answer(call: dict[str, Any]) -> None:
    scope = {"salwidget": salwidget, "model": models.functional(), "image": image()}
    scope |= {"doubled": doubled, "squared_rule": squared_rule}
    asked = explain(scope["model"], image(), **call)
    written = eval(asked.query.as_python(), scope)
    assert written == asked
    np.testing.assert_array_equal(written.values, asked.values)


def test_as_python_leaves_defaults_out() -> None:
    assert BASE.as_python() == "salwidget.explain(model, image, method='saliency', layer=6, filters=1)"


def test_as_python_names_the_preprocessing() -> None:
    model = models.functional()
    scope = {"salwidget": salwidget, "model": model, "image": image(), "doubled": doubled}
    asked = explain(model, image(), preprocess=doubled, filters=1)
    written = eval(asked.query.as_python(preprocess="doubled"), scope)
    assert written == asked
    np.testing.assert_array_equal(written.values, asked.values)


def test_as_python_names_a_callable_that_has_no_name() -> None:
    code = explain(models.functional(), image(), grad_modifier=Tripled()).query.as_python()
    assert "grad_modifier=" in code
    assert "Tripled" in code
