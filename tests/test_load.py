from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import salwidget
from tests import models
from tests.data import ROOT, needs_data
from tests.models import SHAPE, image


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


@needs_data
@pytest.mark.parametrize("path", sorted((ROOT / "legacy_h5").glob("*.h5")), ids=lambda path: path.stem)
def test_files_of_an_older_keras_say_what_to_do(path: Path) -> None:
    with pytest.raises(ValueError, match=r"saved by an older Keras.*save it as \.keras"):
        salwidget.SaliencyWidget(path)


@needs_data
def test_a_path_opens_a_widget() -> None:
    widget = salwidget.SaliencyWidget(str(ROOT / "models" / "cifar10_cnn_small.h5"))
    assert widget.layer_idx == widget._session.network.output.index
    widget.close()
