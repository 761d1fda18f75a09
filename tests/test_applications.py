"""The preprocessing of every model of ``keras.applications`` is found by the name that Keras gives the model."""

from __future__ import annotations

import importlib
import inspect

import keras
import numpy as np
import pytest

from salwidget.applications import preprocess_of

pytestmark = pytest.mark.slow

BUILDERS = {
    name: build
    for name, build in vars(keras.applications).items()
    if inspect.isfunction(build) and "classifier_activation" in inspect.signature(build).parameters
}
UNNAMED = {
    "MobileNet": "mobilenet_1.00_224",
    "MobileNetV2": "mobilenetv2_1.00_224",
}  # named by what they are built with


@pytest.mark.parametrize("builder", BUILDERS)
def test_every_application_finds_the_preprocessing_of_its_own_module(builder: str) -> None:
    build = BUILDERS[builder]
    model_name = inspect.signature(build).parameters["name"].default or UNNAMED[builder]
    module = build.__module__.rsplit(".", 1)[-1]
    expected = importlib.import_module(f"keras.applications.{module}").preprocess_input
    found = preprocess_of(model_name)
    assert found is not None
    function, dotted = found
    assert function is expected
    home, name = dotted.rsplit(".", 1)
    assert getattr(importlib.import_module(home), name) is expected


def test_the_names_of_built_models_are_the_ones_above() -> None:
    for builder, name in UNNAMED.items():
        assert BUILDERS[builder](weights=None, alpha=1.0, classes=2).name == name
    assert len(BUILDERS) >= 38


@pytest.mark.parametrize("name", ["sequential", "functional_3", "my_vgg16", "mobile", ""])
def test_other_names_have_none(name: str) -> None:
    assert preprocess_of(name) is None


def test_it_works_on_an_image_as_explain_feeds_it() -> None:
    function, _ = preprocess_of("mobilenetv2_1.00_224")
    given = np.array([0, 127.5, 255], np.float32).reshape(1, 1, 3)
    np.testing.assert_allclose(function(given.copy()), given / 127.5 - 1, atol=1e-6)
