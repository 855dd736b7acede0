"""The engine: one whole sync of a laptop, sent and fetched, safe to stop or crash at any point.

Each step is one transaction on the encrypted store; whatever was sent without an answer is sent again as
it was, and the server knows it by its id.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from models import arrivals, failpoints, garbage, search
from models.changes import Changed, pending_count
from models.grace import note_contact
from models.outbox import ScopeState
from models.skew import note_skew
from models.store import Store
from sync import account as accounts
from sync import (
    backoff,
    clearing,
    copies,
    healing,
    incoming,
    outgoing,
    receipt,
    recovery,
    redo,
    snapshot,
    trash,
    wire,
)
from sync.ahead import Ahead
from sync.blobs import AUTO_LIMIT, FileReport, FileRun
from sync.client import FileTransport, Transport
from sync.errors import Forked, Refused, ServerChanged, SyncError
from sync.handing import hand_on, refresh_keys
from sync.outgoing import Outgoing
from sync.receipt import Receipt
from sync.recovery import Healing
from sync.rereading import Rereading
from sync.wire import Status

FIND_STEP = 500  # records that Find reads in one transaction
RUN_SECONDS = 600.0  # what one sync may take; the next one goes on
TRASH_LIFE = timedelta(days=90)
SKEW_WARNING = 120  # seconds
Progress = Callable[[int, int, str], object]


@dataclass
class SyncReport:
    """What one sync did. `changed` names what the screens should look at again; `standing_changed` says
    that the person's roles, teams or name are different now (they are in the account)."""

    pushed: int = 0
    accepted: int = 0
    merged: int = 0
    conflicts: int = 0
    rejected: int = 0
    blocked: int = 0
    pulled: int = 0
    handed_on: int = 0  # colleagues' courier files that the server took
    waiting: int = 0
    changed: Changed = field(default_factory=Changed)
    standing_changed: bool = False
    healed: Healing | None = None  # the server was restored from a copy, and this was set right
    only_here: int = 0  # records that a restored server lacks and that other laptops have still to bring back
    new_device: bool = False  # another copy of this laptop was noticed; this one has an id of its own now
    skew_seconds: int = 0  # this laptop's clock minus the server's
    cancelled: bool = False
    busy: bool = False  # another sync is at it; nothing was done
    files: FileReport = field(default_factory=FileReport)
    scopes: dict[str, Receipt] = field(default_factory=dict)
    repaired: list[str] = field(default_factory=list)  # scopes that differed and were read anew

    @property
    def clock_is_off(self) -> bool:
        """Whether the laptop's clock is far enough off that a person should hear of it."""
        return abs(self.skew_seconds) > SKEW_WARNING


@dataclass
class SyncState:
    """How it has gone lately: whether the server was reached, since when, and failures in a row."""

    online: bool | None = None
    since: datetime | None = None
    last_ok_at: datetime | None = None
    failures: int = 0
    retry_after: float = 0.0
    problem: SyncError | None = None

    def note(self, online: bool, now: datetime) -> None:
        """Keeps the moment when reachability last changed."""
        if self.online is not online:
            self.online, self.since = online, now


