"""Change capture: every write through a session leaves its outbox operations in the same transaction.

Field by field, with the values the author saw. The same pass keeps the shadow (the server's state while
something is pending), the search index and the undo stack, and refuses what the policy forbids.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, event, func, insert, inspect, select
from sqlalchemy.orm import Session

from models import clock, search
from models.base import Record, fields_of, record_types, table_of, wire_body
from models.errors import HoldallError, RecordFrozen
from models.ids import new_id
from models.outbox import PENDING, OpKind, OpState, OutboxOp
from models.policy import Merge, Policy, check_move, check_start
from models.statements import ADD_ACTION, ADD_OPS, DROP_UNDONE, GET_META, KEEP_SHADOW, SET_META
from models.taking import check_allocation, check_removal, check_within
from models.types import clean_value, to_wire

BULK_CHUNK = 2_000


@dataclass(frozen=True)
class Author:
    """Who writes: the person, their team and roles, and the laptop they write on."""

    user_id: str
    name: str
    team_id: str
    roles: frozenset[str] = frozenset()
    device_id: str = ""
    tenant_id: str = "averwick"

    def scope(self, kind: str) -> str:
        """The scope a new record of this kind of sharing belongs to."""
        if kind == "site":
            raise RuntimeError("a record of a site says which when it is made")
        return {"tenant": "tenant", "team": f"team:{self.team_id}", "user": f"user:{self.user_id}"}[kind]


@dataclass(frozen=True)
class Changed:
    """What a write touched: types and record ids. Views ask it whether they need to look again."""

    tables: frozenset[str] = frozenset()
    ids: frozenset[str] = frozenset()
    initiator: str = ""

    @classmethod
    def of(cls, *records: Record, initiator: str = "") -> Changed:
        """The change of these records."""
        return cls(frozenset(r.__tablename__ for r in records), frozenset(r.id for r in records), initiator)

    def __or__(self, other: Changed) -> Changed:
        return Changed(self.tables | other.tables, self.ids | other.ids, self.initiator or other.initiator)

    def touches(self, *tables: str) -> bool:
        """Whether a record of one of these types (or of a slice, by its prefix "repairs_") changed."""
        return any(
            t == name or (name.endswith("_") and t.startswith(name)) for t in self.tables for name in tables
        )


@dataclass
class _Draft:
    """The operation that a transaction is going to leave for one record."""

    record: Record
    kind: OpKind
    fields: dict[str, Any] = field(default_factory=dict)
    base: dict[str, Any] = field(default_factory=dict)
    was_deleted: bool = False


class CapturingSession(Session):
    """A write session; only the store commits it, after capture."""

    def commit(self) -> None:
        """Commits once capture has finished; a service that calls it is wrong (RuntimeError)."""
        capture = self.info.get("capture")
        if not isinstance(capture, Capture) or not capture.finished:
            raise RuntimeError("a service never commits: the caller's `with` does")
        super().commit()


class Capture:
    """Watches one write session and writes down what it did."""

    def __init__(
        self,
        session: Session,
        author: Author,
        label: str,
        now: datetime,
        kind: str = "do",
        of: str | None = None,
    ) -> None:
        self.session = session
        self.author = author
        self.label = label
        self.now = now
        self.kind = kind
        self.of = of
        self.group_id = new_id()
        self.finished = False
        self.undoable = True  # False for an act that Undo passes over, such as making a key
        self.count = 0
        self._tables: set[str] = set()
        self._ids: set[str] = set()
        self._drafts: dict[tuple[str, str], _Draft] = {}
        self.moves: dict[tuple[str, str], str] = {}  # records on their way to another scope -> where from
        self._hlc: str | None = None
        session.info.update(capture=self, author=author, now=now)
        event.listen(session, "before_flush", self._before_flush)

    @property
    def changed(self) -> Changed:
        """What the transaction has left operations for, so far."""
        return Changed(frozenset(self._tables), frozenset(self._ids))

    # -- while the service works -------------------------------------------------------------------

    def _before_flush(self, session: Session, context: Any, instances: Any) -> None:
        for record in session.deleted:
            if isinstance(record, Record):
                raise RuntimeError("records are never removed: use mark_deleted")
        with session.no_autoflush:
            for record in session.new:
                if isinstance(record, Record):
                    self._created(record)
            for record in session.dirty:
                if isinstance(record, Record) and session.is_modified(record):
                    self._modified(record)

    def _created(self, record: Record) -> None:
        fill_record(record, self.author, self.now)
        policy = record.__policy__
        body = wire_body(record)
        check_start(policy, body)
        self.check_frozen(record)
        self._drafts[record.__tablename__, record.id] = _Draft(record, OpKind.CREATE, body)

    def _modified(self, record: Record) -> None:
        type_name, policy = record.__tablename__, record.__policy__
        state = inspect(record)
        if state.attrs.scope.history.has_changes() and (type_name, record.id) not in self.moves:
            raise RuntimeError("a record changes its scope only by a move")
        new: dict[str, Any] = {}
        old: dict[str, Any] = {}
        for name, column in fields_of(type_name).items():
            history = state.attrs[name].history
            if history.has_changes():
                before = history.deleted[0] if history.deleted else None
                old[name] = to_wire(column.type, before)
                new[name] = to_wire(column.type, getattr(record, name))
        deleting = state.attrs.deleted.history
        was_deleted = bool(deleting.deleted[0]) if deleting.deleted else bool(record.deleted)
        if not new and was_deleted == record.deleted:
            return
        body = {**wire_body(record), **old}
        self._check_modified(record, policy, body, old, new)
        draft = self._drafts.get((type_name, record.id))
        if draft is None:
            draft = _Draft(record, OpKind.PATCH, was_deleted=was_deleted)
            self._drafts[type_name, record.id] = draft
        for name, value in old.items():
            draft.base.setdefault(name, value)
        draft.fields.update(new)
        record.updated_at = self.now

    def _check_modified(
        self,
        record: Record,
        policy: Policy,
        body: Mapping[str, Any],
        old: Mapping[str, Any],
        new: Mapping[str, Any],
    ) -> None:
        self.check_frozen(record)
        if policy.moves is not None and policy.moves.field in new:
            after = str(new[policy.moves.field])
            check_move(policy, body, after, self.author.user_id, self.author.roles, new)
        for name, value in new.items():
            merge = policy.merge_of(name)
            if merge is Merge.APPEND or (merge is Merge.ONCE and old[name] is not None):
                if (record.__tablename__, record.id) in self._drafts and value != old[name]:
                    draft = self._drafts[record.__tablename__, record.id]
                    if draft.kind is OpKind.CREATE:
                        continue
                if value != old[name]:
                    raise HoldallError(
                        f"This {policy.title} is written once and cannot be changed afterwards.",
                        "Add a new one that puts it right.",
                    )

    def check_frozen(self, record: Record) -> None:
        """Raises RecordFrozen when a parent that was closed before this act holds the record."""
        policy = record.__policy__
        frozen = policy.frozen_by
        if frozen is None:
            return
        parent_id = getattr(record, frozen.parent_id)
        parent = self.session.get(record_types()[frozen.parent], parent_id) if parent_id else None
        if parent is None:
            return
        history = inspect(parent).attrs[frozen.field].history
        value = history.deleted[0] if history.deleted else getattr(parent, frozen.field)
        draft = self._drafts.get((frozen.parent, str(parent_id)))
        if draft is not None:  # what counts is how the parent stood before this act
            value = draft.base.get(frozen.field, value)
        if str(value) in frozen.values:
            raise RecordFrozen(
                f"This {policy.title} belongs to a {parent.__policy__.title} that is {value}.",
                f"Reopen the {parent.__policy__.title} first, with a reason.",
            )

    # -- at the end ---------------------------------------------------------------------------------

    def finish(self) -> None:
        """Writes outbox, shadow, search index and the undo entry for all that was changed."""
        self.session.flush()
        connection = self.session.connection()
        ops = [op for draft in self._drafts.values() if (op := self._operation(connection, draft))]
        ops += [op for key, scope in self.moves.items() if (op := self._moved(connection, key, scope))]
        self._check_allocations(connection)
        self._index(connection)
        if ops:
            connection.execute(ADD_OPS, ops)
        self.count += len(ops)
        self._close_action(connection)
        self.finished = True

    def _operation(self, connection: Connection, draft: _Draft) -> dict[str, Any] | None:
        record = draft.record
        fields = {
            k: v for k, v in draft.fields.items() if draft.kind is OpKind.CREATE or v != draft.base.get(k)
        }
        kind = draft.kind
        if kind is not OpKind.CREATE:
            if record.deleted != draft.was_deleted:
                kind = OpKind.DELETE if record.deleted else OpKind.RESTORE
            elif not fields:
                return None
        base = {k: draft.base[k] for k in fields if k in draft.base}
        if kind is OpKind.CREATE:
            fields = {k: v for k, v in wire_body(record).items() if v is not None}
        elif record.version > 0 or not made_here(connection, record.__tablename__, [record.id]):
            self._keep_shadow(connection, draft)
        if record.__policy__.sealed and kind in (OpKind.CREATE, OpKind.PATCH):
            fields = {k: v for k, v in wire_body(record).items() if v is not None}
            base, kind = (dict(draft.base), OpKind.SEALED)
        scope = record.scope if kind is OpKind.CREATE else self._scope_before(record)
        return self.row(record.__tablename__, record.id, scope, kind, record.version, fields, base)

    def _moved(self, connection: Connection, key: tuple[str, str], before: str) -> dict[str, Any] | None:
        """The operation of a move, after what else was done to the record in its old scope."""
        record = self.session.get_one(record_types()[key[0]], key[1])
        draft = self._drafts.get(key)
        if record.scope == before or (draft is not None and draft.kind is OpKind.CREATE):
            return None
        if record.version > 0:
            self._keep_shadow(connection, draft or _Draft(record, OpKind.MOVE, was_deleted=record.deleted))
        fields, base = {"scope": record.scope}, {"scope": before}
        return self.row(key[0], record.id, before, OpKind.MOVE, record.version, fields, base)

    def _scope_before(self, record: Record) -> str:
        return self.moves.get((record.__tablename__, record.id), record.scope)

    def row(
        self,
        type_name: str,
        record_id: str,
        scope: str,
        kind: OpKind,
        version: int,
        fields: dict[str, Any],
        base: dict[str, Any],
    ) -> dict[str, Any]:
        """One outbox row in this capture's name."""
        self._tables.add(type_name)
        self._ids.add(record_id)
        return {
            "op_id": new_id(),
            "group_id": self.group_id,
            "type": type_name,
            "record_id": record_id,
            "scope": scope,
            "kind": kind.value,
            "base_version": version,
            "fields": fields,
            "base": base,
            "label": self.label,
            "hlc": self._tick(),
            "at": self.now,
            "author_id": self.author.user_id,
            "author_name": self.author.name,
            "state": OpState.QUEUED.value,
            "attempts": 0,
        }

    def _keep_shadow(self, connection: Connection, draft: _Draft) -> None:
        record = draft.record
        values = {
            "type": record.__tablename__,
            "record_id": record.id,
            "version": record.version,
            "deleted": draft.was_deleted,
            "scope": self._scope_before(record),
            "body": {**wire_body(record), **draft.base},
        }
        connection.execute(KEEP_SHADOW, values)

    def _check_allocations(self, connection: Connection) -> None:
        for (type_name, _), draft in self._drafts.items():
            allocation = draft.record.__policy__.allocation
            if allocation is not None:
                body = {**wire_body(draft.record), "deleted": draft.record.deleted}
                if allocation.holds(body):
                    check_allocation(connection, type_name, allocation, str(body[allocation.resource_id]))
                    if not draft.fields.keys().isdisjoint({allocation.resource_id, *allocation.active}):
                        check_within(connection, type_name, allocation, body)
        for (type_name, record_id), draft in self._drafts.items():
            if draft.record.deleted and not draft.was_deleted and draft.kind is not OpKind.CREATE:
                check_removal(connection, type_name, record_id)

    def _index(self, connection: Connection) -> None:
        for (type_name, _), draft in self._drafts.items():
            record = draft.record
            settled = draft.kind is not OpKind.CREATE and record.deleted == draft.was_deleted
            if settled and not search.reads(type_name, draft.fields):
                continue
            row = {"id": record.id, "deleted": record.deleted, **wire_body(record)}
            search.index_records(connection, type_name, [row])

    def _close_action(self, connection: Connection) -> None:
        if self._hlc is not None:
            set_meta(connection, "hlc", self._hlc)
        if not self.count:
            return
        if self.kind == "do":
            connection.execute(DROP_UNDONE)
        connection.execute(
            ADD_ACTION,
            {
                "group_id": self.group_id,
                "label": self.label,
                "kind": self.kind,
                "state": "gone" if self.kind == "undo" or not self.undoable else "done",
                "of": self.of,
                "author_id": self.author.user_id,
                "at": self.now,
            },
        )

    def _tick(self) -> str:
        if self._hlc is None:
            self._hlc = get_meta(self.session.connection(), "hlc")
        self._hlc = clock.tick(self._hlc, self.now, self.author.device_id)
        return self._hlc


