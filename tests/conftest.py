"""The one large real model, loaded once; and the same TensorFlow on every CPU."""

from __future__ import annotations

import gc
import os
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from tests.data import ROOT

# On by itself only where a CPU has AVX512 for neural networks; without it TensorFlow runs no channels-first model.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")


def pytest_report_header() -> str:
    """What was tried: `make quick PYTHON=...` takes any Python that the package runs on."""
    packages = ", ".join(f"{name} {version(name)}" for name in ("tensorflow", "keras", "numpy"))
    return f"tried: Python {platform.python_version()} with {packages}"


def pytest_collection_finish() -> None:
    """What the imports made stays: no search for garbage walks through all of TensorFlow again, a third of a second each."""
    gc.collect()
    gc.freeze()


# Folders whose tests all have a mark; a slow file elsewhere names its own.
MARKS = {"browser": "browser", "demo": "slow", "truth": "slow"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        for folder, mark in MARKS.items():
            if Path(__file__).parent / folder in item.path.parents:
                item.add_marker(mark)


@pytest.fixture(scope="session")
def mobilenet() -> Any:
    import keras  # here, so that tests without a model do not import TensorFlow

    path = ROOT / "models" / "mobilenet_v2_1.0_224_imagenet.weights.h5"
    return keras.applications.MobileNetV2(weights=str(path))
