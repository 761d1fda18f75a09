"""The old name of keras-vis."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import salwidget.vis
from tests.vis.test_alias import forget


@pytest.fixture
def installed() -> Iterator[None]:
    forget()
    salwidget.vis.install()
    yield
    forget()
