"""Every file that is written: whole, or what was there before, and nothing beside it."""

from __future__ import annotations

import functools
import os
import resource
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from salwidget import vis
from salwidget.dreams import Dream, dream
from salwidget.writing import atomic_write
from tests import models
from tests.models import image
from tests.test_heatmap import heatmap
from tests.widget.conftest import small_cnn

Write = Callable[[Path], None]
NOISE = np.random.default_rng(0)
OLD = b"what was there"


def of_widget(path: Path) -> None:
    from salwidget import SaliencyWidget

    widget = SaliencyWidget(small_cnn(), image((16, 16, 3)))
    widget.wait(30)
    try:
        widget.save(path)
    finally:
        widget.close()


@functools.cache
def dreamed() -> Dream:
    """One for all of its files: what is asked is how they are written."""
    return dream(models.functional(), filters=[0, 1, 2, 3], steps=12).run()


def of_dream(path: Path) -> None:
    dreamed().save(path)


def of_heatmap(path: Path) -> None:
    heatmap(values=NOISE.normal(size=(80, 80)).astype(np.float32)).save(path)


def of_vis(path: Path) -> None:
    film = vis.GifGenerator(path)
    for step in range(3):
        film.callback(step, [], 0.0, NOISE.normal(size=(1, 32, 32, 3)), NOISE.normal(size=(1, 32, 32, 3)))
    film.on_end()


WRITERS: dict[str, Write] = {
    "widget.png": of_widget,
    "dream.png": of_dream,
    "dream.gif": of_dream,
    "map.png": of_heatmap,
    "map.npy": of_heatmap,
    "map.tif": of_heatmap,
    "film.gif": of_vis,
}


@contextmanager
def full_disk(room: int) -> Iterator[None]:
    """No file grows past ``room`` bytes: a write past them fails half way."""
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, usual[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)


@pytest.mark.slow
@pytest.mark.parametrize("name", WRITERS)
@pytest.mark.parametrize("old", [OLD, None], ids=["over a file", "new"])
def test_a_full_disk_leaves_what_was_there(tmp_path: Path, name: str, old: bytes | None) -> None:
    path = tmp_path / name
    if old is not None:
        path.write_bytes(old)
    with full_disk(300), pytest.raises(ValueError, match=rf"{name}' cannot be written: .+\."):
        WRITERS[name](path)
    assert {each.name: each.read_bytes() for each in tmp_path.iterdir()} == ({name: old} if old else {})
    WRITERS[name](path)
    assert path.stat().st_size > 300
    assert [each.name for each in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("name", WRITERS)
def test_a_folder_that_is_not_there_is_one_sentence(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match=r"cannot be written: No such file or directory\.$"):
        WRITERS[name](tmp_path / "gone" / name)


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
def test_an_interrupt_leaves_what_was_there(tmp_path: Path, error: type[BaseException]) -> None:
    path = tmp_path / "a"
    path.write_bytes(OLD)
    with pytest.raises(error), atomic_write(path) as file:  # noqa: PT012
        file.write(b"half")
        raise error
    assert [(each.name, each.read_bytes()) for each in tmp_path.iterdir()] == [("a", OLD)]


def test_the_new_file_has_the_permissions_of_the_old_and_a_link_stays_one(tmp_path: Path) -> None:
    path, link = tmp_path / "a", tmp_path / "link"
    path.write_bytes(OLD)
    path.chmod(0o640)
    link.symlink_to(path)
    with atomic_write(link) as file:
        file.write(b"new")
    assert (path.read_bytes(), path.stat().st_mode & 0o777, link.is_symlink()) == (b"new", 0o640, True)
    usual = os.umask(0o022)
    os.umask(usual)
    with atomic_write(tmp_path / "b") as file:
        file.write(b"new")
    assert (tmp_path / "b").stat().st_mode & 0o777 == 0o666 & ~usual


def test_a_pipe_is_written_to_and_stays(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append((tmp_path / "pipe").read_bytes()))
    reader.start()
    with atomic_write(tmp_path / "pipe") as file:
        file.write(b"new")
    reader.join(30)
    assert read == [b"new"]
    assert [each.name for each in tmp_path.iterdir()] == ["pipe"]
