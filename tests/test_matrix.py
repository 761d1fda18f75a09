"""Every method on every kind of model: an answer, or one sentence that says why not, and nothing in between."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np
import pytest

from salwidget import METHODS, Heatmap, explain
from tests.zoo import ZOO, Kind

pytestmark = pytest.mark.slow

# As little work as each method can do; strong noise, for in a piecewise linear model the gradient has no variance else.
TINY = {"samples": 3, "noise": 1.0, "steps": 3, "masks": 10, "top": 3}
# Pixels of a side at which XRAI segments an image, a quarter of the work: its tests have the real one, these few pixels.
SIDE = 112
# Methods whose map follows the gradient at the input, and so must follow a backprop rule.
BY_GRADIENT = [name for name, method in METHODS.items() if method.uses_gradient and method.group == "Gradients"]


@dataclass
class Specimen:
    """A built model of the zoo, and what was asked of it."""

    kind: Kind
    model: keras.Model
    answers: dict[str, dict[str, Heatmap]] = field(default_factory=dict)

    @functools.cached_property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The extent of each input, by name."""
        inputs = self.kind.inputs
        named = inputs if isinstance(inputs, dict) else {"": inputs}
        return {name: each.shape[:-1] if each.ndim > 1 else each.shape for name, each in named.items()}

    @property
    def state(self) -> tuple[bytes, ...]:
        inputs = self.kind.inputs
        batch = [each[None] for each in (inputs.values() if isinstance(inputs, dict) else [inputs])]
        if self.kind.channels_first:
            batch = [np.moveaxis(each, -1, 1) for each in batch]
        outputs = keras.tree.flatten(self.model(batch if len(batch) > 1 else batch[0], training=False))
        return tuple(np.asarray(values).tobytes() for values in (*outputs, *self.model.get_weights()))

    def first(self, method: str) -> dict[str, Heatmap]:
        """The first plain answer."""
        if method not in self.answers:
            self.answers[method] = self.ask(method)
        return self.answers[method]

    def ask(self, method: str, **others: Any) -> dict[str, Heatmap]:
        """The answer for each input by its name, "" for a single one."""
        declared = METHODS[method].options()
        options = {name: value for name, value in TINY.items() if name in declared}
        if "patch" in declared:
            options["patch"] = max(size for shape in self.shapes.values() for size in shape) // 2
        layer = {"feature_map": self.kind.maps, "weights": self.kind.first}.get(method, self.kind.explained)
        found = explain(self.model, self.kind.inputs, method, layer=layer, wrt=self.kind.wrt, seed=3, **options, **others)
        return found if isinstance(found, dict) else {self.kind.wrt or "": found}


@pytest.fixture(scope="module", params=ZOO)
def specimen(request: pytest.FixtureRequest) -> Iterator[Specimen]:
    """One model at a time; after all that was asked of it, it is as it was."""
    kind = ZOO[request.param]
    made = Specimen(kind, kind.build())
    before = made.state
    yield made
    assert made.state == before, f"the questions changed {request.param}"
    keras.backend.clear_session()


@pytest.fixture(autouse=True)
def little_work(specimen: Specimen, monkeypatch: pytest.MonkeyPatch) -> None:
    """Few images a step, so that every method takes several steps; the last of them is not full."""
    monkeypatch.setattr("salwidget.attribution.xrai.SIDE", SIDE)
    for most in ("MOST", "MOST_SCORES"):
        monkeypatch.setattr(f"salwidget.engine.batch_size.{most}", specimen.kind.batch)


@pytest.mark.parametrize("method", METHODS)
def test_answers_or_says_why_not(specimen: Specimen, method: str) -> None:
    if method in specimen.kind.refused:
        with pytest.raises(ValueError, match=r"^[^\n]{20,400}[.]$") as caught:
            specimen.ask(method)
        assert ". " not in str(caught.value), "one sentence"
        return
    first, second = specimen.first(method), specimen.ask(method)
    assert set(first) == ({specimen.kind.wrt} if specimen.kind.wrt else set(specimen.shapes))
    for name, found in first.items():
        assert found.progress == 1.0
        assert np.isfinite(found.values).all()
        assert np.isfinite(found.cells).all()
        if METHODS[method].on_image:
            assert found.values.shape == specimen.shapes[name]
        # oneDNN does not promise one order of addition: CI once saw an LRP map differ in its last bits.
        bits = 8 * np.finfo(np.float32).eps * np.abs(found.values).max(initial=0)
        np.testing.assert_allclose(found.values, second[name].values, rtol=0, atol=bits, err_msg="asked twice")
        assert found == second[name]


@pytest.mark.parametrize("method", BY_GRADIENT)
def test_guided_changes_the_map_or_names_what_it_does_not_reach(specimen: Specimen, method: str) -> None:
    if method in specimen.kind.refused:
        return
    if specimen.kind.named:
        with pytest.raises(ValueError, match=f"no rectifier .*its activations are .*{specimen.kind.named}"):
            specimen.ask(method, backprop_modifier="guided")
        return
    plain, ruled = specimen.first(method), specimen.ask(method, backprop_modifier="guided")
    for name, found in ruled.items():
        assert "modified" in " ".join(found.notes)
        assert not np.allclose(found.values, plain[name].values, rtol=1e-3, atol=0)
