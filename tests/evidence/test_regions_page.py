"""The page marks the same pixels as Python: both are held to tests/regions.json (js/test/stage/region/)."""

import base64
import json
import zlib
from pathlib import Path

import numpy as np
import pytest

from salwidget.evidence import regions
from salwidget.region import share_of

EXAMPLES = json.loads((Path(__file__).parents[1] / "regions.json").read_text())


def named(examples):
    return [pytest.param(example, id=f"{example['why']}, {example['size']}") for example in examples]


def unpacked(example):
    height, width = example["size"]
    packed = np.frombuffer(base64.b64decode(example["bits"]), np.uint8)
    return np.unpackbits(packed, count=height * width).reshape(height, width).astype(bool)


@pytest.mark.parametrize("example", named(EXAMPLES["masks"]))
def test_a_mark_is_that_of_the_page(example):
    way, size, given = example["way"], tuple(example["size"]), example["given"]
    ranked = way in ("strongest", "weakest")
    given = [np.float32(given[0]).reshape(size), given[1]] if ranked else [size, *given]
    np.testing.assert_array_equal(getattr(regions, way)(*given), unpacked(example))
    assert zlib.crc32(base64.b64decode(example["bits"])) == example["token"]


@pytest.mark.parametrize("example", named(EXAMPLES["shares"]))
def test_a_share_is_that_of_the_page(example):
    values = np.array([np.nan if value is None else value for value in example["values"]], np.float32)
    share = share_of(values.reshape(example["size"]), unpacked(example))
    for name in ("positive", "negative", "absolute", "area", "ratio"):
        wanted = np.nan if example[name] is None else example[name]
        assert getattr(share, name) == pytest.approx(wanted, rel=1e-12, nan_ok=True)
    assert share.sentence == example["sentence"]
