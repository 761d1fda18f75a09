"""One thread for each model owns all TensorFlow calls; the newest question of each widget wins.

Comm handlers run on the main thread or on a subshell's, perhaps both at once; they only enqueue here.
"""

from __future__ import annotations

import atexit
import logging
import threading
import weakref
from collections import deque
from collections.abc import Callable, Generator, Hashable
from typing import Any

# A job works between its yields and may be dropped at any of them.
Job = Callable[[], Generator[None, None, None]]

QUIET = 0.2

log = logging.getLogger(__name__)


class Worker:
    """Runs, in this order: errands (first come, first served), questions (newest of each owner), idle work.

    Idle work begins when nothing was asked for ``QUIET`` seconds, so that the page has the processor while it paints, and
    is dropped at its next step when anything else arrives.
    """

    def __init__(self, name: str) -> None:
        self._wake = threading.Condition()
        self._errands: deque[tuple[Hashable, Job]] = deque()
        self._questions: dict[Hashable, Job] = {}
        self._idle: dict[Hashable, Job] = {}
        self._owners: set[Hashable] = set()
        self._stopping: Hashable | None = None
        self._running: tuple[Hashable, str] | None = None
        self._thread: threading.Thread | None = None
        self._name = name

    def join(self, owner: Hashable) -> None:
        """Let ``owner`` enqueue; the thread starts with the first owner."""
        with self._wake:
            self._owners.add(owner)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name=f"salwidget {self._name}", daemon=True)
                self._thread.start()

    def leave(self, owner: Hashable) -> None:
        """Forget ``owner`` and its work; the thread ends, after its current step, with the last one."""
        with self._wake:
            self._owners.discard(owner)
            self._questions.pop(owner, None)
            self._idle.pop(owner, None)
            self._errands = deque(entry for entry in self._errands if entry[0] != owner)
            if not self._owners:
                self._thread = None
            self._wake.notify_all()

    def dismiss(self) -> threading.Thread | None:
        """Forget all owners; returns the thread that ends after its current step."""
        with self._wake:
            thread, self._thread = self._thread, None
            self._owners.clear()
            self._wake.notify_all()
            return thread

    def errand(self, owner: Hashable, job: Job) -> None:
        """Run ``job`` once, before any question; errands are never dropped."""
        with self._wake:
            self._errands.append((owner, job))
            self._wake.notify_all()

    def ask(self, owner: Hashable, job: Job) -> None:
        """Run ``job`` instead of any earlier question of ``owner``, waiting or under way."""
        with self._wake:
            self._questions[owner] = job
            self._wake.notify_all()

    def when_idle(self, owner: Hashable, job: Job) -> None:
        """Run ``job`` when there is nothing else to do."""
        with self._wake:
            self._idle[owner] = job
            self._wake.notify_all()

    def stop(self, owner: Hashable) -> None:
        """Drop the question of ``owner``, waiting or under way."""
        with self._wake:
            self._questions.pop(owner, None)
            if self._running == (owner, "question"):
                self._stopping = owner

    def _work(self) -> None:
        me = threading.current_thread()
        while True:
            with self._wake:
                while self._thread is me and not (self._errands or self._questions):
                    if not self._wake.wait(QUIET if self._idle else None) and self._idle:
                        break
                if self._thread is not me:
                    return
                owner, kind, job = self._next()
                self._running, self._stopping = (owner, kind), None
            self._run(owner, kind, job, me)
            # Neither may outlive the job: a closed widget must be free to go.
            del owner, job
            with self._wake:
                self._running = None

    def _next(self) -> tuple[Hashable, str, Job]:
        if self._errands:
            owner, job = self._errands.popleft()
            return owner, "errand", job
        waiting, kind = (self._questions, "question") if self._questions else (self._idle, "idle")
        owner = next(iter(waiting))
        return owner, kind, waiting.pop(owner)

    def _run(self, owner: Hashable, kind: str, job: Job, me: threading.Thread) -> None:
        steps = job()
        try:
            for _ in steps:
                if self._stale(owner, kind, me):
                    break
        except Exception:  # the job tells its widget what it can; a thread that died would leave all widgets mute
            log.exception("salwidget: work for a widget failed")
        finally:
            steps.close()

    def _stale(self, owner: Hashable, kind: str, me: threading.Thread) -> bool:
        with self._wake:
            if self._thread is not me or owner not in self._owners:
                return True
            if kind == "idle":
                return bool(self._errands or self._questions)
            return kind == "question" and (owner in self._questions or self._stopping == owner)


@atexit.register
def _dismiss() -> None:
    """Let every thread end its step: TensorFlow aborts the process where one is inside it as Python goes down."""
    threads = [worker.dismiss() for worker in list(_workers.values())]
    for thread in threads:
        if thread is not None:
            thread.join(timeout=5)


_workers: weakref.WeakKeyDictionary[Any, Worker] = weakref.WeakKeyDictionary()


def worker_of(model: Any) -> Worker:
    """The worker of a model object, shared by all widgets on it."""
    if model not in _workers:
        _workers[model] = Worker(model.name)
    return _workers[model]
