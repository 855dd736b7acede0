"""What a person sees and decides about the sync: what waits, what was refused and why, what is in conflict.

Everything here works offline: a decision is one more operation that goes out with the next sync. Reading
functions take any session, acts take a write session and never commit.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import func, insert, or_, select
from sqlalchemy.orm import Session

from models.arrivals import Told
from models.base import Record, fields_of, policy_of, python_values, record_types, table_of, wire_body
from models.changes import Capture, Changed, changed_of, pending_count
from models.errors import HoldallError
from models.moving import move
from models.outbox import Conflict, OpKind, OpState, OutboxOp, ScopeState, SearchDoc, Shadow
from models.policy import Merge
from models.replay import rebase
from models.text_merge import Question, question
from models.types import from_wire, to_wire
from models.undo import done_again
from sync.outlook import Outlook, outlooks
from sync.wire import Code
from sync.words import TRASH, WHOLE, Sentence, field_words, refusal, title_of

Choice = Literal["keep", "take", "custom"]
MOST_LOOKED_AT = 2_000  # waiting operations that the outlook reads: an import has a hundred thousand
_REFUSED = (OpState.REJECTED.value, OpState.BLOCKED.value)
_WAITING = (OpState.QUEUED.value, OpState.SENDING.value)
_TAKEN_BACK = (*_REFUSED, OpState.WITHDRAWN.value)


@dataclass(frozen=True)
class Counts:
    """The sync at a glance."""

    waiting: int
    refused: int
    conflicts: int
    last_ok_at: datetime | None


@dataclass(frozen=True)
class Waiting:
    """One act on its way: its words, its first record, how many operations it holds."""

    group_id: str
    label: str
    type: str
    record_id: str
    title: str
    count: int
    at: datetime
    sent: bool  # sent without an answer so far
    outlook: Outlook  # what may become of it


@dataclass(frozen=True)
class Refusal:
    """One act that the server refused. `op_id` is the operation that was at fault, `sentence` says why,
    `values` holds every value of the act (record title, field, wire value), so that nothing is lost."""

    op_id: str
    group_id: str
    label: str
    type: str
    record_id: str
    title: str
    code: str
    sentence: Sentence
    at: datetime
    values: Sequence[tuple[str, str, Any]]
    by: str = ""  # the colleague who was there first, as far as this copy knows
    by_at: datetime | None = None


@dataclass(frozen=True)
class Clash:
    """One field that two people changed apart; values in wire form. The field "*" stands for a whole
    sealed record, "deleted" for a change that met a deletion."""

    conflict_id: str
    type: str
    record_id: str
    title: str
    field: str
    base: Any
    kept: Any
    other: Any
    kept_by: str
    other_by: str
    kept_at: datetime | None
    other_at: datetime | None
    status: str  # open: waits for a choice; auto: the later writer stands, the other may still be taken
    question: Question | None = None  # of running text: the sentences in question, and the rest


def counts(session: Session) -> Counts:
    """Operations waiting, acts refused, conflicts open, last complete sync."""
    refused = session.scalar(
        select(func.count(func.distinct(OutboxOp.group_id))).where(OutboxOp.state.in_(_REFUSED))
    )
    conflicts = session.scalar(select(func.count()).select_from(Conflict).where(*_still("open")))
    last = session.scalar(select(func.min(ScopeState.last_ok_at)))
    return Counts(pending_count(session), refused or 0, conflicts or 0, last)


def waiting(session: Session, limit: int = 60) -> list[Waiting]:
    """The acts that wait, oldest first."""
    first = func.min(OutboxOp.n)
    groups = session.execute(
        select(OutboxOp.group_id, first, func.count())
        .where(OutboxOp.state.in_(_WAITING))
        .group_by(OutboxOp.group_id)
        .order_by(first)
        .limit(limit)
    ).all()
    seen = outlooks(_waiting_ops(session, [row[0] for row in groups]))
    found = []
    for group_id, n, count in groups:
        op = session.get_one(OutboxOp, n)
        title = record_title(session, op.type, op.record_id)
        sent = op.state == OpState.SENDING.value
        found.append(
            Waiting(
                group_id,
                op.label,
                op.type,
                op.record_id,
                title,
                count,
                op.at,
                sent,
                seen.get(group_id, Outlook.SERVER),
            )
        )
    return found


def refusals(session: Session, limit: int = 60) -> list[Refusal]:
    """The acts that were refused, oldest first."""
    ops = session.scalars(select(OutboxOp).where(OutboxOp.state.in_(_REFUSED)).order_by(OutboxOp.n))
    groups: dict[str, list[OutboxOp]] = {}
    for op in ops:
        if op.group_id not in groups and len(groups) == limit:
            break
        groups.setdefault(op.group_id, []).append(op)
    return [_refusal(session, members) for members in groups.values()]


def conflicts(session: Session, status: Literal["open", "auto"] = "open", limit: int = 60) -> list[Clash]:
    """The conflicts that wait for a choice (or those that the clock settled), oldest first."""
    rows = session.scalars(
        select(Conflict).where(*_still(status)).order_by(Conflict.conflict_id).limit(limit)
    )
    return [_clash(session, row) for row in rows]


def export_refused(session: Session, op_id: str | None = None) -> list[dict[str, Any]]:
    """Everything that was refused (or the act of one operation), with its values, as JSON-ready documents."""
    statement = select(OutboxOp).where(OutboxOp.state.in_(_REFUSED))
    if op_id is not None:
        group = select(OutboxOp.group_id).where(OutboxOp.op_id == op_id).scalar_subquery()
        statement = statement.where(OutboxOp.group_id == group)
    ops = session.scalars(statement.order_by(OutboxOp.n))
    return [
        {
            "type": op.type,
            "id": op.record_id,
            "kind": op.kind,
            "act": op.label,
            "by": op.author_name,
            "at": to_wire(OutboxOp.__table__.c.at.type, op.at),
            "fields": op.fields,
            "answer": op.result,
        }
        for op in ops
    ]


def in_words(entry: Mapping[str, Any]) -> str:
    """One document of `export_refused` as a person reads it."""
    answer: Mapping[str, Any] = entry["answer"] or {}
    why = refusal(answer.get("code"), answer.get("detail"), entry["type"])
    lines = [f"{entry['act'] or entry['kind']} ({title_of(entry['type'])}, {entry['id']})"]
    lines.append(f"{entry['by']}, {entry['at']}")
    lines += [f"{field_words(name)}: {_plainly(value)}" for name, value in entry["fields"].items()]
    return "\n".join([*lines, why.title, why.advice])


def _plainly(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def resolve_conflict(session: Session, conflict_id: str, choice: Choice, value: Any = None) -> Changed:
    """Settles a conflict here and now: keep what stands, take the other value, or write a third one
    (`value`, wire form). The choice is an operation; undo takes it back while it is not sent.

    Raises HoldallError when it is settled already, when the record is gone, or for a value that no such
    field holds.
    """
    row = session.get(Conflict, conflict_id)
    if row is None or row.status not in ("open", "auto") or _settled_here(session, row):
        raise HoldallError("This was settled meanwhile.", "Look at the list again.")
    record = session.get(record_types()[row.type], row.record_id) if row.type in record_types() else None
    if record is None:
        raise HoldallError("The record of this conflict is not here any more.", "Sync, then look again.")
    _check_settler(session, record)
    chosen = {"keep": row.kept_value, "take": row.other_value, "custom": value}[choice]
    kind, fields, base = _resolution(record, row, chosen)
    op_id = _write_op(session, record, kind, fields, base, {"conflict": conflict_id, "choice": choice})
    row.resolved_op, row.resolution = op_id, choice
    session.flush()
    return Changed.of(record)


def dismiss_rejected(session: Session, op_id: str) -> Changed:
    """Gives a refused act up: its operations are withdrawn (with all that hangs on them), and the records
    stay as the server has them. The values stay in the history of this laptop."""
    ops = _bundle(session, op_id)
    _withdraw(session, ops)
    return changed_of(ops)


def retry_rejected(
    session: Session,
    op_id: str,
    restore: tuple[str, str] | None = None,
    swap: tuple[str, str] | None = None,
) -> Changed:
    """Does a refused act again on what the server has now, as new operations, with all that hangs on it.

    `restore` is a record (type, id) that is brought back from the trash before; `swap` puts one id in the
    place of another wherever the act names it. Raises HoldallError when a rule forbids it here already;
    then nothing has changed.
    """
    ops = _bundle(session, op_id, upward=True)
    _withdraw(session, ops)
    if restore is not None:
        _restore(session, *restore)
    for op in ops:
        _repeat(session, op, swap)
    session.flush()
    return changed_of(ops)


def record_title(session: Session, type_name: str, record_id: str) -> str:
    """What Find calls a record; else what its kind is called."""
    found = session.scalar(
        select(SearchDoc.title).where(SearchDoc.type == type_name, SearchDoc.record_id == record_id)
    )
    return str(found) if found else title_of(type_name)


def _waiting_ops(session: Session, groups: Sequence[str]) -> list[Any]:
    """The operations of some acts in order, a limited number of each: what they write, not all they hold."""
    columns = (OutboxOp.group_id, OutboxOp.type, OutboxOp.record_id, OutboxOp.kind, OutboxOp.fields)
    statement = select(*columns).where(OutboxOp.group_id.in_(groups), OutboxOp.state.in_(_WAITING))
    return list(session.execute(statement.order_by(OutboxOp.n).limit(MOST_LOOKED_AT)))


# -- pieces ----------------------------------------------------------------------------------------


def _still(status: str) -> list[Any]:
    """The conditions for a conflict that nobody here has decided (or whose decision came to nothing)."""
    undone = select(OutboxOp.op_id).where(OutboxOp.state.in_(_TAKEN_BACK))
    return [Conflict.status == status, or_(Conflict.resolved_op.is_(None), Conflict.resolved_op.in_(undone))]


def _check_settler(session: Session, record: Record) -> None:
    policy, capture = record.__policy__, session.info["capture"]
    if policy.settle_roles and not policy.settle_roles & capture.author.roles:
        needed = " or ".join(sorted(policy.settle_roles))
        raise HoldallError(
            f"Settling this {policy.title} needs the role {needed}.", "Ask somebody who has it."
        )


def _settled_here(session: Session, row: Conflict) -> bool:
    if row.resolved_op is None:
        return False
    state = session.scalar(select(OutboxOp.state).where(OutboxOp.op_id == row.resolved_op))
    return state is not None and state not in _TAKEN_BACK


def _refusal(session: Session, ops: Sequence[OutboxOp]) -> Refusal:
    first = next((op for op in ops if op.state == OpState.REJECTED.value), ops[0])
    answer: Mapping[str, Any] = first.result or {}
    code = str(answer.get("code") or "")
    values = [
        (record_title(session, op.type, op.record_id), name, value)
        for op in ops
        for name, value in op.fields.items()
        if name != "created_at"
    ]
    return Refusal(
        first.op_id,
        first.group_id,
        first.label,
        first.type,
        first.record_id,
        _title_in(session, first),
        code,
        refusal(code, answer.get("detail"), first.type),
        first.at,
        values,
        *_who(session, first, code),
    )


def _who(session: Session, op: OutboxOp, code: str) -> tuple[str, datetime | None]:
    """Who came first where a colleague's change stands against this one, and when."""
    if op.type not in record_types() or code not in (Code.TAKEN, Code.STALE_STATE, Code.WRITTEN_ONCE):
        return "", None
    statement = select(Told.author_name, Told.at).where(Told.type == op.type)
    allocation = policy_of(op.type).allocation
    if code == Code.TAKEN:
        if allocation is None:
            return "", None
        taker = table_of(op.type)
        resource_id = op.fields.get(allocation.resource_id)
        holders = select(taker.c.id).where(taker.c[allocation.resource_id] == resource_id)
        statement = statement.where(Told.record_id.in_(holders), Told.record_id != op.record_id)
    else:
        field = str(((op.result or {}).get("detail") or {}).get("field") or "")
        statement = statement.where(
            Told.record_id == op.record_id, func.json_type(Told.fields, f'$."{field}"').is_not(None)
        )
    row = session.execute(statement.order_by(Told.at.desc()).limit(1)).first()
    return (row.author_name, row.at) if row is not None else ("", None)


