"""The one large real model, loaded once; and the same TensorFlow on every CPU."""

from __future__ import annotations

import gc
import os
import platform
from collections.abc import Iterator
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


@pytest.fixture
def nothing_old_is_searched() -> Iterator[None]:
    """For a test that collects garbage often: each search through all that other tests left would take seconds."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()
    gc.collect()
    gc.freeze()


# Folders whose tests all have a mark; a slow file elsewhere names its own.
MARKS = {"browser": "browser", "demo": "slow", "truth": "slow"}


# The files that take longest, so that none of them begins last and leaves the other processes with nothing to do.
LONGEST = (
    "notebooks/dreams.ipynb",
    "tests/test_matrix.py",
    "tests/engine/test_architecture.py",
    "tests/engine/test_weight_version.py",
    "tests/test_memory.py",
    "tests/engine/test_batchnorm_folding.py",
    "tests/truth",
    "tests/dreams",
    "tests/vis",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        for folder, mark in MARKS.items():
            if Path(__file__).parent / folder in item.path.parents:
                item.add_marker(mark)
    items.sort(key=_place)  # stable: within a file, and among the others, the order stays


def _place(item: pytest.Item) -> int:
    within = [Path(__file__).parents[1] / each for each in LONGEST]
    return next((at for at, each in enumerate(within) if each in (item.path, *item.path.parents)), len(within))


@pytest.fixture(scope="session")
def mobilenet() -> Any:
    import keras  # here, so that tests without a model do not import TensorFlow

    path = ROOT / "models" / "mobilenet_v2_1.0_224_imagenet.weights.h5"
    return keras.applications.MobileNetV2(weights=str(path))
