"""App-wide undo and redo: an unsent act is withdrawn, a sent one is answered by its inverse."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models.base import Record, fields_of, python_values, record_types, wire_body
from models.changes import Author, Capture, Changed, changed_of
from models.errors import HoldallError
from models.moving import move
from models.outbox import Action, OpKind, OpState, OutboxOp
from models.policy import Merge
from models.replay import rebase, replayed

JOINED = (Merge.TEXT, Merge.DELTA, Merge.SET)  # a change of these is taken back, not the value that was


def undo_label(session: Session, author: Author) -> str | None:
    """What Undo would take back, in the words it was done under; None when there is nothing."""
    action = _top(session, author)
    return action.label if action else None


def redo_label(session: Session, author: Author) -> str | None:
    """What Redo would do again; None when there is nothing."""
    action = _undone(session, author)
    return action.label if action else None


def undo(session: Session) -> Changed:
    """Takes back the author's last act on this laptop, inside the caller's write.

    Operations that were never sent are withdrawn and the records become what they were before. When any
    of them has left the laptop, the inverse is written as new operations; raises HoldallError where the
    policy has no way back (an approval by somebody else, say), and then nothing has changed.
    """
    capture: Capture = session.info["capture"]
    action = _top(session, capture.author)
    if action is None:
        raise HoldallError("There is nothing to undo.", "Every act since the start is as you left it.")
    capture.kind, capture.of = "undo", action.group_id
    action.state = "undone"
    ops = _ops(session, action.group_id)
    if all(op.state == OpState.QUEUED.value and op.dseq is None for op in ops):
        session.flush()
        connection = session.connection()
        connection.execute(
            update(OutboxOp)
            .where(OutboxOp.group_id == action.group_id)
            .values(state=OpState.WITHDRAWN.value, answered_at=capture.now)
        )
        for op in reversed(ops):
            rebase(connection, op.type, op.record_id, capture.now)
        session.expire_all()
    else:
        for op in reversed(ops):
            _invert(session, op)
    return changed_of(ops)


def redo(session: Session) -> Changed:
    """Does the author's last undone act again, as new operations, inside the caller's write."""
    capture: Capture = session.info["capture"]
    action = _undone(session, capture.author)
    if action is None:
        raise HoldallError("There is nothing to do again.", "Redo follows an Undo.")
    capture.kind, capture.of = "redo", action.group_id
    capture.label = action.label
    action.state = "gone"
    ops = _ops(session, action.group_id)
    for op in ops:
        _repeat(session, op)
    return changed_of(ops)


def _top(session: Session, author: Author) -> Action | None:
    statement = select(Action).where(Action.state == "done", Action.author_id == author.user_id)
    return session.scalars(statement.order_by(Action.n.desc()).limit(1)).first()


def _undone(session: Session, author: Author) -> Action | None:
    statement = select(Action).where(Action.state == "undone", Action.author_id == author.user_id)
    return session.scalars(statement.order_by(Action.n.asc()).limit(1)).first()


def _ops(session: Session, group_id: str) -> list[OutboxOp]:
    statement = select(OutboxOp).where(OutboxOp.group_id == group_id).order_by(OutboxOp.n)
    return list(session.scalars(statement))


def _record(session: Session, op: OutboxOp) -> Record | None:
    return session.get(record_types()[op.type], op.record_id)


def _invert(session: Session, op: OutboxOp) -> None:
    """Writes the opposite of one sent operation through the session, so that capture and policy see it."""
    record = _record(session, op)
    if op.kind == OpKind.MOVE.value:
        _move_back(session, record, str(op.base["scope"]))
        return
    if record is None:
        return
    if op.kind == OpKind.CREATE.value or (op.kind == OpKind.SEALED.value and not op.base):
        record.deleted = True
        return
    if op.kind in (OpKind.DELETE.value, OpKind.RESTORE.value):
        record.deleted = op.kind == OpKind.RESTORE.value
    names = op.base if op.kind == OpKind.SEALED.value else op.fields
    before = {name: taken_back(record, op, name) for name in names}
    for name, value in python_values(op.type, before).items():
        setattr(record, name, value)


def _move_back(session: Session, record: Record | None, scope: str) -> None:
    if record is None:
        raise HoldallError("What you moved is not on this laptop any more.", "Ask those who have it now.")
    move(session, record, scope)


def taken_back(record: Record, op: OutboxOp, name: str) -> Any:
    """A field's wire value without what one operation did to it; what others wrote since stays in a text, a
    sum and a set."""
    policy, before = record.__policy__, op.base.get(name)
    if policy.merge_of(name) not in JOINED:
        return before
    return replayed(policy, name, wire_body(record)[name], op.fields.get(name), before)


def _repeat(session: Session, op: OutboxOp) -> None:
    """Does one operation again through the session."""
    record = _record(session, op)
    values = python_values(op.type, done_again(record, op))
    if record is None:
        if op.kind in (OpKind.CREATE.value, OpKind.SEALED.value):
            known = {name: values.get(name) for name in fields_of(op.type) if values.get(name) is not None}
            session.add(record_types()[op.type](id=op.record_id, scope=op.scope, **known))
        return
    if op.kind == OpKind.MOVE.value:
        move(session, record, str(op.fields["scope"]))
        return
    record.deleted = op.kind == OpKind.DELETE.value
    for name, value in values.items():
        setattr(record, name, value)


def done_again(record: Record | None, op: OutboxOp) -> dict[str, Any]:
    """The wire values of an operation on what the record holds now: a text, a sum and a set take the change,
    other fields the value."""
    if record is None:
        return dict(op.fields)
    policy, body = record.__policy__, wire_body(record)
    return {
        name: replayed(policy, name, body[name], op.base.get(name), value)
        if policy.merge_of(name) in JOINED and name in op.base
        else value
        for name, value in op.fields.items()
    }
