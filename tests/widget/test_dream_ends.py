"""What is left of a dream that has ended: its files, its place in memory, its last good frame."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

import salwidget
from salwidget import SaliencyWidget
from tests.widget.conftest import Sent, kinds, last, say, settled, small_cnn, until
from tests.widget.test_dreams import at_first_frame, come_to, frames, pixels

pytestmark = pytest.mark.slow

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
    monkeypatch.setattr("salwidget.widget.dream.panel.MOST_BYTES", 0)
    widget = make(filter_indices=1)
    for _ in range(3):
        widget.dream(steps=2)
    come_to(sent, "done", id=2)
    assert [one.id for one in widget._session.panels["dream"]._all] == [2]
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


def test_frames_go_on_once_in_a_while_where_the_page_cannot_be_heard(
    make: Make, sent: Sent, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A long cell on the main thread keeps the page's word from the kernel, not the frames from the page."""
    monkeypatch.setattr("salwidget.widget.dream.dreaming.PATIENCE", 0.0)
    widget = make(filter_indices=1)
    widget.dream(steps=5)
    come_to(sent, "done")
    assert [frame["step"] for frame in frames(sent)] == [1, 2, 3, 4, 5]
    assert widget.dreamed.step == 5


def test_an_open_tab_has_the_gradient_of_the_next_dream_built(make: Make) -> None:
    widget = make(filter_indices=1)
    settled(widget)
    network = salwidget.open_network(widget._session.context.model)
    widget.tab = "dream"
    until(lambda: any(key[0] == "gradient" and key[2] == ((True, 0),) for key in network._cuts), "it was built")
    built = network.cuts
    widget.dream(steps=1)
    until(lambda: widget.dreamed is not None and widget.dreamed.step == 1, "the dream is there")
    assert network.cuts == built
