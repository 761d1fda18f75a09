from __future__ import annotations

import json

import keras
import pytest

from salwidget.dreams import Jitter, Pad, Rotate, Scale, TotalVariation
from salwidget.dreams.setting import why_no_dream
from salwidget.engine.opening import open_network
from salwidget.widget.dream.settings import checked_settings, declared_for, engine_words, settings_as_json
from tests.widget.conftest import small_cnn


def test_the_page_gets_a_control_for_each_setting() -> None:
    told = settings_as_json(open_network(small_cnn()))
    assert json.loads(json.dumps(told)) == told
    groups = dict.fromkeys(one["group"] for one in told)
    names = {group: [one["name"] for one in told if one["group"] == group] for group in groups}
    assert names == {
        "dream": ["goal", "score", "steps", "tile_steps", "count", "start", "seed"],
        "parametrization": ["parametrization"],
        "transforms": ["pad", "jitter", "scale", "rotate"],
        "regularizers": ["tv", "lp", "l2", "blur"],
    }
    for one in told:
        assert one["label"]
        assert one["help"]
        if one["kind"] == "number":
            assert one["minimum"] <= one["default"] <= one["maximum"]
        else:
            assert one["kind"] == "choice"
            assert one["default"] in [value for value, _ in one["choices"]]


def test_a_model_that_takes_any_size_asks_for_one_and_a_signal_for_no_turn() -> None:
    pooled = keras.layers.GlobalAveragePooling2D()
    anysize = open_network(keras.Sequential([keras.Input((None, None, 3)), keras.layers.Conv2D(2, 3), pooled]))
    assert "size" in declared_for(anysize)
    assert checked_settings(anysize, {"size": 64})["size"] == 64
    signal = open_network(keras.Sequential([keras.Input((20, 1)), keras.layers.Conv1D(2, 3), keras.layers.Flatten()]))
    names = set(declared_for(signal))
    assert "jitter" in names
    assert not names & {"size", "pad", "scale", "rotate"}
    assert engine_words(checked_settings(signal, {}), signal.inputs)["transforms"] == "default"


def test_defaults_are_the_engine_s_and_what_differs_is_passed_on() -> None:
    network = open_network(small_cnn())
    words = engine_words(checked_settings(network, {}), network.inputs)
    assert words == {"seed": 0, "parametrization": "fourier", "transforms": "default", "regularizers": ()}
    words = engine_words(checked_settings(network, {"jitter": 0.2, "tv": 3, "parametrization": "maco"}), network.inputs)
    pad, scale, rotate = (kind(kind.option.default) for kind in (Pad, Scale, Rotate))
    assert words["transforms"] == [pad, Jitter(0.2), scale, rotate]
    assert words["regularizers"] == (TotalVariation(3),)
    assert words["parametrization"] == "maco"


def test_settings_are_frozen_and_wrong_ones_are_one_sentence() -> None:
    network = open_network(small_cnn())
    settings = checked_settings(network, {"steps": 5})
    with pytest.raises(TypeError):
        settings["steps"] = 6  # type: ignore[index]
    wrong = {"size": (64, "no setting 'size'"), "seed": (-1, "0 to 9999"), "goal": ("world", "'target', 'layer'")}
    for name, (value, says) in wrong.items():
        with pytest.raises((ValueError, TypeError), match=says):
            checked_settings(network, {name: value})
    assert why_no_dream(network) == ""


def test_several_inputs_are_dreamed_together_or_one_alone() -> None:
    picture, numbers = keras.Input((12, 12, 3), name="picture"), keras.Input((5,), name="numbers")
    seen = keras.layers.GlobalAveragePooling2D()(keras.layers.Conv2D(5, 3)(picture))
    network = open_network(keras.Model([picture, numbers], keras.layers.Dense(2)(keras.layers.Multiply()([seen, numbers]))))
    assert "inputs" not in declared_for(open_network(small_cnn()))
    settings = checked_settings(network, {"rotate": 0})
    assert settings["inputs"] == "all"
    pad, jitter, scale = (kind(kind.option.default) for kind in (Pad, Jitter, Scale))
    both, (first, second) = engine_words(settings, network.inputs), network.inputs
    assert both["transforms"] == {"picture": [pad, jitter, scale, Rotate(0)], "numbers": []}
    assert engine_words(settings, (first,))["transforms"] == [pad, jitter, scale, Rotate(0)]
    assert engine_words(settings, (second,))["transforms"] == []
    assert engine_words(checked_settings(network, {}), network.inputs)["transforms"] == "default"
