from __future__ import annotations

import gc
import threading
import time
import weakref
from collections.abc import Callable
from typing import Any

import ipywidgets
import keras
import numpy as np
import pytest
import traitlets

import salwidget
from salwidget import SaliencyWidget
from tests.widget.conftest import Sent, from_page, kinds, last, say, settled, small_cnn

Make = Callable[..., SaliencyWidget]


def test_it_opens_with_grad_cam_of_the_best_class(make: Make, sent: Sent) -> None:
    model = small_cnn()
    widget = make(model)
    assert settled(widget) == "fresh"
    image = widget._session.context.gallery.examples[0][0].input
    expected = salwidget.explain(model, image, "grad_cam")
    np.testing.assert_array_equal(widget.heatmap.values, expected.values)
    assert widget.heatmap.query.target.filters == (int(model(image[None]).numpy().argmax()),)
    order = kinds(sent)
    assert order.index("picture") < order.index("computing") < order.index("scores") < order.index("map")


def test_the_map_that_is_sent_is_the_heatmap(make: Make, sent: Sent) -> None:
    widget = make(method="input_x_gradient", filter_indices=2)
    settled(widget)
    content, buffers = next((content, buffers) for content, buffers in reversed(sent) if content["kind"] == "map")
    np.testing.assert_array_equal(np.frombuffer(buffers[0], np.float32).reshape(16, 16), widget.heatmap.values)
    assert content["query"] == widget.heatmap.query.id
    assert content["asked"]["filter_indices"] == 2
    assert content["signed"] is True


def test_a_model_without_feature_maps_opens_with_saliency(make: Make) -> None:
    flat = keras.Sequential([keras.Input((16, 16, 3)), keras.layers.Flatten(), keras.layers.Dense(2)])
    widget = make(flat)
    assert widget.method == "saliency"
    assert settled(widget) == "fresh"


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_without_images_a_sample_is_shown_and_said_to_be_one(make: Make, sent: Sent, channels: int) -> None:
    layers = [keras.Input((20, 24, channels)), keras.layers.Conv2D(2, 3), keras.layers.Flatten(), keras.layers.Dense(2)]
    widget = SaliencyWidget(keras.Sequential(layers))
    assert settled(widget) == "fresh"
    assert widget.heatmap.values.shape == (20, 24)
    assert any(("sample" if channels < 4 else "made-up") in notice for notice in widget.children[0].notices)
    widget.close()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("layer_idx", 9, "4 layers, 0 to 3"),
        ("filter_indices", 3, "3 filters, 0 to 2"),
        ("filter_indices", "x", "'x' names no filter of layer 3 scores"),
        ("method", "magic", "grad_cam"),
        ("score", "odds", "'logit', 'probability'"),
        ("backprop_modifier", "magic", "guided"),
        ("grad_modifier", "magic", "absolute"),
        ("image_idx", 3, "3 images, 0 to 2"),
        ("options", {"magic": 1}, "penultimate_layer"),
        ("colormap", "jet", "inferno"),
        ("opacity", 1.5, "opacity"),
    ],
)
def test_a_value_that_does_not_fit_is_one_sentence_and_nothing_moves(make: Make, name: str, value: Any, says: str) -> None:
    widget = make()
    settled(widget)
    before, heatmap = getattr(widget, name), widget.heatmap
    with pytest.raises(traitlets.TraitError, match=says):
        setattr(widget, name, value)
    assert getattr(widget, name) == before
    assert settled(widget) == "fresh"
    assert widget.heatmap is heatmap


def test_values_take_their_canonical_form(make: Make) -> None:
    widget = make()
    widget.layer_idx, widget.image_idx = -3, -1
    widget.filter_indices = [np.int64(4)]
    assert (widget.layer_idx, widget.image_idx, widget.filter_indices) == (1, 2, 4)
    widget.filter_indices = [3, 5]
    assert widget.filter_indices == (3, 5)


def test_browsing_layers_keeps_the_class_for_the_output_and_a_filter_for_the_rest(make: Make) -> None:
    widget = make(filter_indices=2)
    widget.layer_idx = 1
    assert widget.filter_indices == 0
    widget.filter_indices = 5
    widget.layer_idx = 0  # has 4 filters only
    assert widget.filter_indices == 3
    widget.layer_idx = 3
    assert widget.filter_indices == 2


