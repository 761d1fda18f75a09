"""What a person does wrong: one sentence in the page, and the widget goes on."""

from __future__ import annotations

import base64
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.browser.conftest import Open
from tests.browser.jupyterlab import Explorer, Notebook
from tests.browser.server import Server

HOSTILE = "<img src=x onerror=document.title='owned'>"
OPEN = f"""
import keras
from salwidget import SaliencyWidget
from salwidget.demo import snow_test
demo = snow_test().biased
w = SaliencyWidget(demo.model, demo.images, labels=["beagle", {HOSTILE!r}], image_idx=3)
w
"""


@pytest.fixture(scope="module")
def opened(server: Server, open_notebook: Open) -> tuple[Notebook, Explorer]:
    return open_notebook(server, [OPEN])


def upload(explorer: Explorer, path: Path) -> None:
    explorer.root.locator("input[type=file]").first.set_input_files(path)


def drop(explorer: Explorer, path: Path, kind: str) -> None:
    """Drop a file on the stage, of the MIME type that the system gives it: none where it does not know the ending."""
    explorer.stage.evaluate(
        """(stage, [text, name, type]) => {
            const dataTransfer = new DataTransfer();
            const bytes = Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
            dataTransfer.items.add(new File([bytes], name, {type}));
            for (const kind of ["dragenter", "dragover", "drop"])
                stage.dispatchEvent(new DragEvent(kind, {dataTransfer, bubbles: true, cancelable: true}));
        }""",
        [base64.b64encode(path.read_bytes()).decode(), path.name, kind],
    )


def test_a_class_named_like_a_tag_is_text(opened: tuple[Notebook, Explorer]) -> None:
    notebook, explorer = opened
    assert HOSTILE in explorer.chips()[0]
    assert explorer.root.locator("img[src=x]").count() == 0
    assert notebook.page.title() != "owned"


def test_a_photograph_is_taken_in(opened: tuple[Notebook, Explorer], tmp_path: Path) -> None:
    notebook, explorer = opened
    count = notebook.evaluate("len(w._session.context.gallery.examples)")
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (90, 120, 3), np.uint8)).save(tmp_path / "mine.png")
    upload(explorer, tmp_path / "mine.png")
    notebook.becomes("w.image_idx", count)
    explorer.answered()
    assert "mine.png" in explorer.root.inner_text()


@pytest.mark.parametrize(("name", "kind"), [("old.bmp", "image/bmp"), ("scan.tif", "image/tiff"), ("scan.TIFF", "")])
def test_a_photograph_is_dropped(opened: tuple[Notebook, Explorer], tmp_path: Path, name: str, kind: str) -> None:
    notebook, explorer = opened
    count = notebook.evaluate("len(w._session.context.gallery.examples)")
    pixels = np.random.default_rng(count).integers(0, 255, (64, 64, 3), np.uint8)  # as the model takes it
    Image.fromarray(pixels).save(tmp_path / name)
    drop(explorer, tmp_path / name, kind)
    notebook.becomes("w.image_idx", count)
    assert name in explorer.root.inner_text()
    given = notebook.evaluate("w._session.context.gallery.examples[-1][0].given.tolist()")
    assert np.array_equal(np.array(given), pixels)


@pytest.mark.parametrize(("name", "size", "says"), [("notes.png", 40, "not an image"), ("huge.jpg", 300 << 20, "MB")])
def test_a_file_that_will_not_do(opened: tuple[Notebook, Explorer], tmp_path: Path, name: str, size: int, says: str) -> None:
    notebook, explorer = opened
    before = explorer.settled(), notebook.evaluate("w.image_idx")
    with (tmp_path / name).open("wb") as file:
        file.write(b"just text, honestly")
        file.truncate(size)
    upload(explorer, tmp_path / name)
    alert = explorer.root.get_by_role("alert").filter(has_text=says)
    alert.wait_for(timeout=20_000)
    assert name in alert.inner_text()
    assert (explorer.settled(), notebook.evaluate("w.image_idx")) == before
    (tmp_path / name).unlink()


def test_nan_weights_are_told_and_recovered_from(opened: tuple[Notebook, Explorer]) -> None:
    notebook, explorer = opened
    good = explorer.settled()
    notebook.evaluate("[demo.model.layers[-1].bias.assign([float('nan')] * 2), setattr(w, 'filter_indices', 0)][2:]")
    assert explorer.settled("error") == good
    assert "NaN" in explorer.root.get_by_role("alert").first.inner_text()
    notebook.evaluate("[demo.model.layers[-1].bias.assign([0.0] * 2), setattr(w, 'filter_indices', 1)][2:]")
    assert explorer.settled() == notebook.evaluate("w.heatmap.query.id")


def test_the_page_cannot_write_what_does_not_fit(opened: tuple[Notebook, Explorer]) -> None:
    notebook, explorer = opened
    explorer.control("filter_indices value").fill("9999")
    explorer.control("filter_indices value").press("Enter")
    explorer.root.get_by_text("There is no filter 9999: they are 0 to 1.").wait_for()
    assert notebook.evaluate("w.filter_indices") in (0, 1)
    explorer.settled()
    assert notebook.errors == []
