"""What an officer does with a statement as a whole: take it unproved, and leave words on what it holds."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import HoldallError, NotFound
from app.income.office.words import needed
from models.changes import Author, Changed
from models.income import BankLine, Note, Standing, Statement


def add_note(session: Session, account_id: str, subject_id: str, text: str) -> Changed:
    """Leave words on a bank line or a receipt. Raises HoldallError for an empty or endless note."""
    words = needed(text, "The note", "The note is empty.", "Write a sentence, then save it.")
    author: Author = session.info["author"]
    note = Note(account_id=account_id, subject_id=subject_id, text=words, written_by=author.name)
    session.add(note)
    return Changed.of(note)


def take_unproved(session: Session, statement_id: str, reason: str) -> Changed:
    """Take a statement that was kept apart, on purpose; it stays marked unproved for ever.

    Raises HoldallError without a reason, or when its lines came in with another statement since.
    """
    words = needed(
        reason,
        "The reason",
        "Taking an unproved statement needs a reason.",
        "Write who decided it and why.",
    )
    statement = session.get(Statement, statement_id)
    if statement is None or statement.deleted:
        raise NotFound("This statement is not here.", "It may have been undone. Choose another one.")
    if statement.standing != Standing.APART:
        raise HoldallError("This statement is not kept apart.", "Its lines are on the board already.")
    _refuse_twins(session, statement)
    author: Author = session.info["author"]
    statement.standing = Standing.UNPROVED
    statement.unproved_by = author.name
    statement.unproved_reason = words
    statement.unproved_at = session.info["now"]
    return Changed.of(statement)


def _refuse_twins(session: Session, statement: Statement) -> None:
    """Raise when a line of a statement kept apart has come in with a trusted one in the meantime."""
    own = select(BankLine.fingerprint).where(BankLine.statement_id == statement.id)
    twin = session.scalars(
        select(BankLine.id)
        .join(Statement, Statement.id == BankLine.statement_id)
        .where(
            BankLine.account_id == statement.account_id,
            BankLine.statement_id != statement.id,
            BankLine.fingerprint.in_(own),
            BankLine.deleted.is_(False),
            Statement.standing != Standing.APART,
        )
        .limit(1)
    ).first()
    if twin is not None:
        raise HoldallError(
            "Lines of this statement have come in with another one since.",
            "Work on that one; this one can stay apart.",
        )
