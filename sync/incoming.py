"""A page of the server's log becomes rows here: data, history, conflicts and cursor in one transaction.

A page must join on without a gap and its bytes must give the chain value it claims. A record with
unsent operations is never removed: it is worked out anew on the server's state.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from operator import attrgetter, ne
from typing import Any

import msgspec
from sqlalchemy import Connection, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from models import clock, search
from models.base import policy_of, record_types, row_body, table_of
from models.changes import Changed, get_meta, made_here, set_meta
from models.errors import BadText
from models.outbox import PENDING, Conflict, OpState, OutboxOp, ScopeState, Shadow, Trash
from models.replay import rebase, remove_left, to_trash
from models.types import UtcDateTime
from sync import applying, chain, marks, trash, wire
from sync.blobs import note_named
from sync.columns import columns_of
from sync.digest import UNREAD
from sync.errors import BadPage, ServerChanged
from sync.folding import Folded, Incoming, told
from sync.wire_snapshot import SnapshotRecord

CHUNK = 500
_STAMP = UtcDateTime()
_seq, _type, _id, _hlc, _kind = map(attrgetter, ("seq", "t", "id", "hlc", "kind"))
_APPLIED, _CONFLICT = wire.Status.APPLIED.value, wire.Kind.CONFLICT.value
_PENDING = wire.encode(PENDING).decode()
_read = msgspec.json.Decoder(wire.RawChange).decode
_SETTLE = (  # the state is spelt out, so that the index over acknowledged operations is used
    "UPDATE outbox SET state = CASE WHEN op_id IN (SELECT other_op FROM conflict WHERE status = 'open')"
    " THEN 'conflicted' ELSE 'settled' END WHERE state = 'acked' AND server_scope = ? AND server_seq <= ?"
    " RETURNING type, record_id"
)
_MINE = (
    "SELECT op_id, n, state, json_extract(result, '$.status') AS status"
    " FROM json_each(?) AS asked CROSS JOIN outbox ON op_id = asked.value"
)
_WAITS = (
    "SELECT value FROM json_each(?) WHERE EXISTS (SELECT 1 FROM outbox WHERE type = ? AND record_id = value"
    " AND state IN (SELECT value FROM json_each(?)))"
)
_SHADOWED = (
    "SELECT value FROM json_each(?) WHERE EXISTS (SELECT 1 FROM shadow WHERE type = ? AND record_id = value)"
)
_KINDS = frozenset(kind.value for kind in wire.Kind)
_UPDATE = "Your work is safe here. Update Holdall, then sync again."
_BAD = "Ask IT to look at the server. Your own work is safe here and was not changed."


@dataclass(frozen=True)
class Place:
    """Whose log is read: the scope, the council, its epoch and its first one, the device that reads, and all
    the scopes that its person may read."""

    scope: str
    tenant: str
    epoch: str
    origin: str
    device: str
    scopes: frozenset[str] = frozenset()


def apply_page(connection: Connection, place: Place, page: wire.Page, now: datetime) -> Changed:
    """Applies a page inside the caller's transaction; returns what changed for the screens.

    Raises BadPage or ServerChanged, and then the caller's rollback leaves everything as it was. A page
    that another process has applied meanwhile is passed over.
    """
    cursor, start = position(connection, place)
    if page.error is not None:
        raise ServerChanged(f"The log of {place.scope} is not the one this laptop has read.")
    if page.after != cursor:
        return Changed()
    changes, end = _checked(page, start)
    try:
        changed = PageWork(connection, place, now).apply(changes, page)
    except (TypeError, ValueError, KeyError, BadText, msgspec.DecodeError) as error:
        raise BadPage(f"The server sent a value that does not fit ({error}).", _BAD) from error
    _keep_unread(connection, place.scope, cursor, start, changes)
    values = {"epoch": place.epoch, "cursor": page.to, "chain_hash": end, "last_ok_at": now}
    if page.safe:
        values["safe"] = page.safe
    values["bootstrapped"] = page.to >= page.head
    statement = upsert(ScopeState).values(scope=place.scope, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["scope"], set_=values))
    if changes:
        marks.keep(connection, place.scope, page.to, page.chain)
    return changed


def position(connection: Connection, place: Place) -> tuple[int, str]:
    """How far this copy has read a scope and the chain value there; raises ServerChanged."""
    statement = select(ScopeState.__table__).where(ScopeState.scope == place.scope)
    state = connection.execute(statement).first()
    if state is None or (state.cursor == 0 and not state.chain_hash):
        return 0, chain.genesis(place.origin, place.tenant, place.scope)
    if state.epoch != place.epoch:
        raise ServerChanged("The server was restored since this laptop last spoke with it.")
    return int(state.cursor), str(state.chain_hash)


def reread_known(connection: Connection) -> None:
    """Goes back to where a type was first met that this version has learnt since."""
    unread = dict(get_meta(connection, UNREAD, {}))
    for scope, place in list(unread.items()):
        if all(name in record_types() for name in place["types"]):
            connection.execute(
                update(ScopeState)
                .where(ScopeState.scope == scope)
                .values(cursor=place["after"], chain_hash=place["chain"])
            )
            del unread[scope]
            set_meta(connection, UNREAD, unread)


def _checked(page: wire.Page, start: str) -> tuple[list[wire.RawChange], str]:
    """The changes of a page and the chain value after them; raises BadPage."""
    raws = page.changes
    end = chain.extend(start, raws)
    if page.to != page.after + len(raws) or (end != page.chain and (raws or page.chain)):
        raise BadPage("The server's answer does not join on to what this laptop has.", _BAD)
    try:
        changes = [_read(raw) for raw in raws]
    except msgspec.DecodeError as error:
        raise BadPage(f"The server sent a change that cannot be read ({error}).", _BAD) from None
    if any(map(ne, map(_seq, changes), count(page.after + 1))):
        raise BadPage("The server's answer has a gap in its numbers.", _BAD)
    if not _KINDS.issuperset(map(_kind, changes)):  # what it does cannot be guessed: the scope waits here
        raise BadPage("The server sent a kind of change that this Holdall does not know.", _UPDATE)
    return changes, end


def _keep_unread(
    connection: Connection, scope: str, cursor: int, start: str, changes: Iterable[wire.RawChange]
) -> None:
    types = set(map(_type, changes)).difference(record_types())
    if types:
        unread = dict(get_meta(connection, UNREAD, {}))
        place = unread.setdefault(scope, {"after": cursor, "chain": start, "types": []})
        place["types"] = sorted({*place["types"], *types})
        set_meta(connection, UNREAD, unread)


class PageWork:
    """The work on one page."""

    def __init__(self, connection: Connection, place: Place, now: datetime) -> None:
        self.connection = connection
        self.scope = place.scope
        self.device = place.device
        self.readable = place.scopes
        self.now = now
        self.mine: dict[str, Any] = {}  # op id -> outbox row

    def apply(self, changes: Sequence[wire.RawChange], page: wire.Page) -> Changed:
        """Brings every change into the tables and ends every operation whose effect has been read."""
        declared = record_types()
        known = [change for change in changes if change.t in declared]
        if known:
            self._find_mine(known)
            self._conflicts(known)
            self._acknowledge(known)
            self._clock(known)
            note_named(self.connection, known, self.now)
        settled = self._settle(page.to)
        fresh, rest = applying.split(self.connection, known, self.mine)
        later = applying.for_later(fresh, _made(page, known, rest))
        self._history(rest if later is not None else known)
        for type_name, wholes in fresh.items():
            applying.insert_records(self.connection, type_name, self.scope, wholes, noted=later is not None)
        if later is not None:
            later.keep(self.connection)
        records: dict[tuple[str, str], Incoming] = {}
        for change in rest:
            key = (change.t, change.id)
            if key not in records:
                records[key] = Incoming(change.t, change.id)
            records[key].changes.append(change)
        self._records(records)
        for type_name, ids in settled.items():
            for record_id in self._shadowed(type_name, ids):
                rebase(self.connection, type_name, record_id, self.now)
        ended = {record_id for ids in settled.values() for record_id in ids}
        return Changed(
            frozenset(settled).union(map(_type, known)),
            frozenset(ended).union(map(_id, known)),
        )

    def _settle(self, to: int) -> dict[str, list[str]]:
        """Ends the operations whose effect stands at or before `to`; their records by type."""
        keys: dict[str, dict[str, None]] = {}
        for type_name, record_id in self.connection.exec_driver_sql(_SETTLE, (self.scope, to)).all():
            if type_name in record_types():
                keys.setdefault(type_name, {})[record_id] = None
        return {type_name: list(ids) for type_name, ids in keys.items()}

    # -- beside the records ------------------------------------------------------------------------

    def _find_mine(self, changes: Sequence[wire.RawChange]) -> None:
        asked = wire.encode([change.op for change in changes]).decode()
        for row in self.connection.exec_driver_sql(_MINE, (asked,)).all():
            self.mine[row.op_id] = row

    def _history(self, changes: Sequence[wire.RawChange]) -> None:
        rows = [
            (c.op, c.t, c.id, *told(c, self.scope), c.ver, c.name, c.at)
            for c in changes
            if c.op not in self.mine and c.kind != _CONFLICT
        ]
        if rows:
            self.connection.exec_driver_sql(
                "INSERT OR IGNORE INTO history"
                " (op_id, type, record_id, kind, fields, version, author_name, at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                rows,
            )

    def _conflicts(self, changes: Sequence[wire.RawChange | SnapshotRecord]) -> None:
        for change in changes:
            for row in change.c:
                values = {
                    "type": change.t,
                    "record_id": change.id,
                    "scope": self.scope,
                    "field": row.field,
                    "base_value": row.base,
                    "kept_value": row.kept,
                    "other_value": row.other,
                    "kept_op": row.kept_op,
                    "other_op": row.other_op,
                    "kept_by": row.kept_by,
                    "other_by": row.other_by,
                    "kept_at": _STAMP.from_wire(row.kept_at),
                    "other_at": _STAMP.from_wire(row.other_at),
                    "status": row.status,
                    "resolution": row.resolution,
                    "resolved_by": row.resolved_by,
                }
                before = self.connection.execute(
                    select(Conflict.other_op).where(Conflict.conflict_id == row.id)
                ).scalar()
                if row.status == "resolved":
                    values["resolved_op"] = row.resolved_op
                    self._end_conflicted(before)
                elif before != row.other_op:  # its author went on writing: only the last one is in conflict
                    self._end_conflicted(before)
                statement = upsert(Conflict).values(conflict_id=row.id, **values)
                self.connection.execute(
                    statement.on_conflict_do_update(index_elements=["conflict_id"], set_=values)
                )

    def _end_conflicted(self, op_id: str | None) -> None:
        self.connection.execute(
            update(OutboxOp)
            .where(OutboxOp.op_id == op_id, OutboxOp.state == OpState.CONFLICTED.value)
            .values(state=OpState.SETTLED.value)
        )

    def _acknowledge(self, changes: Sequence[wire.RawChange]) -> None:
        """An operation whose answer was lost is in the log all the same: reading it is its answer. So it is
        for a colleague's that a courier file brought."""
        unanswered = (OpState.SENDING.value, OpState.CARRIED.value)
        lost = [
            (OpState.ACKED.value, change.seq, self.scope, self.mine[change.op].n)
            for change in changes
            if change.op in self.mine and self.mine[change.op].state in unanswered
        ]
        if lost:
            self.connection.exec_driver_sql(
                "UPDATE outbox SET state = ?, server_seq = ?, server_scope = ? WHERE n = ?", lost
            )

    def _clock(self, changes: Sequence[wire.RawChange]) -> None:
        latest = max(map(_hlc, changes))
        last = get_meta(self.connection, "hlc")
        set_meta(self.connection, "hlc", clock.receive(last, latest, self.now, self.device))

    # -- records -----------------------------------------------------------------------------------

    def _records(self, records: dict[tuple[str, str], Incoming]) -> None:
        by_type: dict[str, dict[str, Incoming]] = {}
        for (type_name, record_id), incoming in records.items():
            by_type.setdefault(type_name, {})[record_id] = incoming
        for type_name, items in by_type.items():
            self._type(type_name, items)

    def _type(self, type_name: str, items: dict[str, Incoming]) -> None:
        ids = list(items)
        versions = self._versions(type_name, ids)
        slow = self._pending(type_name, ids) | self._shadowed(type_name, ids)
        fresh: list[Incoming] = []
        old: list[tuple[Incoming, int]] = []
        for record_id, incoming in items.items():
            if record_id in slow:
                self._onto_shadow(incoming, versions.get(record_id, 0))
            elif record_id not in versions:
                fresh.append(incoming)
            else:
                old.append((incoming, versions[record_id]))
        self._insert(type_name, fresh)
        self._update(type_name, old)

    def _onto_shadow(self, incoming: Incoming, row_version: int) -> None:
        """The server's state moves on beneath operations that have not been read back."""
        where = (Shadow.type == incoming.type, Shadow.record_id == incoming.id)
        shadow = self.connection.execute(select(Shadow.__table__).where(*where)).first()
        if shadow is None and row_version > 0:
            raise ValueError(f"{incoming.type} waits without its server state")
        folded = incoming.fold(shadow.version if shadow is not None else 0, self.scope, self.readable)
        if folded.empty:
            return
        if shadow is not None and shadow.version == 0:  # the server's beginning of it, whatever stood here
            shadow = None
        body = {} if folded.whole or shadow is None else dict(shadow.body or {})
        body.update(folded.fields)
        deleted = folded.deleted if folded.deleted is not None else bool(shadow and shadow.deleted)
        scope = folded.scope or (shadow.scope if shadow is not None else self.scope)
        values = {"version": folded.version, "deleted": deleted, "scope": scope, "body": body}
        values["left"] = folded.left
        statement = upsert(Shadow).values(type=incoming.type, record_id=incoming.id, **values)
        self.connection.execute(
            statement.on_conflict_do_update(index_elements=["type", "record_id"], set_=values)
        )
        rebase(self.connection, incoming.type, incoming.id, self.now)

    def _insert(self, type_name: str, items: Sequence[Incoming]) -> None:
        columns = columns_of(type_name)
        rows, documents = [], []
        for incoming in items:
            folded = incoming.fold(0, self.scope, self.readable)
            if folded.at == "" or folded.left:
                continue
            if not incoming.whole:
                raise ValueError(f"the beginning of a {type_name} is missing")
            body = folded.fields
            if body.get("created_at") is None:
                body["created_at"] = incoming.changes[0].at
            deleted = bool(folded.deleted)
            scope = folded.scope or self.scope
            rows.append((incoming.id, scope, folded.version, int(deleted), folded.at, *columns.row(body)))
            if not deleted:
                documents.append({**body, "id": incoming.id})
        if rows:
            self.connection.exec_driver_sql(columns.insert, rows)
            search.index_new(self.connection, type_name, documents)

    def _update(self, type_name: str, items: Sequence[tuple[Incoming, int]]) -> None:
        columns = columns_of(type_name)
        batches: dict[tuple[tuple[str, ...], tuple[str, ...]], list[tuple[Any, ...]]] = {}
        same: list[tuple[int, str]] = []
        touched: list[str] = []
        anew: list[tuple[str, Folded]] = []
        for incoming, version in items:
            if version == 0 and all(self._is_mine_as_it_was(change) for change in incoming.changes):
                same.append((max(change.ver for change in incoming.changes), incoming.id))
                continue
            folded = incoming.fold(version, self.scope, self.readable)
            if folded.empty:
                continue
            gone = (self.connection, type_name, incoming.id, folded.version, self.now, folded.by)
            if folded.left:
                remove_left(*gone)
                continue
            if folded.deleted:
                to_trash(*gone)
            fields = folded.fields
            if version == 0:  # the server's beginning of it, whatever stood here
                anew.append((incoming.id, folded))
                fields.setdefault("created_at", incoming.changes[0].at)
                folded.deleted, folded.whole = bool(folded.deleted), True
            if folded.whole:
                fields = {name: folded.fields.get(name) for name in columns.names}
            names = tuple(sorted(name for name in fields if name in columns.converts))
            own: dict[str, Any] = {"version": folded.version, "updated_at": folded.at}
            if folded.at == "":
                own = {}
            if folded.deleted is not None:
                own["deleted"] = int(folded.deleted)
            if folded.scope is not None:
                own["scope"] = folded.scope
            values = (columns.value(name, fields[name]) for name in names)
            batch = batches.setdefault((tuple(own), names), [])
            batch.append((*own.values(), *values, incoming.id))
            touched.append(incoming.id)
        self._keep_others(type_name, anew)
        for (heads, names), rows in batches.items():
            self.connection.exec_driver_sql(columns.update((*heads, *names)), rows)
        if same:
            self.connection.exec_driver_sql(
                f'UPDATE "{type_name}" SET version = ? WHERE id = ?',  # noqa: S608  a declared type
                same,
            )
        self._index(type_name, touched)

    def _is_mine_as_it_was(self, change: wire.RawChange) -> bool:
        """Whether a change is an operation of this laptop that the server took without altering it."""
        row = self.mine.get(change.op)
        if row is None or change.c or change.kind in (wire.Kind.LEAVE, wire.Kind.ENTER):
            return False
        return row.state in (OpState.SENDING.value, OpState.ACKED.value) and row.status == _APPLIED

    def _index(self, type_name: str, ids: Sequence[str]) -> None:
        if policy_of(type_name).search is None:
            return
        table = table_of(type_name)
        for part in _chunks(ids):
            rows = self.connection.execute(select(table).where(table.c.id.in_(part))).mappings()
            search.index_records(self.connection, type_name, [dict(row) for row in rows])

    def _keep_others(self, type_name: str, items: Sequence[tuple[str, Folded]]) -> None:
        """Keeps what stood here of records that a restored server has in another state: the laptop that
        wrote it brings it back, and until then it lies in the trash."""
        table = table_of(type_name)
        for part in _chunks(items):
            folded = dict(part)
            mine = made_here(self.connection, type_name, list(folded))
            for row in self.connection.execute(select(table).where(table.c.id.in_(folded))).mappings():
                body = row_body(type_name, dict(row))
                theirs = folded[row["id"]].fields
                if row["id"] not in mine and any(body.get(n) != value for n, value in theirs.items()):
                    trash.put(self.connection, type_name, row["id"], 0, body, self.now)

    def _versions(self, type_name: str, ids: Sequence[str]) -> dict[str, int]:
        query = f'SELECT id, version FROM "{type_name}" WHERE id IN (SELECT value FROM json_each(?))'  # noqa: S608
        found = self.connection.exec_driver_sql(query, (wire.encode(ids).decode(),))
        return {row.id: row.version for row in found.all()}

    def _pending(self, type_name: str, ids: Sequence[str]) -> set[str]:
        """Records with operations that have not been read back."""
        found = self.connection.exec_driver_sql(_WAITS, (wire.encode(ids).decode(), type_name, _PENDING))
        return set(found.scalars())

    def _shadowed(self, type_name: str, ids: Sequence[str]) -> set[str]:
        found = self.connection.exec_driver_sql(_SHADOWED, (wire.encode(ids).decode(), type_name))
        return set(found.scalars())


def _made(
    page: wire.Page, known: Sequence[wire.RawChange], rest: Sequence[wire.RawChange]
) -> list[msgspec.Raw]:
    """The bytes of those changes that only make records: the known ones without the rest."""
    if len(known) == len(page.changes) and not rest:
        return page.changes
    left = set(map(_seq, rest))
    return [page.changes[change.seq - page.after - 1] for change in known if change.seq not in left]


def has_chores(connection: Connection, before: datetime) -> bool:
    """Whether there is trash from before a moment, or something unread that this version has learnt."""
    old = connection.execute(select(Trash.record_id).where(Trash.removed_at < before).limit(1)).first()
    unread = get_meta(connection, UNREAD, {})
    return old is not None or any(set(p["types"]) <= set(record_types()) for p in unread.values())


def _chunks(items: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(items), CHUNK):
        yield items[start : start + CHUNK]
