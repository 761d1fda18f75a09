"""The one large real model, loaded once."""

from __future__ import annotations

from typing import Any

import pytest

from tests.data import ROOT


@pytest.fixture(scope="session")
def mobilenet() -> Any:
    import keras  # here, so that tests without a model do not import TensorFlow

    path = ROOT / "models" / "mobilenet_v2_1.0_224_imagenet.weights.h5"
    return keras.applications.MobileNetV2(weights=str(path))
