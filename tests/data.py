"""Where the real models and photographs lie; tests that need them skip when they are absent."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(os.environ.get("SALWIDGET_TEST_DATA", Path(__file__).parents[2] / "shared" / "data")).resolve()

needs_data = pytest.mark.skipif(
    not (ROOT / "models").is_dir(), reason="real models are not here (set SALWIDGET_TEST_DATA to their folder)"
)
