"""What is left of a dream that has ended: its files, its place in memory, its last good frame."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from salwidget import SaliencyWidget
from tests.widget.conftest import Sent, kinds, last, say, settled, small_cnn, until
from tests.widget.test_dreams import at_first_frame, come_to, pixels

Make = Callable[..., SaliencyWidget]


def test_files_hold_what_was_seen(make: Make, sent: Sent) -> None:
    widget = make(filter_indices=1)
    widget.dream(steps=6)
    come_to(sent, "done")
    files: dict[str, Image.Image] = {}
    for format in ("gif", "png"):
        say(widget, {"kind": "dream_export", "id": 0, "format": format})
        until(lambda mime=f"image/{format}": sent[-1][0].get("mime") == mime, "a file")
        content, (data,) = sent[-1]
        assert (content["name"], content["mime"]) == (f"class_1.{format}", f"image/{format}")
        files[format] = Image.open(io.BytesIO(data))
    np.testing.assert_array_equal(np.asarray(files["png"]), widget.dreamed.picture)
    # Every step is kept of so short a dream; the last picture is shown once more, which Pillow draws together.
    assert files["gif"].n_frames == 6


def test_old_dreams_are_let_go(make: Make, sent: Sent, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("salwidget.widget.dreams.MOST_BYTES", 0)
    widget = make(filter_indices=1)
    for _ in range(3):
        widget.dream(steps=2)
    come_to(sent, "done", id=2)
    assert [one.id for one in widget._session.dreams._all] == [2]
    sent.clear()
    say(widget, {"kind": "dream_export", "id": 0, "format": "png"})
    assert last(sent, "error")["text"] == "There is no dream 0 any more: start another."
    sent.clear()
    say(widget, {"kind": "ready"})
    assert [content["id"] for content, _ in sent if content["kind"] in ("dream", "frame")] == [2, 2]


def test_a_dream_that_becomes_nan_fails_and_its_last_frame_stays(make: Make, sent: Sent) -> None:
    model = small_cnn()
    widget = make(model, filter_indices=1)
    settled(widget)
    at_first_frame(widget, sent, {"kind": "dream_pause", "id": 0})
    widget.dream(steps=200)
    come_to(sent, "paused")
    good = pixels(sent)
    model.layers[-1].kernel.assign(model.layers[-1].kernel * np.nan)
    say(widget, {"kind": "dream_resume", "id": 0})
    come_to(sent, "failed")
    assert "NaN" in last(sent, "dream")["text"]
    np.testing.assert_array_equal(pixels(sent), good)
    say(widget, {"kind": "dream_export", "id": 0, "format": "png"})
    until(lambda: kinds(sent)[-1] == "dream_file", "a file")
    say(widget, {"kind": "dream_more", "id": 0})
    assert "start another" in last(sent, "error")["text"]
