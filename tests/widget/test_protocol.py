from __future__ import annotations

import base64
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from salwidget.evidence import Support
from salwidget.widget import protocol
from salwidget.widget.controls import DEFAULTS, QUESTION
from salwidget.widget.dream import protocol as dream_protocol
from salwidget.widget.panels import PANELS

EXAMPLES = json.loads((Path(__file__).parents[1] / "protocol.json").read_text())
ASKED = {name: DEFAULTS[name] for name in QUESTION} | {"layer_idx": 2, "filter_indices": [1, 2], "cell": [0, 4], "target": ""}


READERS = dict(protocol.READERS)
for panel in PANELS.values():
    READERS |= panel.requests


def read(content: Any, given: list[bytes]) -> Any:
    return protocol.read_request(content, given, READERS)


def buffers(example: dict[str, Any]) -> list[bytes]:
    return [base64.b64decode(buffer) for buffer in example["buffers"]]


def answer(values: np.ndarray, picture: np.ndarray | None = None, progress: float = 1.0) -> Any:
    """What a message reads of a heatmap, and nothing else of it."""
    return SimpleNamespace(
        values=values,
        query=SimpleNamespace(id="9f2c", method="saliency"),
        signed=True,
        top=5.0,
        units="score",
        seconds=0.012,
        passes=1,
        notes=("a note",),
        progress=progress,
        picture=picture,
    )


