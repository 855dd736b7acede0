"""The two lanes: order, failure, progress, stopping, and an end that loses nothing."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from ui.jobs import Job, Jobs


@pytest.fixture
def jobs(qtbot: QtBot) -> Iterator[Jobs]:
    made = Jobs()
    yield made
    made.close()


def test_writes_keep_their_order_and_come_back_on_the_windows_thread(qtbot: QtBot, jobs: Jobs) -> None:
    done: list[int] = []
    where: set[int] = set()

    def finished(number: int) -> None:
        where.add(threading.get_ident())
        done.append(number)

    for number in range(50):
        jobs.write(lambda n=number: n, finished)
    qtbot.waitUntil(lambda: len(done) == 50)
    assert done == list(range(50))
    assert where == {threading.get_ident()}


def test_no_two_writes_run_at_once(qtbot: QtBot, jobs: Jobs) -> None:
    inside, most, done = [0], [0], []

    def work() -> None:
        inside[0] += 1
        most[0] = max(most[0], inside[0])
        threading.Event().wait(0.001)
        inside[0] -= 1

    for _ in range(20):
        jobs.write(work, lambda _none: done.append(1))
    qtbot.waitUntil(lambda: len(done) == 20)
    assert most[0] == 1


def test_a_failure_arrives_as_the_exception_that_was_raised(qtbot: QtBot, jobs: Jobs) -> None:
    failed: list[BaseException] = []

    def work(job: Job) -> None:
        raise ValueError("no statement")

    jobs.fetch(work, None, failed.append)
    qtbot.waitUntil(lambda: bool(failed))
    assert isinstance(failed[0], ValueError)


def test_progress_is_told_and_the_time_left_is_guessed(qtbot: QtBot, jobs: Jobs) -> None:
    seen: list[int] = []
    jobs.progressed.connect(lambda job: seen.append(job.done_so_far))

    def work(job: Job) -> int:
        for number in range(1, 5):
            job.progress(number, 4, "lines")
        return job.total

    done: list[int] = []
    job = jobs.fetch(work, done.append, title="Reading statement 242")
    qtbot.waitUntil(lambda: done == [4])
    assert seen[-1] == 4
    job.started = time.monotonic() - 2
    job.done_so_far, job.total = 1, 4
    left = job.seconds_left()
    assert left is not None
    assert 5 < left < 7


def test_a_stopped_job_calls_neither_done_nor_failed(qtbot: QtBot, jobs: Jobs) -> None:
    begun, called = threading.Event(), []

    def work(job: Job) -> None:
        begun.set()
        while True:
            job.check()
            job.cancelled.wait(0.01)

    job = jobs.fetch(work, lambda _n: called.append("done"), lambda _e: called.append("failed"), "Endless")
    assert begun.wait(2)
    with qtbot.waitSignal(jobs.ended, timeout=2000):
        job.cancel()
    assert job.finished
    assert called == []


def test_closing_stops_wide_work_at_once_and_finishes_every_write(qtbot: QtBot) -> None:
    jobs, written = Jobs(), []

    def endless(job: Job) -> None:
        while not job.cancelled.wait(0.005):
            pass

    for _ in range(4):
        jobs.fetch(endless)
    for number in range(30):
        jobs.write(lambda n=number: written.append(n))
    start = time.perf_counter()
    jobs.close()
    assert time.perf_counter() - start < 0.5
    assert written == list(range(30))


def test_nothing_is_delivered_after_closing(qtbot: QtBot) -> None:
    jobs, done = Jobs(), []
    jobs.write(lambda: 1, done.append)
    jobs.close()
    jobs.post(lambda: done.append(2))
    QApplication.processEvents()
    assert done == []


def test_a_look_asked_for_after_closing_is_not_begun(qtbot: QtBot) -> None:
    jobs, begun = Jobs(), list[str]()
    jobs.close()
    job = jobs.fetch(lambda _job: begun.append("look"))
    assert job.finished
    assert begun == []
    assert not jobs.busy
