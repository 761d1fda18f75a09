"""What a dream of the widget is of: what the controls say, with the tab's own settings."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
from PIL import Image

import salwidget
from salwidget import SaliencyWidget, Unit
from salwidget.dreams import Jitter, Pad, Rotate, Scale, TotalVariation, deep_dream
from tests.widget.conftest import Sent, last, say, settled, small_cnn, until
from tests.widget.test_dreams import come_to, frames, paint, pixels, pixels_of_each, states

pytestmark = pytest.mark.slow

Make = Callable[..., SaliencyWidget]


def dreamed(model: keras.Model, objective: Any, steps: int = 3, **options: Any) -> salwidget.Dream:
    return salwidget.dream(model, objective=objective, steps=steps, **{"input_range": (0, 1), **options}).run()


@pytest.mark.parametrize(
    ("controls", "target"),
    [
        ({"filter_indices": 1, "score": "probability"}, Unit(-1, 1, "probability")),
        ({"filter_indices": 1, "versus": 2}, Unit(-1, 1) - Unit(-1, 2)),
        ({"filter_indices": 1, "aim": "decrease"}, -1 * Unit(-1, 1)),
        ({"filter_indices": 1, "aim": 0.5}, (1 * Unit(-1, 1)).near(0.5)),
        ({"layer_idx": 1, "filter_indices": 4, "cell": (2, 3)}, Unit(1, 4, cell=(2, 3))),
        ({"layer_idx": 1, "filter_indices": None}, Unit(1)),
        ({"layer_idx": 1, "filter_indices": (2, 3)}, Unit(1, (2, 3))),
        ({"target": Unit(0, 2)}, Unit(0, 2)),
    ],
)
def test_the_target_is_that_of_the_controls(make: Make, sent: Sent, controls: dict[str, Any], target: Any) -> None:
    model = small_cnn()
    widget = make(model, **controls)
    widget.dream(steps=3)
    come_to(sent, "done")
    np.testing.assert_array_equal(widget.dreamed.image, dreamed(model, target).image)


def test_no_filter_is_the_top_class_of_the_current_image_as_for_a_map(make: Make, sent: Sent) -> None:
    model = small_cnn()
    widget = make(model, image_idx=2, labels=["ant", "bee", "cat"])
    widget.dream(steps=3)
    come_to(sent, "done")
    top = int(model(widget._session.context.gallery.examples[2][0].input[None]).numpy().argmax())
    np.testing.assert_array_equal(widget.dreamed.image, dreamed(model, Unit(-1, top)).image)
    assert (last(sent, "dream")["titles"], last(sent, "dream")["filters"]) == ([["ant", "bee", "cat"][top]], [top])


def test_settings_reach_the_engine(make: Make, sent: Sent) -> None:
    model = small_cnn()
    widget = make(model, filter_indices=1)
    widget.dream(steps=3, seed=5, parametrization="pixels", pad=0, jitter=0.1, scale=0, rotate=3, tv=10, start="image")
    come_to(sent, "done")
    image = widget._session.context.gallery.examples[0][0].given
    options = {"transforms": [Jitter(0.1), Rotate(3)], "regularizers": [TotalVariation(10)], "parametrization": "pixels"}
    np.testing.assert_array_equal(widget.dreamed.image, dreamed(model, Unit(-1, 1), seed=5, start=image, **options).image)


def test_the_whole_layer_is_a_deep_dream(make: Make, sent: Sent) -> None:
    model = small_cnn()
    widget = make(model, layer_idx=1, filter_indices=3)
    widget.dream(steps=3, goal="layer")
    come_to(sent, "done")
    np.testing.assert_array_equal(widget.dreamed.image, dreamed(model, deep_dream(1)).image)
    assert last(sent, "dream")["titles"] == ["all of second"]


def test_both_scores_are_two_images_side_by_side(make: Make, sent: Sent) -> None:
    model = small_cnn()
    widget = make(model, filter_indices=1)
    paint(widget, sent)
    widget.dream(steps=3, score="both")
    come_to(sent, "done")
    assert last(sent, "dream")["titles"] == ["class 1: logit", "class 1: probability"]
    expected = dreamed(model, [Unit(-1, 1), Unit(-1, 1, "probability")])
    np.testing.assert_array_equal(pixels(sent), expected.picture)
    np.testing.assert_allclose(last(sent, "frame")["scores"], expected.scores[-1], rtol=1e-6)
    widget.layer_idx = 1
    with pytest.raises(ValueError, match="Only an output has a probability"):
        widget.dream(score="both")


def test_a_model_without_probability_says_so(make: Make) -> None:
    widget = make(small_cnn(activation="linear"), filter_indices=1)
    with pytest.raises(ValueError, match="no probability"):
        widget.dream(score="probability")
    widget.aim = "maintain"
    with pytest.raises(ValueError, match="no aim 'maintain'"):
        widget.dream()


def test_several_answers_differ(make: Make, sent: Sent) -> None:
    widget = make(layer_idx=1, filter_indices=3)
    paint(widget, sent)
    widget.dream(steps=3, count=3)
    come_to(sent, "done")
    assert last(sent, "frame")["inputs"] == [{"shape": [3, 16, 16, 3]}]
    assert last(sent, "dream")["titles"] == [f"filter 3 of second ({place})" for place in (1, 2, 3)]
    shown = pixels(sent).astype(int)
    assert min(np.abs(shown[a] - shown[b]).max() for a, b in [(0, 1), (0, 2), (1, 2)]) > 0


@pytest.mark.parametrize("painting", [True, False])
def test_a_grid_fills_part_by_part(make: Make, sent: Sent, monkeypatch: pytest.MonkeyPatch, painting: bool) -> None:
    monkeypatch.setattr("salwidget.widget.dream.plan.batch_size", lambda *_, **__: 4)
    monkeypatch.setattr("salwidget.widget.dream.dreaming.PATIENCE", np.inf)  # a machine at work takes a second for a step
    model = small_cnn()
    widget = make(model, layer_idx=1)
    settled(widget)
    if painting:
        paint(widget, sent)
    say(widget, {"kind": "dream_filters", "settings": {"tile_steps": 3}})
    come_to(sent, "done")
    paint(widget, sent)
    if not painting:  # all that the page could not keep up with, but for the last step of each part, is left out
        say(widget, {"kind": "dream_painted", "id": 0, "step": 1})
    every = [(0, 1), (0, 2), (0, 3), (4, 1), (4, 2), (4, 3)]
    assert [(frame["offset"], frame["step"]) for frame in frames(sent)] == (every if painting else [(0, 1), (0, 3), (4, 3)])
    assert [frame["inputs"][0]["shape"][0] for frame in frames(sent)][-1] == 2
    said = last(sent, "dream")
    assert (said["form"], said["titles"], said["filters"]) == ("grid", list("012345"), list(range(6)))
    expected = dreamed(model, [Unit(1, 4), Unit(1, 5)])
    np.testing.assert_array_equal(pixels(sent), expected.picture)
    say(widget, {"kind": "dream_export", "id": 0, "format": "png"})
    until(lambda: sent[-1][0]["kind"] == "dream_file", "a file")
    sheet = np.asarray(Image.open(io.BytesIO(sent[-1][1][0])))
    np.testing.assert_array_equal(sheet[20:36, 20:36], expected.picture[0])  # three across, four pixels apart
    for message, says in [({"kind": "dream_export", "format": "gif"}, "no film"), ({"kind": "dream_more"}, "All filters")]:
        say(widget, message | {"id": 0})
        until(lambda says=says: says in sent[-1][0].get("text", ""), says)


def test_a_grid_that_was_stopped_goes_on_where_it_was(make: Make, sent: Sent, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("salwidget.widget.dream.plan.batch_size", lambda *_, **__: 4)
    widget = make(layer_idx=1)
    settled(widget)

    def answer(content: dict[str, Any]) -> None:
        if content["kind"] == "frame":
            say(widget, {"kind": "dream_painted", "id": 0, "step": content["step"]})
        if (content.get("offset"), content.get("step")) == (4, 1):
            say(widget, {"kind": "dream_stop", "id": 0})

    sent.answer = answer
    say(widget, {"kind": "dream_filters", "settings": {"tile_steps": 3}})
    come_to(sent, "stopped")
    paint(widget, sent)
    say(widget, {"kind": "dream_more", "id": 0})
    come_to(sent, "done")
    assert [(frame["offset"], frame["step"]) for frame in frames(sent)][-3:] == [(4, 1), (4, 2), (4, 3)]
    sent.clear()
    say(widget, {"kind": "ready"})
    assert [(frame["offset"], frame["step"]) for frame in frames(sent)] == [(0, 3), (4, 3)], "a page that opens later"
    assert states(sent) == ["done"]


def photo_and_number() -> tuple[keras.Model, dict[str, np.ndarray]]:
    """A model of two inputs and two examples."""
    keras.utils.set_random_seed(1)
    photo, number = keras.Input((12, 12, 3), name="photo"), keras.Input((4,), name="number")
    seen = keras.layers.GlobalAveragePooling2D()(keras.layers.Conv2D(4, 3, activation="relu")(photo))
    model = keras.Model([photo, number], keras.layers.Dense(2)(keras.layers.Multiply()([seen, number])))
    rng = np.random.default_rng(0)
    shapes = {"photo": (2, 12, 12, 3), "number": (2, 4, 1)}
    return model, {name: rng.uniform(size=shape).astype("float32") for name, shape in shapes.items()}


def test_all_inputs_are_dreamed_together_each_with_its_own_images(make: Make, sent: Sent) -> None:
    model, images = photo_and_number()
    widget = make(model, images, filter_indices=0, method="saliency")
    paint(widget, sent)
    widget.dream(steps=3, rotate=3)
    come_to(sent, "done")
    pad, jitter, scale = (kind(kind.option.default) for kind in (Pad, Jitter, Scale))
    moves = {"photo": [pad, jitter, scale, Rotate(3)], "number": []}
    expected = dreamed(model, Unit(-1, 0), transforms=moves)
    for name, each in expected.image.items():
        np.testing.assert_array_equal(widget.dreamed.image[name], each)
    for shown, name in zip(pixels_of_each(sent), ("photo", "number"), strict=True):
        np.testing.assert_array_equal(shown[0], expected.picture[name])
    said = last(sent, "dream")
    title = f"filter 0 of {model.layers[-1].name}"
    assert (said["titles"], said["filters"]) == ([f"{title} · photo", f"{title} · number"], [0, 0])
    code = widget.dreamed.as_python("model").removesuffix(".run()")
    again = eval(code, {"salwidget": salwidget, "model": model}).run()
    np.testing.assert_array_equal(again.image["photo"], expected.image["photo"])
    say(widget, {"kind": "dream_card", "id": 0, "place": 2})
    until(lambda: "has 2 images, 0 to 1" in sent[-1][0].get("text", ""), "a refusal")


def test_a_grid_has_a_tile_of_each_input_for_every_filter(make: Make, sent: Sent) -> None:
    model, images = photo_and_number()
    widget = make(model, images, method="saliency")
    settled(widget)
    paint(widget, sent)
    say(widget, {"kind": "dream_filters", "settings": {"tile_steps": 2, "start": "image"}})
    come_to(sent, "done")
    assert last(sent, "dream")["titles"] == ["0 · photo", "0 · number", "1 · photo", "1 · number"]
    assert last(sent, "dream")["filters"] == [0, 0, 1, 1]
    start = {name: each[0] for name, each in images.items()}
    expected = dreamed(model, [Unit(-1, 0), Unit(-1, 1)], steps=2, start=start)
    for shown, name in zip(pixels_of_each(sent), start, strict=True):
        np.testing.assert_array_equal(shown, expected.picture[name])
    say(widget, {"kind": "dream_export", "id": 0, "format": "png"})
    until(lambda: sent[-1][0]["kind"] == "dream_file", "a file")
    sheet = np.asarray(Image.open(io.BytesIO(sent[-1][1][0])))
    np.testing.assert_array_equal(sheet[:12, 16:28], expected.picture["photo"][1])


def test_the_chosen_input_alone_beside_those_of_the_current_example(make: Make, sent: Sent) -> None:
    model, images = photo_and_number()
    widget = make(model, images, image_idx=1, filter_indices=0, method="saliency")
    for place, (name, other) in enumerate([("photo", "number"), ("number", "photo")]):
        widget.input_idx = place
        settled(widget)
        widget.dream(steps=3, inputs="one")
        come_to(sent, "done", place)
        expected = dreamed(model, Unit(-1, 0), wrt=name, start={other: images[other][1]})
        np.testing.assert_array_equal(widget.dreamed.image, expected.image)


def test_a_preprocessing_and_the_range_of_the_images_are_kept(make: Make, sent: Sent) -> None:
    model = small_cnn()

    def halved(image: np.ndarray) -> np.ndarray:
        return image / 127.5 - 1

    photographs = np.random.default_rng(0).integers(0, 256, (2, 16, 16, 3)).astype(np.uint8)
    widget = make(model, photographs, preprocess=halved, filter_indices=1)
    widget.dream(steps=3)
    come_to(sent, "done")
    expected = dreamed(model, Unit(-1, 1), preprocess=halved, input_range=(0, 255))
    np.testing.assert_array_equal(widget.dreamed.image, expected.image)
    assert widget.dreamed.image.max() > 2


def test_a_model_that_takes_whole_numbers_has_no_dreams(make: Make, sent: Sent) -> None:
    layers = [keras.Input((8,), dtype="int32"), keras.layers.Embedding(5, 4), keras.layers.GlobalAveragePooling1D()]
    model = keras.Sequential([*layers, keras.layers.Dense(2)], name="words")
    widget = make(model, np.ones((1, 8, 1), np.float32), method="occlusion")
    view = widget.children[0]
    assert view.dream_refusal.startswith("words takes whole numbers")
    assert view.dream_settings == []
    say(widget, {"kind": "dream_start", "settings": {}})
    assert last(sent, "error")["text"] == view.dream_refusal
