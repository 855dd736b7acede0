"""Snapshot on the laptop: a scope's records as the server has them now become the base of this copy.

For a scope that was never read, for one whose log was compacted past this copy, and for one that was found
to differ. Each page is one transaction, so a crash goes on where it was. The outbox is kept: what waits is
worked out anew on the new base. A record that the server does not have is never removed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

import msgspec
from sqlalchemy import Connection, delete, func, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from models import blobs, search
from models.base import policy_of, record_types, row_body, table_of
from models.changes import Changed, get_meta, set_meta
from models.errors import BadText
from models.ids import is_id
from models.outbox import Conflict, ScopeState, Shadow, Trash
from models.replay import rebase
from sync import applying, incoming, marks
from sync.columns import columns_of
from sync.digest import UNREAD
from sync.errors import BadPage
from sync.folding import Folded
from sync.incoming import Place
from sync.wire_snapshot import SnapshotPage, SnapshotRecord, SnapshotRequest

FIRST, FLOOR, REPAIR = "first", "below_floor", "repair"  # why a scope is read by snapshot
FROM = 500  # a scope that was never read and has more changes than this is read by snapshot
_ORDER = ("user:", "tenant", "site:", "team:")  # a person's own work first, then what they work with
_BAD = "Ask IT to look at the server. Your own work is safe here and was not changed."
_SETTLE = (
    "UPDATE outbox SET state = CASE WHEN op_id IN (SELECT other_op FROM conflict WHERE status = 'open')"
    " THEN 'conflicted' ELSE 'settled' END"
    " WHERE state = 'acked' AND type = ? AND record_id = ? AND server_scope = ? AND server_seq <= ?"
)


class Plan(msgspec.Struct, omit_defaults=True):
    """A snapshot under way, kept in the scope's state: why it is read, and once the first page is in, of
    which epoch, from which number of the log to read on, the chain there, and the key of the next page."""

    why: str
    epoch: str = ""
    as_of: int | None = None
    chain: str = ""
    next: str = ""

    def after(self, page: SnapshotPage, epoch: str) -> Plan:
        """The plan once a page that has a next one is in."""
        return Plan(self.why, epoch, page.as_of, self.chain or page.chain, page.next or "")

    def request(self, scope: str) -> SnapshotRequest:
        """The request for the next page."""
        return SnapshotRequest(scope, self.next, self.as_of)


def mine_first(scopes: Iterable[str]) -> list[str]:
    """The scopes in the order in which a person misses them."""
    return sorted(
        scopes,
        key=lambda scope: next((n for n, kind in enumerate(_ORDER) if scope.startswith(kind)), len(_ORDER)),
    )


def begin(connection: Connection, scope: str, epoch: str, why: str) -> None:
    """Notes that a scope is to be read by snapshot, from its first page; what was read stays until then."""
    plan = msgspec.to_builtins(Plan(why))
    statement = upsert(ScopeState).values(scope=scope, epoch=epoch, snapshot=plan)
    connection.execute(
        statement.on_conflict_do_update(index_elements=["scope"], set_={"epoch": epoch, "snapshot": plan})
    )


def plan_of(connection: Connection, scope: str) -> Plan | None:
    """The snapshot of a scope that is under way; None when there is none."""
    kept = connection.execute(select(ScopeState.snapshot).where(ScopeState.scope == scope)).scalar()
    return None if kept is None else msgspec.convert(kept, Plan)


def under_way(connection: Connection) -> list[str]:
    """The scopes whose snapshot is not complete."""
    rows = connection.execute(select(ScopeState.scope, ScopeState.snapshot)).all()
    return [row.scope for row in rows if row.snapshot is not None]


def give_up(connection: Connection, scope: str) -> None:
    """Ends a snapshot that cannot go on: the scope is read in another way, or not at all."""
    connection.execute(
        delete(ScopeState).where(
            ScopeState.scope == scope, ScopeState.cursor == 0, ScopeState.chain_hash == ""
        )
    )
    connection.execute(update(ScopeState).where(ScopeState.scope == scope).values(snapshot=None))


def take_page(connection: Connection, place: Place, plan: Plan, page: SnapshotPage, now: datetime) -> Changed:
    """Brings a page into the tables, and with the last one moves the cursor, in the caller's transaction.

    Raises BadPage for a page that is not what was asked for or holds a value that does not fit. A page that
    another process has taken meanwhile, or one of another epoch than its first, changes no record.
    """
    if plan_of(connection, place.scope) != plan:
        return Changed()
    if plan.epoch not in ("", place.epoch):
        begin(connection, place.scope, place.epoch, REPAIR)
        return Changed()
    _check(place.scope, plan, page)
    try:
        return _Taking(connection, place, plan, page, now).run()
    except (TypeError, ValueError, KeyError, BadText, msgspec.DecodeError) as error:
        raise BadPage(f"The server sent a value that does not fit ({error}).", _BAD) from error


def _check(scope: str, plan: Plan, page: SnapshotPage) -> None:
    keys = [(record.id, record.t) for record in page.records]
    whole = page.scope == scope and plan.as_of in (None, page.as_of)
    ordered = all(before > after for before, after in pairwise(keys))
    joined = not (keys and plan.next) or keys[0] < _key(plan.next)
    ends = page.next is None or bool(keys and keys[-1] == _key(page.next))
    sound = all(is_id(record.id) and record.ver > 0 for record in page.records)
    if not (whole and ordered and joined and ends and sound):
        raise BadPage("The server's answer does not join on to what this laptop has.", _BAD)


def _key(text: str) -> tuple[str, str]:
    record_id, _, type_name = text.partition("/")
    return record_id, type_name


@dataclass
class _Found:
    """How the records of one type and page stand here."""

    versions: dict[str, tuple[int, bool]]
    waiting: set[str]


class _Taking(incoming.PageWork):
    """The work on one page of a snapshot."""

    def __init__(
        self, connection: Connection, place: Place, plan: Plan, page: SnapshotPage, now: datetime
    ) -> None:
        super().__init__(connection, place, now)
        self.place, self.plan, self.page = place, plan, page

    def run(self) -> Changed:
        """Puts records, conflicts and the scope's state into the tables."""
        by_type: dict[str, list[SnapshotRecord]] = {}
        for record in self.page.records:
            by_type.setdefault(record.t, []).append(record)
        known = {name: records for name, records in by_type.items() if name in record_types()}
        self._keep_unread(by_type.keys() - known.keys())
        self._conflicts([record for records in known.values() for record in records if record.c])
        self._end_old_conflicts()
        apart = self._absent(known)
        for type_name, records in known.items():
            self._take(type_name, records)
        types = {*known, *apart}
        ids = {record.id for records in known.values() for record in records}
        ids.update(record_id for gone in apart.values() for record_id in gone)
        if self.page.next is None:
            for type_name, ended in self._settle(self.page.as_of).items():
                types.add(type_name)
                ids.update(ended)
                for record_id in self._shadowed(type_name, ended):
                    rebase(self.connection, type_name, record_id, self.now)
        self._keep_place()
        return Changed(frozenset(types), frozenset(ids))

    # -- records -----------------------------------------------------------------------------------

    def _take(self, type_name: str, records: Sequence[SnapshotRecord]) -> None:
        found = self._found(type_name, [record.id for record in records])
        fresh: list[SnapshotRecord] = []
        old: list[SnapshotRecord] = []
        for record in records:
            if record.id in found.waiting:
                self._beneath(record)
            elif record.id in found.versions:
                old.append(record)
            else:
                fresh.append(record)
        if policy_of(type_name).files:
            for record in records:
                blobs.notice(self.connection, blobs.named_in(type_name, _body(record)), "", self.now)
        self._insert_whole(type_name, fresh)
        self._overwrite(type_name, old, found)

    def _found(self, type_name: str, ids: Sequence[str]) -> _Found:
        asked = msgspec.json.encode(ids).decode()
        rows = self.connection.exec_driver_sql(
            f'SELECT id, version, deleted FROM "{type_name}"'  # noqa: S608  a declared type
            " WHERE id IN (SELECT value FROM json_each(?))",
            (asked,),
        )
        versions = {row[0]: (int(row[1]), bool(row[2])) for row in rows.all()}
        return _Found(versions, set(self._pending(type_name, ids)) | set(self._shadowed(type_name, ids)))

    def _beneath(self, record: SnapshotRecord) -> None:
        """Puts the server's state beneath operations that wait; those it holds already are at their end."""
        values = {
            "version": record.ver,
            "deleted": record.d,
            "scope": self.scope,
            "body": {"created_at": record.at, **_body(record)},
            "left": False,
        }
        statement = upsert(Shadow).values(type=record.t, record_id=record.id, **values)
        self.connection.execute(
            statement.on_conflict_do_update(index_elements=["type", "record_id"], set_=values)
        )
        self.connection.exec_driver_sql(_SETTLE, (record.t, record.id, self.scope, self.page.as_of))
        rebase(self.connection, record.t, record.id, self.now)

    def _insert_whole(self, type_name: str, records: Sequence[SnapshotRecord]) -> None:
        wholes = [applying.Whole(record.id, record.ver, record.d, record.at, record.f) for record in records]
        applying.insert_records(self.connection, type_name, self.scope, wholes)

    def _overwrite(self, type_name: str, records: Sequence[SnapshotRecord], found: _Found) -> None:
        if not records:
            return
        columns = columns_of(type_name)
        lost = [record for record in records if found.versions[record.id][0] == 0]
        self._keep_others(type_name, [(r.id, Folded(r.ver, fields=_body(r))) for r in lost])
        rows = []
        for record in records:
            if record.d and not found.versions[record.id][1]:
                self._aside(type_name, record.id, record.ver)
            rows.append((*self._head(record), *columns.row(_filled(record)), record.id))
        own = ("scope", "version", "deleted", "updated_at")
        self.connection.exec_driver_sql(columns.update((*own, *columns.names)), rows)
        ids = [record.id for record in records]
        if len(ids) > applying.READ_LATER and search.is_read(type_name):
            search.read_later(self.connection, type_name, ids)
        else:
            self._index(type_name, ids)

    def _head(self, record: SnapshotRecord) -> tuple[Any, ...]:
        return self.scope, record.ver, int(record.d), record.at

    def _aside(self, type_name: str, record_id: str, version: int) -> None:
        """Keeps what stands here of a record in the trash."""
        table = table_of(type_name)
        row = self.connection.execute(select(table).where(table.c.id == record_id)).mappings().first()
        if row is not None:
            statement = upsert(Trash).values(
                type=type_name,
                record_id=record_id,
                version=version,
                body=row_body(type_name, dict(row)),
                removed_at=self.now,
                removed_by="",
            )
            self.connection.execute(statement.on_conflict_do_nothing())

    # -- what the server does not have -------------------------------------------------------------

    def _absent(self, known: dict[str, list[SnapshotRecord]]) -> dict[str, list[str]]:
        """Sets records of this stretch that the server does not have to version 0; their ids by type."""
        apart: dict[str, list[str]] = {}
        if self.plan.why == FIRST:  # nothing of this scope is here yet but the pages before
            return apart
        for type_name in record_types():
            gone = self._stretch(type_name, [record.id for record in known.get(type_name, ())])
            for record_id in gone:
                self._set_apart(type_name, record_id)
            if gone:
                apart[type_name] = gone
        return apart

    def _stretch(self, type_name: str, known: Sequence[str]) -> list[str]:
        """The records here that the server should have, whose place is in this page and that are not."""
        table = table_of(type_name)
        listed = func.json_each(msgspec.json.encode(known).decode()).table_valued("value")
        statement = select(table.c.id).where(
            table.c.scope == self.scope, table.c.version > 0, table.c.id.not_in(select(listed.c.value))
        )
        first = _key(self.plan.next) if self.plan.next else None
        last = _key(self.page.next) if self.page.next else None
        if first is not None:
            statement = statement.where(table.c.id <= first[0])
        if last is not None:
            statement = statement.where(table.c.id >= last[0])
        return [
            record_id
            for record_id in self.connection.execute(statement).scalars()
            if (first is None or (record_id, type_name) < first)
            and (last is None or (record_id, type_name) >= last)
        ]

    def _set_apart(self, type_name: str, record_id: str) -> None:
        """Marks a record as one that the server does not have: it stays and is shown, what the server had
        of it lies in the trash, and it joins again when it comes by the log."""
        table = table_of(type_name)
        where = (Shadow.type == type_name, Shadow.record_id == record_id)
        shadow = self.connection.execute(select(Shadow.__table__).where(*where)).first()
        version = self.connection.execute(select(table.c.version).where(table.c.id == record_id)).scalar_one()
        if shadow is None:
            self._aside(type_name, record_id, int(version))
        else:
            statement = upsert(Trash).values(
                type=type_name,
                record_id=record_id,
                version=shadow.version,
                body=shadow.body or {},
                removed_at=self.now,
            )
            self.connection.execute(statement.on_conflict_do_nothing())
            self.connection.execute(update(Shadow).where(*where).values(version=0))
        self.connection.execute(update(table).where(table.c.id == record_id).values(version=0))

    # -- beside the records ------------------------------------------------------------------------

    def _end_old_conflicts(self) -> None:
        """Takes conflicts from the list that the server has settled or never had."""
        statement = select(Conflict.conflict_id, Conflict.type, Conflict.record_id, Conflict.other_op)
        here = {(record.t, record.id): {row.id for row in record.c} for record in self.page.records}
        for row in self.connection.execute(
            statement.where(Conflict.scope == self.scope, Conflict.status == "open")
        ).all():
            if row.conflict_id not in here.get((row.type, row.record_id), {row.conflict_id}):
                self._end_conflicted(row.other_op)
                self.connection.execute(
                    update(Conflict).where(Conflict.conflict_id == row.conflict_id).values(status="dismissed")
                )

    def _keep_unread(self, types: Iterable[str]) -> None:
        """Types that a newer Holdall wrote: the scope is read again by the version that knows them."""
        if types:
            unread = dict(get_meta(self.connection, UNREAD, {}))
            before = unread.get(self.scope, {"types": []})["types"]
            unread[self.scope] = {"after": 0, "chain": "", "types": sorted({*before, *types})}
            set_meta(self.connection, UNREAD, unread)

    def _keep_place(self) -> None:
        page = self.page
        values: dict[str, Any] = {"snapshot": None, "epoch": self.place.epoch}
        if page.next is None:
            chain = self.plan.chain or page.chain
            marks.keep(self.connection, self.scope, page.as_of, chain)
            values |= {
                "cursor": page.as_of,
                "chain_hash": chain,
                "bootstrapped": True,
                "last_ok_at": self.now,
            }
        else:
            values["snapshot"] = msgspec.to_builtins(self.plan.after(page, self.place.epoch))
        self.connection.execute(update(ScopeState).where(ScopeState.scope == self.scope).values(**values))


def _body(record: SnapshotRecord) -> dict[str, Any]:
    return msgspec.json.decode(record.f, type=dict[str, Any])


def _filled(record: SnapshotRecord) -> dict[str, Any]:
    body = _body(record)
    if body.get("created_at") is None:
        body["created_at"] = record.at
    return body
