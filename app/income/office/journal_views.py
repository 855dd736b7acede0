"""Journals as people read them: heads with their lines, and the rows a journal is written from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, case, select
from sqlalchemy.orm import Session

from app.errors import NotFound
from models.income import (
    Account,
    Journal,
    JournalKind,
    JournalLine,
    JournalState,
    Note,
    SuspenseAllocation,
)

POSTED = (JournalState.APPROVED, JournalState.UNDONE)  # an undone one was posted; its undo turns it round


@dataclass(frozen=True)
class JournalRow:
    """One row of a journal that is being written: how many pence go to which fund and account."""

    fund: str
    account_reference: str
    pence: int
    narrative: str
    vat_code: str = ""


@dataclass(frozen=True)
class LineView:
    """One leg of a journal; `pence` is positive for a credit, negative for a debit, VAT within it."""

    id: str
    fund: str
    account_reference: str
    mop: str
    pence: int
    vat_code: str
    vat_pence: int
    narrative: str
    receipt_id: str


@dataclass(frozen=True)
class JournalView:
    """A journal with its lines, which add up to nothing; `total_pence` is what it moves, without a sign.

    `notes` say why it was refused. `suspense_ids` are the items it takes from.
    """

    id: str
    account_id: str
    account_name: str
    kind: JournalKind
    state: JournalState
    made_on: date
    reason: str
    made_by: str
    made_by_name: str
    decided_by_name: str
    decided_at: datetime | None
    undoes: str
    undone_at: datetime | None
    total_pence: int
    lines: tuple[LineView, ...]
    notes: tuple[str, ...]
    suspense_ids: tuple[str, ...]

    @property
    def waits(self) -> bool:
        """Whether a second person still has to decide on it."""
        return self.state == JournalState.PROPOSED


def journals(
    session: Session, state: JournalState | str | None = None, limit: int = 200
) -> list[JournalView]:
    """Return journals with their lines, those that wait for a decision first, then the newest.

    `state` None: all of them.
    """
    where: list[ColumnElement[bool]] = [Journal.deleted.is_(False)]
    if state is not None:
        where.append(Journal.state == JournalState(state))
    first = case((Journal.state == JournalState.PROPOSED, 0), else_=1)
    rows = session.execute(
        select(Journal, Account.name)
        .outerjoin(Account, Account.id == Journal.account_id)
        .where(*where)
        .order_by(first, Journal.made_on.desc(), Journal.created_at.desc(), Journal.id.desc())
        .limit(limit)
    ).all()
    return _views(session, [(row[0], row[1] or "") for row in rows])


def journal(session: Session, journal_id: str) -> JournalView:
    """Return one journal with its lines. Raises NotFound."""
    row = session.execute(
        select(Journal, Account.name)
        .outerjoin(Account, Account.id == Journal.account_id)
        .where(Journal.id == journal_id, Journal.deleted.is_(False))
    ).first()
    if row is None:
        raise NotFound("This journal is not here any more.", "Look at the fresh list.")
    return _views(session, [(row[0], row[1] or "")])[0]


def _views(session: Session, heads: Sequence[tuple[Journal, str]]) -> list[JournalView]:
    ids = [head.id for head, _ in heads]
    lines: dict[str, list[LineView]] = defaultdict(list)
    for line in session.scalars(
        select(JournalLine)
        .where(JournalLine.journal_id.in_(ids), JournalLine.deleted.is_(False))
        .order_by(JournalLine.journal_id, JournalLine.line_no)
    ):
        lines[line.journal_id].append(_line_view(line))
    notes: dict[str, list[str]] = defaultdict(list)
    for subject_id, text in session.execute(
        select(Note.subject_id, Note.text)
        .where(Note.subject_id.in_(ids), Note.deleted.is_(False))
        .order_by(Note.created_at, Note.id)
    ):
        notes[subject_id].append(text)
    taken: dict[str, list[str]] = defaultdict(list)
    for journal_id, suspense_id in session.execute(
        select(SuspenseAllocation.journal_id, SuspenseAllocation.suspense_id)
        .where(SuspenseAllocation.journal_id.in_(ids), SuspenseAllocation.deleted.is_(False))
        .order_by(SuspenseAllocation.id)
    ):
        taken[journal_id].append(suspense_id)
    return [
        JournalView(
            head.id,
            head.account_id,
            account_name,
            head.kind,
            head.state,
            head.made_on,
            head.reason,
            head.made_by,
            head.made_by_name,
            head.decided_by_name or "",
            head.decided_at,
            head.undoes or "",
            head.undone_at,
            sum(line.pence for line in lines[head.id] if line.pence > 0),
            tuple(lines[head.id]),
            tuple(notes[head.id]),
            tuple(taken[head.id]),
        )
        for head, account_name in heads
    ]


def _line_view(line: JournalLine) -> LineView:
    return LineView(
        line.id,
        line.fund,
        line.account_reference,
        line.mop,
        line.amount_pence,
        line.vat_code,
        line.vat_pence,
        line.narrative,
        line.receipt_id or "",
    )
