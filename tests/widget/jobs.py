"""Jobs for a worker, of which a test knows when they begin, step and end."""

from __future__ import annotations

import threading
from collections.abc import Generator

from salwidget.widget.worker import Job

WAIT = 10


class Steps:
    """A job of a few steps, each of which waits for a go and tells that it was done."""

    def __init__(self, count: int = 1) -> None:
        self.go = threading.Semaphore(0)
        self.started, self.ended = threading.Event(), threading.Event()
        self.done = 0
        self._count = count

    def __call__(self) -> Generator[None, None, None]:
        self.started.set()
        try:
            for _ in range(self._count):
                assert self.go.acquire(timeout=WAIT)
                self.done += 1
                yield
        finally:
            self.ended.set()


def noting(log: list[str], name: str, finished: threading.Event | None = None) -> Job:
    def job() -> Generator[None, None, None]:
        log.append(name)
        if finished:
            finished.set()
        yield

    return job