def fill_record(record: Record, author: Author, now: datetime) -> None:
    """Gives a new record its scope, its moments and its column defaults, so that its body is whole."""
    loaded = record.__dict__
    if loaded.get("scope") is None:
        record.scope = author.scope(record.__policy__.scope)
    record.version = 0
    record.deleted = bool(loaded.get("deleted"))
    if loaded.get("created_at") is None:
        record.created_at = now
    record.updated_at = now
    for name, column in fields_of(record.__tablename__).items():
        if loaded.get(name) is None and (default := default_of(column)) is not None:
            setattr(record, name, default)


def default_of(column: Any) -> Any:
    """What a column holds where nothing is given: a Python value, or None."""
    default = column.default
    if default is None:
        return None
    return default.arg(None) if default.is_callable else default.arg


def bulk_create(session: Session, model: type[Record], rows: Sequence[Mapping[str, Any]]) -> Changed:
    """Creates many records of one type with their operations, by Core, in the session's transaction.

    `rows` hold Python values by column name; `id`, scope and defaults are filled in. 100,000 rows take
    seconds. Checks of start states hold; allocations and frozen parents are the caller's to respect.
    `session.info["tick"]`, where it is set, is told (done, total) after each chunk; what it raises stops all.
    Raises BadText, TypeError or ValueError for a value that does not fit, before anything is written.
    """
    capture: Capture = session.info["capture"]
    session.flush()
    type_name, policy = model.__tablename__, model.__policy__
    scope = capture.author.scope(policy.scope)
    fields = fields_of(type_name)
    connection = session.connection()
    ids: list[str] = []
    for start in range(0, len(rows), BULK_CHUNK):
        records: list[dict[str, Any]] = []
        ops: list[dict[str, Any]] = []
        for given in rows[start : start + BULK_CHUNK]:
            row = {
                name: clean_value(column.type, value)
                for name, column in fields.items()
                if (value := given.get(name, default_of(column))) is not None or name in given
            }
            row["created_at"] = given.get("created_at") or capture.now
            body = {n: to_wire(fields[n].type, v) for n, v in row.items() if v is not None}
            check_start(policy, body)
            record_id = str(given.get("id") or new_id())
            where = str(given.get("scope") or scope)
            records.append(
                {
                    **dict.fromkeys(fields),
                    **row,
                    "id": record_id,
                    "scope": where,
                    "version": 0,
                    "deleted": False,
                    "updated_at": capture.now,
                }
            )
            kind = OpKind.SEALED if policy.sealed else OpKind.CREATE
            ops.append(capture.row(type_name, record_id, where, kind, 0, body, {}))
            ids.append(record_id)
        connection.execute(insert(table_of(type_name)), records)
        connection.execute(ADD_OPS, ops)
        search.index_new(connection, type_name, records)
        capture.count += len(ops)
        if (tick := session.info.get("tick")) is not None:
            tick(len(ids), len(rows))
    return Changed(frozenset({type_name}), frozenset(ids))


