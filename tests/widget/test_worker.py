"""What a worker does first, and what takes the place of what."""

from __future__ import annotations

import threading
import time
from collections.abc import Generator

from salwidget.widget.worker import Worker
from tests.widget.jobs import WAIT, Steps, noting


def test_the_newest_question_wins_and_a_running_one_is_dropped_at_its_next_step(worker: Worker) -> None:
    first, log, finished = Steps(count=5), [], threading.Event()
    worker.ask("me", first)
    assert first.started.wait(WAIT)
    for number in range(20):
        worker.ask("me", noting(log, f"question {number}", finished))
    first.go.release(5)
    assert finished.wait(WAIT)
    assert first.done == 1
    assert log == ["question 19"]


def test_errands_come_before_questions_and_questions_before_idle_work(worker: Worker) -> None:
    block, log, finished = Steps(), [], threading.Event()
    worker.errand("me", block)
    assert block.started.wait(WAIT)
    worker.when_idle("me", noting(log, "idle", finished))
    worker.ask("me", noting(log, "question"))
    worker.errand("me", noting(log, "errand 1"))
    worker.errand("me", noting(log, "errand 2"))
    block.go.release()
    assert finished.wait(WAIT)
    assert log == ["errand 1", "errand 2", "question", "idle"]


def test_idle_work_yields_to_a_question(worker: Worker) -> None:
    idle, finished = Steps(count=5), threading.Event()
    worker.when_idle("me", idle)
    assert idle.started.wait(WAIT)
    worker.ask("me", noting([], "question", finished))
    idle.go.release(5)
    assert finished.wait(WAIT)
    assert idle.done == 1


def test_stop_drops_the_running_question(worker: Worker) -> None:
    question = Steps(count=5)
    worker.ask("me", question)
    assert question.started.wait(WAIT)
    worker.stop("me")
    question.go.release(5)
    assert question.ended.wait(WAIT)
    assert question.done == 1


def test_two_owners_do_not_drop_each_other(worker: Worker) -> None:
    worker.join("you")
    block, log = Steps(), []
    worker.errand("me", block)
    assert block.started.wait(WAIT)
    finished = threading.Event()
    worker.ask("me", noting(log, "mine"))
    worker.ask("you", noting(log, "yours", finished))
    block.go.release()
    assert finished.wait(WAIT)
    assert log == ["mine", "yours"]
    worker.leave("you")


def test_two_panes_are_answered_at_once_and_the_newest_wins_in_each(worker: Worker) -> None:
    left, right, log, finished = Steps(count=5), Steps(count=3), [], threading.Event()
    worker.ask("me", left, "left")
    assert left.started.wait(WAIT)
    worker.ask("me", right, "right")
    left.go.release()
    assert right.started.wait(WAIT), "it need not wait until the other has ended"
    worker.ask("me", noting(log, "left again", finished), "left")
    right.go.release(3)
    assert finished.wait(WAIT)
    assert right.ended.wait(WAIT)
    assert (left.done, right.done, log) == (1, 3, ["left again"])


def test_stop_in_one_pane_lets_the_other_go_on(worker: Worker) -> None:
    left, right = Steps(count=3), Steps(count=3)
    worker.ask("me", left, "left")
    assert left.started.wait(WAIT)
    worker.ask("me", right, "right")
    worker.stop("me", "left")
    left.go.release(3)
    right.go.release(3)
    assert left.ended.wait(WAIT)
    assert right.ended.wait(WAIT)
    assert (left.done, right.done) == (1, 3)


def test_an_errand_goes_between_the_steps_of_a_question(worker: Worker) -> None:
    question, finished = Steps(count=2), threading.Event()
    worker.ask("me", question)
    assert question.started.wait(WAIT)
    worker.errand("me", noting([], "errand", finished))
    question.go.release()
    assert finished.wait(WAIT)
    assert question.done == 1
    question.go.release()
    assert question.ended.wait(WAIT)
    assert question.done == 2


def test_a_job_that_raises_does_not_end_the_thread(worker: Worker) -> None:
    def broken() -> Generator[None, None, None]:
        raise RuntimeError("broken on purpose")
        yield

    finished = threading.Event()
    worker.errand("me", broken)
    worker.errand("me", noting([], "next", finished))
    assert finished.wait(WAIT)


def test_the_thread_ends_with_its_last_owner_and_starts_again() -> None:
    worker = Worker("short")
    for _ in range(2):
        worker.join("a")
        worker.join("b")
        (thread,) = (each for each in threading.enumerate() if each.name == "salwidget short")
        worker.leave("a")
        assert thread.is_alive()
        worker.leave("b")
        thread.join(WAIT)
        assert not thread.is_alive()


