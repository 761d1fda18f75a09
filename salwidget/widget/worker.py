"""One thread for each model owns all TensorFlow calls; the newest question of each pane wins.

Comm handlers run on the main thread or on a subshell's, perhaps both at once; they only enqueue here.
"""

from __future__ import annotations

import atexit
import logging
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable, Generator, Hashable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

# A job works between its yields and may be dropped at any of them; a question or idle work that yields seconds rests so long.
Steps = Generator[Any, None, None]
Job = Callable[[], Steps]
# An owner, and one of its panes.
Slot = tuple[Hashable, str]

QUIET = 0.2

log = logging.getLogger(__name__)


class Worker:
    """Runs, in this order: errands (first come, first served), questions, streams, idle work.

    An owner has a slot for each place that shows answers: a new question there replaces the one before, waiting or under
    way. Questions of several slots and owners are answered at once, a step each in turn, so that a short one need not wait
    for a long one; errands go between their steps. One that rests lets all others go on.

    A stream (a dream) is long: between its steps the errands and questions of all owners go first, then it goes on.
    Streams run one after the other, first come, first served over all owners.

    Idle work begins when nothing was asked for ``QUIET`` seconds, so that the page has the processor while it paints. It
    ends at its next step when anything else arrives: at a question of its owner for good, else it begins anew later.
    """

    def __init__(self, name: str) -> None:
        self._wake = threading.Condition()
        self._errands: deque[tuple[Hashable, Job]] = deque()
        self._questions: dict[Slot, Job] = {}
        self._streams: deque[tuple[Hashable, Job]] = deque()
        self._idle: dict[Hashable, Job] = {}
        self._owners: set[Hashable] = set()
        # Slots whose question under way is to end at its next step.
        self._stopping: set[Slot] = set()
        self._thread: threading.Thread | None = None
        self._name = name

    @property
    def here(self) -> bool:
        """Whether this is the worker's own thread."""
        return threading.current_thread() is self._thread

    def join(self, owner: Hashable) -> None:
        """Let ``owner`` enqueue; the thread starts with the first owner."""
        with self._changing():
            self._owners.add(owner)

    def leave(self, owner: Hashable) -> None:
        """Forget ``owner`` and its work; the thread ends, after its current step, with the last one."""
        with self._changing():
            self._owners.discard(owner)
            self._questions = {slot: job for slot, job in self._questions.items() if slot[0] != owner}
            self._stopping = {slot for slot in self._stopping if slot[0] != owner}
            self._idle.pop(owner, None)
            self._errands = deque(entry for entry in self._errands if entry[0] != owner)
            self._streams = deque(entry for entry in self._streams if entry[0] != owner)
            if not self._owners:
                self._thread = None

    def dismiss(self) -> None:
        """Forget all owners; the thread ends after its current step."""
        with self._changing():
            self._thread = None
            self._owners.clear()

    def errand(self, owner: Hashable, job: Job) -> None:
        """Run ``job`` once, before any question; errands are never dropped."""
        with self._changing():
            self._errands.append((owner, job))

    def ask(self, owner: Hashable, job: Job, pane: str = "") -> None:
        """Run ``job`` instead of any earlier question of ``owner`` in this pane, waiting or under way."""
        with self._changing():
            self._questions[owner, pane] = job

    def stream(self, owner: Hashable, job: Job) -> None:
        """Run ``job`` a step at a time when no errand and no question waits, after the streams that came before it."""
        with self._changing():
            self._streams.append((owner, job))

    def when_idle(self, owner: Hashable, job: Job) -> None:
        """Run ``job`` when there is nothing else to do."""
        with self._changing():
            self._idle[owner] = job

    def stop(self, owner: Hashable, pane: str = "") -> None:
        """Drop the question of ``owner`` in this pane, waiting or under way."""
        with self._wake:
            self._questions.pop((owner, pane), None)
            self._stopping.add((owner, pane))

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """Change what is to be done; while there are owners, a thread is there to do it."""
        with self._wake:
            yield
            if self._owners and not (self._thread and self._thread.is_alive()):
                self._thread = threading.Thread(target=self._work, name=f"salwidget {self._name}", daemon=True)
                self._thread.start()
                _threads.add(self._thread)
            self._wake.notify_all()

    def _work(self) -> None:
        me = threading.current_thread()
        try:
            self._serve(me)
        except BaseException:  # no job's: those are told
            log.exception("salwidget: a worker died; another takes its place")
            with self._changing():
                self._thread = None if self._thread is me else self._thread

    def _serve(self, me: threading.Thread) -> None:
        # What has begun: this thread alone steps and closes it.
        questions: deque[_Task] = deque()
        stream: _Task | None = None
        while True:
            with self._wake:
                self._drop(questions, me)
                if stream and (self._thread is not me or stream.owner not in self._owners):
                    _close(stream)
                    stream = None
                while self._thread is me and not (self._has_work or stream or _rested(questions)):
                    if not self._wake.wait(self._pause(questions)) and self._idle and not questions:
                        break
                if self._thread is not me:
                    return
                self._drop(questions, me)
                if (task := self._next(questions, stream)) is None:
                    continue
            if task.kind == "stream":
                stream = task if _stepped(task) else None
            elif task.kind == "question":
                if _stepped(task):
                    questions.append(task)
            else:
                self._run(task, me)
            # It may not outlive its job: a closed widget must be free to go.
            del task

    @property
    def _has_work(self) -> bool:
        return bool(self._errands or self._questions or self._streams)

    def _pause(self, questions: deque[_Task]) -> float | None:
        """Seconds until there may be something to do."""
        rests = [each.due - time.monotonic() for each in questions]
        return max(0.0, min(rests)) if rests else QUIET if self._idle else None

    def _next(self, questions: deque[_Task], stream: _Task | None) -> _Task | None:
        if self._errands:
            return _Task("errand", *self._errands.popleft())
        if self._questions:
            slot = next(iter(self._questions))
            self._stopping.discard(slot)
            return _Task("question", slot[0], self._questions.pop(slot), slot[1])
        if (rested := _rested(questions)) is not None:
            questions.remove(rested)
            return rested
        if stream:
            return stream
        if self._streams:
            return _Task("stream", *self._streams.popleft())
        if questions or not self._idle:
            return None
        owner = next(iter(self._idle))
        return _Task("idle", owner, self._idle.pop(owner))

    def _drop(self, questions: deque[_Task], me: threading.Thread) -> None:
        """Close questions that were replaced, stopped, or left by their owner."""
        for _ in range(len(questions)):
            question = questions.popleft()
            slot = question.owner, question.pane
            if self._is_left(question, me) or slot in self._questions or slot in self._stopping:
                self._stopping.discard(slot)
                _close(question)
            else:
                questions.append(question)

    def _is_left(self, task: _Task, me: threading.Thread) -> bool:
        return self._thread is not me or task.owner not in self._owners

    def _run(self, task: _Task, me: threading.Thread) -> None:
        """Run an errand, or idle work until there is anything else to do."""
        while _stepped(task):
            with self._wake:
                if task.rest:
                    self._wake.wait_for(lambda: self._gives_way(task, me), task.rest)
                if self._gives_way(task, me):
                    _close(task)

    def _gives_way(self, task: _Task, me: threading.Thread) -> bool:
        with self._wake:
            if self._is_left(task, me):
                return True
            if task.kind == "errand" or not self._has_work:
                return False
            if all(owner != task.owner for owner, _ in self._questions):
                self._idle.setdefault(task.owner, task.job)
            return True