class Engine:
    """Syncs one store with one server. `on_changed` hears of each transaction that altered records."""

    def __init__(
        self,
        store: Store,
        transport: Transport,
        clock: Callable[[], datetime] | None = None,
        on_changed: Callable[[Changed], object] | None = None,
    ) -> None:
        self.store = store
        self.transport = transport
        self.state = SyncState()
        self._clock = clock or (lambda: datetime.now(UTC))
        self.auto_limit = AUTO_LIMIT  # bytes of a file that is fetched unasked; 0 where every byte costs
        self.tidied = False  # whether the folder of files was looked through
        self._on_changed = on_changed
        self._running = threading.Lock()

    def sync_once(
        self,
        progress: Progress | None = None,
        cancelled: Callable[[], bool] | None = None,
        verify: bool = False,
    ) -> SyncReport:
        """One whole sync. `progress(done, total, words)` hears of each step; with `verify` every scope is
        compared with the server's, however large it is.

        Raises SyncError (or a StoreError) with the report of what was done so far in `error.report`;
        everything that waits goes on waiting, and nothing is half done.
        """
        report = SyncReport()
        if not self._running.acquire(blocking=False):
            report.busy = True
            return report
        run = Run(self, report, progress or (lambda done, total, words: None), cancelled or (lambda: False))
        run.verify = verify
        try:
            with self._noting(report, verify):
                run.hand_on()
                healing.whole(run)
                run.catch_up()
                run.courier_keys()
                run.files()
        finally:
            run.ahead.close()
            self._running.release()
        return report

    def check_due(self) -> bool:
        """Whether it is a day since every scope was compared with the server's."""
        with self.store.connect() as connection:
            return receipt.check_due(connection, self.now())

    def next_delay(self) -> float:
        """Seconds until the next sync should be tried, with jitter."""
        if self.state.failures:
            return backoff.delay(self.state.failures, self.state.retry_after)
        return backoff.idle_delay()

    def now(self) -> datetime:
        """The moment, in UTC."""
        return self._clock()

    def tell(self, report: SyncReport, changed: Changed) -> None:
        """Adds to the report and lets the screens know."""
        if changed.ids:
            report.changed |= changed
            if self._on_changed is not None:
                self._on_changed(changed)

    @contextmanager
    def _noting(self, report: SyncReport, verify: bool) -> Iterator[None]:
        state = self.state
        try:
            yield
        except SyncError as error:
            error.report = report
            state.note(False, self.now())
            state.failures += 1
            state.retry_after, state.problem = error.retry_after, error
            raise
        else:
            state.note(True, self.now())
            state.failures, state.retry_after, state.problem = 0, 0.0, None
            if not report.cancelled:
                state.last_ok_at = self.now()
                if verify:
                    with self.store.connect(write=True) as connection:
                        receipt.note_checked(connection, self.now())
                met = self.now() - timedelta(milliseconds=self.transport.skew_ms)
                note_contact(self.store, met, self.transport.account.grace_days)
                note_skew(self.store, round(self.transport.skew_ms / 1000), met)
        finally:
            report.skew_seconds = round(self.transport.skew_ms / 1000)
            with self.store.read() as session:
                report.waiting = pending_count(session)
                report.only_here = recovery.only_here(session.connection()) if report.healed else 0


