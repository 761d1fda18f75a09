"""Labels and preprocessing of an open widget are changed: all that shows them follows."""

from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np
import pytest

import salwidget
from salwidget import SaliencyWidget
from tests.widget.conftest import Sent, last, small_cnn, until

pytestmark = pytest.mark.slow

Make = Callable[..., SaliencyWidget]
PHOTOS = np.random.default_rng(3).integers(0, 256, (2, 16, 16, 3)).astype(np.uint8)


def half(image: np.ndarray) -> np.ndarray:
    return image / 510


def test_another_preprocessing_is_asked_anew(make: Make, sent: Sent) -> None:
    model = small_cnn()
    widget = make(model, PHOTOS, method="input_x_gradient", preprocess=lambda image: image / 255)
    first = widget.wait(30)
    widget.preprocess = half
    assert widget.status == "computing"
    expected = salwidget.explain(model, PHOTOS[0], "input_x_gradient", preprocess=half)
    np.testing.assert_array_equal(widget.wait(30).values, expected.values)
    assert np.abs(first.values - expected.values).max() > 0
    assert widget.preprocess is half
    predicted = model(half(PHOTOS[:1].astype(np.float32))).numpy()[0]
    until(
        lambda: np.allclose(np.sort(predicted)[::-1], widget._session.panels["explain"].charts._bars.y),
        "the scores of the new inputs",
    )
    widget.image_idx = 1
    np.testing.assert_array_equal(
        widget.wait(30).values, salwidget.explain(model, PHOTOS[1], "input_x_gradient", preprocess=half).values
    )


def test_a_preprocessing_that_does_not_fit_changes_nothing(make: Make) -> None:
    widget = make(images=PHOTOS, preprocess=half)
    before = widget.wait(30)
    with pytest.raises(ValueError, match="preprocess made"):
        widget.preprocess = lambda image: image[:3]
    assert widget.preprocess is half
    assert widget.wait(30) is before


def test_several_inputs_take_a_dict(make: Make) -> None:
    inputs = [keras.Input((8, 8, 3), name="a"), keras.Input((8, 8, 3), name="b")]
    flat = [keras.layers.Flatten()(each) for each in inputs]
    model = keras.Model(inputs, keras.layers.Dense(2)(keras.layers.Concatenate()(flat)))
    widget = make(model, {"a": PHOTOS[0, :8, :8], "b": PHOTOS[1, :8, :8]}, method="saliency")
    widget.wait(30)
    with pytest.raises(TypeError, match=r"as a dict by input name \(a, b\)"):
        widget.preprocess = half
    widget.preprocess = {"a": half}
    assert widget.wait(30)
    (example,) = widget._session.context.gallery.examples
    np.testing.assert_allclose(example[0].input, PHOTOS[0, :8, :8] / 510, rtol=1e-6)
    np.testing.assert_array_equal(example[1].input, PHOTOS[1, :8, :8])


def test_other_labels_are_shown_everywhere(make: Make, sent: Sent) -> None:
    widget = make(labels=["ant", "bee", "cat"], filter_indices="bee")
    widget.wait(30)
    widget.labels = ["Ameise", "Biene", "Katze"]
    widget.wait(30)
    assert last(sent, "map")["target"] == "Biene"
    assert widget.children[0].labels == widget.labels == ["Ameise", "Biene", "Katze"]
    until(lambda: "Biene · 1" in list(widget._session.panels["explain"].charts._bars.x), "the chart's names")
    widget.filter_indices = "Katze"
    assert widget.filter_indices == 2
    with pytest.raises(ValueError, match="2 names"):
        widget.labels = ["one", "two"]
    assert widget.labels[0] == "Ameise"
