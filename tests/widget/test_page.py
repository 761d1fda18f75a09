"""What a page does to a widget: it moves controls, uploads, opens late, and may be hostile."""

from __future__ import annotations

import io
import random
import time
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image

from salwidget import SaliencyWidget
from salwidget.widget import protocol
from tests.widget.conftest import Sent, from_page, kinds, last, say, settled, small_cnn

pytestmark = pytest.mark.slow

Make = Callable[..., SaliencyWidget]


@pytest.mark.quick
def test_the_page_moves_the_traits_and_the_traits_the_page(make: Make, sent: Sent) -> None:
    widget = make()
    settled(widget)
    from_page(widget, layer_idx=1, filter_indices=5, method="saliency", grad_modifier="negate")
    settled(widget)
    assert (widget.layer_idx, widget.filter_indices, widget.method, widget.grad_modifier) == (1, 5, "saliency", "negate")
    assert last(sent, "map")["asked"] == {name: getattr(widget.children[0], name) for name in last(sent, "map")["asked"]}
    widget.layer_idx = 0
    assert widget.children[0].layer_idx == 0


def test_a_class_picked_in_the_page_from_a_hidden_layer_arrives_whole(make: Make) -> None:
    model = small_cnn(classes=30)
    widget = make(model, layer_idx=1, filter_indices=2)
    settled(widget)
    from_page(widget, filter_indices=29, layer_idx=3)  # the second layer has no filter 29
    settled(widget)
    assert (widget.layer_idx, widget.filter_indices) == (3, 29)
    assert widget.heatmap.query.target.filters == (29,)


def test_what_the_page_may_not_write_is_corrected_and_told(make: Make, sent: Sent) -> None:
    widget = make()
    settled(widget)
    for name, value in {"filter_indices": 99, "layer_idx": "one", "opacity": "nan", "options": [1], "method": None}.items():
        sent.clear()
        before = getattr(widget.children[0], name)
        from_page(widget, **{name: value})
        assert getattr(widget.children[0], name) == before, name
        assert last(sent, "error")["about"] == "message"
    from_page(widget, filter_indices=[1])
    assert widget.children[0].filter_indices == 1, "the page learns the canonical form"


def test_uploads_are_taken_in_or_told(make: Make, sent: Sent) -> None:
    widget = make()
    settled(widget)
    file = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(file, "PNG")
    say(widget, {"kind": "upload", "name": "red.png"}, [file.getvalue()])
    while len(widget.children[0].images) < 4:
        time.sleep(0.01)
    settled(widget)
    assert widget.image_idx == 3
    assert widget.children[0].images[3] == {"name": "red.png", "shape": [16, 16]}
    say(widget, {"kind": "upload", "name": "notes.png"}, [b"just text"])
    while kinds(sent)[-1] != "error":
        time.sleep(0.01)
    assert "notes.png is not an image" in last(sent, "error")["text"]
    assert settled(widget) == "fresh"


def test_hostile_messages_get_an_error_frame_and_nothing_else(make: Make, sent: Sent) -> None:
    widget = make()
    settled(widget)
    rng = random.Random(0)
    pieces: list[Any] = [None, 7, "upload", "ready?", [], {}, {"kind": "upload"}, -1.5, "x" * 10_000]
    for _ in range(200):
        sent.clear()
        say(
            widget,
            {"kind": rng.choice(pieces), "name": rng.choice(pieces), "data": rng.choice(pieces)},
            [b""] * rng.randint(0, 3),
        )
        assert kinds(sent)[0] == "error"
    assert settled(widget) == "fresh"


def test_a_page_that_opens_later_gets_all_there_is(make: Make, sent: Sent) -> None:
    widget = make()
    settled(widget)
    deadline = time.monotonic() + 30
    while "thumbnails" not in kinds(sent) and time.monotonic() < deadline:
        time.sleep(0.01)
    sent.clear()
    say(widget, {"kind": "ready"})
    assert {"picture", "map", "scores", "thumbnails"} <= set(kinds(sent))


def test_a_page_on_this_machine_gets_whole_segments_that_begin_with_the_values(make: Make, sent: Sent) -> None:
    widget = make()
    settled(widget)
    say(widget, {"kind": "ready", "loopback": True})
    widget.filter_indices = 1
    settled(widget)
    content, buffers = next(message for message in reversed(sent) if message[0]["kind"] == "map")
    assert buffers[0] == widget.heatmap.values.tobytes()
    assert content["picture"] is False
    assert [sum(map(len, buffers)), any(buffers[1])] == [2**16, False]
    sent.clear()
    say(widget, {"kind": "ready", "loopback": True})
    sizes = {content["kind"]: sum(map(len, buffers)) for content, buffers in sent}
    assert sizes["picture"] == sizes["map"] == sizes["scores"] == 2**16, "what is told again as well"


def test_a_page_elsewhere_gets_the_values_alone(make: Make, sent: Sent) -> None:
    widget = make()
    settled(widget)
    say(widget, {"kind": "ready", "loopback": True})
    for elsewhere in ({"loopback": False}, {}, {"loopback": "yes"}):
        sent.clear()
        say(widget, {"kind": "ready", **elsewhere})
        buffers = next(buffers for content, buffers in sent if content["kind"] == "map")
        assert buffers == [widget.heatmap.values.tobytes()]


def test_what_is_as_large_as_a_segment_goes_as_it_is() -> None:
    for size, count in ((2**16 - 4, 2), (2**16, 1), (2**16 + 4, 1)):
        content, buffers = protocol.filled(({"kind": "map"}, [bytes(size)]))
        assert (content, len(buffers), sum(map(len, buffers))) == ({"kind": "map"}, count, max(size, 2**16))
    assert protocol.filled(({"kind": "stopped"}, [])) == ({"kind": "stopped"}, [])
