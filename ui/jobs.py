"""Work off the window's thread, in two lanes.

The store lane does one thing at a time and in order: everything that writes goes there. The wide lane does
four at once: network, paper, reading of files. Results come back to the window's thread by one queued signal.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event
from typing import TypeVar

from PySide6.QtCore import QObject, Qt, Signal, Slot

T = TypeVar("T")


class Stopped(Exception):
    """Raised inside a job when it was asked to stop."""


class Job:
    """One piece of work: its title, how far it is, and whether it was asked to stop.

    `done_so_far` and `total` count the same unit (`total` 0: not known); `words` is shown beside them.
    """

    def __init__(self, title: str, jobs: Jobs, stoppable: bool) -> None:
        self.title = title
        self.stoppable = stoppable
        self.cancelled = Event()
        self.done_so_far = 0
        self.total = 0
        self.words = ""
        self.started = time.monotonic()
        self.finished = False
        self._jobs = jobs
        self._told = 0.0

    def progress(self, done: int, total: int = 0, words: str = "") -> None:
        """Says from inside the work how far it is; may be called for every row.

        Raises Stopped when the work was asked to stop.
        """
        self.check()
        self.done_so_far, self.total, self.words = done, total, words
        now = time.monotonic()
        if now - self._told >= 0.05 or (total and done >= total):
            self._told = now
            self._jobs.post(lambda: self._jobs.progressed.emit(self))

    def check(self) -> None:
        """Raises Stopped when the work was asked to stop; long loops call it once per batch."""
        if self.cancelled.is_set():
            raise Stopped

    def cancel(self) -> None:
        """Asks the work to stop. Neither `done` nor `failed` is called any more."""
        self.cancelled.set()

    def seconds_left(self) -> float | None:
        """A guess from the pace so far; None while nothing can be said."""
        spent = time.monotonic() - self.started
        if not self.total or not self.done_so_far or spent < 0.5:
            return None
        return spent / self.done_so_far * (self.total - self.done_so_far)


class Jobs(QObject):
    """The two lanes. `started`, `progressed` and `ended` carry the Job, always on the window's thread."""

    started = Signal(object)
    progressed = Signal(object)
    ended = Signal(object)
    _call = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = ThreadPoolExecutor(max_workers=1, thread_name_prefix="store")
        self._wide = ThreadPoolExecutor(max_workers=4, thread_name_prefix="wide")
        self._open: set[Job] = set()
        self._closed = False
        self._call.connect(self._run, Qt.ConnectionType.QueuedConnection)

    @Slot(object)
    def _run(self, closure: Callable[[], None]) -> None:
        if not self._closed:
            closure()

    def post(self, closure: Callable[[], None]) -> None:
        """Runs a closure on the window's thread soon; may be called from any thread."""
        if not self._closed:
            self._call.emit(closure)

    def write(
        self,
        work: Callable[[], T],
        done: Callable[[T], None] | None = None,
        failed: Callable[[BaseException], None] | None = None,
        title: str = "",
    ) -> Job:
        """Puts work into the store lane, behind what is already there."""
        return self._start(self._store, lambda job: work(), done, failed, title)

    def write_long(
        self,
        work: Callable[[Job], T],
        done: Callable[[T], None] | None = None,
        failed: Callable[[BaseException], None] | None = None,
        title: str = "",
    ) -> Job:
        """Puts work into the store lane that is handed its Job: it says how far it is, and may be stopped.

        It raises Stopped itself while nothing is kept yet, which goes to `failed`; once its work is kept,
        being asked to stop comes too late and `done` is called.
        """
        return self._start(self._store, work, done, failed, title)

    def fetch(
        self,
        work: Callable[[Job], T],
        done: Callable[[T], None] | None = None,
        failed: Callable[[BaseException], None] | None = None,
        title: str = "",
    ) -> Job:
        """Starts work in the wide lane; it is handed its Job to say how far it is. After closing, none is."""
        return self._start(self._wide, work, done, failed, title)

    def _start(
        self,
        lane: ThreadPoolExecutor,
        work: Callable[[Job], T],
        done: Callable[[T], None] | None,
        failed: Callable[[BaseException], None] | None,
        title: str,
    ) -> Job:
        job = Job(title, self, stoppable=lane is self._wide)
        if self._closed and job.stoppable:  # a timer of a page may still ask for a look at something
            job.cancel()
            job.finished = True
            return job
        self._open.add(job)
        self.started.emit(job)

        def run() -> T:
            job.check()
            return work(job)

        def finish(future: Future[T]) -> None:
            self.post(lambda: self._deliver(job, future, done, failed))

        lane.submit(run).add_done_callback(finish)
        return job

    def _deliver(
        self,
        job: Job,
        future: Future[T],
        done: Callable[[T], None] | None,
        failed: Callable[[BaseException], None] | None,
    ) -> None:
        job.finished = True
        self._open.discard(job)
        self.ended.emit(job)
        if future.cancelled():
            return
        error = future.exception()
        if job.stoppable and (isinstance(error, Stopped) or job.cancelled.is_set()):
            return
        if error is None:
            if done is not None:
                done(future.result())
        elif failed is not None:
            failed(error)
        else:
            raise error

    @property
    def busy(self) -> bool:
        """Whether any work waits or runs."""
        return bool(self._open)

    def open_jobs(self) -> list[Job]:
        """The work that waits or runs."""
        return list(self._open)

    def close(self) -> None:
        """Asks wide work to stop, lets waiting writes reach the store, then ends both lanes.

        Writes are finished because they hold what a person typed; nothing is delivered any more.
        """
        self._closed = True
        for job in self._open:
            if job.stoppable:
                job.cancel()
        self._wide.shutdown(wait=True, cancel_futures=True)
        self._store.shutdown(wait=True, cancel_futures=False)
