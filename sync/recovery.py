"""What a laptop does when its server was restored from a copy: it sends again what the copy lacks.

Everything is decided from what both sides can prove: the council's origin, the hash chain at numbers that
this laptop has marked, and the last number that the server has of this laptop. One local transaction sets
the work ready to go out again; what was sent twice the server knows by its id.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from msgspec import to_builtins
from sqlalchemy import Connection, delete, func, select, update

from models import blobs
from models.base import record_types, table_of
from models.changes import get_meta, pending_of, set_meta
from models.outbox import Conflict, Meta, OpKind, OpState, OutboxOp, ScopeState, Shadow
from models.replay import keep_shadow, rebase
from sync import marks, trash, wire
from sync.account import DSEQ
from sync.digest import UNREAD
from sync.errors import WrongServer

ORIGIN = "sync.origin"  # the first epoch of the council whose log this copy has read
HEALING = "sync.healing"  # the last number that a restored server had, until it is seen what has to wait
SENT_STATES = (OpState.SENDING, OpState.ACKED, OpState.SETTLED, OpState.CONFLICTED)
_HAD = tuple(state.value for state in SENT_STATES[1:])  # the server answered that it has them
_MAKING = (OpKind.CREATE.value, OpKind.SEALED.value)


@dataclass(frozen=True)
class Healing:
    """What was set right: the scopes that are read anew, and how many operations go out again."""

    scopes: tuple[str, ...] = ()
    resent: int = 0

    def after(self, other: Healing | None) -> Healing:
        """This one and an earlier one of the same sync."""
        if other is None:
            return self
        scopes = tuple(sorted({*self.scopes, *other.scopes}))
        return Healing(scopes, max(self.resent, other.resent))

    @property
    def words(self) -> str:
        """What a person is told."""
        if not self.resent:
            return "The server was restored from a copy; nothing of this laptop's was missing there."
        what = "1 change" if self.resent == 1 else f"{self.resent:,} changes"
        return f"The server was restored from a copy; this laptop sent its work again: {what}."


def check_origin(connection: Connection, origin: str) -> None:
    """Raises WrongServer when the server that answers is not the one whose log this copy has read. An
    empty origin was not said, as the chains agree: they begin with it."""
    if not origin:
        return
    known = get_meta(connection, ORIGIN)
    if known is None:
        known = connection.execute(select(ScopeState.epoch).limit(1)).scalar()
    if known is not None and known != origin:
        raise WrongServer(
            "The server that answers is not the one this laptop has worked with: it is another council's,"
            " or it was set up from nothing.",
            "Your work is safe here and nothing was changed. Ask IT to bring the server's own copy back.",
        )


def lost(connection: Connection, asked: Sequence[str], answer: wire.PullAnswer, epoch: str) -> bool:
    """Whether the answer for some scopes shows that the server was restored: another log at the cursor,
    another epoch, or a last number below what it has answered.

    Raises WrongServer for a server that has nothing to do with this copy.
    """
    check_origin(connection, answer.origin)
    if any(page.error == "chain_mismatch" for page in answer.scopes.values()):
        return True
    epochs = connection.execute(select(ScopeState.epoch).where(ScopeState.scope.in_(asked)).distinct())
    if any(known != epoch for known in epochs.scalars()):
        return True
    return answer.last_dseq < last_answered(connection)


def note_epoch(connection: Connection, scopes: Sequence[str], epoch: str) -> None:
    """Keeps the epoch of the server for scopes whose log goes on as it was."""
    connection.execute(update(ScopeState).where(ScopeState.scope.in_(scopes)).values(epoch=epoch))


def note_origin(connection: Connection, origin: str) -> None:
    """Keeps the origin of the council whose log this copy reads."""
    if origin and get_meta(connection, ORIGIN) is None:
        set_meta(connection, ORIGIN, origin)


def last_answered(connection: Connection) -> int:
    """The highest number of this laptop's operations that a server has answered."""
    open_states = [OpState.QUEUED.value, OpState.SENDING.value]
    statement = select(func.max(OutboxOp.dseq)).where(OutboxOp.state.not_in(open_states))
    return int(connection.execute(statement).scalar() or 0)