class Run:
    """One sync under way."""

    def __init__(
        self, engine: Engine, report: SyncReport, progress: Progress, cancelled: Callable[[], bool]
    ) -> None:
        self.engine = engine
        self.store = engine.store
        self.transport = engine.transport
        self.report = report
        self.progress = progress
        self.cancelled = cancelled
        self.verify = False
        self.until = time.monotonic() + RUN_SECONDS
        self.rereading = Rereading(self)
        self.ahead = Ahead(engine.transport)
        self.foreseen: tuple[dict[str, wire.Cursor], Callable[[], wire.PullAnswer]] | None = None
        self.again = False

    @property
    def device(self) -> str:
        """The device this laptop writes as."""
        return self.transport.account.device

    # -- courier files -----------------------------------------------------------------------------

    def hand_on(self) -> None:
        """Gives colleagues' courier files to the server: first, as work here may hang on theirs."""
        taken, changed = hand_on(self.store, self.transport, self.engine.now(), self.cancelled)
        self.report.handed_on += taken
        self.engine.tell(self.report, changed)

    def courier_keys(self) -> None:
        """Hears of the keys of courier files when there are others."""
        refresh_keys(self.store, self.transport, self.engine.now())

    # -- push --------------------------------------------------------------------------------------

    def push(self) -> bool:
        """Sends until nothing waits; returns whether anything was sent."""
        with self.store.read() as session:
            total = pending_count(session)
        if total == 0:
            return False
        done = 0
        batch = None if self.stopped() else self._batch()
        going = self._go(batch)
        while batch is not None and not self.stopped():
            self.progress(done, total, "Sending changes")
            following = self._batch(batch.last) if self.ahead.parallel else None  # while the server works
            try:
                answer = going()
                failpoints.hit("after_send")
            except Refused as error:
                following = None  # it is looked for anew: what was refused comes first
                taken = self._after_refusal(batch, error)
            else:
                whole = all(result.status != Status.RETRY for result in answer.results)
                going = self._go(following) if whole else going
                taken = self._take(batch, answer)
            done += len(batch.rows)
            if not taken:
                return True
            if following is None:
                following = self._batch()
                going = self._go(following)
            batch = following
        if self.stopped():
            self.report.cancelled = True
        return done > 0

    def _batch(self, after: int = 0) -> Outgoing | None:
        """What goes next, made ready."""
        with garbage.held_back(), self.store.connect(write=True) as connection:
            batch = outgoing.next_batch(connection, self.device, after=after)
        return self.ahead.prepared(batch)

    def _go(self, batch: Outgoing | None) -> Callable[[], wire.PushAnswer]:
        """Sets a batch going; what it gives is called for the answer."""
        body = batch.body if batch is not None else b""
        return self.ahead.start(lambda: self.transport.push(body)) if batch is not None else _nothing

    def _send(self, batch: Outgoing) -> bool:
        """Sends one batch; False when the server asks to come back later for some of it."""
        try:
            answer = self.transport.push(batch.body)
            failpoints.hit("after_send")
        except Refused as error:
            return self._after_refusal(batch, error)
        return self._take(batch, answer)

    def _take(self, batch: Outgoing, answer: wire.PushAnswer) -> bool:
        with garbage.held_back(), self.store.connect(write=True) as connection:
            tally = outgoing.take_answer(connection, batch, answer, self.engine.now())
            failpoints.hit("before_ack_commit")
        report = self.report
        report.pushed += len(batch.rows) - tally.later
        report.accepted += tally.accepted
        report.merged += tally.merged
        report.conflicts += tally.conflicts
        report.rejected += tally.rejected
        report.blocked += tally.blocked
        self.engine.tell(report, tally.changed)
        return tally.later == 0

    def _after_refusal(self, batch: Outgoing, error: Refused) -> bool:
        if error.error == "gap":
            raise ServerChanged("The server has lost changes that this laptop sent.") from error
        if error.error == "device_forked":
            if self.report.new_device:
                raise Forked(
                    "Another copy of this laptop's Holdall has sent changes under its name.",
                    "Your work is safe here. Ask your administrator for a new code and join again.",
                ) from error
            copies.go_apart(self.store, self.transport)
            self.report.new_device = True
            return True
        if error.error not in ("malformed", "too_large"):
            raise error
        if len(batch.rows) > 1:
            with self.store.connect() as connection:
                halves = outgoing.split(batch, self.device, connection)
            return all(self._send(half) for half in halves)
        with self.store.connect() as connection:
            empty = outgoing.void(batch, self.device, connection)
        return self._take(batch, self.transport.push(empty.body))

    # -- files -------------------------------------------------------------------------------------

    def files(self) -> None:
        """Sends and fetches files, once the records are through; what goes wrong with one stops no sync."""
        if self.report.cancelled or not isinstance(self.transport, FileTransport):
            return
        self.report.files = FileRun(
            self.store,
            self.transport,
            self.engine.now,
            self.progress,
            self.cancelled,
            self.push,
            lambda changed: self.engine.tell(self.report, changed),
            self.engine.auto_limit,
            first=not self.engine.tidied,
        ).run()
        self.engine.tidied = True

    # -- pull --------------------------------------------------------------------------------------

    def pull(self) -> None:
        """Fetches until every scope is read to its head."""
        self._tidy()
        self.rereading.resume()
        scopes = list(self.transport.account.scopes)
        asked: set[str] = set()
        while scopes and not self.stopped():
            cursors = self.cursors(scopes)
            answer = self._answer(cursors)
            asked |= set(scopes)
            with self.store.connect() as connection:
                if recovery.lost(connection, list(cursors), answer, self.transport.epoch):
                    raise ServerChanged("The server's log is not the one this laptop has read.")
            self._take_standing(answer.standing)
            due = self.rereading.due(cursors, answer)
            pages = {scope: page for scope, page in answer.scopes.items() if scope not in due}
            full = {scope: page for scope, page in pages.items() if page.changes}
            rest = {scope: page for scope, page in pages.items() if scope not in full}
            rest |= self._unchanged(cursors, answer)
            self._foresee(full)
            self._pages(rest, answer.origin)
            for scope, page in full.items():  # one transaction each: the person's writes get in between
                self._pages({scope: page}, answer.origin)
            more = [scope for scope, page in full.items() if page.to < page.head]
            more += self.rereading.read(due) + self.rereading.compare(pages)
            scopes = more + [s for s in self.transport.account.scopes if s not in asked]
        if self.stopped():
            self.report.cancelled = True

    def _foresee(self, pages: dict[str, wire.Page]) -> None:
        """Asks for what comes after these pages already, so that it travels while they are applied."""
        cursors = {
            scope: wire.Cursor(page.to, page.chain[: wire.CHAIN_MARK])
            for scope, page in pages.items()
            if page.to < page.head
        }
        if cursors and self.ahead.parallel:
            request = self._request(cursors)
            self.foreseen = cursors, self.ahead.start(lambda: self.transport.pull(request))

    def _answer(self, cursors: dict[str, wire.Cursor]) -> wire.PullAnswer:
        """What comes after these cursors, which may be on its way already."""
        foreseen, self.foreseen = self.foreseen, None
        if foreseen is not None:
            answer = foreseen[1]()
            if foreseen[0] == cursors:
                return answer
        return self.transport.pull(self._request(cursors))

    def catch_up(self) -> None:
        """Writes out the history of what came in by the thousand and lets Find read it, a little at a time: a
        person's act gets in between."""
        with self.store.connect() as connection:
            waits, behind = arrivals.is_behind(connection), search.is_behind(connection)
        while waits and not self.stopped():
            with garbage.held_back(), self.store.connect(write=True) as connection:
                waits, behind = arrivals.settle(connection), True
        while behind and not self.stopped():
            with garbage.held_back(), self.store.connect(write=True) as connection:
                behind = search.catch_up(connection, FIND_STEP)

    def _request(self, cursors: dict[str, wire.Cursor]) -> wire.PullRequest:
        """The request for what comes after these cursors: little at first, as a scope that has much and was
        never read comes as a snapshot."""
        standing = self.transport.account.standing
        request = wire.PullRequest(cursors, wire.MAX_PAGE, standing=standing, schema=wire.SCHEMA)
        request.digests = self.rereading.wanted(cursors)
        if any(not cursor.chain for cursor in cursors.values()):
            request.limit = snapshot.FROM
        return request

    def _tidy(self) -> None:
        before = self.engine.now() - TRASH_LIFE
        now = self.engine.now()
        with self.store.connect() as connection:
            chores, full = incoming.has_chores(connection, before), clearing.is_due(connection, now)
        if chores:
            with self.store.connect(write=True) as connection:
                incoming.reread_known(connection)
                trash.empty(connection, before)
        while full and not self.stopped():
            with self.store.connect(write=True) as connection:
                full = clearing.clear(connection, now) == clearing.MOST

    def _pages(self, pages: dict[str, wire.Page], origin: str) -> None:
        """Applies pages in one transaction."""
        if not pages:
            return
        account = self.transport.account
        changed = Changed()
        with garbage.held_back(), self.store.connect(write=True) as connection:
            recovery.note_origin(connection, origin)
            for scope, page in pages.items():
                place = incoming.Place(
                    scope,
                    account.tenant,
                    self.transport.epoch,
                    origin,
                    account.device,
                    frozenset(account.scopes),
                )
                changed |= incoming.apply_page(connection, place, page, self.engine.now())
                failpoints.hit("mid_page")
            done = redo.redo(connection, changed.ids, self.engine.now())
        if done.ids:
            self.again, changed = True, changed | done
        failpoints.hit("after_page_commit")
        for scope, page in pages.items():
            self.report.pulled += len(page.changes)
            self.report.scopes[scope] = Receipt(page.to)
            if page.changes:
                self.progress(page.to, page.head, "Fetching changes")
        self.engine.tell(self.report, changed)

    def cursors(self, scopes: list[str]) -> dict[str, wire.Cursor]:
        with self.store.read() as session:
            states = {scope: session.get(ScopeState, scope) for scope in scopes}
        return {
            scope: wire.Cursor(0)
            if state is None
            else wire.Cursor(state.cursor, state.chain_hash[: wire.CHAIN_MARK])
            for scope, state in states.items()
        }

    def _unchanged(self, cursors: dict[str, wire.Cursor], answer: wire.PullAnswer) -> dict[str, wire.Page]:
        """Scopes that may be read and that the answer passes over: this copy has all there is of them."""
        readable = self.transport.account.scopes
        return {
            scope: wire.Page(cursor.after, cursor.after, cursor.after)
            for scope, cursor in cursors.items()
            if scope in readable and scope not in answer.scopes and cursor.chain
        }

    def _take_standing(self, standing: wire.Standing | None) -> None:
        account = self.transport.account
        if standing is None or wire.standing_tag(standing) == account.standing:
            return
        if account.take_standing(standing):
            self.report.standing_changed = True
        accounts.save(self.store, account)

    def stopped(self) -> bool:
        """Whether to go no further: a person asked, or it has taken as long as one sync may."""
        return self.cancelled() or time.monotonic() > self.until


def _nothing() -> wire.PushAnswer:
    """The answer when nothing was sent."""
    return wire.PushAnswer([], 0)