def test_a_stream_lets_errands_and_questions_of_all_owners_go_first_and_goes_on(worker: Worker) -> None:
    worker.join("you")
    stream, log, finished = Steps(count=3), [], threading.Event()
    worker.stream("me", stream)
    assert stream.started.wait(WAIT)
    worker.stream("you", noting(log, "another stream", finished))
    worker.when_idle("me", noting(log, "idle", finished))
    worker.ask("you", noting(log, "your question"))
    worker.ask("me", noting(log, "my question"))
    worker.errand("you", noting(log, "errand"))
    stream.go.release(3)
    assert finished.wait(WAIT)
    assert stream.done == 3, "it was not dropped"
    assert log == ["errand", "your question", "my question", "another stream"], "idle work waits"
    worker.leave("you")


def test_a_stream_that_is_left_ends_at_its_next_step_and_those_of_others_go_on(worker: Worker) -> None:
    worker.join("you")
    mine, yours = Steps(count=5), threading.Event()
    worker.stream("me", mine)
    assert mine.started.wait(WAIT)
    worker.stream("me", noting([], "never"))
    worker.stream("you", noting([], "yours", yours))
    worker.leave("me")
    mine.go.release(5)
    assert yours.wait(WAIT)
    assert mine.ended.is_set()
    assert mine.done == 1
    worker.leave("you")


def test_a_stream_ends_with_the_thread() -> None:
    worker, stream = Worker("brief"), Steps(count=5)
    worker.join("me")
    worker.stream("me", stream)
    assert stream.started.wait(WAIT)
    worker.leave("me")
    stream.go.release(5)
    assert stream.ended.wait(WAIT)
    assert stream.done == 1


def test_a_stream_that_raises_makes_room_for_the_next(worker: Worker) -> None:
    def broken() -> Generator[None, None, None]:
        yield
        raise RuntimeError("broken on purpose")

    finished = threading.Event()
    worker.stream("me", broken)
    worker.stream("me", noting([], "next", finished))
    assert finished.wait(WAIT)


def test_idle_work_begins_anew_after_a_stream(worker: Worker) -> None:
    idle, finished = Steps(count=2), threading.Event()
    worker.when_idle("me", idle)
    assert idle.started.wait(WAIT)
    worker.stream("me", noting([], "stream", finished))
    idle.started.clear()
    idle.go.release(3)
    assert finished.wait(WAIT)
    assert idle.started.wait(WAIT)
    while idle.done < 3:
        assert idle.ended.wait(WAIT)


def test_work_that_rests_is_woken_by_a_question_and_begins_anew(worker: Worker) -> None:
    begun, rested, finished = [threading.Event(), threading.Event()], [], threading.Event()

    def resting() -> Generator[float, None, None]:
        turn = len(rested)
        rested.append(turn)
        begun[turn].set()
        yield 10 * WAIT
        rested.append(-1)  # only after the rest

    worker.when_idle("other", resting)
    worker.join("other")
    assert begun[0].wait(WAIT)
    worker.ask("me", noting([], "question", finished))
    assert finished.wait(WAIT)
    assert begun[1].wait(WAIT)
    assert rested == [0, 1]
    worker.leave("other")


def test_work_that_rests_goes_on_after_it(worker: Worker) -> None:
    done = threading.Event()

    def resting() -> Generator[float, None, None]:
        yield 0.01
        done.set()
        yield 0.0

    worker.when_idle("me", resting)
    assert done.wait(WAIT)


def test_a_question_that_rests_lets_others_go_on_and_is_dropped_by_a_newer_one(worker: Worker) -> None:
    log: list[str] = []
    resting, finished = threading.Event(), threading.Event()

    def long() -> Generator[float | None, None, None]:
        log.append("begun")
        resting.set()
        yield 60
        log.append("rested")
        yield None

    worker.ask("me", long, "left")
    assert resting.wait(WAIT)
    worker.ask("me", noting(log, "beside it", finished), "right")
    assert finished.wait(WAIT)
    again = threading.Event()
    worker.ask("me", noting(log, "newer", again), "left")
    assert again.wait(WAIT)
    assert log == ["begun", "beside it", "newer"]


def test_a_question_goes_on_when_it_has_rested_before_idle_work_begins(worker: Worker) -> None:
    log: list[str] = []
    finished = threading.Event()

    def long() -> Generator[float | None, None, None]:
        began = time.monotonic()
        yield 0.4
        log.append("rested" if time.monotonic() - began >= 0.4 else "too early")
        yield None

    worker.ask("me", long)
    worker.when_idle("me", noting(log, "idle", finished))
    assert finished.wait(WAIT)
    assert log == ["rested", "idle"]


def test_a_resting_question_of_an_owner_that_leaves_is_closed(worker: Worker) -> None:
    closed, resting = threading.Event(), threading.Event()

    def long() -> Generator[float, None, None]:
        try:
            resting.set()
            yield 0.2
        finally:
            closed.set()

    worker.join("you")
    worker.ask("you", long)
    assert resting.wait(WAIT)
    worker.leave("you")
    assert closed.wait(WAIT)