def _title_in(session: Session, op: OutboxOp) -> str:
    """The title of a record, from the refused values themselves when it never came to be."""
    if op.type in record_types():
        search = policy_of(op.type).search
        value = op.fields.get(search.title) if search is not None else None
        if isinstance(value, str) and value:
            return value
    return record_title(session, op.type, op.record_id)


def _clash(session: Session, row: Conflict) -> Clash:
    return Clash(
        row.conflict_id,
        row.type,
        row.record_id,
        record_title(session, row.type, row.record_id),
        row.field,
        row.base_value,
        row.kept_value,
        row.other_value,
        row.kept_by,
        row.other_by,
        row.kept_at,
        row.other_at,
        row.status,
        _question(row),
    )


def _question(row: Conflict) -> Question | None:
    if row.type not in record_types() or policy_of(row.type).merge_of(row.field) is not Merge.TEXT:
        return None
    return question(row.base_value, row.kept_value, row.other_value)


def _resolution(record: Record, row: Conflict, chosen: Any) -> tuple[OpKind, dict[str, Any], dict[str, Any]]:
    """The operation that a choice comes to: kind, fields, base."""
    if row.field == WHOLE:
        return OpKind.SEALED, dict(chosen), dict(row.kept_value)
    if row.field == TRASH:
        if chosen:
            return OpKind.DELETE, {}, {}
        return (OpKind.RESTORE if record.deleted else OpKind.PATCH), {}, {}
    column = fields_of(row.type).get(row.field)
    if column is None:
        raise HoldallError("This Holdall does not know that field.", "Update Holdall, then settle it.")
    try:
        wired = to_wire(column.type, from_wire(column.type, chosen))
    except (TypeError, ValueError) as error:
        raise HoldallError(f"That does not fit here: {error}.", "Write it in another form.") from error
    return OpKind.PATCH, {row.field: wired}, {row.field: row.kept_value}