def marks_of(connection: Connection, scopes: Iterable[str]) -> dict[str, dict[int, str]]:
    """The chain marks of scopes."""
    return {scope: marks.of_scope(connection, scope) for scope in scopes}


def common(mine: Mapping[str, Mapping[int, str]], theirs: wire.ChainAnswer) -> dict[str, int]:
    """For each scope the highest number at which both logs are the same; 0 when none is known."""
    return {
        scope: max(
            (seq for seq, value in known.items() if theirs.scopes.get(scope, {}).get(str(seq)) == value),
            default=0,
        )
        for scope, known in mine.items()
    }


def heal(connection: Connection, last: int, agreed: Mapping[str, int], now: datetime) -> Healing:
    """Sets this copy ready to give the server back what it lacks, in the caller's transaction.

    `last` is the last number that the server has of this laptop; `agreed` names the scopes whose log is
    another one, each with the last number in common. They are read anew from their beginning; what this
    laptop wrote goes out again under its own ids, in its own order.
    """
    resent = _number_anew(connection, last, agreed)
    for scope in agreed:
        _unread(connection, scope, now)
    for row in resent:  # an operation without effect stands in no log: its scope may be as it was
        if row.type in record_types() and row.scope not in agreed:
            keep_shadow(connection, row.type, row.record_id)
    blobs.offer_again(connection)
    return Healing(tuple(sorted(agreed)), len(resent))


def only_here(connection: Connection) -> int:
    """How many records the server lacks that somebody else made: their laptops bring them back."""
    return len(missing(connection))


def missing(connection: Connection) -> set[tuple[str, str]]:
    """The records, by type and id, that are here and that the server lacks, made on other laptops."""
    made = select(OutboxOp.n).where(OutboxOp.kind.in_(_MAKING))
    found: set[tuple[str, str]] = set()
    for type_name in record_types():
        table = table_of(type_name)
        mine = made.where(OutboxOp.type == type_name, OutboxOp.record_id == table.c.id)
        statement = select(table.c.id).where(table.c.version == 0, ~mine.exists())
        found.update((type_name, str(record_id)) for record_id in connection.execute(statement).scalars())
    return found


def unfinished(connection: Connection) -> bool:
    """Whether this copy was set ready after a restore and has not looked yet at what has to wait."""
    return get_meta(connection, HEALING) is not None


def hold_back(connection: Connection, now: datetime) -> int:
    """Keeps the acts here for now whose record another laptop has still to bring back, once the log has
    been read anew: they go by themselves when it comes. Returns how many operations."""
    last = get_meta(connection, HEALING)
    if last is None:
        return 0
    rows = connection.execute(
        select(OutboxOp.__table__)
        .where(OutboxOp.state == OpState.SENDING.value, OutboxOp.dseq > int(last))
        .order_by(OutboxOp.n)
    ).all()
    held = waiting_groups(rows, missing(connection))
    waits = [row for row in rows if row.group_id in held]
    connection.execute(delete(Meta).where(Meta.key == HEALING))
    if not waits:
        return 0
    _give_numbers(connection, [row for row in rows if row.group_id not in held], int(last))
    for row in waits:
        answer = wire.Result(
            row.op_id, wire.Status.BLOCKED, code=wire.Code.DEPENDENCY_REJECTED, detail={"missing": row.type}
        )
        values = {"state": OpState.BLOCKED.value, "result": to_builtins(answer), "answered_at": now}
        connection.execute(update(OutboxOp).where(OutboxOp.n == row.n).values(**values))
    for type_name, record_id in dict.fromkeys((row.type, row.record_id) for row in waits):
        if type_name in record_types():
            rebase(connection, type_name, record_id, now)
    return len(waits)


def waiting_groups(rows: Sequence[Any], lacking: set[tuple[str, str]]) -> set[str]:
    """The acts among operations (in the order of writing) that rest on a record which is lacking, or on
    one that such an act would make."""
    held: set[str] = set()
    lacks = set(lacking)
    for group_id, members in groupby(rows, key=lambda row: str(row.group_id)):
        group = list(members)
        if any((row.type, row.record_id) in lacks for row in group):
            held.add(group_id)
            lacks |= {(row.type, row.record_id) for row in group if row.kind in _MAKING}
    return held


