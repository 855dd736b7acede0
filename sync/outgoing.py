"""From the outbox to the wire and the answers back: which operations go next, and what became of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from msgspec import Raw
from sqlalchemy import Connection, select, text

from models.base import record_types
from models.changes import Changed, get_meta, set_meta
from models.outbox import OpState, OutboxOp
from models.replay import rebase
from models.types import UtcDateTime
from sync import wire
from sync.account import DSEQ
from sync.wire import Status

BATCH_OPS, BATCH_BYTES = 2_000, 2 * 1_048_576  # a batch ends at the first group border past one of these
HARD_OPS, HARD_BYTES = 5_000, 8 * 1_048_576  # a group past one of these goes in parts

# The JSON of the fields is taken as it lies in the table: it is never decoded on this side.
_NEXT = text(
    "SELECT n, op_id, dseq, group_id, type, record_id, scope, kind, base_version, fields, base, label, hlc,"
    " at, author_id, author_name, resolves FROM outbox WHERE state = :state AND n > :after ORDER BY n"
    " LIMIT :limit"
)
GOOD = (Status.APPLIED, Status.MERGED, Status.CONFLICT)
_MOMENT = UtcDateTime()


@dataclass(frozen=True)
class Outgoing:
    """A run of operations on its way: their table rows, the request's bytes."""

    rows: Sequence[Any]
    body: bytes

    @property
    def last(self) -> int:
        """Where in the outbox its last operation stands."""
        return int(self.rows[-1].n)


@dataclass
class Tally:
    """What became of the operations of a push."""

    accepted: int = 0
    merged: int = 0
    conflicts: int = 0
    rejected: int = 0
    blocked: int = 0
    later: int = 0
    changed: Changed = field(default_factory=Changed)


def next_batch(connection: Connection, device: str, most: int = BATCH_OPS, after: int = 0) -> Outgoing | None:
    """The operations to send next, numbered and marked as being sent; None when nothing waits.

    Those that were sent before without an answer go first, as they are. Groups stay whole. `after` passes
    over what is under way at this moment.
    """
    rows: list[Any] = []
    for state in (OpState.SENDING, OpState.QUEUED):
        if len(rows) < HARD_OPS:
            asked = {"state": state.value, "after": after, "limit": HARD_OPS - len(rows)}
            rows += connection.execute(_NEXT, asked).all()
    rows = _cut(rows, most)
    if not rows:
        return None
    return Outgoing(rows, wire.encode(wire.RawPush(device, _numbered(connection, rows))))


def everything(connection: Connection, most_bytes: int) -> tuple[list[wire.RawOp], int]:
    """All operations that wait, in order, numbered and marked as being sent, and how many more there are:
    past a size it ends at the border of a group."""
    rows: list[Any] = []
    for state in (OpState.SENDING, OpState.QUEUED):
        rows += connection.execute(_NEXT, {"state": state.value, "after": 0, "limit": -1})
    size, border = 0, 0
    for index, row in enumerate(rows):
        if index and row.group_id != rows[index - 1].group_id:
            border = index
        size += len(row.fields) + len(row.base) + 400
        if size > most_bytes and border:
            return _numbered(connection, rows[:border]), len(rows) - border
    return (_numbered(connection, rows) if rows else []), 0


def _numbered(connection: Connection, rows: Sequence[Any]) -> list[wire.RawOp]:
    """The operations of rows; those that have no number yet get the next ones."""
    last = int(get_meta(connection, DSEQ, 0))
    ops = []
    fresh = []
    again = []
    for row in rows:
        dseq = row.dseq
        if dseq is None:
            last += 1
            dseq = last
            fresh.append(row.n)
        else:
            again.append((row.n,))
        ops.append(_operation(row, dseq))
    if again:
        connection.exec_driver_sql("UPDATE outbox SET attempts = attempts + 1 WHERE n = ?", again)
    if fresh:
        _number(connection, fresh, last)
    return ops


def _number(connection: Connection, fresh: list[int], last: int) -> None:
    """Gives operations their numbers, up to `last`, and marks them as being sent."""
    first, end = fresh[0], fresh[-1]
    if end - first + 1 == len(fresh):  # one after the other in the table, as nearly always
        connection.exec_driver_sql(
            "UPDATE outbox SET dseq = n + ?, state = 'sending', attempts = attempts + 1"
            " WHERE n BETWEEN ? AND ?",
            (last - end, first, end),
        )
    else:
        connection.exec_driver_sql(
            "UPDATE outbox SET dseq = ?, state = 'sending', attempts = attempts + 1 WHERE n = ?",
            list(zip(range(last - len(fresh) + 1, last + 1), fresh, strict=True)),
        )
    set_meta(connection, DSEQ, last)


def split(outgoing: Outgoing, device: str, connection: Connection) -> list[Outgoing]:
    """The batch as two halves, each numbered as before: to find the one that spoils it."""
    numbers = dict(
        connection.execute(
            select(OutboxOp.n, OutboxOp.dseq).where(OutboxOp.n.in_([row.n for row in outgoing.rows]))
        ).all()
    )
    middle = len(outgoing.rows) // 2
    halves = (outgoing.rows[:middle], outgoing.rows[middle:])
    return [
        Outgoing(
            half,
            wire.encode(wire.RawPush(device, [_operation(row, int(numbers[row.n] or 0)) for row in half])),
        )
        for half in halves
    ]