def _write_op(
    session: Session,
    record: Record,
    kind: OpKind,
    fields: dict[str, Any],
    base: dict[str, Any],
    resolves: dict[str, str],
) -> str:
    """Leaves one operation that names the conflict it settles, and shows its outcome here."""
    capture: Capture = session.info["capture"]
    session.flush()
    connection = session.connection()
    type_name = record.__tablename__
    if record.version > 0 and session.get(Shadow, (type_name, record.id)) is None:
        connection.execute(
            insert(Shadow).values(
                type=type_name,
                record_id=record.id,
                version=record.version,
                deleted=record.deleted,
                scope=record.scope,
                body={name: value for name, value in wire_body(record).items() if value is not None},
            )
        )
    row = capture.row(type_name, record.id, record.scope, kind, record.version, fields, base)
    connection.execute(insert(OutboxOp).values(**row, resolves=resolves))
    capture.count += 1
    rebase(connection, type_name, record.id, capture.now)
    session.refresh(record)
    return str(row["op_id"])


def _bundle(session: Session, op_id: str, upward: bool = False) -> list[OutboxOp]:
    """The refused act of an operation and every refused one that hangs on its records; `upward`: where it
    was only blocked, the refused one that it hangs on too; oldest first."""
    first = session.scalar(select(OutboxOp).where(OutboxOp.op_id == op_id))
    if first is None or first.state not in _REFUSED:
        raise HoldallError("That was settled already.", "Look at the list again.")
    refused = list(session.scalars(select(OutboxOp).where(OutboxOp.state.in_(_REFUSED)).order_by(OutboxOp.n)))
    groups = {first.group_id}
    while True:
        inside = [op for op in refused if op.group_id in groups]
        records = {(op.type, op.record_id) for op in inside}
        more = {
            op.group_id
            for op in refused
            if op.state == OpState.BLOCKED.value and (op.type, op.record_id) in records
        }
        if upward and all(op.state == OpState.BLOCKED.value for op in inside):
            named = {op.record_id for op in inside}
            named.update(value for op in inside for value in op.fields.values() if isinstance(value, str))
            more |= {op.group_id for op in refused if op.record_id in named}
        if more <= groups:
            return inside
        groups |= more


