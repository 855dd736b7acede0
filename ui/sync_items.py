"""What the sync panel shows at one moment, and how values of records are written in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models import blobs
from models.base import fields_of, record_types
from models.outbox import History, OpState, OutboxOp
from models.types import Pence
from sync import desk

_SENT = (OpState.ACKED.value, OpState.SETTLED.value, OpState.CONFLICTED.value)


@dataclass(frozen=True)
class Overview:
    """Refused acts, conflicts to settle, conflicts the clock settled, acts waiting, and what came back.
    `files` wait to be sent; `stuck` names those that cannot be, each with the reason."""

    counts: desk.Counts
    refused: Sequence[desk.Refusal]
    to_settle: Sequence[desk.Clash]
    by_clock: Sequence[desk.Clash]
    waiting: Sequence[desk.Waiting]
    sent: int
    received: int
    files: int = 0
    stuck: Sequence[tuple[str, str]] = ()


def overview(session: Session, since: datetime) -> Overview:
    """What needs a person, what waits, and what came back since a moment."""
    sent = select(func.count()).where(OutboxOp.state.in_(_SENT), OutboxOp.answered_at >= since)
    received = select(func.count()).where(History.at >= since)
    return Overview(
        desk.counts(session),
        desk.refusals(session),
        desk.conflicts(session),
        desk.conflicts(session, "auto", 20),
        desk.waiting(session),
        session.scalar(sent) or 0,
        session.scalar(received) or 0,
        blobs.waiting(session.connection()),
        blobs.problems(session),
    )


def spoken(value: Any, type_name: str = "", field: str = "") -> str:
    """A wire value as a person reads it: money in pounds, lists with commas, "(nothing)" for none."""
    if value is None or value in ("", [], {}):
        return "(nothing)"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int) and _is_money(type_name, field):
        from app.wording import money

        return money(value)
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        if value.get("text"):
            return str(value["text"])
        return ", ".join(spoken(part) for key, part in value.items() if key not in ("id", "kind"))
    if isinstance(value, list | tuple):
        return ", ".join(spoken(part) for part in value)
    return str(value)


def _is_money(type_name: str, field: str) -> bool:
    if type_name not in record_types():
        return False
    column = fields_of(type_name).get(field)
    return column is not None and isinstance(column.type, Pence)


def field_words(name: str) -> str:
    """A column's name as words: "due_at" reads "due at"; the whole record and its removal by name."""
    if name == desk.WHOLE:
        return "record"
    if name == desk.TRASH:
        return "removal"
    return name.removesuffix("_id").removesuffix("_pence").removesuffix("_json").replace("_", " ")