def void(outgoing: Outgoing, device: str, connection: Connection) -> Outgoing:
    """The one operation of a batch as an empty one of the same id and number: it cannot be read by the
    server in any form, and those after it must not wait for ever. What it held stays in the outbox."""
    row = outgoing.rows[0]
    dseq = connection.execute(select(OutboxOp.dseq).where(OutboxOp.n == row.n)).scalar_one()
    op = _operation(row, int(dseq or 0))
    op.kind, op.f, op.b, op.label, op.name = wire.Kind.VOID, Raw(b"{}"), Raw(b"{}"), "", ""
    return Outgoing(outgoing.rows, wire.encode(wire.RawPush(device, [op])))


def take_answer(connection: Connection, outgoing: Outgoing, answer: wire.PushAnswer, now: datetime) -> Tally:
    """Writes down what the server said of each operation; records of refused ones go back to its state."""
    tally = Tally()
    at = _MOMENT.to_wire(now)
    if _all_applied(connection, outgoing.rows, answer.results, at):
        tally.accepted = len(outgoing.rows)
        return tally
    results = {result.op: result for result in answer.results}
    written = []
    back: list[tuple[str, str]] = []
    for row in outgoing.rows:
        result = results.get(row.op_id)
        if result is None or result.status == Status.RETRY:
            tally.later += 1
            continue
        status = result.was if result.status == Status.DUPLICATE else result.status
        state = _state_after(status or "", tally)
        if state in (OpState.REJECTED, OpState.BLOCKED):
            back.append((row.type, row.record_id))
        written.append(
            (state.value, result.seq, result.scope or row.scope, wire.encode(result).decode(), at, row.n)
        )
    if written:
        connection.exec_driver_sql(
            "UPDATE outbox SET state = ?, server_seq = ?, server_scope = ?, result = ?, answered_at = ?"
            " WHERE n = ? AND state = 'sending'",
            written,
        )
    for type_name, record_id in dict.fromkeys(back):
        if type_name in record_types():
            rebase(connection, type_name, record_id, now)
    tally.changed = Changed(frozenset(t for t, _ in back), frozenset(i for _, i in back))
    return tally


def _all_applied(
    connection: Connection, rows: Sequence[Any], results: Sequence[wire.Result], at: str
) -> bool:
    """Writes the answers down in one statement where all were applied as first versions and stand in the log
    one after the other, as they do in the outbox: the many of an import. Returns whether that was so."""
    if not results or results[0].seq is None or rows[-1].n - rows[0].n + 1 != len(rows):
        return False
    ahead = results[0].seq - rows[0].n
    applied = Status.APPLIED.value
    if results != [wire.Result(row.op_id, applied, row.n + ahead, 1) for row in rows]:
        return False
    connection.exec_driver_sql(
        "UPDATE outbox SET state = 'acked', server_seq = n + :ahead, server_scope = scope,"
        " answered_at = :at, result ="
        """ '{"op":"' || op_id || '","status":"applied","seq":' || (n + :ahead) || ',"ver":1}'"""
        " WHERE n BETWEEN :first AND :last AND state = 'sending'",
        {"ahead": ahead, "at": at, "first": rows[0].n, "last": rows[-1].n},
    )
    return True


def _state_after(status: str, tally: Tally) -> OpState:
    if status in GOOD:
        tally.accepted += 1
        tally.merged += status == Status.MERGED
        tally.conflicts += status == Status.CONFLICT
        return OpState.ACKED
    if status == Status.BLOCKED:
        tally.blocked += 1
        return OpState.BLOCKED
    tally.rejected += 1
    return OpState.REJECTED


def _cut(rows: list[Any], most: int) -> list[Any]:
    """The rows up to the first group border past the soft limits, or up to the hard ones."""
    if len({row[3] for row in rows}) == 1 and _size(rows) <= HARD_BYTES:
        return rows  # one act, as an import is
    size = 0
    for index, row in enumerate(rows):
        border = index > 0 and row.group_id != rows[index - 1].group_id
        if border and (index >= most or size >= BATCH_BYTES):
            return rows[:index]
        size += len(row.fields) + len(row.base) + 400
        if index > 0 and (index >= HARD_OPS or size > HARD_BYTES):
            return rows[:index]
    if len(rows) == HARD_OPS:  # the last group may go on in the table: leave it for the next batch
        first = next(i for i, row in enumerate(rows) if row.group_id == rows[-1].group_id)
        return rows[:first] or rows
    return rows


def _size(rows: Sequence[Any]) -> int:
    """About how many bytes the operations of these rows are on the wire."""
    return sum(len(row[9]) + len(row[10]) for row in rows) + 400 * len(rows)


def _operation(row: Any, dseq: int) -> wire.RawOp:
    # fmt: off
    (_, op_id, _, group, type_name, record_id, scope, kind, base_version, fields, base, label, hlc, at,
     author_id, author_name, resolves) = row  # taken apart at once: by name, each would be looked up
    # fmt: on
    return wire.RawOp(
        op=op_id,
        dseq=dseq,
        group=group,
        t=type_name,
        id=record_id,
        scope=scope,
        kind=kind,
        base=base_version,
        hlc=hlc,
        at=at,
        author=author_id,
        name=author_name,
        label=label,
        resolves=None if resolves is None else wire.decode_resolves(resolves),
        f=Raw(fields.encode()),
        b=Raw(base.encode()),
    )
