"""The ways out of a refusal: for each code of the closed list what a person can do, and doing it.

The panel shows them as buttons, `holdall-cli refused` does them without a window. A way that changes
something is one act: it goes out with the next sync and Undo takes it back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.base import policy_of, record_types, table_of
from models.changes import Changed
from models.errors import HoldallError
from models.outbox import OutboxOp
from models.policy import Allocation
from sync import desk
from sync.wire import Code
from sync.words import field_words, title_of

OFFERED = 3  # other resources that are named


class Way(StrEnum):
    """What a person can do about a refusal. Those of `SCREEN` lead somewhere and change nothing."""

    INSTEAD = "instead"  # take another resource, which is named
    RETRY = "retry"  # send it again, with all that hangs on it
    RESTORE = "restore"  # bring the record back from the trash, then send again
    LET_GO = "let_go"  # withdraw it; the record stays as the server has it
    HAND_OVER = "hand_over"  # withdraw my step and leave the record to a colleague, as it is
    KEEP_THEIRS = "keep_theirs"  # withdraw mine, as theirs is written once
    OPEN = "open"  # see the record as it is now
    OPEN_FIELD = "open_field"  # at the field that was at fault
    OPEN_PARENT = "open_parent"  # what froze it
    OPEN_RESOURCE = "open_resource"  # what it takes from
    EXPORT = "export"  # the words of it in a file, for a lead; it stays


SCREEN = frozenset({Way.OPEN, Way.OPEN_FIELD, Way.OPEN_PARENT, Way.OPEN_RESOURCE, Way.EXPORT})

WAYS: Mapping[Code, tuple[Way, ...]] = {
    Code.TAKEN: (Way.INSTEAD, Way.OPEN_RESOURCE, Way.RETRY, Way.LET_GO),
    Code.TOO_LATE: (Way.OPEN_RESOURCE, Way.RETRY, Way.LET_GO),
    Code.FROZEN: (Way.OPEN_PARENT, Way.RETRY, Way.LET_GO),
    Code.STALE_STATE: (Way.OPEN, Way.LET_GO),
    Code.SECOND_PERSON: (Way.HAND_OVER, Way.OPEN),
    Code.WRITTEN_ONCE: (Way.KEEP_THEIRS, Way.OPEN),
    Code.RECORD_DELETED: (Way.RESTORE, Way.LET_GO),
    Code.FORBIDDEN: (Way.EXPORT, Way.RETRY, Way.LET_GO),
    Code.SCOPE_LEFT: (Way.EXPORT, Way.LET_GO),
    Code.VALIDATION: (Way.OPEN_FIELD, Way.RETRY, Way.LET_GO),
    Code.UNKNOWN_TYPE: (Way.RETRY, Way.EXPORT, Way.LET_GO),
    Code.SCHEMA_TOO_NEW: (Way.RETRY, Way.EXPORT, Way.LET_GO),
    Code.PAYLOAD_TOO_LARGE: (Way.OPEN, Way.EXPORT, Way.LET_GO),
    Code.DEPENDENCY_REJECTED: (Way.RETRY, Way.OPEN, Way.LET_GO),
    Code.QUOTA: (Way.RETRY, Way.EXPORT, Way.LET_GO),
    Code.BLOB_MISSING: (Way.RETRY, Way.OPEN, Way.LET_GO),
}
_UNKNOWN = (Way.RETRY, Way.EXPORT, Way.LET_GO)  # a code of a newer server

_WORDS: Mapping[Way, str] = {
    Way.RETRY: "Send it again",
    Way.RESTORE: "Bring it back and send again",
    Way.LET_GO: "Give mine up",
    Way.HAND_OVER: "Leave it to a colleague",
    Way.KEEP_THEIRS: "Keep theirs",
    Way.OPEN: "Look at it as it is now",
    Way.OPEN_FIELD: "Go to the {field}",
    Way.OPEN_PARENT: "Open the {parent}",
    Way.OPEN_RESOURCE: "Open the {resource}",
    Way.EXPORT: "Save it for your lead…",
}


@dataclass(frozen=True)
class Offer:
    """One way out of one refusal: the words of its button, and what it needs: where a screen goes (`type`,
    `id`, `field`), or which other resource is taken (`id`)."""

    way: Way
    words: str
    type: str = ""
    id: str = ""
    field: str = ""

    @property
    def key(self) -> str:
        """A name for the offer, unique among those of a refusal."""
        return f"{self.way}:{self.id}" if self.way is Way.INSTEAD else str(self.way)


def offers(session: Session, refusal: desk.Refusal) -> list[Offer]:
    """The ways out of a refusal, the likeliest first; ways that lead nowhere here are left out."""
    ways = WAYS[Code(refusal.code)] if refusal.code in set(Code) else _UNKNOWN
    if refusal.code == Code.DEPENDENCY_REJECTED:
        words = {Way.RETRY: "Send both again"}
    else:
        words = {}
    found: list[Offer] = []
    for way in ways:
        found += _offer(session, refusal, way, words.get(way, ""))
    return found


def take(session: Session, op_id: str, way: Way, other: str = "") -> Changed:
    """Takes a way out that changes something, inside the caller's write; `other` names the resource to take
    instead. Raises HoldallError when it is settled already or a rule forbids it; then nothing changes."""
    if way in (Way.LET_GO, Way.HAND_OVER, Way.KEEP_THEIRS):
        return desk.dismiss_rejected(session, op_id)
    if way is Way.RETRY:
        return desk.retry_rejected(session, op_id)
    if way is Way.RESTORE:
        return desk.retry_rejected(session, op_id, restore=_in_trash(session, op_id))
    if way is Way.INSTEAD:
        op = _op(session, op_id)
        allocation = _allocation(op.type)
        if allocation is None or not other:
            raise HoldallError("There is nothing to choose instead here.", "Look at the list again.")
        before = str(op.fields.get(allocation.resource_id) or "")
        return desk.retry_rejected(session, op_id, swap=(before, other))
    raise HoldallError("That way leads to a screen.", "Open it in the window.")


def alternatives(session: Session, type_name: str, used_up: str, wanted: int) -> list[tuple[str, str]]:
    """Resources with room for what is wanted, after the one that is used up, as far as this laptop knows:
    ids and what they are called. Empty where no other would do."""
    allocation = _allocation(type_name)
    if allocation is None or allocation.instead is None:
        return []
    resource, taker = table_of(allocation.resource), table_of(type_name)
    amount = func.count() if allocation.amount is None else func.sum(func.abs(taker.c[allocation.amount]))
    holding = [taker.c.deleted.is_(False)]
    holding += [taker.c[name].in_(values) for name, values in allocation.active.items()]
    named = taker.c[allocation.resource_id]
    taken = select(named.label("id"), amount.label("n")).where(*holding).group_by(named).subquery()
    order = [resource.c[name] for name in allocation.instead.order]
    after = session.execute(select(*order).where(resource.c.id == used_up)).first()
    where = [resource.c.deleted.is_(False), resource.c.id != used_up]
    where.append(func.abs(resource.c[allocation.limit]) - func.coalesce(taken.c.n, 0) >= wanted)
    if after is not None:
        where.append(_later(order, list(after)))
    statement = select(resource).outerjoin(taken, taken.c.id == resource.c.id).where(*where)
    rows = session.execute(statement.order_by(*order).limit(OFFERED)).mappings()
    return [(row["id"], ", ".join(_said(row[n]) for n in allocation.instead.words)) for row in rows]


# -- pieces ----------------------------------------------------------------------------------------


def _offer(session: Session, refusal: desk.Refusal, way: Way, words: str) -> list[Offer]:
    op = _op(session, refusal.op_id)
    detail: Mapping[str, Any] = (op.result or {}).get("detail") or {}
    words = words or _WORDS.get(way, "")
    if way is Way.INSTEAD:
        used_up = _named(op, detail, "resource")
        found = alternatives(session, op.type, used_up[1], int(detail.get("wanted") or 1))
        return [Offer(way, f"Ask for {called}", op.type, other) for other, called in found]
    if way in (Way.OPEN_PARENT, Way.OPEN_RESOURCE):
        kind = "parent" if way is Way.OPEN_PARENT else "resource"
        type_name, record_id = _named(op, detail, kind, session)
        if not record_id:
            return [Offer(Way.OPEN, _WORDS[Way.OPEN], op.type, op.record_id)]
        return [Offer(way, words.format(**{kind: title_of(type_name)}), type_name, record_id)]
    if way is Way.OPEN_FIELD:
        field = str(detail.get("field") or "")
        if not field:
            return [Offer(Way.OPEN, _WORDS[Way.OPEN], op.type, op.record_id)]
        return [Offer(way, words.format(field=field_words(field)), op.type, op.record_id, field)]
    return [Offer(way, words, op.type, op.record_id)]


def _named(
    op: OutboxOp, detail: Mapping[str, Any], kind: str, session: Session | None = None
) -> tuple[str, str]:
    """Type and id of the resource or parent that a refusal speaks of; the id is empty when it is unknown."""
    type_name = str(detail.get(kind) or "")
    if op.type not in record_types():
        return type_name, ""
    policy = policy_of(op.type)
    column = ""
    if kind == "resource" and policy.allocation is not None and policy.allocation.resource == type_name:
        column = policy.allocation.resource_id
    if kind == "parent" and policy.frozen_by is not None and policy.frozen_by.parent == type_name:
        column = policy.frozen_by.parent_id
    if not column:
        return type_name, op.record_id if type_name == op.type else ""
    found = op.fields.get(column)
    if found is None and session is not None:
        table = table_of(op.type)
        found = session.execute(select(table.c[column]).where(table.c.id == op.record_id)).scalar()
    return type_name, str(found or "")


def _in_trash(session: Session, op_id: str) -> tuple[str, str]:
    """The record that has to come back for an operation: its own, or the resource that it takes from."""
    op = _op(session, op_id)
    detail: Mapping[str, Any] = (op.result or {}).get("detail") or {}
    type_name, record_id = _named(op, detail, "resource", session)
    return (type_name, record_id) if record_id else (op.type, op.record_id)


def _allocation(type_name: str) -> Allocation | None:
    return policy_of(type_name).allocation if type_name in record_types() else None


def _op(session: Session, op_id: str) -> OutboxOp:
    op = session.scalar(select(OutboxOp).where(OutboxOp.op_id == op_id))
    if op is None:
        raise HoldallError("That change is not on this laptop.", "Look at the list again.")
    return op


def _later(order: Sequence[Any], values: Sequence[Any]) -> Any:
    """The condition that a row comes after given values in an order of several columns."""
    column, value = order[0], values[0]
    if len(order) == 1:
        return column > value
    return (column > value) | ((column == value) & _later(order[1:], values[1:]))


def _said(value: Any) -> str:
    return f"{value:%a} {value.day} {value:%b}" if isinstance(value, date) else str(value)