def pending_count(session: Session) -> int:
    """How many operations wait for the server or for its answer to come back."""
    waiting = [OpState.QUEUED.value, OpState.SENDING.value]
    return session.scalar(select(func.count()).where(OutboxOp.state.in_(waiting))) or 0


def pending_of(connection: Connection, type_name: str, record_id: str) -> list[Any]:
    """The pending operations of one record, oldest first, as rows."""
    states = [state.value for state in PENDING]
    statement = select(OutboxOp.__table__).where(
        OutboxOp.type == type_name, OutboxOp.record_id == record_id, OutboxOp.state.in_(states)
    )
    return list(connection.execute(statement.order_by(OutboxOp.n)))


def made_here(connection: Connection, type_name: str, ids: Sequence[str]) -> set[str]:
    """Those of some records of which this copy wrote the first operation, whatever became of it. One at
    version 0 that was made elsewhere is one that a server lacks since it was restored."""
    kinds = (OpKind.CREATE.value, OpKind.SEALED.value)
    statement = select(OutboxOp.record_id).where(
        OutboxOp.type == type_name, OutboxOp.record_id.in_(ids), OutboxOp.kind.in_(kinds)
    )
    return set(connection.execute(statement).scalars())


def get_meta(connection: Connection, key: str, default: Any = None) -> Any:
    """An unsynced value of this copy."""
    row = connection.execute(GET_META, {"key": key}).first()
    return default if row is None else row[0]


def set_meta(connection: Connection, key: str, value: Any) -> None:
    """Keeps an unsynced value (JSON, no floats) of this copy."""
    connection.execute(SET_META, {"key": key, "value": value})


def changed_of(rows: Iterable[Any]) -> Changed:
    """The Changed of outbox rows."""
    seen = list(rows)
    return Changed(frozenset(r.type for r in seen), frozenset(r.record_id for r in seen))
