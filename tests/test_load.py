from __future__ import annotations

import json
from pathlib import Path

import h5py
import keras
import numpy as np
import pytest

import salwidget
from tests import models
from tests.data import ROOT, needs_data
from tests.models import SHAPE, image


@pytest.mark.slow
def test_a_saved_model_answers_as_it_did(tmp_path: Path) -> None:
    model = models.in_a_row(SHAPE, *models.parts())
    model.save(tmp_path / "mine.keras")
    loaded = salwidget.load_model(tmp_path / "mine.keras")
    np.testing.assert_array_equal(salwidget.explain(loaded, image()).values, salwidget.explain(model, image()).values)


@pytest.mark.parametrize("name", ["notes.keras", "notes.h5"])
def test_a_file_that_is_no_model_is_one_sentence(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("just text, honestly")
    with pytest.raises(ValueError, match=rf"^{name} .*\.$"):
        salwidget.load_model(tmp_path / name)


def test_a_missing_file_is_named() -> None:
    with pytest.raises(ValueError, match=r"There is no file 'gone\.keras'"):
        salwidget.load_model("gone.keras")


@pytest.mark.slow
@needs_data
@pytest.mark.parametrize("path", sorted((ROOT / "legacy_h5").glob("*.h5")), ids=lambda path: path.stem)
def test_files_of_an_older_keras_say_what_to_do(path: Path) -> None:
    with pytest.raises(ValueError, match=r"saved by an older Keras.*save it as \.keras"):
        salwidget.SaliencyWidget(path)


@pytest.mark.slow
@needs_data
def test_a_path_opens_a_widget() -> None:
    widget = salwidget.SaliencyWidget(str(ROOT / "models" / "cifar10_cnn_small.h5"))
    assert widget.layer_idx == widget._session.context.network.output.index
    widget.close()


def test_a_named_function_is_no_code(tmp_path: Path) -> None:
    model = models.in_a_row(SHAPE, *models.parts(), keras.layers.Activation("relu"))
    for ending in ("keras", "h5"):
        model.save(tmp_path / f"mine.{ending}")
        loaded = salwidget.load_model(tmp_path / f"mine.{ending}")
        np.testing.assert_array_equal(loaded(image()[None]), model(image()[None]))


def with_code(folder: Path) -> keras.Model:
    """A model whose file, when it is read without care, makes the file ``ran``."""
    mark = str(folder / "ran")
    layer = keras.layers.Lambda(lambda x, mark=mark: (open(mark, "w").close(), x)[1], output_shape=SHAPE)
    return models.in_a_row(SHAPE, layer, keras.layers.Flatten(), keras.layers.Dense(2))


@pytest.mark.parametrize("ending", ["keras", "h5"])
@pytest.mark.parametrize("nested", [False, True])
def test_code_in_a_file_is_refused_before_keras_sees_it(
    tmp_path: Path, ending: str, nested: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = with_code(tmp_path)
    if nested:
        model = keras.Sequential([keras.Input(SHAPE), model])
    path = tmp_path / f"mine.{ending}"
    model.save(path)
    (tmp_path / "ran").unlink(missing_ok=True)
    # As Keras 3.6 to 3.10, which are careless with .h5.
    monkeypatch.setattr(keras.models, "load_model", lambda *_, **__: (tmp_path / "ran").touch())
    with pytest.raises(ValueError, match=rf"^mine\.{ending} holds code \(a Lambda layer\).*\.$"):
        salwidget.load_model(path)
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    "function",
    [
        {"function": {"class_name": "__lambda__", "config": {"code": "4wEA", "defaults": None, "closure": None}}},
        {"function": ["4wEA", None, None], "function_type": "lambda"},
        {"function": "named", "function_type": "function", "output_shape": ["4wEA", None, None], "output_shape_type": "lambda"},
    ],
)
def test_code_of_any_keras_is_refused(tmp_path: Path, function: dict[str, object]) -> None:
    layers = [{"class_name": "Lambda", "config": {"name": "code", **function}}]
    with h5py.File(tmp_path / "old.h5", "w") as file:
        file.attrs["model_config"] = json.dumps({"class_name": "Sequential", "config": {"name": "old", "layers": layers}})
    with pytest.raises(ValueError, match=r"^old\.h5 holds code"):
        salwidget.SaliencyWidget(tmp_path / "old.h5")