class _Task:
    """A job that has begun."""

    def __init__(self, kind: str, owner: Hashable, job: Job, pane: str = "") -> None:
        self.kind, self.owner, self.job, self.pane, self.steps = kind, owner, job, pane, job()
        self.rest: float | None = None
        # When it goes on, of time.monotonic().
        self.due = 0.0


def _rested(questions: Iterable[_Task]) -> _Task | None:
    """The first question that may go on."""
    now = time.monotonic()
    return next((each for each in questions if each.due <= now), None)


def _stepped(task: _Task) -> bool:
    """Take one step; returns whether there may be another."""
    try:
        task.rest = next(task.steps)
        task.due = time.monotonic() + (task.rest or 0)
    except StopIteration:
        return False
    except BaseException:  # a thread that died would leave all widgets mute
        log.exception("salwidget: work for a widget failed")
        return False
    return True


def _close(task: _Task) -> None:
    try:
        task.steps.close()
    except BaseException:  # a method of the user's that does not end
        log.exception("salwidget: work for a widget was dropped")


def guarded(steps: Steps, failed: Callable[[BaseException], None]) -> Steps:
    """``steps`` whose end by an error is told to ``failed``, whatever a user's function has raised: ``SystemExit`` too.

    A ``GeneratorExit`` may be an error as well; the one by which steps are dropped never comes out of ``next``.
    """
    try:
        while True:
            try:
                rest = next(steps)
            except StopIteration:
                return
            except BaseException as error:
                if not isinstance(error, (ValueError, TypeError)):
                    log.exception("salwidget: work for a widget failed")
                failed(error)
                return
            yield rest
    finally:
        steps.close()


@atexit.register
def _dismiss() -> None:
    """Let every thread end its step: TensorFlow aborts the process where one is inside it as Python goes down."""
    for worker in list(_workers.values()):
        worker.dismiss()
    for thread in list(_threads):
        thread.join(timeout=5)


# Also those whose widgets are closed, and which are in their last step.
_threads: weakref.WeakSet[threading.Thread] = weakref.WeakSet()
_workers: weakref.WeakKeyDictionary[Any, Worker] = weakref.WeakKeyDictionary()


def worker_of(model: Any) -> Worker:
    """The worker of a model object, shared by all widgets on it."""
    if model not in _workers:
        _workers[model] = Worker(model.name)
    return _workers[model]
