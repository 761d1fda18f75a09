"""A page may write any trait, and anything into it: it is corrected and told, and the next move is answered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import traitlets

import salwidget
from salwidget import SaliencyWidget
from salwidget.widget.controls import ROWS
from salwidget.widget.explorer import Explorer
from tests.widget.conftest import Sent, from_page, kinds, last, settled

pytestmark = pytest.mark.slow

Make = Callable[..., SaliencyWidget]
NESTED: list[Any] = []
for _ in range(300):
    NESTED = [NESTED]
HOSTILE: dict[str, Any] = {
    "NaN": float("nan"),
    "infinity": float("inf"),
    "huge": 10**400,
    "hugely negative": -(10**400),
    "empty": {},
    "list": [float("nan"), 10**400],
    "nested": NESTED,
    "long": "x" * 100_000,
    "object": {"a": {"b": [None]}, "samples": float("nan")},
}
KERNELS = sorted(set(Explorer.class_trait_names(sync=True)) - {*ROWS, "seen", "layout"})


@pytest.fixture
def widget(make: Make) -> SaliencyWidget:
    made = make(method="saliency", grad_modifier=np.abs, options={"reduce": "sum"})
    settled(made)
    return made


def answers_the_next_move(widget: SaliencyWidget) -> None:
    model, image, before = widget.model, widget.images[1], widget.filter_indices
    from_page(widget, image_idx=1, filter_indices=2 if before != 2 else 1, method="saliency", grad_modifier=None, seed=0)
    from_page(widget, options={}, aim="increase", score="logit", backprop_modifier=None, layer_idx=3, filter_indices=1)
    expected = salwidget.explain(model, image, "saliency", filters=1)
    np.testing.assert_allclose(widget.wait(30).values, expected.values, rtol=1e-5)
    from_page(widget, opacity=0.25)
    assert widget.opacity == 0.25


@pytest.mark.parametrize("value", HOSTILE)
def test_a_control_keeps_a_value_that_it_may_have(widget: SaliencyWidget, sent: Sent, value: str) -> None:
    view = widget.children[0]
    for name in ROWS:
        before = widget._session.context.on_wire[name]
        sent.clear()
        from_page(widget, **{name: HOSTILE[value]})
        assert getattr(view, name) == widget._session.context.on_wire[name], name
        if widget._session.context.on_wire[name] == before:
            continue
        # Some values are right: a large seed, or no options.
        assert (name, value) in {("seed", "huge"), ("options", "empty")}
    assert widget.opacity == 0.7
    assert widget.threshold == 0.12
    answers_the_next_move(widget)


@pytest.mark.parametrize("name", KERNELS)
def test_what_the_kernel_says_is_not_the_pages_to_change(widget: SaliencyWidget, name: str) -> None:
    view = widget.children[0]
    before = getattr(view, name)
    told: list[set[str]] = []
    view.send_state = lambda key=None: told.append(set(key))
    for value in ({}, [], None, "import os", 3):
        from_page(widget, **{name: value})
        assert getattr(view, name) == before
    assert told == [{name}] * 5, "and the page learns what stands"
    del view.send_state
    answers_the_next_move(widget)


def test_a_control_beside_a_hostile_trait_moves(widget: SaliencyWidget, sent: Sent) -> None:
    from_page(widget, choices={}, network={}, opacity=float("nan"), filter_indices=2)
    assert (widget.filter_indices, widget.opacity) == (2, 0.7)
    assert widget.children[0].opacity == 0.7
    assert last(sent, "error")["text"] == "opacity goes from 0 to 1; nan lies outside."
    assert settled(widget) == "fresh"
    assert "map" in kinds(sent)


@pytest.mark.parametrize("name", ["opacity", "threshold"])
@pytest.mark.parametrize("value", [float("nan"), 10**400, -0.1, 1.5, "0.5", None, True])
def test_in_python_it_is_one_sentence(widget: SaliencyWidget, name: str, value: Any) -> None:
    before = getattr(widget, name)
    with pytest.raises(
        traitlets.TraitError, match=rf"^{name} (goes from 0 to 1; .{{1,40}} lies outside|is a number from 0 to 1)"
    ):
        setattr(widget, name, value)
    assert getattr(widget, name) == before
    setattr(widget, name, np.float32(0.5))
    assert (getattr(widget, name), type(getattr(widget, name))) == (0.5, float)
