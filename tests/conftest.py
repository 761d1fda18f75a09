"""The one large real model, loaded once; and the same TensorFlow on every CPU."""

from __future__ import annotations

import os
from typing import Any

import pytest

from tests.data import ROOT

# On by itself only where a CPU has AVX512 for neural networks; without it TensorFlow runs no channels-first model.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")


@pytest.fixture(scope="session")
def mobilenet() -> Any:
    import keras  # here, so that tests without a model do not import TensorFlow

    path = ROOT / "models" / "mobilenet_v2_1.0_224_imagenet.weights.h5"
    return keras.applications.MobileNetV2(weights=str(path))
