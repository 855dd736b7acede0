"""What the sync panel shows at one moment, and how values of records are written in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.wording import clock_time
from models import blobs
from models.arrivals import received_since
from models.base import fields_of, record_types
from models.outbox import OpState, OutboxOp, ScopeState
from models.types import Pence
from sync import carry, desk, ways_out
from sync.ways_out import Offer
from sync.words import field_words

__all__ = ["Overview", "field_words", "overview", "spoken"]
_SENT = (OpState.ACKED.value, OpState.SETTLED.value, OpState.CONFLICTED.value)


@dataclass(frozen=True)
class Overview:
    """Refused acts with their ways out, conflicts to settle, conflicts the clock settled, acts waiting, what
    came back, how far each scope is read, colleagues' courier files carried. `files` wait to be sent;
    `stuck` names those that cannot be, each with the reason."""

    counts: desk.Counts
    refused: Sequence[desk.Refusal]
    ways: Mapping[str, Sequence[Offer]]  # by the operation at fault
    to_settle: Sequence[desk.Clash]
    by_clock: Sequence[desk.Clash]
    waiting: Sequence[desk.Waiting]
    sent: int
    received: int
    receipts: Sequence[Receipt]
    carried: int
    files: int
    stuck: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Receipt:
    """Up to when this copy has all there is of a scope."""

    scope: str
    at: datetime

    def words(self, equal: bool | None) -> str:
        """The receipt as a sentence without its full stop; `equal`: this copy was found to be the
        server's."""
        ends = {True: ", equal to the server’s", False: ", but it differs from the server’s: tell IT"}
        until = clock_time(self.at)
        return f"{scope_words(self.scope)}: everything up to {until}{'' if equal is None else ends[equal]}"


def overview(session: Session, since: datetime) -> Overview:
    """What needs a person, what waits, and what came back since a moment."""
    sent = select(func.count()).where(OutboxOp.state.in_(_SENT), OutboxOp.answered_at >= since)
    refused = desk.refusals(session)
    return Overview(
        desk.counts(session),
        refused,
        {item.op_id: ways_out.offers(session, item) for item in refused},
        desk.conflicts(session),
        desk.conflicts(session, "auto", 20),
        desk.waiting(session),
        session.scalar(sent) or 0,
        received_since(session, since),
        _receipts(session),
        carry.carried_count(session.connection()),
        blobs.waiting(session.connection()),
        blobs.problems(session),
    )


def _receipts(session: Session) -> list[Receipt]:
    """One line for each scope that was ever read, this person's own last."""
    states = session.scalars(select(ScopeState).where(ScopeState.last_ok_at.is_not(None)))
    found = [Receipt(state.scope, state.last_ok_at) for state in states if state.last_ok_at]
    return sorted(found, key=lambda receipt: (receipt.scope.startswith("user:"), receipt.scope))


def scope_words(scope: str) -> str:
    """A scope as people name it: "The whole council", "Team north", "Venue library", "Only you"."""
    kind, _, name = scope.partition(":")
    if kind == "tenant":
        return "The whole council"
    if kind == "user":
        return "Only you"
    return f"{'Venue' if kind == 'site' else 'Team'} {name.removeprefix('team-').removeprefix('site-')}"


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
