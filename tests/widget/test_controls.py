"""Moves of the controls as a value: what follows from them, and what is refused, without a widget."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields
from types import SimpleNamespace
from typing import Any

import keras
import numpy as np
import pytest
import traitlets

import salwidget
from salwidget import SaliencyWidget, Unit
from salwidget.engine.network import Network
from salwidget.engine.opening import open_network
from salwidget.widget import renewal
from salwidget.widget.checks import Available
from salwidget.widget.control_traits import ControlTrait
from salwidget.widget.controls import DEFAULTS, LOOK, QUESTION, ROWS, TEST, Controls
from salwidget.widget.controls_query import controls_query
from salwidget.widget.explorer import Explorer
from salwidget.widget.gallery import Gallery
from salwidget.widget.trait_codec import GIVEN, TraitCodec
from tests.widget.conftest import small_cnn

# Of small_cnn: 4 and 6 filters, then 3 classes.
FIRST, SECOND, OUTPUT = 0, 1, 3
LABELS = ["ant", "bee", "cat"]
TABS = ("explain", "dream")


def size(image: int, source: int) -> tuple[int, int]:
    return 8, 8


@pytest.fixture(scope="module")
def model() -> keras.Model:
    return small_cnn()


@pytest.fixture(scope="module")
def network(model: keras.Model) -> Network:
    return open_network(model)


@pytest.fixture
def available(network: Network) -> Available:
    return Available(network, LABELS, 2, TABS, size)


@pytest.fixture
def opened(available: Available) -> Controls:
    return Controls.opened({}, available)


def moved(controls: Controls, available: Available, **changes: Any) -> Controls:
    """A move that nothing speaks against."""
    now, refused = controls.apply(changes, available)
    assert not refused
    return now


# Rows


def test_both_classes_of_traits_are_the_rows() -> None:
    public = {name: trait for name, trait in SaliencyWidget.class_traits().items() if isinstance(trait, ControlTrait)}
    assert set(public) == set(ROWS)
    assert tuple(ROWS) == (*QUESTION, *TEST, *LOOK)
    assert {name: trait.default_value for name, trait in public.items()} == DEFAULTS
    assert set(ROWS) <= set(Explorer.class_trait_names(sync=True))
    assert {each.name for each in fields(Controls)} == {*ROWS, "filters_elsewhere"}


def test_the_docstring_says_what_each_is() -> None:
    documented = SaliencyWidget.__doc__ or ""
    assert "{controls}" not in documented
    assert all(len(line) <= 128 for line in documented.splitlines())
    words = " ".join(documented.split())
    assert all(f" {name} {row.help.replace('`', '``')}" in words for name, row in ROWS.items())


def test_a_value_is_never_changed(opened: Controls) -> None:
    with pytest.raises(FrozenInstanceError):
        opened.seed = 1  # type: ignore[misc]


# What a move implies


def test_another_layer_has_its_own_filters_and_cells(opened: Controls, available: Available) -> None:
    there = moved(opened, available, layer_idx=SECOND, versus=1, cell=(2, 3), filter_indices=5)
    assert (there.versus, there.cell, there.filter_indices) == (1, (2, 3), 5)
    after = moved(there, available, layer_idx=FIRST)
    assert (after.versus, after.cell, after.filter_indices) == (None, None, 3), "the last of its 4 filters is the nearest"
    same = moved(there, available, layer_idx="second")
    assert same == there, "the layer where it is moves nothing"


def test_the_output_keeps_its_class_and_the_others_share_a_filter(opened: Controls, available: Available) -> None:
    at = moved(opened, available, filter_indices="cat")
    trail = []
    for layer in (FIRST, SECOND, OUTPUT, FIRST):
        at = moved(at, available, layer_idx=layer)
        trail.append(at.filter_indices)
        if layer == SECOND:
            at = moved(at, available, filter_indices=2)
    assert trail == [0, 0, 2, 2]


@pytest.mark.parametrize(("chosen", "there"), [((1, 3, 5), (1, 3)), ((4, 5), 0), (None, None)])
def test_several_filters_stay_as_far_as_the_layer_has_them(
    opened: Controls, available: Available, chosen: Any, there: Any
) -> None:
    at = moved(opened, available, layer_idx=SECOND, filter_indices=chosen)
    assert moved(at, available, layer_idx=FIRST).filter_indices == there


@pytest.mark.parametrize("chosen", [0, 1, 2, None])
@pytest.mark.parametrize("before", [0, 2, None])
def test_what_is_chosen_wins_over_what_is_remembered(
    opened: Controls, available: Available, before: int | None, chosen: int | None
) -> None:
    at = moved(moved(opened, available, filter_indices=1), available, layer_idx=SECOND, filter_indices=before)
    assert moved(at, available, layer_idx=OUTPUT).filter_indices == 1
    for changes in ({"layer_idx": OUTPUT, "filter_indices": chosen}, {"filter_indices": chosen, "layer_idx": OUTPUT}):
        assert moved(at, available, **changes).filter_indices == chosen, "in any order, and where it is as it was"


def test_the_first_layer_is_no_move(available: Available) -> None:
    at = Controls.opened({"layer_idx": "second", "versus": 1}, available)
    assert (at.filter_indices, at.versus) == (None, 1)
    assert moved(at, available, layer_idx=OUTPUT).filter_indices is None
    assert moved(Controls.opened({"filter_indices": 2}, available), available, layer_idx=SECOND).filter_indices == 0


def test_another_method_keeps_the_options_that_it_has_and_allows(opened: Controls, available: Available) -> None:
    at = moved(opened, available, method="smoothgrad", options={"samples": 7, "noise": 0.3})
    assert moved(at, available, method="expected_gradients").options == {"samples": 7}
    assert moved(at, available, method="saliency").options == {}
    assert moved(at, available, method="expected_gradients", options={"samples": 9}).options == {"samples": 9}
    many = moved(opened, available, method="expected_gradients", options={"samples": 400})
    assert moved(many, available, method="smoothgrad").options == {}, "which has 200 at most"


# What is refused


def test_what_does_not_fit_is_refused_and_the_rest_moves(opened: Controls, available: Available) -> None:
    now, refused = opened.apply({"seed": -1, "opacity": 2, "layer_idx": FIRST, "filter_indices": 9, "versus": 2}, available)
    assert {name: str(error) for name, error in refused.items()} == {
        "filter_indices": "filter 9 is out of range: layer 0 first has 4 filters, 0 to 3.",
        "seed": "seed -1 is negative; use 0 or more.",
        "opacity": "opacity goes from 0 to 1; 2 lies outside.",
    }
    assert all(isinstance(error, traitlets.TraitError) for error in refused.values())
    assert now.moved_since(opened) == ["layer_idx", "filter_indices", "versus"]
    assert (now.layer_idx, now.filter_indices, now.versus) == (FIRST, 0, 2)


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("image_idx", "one", "image_idx is a whole number, not 'one'."),
        ("image_idx", True, "image_idx is a whole number, not True."),
        ("seed", 0.5, "seed is a whole number, not 0.5."),
        ("options", [1], "options is a dict from an option's name to its value, not [1]."),
        ("colormap", 3, "colormap is a name, or '' (automatic), not 3."),
        ("charts", "yes", "charts is True or False, not 'yes'."),
        ("tab", "dance", "tab 'dance' is not known; use one of 'explain', 'dream'."),
    ],
)
def test_a_refusal_is_one_sentence(opened: Controls, available: Available, name: str, value: Any, says: str) -> None:
    now, refused = opened.apply({name: value}, available)
    assert (now, str(refused[name])) == (opened, says)
    with pytest.raises(traitlets.TraitError) as raised:
        Controls.opened({name: value}, available)
    assert str(raised.value) == says


def test_numbers_of_numpy_are_numbers(opened: Controls, available: Available) -> None:
    at = moved(opened, available, image_idx=np.int64(-1), seed=np.int32(4), charts=np.bool_(False), opacity=np.float32(0.5))
    assert (at.image_idx, at.seed, at.charts, at.opacity) == (1, 4, False, 0.5)
    assert [type(each) for each in (at.image_idx, at.seed, at.charts, at.opacity)] == [int, int, bool, float]


# Another network


def test_controls_are_carried_to_a_changed_network(available: Available) -> None:
    before = available.network
    at = Controls.opened({"layer_idx": SECOND, "filter_indices": 5, "cell": (9, 9), "image_idx": 1}, available)
    model = keras.Sequential(
        [
            keras.Input((16, 16, 3)),
            keras.layers.Conv2D(4, 3, name="new"),
            keras.layers.Conv2D(2, 9, name="second"),
            keras.layers.GlobalAveragePooling2D(name="average"),
            keras.layers.Dense(2, name="scores"),
        ]
    )
    after = Available(open_network(model), [], 1, TABS, size)
    now = renewal.carried_over(at, before, after)
    assert (now.layer_idx, now.filter_indices, now.cell, now.image_idx) == (1, 0, None, 0)
    output = renewal.carried_over(
        Controls.opened({"filter_indices": 2}, available), before, Available(open_network(model), [], 1, TABS, size)
    )
    assert (output.layer_idx, output.filter_indices) == (3, None)


# What they ask


GRADIENTLESS = [name for name, method in salwidget.METHODS.items() if not method.uses_gradient]


@pytest.mark.parametrize("method", GRADIENTLESS)
def test_an_aim_that_needs_a_gradient_is_refused_as_explain_refuses_it(
    model: keras.Model, network: Network, method: str
) -> None:
    (example,) = Gallery(network, np.full((1, 16, 16, 3), 0.5, np.float32), None).examples
    layer = {"feature_map": SECOND, "weights": FIRST}.get(method, OUTPUT)
    at = Controls(layer_idx=layer, filter_indices=0, method=method, aim="maintain")
    with pytest.raises(ValueError, match="uses no gradient") as ours:
        controls_query(network, example, at)
    with pytest.raises(ValueError, match="uses no gradient") as theirs:
        salwidget.explain(model, example[0].input, method, layer=layer, filters=0, aim="maintain")
    assert str(ours.value) == str(theirs.value)


def test_modifiers_of_another_method_wait_for_it(network: Network) -> None:
    (example,) = Gallery(network, np.full((1, 16, 16, 3), 0.5, np.float32), None).examples
    at = Controls(layer_idx=OUTPUT, filter_indices=0, method="occlusion", grad_modifier="negate", backprop_modifier="guided")
    query = controls_query(network, example, at)
    assert (query.grad_modifier, query.backprop_modifier) == (None, None)


# Their way over the wire


def codec_of(network: Network) -> TraitCodec:
    return TraitCodec(SimpleNamespace(network=network, labels=LABELS))  # all that it reads of a context


def test_two_functions_of_one_name_keep_apart(network: Network) -> None:
    codec = codec_of(network)
    rule, modifier, target = (lambda inputs, outputs, gradient: gradient), (lambda gradient: -gradient), (lambda y: y[:, 0])
    given = {"backprop_modifier": rule, "grad_modifier": modifier, "target": target}
    sent = {name: codec.to_page(name, function) for name, function in given.items()}
    assert sent["backprop_modifier"] == sent["grad_modifier"] == "<lambda>()"
    assert {name: codec.from_page(name, label) for name, label in sent.items()} == given
    assert codec.from_page("method", "<lambda>()") == "<lambda>()"


@pytest.mark.parametrize(
    ("name", "value", "sent"),
    [
        ("cell", (2, 3), [2, 3]),
        ("cell", None, None),
        ("target", None, ""),
        ("target", Unit(filters=1) - Unit(filters=2), "bee − cat"),
        ("grad_modifier", np.abs, "absolute()"),
        ("grad_modifier", "negate", "negate"),
        ("options", {"steps": 5}, {"steps": 5}),
        ("aim", 0.5, 0.5),
    ],
)
def test_a_value_comes_back_as_it_went(opened: Controls, available: Available, name: str, value: Any, sent: Any) -> None:
    codec = codec_of(available.network)
    assert codec.to_page(name, value) == sent
    assert codec.from_page(name, sent) == value


def test_an_array_among_the_options_goes_by_a_name(opened: Controls, available: Available) -> None:
    codec = codec_of(available.network)
    at = moved(opened, available, method="integrated_gradients", options={"baseline": np.zeros((16, 16, 3)), "steps": 4})
    sent = codec.to_page("options", at.options)
    assert sent == {"baseline": GIVEN, "steps": 4}
    assert codec.from_page("options", {**sent, "steps": 5}) == {**at.options, "steps": 5}


def test_a_region_is_kept_while_the_question_moves_and_goes_with_its_image(opened: Controls, available: Available) -> None:
    region = np.arange(64).reshape(8, 8) > 40
    marked, refused = opened.apply({"region": region}, available)
    assert not refused
    assert marked.moved_since(opened) == ["region"]
    assert marked.region is not None
    assert marked.region.dtype == bool
    assert np.array_equal(marked.region, region)
    assert marked.apply({"region": region.astype(np.uint8)}, available)[0].moved_since(marked) == []
    asked, _ = marked.apply({"layer_idx": 1, "method": "saliency", "filter_indices": 1}, available)
    assert asked.region is marked.region
    assert marked.apply({"image_idx": 1}, available)[0].region is None
    together, _ = marked.apply({"image_idx": 1, "region": ~region}, available)
    assert np.array_equal(together.region, ~region)
    with pytest.raises(ValueError, match="read-only"):
        marked.region[0, 0] = True


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (np.zeros((8, 8), bool), "The region is empty"),
        (np.ones((4, 8), bool), "4×8 pixels, but the image has 8×8"),
        (np.arange(64).reshape(8, 8), "holds several numbers"),
        ({"size": [8, 8], "bits": "?"}, "not dict"),
        ("no such mask.png", "no such mask.png"),
    ],
)
def test_what_is_no_region_is_refused_and_the_last_one_stays(
    opened: Controls, available: Available, value: object, reason: str
) -> None:
    marked, _ = opened.apply({"region": np.ones((8, 8), bool)}, available)
    now, refused = marked.apply({"region": value}, available)
    assert now.region is marked.region
    assert reason in str(refused["region"])


def test_an_unknown_replacement_is_refused_with_those_there_are(opened: Controls, available: Available) -> None:
    now, refused = opened.apply({"replace": "glue"}, available)
    assert now.replace == "blur"
    assert "'neighbours'" in str(refused["replace"])
