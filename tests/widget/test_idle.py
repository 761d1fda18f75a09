"""What is prepared while nobody asks."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import keras
import pytest

from salwidget import SaliencyWidget, Unit, explain, open_network
from salwidget.attribution.explain import query_of
from salwidget.images import examples_of
from salwidget.widget.explain.idle import likely
from tests import models
from tests.models import image

pytestmark = pytest.mark.slow

Make = Callable[..., SaliencyWidget]


def queries(model: keras.Model, method: str, layer: int, **how: Any) -> list[tuple[str, int, Any]]:
    """Method, layer and rule of each question that is likely after one."""
    network = open_network(model)
    (example,) = examples_of(image(), network.inputs, None)
    query = query_of(network, example, method, Unit(layer, 1), network.inputs[0], how.get("rule"), None, 0, {})
    return [(each.method, each.target.layer, each.backprop_modifier) for each in likely(query, network)]


def test_the_plain_gradient_the_layers_beside_and_another_rule_are_likely() -> None:
    model = models.functional()
    assert queries(model, "grad_cam", 5) == [
        ("saliency", 5, None),
        ("grad_cam", 6, None),
        ("grad_cam", 4, None),
        ("saliency", 5, "guided"),
    ]
    assert queries(model, "saliency", 6) == [("saliency", 6, None), ("saliency", 5, None), ("saliency", 6, "guided")]
    ruled = queries(model, "saliency", 2, rule="guided")
    assert ("saliency", 3, "guided") in ruled
    assert ruled[0] == ("saliency", 2, None)


def test_after_a_rest_the_neighbours_are_compiled(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("salwidget.widget.explain.idle.REST", 0.01)
    model = models.functional()
    widget = make(model, [image()], method="saliency", layer_idx=2, filter_indices=0)
    network = open_network(model)
    deadline = time.monotonic() + 60
    while network.cuts < 4 and time.monotonic() < deadline:  # layers 1 to 3, and guided
        time.sleep(0.02)
    assert network.cuts == 4
    monkeypatch.setattr("salwidget.widget.explain.idle.REST", 1000.0)  # from here on nothing is prepared
    for name, value in (("layer_idx", 3), ("layer_idx", 2), ("backprop_modifier", "guided")):
        asked = widget.heatmap
        setattr(widget, name, value)
        while (widget.status != "fresh" or widget.heatmap is asked) and time.monotonic() < deadline:
            time.sleep(0.01)
        assert (widget.status, network.cuts) == ("fresh", 4)


def test_a_crowded_network_has_no_room_for_what_is_only_likely(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("salwidget.engine.network.MOST_CUTS", 2)
    network = open_network(model := models.functional())
    assert network.has_room
    explain(model, image(), layer=2, filters=1)
    assert not network.has_room
