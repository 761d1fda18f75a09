"""Random architectures against their twins; ``make truth`` asks ten times as many."""

from __future__ import annotations

from collections import Counter

import pytest

from salwidget import explain, open_network
from tests.architectures import Drawn, errors, errors_when_restructured, weigh

BOUND = 1e-6  # heatmaps are float32


@pytest.mark.parametrize("seed", range(20))
def test_a_random_architecture_has_the_maps_of_its_twin(seed: int) -> None:
    drawn, twin = Drawn(seed, twin=False), Drawn(seed, twin=True)
    network = open_network(drawn.model)
    words = [each.split(" ") for each in network.smooth_activations.split(", ") if each]
    named = Counter({name: int(count) for count, name in words})
    assert (network.rectifiers, named) == (twin.rectifiers, twin.others)
    target = {"layer": drawn.head, "filters": 1}
    pictures = drawn.pictures(seed)
    for name in [name for name, count in drawn.behind.items() if name in pictures and not count]:
        with pytest.raises(ValueError, match=r"no rectifier"):
            explain(drawn.model, pictures, wrt=name, backprop_modifier="guided", **target)
    for changed in (False, True):
        if changed:  # the weights of some layers, between two questions
            for each in (drawn, twin):
                weigh(each.model, seed + 1000, share=0.5)
        found = errors(drawn, twin, seed)
        assert {name: error for name, error in found.items() if not error < BOUND} == {}


@pytest.mark.parametrize("seed", range(20))
def test_it_has_the_maps_of_its_twin_when_layers_have_come_and_gone(seed: int) -> None:
    found = errors_when_restructured(seed)
    assert {name: error for name, error in found.items() if not error < BOUND} == {}
