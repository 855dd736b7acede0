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
from ui.sync_items import Refused

Choice = Literal["keep", "take", "custom"]


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
        from sync.words import refusal

        words = refusal(item.code, item.detail, item.type)
        act = f"{item.label}: {item.title}" if item.label else item.title
        kept = "Yours is kept here and changes nothing until you choose."
        return words.title, f"{act}. {words.advice} {kept}"

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
