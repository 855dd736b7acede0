"""The worker of every council, in the server's process or by itself: it wakes with a push, looks at what has
changed, and writes nothing where nothing has."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy.exc import DBAPIError

from models.errors import HoldallError
from sync.server.scheduling import books, notes, planner, settings, snapshots
from sync.server.scheduling.adapter import Down, Scheduler
from sync.server.scheduling.built_in import BuiltIn
from sync.server.scheduling.drs import Drs
from sync.server.scheduling.hours import today
from sync.server.scheduling.notes import CLOCK, PATIENCE
from sync.server.scheduling.notifier import Notifier
from sync.server.scheduling.settings import Scheduling
from sync.server.scheduling.worker import Worker
from sync.server.store import ServerStore, stamp

log = logging.getLogger("holdall.server")
LOOK = 10.0  # seconds between two looks when nobody pushes
AGAIN = timedelta(minutes=1)  # after a list that did not come


def scheduler_of(made: Scheduling, now: Callable[[], datetime]) -> Scheduler:
    """The scheduler that a council has set; raises HoldallError when its login is not known here."""
    if made.scheduler == "drs":
        login, password = settings.credentials()
        return Drs(made.drs, login, password, timedelta(hours=made.keep_hours), now)
    return BuiltIn(made, now)


class Runner:
    """Goes round the councils. `wake` may be set from any thread."""

    def __init__(
        self,
        store: ServerStore,
        notifier: Notifier | None = None,
        now: Callable[[], datetime] | None = None,
        patience: timedelta = PATIENCE,
        pushed: Callable[[str], None] | None = None,
        make: Callable[[Scheduling, Callable[[], datetime]], Scheduler] = scheduler_of,
    ) -> None:
        self.store, self.notifier, self.patience, self.pushed = store, notifier, patience, pushed
        self.now = now or (lambda: datetime.now(UTC))
        self.wake = threading.Event()
        self._make = make
        self._seen: dict[str, dict[str, int]] = {}  # how far the logs of each council were looked at
        self._days: dict[str, date] = {}  # when all its visits were
        self._workers: dict[str, Worker] = {}

    def run(self, stopped: threading.Event) -> None:
        """Goes round until `stopped` is set and `wake` with it."""
        while not stopped.is_set():
            try:
                self.round()
            except DBAPIError as error:
                log.warning("scheduler: database: %s", type(error.orig).__name__)
            except Exception:  # a fault here must not end what keeps appointments going
                log.exception("scheduler: a fault")
            self.wake.wait(LOOK)
            self.wake.clear()
        self.close()

    def round(self) -> dict[str, dict[str, int]]:
        """One look at every council; the steps that were made, by council, where there were any."""
        done = {}
        for tenant in self.store.councils():
            try:
                if made := self._council(tenant):
                    done[tenant] = dict(made)
            except HoldallError as error:
                log.warning("scheduler: %s: %s %s", tenant, error.title, error.advice)
            except DBAPIError:
                raise
            except Exception:  # one council's fault is not another's
                log.exception("scheduler: a fault in %s", tenant)
        return done

    def fill(self, tenant: str) -> int:
        """Lists the slots of a council now; how many records that wrote. Raises HoldallError, Down."""
        with self.store.read(tenant) as connection:
            made = settings.load(connection, tenant)
        return self._list(self._worker(tenant, made))

    def close(self) -> None:
        """Ends the sessions with schedulers."""
        for worker in self._workers.values():
            worker.scheduler.close()

    # -- one council -----------------------------------------------------------------------------------

    def _council(self, tenant: str) -> Counter[str]:
        now = self.now()
        day = today(now)
        with self.store.read(tenant) as connection:
            made = settings.load(connection, tenant)
            if made.scheduler == "off":
                return Counter()
            heads = books.heads(connection, tenant)
            worker = self._worker(tenant, made)
            ids = dict.fromkeys(notes.due(connection, tenant, now))
            anew = self._days.get(tenant) != day
            if anew:  # after a start, and when a day has passed
                ids |= dict.fromkeys(worker.pending(connection))
            elif heads != self._seen.get(tenant):
                changed = books.changed(connection, tenant, self._seen[tenant], heads)
                ids |= dict.fromkeys(worker.pending(connection, changed))
        done: Counter[str] = Counter()
        if worker.scheduler.remote:
            done += self._ask(worker, now)
        elif anew or worker.listed != made.week:
            done["listed"] = self._list(worker)
            worker.listed = made.week
        done += worker.work(ids)
        self._days[tenant], self._seen[tenant] = day, heads
        return +done

    def _worker(self, tenant: str, made: Scheduling) -> Worker:
        worker = self._workers.get(tenant)
        if worker is None or worker.settings != made:
            if worker is not None:
                worker.scheduler.close()
            scheduler = self._make(made, self.now)
            worker = self._workers[tenant] = Worker(
                self.store, tenant, made, scheduler, self.notifier, self.now, self.patience, self.pushed
            )
        return worker

    def _list(self, worker: Worker) -> int:
        """Writes the slots as the scheduler lists them, where they differ."""
        now, made = self.now(), worker.settings
        listed = worker.scheduler.availability(today(now), made.days)
        trades = {window.trade for window in listed.windows}
        if worker.scheduler.remote:
            trades |= {probe.trade for probe in made.drs.probes}
        with self.store.write(worker.tenant) as connection:
            arguments: tuple[Any, ...] = (worker.tenant, worker.scheduler.name, trades, listed, now)
            writes = snapshots.writes(connection, *arguments)
            if writes:
                worker.put(connection, writes)
        if writes and self.pushed is not None:
            self.pushed(worker.tenant)
        return len(writes)

    def _ask(self, worker: Worker, now: datetime) -> Counter[str]:
        """Lists the slots and asks what the planner did, when it is time to."""
        done: Counter[str] = Counter()
        if self._is_time(worker, "list", now):
            try:
                done["listed"] = self._list(worker)
            except Down as error:
                self._postpone(worker, "list", str(error))
        if self._is_time(worker, "changes", now):
            with self.store.read(worker.tenant) as connection:
                cursor, _ = notes.get(connection, worker.tenant, CLOCK, "cursor")
            try:
                changes = worker.scheduler.changes(cursor if cursor != "{}" else "", planner.known(worker))
            except Down as error:
                self._postpone(worker, "changes", str(error))
                return done
            done += planner.bring_in(worker, changes.items)
            with self.store.write(worker.tenant) as connection:
                notes.put(connection, worker.tenant, CLOCK, "cursor", changes.cursor)
        return done

    def _is_time(self, worker: Worker, what: str, now: datetime) -> bool:
        """Whether it is time for a question, which is then nobody else's."""
        with self.store.write(worker.tenant) as connection:
            _, at = notes.get(connection, worker.tenant, CLOCK, what)
            if at > stamp(now):
                return False
            then = now + timedelta(minutes=worker.settings.refresh_minutes)
            notes.put(connection, worker.tenant, CLOCK, what, "", then)
            return True

    def _postpone(self, worker: Worker, what: str, why: str) -> None:
        log.warning("scheduler: %s: %s", worker.tenant, why)
        with self.store.write(worker.tenant) as connection:
            notes.put(connection, worker.tenant, CLOCK, what, "", self.now() + AGAIN)
