"""The ways out of what a sync could not do: giving an act up, or settling a conflict. Offline too."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.base import fields_of, record_types
from models.changes import Changed, changed_of
from models.errors import HoldallError
from models.outbox import Conflict, OpState, OutboxOp
from models.replay import rebase
from models.types import from_wire
from ui.sync_items import Refused, field_words

Choice = Literal["keep", "take", "custom"]

_REASONS = {
    "taken": ("it was already taken", "Somebody else took it first."),
    "frozen": ("what it belongs to is closed", "It was closed before your change arrived."),
    "stale_state": ("it had moved on", "Somebody else moved it on before your change arrived."),
    "second_person": ("it needs a second person", "The same person cannot do both steps."),
    "written_once": ("this was written before", "It can be written once only, and somebody did."),
    "record_deleted": ("it was removed", "Somebody removed it before your change arrived."),
    "forbidden": ("you may not change this", "Your role does not allow it, or no longer does."),
    "scope_left": ("it belongs to another team now", "You left the team, or the record did."),
    "unknown_type": ("the server does not know this kind of record", "It needs an update first."),
    "schema_too_new": ("the server is older than this Holdall", "It needs an update first."),
    "payload_too_large": ("it is too large to send", "Make it smaller, then try again."),
    "dependency_rejected": ("what it builds on was refused", "Settle that one first."),
    "quota": ("the council’s room on the server is full", "Tell your Holdall administrator."),
    "blob_missing": ("a picture of it has not arrived", "It is sent again with the next sync."),
    "validation": ("the server could not accept it", "Something in it does not fit the rules."),
}


@dataclass(frozen=True)
class Way:
    """One way out: the button's words, the act's label for undo and history, and the act."""

    words: str
    label: str
    work: Callable[[Session], Changed]


class Acts:
    """What the sync panel can do about refused acts and open conflicts."""

    def reason(self, item: Refused) -> tuple[str, str]:
        """A title and a sentence for a refusal."""
        title, words = _REASONS.get(item.code, _REASONS["validation"])
        said = [f"{item.label}: {item.title}." if item.label else f"{item.title}.", words]
        detail = item.detail
        if item.code == "taken" and "left" in detail:
            said.append(f"{detail['left']} is left, {detail.get('wanted', 'more')} was asked for.")
        if item.code in ("validation", "written_once") and "field" in detail:
            said.append(f"It is about the {field_words(str(detail['field']))}.")
        said.append("Yours is kept here and changes nothing until you choose.")
        return f"Refused: {title}", " ".join(said)

    def ways_out(self, item: Refused) -> list[Way]:
        """What a person can do about a refusal, the likeliest first."""
        return [
            Way(
                "Give mine up",
                f"Give up: {item.label or item.title}",
                lambda session: give_up(session, item.op_id),
            )
        ]

    def settle(self, session: Session, conflict_id: str, choice: Choice, text: str | None) -> Changed:
        """Settles a conflict on this copy; the next sync tells the server."""
        return settle(session, conflict_id, choice, text)


def give_up(session: Session, op_id: str) -> Changed:
    """Withdraws a refused operation and all of its act, and shows the server's state of its records."""
    first = session.scalar(select(OutboxOp).where(OutboxOp.op_id == op_id))
    if first is None:
        raise HoldallError("That was settled already.", "Look at the list again.")
    refused = [OpState.REJECTED.value, OpState.BLOCKED.value]
    group = select(OutboxOp).where(OutboxOp.group_id == first.group_id, OutboxOp.state.in_(refused))
    ops = list(session.scalars(group.order_by(OutboxOp.n)))
    for op in ops:
        op.state = OpState.WITHDRAWN.value
    session.flush()
    for key in {(op.type, op.record_id) for op in ops}:
        rebase(session.connection(), *key, session.info["now"])
    return changed_of(ops)


def settle(session: Session, conflict_id: str, choice: Choice, text: str | None = None) -> Changed:
    """Settles an open conflict: keep what stands, take the other value, or write `text` in place of both.

    Raises HoldallError when it was settled meanwhile, or its record is gone.
    """
    conflict = session.get(Conflict, conflict_id)
    if conflict is None or conflict.status != "open":
        raise HoldallError("This was settled meanwhile.", "Look at the list again.")
    record = session.get(record_types()[conflict.type], conflict.record_id)
    if record is None:
        raise HoldallError("The record of this conflict is gone.", "Sync, then look again.")
    value = {"keep": conflict.kept_value, "take": conflict.other_value, "custom": text}[choice]
    column = fields_of(conflict.type)[conflict.field]
    if choice != "keep":
        setattr(record, conflict.field, from_wire(column.type, value))
    conflict.status, conflict.resolution = "resolved", choice
    conflict.resolved_by = session.info["author"].name
    return Changed.of(record)
