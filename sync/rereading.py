"""Reading a scope by snapshot, and telling whether this copy equals the server's: what a sync does beside
reading on in the log."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from models import failpoints
from sync import incoming, receipt, snapshot, wire
from sync.errors import Refused
from sync.receipt import Receipt

if TYPE_CHECKING:
    from sync.engine import Run

FIRST, FLOOR, REPAIR = "first", "below_floor", "repair"  # why a scope is read by snapshot


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
        while not run.stopped():
            with run.store.connect() as connection:
                plan = snapshot.plan_of(connection, scope)
            if plan is None:
                return True
            try:
                self._page(scope, plan)
            except Refused as error:
                if error.error == "begin_again":
                    with run.store.connect(write=True) as connection:
                        snapshot.begin(connection, scope, run.transport.epoch, why)
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

    def _page(self, scope: str, plan: snapshot.Plan) -> None:
        run, account = self.run, self.run.transport.account
        page = run.transport.snapshot(plan.request(scope))
        place = incoming.Place(scope, account.tenant, run.transport.epoch, "", account.device)
        with run.store.connect(write=True) as connection:
            changed = snapshot.take_page(connection, place, plan, page, run.engine.now())
            failpoints.hit("mid_snapshot")
        failpoints.hit("after_page_commit")
        run.report.pulled += len(page.records)
        run.progress(run.report.pulled, max(run.report.pulled, page.as_of), "Fetching records")
        run.engine.tell(run.report, changed)

    def _give_up(self, scope: str) -> None:
        with self.run.store.connect(write=True) as connection:
            snapshot.give_up(connection, scope)
