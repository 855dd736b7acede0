"""The life of a record: every change of it that this copy knows of, whoever made it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.arrivals import Told
from models.outbox import OpState, OutboxOp


@dataclass(frozen=True)
class HistoryEntry:
    """One change in the life of a record: when, who, what kind, field -> new value, field -> value before."""

    at: datetime
    author_name: str
    kind: str
    label: str
    fields: Mapping[str, Any]
    base: Mapping[str, Any]
    state: str  # an OpState for a change made here, "received" for one that came in


def history_of(session: Session, type_name: str, record_id: str) -> list[HistoryEntry]:
    """Every change of a record that this copy knows of, oldest first; withdrawn ones are left out."""
    mine = session.scalars(
        select(OutboxOp).where(
            OutboxOp.type == type_name,
            OutboxOp.record_id == record_id,
            OutboxOp.state != OpState.WITHDRAWN.value,
        )
    )
    theirs = session.scalars(
        select(Told).where(Told.type == type_name, Told.record_id == record_id).order_by(Told.op_id)
    )
    entries = [HistoryEntry(o.at, o.author_name, o.kind, o.label, o.fields, o.base, o.state) for o in mine]
    entries += [HistoryEntry(h.at, h.author_name, h.kind, h.label, h.fields, h.base, h.state) for h in theirs]
    return sorted(entries, key=lambda entry: entry.at)
