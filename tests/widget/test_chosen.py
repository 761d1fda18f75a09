"""What is chosen with a layer wins over what is remembered of it, where the value is as before too: in all ways of choosing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import traitlets

from salwidget import SaliencyWidget
from tests.widget.conftest import from_page, settled

pytestmark = pytest.mark.slow

Make = Callable[..., SaliencyWidget]
OUTPUT, HIDDEN = 3, 1


def held(widget: SaliencyWidget, **controls: Any) -> None:
    with widget.hold_trait_notifications():
        for name, value in controls.items():
            setattr(widget, name, value)


def one_by_one(widget: SaliencyWidget, **controls: Any) -> None:
    for name, value in controls.items():
        setattr(widget, name, value)


@pytest.fixture(params=[from_page, held, one_by_one], ids=["page", "held", "one by one"])
def choose(request: pytest.FixtureRequest) -> Callable[..., None]:
    return request.param


@pytest.fixture
def widget(make: Make) -> SaliencyWidget:
    """At a hidden layer; of the output class 1 is remembered."""
    made = make(method="saliency")
    made.layer_idx = OUTPUT
    made.filter_indices = 1
    made.layer_idx = HIDDEN
    made.filter_indices = 0
    settled(made)
    return made


@pytest.mark.parametrize("filters", [0, 1, 2, None])
@pytest.mark.parametrize("before", [0, 2, None])
def test_a_class_that_is_chosen_is_explained(
    widget: SaliencyWidget, choose: Callable[..., None], before: int | None, filters: int | None
) -> None:
    widget.filter_indices = before
    choose(widget, layer_idx=OUTPUT, filter_indices=filters)
    assert settled(widget) == "fresh"
    view = widget.children[0]
    assert (widget.layer_idx, widget.filter_indices) == (view.layer_idx, view.filter_indices) == (OUTPUT, filters)
    (_, unit), *_ = widget.heatmap.query.target.terms
    assert unit.layer == OUTPUT
    assert filters is None or unit.filters == (filters,)


def test_without_a_choice_the_remembered_class_comes_back(widget: SaliencyWidget, choose: Callable[..., None]) -> None:
    choose(widget, layer_idx=OUTPUT)
    assert widget.filter_indices == 1
    choose(widget, layer_idx=HIDDEN)
    assert widget.filter_indices == 0


def test_target_b_and_a_cell_are_choices_too(widget: SaliencyWidget, choose: Callable[..., None]) -> None:
    widget.versus, widget.cell = 2, (1, 1)
    choose(widget, layer_idx=0, filter_indices=3, versus=2, cell=(1, 1))
    assert (widget.layer_idx, widget.filter_indices, widget.versus, widget.cell) == (0, 3, 2, (1, 1))
    choose(widget, layer_idx=HIDDEN, versus=2)
    assert (widget.filter_indices, widget.versus, widget.cell) == (3, 2, None)


@pytest.mark.quick
def test_a_choice_that_the_layer_does_not_have_moves_nothing(widget: SaliencyWidget) -> None:
    widget.filter_indices = 5
    with pytest.raises(traitlets.TraitError, match=r"filter 5"):
        held(widget, layer_idx=OUTPUT, filter_indices=5)
    assert (widget.layer_idx, widget.filter_indices) == (HIDDEN, 5)
    assert settled(widget) == "fresh"


def test_a_choice_is_forgotten_with_its_turn(widget: SaliencyWidget) -> None:
    held(widget, filter_indices=0)
    widget.layer_idx = OUTPUT
    assert widget.filter_indices == 1
    from_page(widget, layer_idx=HIDDEN, filter_indices=0)
    from_page(widget, layer_idx=OUTPUT)
    assert widget.filter_indices == 1
