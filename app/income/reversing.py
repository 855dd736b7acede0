"""Imports seen as a list, and taken back whole while nothing of them was used yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.errors import HoldallError, NotFound
from app.income.importing_book import note_file
from app.income.office.suspense import cancel_of_receipt
from app.income.storing import chunks
from models.base import mark_deleted
from models.changes import Changed
from models.income import (
    ACTIVE,
    JOURNAL_HOLDS,
    FileKind,
    ImportedFile,
    JournalLine,
    MatchReceipt,
    Note,
    Period,
    PeriodState,
    Receipt,
    Refund,
    Suspense,
    SuspenseAllocation,
    SuspenseState,
)

SUCCEEDED, REVERTED = "Succeeded", "Reverted"  # an import is whole or not there, so it has no state between
_REFUND_HOLDS = ("requested", "authorised", "paid")


@dataclass(frozen=True)
class ImportRow:
    """One imported file as a list shows it; `rows` are its postings, `notes` what was said of it."""

    file_id: str
    account_id: str
    name: str
    kind: FileKind
    format: str
    rows: int
    state: str
    imported_by: str
    imported_at: datetime
    notes: tuple[str, ...]


def import_state(record: ImportedFile) -> str:
    """Return what became of an import: Succeeded, or Reverted once it was taken back or undone."""
    return REVERTED if record.deleted else SUCCEEDED


def imports(session: Session, account_id: str | None = None) -> list[ImportRow]:
    """Return the files that came in for an account (None: for all), newest first, with those taken back."""
    wanted = select(ImportedFile).order_by(ImportedFile.created_at.desc(), ImportedFile.id.desc())
    if account_id is not None:
        wanted = wanted.where(ImportedFile.account_id == account_id)
    files = session.scalars(wanted).all()
    counts: dict[str, int] = {}
    notes: dict[str, list[str]] = {}
    for part in chunks([record.id for record in files]):
        counted = select(Receipt.file_id, func.count()).where(Receipt.file_id.in_(part))
        counts |= {row[0]: row[1] for row in session.execute(counted.group_by(Receipt.file_id))}
        said = select(Note).where(Note.subject_id.in_(part), Note.deleted.is_(False)).order_by(Note.id)
        for note in session.scalars(said):
            notes.setdefault(note.subject_id, []).append(note.text)
    return [
        ImportRow(
            record.id,
            record.account_id or "",
            record.name,
            record.kind,
            record.format,
            counts.get(record.id, 0),
            import_state(record),
            record.imported_by,
            record.created_at,
            tuple(notes.get(record.id, ())),
        )
        for record in files
    ]


def reverse_import(session: Session, file_id: str, reason: str) -> Changed:
    """Take back the import of a ledger: its postings leave the book, its suspense is cancelled.

    The file may come in again, as it was or mended. Raises HoldallError without a reason, and naming the
    first posting that is matched, journalled, refunded or in a closed period; NotFound for a file not here.
    """
    if not reason.strip():
        raise HoldallError("Taking back an import needs a reason.", "Write who decided it and why.")
    record = session.get(ImportedFile, file_id)
    if record is None or record.deleted:
        raise NotFound("This import is not here, or was taken back already.", "Look at the fresh list.")
    if record.kind != FileKind.LEDGER:
        raise HoldallError(
            f"“{record.name}” is no ledger: only the import of a ledger is taken back.",
            "Undo the import, or take its matches apart.",
        )
    wanted = (Receipt.file_id == file_id, Receipt.deleted.is_(False))
    receipts = session.scalars(select(Receipt).where(*wanted).order_by(Receipt.line_no)).all()
    _refuse_used(session, record, receipts)
    still = select(Suspense.receipt_id).where(Suspense.state == SuspenseState.HELD)
    held = [
        receipt_id
        for part in chunks([receipt.id for receipt in receipts])
        for receipt_id in session.scalars(still.where(Suspense.receipt_id.in_(part)))
    ]
    changed = Changed.of(record, *receipts)
    for receipt_id in held:
        changed |= cancel_of_receipt(session, receipt_id or "")
    for receipt in receipts:
        mark_deleted(receipt)
    mark_deleted(record)
    return changed | note_file(session, record.account_id or "", file_id, f"Taken back: {reason.strip()}")


def _refuse_used(session: Session, record: ImportedFile, receipts: Sequence[Receipt]) -> None:
    """Raise HoldallError naming the first posting, in the order of the file, that something was done with."""
    used: dict[str, str] = {}
    for part in chunks([receipt.id for receipt in receipts]):
        for words, wanted in _uses(part):
            for receipt_id in session.scalars(wanted):
                used.setdefault(receipt_id, words)
    closed = session.execute(
        select(Period.starts_on, Period.ends_on).where(
            Period.account_id == record.account_id,
            Period.state == PeriodState.CLOSED,
            Period.deleted.is_(False),
        )
    ).all()
    for receipt in receipts:
        words = used.get(receipt.id, "")
        if not words and any(start <= receipt.posted_on <= end for start, end in closed):
            words = "is in a period that is closed"
        if words:
            raise HoldallError(
                f"“{record.name}” is not taken back: posting {receipt.ledger_id} {words}.",
                "Take that apart first, or put the posting right by another posting.",
            )


def _uses(receipt_ids: Sequence[str]) -> list[tuple[str, Any]]:
    """Return what can have been done with postings, in words, and the question that finds those."""
    return [
        (
            "is matched",
            select(MatchReceipt.receipt_id).where(
                MatchReceipt.receipt_id.in_(receipt_ids),
                MatchReceipt.state.in_(ACTIVE),
                MatchReceipt.deleted.is_(False),
            ),
        ),
        (
            "is part of a journal",
            select(JournalLine.receipt_id).where(
                JournalLine.receipt_id.in_(receipt_ids),
                JournalLine.state.in_(JOURNAL_HOLDS),
                JournalLine.deleted.is_(False),
            ),
        ),
        (
            "was moved out of suspense",
            select(Suspense.receipt_id)
            .join(SuspenseAllocation, SuspenseAllocation.suspense_id == Suspense.id)
            .where(
                Suspense.receipt_id.in_(receipt_ids),
                SuspenseAllocation.state.in_(JOURNAL_HOLDS),
                SuspenseAllocation.deleted.is_(False),
            ),
        ),
        (
            "is refunded",
            select(Refund.receipt_id).where(
                Refund.receipt_id.in_(receipt_ids),
                Refund.state.in_(_REFUND_HOLDS),
                Refund.deleted.is_(False),
            ),
        ),
    ]