def _withdraw(session: Session, ops: Sequence[OutboxOp]) -> None:
    for op in ops:
        op.state = OpState.WITHDRAWN.value
    session.flush()


def _restore(session: Session, type_name: str, record_id: str) -> None:
    """Takes a record out of the trash."""
    record = session.get(record_types()[type_name], record_id) if type_name in record_types() else None
    if record is None:
        raise HoldallError("That record is not here any more.", "Let the change go, or export it.")
    record.deleted = False
    session.flush()


def _swapped(value: Any, swap: tuple[str, str] | None) -> Any:
    """A wire value with one id in the place of another, also within a list, where each stands once."""
    if swap is None:
        return value
    if value == swap[0]:
        return swap[1]
    if isinstance(value, list) and swap[0] in value:
        return list(dict.fromkeys(swap[1] if item == swap[0] else item for item in value))
    return value


def _repeat(session: Session, op: OutboxOp, swap: tuple[str, str] | None = None) -> None:
    """Does one refused operation again through the session, so that capture and policy see it."""
    if op.type not in record_types():
        raise HoldallError("This Holdall does not know that kind of record any more.", "Update Holdall.")
    if op.resolves is not None:
        resolve_conflict(session, op.resolves["conflict"], "custom", next(iter(op.fields.values()), None))
        return
    model = record_types()[op.type]
    record = session.get(model, op.record_id)
    again = done_again(record, op).items()
    values = python_values(op.type, {name: _swapped(value, swap) for name, value in again})
    if record is None:
        if op.kind not in (OpKind.CREATE.value, OpKind.SEALED.value):
            raise HoldallError("The record of this change is not here any more.", "Let the change go.")
        session.add(model(id=op.record_id, scope=op.scope, **values))
        return
    if op.kind == OpKind.MOVE.value:
        move(session, record, str(op.fields["scope"]))
        return
    if op.kind in (OpKind.DELETE.value, OpKind.RESTORE.value):
        record.deleted = op.kind == OpKind.DELETE.value
    for name, value in values.items():
        if name != "created_at":
            setattr(record, name, value)