def test_a_question_that_fails_keeps_the_last_map(make: Make, sent: Sent) -> None:
    widget = make()
    settled(widget)
    good = widget.heatmap
    widget.layer_idx = 0
    assert settled(widget).startswith("error: Grad-CAM needs a convolution before layer 0 first")
    assert last(sent, "error")["text"] in widget.status
    assert widget.heatmap is good
    widget.method = "saliency"
    assert settled(widget) == "fresh"


def test_a_callable_that_raises_is_told_and_survived(make: Make) -> None:
    def broken(gradient: np.ndarray) -> np.ndarray:
        raise ZeroDivisionError("mine")

    widget = make()
    settled(widget)
    widget.grad_modifier = broken
    assert settled(widget) == "error: ZeroDivisionError: mine"
    assert widget.children[0].grad_modifier == "broken()"
    from_page(widget, grad_modifier=None)
    assert settled(widget) == "fresh"
    from_page(widget, grad_modifier="broken()")
    assert widget.grad_modifier is broken


def test_stop_drops_the_question_and_the_next_one_is_answered(make: Make, sent: Sent) -> None:
    model = small_cnn()
    asked, go = threading.Event(), threading.Event()

    def slow(gradient: np.ndarray) -> np.ndarray:
        asked.set()
        assert go.wait(30)
        return gradient

    widget = make(model, method="saliency", filter_indices=0)
    settled(widget)
    good = widget.heatmap
    widget.grad_modifier = slow
    assert asked.wait(30)
    say(widget, {"kind": "stop", "pane": "explain"})
    assert widget.status == "stale"
    go.set()
    widget.layer_idx, widget.layer_idx = 1, 3  # answered after the stopped one has run to its end
    settled(widget)
    assert widget.heatmap.query.id == last(sent, "map")["query"]
    stopped = last(sent, "stopped")["seq"]
    assert stopped not in [content["seq"] for content, _ in sent if content["kind"] == "map"]
    assert good.query.grad_modifier is None


def test_many_moves_end_on_the_last(make: Make, sent: Sent) -> None:
    widget = make(layer_idx=1, method="saliency", filter_indices=0)
    settled(widget)
    for move in range(60):
        widget.filter_indices = move % 6
    assert settled(widget) == "fresh"
    assert widget.heatmap.query.target.filters == (59 % 6,)
    seqs = [content["seq"] for content, _ in sent if content["kind"] == "map"]
    assert seqs == sorted(seqs)


def test_training_the_model_further_changes_the_next_map_and_the_scores(make: Make, sent: Sent) -> None:
    model = small_cnn()
    widget = make(model, method="saliency", filter_indices=0)
    settled(widget)
    before = widget.heatmap.values
    model.layers[-1].kernel.assign(model.layers[-1].kernel * 2)
    widget.filter_indices = 1
    settled(widget)
    widget.filter_indices = 0
    settled(widget)
    np.testing.assert_allclose(widget.heatmap.values, 2 * before, rtol=1e-5)


def test_widgets_can_be_linked_and_scripted(make: Make) -> None:
    widget = make()
    slider = ipywidgets.IntSlider(min=0, max=3, value=3)
    traitlets.link((slider, "value"), (widget, "layer_idx"))
    slider.value = 1
    assert widget.layer_idx == 1
    with pytest.raises(TypeError, match="no 'layer'"):
        make(layer=3)


@pytest.mark.slow
@pytest.mark.usefixtures("nothing_old_is_searched")
def test_fifty_widgets_leave_nothing_behind() -> None:
    model = small_cnn()
    images = np.zeros((1, 16, 16, 3), np.float32)
    widgets = ipywidgets.widgets.widget._instances
    references = []
    count = None
    for _ in range(50):
        widget = SaliencyWidget(model, images, method="saliency")
        settled(widget)
        references.append(weakref.ref(widget))
        widget.close()
        assert widget.status == "closed"
        del widget
        gc.collect()
        count = len(widgets) if count is None else count
        assert len(widgets) == count, "widgets pile up in ipywidgets"
    deadline = time.monotonic() + 10
    while any(thread.name.startswith("salwidget") for thread in threading.enumerate()) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("salwidget")]
    gc.collect()
    assert sum(reference() is not None for reference in references) <= 1
