"""The sync as the window runs it: now and then in the background, at once when asked, never in the way.

A failed try backs off with jitter, up to five minutes. It starts afresh when the computer wakes or when a
person presses Sync now.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from app import left_behind
from app.left_behind import ClosedOut
from app.wording import plural
from models.changes import Changed
from models.errors import HoldallError
from sync import backoff, desk
from ui.jobs import Job
from ui.shell import Shell, changed_in
from ui.status_bar import Standing

log = logging.getLogger(__name__)
TICK = 30  # seconds; a gap of three ticks means that the computer slept

Outcome = Any  # a SyncReport, or the Changed of one
Run = Callable[[Job], Outcome]


class Syncing(QObject):
    """Keeps this copy and the server together. `run` does one whole sync in the wide lane and says what
    came of it; None where this workspace has no server."""

    standing_changed = Signal()
    news = Signal()  # the server has something new; emitted from another thread
    closed_out = Signal()  # an administrator has closed this laptop out: its key is gone

    def __init__(self, shell: Shell, run: Run | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent or shell)
        self._shell, self._run = shell, run
        self._failures = 0
        self._running: Job | None = None
        self.trouble: HoldallError | None = None
        self.notes: list[str] = []  # what the last sync did that a person should know
        self._compared: dict[str, tuple[int, bool]] = {}  # scope -> last change read, equal to the server's
        self.standing = Standing(server=run is not None)
        self._next = QTimer(self, singleShot=True)
        self._next.timeout.connect(self.start)
        self._tick = QTimer(self, interval=TICK * 1000)
        self._tick.timeout.connect(self._ticked)
        self._seen = time.monotonic()
        self._soon = QTimer(self, singleShot=True, interval=1500)
        self._soon.timeout.connect(self.start)
        shell.files_asked.connect(self._want)
        self.news.connect(self._fetch_news, Qt.ConnectionType.QueuedConnection)
        self.look()

    def connect_to(self, run: Run) -> None:
        """Begins to sync with a server; the first try comes at once."""
        self._run = run
        self._tick.start()
        self._next.start(0)

    def look(self) -> None:
        """Counts again what waits and what needs a person; a write asks for a sync shortly after."""
        now = self._shell.read(desk.counts)
        context, at = self._shell.context, self._now()
        grace = context.grace()
        if self._run is not None and not context.sample:
            left_behind.note_waiting(context.home, now.waiting)
        grew = now.waiting > self.standing.waiting
        self.standing = replace(
            self.standing,
            waiting=now.waiting,
            refused=now.refused,
            to_settle=now.conflicts,
            last_sync=now.last_ok_at,
            server=self._run is not None,
            syncing=self._running is not None,
            write_until=grace.until if grace is not None and grace.near(at) else None,
            read_only=grace is not None and grace.over(at),
        )
        if grew and self._run is not None and self.standing.online and not self._soon.isActive():
            self._soon.start()
        self.standing_changed.emit()

    def _want(self) -> None:
        """Somebody looks at a file that is not here: it is fetched shortly."""
        if self._run is not None and self.standing.online and not self._soon.isActive():
            self._soon.start()

    def start(self, asked: bool = False) -> None:
        """Syncs now, unless it is at it already. `asked`: by a person, who is told how it went."""
        if self._running is not None:
            return
        if self._run is None:
            if asked:
                self._shell.toast("There is no server to sync with. Your work is kept on this laptop.", False)
            return
        self._next.stop()
        if asked:
            self._failures = 0
        title = "Syncing" if asked else ""
        self._running = self._shell.jobs.fetch(
            self._run,
            lambda changed: self._done(changed, asked),
            lambda error: self._failed(error, asked),
            title,
        )
        self.look()

    def _fetch_news(self) -> None:
        if self._tick.isActive():
            self.start()

    def _done(self, outcome: Outcome, asked: bool) -> None:
        self._running, self._failures, self.trouble = None, 0, None
        self.standing = replace(self.standing, online=True, since=None)
        self.notes = notes_of(outcome)
        self._keep_compared(outcome)
        self._shell.changed.emit(changed_in(outcome) or Changed())
        self.look()
        self._next.start(round(backoff.idle_delay() * 1000))
        if asked:
            left = self.standing.needs()
            self._shell.toast(f"Synced. {left}." if left else "Synced. Both copies agree.", False)

    def _keep_compared(self, outcome: Outcome) -> None:
        """What a comparison found holds until the scope has something new."""
        for scope, receipt in getattr(outcome, "scopes", {}).items():
            if receipt.equal_to_server is not None:
                self._compared[scope] = (receipt.seq, receipt.equal_to_server)
            elif scope in self._compared and self._compared[scope][0] != receipt.seq:
                del self._compared[scope]

    def equal(self, scope: str) -> bool | None:
        """Whether this copy of a scope equals the server's, where they were compared."""
        found = self._compared.get(scope)
        return None if found is None else found[1]

    def _failed(self, error: BaseException, asked: bool) -> None:
        self._running = None
        if not isinstance(error, HoldallError):
            self._wait()
            self.look()
            raise error
        if isinstance(error, ClosedOut):
            self.stop()
            self.closed_out.emit()
            return
        self.trouble = error
        log.info("sync: %s", error.title)
        since = self.standing.since or self._now()
        self.standing = replace(self.standing, online=False, since=since)
        self._wait()
        self.look()
        if asked:
            self._shell.tell(error)

    def _wait(self) -> None:
        self._failures += 1
        told = float(getattr(self.trouble, "retry_after", 0.0) or 0.0)
        self._next.start(round(backoff.delay(self._failures, told) * 1000))

    def _now(self) -> datetime:
        return self._shell.context.now()

    def _ticked(self) -> None:
        self.look()  # the days of grace pass by themselves
        now = time.monotonic()
        if now - self._seen > 3 * TICK:
            self._failures = 0
            self.start()
        self._seen = now

    def stop(self) -> None:
        """Asks a running sync to stop and starts no other."""
        for timer in (self._next, self._tick, self._soon):
            timer.stop()
        if self._running is not None:
            self._running.cancel()


def notes_of(outcome: Outcome) -> list[str]:
    """What a person should know of a sync beside what came and went, in sentences."""
    from sync.engine import SyncReport
    from ui.headless import restored_words

    if not isinstance(outcome, SyncReport):
        return []
    notes = [words.rstrip(".") for words in restored_words(outcome)]
    if outcome.handed_on:
        files = plural(outcome.handed_on, "courier file")
        notes.append(f"{files} of colleagues handed on to the server")
    if outcome.repaired:
        notes.append("This copy differed from the server’s in some record; it was read anew and put right")
    if outcome.clock_is_off:
        minutes = plural(max(1, abs(outcome.skew_seconds) // 60), "minute")
        way = "ahead" if outcome.skew_seconds > 0 else "behind"
        notes.append(f"This laptop’s clock is {minutes} {way}: put it right in its settings")
    return notes
