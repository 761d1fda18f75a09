"""A region on the wire: its bits and back, a token that a page can compute, and what is none."""

from __future__ import annotations

import base64
import zlib

import numpy as np
import pytest

from salwidget.widget.packed_region import packed, token, unpacked

REGION = np.array([[1, 0, 0], [0, 0, 0], [0, 1, 1], [0, 0, 1]], bool)  # 1000 0001 1001 in twelve bits


def test_bits_go_row_by_row_the_most_significant_first() -> None:
    assert packed(REGION) == {"size": [4, 3], "bits": base64.b64encode(bytes([0b10000001, 0b10010000])).decode()}
    assert token(REGION) == zlib.crc32(bytes([0b10000001, 0b10010000]))
    assert token(None) == 0


@pytest.mark.parametrize("shape", [(1, 1), (7, 9), (224, 224)])
def test_a_region_comes_back_as_it_went(shape: tuple[int, int]) -> None:
    region = np.random.default_rng(0).random(shape) > 0.5
    back = unpacked(packed(region))
    assert back.dtype == bool
    assert np.array_equal(back, region)


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"size": [4, 3]},
        {"size": [4, 3], "bits": "!"},
        {"size": [4, 3], "bits": "AAA"},
        {"size": [4, 3], "bits": "AAAAAA=="},
        {"size": [4, True], "bits": "AA=="},
        {"size": [-4, -3], "bits": "AAA="},
        {"size": [10**9, 10**9], "bits": "AAA="},
        {"size": [4, 3, 2], "bits": "AAA="},
        {"size": "43", "bits": "AAA="},
    ],
)
def test_what_a_hostile_page_sends_comes_back_as_it_is(value: dict) -> None:
    assert unpacked(value) is value
