"""A worker goes on, whatever its jobs raise, and is made anew where its thread has died."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Generator

import pytest

from salwidget.widget.worker import Worker, guarded
from tests.widget.jobs import WAIT, Steps, noting

ENDS = [SystemExit(3), KeyboardInterrupt(), asyncio.CancelledError("enough"), GeneratorExit(), RuntimeError("broken")]


@pytest.mark.parametrize("error", ENDS, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("kind", ["errand", "ask", "stream", "when_idle"])
@pytest.mark.parametrize("steps", [0, 2])
def test_whatever_a_job_raises_it_is_told_and_the_same_thread_goes_on(
    worker: Worker, kind: str, error: BaseException, steps: int
) -> None:
    told, finished = [], threading.Event()

    def broken() -> Generator[None, None, None]:
        for _ in range(steps):
            yield
        raise error

    thread = worker._thread
    getattr(worker, kind)("me", lambda: guarded(broken(), lambda found: (told.append(found), finished.set())))
    assert finished.wait(WAIT)
    ran = threading.Event()
    worker.errand("me", noting([], "next", ran))
    assert ran.wait(WAIT)
    assert told == [error]
    assert worker._thread is thread


def test_a_job_that_is_dropped_is_no_failure(worker: Worker) -> None:
    told, first, finished = [], Steps(count=5), threading.Event()
    worker.ask("me", lambda: guarded(first(), told.append))
    assert first.started.wait(WAIT)
    worker.ask("me", noting([], "next", finished))
    first.go.release(5)
    assert finished.wait(WAIT)
    assert first.ended.is_set()
    assert told == []


def test_a_job_that_does_not_end_when_it_is_dropped_does_not_end_the_thread(worker: Worker) -> None:
    begun, finished = threading.Event(), threading.Event()

    def stubborn() -> Generator[None, None, None]:
        begun.set()
        try:
            while True:
                yield
        finally:
            raise SystemExit

    worker.ask("me", stubborn)
    assert begun.wait(WAIT)
    worker.ask("me", noting([], "next", finished))
    assert finished.wait(WAIT)


def test_a_thread_that_died_is_made_anew(worker: Worker) -> None:
    dead = threading.Thread()
    dead.start()
    dead.join()
    worker.leave("me")
    worker._owners.add("me")
    worker._thread = dead  # as after a fork
    finished = threading.Event()
    worker.ask("me", noting([], "question", finished))
    assert finished.wait(WAIT)


def test_a_thread_that_fails_between_two_jobs_has_a_successor(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        monkeypatch.undo()
        raise SystemExit

    thread, finished = worker._thread, threading.Event()
    assert thread is not None
    monkeypatch.setattr(worker, "_next", broken)
    worker.ask("me", noting([], "question", finished))
    assert finished.wait(WAIT), "the same question, which was not taken yet"
    thread.join(WAIT)
    assert not thread.is_alive()
