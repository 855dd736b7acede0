"""What the sync panel shows, read from the outbox: refused, to settle, waiting, come back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.base import policy_of, record_types
from models.outbox import Conflict, History, OpState, OutboxOp, ScopeState, SearchDoc

LIMIT = 60
_WAITING = (OpState.QUEUED.value, OpState.SENDING.value)
_REFUSED = (OpState.REJECTED.value, OpState.BLOCKED.value)


@dataclass(frozen=True)
class Refused:
    """An act the server refused: what it was, why, and what the server said in full."""

    op_id: str
    type: str
    record_id: str
    title: str
    label: str
    code: str
    detail: Mapping[str, Any]
    blocked: bool
    at: datetime


@dataclass(frozen=True)
class ToSettle:
    """One field that two people changed apart: what it was, what each wrote, and what stands now."""

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


@dataclass(frozen=True)
class Waiting:
    """One act on its way: its words, its record, how many changes it holds."""

    type: str
    title: str
    label: str
    count: int
    at: datetime


@dataclass(frozen=True)
class Overview:
    """All that the panel shows, at one moment."""

    refused: Sequence[Refused] = ()
    to_settle: Sequence[ToSettle] = ()
    waiting: Sequence[Waiting] = ()
    waiting_count: int = 0
    refused_count: int = 0
    settle_count: int = 0
    sent: int = 0
    received: int = 0
    last_sync: datetime | None = None
    titles: Mapping[str, str] = field(default_factory=dict)


def counts(session: Session) -> tuple[int, int, int, datetime | None]:
    """Changes waiting, acts refused, conflicts open, last complete sync: cheap enough for every write."""
    waiting = session.scalar(select(func.count()).where(OutboxOp.state.in_(_WAITING))) or 0
    refused = session.scalar(
        select(func.count(func.distinct(OutboxOp.group_id))).where(OutboxOp.state == OpState.REJECTED.value)
    )
    settle = session.scalar(select(func.count()).where(Conflict.status == "open"))
    last = session.scalar(select(func.min(ScopeState.last_ok_at)))
    return waiting, refused or 0, settle or 0, last


def overview(session: Session, since: datetime) -> Overview:
    """What needs a person, what waits, and what came back since a moment."""
    waiting, refused, settle, last = counts(session)
    sent = session.scalar(
        select(func.count()).where(
            OutboxOp.state.in_([OpState.ACKED.value, OpState.SETTLED.value]), OutboxOp.answered_at >= since
        )
    )
    received = session.scalar(select(func.count()).where(History.at >= since))
    return Overview(
        refused=_refused(session),
        to_settle=_to_settle(session),
        waiting=_waiting(session),
        waiting_count=waiting,
        refused_count=refused,
        settle_count=settle,
        sent=sent or 0,
        received=received or 0,
        last_sync=last,
    )


def _refused(session: Session) -> list[Refused]:
    ops = session.scalars(
        select(OutboxOp).where(OutboxOp.state.in_(_REFUSED)).order_by(OutboxOp.n).limit(LIMIT)
    )
    found = []
    for op in ops:
        result = op.result or {}
        found.append(
            Refused(
                op.op_id,
                op.type,
                op.record_id,
                title_of(session, op.type, op.record_id),
                op.label,
                str(result.get("code") or "validation"),
                dict(result.get("detail") or {}),
                op.state == OpState.BLOCKED.value,
                op.at,
            )
        )
    return found


def _to_settle(session: Session) -> list[ToSettle]:
    rows = session.scalars(select(Conflict).where(Conflict.status == "open").limit(LIMIT))
    return [
        ToSettle(
            row.conflict_id,
            row.type,
            row.record_id,
            title_of(session, row.type, row.record_id),
            row.field,
            row.base_value,
            row.kept_value,
            row.other_value,
            row.kept_by,
            row.other_by,
            row.kept_at,
            row.other_at,
        )
        for row in rows
    ]


def _waiting(session: Session) -> list[Waiting]:
    first = func.min(OutboxOp.n)
    rows = session.execute(
        select(
            func.min(OutboxOp.type),
            func.min(OutboxOp.record_id),
            func.min(OutboxOp.label),
            func.count(),
            func.min(OutboxOp.at),
        )
        .where(OutboxOp.state.in_(_WAITING))
        .group_by(OutboxOp.group_id)
        .order_by(first)
        .limit(LIMIT)
    ).all()
    return [Waiting(t, title_of(session, t, r), label, n, at) for t, r, label, n, at in rows]


def title_of(session: Session, type_name: str, record_id: str) -> str:
    """What Find calls a record; what its type is called where Find does not know it."""
    found = session.scalar(
        select(SearchDoc.title).where(SearchDoc.type == type_name, SearchDoc.record_id == record_id)
    )
    if found:
        return str(found)
    return policy_of(type_name).title if type_name in record_types() else "A record"


def spoken(value: Any) -> str:
    """A wire value as a person reads it: text as it is, nothing for what is empty, lists with commas."""
    if value is None or value == "":
        return "(nothing)"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        words = value.get("text")
        return (
            str(words) if words else ", ".join(spoken(v) for k, v in value.items() if k not in ("id", "kind"))
        )
    if isinstance(value, list | tuple):
        return ", ".join(spoken(part) for part in value)
    return str(value)


def field_words(name: str) -> str:
    """A column's name as words: "due_at" reads "due at"."""
    return name.removesuffix("_id").removesuffix("_pence").replace("_", " ")
