"""Reading a scope by snapshot, and telling whether this copy equals the server's: what a sync does beside
reading on in the log."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from models import failpoints, garbage
from sync import incoming, receipt, redo, snapshot, wire
from sync.errors import Refused
from sync.receipt import Receipt
from sync.snapshot import FIRST, FLOOR, REPAIR
from sync.wire_snapshot import SnapshotPage

if TYPE_CHECKING:
    from sync.ahead import Ahead
    from sync.client import Transport
    from sync.engine import Run

Fetched = tuple[SnapshotPage, str]  # a page, and the epoch of the server that gave it


class _Pages:
    """Fetches the pages of a snapshot, each next one while the page before it is brought into the tables."""

    def __init__(self, transport: Transport, scope: str, ahead: Ahead) -> None:
        self._transport, self._scope, self._ahead = transport, scope, ahead
        self._next: tuple[snapshot.Plan, Callable[[], Fetched]] | None = None

    def fetch(self, plan: snapshot.Plan) -> Fetched:
        """The page that a plan asks for; raises SyncError. The one after it is asked for at once."""
        expected, self._next = self._next, None
        coming = expected[1] if expected is not None and expected[0] == plan else self._ask(plan)
        page, epoch = coming()
        if page.next is not None:
            after = plan.after(page, epoch)
            self._next = after, self._ask(after)
        return page, epoch

    def _ask(self, plan: snapshot.Plan) -> Callable[[], Fetched]:
        def asked() -> Fetched:
            page = self._transport.snapshot(plan.request(self._scope))
            return page, self._transport.epoch

        return self._ahead.start(asked)


class Rereading:
    """The snapshots and comparisons of one sync."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.repaired: set[str] = set()

    def resume(self) -> None:
        """Goes on with snapshots that a crash or a broken line has left."""
        with self.run.store.connect() as connection:
            left = snapshot.under_way(connection)
        readable = self.run.transport.account.scopes
        for scope in left:
            if scope not in readable:
                self._give_up(scope)
        self.read({scope: FIRST for scope in left if scope in readable})

    def due(self, cursors: Mapping[str, wire.Cursor], answer: wire.PullAnswer) -> dict[str, str]:
        """The scopes of an answer that are read by snapshot instead, and why."""
        due: dict[str, str] = {}
        for scope, page in answer.scopes.items():
            if page.error == FLOOR:
                due[scope] = FLOOR
            elif page.error is None and not cursors[scope].chain and page.to < page.head:
                due[scope] = FIRST
        return due

    def read(self, scopes: Mapping[str, str]) -> list[str]:
        """Reads scopes by snapshot, a person's own work first; returns those whose log can be read on."""
        return [scope for scope in snapshot.mine_first(scopes) if self.reread_scope(scope, scopes[scope])]

    def reread_scope(self, scope: str, why: str) -> bool:
        """Reads a scope's base anew; the outbox is kept and what waits is put on top. False when it was
        stopped (it goes on with the next sync) or the scope may not be read any more."""
        run = self.run
        with run.store.connect(write=True) as connection:
            if snapshot.plan_of(connection, scope) is None:
                snapshot.begin(connection, scope, run.transport.epoch, why)
        pages = _Pages(run.transport, scope, run.ahead)
        while not run.stopped():
            with run.store.connect() as connection:
                plan = snapshot.plan_of(connection, scope)
            if plan is None:
                return True
            try:
                self._page(scope, plan, pages)
            except Refused as error:
                if error.error == "begin_again":
                    with run.store.connect(write=True) as connection:
                        snapshot.begin(connection, scope, run.transport.epoch, REPAIR)
                elif error.error == "forbidden":
                    self._give_up(scope)
                    return False
                else:
                    raise
        return False

    def compare(self, pages: Mapping[str, wire.Page]) -> list[str]:
        """Compares scopes that were read to their head with the server's digest. Those that differ are
        read anew; returns the ones whose log is read on after that."""
        differ: dict[str, str] = {}
        for scope, page in pages.items():
            if page.digest is None or page.error is not None or page.to < page.head:
                continue
            cheap = bool(page.changes) and page.head <= receipt.CHEAP
            if not (cheap or self.run.verify or scope in self.repaired):
                continue
            with self.run.store.connect() as connection:
                found = receipt.compare(connection, scope, page.to, page.digest)
            self.run.report.scopes[scope] = found
            if found.equal_to_server is False and self._worth_it(found, scope, page.digest):
                differ[scope] = REPAIR
        self.repaired |= differ.keys()
        self.run.report.repaired += differ
        return self.read(differ)

    def wanted(self, scopes: Iterable[str]) -> bool:
        """Whether the next answer should tell the digest of scopes with nothing new, too."""
        return self.run.verify or not self.repaired.isdisjoint(scopes)

    def _worth_it(self, found: Receipt, scope: str, theirs: str) -> bool:
        mine = found.digest or ""
        if scope in self.repaired:
            with self.run.store.connect(write=True) as connection:
                receipt.note_in_vain(connection, scope, mine, theirs)
            return False
        with self.run.store.connect() as connection:
            return receipt.may_repair(connection, scope, mine, theirs)

    def _page(self, scope: str, plan: snapshot.Plan, pages: _Pages) -> None:
        run, account = self.run, self.run.transport.account
        page, epoch = pages.fetch(plan)
        place = incoming.Place(scope, account.tenant, epoch, "", account.device)
        with garbage.held_back(), run.store.connect(write=True) as connection:
            changed = snapshot.take_page(connection, place, plan, page, run.engine.now())
            done = redo.redo(connection, changed.ids, run.engine.now())
            failpoints.hit("mid_snapshot")
        if done.ids:
            run.again, changed = True, changed | done
        failpoints.hit("after_page_commit")
        run.report.pulled += len(page.records)
        run.progress(run.report.pulled, max(run.report.pulled, page.as_of), "Fetching records")
        run.engine.tell(run.report, changed)

    def _give_up(self, scope: str) -> None:
        with self.run.store.connect(write=True) as connection:
            snapshot.give_up(connection, scope)
