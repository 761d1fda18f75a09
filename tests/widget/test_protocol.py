from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from salwidget.heatmap import Heatmap
from salwidget.query import Query
from salwidget.target import Target
from salwidget.widget import protocol

EXAMPLES = json.loads((Path(__file__).parents[1] / "protocol.json").read_text())
ASKED = {
    "layer_idx": 2,
    "filter_indices": [1, 2],
    "method": "saliency",
    "score": "logit",
    "backprop_modifier": None,
    "grad_modifier": None,
    "image_idx": 0,
    "options": {},
}


def buffers(example: dict[str, Any]) -> list[bytes]:
    return [base64.b64decode(buffer) for buffer in example["buffers"]]


def answer(picture: np.ndarray | None = None) -> Heatmap:
    values = np.arange(6, dtype=np.float32).reshape(2, 3)
    query = Query("saliency", Target(2, (1,), "logit"), "digest")
    return Heatmap(values, values, query, "layer 2", True, "score", 99.5, ("a note",), 1.0, 0.012, 1, picture)


MADE = {
    "picture": protocol.picture(0, "a.png", np.zeros((1, 2, 3), np.uint8)),
    "scores": protocol.scores(0, "softmax", np.array([0.25, 0.75])),
    "computing": protocol.computing(4, ASKED),
    "map": protocol.heatmap(4, ASKED, answer(np.zeros((2, 3, 3), np.uint8)), True, "filter 1", "salwidget.explain()"),
    "error": protocol.error("question", "No.", 4, ASKED),
    "stopped": protocol.stopped(4),
    "thumbnails": protocol.thumbnails(0, 2, [3, 5], np.zeros((2, 2, 2))),
}


@pytest.mark.parametrize("kind", MADE)
def test_what_the_kernel_sends_has_the_form_of_the_shared_examples(kind: str) -> None:
    content, sent = MADE[kind]
    examples = [each for each in EXAMPLES["to_page"]["valid"] if each["content"]["kind"] == kind]
    assert examples
    assert any(set(each["content"]) == set(content) for each in examples)
    assert any(len(buffers(each)) == len(sent) for each in examples)
    assert json.loads(json.dumps(content)) == content, "it goes over the wire as JSON"


def test_values_travel_raw() -> None:
    _, sent = MADE["map"]
    assert np.frombuffer(sent[0], np.float32).tolist() == [0, 1, 2, 3, 4, 5]
    assert len(sent[1]) == 2 * 3 * 3
    _, sent = MADE["scores"]
    assert np.frombuffer(sent[0], np.float32).tolist() == [0.25, 0.75]


@pytest.mark.parametrize("example", EXAMPLES["to_kernel"]["valid"], ids=lambda each: each["why"])
def test_requests_are_read(example: dict[str, Any]) -> None:
    request = protocol.read_request(example["content"], buffers(example))
    assert request.kind == example["content"]["kind"]
    assert request.name == example["content"].get("name", "")
    assert request.data == (buffers(example) or [b""])[0]


@pytest.mark.parametrize("example", EXAMPLES["to_kernel"]["invalid"], ids=lambda each: each["why"])
def test_ill_formed_requests_are_one_sentence(example: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"^[A-Z.a-z0-9].*\.$"):
        protocol.read_request(example["content"], buffers(example))


def test_an_upload_over_the_limit_is_refused() -> None:
    with pytest.raises(ValueError, match="larger than 8 MB"):
        protocol.read_request({"kind": "upload", "name": "big.png"}, [b"x" * (protocol.UPLOAD_BYTES + 1)])
