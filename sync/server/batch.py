"""What one push has loaded and is about to write: records, totals, conflicts, changes. Written once, last.

Everything is read and decided in memory first; `write` takes the counter rows of the scopes in sorted
order as its first act and commits soon after, so that log numbers become visible in order, without holes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from models.policy import FrozenBy
from sync import chain, digest, wire
from sync.server.accounts import Actor
from sync.server.rules import Refused
from sync.server.store import among, bulk_insert, origin_of
from sync.server.tables import change, conflict, holding, op_result, record, scope_counter
from sync.wire import Code

Key = tuple[str, str]  # type, id
CHUNK = 500
_NO_WRITER = (wire.Kind.CONFLICT, wire.Kind.LEAVE, wire.Kind.ENTER)  # changes that give no field its value
RECORD = ("tenant", "type", "id", "scope", "ver", "seq", "fver", "body", "deleted", "at")
CHANGE = ("tenant", "scope", "seq", "type", "id", "ver", "data", "chain")
RESULT = ("tenant", "op_id", "device_id", "dseq", "answer")


class Rec:
    """One record as the server has it, or will have it once the push is written."""

    __slots__ = ("before", "body", "deleted", "fver", "id", "last", "scope", "seq", "stored", "type", "ver")

    def __init__(
        self,
        type_: str,
        id_: str,
        scope: str,
        ver: int,
        seq: int,
        fver: dict[str, list[Any]],
        body: dict[str, Any],
        deleted: bool,
        stored: bool,
    ) -> None:
        self.type, self.id, self.scope, self.ver, self.seq = type_, id_, scope, ver, seq
        self.fver, self.body, self.deleted, self.stored = fver, body, deleted, stored
        self.last: Draft | None = None
        self.before: tuple[str, int, str] | None = None  # scope, version and body of what a digest counts

    def copy(self) -> Rec:
        """A copy that may be changed without the original noticing."""
        twin = Rec(
            self.type,
            self.id,
            self.scope,
            self.ver,
            self.seq,
            dict(self.fver),
            dict(self.body),
            self.deleted,
            self.stored,
        )
        twin.last, twin.before = self.last, self.before
        return twin

    def written(self, name: str) -> tuple[int, str]:
        """The version in which a field was last written, and the device that did."""
        version, device = self.fver.get(name) or self.fver.get("*") or (0, "")
        return int(version), str(device)

    def parallel(self, base: int, device: str) -> bool:
        """Whether another device has written anything here after a version."""
        return any(version > base and other != device for version, other in self.fver.values())


@dataclass
class Draft:
    """One change on its way into the log; it gets its number when everything else is decided."""

    op: wire.Op
    rec: Rec
    ver: int
    kind: str
    name: str
    by: str
    hlc: str
    scope: str  # whose log it stands in
    f: dict[str, Any] = field(default_factory=dict)
    d: bool | None = None
    c: list[wire.ConflictRow] = field(default_factory=list)
    s: str | None = None  # the other scope, when the record goes from one to another
    enters: Draft | None = None  # the other half of a move
    seq: int = 0


@dataclass
class Clash:
    """A conflict as the server keeps it."""

    row: wire.ConflictRow
    type: str
    id: str
    scope: str
    other_device: str
    stored: bool


@dataclass
class Answer:
    """A result on its way, with the record or change that will give it its number."""

    result: wire.Result
    dseq: int
    rec: Rec | None = None
    draft: Draft | None = None
    scope: str = ""  # the operation's


class Batch:
    """The loaded state of one push."""

    def __init__(self, connection: Connection, actor: Actor, lock: bool) -> None:
        self.connection = connection
        self.actor = actor
        self.lock = lock  # rows are locked where the database has more than one writer
        self.plain = False  # whether all text of the push is known to be in NFC
        self.records: dict[Key, Rec | None] = {}
        self.totals: dict[Key, int] = {}  # (taker type, resource id) -> taken
        self.clashes: dict[Key, list[Clash]] = {}
        self.drafts: list[Draft] = []
        self.answers: list[Answer] = []
        self.dirty: dict[Key, Rec] = {}
        self.dirty_clashes: dict[str, Clash] = {}
        self.holdings: dict[Key, tuple[str, int] | None] = {}
        self.moved: dict[Key, str] = {}

    # -- reading -----------------------------------------------------------------------------------

    def load(self, keys: Iterable[Key]) -> None:
        """Reads records that are not here yet, locked in one order so that pushes do not cross."""
        for type_, ids in _by_type({key for key in keys if key not in self.records}):
            statement = select(record).where(
                record.c.tenant == self.actor.tenant, record.c.type == type_, record.c.id.in_(ids)
            )
            if self.lock:
                statement = statement.order_by(record.c.id).with_for_update()
            self.records.update({(type_, id_): None for id_ in ids})
            for row in self.connection.execute(statement):
                rec = self.records[row.type, row.id] = Rec(
                    row.type,
                    row.id,
                    row.scope,
                    row.ver,
                    row.seq,
                    msgspec.json.decode(row.fver),
                    msgspec.json.decode(row.body),
                    row.deleted,
                    True,
                )
                if not row.deleted:
                    rec.before = (row.scope, row.ver, row.body)

    def record(self, key: Key) -> Rec | None:
        """One record as the groups before left it."""
        if key not in self.records:
            self.load([key])
        return self.records[key]

    def check_frozen(self, frozen: FrozenBy, *bodies: Mapping[str, Any]) -> None:
        """Raises Refused when a parent named by any of the bodies was closed before this act."""
        for body in bodies:
            parent_id = body.get(frozen.parent_id)
            parent = self.record((frozen.parent, str(parent_id))) if parent_id else None
            if parent is not None and str(parent.body.get(frozen.field)) in frozen.values:
                raise Refused(Code.FROZEN, parent=frozen.parent, state=str(parent.body[frozen.field]))

    def load_totals(self, keys: Iterable[Key]) -> None:
        """Reads how much is taken from resources, for (taker type, resource id) not known yet."""
        for taker, ids in _by_type({key for key in keys if key not in self.totals}):
            self.totals.update({(taker, id_): 0 for id_ in ids})
            statement = (
                select(holding.c.resource_id, func.sum(holding.c.amount))
                .where(
                    holding.c.tenant == self.actor.tenant,
                    holding.c.type == taker,
                    holding.c.resource_id.in_(ids),
                )
                .group_by(holding.c.resource_id)
            )
            for resource_id, amount in self.connection.execute(statement):
                self.totals[taker, resource_id] = int(amount)

    def total(self, key: Key) -> int:
        """How much of a resource is taken by one type of taker."""
        if key not in self.totals:
            self.load_totals([key])
        return self.totals[key]

    def load_clashes(self, keys: Iterable[Key]) -> None:
        """Reads the conflicts of records that are open or settled by the clock."""
        for type_, ids in _by_type(set(keys)):
            statement = select(conflict).where(
                conflict.c.tenant == self.actor.tenant,
                conflict.c.type == type_,
                conflict.c.id.in_(ids),
                conflict.c.status.in_(("open", "auto")),
            )
            for row in self.connection.execute(statement):
                made = msgspec.json.decode(row.data, type=wire.ConflictRow)
                clash = Clash(made, row.type, row.id, row.scope, row.other_device, True)
                self.clashes.setdefault((row.type, row.id), []).append(clash)

    def writer(self, rec: Rec, name: str) -> wire.Change | None:
        """The change that gave a field its present value."""
        version, _ = rec.written(name)
        rows = self.connection.execute(
            select(change.c.data).where(
                change.c.tenant == self.actor.tenant,
                change.c.type == rec.type,
                change.c.id == rec.id,
                change.c.ver == version,
            )
        )
        made = [msgspec.json.decode(row.data, type=wire.Change) for row in rows]
        return next((item for item in made if item.kind not in _NO_WRITER), None)

    def writer_apart(self, rec: Rec, name: str, device: str) -> wire.Change | None:
        """The last change of a field by another device, among the newest of the record."""
        rows = self.connection.execute(
            select(change.c.data)
            .where(change.c.tenant == self.actor.tenant, change.c.type == rec.type, change.c.id == rec.id)
            .order_by(change.c.ver.desc())
            .limit(CHUNK)
        )
        made = (msgspec.json.decode(row.data, type=wire.Change) for row in rows)
        return next(
            (c for c in made if name in c.f and c.device != device and c.kind not in _NO_WRITER), None
        )

    def known_answers(self, op_ids: Sequence[str]) -> dict[str, wire.Result]:
        """The answers that were given to operations of these ids before."""
        known: dict[str, wire.Result] = {}
        statement = select(op_result.c.op_id, op_result.c.answer).where(
            op_result.c.tenant == self.actor.tenant, among(self.connection, op_result.c.op_id, op_ids)
        )
        for op_id, answer in self.connection.execute(statement):
            known[op_id] = msgspec.json.decode(answer, type=wire.Result)
        return known

    # -- writing -----------------------------------------------------------------------------------

    def write(self) -> None:
        """Numbers the changes and writes all there is; the caller commits at once."""
        self._number()
        self._records()
        self._holdings()
        self._conflicts()
        tenant, device = self.actor.tenant, self.actor.device_id
        rows = []
        for answer in self.answers:
            result = answer.result
            if answer.draft is not None:
                result.seq, result.ver = answer.draft.seq, answer.draft.ver
                result.scope = answer.draft.scope
            elif answer.rec is not None:
                last = answer.rec.last
                result.seq, result.ver = (last.seq if last else answer.rec.seq), answer.rec.ver
                result.scope = answer.rec.scope
            if result.scope == answer.scope:
                result.scope = None
            rows.append((tenant, result.op, device, answer.dseq, wire.encode(result).decode()))
        bulk_insert(self.connection, op_result, RESULT, rows)

    def _number(self) -> None:
        tenant = self.actor.tenant
        by_scope: dict[str, list[Draft]] = {}
        for draft in self.drafts:
            by_scope.setdefault(draft.scope, []).append(draft)
        counted = self._counted()
        for scope in sorted({*by_scope, *counted}):
            drafts = by_scope.get(scope, [])
            n, value, total = self.take_numbers(scope, len(drafts))
            rows = []
            for seq, draft in enumerate(drafts, n - len(drafts) + 1):
                draft.seq = seq
                data = wire.canonical(_change(draft, self.actor.device_id))
                value = chain.extend(value, (data,))
                rec = draft.rec
                rows.append((tenant, scope, seq, rec.type, rec.id, draft.ver, data.decode(), value))
            bulk_insert(self.connection, change, CHANGE, rows)
            self.keep_head(scope, value, digest.moved(total, counted.get(scope, 0)))

    def keep_head(self, scope: str, value: str, total: str) -> None:
        """Keeps the chain value after the last change of a scope, and the digest of its records."""
        where = (scope_counter.c.tenant == self.actor.tenant, scope_counter.c.scope == scope)
        self.connection.execute(update(scope_counter).where(*where).values(chain=value, digest=total))

    def _counted(self) -> dict[str, int]:
        """By how much the digest of each scope moves."""
        counted: dict[str, int] = {}
        for rec in self.dirty.values():
            if rec.before is not None:
                scope, version, text = rec.before
                was = digest.record_hash(rec.type, rec.id, version, msgspec.json.decode(text))
                counted[scope] = counted.get(scope, 0) - was
            if not rec.deleted:
                now = digest.record_hash(rec.type, rec.id, rec.ver, rec.body)
                counted[rec.scope] = counted.get(rec.scope, 0) + now
        return counted

    def take_numbers(self, scope: str, count: int) -> tuple[int, str, str]:
        """The last of `count` fresh numbers, the chain before the first, and the scope's digest; holds the
        scope's row."""
        where = (scope_counter.c.tenant == self.actor.tenant, scope_counter.c.scope == scope)
        take = update(scope_counter).where(*where).values(n=scope_counter.c.n + count)
        columns = (scope_counter.c.n, scope_counter.c.chain, scope_counter.c.digest)
        row = self.connection.execute(take.returning(*columns)).first()
        if row is not None:
            return int(row.n), str(row.chain), str(row.digest)
        origin = origin_of(self.connection, self.actor.tenant)
        first = chain.genesis(origin, self.actor.tenant, scope)
        values = {"tenant": self.actor.tenant, "scope": scope, "n": count, "chain": first}
        self.connection.execute(insert(scope_counter).values(**values))  # a lost race runs again
        return count, first, digest.ZERO

    def _records(self) -> None:
        fresh, old = [], []
        tenant = self.actor.tenant
        for rec in self.dirty.values():
            assert rec.last is not None  # noqa: S101  a record is dirty by a draft
            seq, at = rec.last.seq, rec.last.op.at
            fver, body = wire.encode(rec.fver).decode(), wire.canonical(rec.body).decode()
            if rec.stored:
                own = {"scope": rec.scope, "ver": rec.ver, "seq": seq, "fver": fver, "body": body, "at": at}
                old.append({**own, "deleted": rec.deleted, "p_type": rec.type, "p_id": rec.id})
            else:
                fresh.append((tenant, rec.type, rec.id, rec.scope, rec.ver, seq, fver, body, rec.deleted, at))
        bulk_insert(self.connection, record, RECORD, fresh)
        if old:
            where = (
                record.c.tenant == self.actor.tenant,
                record.c.type == bindparam("p_type"),
                record.c.id == bindparam("p_id"),
            )
            self.connection.execute(update(record).where(*where), old)

    def _holdings(self) -> None:
        if not self.holdings:
            return
        tenant = self.actor.tenant
        gone = [{"p_type": k[0], "p_id": k[1]} for k in self.holdings if self.dirty[k].stored]
        where = (
            holding.c.tenant == tenant,
            holding.c.type == bindparam("p_type"),
            holding.c.id == bindparam("p_id"),
        )
        if gone:
            self.connection.execute(delete(holding).where(*where), gone)
        held = [
            {"tenant": tenant, "type": key[0], "id": key[1], "resource_id": what[0], "amount": what[1]}
            for key, what in self.holdings.items()
            if what is not None
        ]
        if held:
            self.connection.execute(insert(holding), held)

    def _conflicts(self) -> None:
        for (type_, id_), scope in self.moved.items():
            follows = (conflict.c.tenant == self.actor.tenant, conflict.c.type == type_, conflict.c.id == id_)
            self.connection.execute(update(conflict).where(*follows).values(scope=scope))
        for clash in self.dirty_clashes.values():
            values = {
                "status": clash.row.status,
                "other_device": clash.other_device,
                "data": wire.encode(clash.row).decode(),
            }
            key = {"tenant": self.actor.tenant, "conflict_id": clash.row.id}
            if clash.stored:
                where = (conflict.c.tenant == key["tenant"], conflict.c.conflict_id == clash.row.id)
                self.connection.execute(update(conflict).where(*where).values(**values))
            else:
                self.connection.execute(
                    insert(conflict).values(
                        **key,
                        **values,
                        scope=clash.scope,
                        type=clash.type,
                        id=clash.id,
                        field=clash.row.field,
                    )
                )


def _change(draft: Draft, device: str) -> wire.Change:
    return wire.Change(
        seq=draft.seq,
        op=draft.op.op,
        t=draft.rec.type,
        id=draft.rec.id,
        ver=draft.ver,
        kind=draft.kind,
        by=draft.by,
        name=draft.name,
        device=device,
        hlc=draft.hlc,
        at=draft.op.at,
        d=draft.d,
        c=draft.c,
        s=draft.s,
        f=draft.f,
    )


def _by_type(keys: Iterable[Key]) -> Iterator[tuple[str, Sequence[str]]]:
    """The keys as (type, some ids), in the one order in which every push locks."""
    for type_, group in groupby(sorted(keys), key=itemgetter(0)):
        for part in _chunks([id_ for _, id_ in group]):
            yield type_, part


def _chunks(items: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(items), CHUNK):
        yield items[start : start + CHUNK]