def _number_anew(connection: Connection, last: int, agreed: Mapping[str, int]) -> list[Any]:
    """Numbers what the server lacks on from its last number and marks it as being sent; what it had
    refused loses its number and stays as it is. Returns the rows that go out again, in order."""
    columns = (OutboxOp.n, OutboxOp.dseq, OutboxOp.state, OutboxOp.type, OutboxOp.record_id)
    rows = connection.execute(
        select(*columns, OutboxOp.scope).where(OutboxOp.dseq > last).order_by(OutboxOp.n)
    ).all()
    sent = {state.value for state in SENT_STATES}
    again = [row for row in rows if row.state in sent]
    for scope, number in agreed.items():  # sent under an earlier id, or a copy of this laptop has the number
        again += connection.execute(
            select(*columns, OutboxOp.scope).where(
                OutboxOp.dseq.is_(None) | (OutboxOp.dseq <= last),
                OutboxOp.server_scope == scope,
                OutboxOp.state.in_(_HAD),
                OutboxOp.server_seq > number,
            )
        ).all()
    again.sort(key=lambda row: int(row.n))
    _give_numbers(connection, again, last)
    set_meta(connection, HEALING, last)
    return again


def _give_numbers(connection: Connection, rows: Sequence[Any], last: int) -> None:
    """Numbers operations on from `last` and takes the numbers past it from all others."""
    connection.execute(update(OutboxOp).where(OutboxOp.dseq > last).values(dseq=None))
    numbers = [(dseq, OpState.SENDING.value, row.n) for dseq, row in enumerate(rows, last + 1)]
    if numbers:
        connection.exec_driver_sql(
            "UPDATE outbox SET dseq = ?, state = ?, server_seq = NULL, server_scope = NULL WHERE n = ?",
            numbers,
        )
    set_meta(connection, DSEQ, last + len(rows))


def _unread(connection: Connection, scope: str, now: datetime) -> None:
    """Forgets how far a scope was read: every record of it is one that the server may lack, until the log
    says otherwise. What waits stands on the state without it."""
    for type_name in record_types():
        _lift(connection, type_name, scope, now)
        table = table_of(type_name)
        connection.execute(update(table).where(table.c.scope == scope, table.c.version > 0).values(version=0))
    pending = select(OutboxOp.op_id).where(OutboxOp.state.in_([OpState.QUEUED.value, OpState.SENDING.value]))
    connection.execute(
        delete(Conflict).where(
            Conflict.scope == scope, Conflict.resolved_op.is_(None) | Conflict.resolved_op.not_in(pending)
        )
    )
    connection.execute(delete(ScopeState).where(ScopeState.scope == scope))
    marks.forget(connection, scope, -1)
    unread = dict(get_meta(connection, UNREAD, {}))
    if unread.pop(scope, None) is not None:
        set_meta(connection, UNREAD, unread)


def _lift(connection: Connection, type_name: str, scope: str, now: datetime) -> None:
    """Puts the server's state, as it was last known, beneath the operations of each record that waits,
    without their effect; none for a record that is made by them."""
    waiting = [state.value for state in (OpState.QUEUED, *SENT_STATES[:2], OpState.CARRIED)]
    ids = connection.execute(
        select(OutboxOp.record_id)
        .where(OutboxOp.type == type_name, OutboxOp.scope == scope, OutboxOp.state.in_(waiting))
        .distinct()
    ).scalars()
    for record_id in list(ids):
        key = (Shadow.type == type_name, Shadow.record_id == record_id)
        keep_shadow(connection, type_name, record_id)
        shadow = connection.execute(select(Shadow.__table__).where(*key)).first()
        if shadow is None:
            continue
        body = dict(shadow.body or {})
        ops = pending_of(connection, type_name, record_id)
        if shadow.version > 0:
            trash.put(connection, type_name, record_id, shadow.version, body, now)
        if any(op.kind in _MAKING for op in ops):
            connection.execute(delete(Shadow).where(*key))
            continue
        for op in reversed(ops):
            body.update({name: op.base.get(name) for name in op.fields})
        plain = {name: value for name, value in body.items() if value is not None}
        connection.execute(update(Shadow).where(*key).values(version=0, body=plain))
