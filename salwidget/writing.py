"""Files that are whole: a disk that is full, or an interrupt, leaves what was there before."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def whole(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """A binary file to write into, which takes the place of ``path`` at the end; after an error nothing is left of it.

    Where ``path`` is a link, the file behind it is replaced; a pipe or a device is written to as it is.

    Raises
    ------
    ValueError
        In one sentence, when it cannot be written.
    """
    path = Path(path)
    place = Path(os.path.realpath(path))
    beside = place.with_name(f".{secrets.token_hex(6)}.part")
    try:
        if place.exists() and not place.is_file():
            with place.open("wb") as file:
                yield file
            return
        with beside.open("x+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())  # some file systems tell only here that they are full
        if place.exists():
            shutil.copymode(place, beside)
        os.replace(beside, place)
    except OSError as error:
        raise ValueError(f"{str(path)!r} cannot be written: {error.strerror or error}.") from error
    finally:
        beside.unlink(missing_ok=True)