VALUES = np.arange(6, dtype=np.float32)
PAINTED = answer(VALUES.reshape(2, 3), np.zeros((2, 3, 3), np.uint8))
PIXELS = np.arange(18, dtype=np.uint8).reshape(2, 3, 3)
PATCHES = [
    dream_protocol.Patch("ouzel1.jpg", 0, 4.5, (0.25, 0.125, 0.5, 0.75), PIXELS[:2, :2]),
    dream_protocol.Patch("<b>husky</b>", 3, -0.5, (0.0, 0.0, 1.0, 1.0), PIXELS[:1, :2]),
]
SUPPORT = Support(
    (20, 8), ("water ouzel", "hen"), VALUES[:4].reshape(2, 1, 2), (9.5, 2.0), "153 out_relu", "score", (4, 4), None, 6, 0.01
)
MADE = {
    "dream": dream_protocol.dream(7, "single", "running", 12, 256, ["water ouzel"], [20], python="salwidget.dream()"),
    "frame": dream_protocol.frame(7, 12, 1, [PIXELS.reshape(2, 1, 3, 3)], np.array([1.5, np.nan])),
    "dream_file": dream_protocol.dream_file(7, "water_ouzel.gif", "gif", b"GIF89a"),
    "dream_card": dream_protocol.dream_card(7, 1, "filter 5 of block1_conv1", np.zeros((3, 3, 3)), PIXELS, PATCHES),
    "picture": protocol.picture(0, 0, "a.png", np.zeros((1, 2, 3), np.uint8)),
    "signal": protocol.signal(0, 1, "beat 7", np.arange(6.0).reshape(3, 2)),
    "scores": protocol.scores(0, 155, "softmax", np.array([0.25, 0.75])),
    "computing": protocol.computing("explain", 4, ASKED),
    "map": protocol.heatmap("explain", 4, ASKED, PAINTED, True, "filter 1"),
    "error": protocol.error("question", "No.", "explain", 4, ASKED),
    "stopped": protocol.stopped("explain", 4, "The weights of the model have changed since this map."),
    "picked": protocol.picked(3),
    "supports": protocol.supports(0, 0, 155, SUPPORT),
    "superpixels": protocol.superpixels(0, 0, np.array([[0, 0, 1], [300, 1, 1]])),
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
    _, sent = MADE["superpixels"]
    assert np.frombuffer(sent[0], np.uint16).tolist() == [0, 0, 1, 300, 1, 1]
    _, sent = MADE["supports"]
    assert np.frombuffer(sent[0], np.float32).tolist() == [0, 1, 2, 3]
    content, sent = MADE["signal"]
    assert np.frombuffer(sent[0], np.float32).tolist() == [0, 1, 2, 3, 4, 5]
    assert (content["shape"], content["input_idx"]) == ([3, 2], 1)


def test_a_frame_and_a_card_are_those_of_the_shared_examples() -> None:
    content, sent = MADE["frame"]
    like = next(each for each in EXAMPLES["to_page"]["valid"] if each["content"].get("scores") == [1.5, None])
    assert content["scores"] == [1.5, None], "JSON has no NaN"
    assert [len(each) for each in sent] == [int(np.prod(each["shape"])) for each in content["inputs"]]
    assert [len(each["shape"]) for each in content["inputs"]] == [len(each["shape"]) for each in like["content"]["inputs"]]
    content, sent = MADE["dream_card"]
    like = next(each for each in EXAMPLES["to_page"]["valid"] if len(each["content"].get("patches", [])) == 2)
    assert content["patches"] == like["content"]["patches"]
    assert [len(each) for each in sent] == [len(each) for each in buffers(like)]
    assert sent[3] == PIXELS[:1, :2].tobytes()


def test_settings_that_are_too_many_or_too_long_are_refused() -> None:
    for settings in [{str(name): 1 for name in range(65)}, {"x" * 41: 1}, {"start": "x" * 41}, {"steps": 10**400}]:
        with pytest.raises(ValueError, match=r"short|most 64"):
            read({"kind": "dream_start", "settings": settings}, [])


def test_values_that_lie_in_another_order_are_sent_row_by_row() -> None:
    rows = np.arange(6, dtype=np.float32).reshape(3, 2)
    assert protocol.signal(0, 0, "s", np.asfortranarray(rows))[1] == [rows.tobytes()]
    pixels = np.arange(12, dtype=np.uint8).reshape(2, 2, 3)
    assert protocol.picture(0, 0, "p", np.asfortranarray(pixels))[1] == [pixels.tobytes()]


@pytest.mark.parametrize("shape", [(6,), (2, 3), (1, 2, 3)])
def test_a_map_has_as_many_sizes_as_the_input_and_says_how_far_it_is(shape: tuple[int, ...]) -> None:
    partial = answer(VALUES.reshape(shape), progress=0.6)
    content, sent = protocol.heatmap("explain", 4, ASKED, partial, False, "filter 1")
    assert (content["shape"], content["progress"], content["final"]) == (list(shape), 0.6, False)
    assert [len(buffer) for buffer in sent] == [4 * VALUES.size]


def test_a_volume_goes_as_slices_of_pixels() -> None:
    slices = np.arange(2 * 1 * 2 * 3, dtype=np.uint8).reshape(2, 1, 2, 3)
    content, sent = protocol.picture(0, 1, "scan", slices)
    like = next(each for each in EXAMPLES["to_page"]["valid"] if each["content"].get("shape") == [2, 1, 2, 3])
    assert content["shape"] == like["content"]["shape"]
    assert sent == buffers(like)


def test_the_examples_ask_with_controls_that_decide_the_answer() -> None:
    """What they do not say is as usual: the ``rest``, for which the page puts what the kernel says of every control."""
    questions = [each["content"]["asked"] for each in EXAMPLES["to_page"]["valid"] if each["content"].get("asked")]
    assert questions
    assert all(question["rest"] == "usual" and set(question) <= {*QUESTION, "rest"} for question in questions)


@pytest.mark.parametrize("example", EXAMPLES["to_kernel"]["valid"], ids=lambda each: each["why"])
def test_requests_are_read(example: dict[str, Any]) -> None:
    request = read(example["content"], buffers(example))
    assert {name: getattr(request, name) for name in example["content"]} == example["content"]
    if buffers(example):
        assert [request.data] == buffers(example)


def test_each_kind_that_the_kernel_reads_has_an_example() -> None:
    assert {example["content"]["kind"] for example in EXAMPLES["to_kernel"]["valid"]} == set(READERS)


@pytest.mark.parametrize("example", EXAMPLES["to_kernel"]["invalid"], ids=lambda each: each["why"])
def test_ill_formed_requests_are_one_sentence(example: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"^[A-Z.a-z0-9].*\.$"):
        read(example["content"], buffers(example))


def test_an_upload_over_the_limit_is_refused() -> None:
    with pytest.raises(ValueError, match="larger than 8 MB"):
        read({"kind": "upload", "name": "big.png"}, [b"x" * (protocol.UPLOAD_BYTES + 1)])
