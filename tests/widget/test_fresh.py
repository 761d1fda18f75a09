"""An answer is of what the controls ask now, or it is said not to be."""

from __future__ import annotations

import _thread
import signal
import threading
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import traitlets

import salwidget
from salwidget import SaliencyWidget
from salwidget.attribution import Answer, Context, Number
from tests.widget.conftest import Sent, from_page, last, say, settled, small_cnn, until

pytestmark = pytest.mark.slow

Make = Callable[..., SaliencyWidget]


@pytest.fixture
def registry() -> Iterator[None]:
    before = dict(salwidget.METHODS)
    yield
    salwidget.METHODS.clear()
    salwidget.METHODS.update(before)


def constant(value: float, **declared: Any) -> type[salwidget.Method]:
    """What a cell that defines a method makes each time it is run."""

    def refine(self: salwidget.Method, context: Context) -> Iterator[Answer]:
        yield Answer(np.full(context.image.shape[:2], value))

    words = dict.fromkeys(("sentence", "formula", "limits", "paper"), "words") | {"units": "u"}
    named = {"name": "constant", "title": f"Constant {value}", "refine": refine}
    return salwidget.method(type("Constant", (salwidget.Method,), {**words, **named, **declared}))


# Methods defined again


@pytest.mark.usefixtures("registry")
def test_open_widgets_follow_a_method_that_is_defined_again(make: Make, sent: Sent) -> None:
    model = small_cnn()
    constant(1.0)
    one, other, aside = make(model, method="constant"), make(model, method="constant"), make(model, method="saliency")
    for widget in (one, other, aside):
        widget.wait(30)
    before = aside._session.panes["explain"].seq
    constant(2.0)
    assert one.status == "computing"
    assert one.wait(30).values.max() == other.wait(30).values.max() == 2
    assert aside._session.panes["explain"].seq == before, "what another method answers is not asked again"
    titles = [
        next(each["title"] for each in widget.children[0].methods if each["name"] == "constant") for widget in (one, aside)
    ]
    assert titles == ["Constant 2.0", "Constant 2.0"]
    new = make(model, method="constant")
    assert new.wait(30).values.max() == 2


@pytest.mark.quick
@pytest.mark.usefixtures("registry")
def test_a_method_registered_later_is_offered_by_an_open_widget(make: Make) -> None:
    widget = make()
    offered = [each["name"] for each in widget.children[0].methods]
    constant(4.0)
    assert [each["name"] for each in widget.children[0].methods] == [*offered, "constant"]
    widget.method = "constant"
    assert widget.wait(30).values.max() == 4


@pytest.mark.quick
@pytest.mark.usefixtures("registry")
def test_an_option_that_is_gone_is_let_go(make: Make) -> None:
    constant(1.0, samples=Number("samples", 3, 1, 9))
    widget = make(method="constant", options={"samples": 5})
    widget.wait(30)
    constant(2.0)
    assert widget.wait(30).values.max() == 2
    assert widget.options == {}


@pytest.mark.usefixtures("registry")
def test_a_declaration_that_fails_is_told_and_the_cell_goes_on(make: Make, sent: Sent) -> None:
    widget = make()
    widget.wait(30)

    def refusal(self: salwidget.Method, *_: Any) -> str:
        raise RuntimeError("no idea")

    constant(1.0, refusal=refusal)
    assert "no idea" in last(sent, "error")["text"]
    widget.method = "saliency"
    assert widget.wait(30).query.method == "saliency"


@pytest.mark.quick
@pytest.mark.usefixtures("registry")
def test_a_closed_widget_is_not_told(make: Make) -> None:
    widget = make()
    session = widget._session
    widget.close()
    constant(1.0)
    assert session not in salwidget.attribution.WATCHERS


def test_a_rule_of_ones_own_defined_again_is_asked_again(make: Make) -> None:
    """Both are called the same, so that the page sees no difference."""
    import tensorflow as tf

    def doubling(factor: float) -> Callable[..., Any]:
        def rule(inputs: Any, outputs: Any, gradient: Any) -> Any:
            return factor * tf.raw_ops.ReluGrad(gradients=gradient, features=outputs[0])

        return rule

    widget = make(method="saliency", filter_indices=0, options={"reduce": "sum"})
    plain = widget.wait(30).values
    for factor in (1.0, 2.0):
        widget.backprop_modifier = doubling(factor)
        np.testing.assert_allclose(widget.wait(30).values, factor**2 * plain, rtol=1e-4, atol=1e-7)


# wait


def test_wait_gives_the_answer_to_the_controls_as_they_are(make: Make) -> None:
    model = small_cnn()
    widget = make(model)
    image = widget._session.context.gallery.examples[0][0].input
    for layer, filters in ((0, 1), (1, 2), (3, 0)):
        widget.layer_idx, widget.filter_indices, widget.method = layer, filters, "saliency"
        assert widget.status == "computing"
        expected = salwidget.explain(model, image, "saliency", layer=layer, filters=filters)
        np.testing.assert_array_equal(widget.wait(30).values, expected.values)
        assert widget.status == "fresh"


def test_wait_raises_what_is_wrong_and_the_last_answer_stays(make: Make) -> None:
    widget = make(small_cnn(activation="relu"), method="saliency")
    good = widget.wait(30)
    widget.backprop_modifier = lambda inputs, outputs, gradient: 1 / 0
    with pytest.raises(ValueError, match="ZeroDivisionError"):
        widget.wait(30)
    assert widget.heatmap is good
    widget.backprop_modifier = None
    assert widget.wait(30) == good


