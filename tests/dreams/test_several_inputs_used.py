"""Dreams of several inputs as a person has them: step by step, copied, saved, and asked amiss."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers
from PIL import Image

import salwidget
from salwidget.dreams import Jitter, Rotate, TotalVariation, dream
from tests import models
from tests.dreams.test_several_inputs import two_towers, uniform

pytestmark = pytest.mark.slow

CALLS: list[dict[str, Any]] = [
    {"filters": 1},
    {"filters": [0, 1], "wrt": ["left"], "parametrization": {"left": "pixels", "right": "maco"}},
    {"filters": 1, "wrt": "right", "transforms": [Rotate(5)], "input_range": (None, 2)},
    {"filters": 1, "transforms": {"left": [Jitter(0.2)], "right": None}, "regularizers": {"right": TotalVariation(2.0)}},
    {"filters": 1, "input_range": {"left": (0, float("inf")), "right": (-float("inf"), None)}},
]


def test_the_loop_over_frames_is_the_callback() -> None:
    """A step at a time, with all that there is to see; to stop is to leave the loop."""
    made, seen = dream(two_towers(), "classes", 1, steps=50), []
    for frame in made:
        seen.append((frame.step, frame.score, frame.image["left"].mean()))
        if frame.step == 7:
            break
    assert [step for step, *_ in seen] == list(range(1, 8))
    np.testing.assert_allclose([score for _, score, _ in seen], made.scores)
    assert made.step == 7
    assert made.resume().step == 50


@pytest.mark.parametrize("asked", CALLS, ids=str)
def test_copied_python_gives_the_same_images(asked: dict[str, Any]) -> None:
    model = two_towers()
    made = dream(model, "classes", **{"steps": 5, **asked}).run()
    again = eval(made.as_python(), {"salwidget": salwidget, "model": model})
    for one, other in zip(made.pictures, again.pictures, strict=True):
        np.testing.assert_array_equal(one, other)
    start = {"left": uniform((6, 7, 1)), "right": uniform((8, 8, 3))}
    begun = dream(model, "classes", 1, start=start, steps=2).run()
    again = eval(begun.as_python(), {"salwidget": salwidget, "model": model, "start": start})
    np.testing.assert_array_equal(begun.image["right"], again.image["right"])


def test_pictures_of_all_inputs_are_in_one_file(tmp_path: Path) -> None:
    made = dream(two_towers(), "classes", [0, 1], steps=4).run()
    made.save(tmp_path / "a.png")
    made.save(tmp_path / "a.gif")
    with Image.open(tmp_path / "a.png") as picture:
        sheet = np.asarray(picture)
    assert sheet.shape == (8, 7 + 4 + 7 + 4 + 8 + 4 + 8, 3)
    np.testing.assert_array_equal(sheet[:6, 11:18], made.picture["left"][1])
    np.testing.assert_array_equal(sheet[:, 22:30], made.picture["right"][0])
    with Image.open(tmp_path / "a.gif") as film:
        assert film.n_frames > 2
        assert film.size == (sheet.shape[1], sheet.shape[0])


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"start": np.zeros((6, 7, 1))}, r"Several inputs are dreamed: pass start= as a dict by input name \(left, right\)"),
        ({"parametrization": {"lft": "pixels"}}, "parametrization has no input 'lft'; the model's inputs are left, right"),
        ({"transforms": {"lft": None}}, "transforms has no input 'lft'"),
        ({"wrt": "middle"}, "has no input 'middle'; its inputs are left, right"),
        ({"wrt": []}, r"wrt=\[\] names no inputs that a dream can change; those are left, right"),
        ({"size": 9}, "size=9 does not fit: .* takes images of 6 × 7"),
        (
            {"start": {"left": uniform((2, 6, 7, 1)), "right": uniform((3, 8, 8, 3))}},
            "different numbers of images for the inputs",
        ),
        ({"start": {"left": uniform((2, 6, 7, 1))}, "batch": 3}, "start holds 2 images, but 3 are dreamed: pass one for each"),
        ({"start": {"left": uniform((2, 6, 7, 1))}, "filters": [0, 1, 2]}, "start holds 2 images, but 3 are dreamed"),
        ({"input_range": (None, float("-inf"))}, "is empty; give black, then white"),
        ({"input_range": (float("nan"), None)}, "is empty; give black, then white"),
    ],
)
def test_bad_input_gets_one_sentence(asked: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message) as caught:
        dream(two_towers(), "classes", **asked)
    assert "\n" not in str(caught.value)


@pytest.mark.quick
def test_whole_numbers_beside_an_image_are_held() -> None:
    picture, word = keras.Input((8, 8, 3), name="picture"), keras.Input((2,), dtype="int32", name="word")
    seen = layers.GlobalAveragePooling2D()(layers.Conv2D(4, 3, activation="relu")(picture))
    read = layers.Flatten()(layers.Embedding(5, 2)(word))
    model = models.fill(keras.Model([picture, word], layers.Dense(3)(layers.Multiply()([seen, read]))))
    made = dream(model, filters=1, steps=10, start={"word": [3, 1]}, transforms=None).run()
    assert list(made.image) == ["picture"]
    truth = model([made.image["picture"][None], np.array([[3, 1]])])[0, 1]
    assert made.evaluated() == pytest.approx(float(truth), rel=1e-4)
    with pytest.raises(ValueError, match=r"wrt='word' names no inputs that a dream can change; those are picture"):
        dream(model, filters=1, wrt="word")
