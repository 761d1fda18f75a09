"""Atomic writing: a full disk or an interrupt leaves the file that was there before."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def atomic_write(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """A binary file to write into, which replaces ``path`` at the end; after an error nothing is left of it.

    If ``path`` is a link, the file behind it is replaced; a pipe or a device is written to directly.

    Raises
    ------
    ValueError
        When it cannot be written.
    """
    path = Path(path)
    target = Path(os.path.realpath(path))
    temporary = target.with_name(f".{secrets.token_hex(6)}.part")
    try:
        if target.exists() and not target.is_file():
            with target.open("wb") as file:
                yield file
            return
        with temporary.open("x+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())  # some file systems report only here that they are full
        if target.exists():
            shutil.copymode(target, temporary)
        os.replace(temporary, target)
    except OSError as error:
        raise ValueError(f"{str(path)!r} cannot be written: {error.strerror or error}.") from error
    finally:
        temporary.unlink(missing_ok=True)