@pytest.fixture
def held(registry: None) -> Iterator[threading.Event]:
    """A method that answers when it is let go."""
    go = threading.Event()

    def refine(self: salwidget.Method, context: Context) -> Iterator[Answer]:
        while not go.wait(0.01):
            yield Answer(np.zeros(context.image.shape[:2]), progress=0.5)
        yield Answer(np.ones(context.image.shape[:2]))

    constant(0.0, name="held", title="Held", refine=refine)
    yield go
    go.set()


def test_wait_gives_up_in_time_and_the_work_goes_on(make: Make, held: threading.Event) -> None:
    widget = make(method="held")
    with pytest.raises(TimeoutError, match=r"No answer within 0\.1 s"):
        widget.wait(0.1)
    held.set()
    assert widget.wait(30).values.max() == 1


def test_an_interrupt_ends_the_wait(make: Make, held: threading.Event) -> None:
    widget = make(method="held")
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # as in a kernel: a process of xdist ignores it
    threading.Timer(0.3, _thread.interrupt_main).start()
    try:
        with pytest.raises(KeyboardInterrupt):
            widget.wait(30)
    finally:
        signal.signal(signal.SIGINT, before)
    held.set()
    assert widget.wait(30).values.max() == 1


@pytest.mark.quick
def test_a_question_that_is_stopped_ends_the_wait(make: Make, held: threading.Event) -> None:
    widget = make(method="held")
    threading.Timer(0.3, lambda: say(widget, {"kind": "stop", "pane": "explain"})).start()
    with pytest.raises(ValueError, match="stopped before its answer"):
        widget.wait(30)


def test_a_widget_that_is_closed_ends_the_wait(make: Make, held: threading.Event) -> None:
    widget = make(method="held")
    threading.Timer(0.3, widget.close).start()
    with pytest.raises(ValueError, match="closed"):
        widget.wait(30)
    with pytest.raises(ValueError, match="closed"):
        widget.wait()


def test_an_observer_cannot_wait_for_itself(make: Make) -> None:
    widget = make()
    widget.wait(30)
    failed: list[Exception] = []

    def look(_: Any) -> None:
        try:
            widget.wait(5)
        except Exception as error:
            failed.append(error)

    widget.observe(look, "heatmap")
    widget.method = "saliency"
    until(lambda: failed, "the observer")
    assert isinstance(failed[0], RuntimeError)
    assert "change['new']" in str(failed[0])


# Names


LABELS = ["water ouzel", "zebra", "bee"]


def test_layers_by_name_and_classes_by_label(make: Make) -> None:
    widget = make(labels=LABELS, layer_idx="second", filter_indices=4)
    assert (widget.layer_idx, widget.filter_indices) == (1, 4)
    widget.layer_idx = "scores"
    widget.filter_indices = "Zebra"
    widget.versus = "bee"
    assert (widget.layer_idx, widget.filter_indices, widget.versus) == (3, 1, 2)
    widget.versus = None
    widget.filter_indices = ["bee", 0]
    assert widget.filter_indices == (2, 0)
    assert widget.children[0].filter_indices == [2, 0]
    assert widget.wait(30).query.target.filters == (2, 0)


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("layer_idx", "secnd", "There is no layer 'secnd' in .*; the nearest are second"),
        ("layer_idx", 1.5, "by its index or its name, not by float"),
        ("layer_idx", True, "by its index or its name, not by bool"),
        ("layer_idx", None, "by its index or its name, not by NoneType"),
        ("filter_indices", "zebr", "No class is called 'zebr'; the nearest are zebra"),
    ],
)
def test_a_name_that_is_none_is_one_sentence(make: Make, name: str, value: Any, says: str) -> None:
    widget = make(labels=LABELS)
    before = getattr(widget, name)
    with pytest.raises(traitlets.TraitError, match=says):
        setattr(widget, name, value)
    assert getattr(widget, name) == before
    assert widget.wait(30)


@pytest.mark.quick
def test_filters_of_a_hidden_layer_have_no_names(make: Make) -> None:
    widget = make(labels=LABELS, layer_idx=0)
    with pytest.raises(traitlets.TraitError, match="'zebra' names no filter of layer 0 first: give its number, 0 to 3"):
        widget.filter_indices = "zebra"


def test_a_layer_and_a_class_by_name_from_a_hostile_page(make: Make, sent: Sent) -> None:
    widget = make(labels=LABELS)
    settled(widget)
    from_page(widget, layer_idx="nowhere", filter_indices={"a": 1})
    assert "no layer 'nowhere'" in next(content["text"] for content, _ in sent if content["kind"] == "error")
    assert widget.children[0].layer_idx == 3
    assert widget.wait(30)


# What can't be drawn


@pytest.mark.usefixtures("registry")
def test_the_histogram_of_a_map_of_nan_is_empty(make: Make) -> None:
    widget = make(method="saliency")
    widget.wait(30)
    charts = widget._session.panels["explain"].charts
    until(lambda: np.any(charts._bins.y), "the first histogram")
    constant(float("nan"))
    widget.method = "constant"
    assert widget.wait(30).notes == ("100.00% of the values are NaN or infinite",)
    until(lambda: charts._units.label == "no finite value", "the histogram")
    assert not np.any(charts._bins.y)
    constant(2.0)
    widget.wait(30)
    until(lambda: charts._units.label == "u", "the histogram of what is finite again")
    assert np.any(charts._bins.y)


def test_a_class_clicked_in_the_chart_is_told_to_the_page(make: Make, sent: Sent) -> None:
    widget = make()
    widget.wait(30)
    until(lambda: widget._session.panels["explain"].charts._classes, "the chart")
    widget._session.panels["explain"].charts._clicked("bar", {"data": {"index": 1}})
    assert last(sent, "picked")["index"] == widget._session.panels["explain"].charts._classes[1]
