"""The point probe of a widget: asked once, remembered, and true of the image and the weights that show."""

from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np
import pytest
from keras import layers

from salwidget import SaliencyWidget, probe
from salwidget.evidence import probing
from tests import models
from tests.widget.conftest import Sent, from_page, kinds, last, say, settled, small_cnn, until

pytestmark = pytest.mark.slow

Make = Callable[..., SaliencyWidget]


def answered(widget: SaliencyWidget, sent: Sent) -> tuple[dict[str, object], np.ndarray]:
    """Ask, and wait for what comes."""
    before = kinds(sent).count("supports")
    say(widget, {"kind": "probe"})
    until(lambda: kinds(sent).count("supports") > before, "supports")
    content = last(sent, "supports")
    buffer = next(buffers for each, buffers in reversed(sent) if each is content)[0]
    return content, np.frombuffer(buffer, np.float32).reshape(len(content["classes"]), *content["shape"])


@pytest.mark.quick
def test_it_is_that_of_the_image_that_shows(make: Make, sent: Sent) -> None:
    model = small_cnn(classes=7)
    widget = make(model, labels=list("abcdefg"))
    assert settled(widget) == "fresh"
    assert "supports" not in kinds(sent), "nobody has asked"
    from_page(widget, image_idx=2)
    assert settled(widget) == "fresh"
    content, values = answered(widget, sent)
    alone = probe(model, widget._session.context.gallery.examples[2][0].given, labels=list("abcdefg"))
    assert content == {
        "kind": "supports",
        "image_idx": 2,
        "input_idx": 0,
        "layer": 3,
        "classes": list(alone.classes),
        "labels": ["abcdefg"[index] for index in alone.classes],
        "shape": [12, 12],
        "cam_layer": "1 second",
        "units": "score, first order",
    }
    np.testing.assert_array_equal(values, alone.values)


def test_it_is_computed_once_until_the_weights_change(make: Make, sent: Sent, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    real = probing.support_of
    monkeypatch.setattr("salwidget.widget.probe.support_of", lambda *given: made.append("once") or real(*given))
    model = small_cnn()
    widget = make(model)
    assert settled(widget) == "fresh"
    first, values = answered(widget, sent)
    again, same = answered(widget, sent)
    assert (first, len(made)) == (again, 1)
    np.testing.assert_array_equal(values, same)
    kernel = model.get_layer("scores").kernel
    kernel.assign(2 * kernel)
    content, doubled = answered(widget, sent)
    assert (content["classes"], len(made)) == (first["classes"], 2)
    np.testing.assert_allclose(doubled, 2 * values, rtol=1e-5)


def test_it_is_told_anew_when_a_cell_has_changed_weights_or_names(make: Make, sent: Sent) -> None:
    model = small_cnn()
    widget = make(model)
    assert settled(widget) == "fresh"
    kernel = model.get_layer("scores").kernel
    kernel.assign(2 * kernel)
    widget._session._cell_ran()
    until(lambda: "stopped" in kinds(sent), "that the weights have changed")
    assert "supports" not in kinds(sent), "nobody has asked"
    _, values = answered(widget, sent)
    kernel.assign(2 * kernel)
    widget._session._cell_ran()
    until(lambda: kinds(sent).count("supports") == 2, "supports of the new weights")
    twice = np.frombuffer(next(buffers for each, buffers in reversed(sent) if each["kind"] == "supports")[0], np.float32)
    np.testing.assert_allclose(twice, 2 * values.ravel(), rtol=1e-5)
    widget.labels = ["ouzel", "hen", "shark"]
    until(lambda: kinds(sent).count("supports") == 3, "supports with names")
    assert set(last(sent, "supports")["labels"]) == {"ouzel", "hen", "shark"}
    widget._session._cell_ran()
    assert settled(widget) == "fresh"
    until(lambda: not widget._session.context.worker._errands, "the check")
    assert kinds(sent).count("supports") == 3, "nothing has changed"


def test_of_several_outputs_it_is_of_the_one_that_is_explained(make: Make, sent: Sent) -> None:
    inputs = keras.Input((8, 8, 2))
    maps = layers.GlobalAveragePooling2D()(layers.Conv2D(3, 3, name="maps")(inputs))
    ends = [layers.Dense(count, name=name)(maps) for count, name in ((4, "one"), (6, "two"))]
    model = models.fill(keras.Model(inputs, ends))
    widget = make(model, [models.image()], layer_idx="two")
    assert settled(widget) == "fresh"
    content, values = answered(widget, sent)
    alone = probe(model, models.image(), layer="two")
    assert (content["classes"], content["layer"]) == (list(alone.classes), widget.layer_idx)
    np.testing.assert_array_equal(values, alone.values)
    widget.layer_idx = 2
    assert settled(widget) == "fresh"
    assert answered(widget, sent)[0]["classes"] == list(probe(model, models.image(), layer="one").classes)


def test_it_takes_no_questions_place_and_stops_nothing(make: Make, sent: Sent) -> None:
    widget = make(small_cnn(), method="smoothgrad", filter_indices=0, options={"samples": 200})
    say(widget, {"kind": "probe"})
    until(lambda: "supports" in kinds(sent), "supports")
    assert settled(widget) == "fresh"
    assert last(sent, "map")["final"]
    until(lambda: "thumbnails" in kinds(sent), "what is done while nobody asks")


def test_where_there_is_no_feature_map_one_sentence_says_so(make: Make, sent: Sent) -> None:
    model = models.fill(models.in_a_row((8, 8, 2), layers.Flatten(), layers.Dense(3)))
    widget = make(model, [models.image()])
    assert settled(widget) == "fresh"
    say(widget, {"kind": "probe"})
    until(lambda: "error" in kinds(sent), "an error")
    told = last(sent, "error")
    assert (told["about"], told["pane"]) == ("message", None)
    assert told["text"].startswith("HiResCAM needs a convolution before layer")
    assert widget.status == "fresh"
