"""Journals: pence moved between funds, out of suspense to their owners or from one posting to another.

The legs of a journal add up to nothing, so the bank book does not change: no receipt is written. Approved
legs count in the general ledger export, each with its VAT worked out again. A journal holds what it takes
from the moment it is proposed; another person than its maker approves it.

An undone journal was posted, and so was its undo: whoever adds up journals by day adds up both (`POSTED`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app.errors import HoldallError, NotFound
from app.income.office.books import Books, books_of, refuse_overdrawn, spoken_for
from app.income.office.journal_views import (
    POSTED,
    JournalRow,
    JournalView,
    LineView,
    journal,
    journals,
)
from app.income.office.suspense import Item, items_of
from app.income.office.words import needed
from app.wording import local_date, money
from models.changes import Author, Changed
from models.income import (
    JOURNAL_HOLDS,
    Journal,
    JournalKind,
    JournalLine,
    JournalState,
    Note,
    Receipt,
    Suspense,
    SuspenseAllocation,
    SuspenseState,
)

__all__ = [
    "POSTED",
    "JournalRow",
    "JournalView",
    "LineView",
    "approve",
    "from_suspense",
    "journal",
    "journals",
    "refuse",
    "transfer",
    "undo",
    "write_off",
]

JOURNAL_MOP = "JN"
_NO_REASON = ("A journal needs a reason.", "Write why the money moves; a second person reads it.")


@dataclass(frozen=True)
class _Leg:
    """One leg before it is written."""

    row: JournalRow
    receipt_id: str | None = None


def from_suspense(
    session: Session, item_ids: Sequence[str], lines: Sequence[JournalRow], reason: str
) -> Changed:
    """Propose a journal that gives suspense to its owners: one debit of each item it takes from.

    What the lines add up to is taken from the largest items first; the rest stays in suspense. Lines and
    items go the same way: money in, or money out. Raises HoldallError in one sentence when nothing is
    chosen, nothing remains, the lines ask for more than remains, or a line may not be posted so.
    """
    words = needed(reason, "The reason", *_NO_REASON)
    books = books_of(session)
    items = _chosen(session, item_ids)
    sign = _direction(items)
    remaining = sum(item.remaining_pence for item in items)
    if not lines:
        raise HoldallError("The journal has no lines.", "Write at least one fund and amount.")
    for place, row in enumerate(lines, 1):
        if row.pence * sign <= 0:
            kind = "money in" if sign > 0 else "money out"
            raise HoldallError(
                f"Line {place} has to be more than nothing and {kind}, like the suspense it comes from.",
                "Write the amount of suspense that goes there.",
            )
        books.check(place, row, items[0].account_id)
    total = sum(row.pence for row in lines)
    if abs(total) > abs(remaining):
        raise HoldallError(
            f"The lines come to {money(abs(total))}, and {money(abs(remaining))} remains in what is chosen.",
            "Make the lines smaller, or choose more suspense.",
        )
    shares = _largest_first(items, total)
    return _from_items(session, books, JournalKind.SUSPENSE, shares, lines, words)


def write_off(session: Session, item_ids: Sequence[str], fund: str, reason: str) -> Changed:
    """Propose to write all that remains of some suspense items off to one fund.

    Items that go opposite ways may go together: a payment and its recall clear each other.
    """
    words = needed(reason, "The reason", *_NO_REASON)
    books = books_of(session)
    items = [item for item in _chosen(session, item_ids) if item.remaining_pence]
    if not items:
        raise HoldallError("Nothing remains of this suspense.", "Choose items that are still open.")
    rows = [
        JournalRow(fund, "", item.remaining_pence, f"Written off: {item.narrative}"[:100]) for item in items
    ]
    for place, row in enumerate(rows, 1):
        books.check(place, row, items[0].account_id, reference=False)
    shares = [(item, item.remaining_pence) for item in items]
    return _from_items(session, books, JournalKind.WRITE_OFF, shares, rows, words)


def transfer(session: Session, receipt_id: str, lines: Sequence[JournalRow], reason: str) -> Changed:
    """Propose to move a posting, or part of it, to other funds or accounts.

    Raises HoldallError when the lines ask for more than refunds and other transfers left of the posting,
    or when the posting is suspense, which leaves by `from_suspense`.
    """
    words = needed(reason, "The reason", *_NO_REASON)
    books = books_of(session)
    receipt = session.get(Receipt, receipt_id)
    if receipt is None or receipt.deleted:
        raise NotFound("This posting is not here any more.", "Its import may have been reversed.")
    if _is_held(session, receipt_id):
        raise HoldallError("This posting is in suspense.", "Give it to its owner from the suspense list.")
    sign = 1 if receipt.amount_pence > 0 else -1
    if not lines:
        raise HoldallError("The journal has no lines.", "Write at least one fund and amount.")
    for place, row in enumerate(lines, 1):
        if row.pence * sign <= 0:
            raise HoldallError(
                f"Line {place} has to go the same way as the posting, and be more than nothing.",
                "Write the amount of the posting that goes there.",
            )
        books.check(place, row, receipt.account_id)
    total = sum(row.pence for row in lines)
    left = abs(receipt.amount_pence) - spoken_for(session, receipt_id)
    if abs(total) > left:
        raise HoldallError(
            f"The lines come to {money(abs(total))}, and {money(left)} is left of this posting.",
            "Make the lines smaller; refunds and other journals have the rest.",
        )
    source = JournalRow(
        receipt.fund, receipt.reference[:30], -total, receipt.narrative[:100], receipt.vat_code
    )
    legs = [*(_Leg(row) for row in lines), _Leg(source, receipt.id)]
    head = _head(session, receipt.account_id, JournalKind.TRANSFER, words)
    return _write(session, books, head, legs)


def approve(session: Session, journal_id: str) -> Changed:
    """Approve a journal as the second person; an undo then releases what the journal it undoes had taken.

    Raises MoveRefused for its maker and for an officer who may not approve, HoldallError when the suspense
    it takes from is not held any more, or when refunds made apart have taken too much of its posting.
    """
    record = _proposed(session, journal_id)
    if _lost_suspense(session, journal_id):
        raise HoldallError(
            "Suspense that this journal takes from is not held any more.",
            "Refuse the journal: the match that put it there was taken back.",
        )
    for receipt_id in _postings(session, journal_id):
        refuse_overdrawn(session, receipt_id)
    changed = _decide(session, record, JournalState.APPROVED)
    if record.kind != JournalKind.UNDO:
        return changed
    original = session.get(Journal, record.undoes or "")
    if original is None or original.deleted or original.state != JournalState.APPROVED:
        raise HoldallError("The journal that this one undoes has changed since.", "Refuse this undo.")
    original.undone_at = session.info["now"]
    return changed | _spread(session, original, JournalState.UNDONE)


def refuse(session: Session, journal_id: str, reason: str) -> Changed:
    """Refuse a journal, or withdraw one's own, with a reason; what it held is free again."""
    words = needed(reason, "The reason", "Refusing a journal needs a reason.", "Write what is wrong with it.")
    record = _proposed(session, journal_id)
    author: Author = session.info["author"]
    note = Note(account_id=record.account_id, subject_id=record.id, text=words, written_by=author.name)
    session.add(note)
    return _decide(session, record, JournalState.REFUSED) | Changed.of(note)


def undo(session: Session, journal_id: str, reason: str) -> Changed:
    """Propose a journal with the same lines turned round; a second person approves it like any other.

    Raises HoldallError for a journal that is not approved, is an undo itself, or has an undo already.
    """
    words = needed(reason, "The reason", *_NO_REASON)
    record = session.get(Journal, journal_id)
    if record is None or record.deleted:
        raise NotFound("This journal is not here any more.", "Look at the fresh list.")
    if record.kind == JournalKind.UNDO:
        raise HoldallError("An undo is not undone.", "Make the journal again if it was right after all.")
    if record.state == JournalState.UNDONE or _has_undo(session, journal_id):
        raise HoldallError("This journal has been undone already.", "Look at the fresh list.")
    if record.state != JournalState.APPROVED:
        raise HoldallError("Only an approved journal can be undone.", "One that waits can be refused.")
    lines = session.scalars(
        select(JournalLine)
        .where(JournalLine.journal_id == journal_id, JournalLine.deleted.is_(False))
        .order_by(JournalLine.line_no)
    ).all()
    head = _head(session, record.account_id, JournalKind.UNDO, words, undoes=record.id)
    turned = [
        JournalLine(
            account_id=line.account_id,
            journal_id=head.id,
            line_no=line.line_no,
            fund=line.fund,
            account_reference=line.account_reference,
            mop=line.mop,
            amount_pence=-line.amount_pence,
            vat_code=line.vat_code,
            vat_pence=-line.vat_pence,
            narrative=f"Undo: {line.narrative}"[:100],
        )
        for line in lines
    ]
    session.add_all([head, *turned])
    return Changed.of(head, *turned)


def _from_items(
    session: Session,
    books: Books,
    kind: JournalKind,
    shares: Sequence[tuple[Item, int]],
    rows: Sequence[JournalRow],
    words: str,
) -> Changed:
    """Write a journal that credits the rows and debits the suspense fund once for each item it takes from."""
    account_id = shares[0][0].account_id
    head = _head(session, account_id, kind, words)
    fund = books.suspense_fund(account_id)
    debits = [
        _Leg(JournalRow(fund, "", -pence, f"From suspense: {item.narrative}"[:100]), item.receipt_id or None)
        for item, pence in shares
    ]
    allocations = [
        SuspenseAllocation(account_id=account_id, suspense_id=item.id, journal_id=head.id, amount_pence=pence)
        for item, pence in shares
    ]
    session.add_all(allocations)
    legs = [*(_Leg(row) for row in rows), *debits]
    return _write(session, books, head, legs) | Changed.of(*allocations)


def _largest_first(items: Sequence[Item], total: int) -> list[tuple[Item, int]]:
    """Return what each item gives so that all give `total`, the largest first; items that give 0 are out."""
    left, shares = total, []
    for item in sorted(items, key=lambda one: (-abs(one.remaining_pence), one.held_on, one.id)):
        part = item.remaining_pence if abs(item.remaining_pence) <= abs(left) else left
        if part:
            shares.append((item, part))
            left -= part
    return shares


def _chosen(session: Session, item_ids: Sequence[str]) -> list[Item]:
    """Return the items of a journal. Raises HoldallError for none, or for items of several accounts."""
    if not item_ids:
        raise HoldallError("No suspense is chosen.", "Choose at least one item, then write its journal.")
    found = items_of(session, item_ids, local_date(session.info["now"]))
    if len({item.account_id for item in found}) > 1:
        raise HoldallError(
            "These suspense items are of different bank accounts.", "Make one journal for each account."
        )
    return found


def _direction(items: Sequence[Item]) -> int:
    """Return 1 where the items are money in, -1 where they are money out. Raises HoldallError."""
    signs = {1 if item.remaining_pence > 0 else -1 for item in items if item.remaining_pence}
    if not signs:
        raise HoldallError("Nothing remains of this suspense.", "Choose items that are still open.")
    if len(signs) > 1:
        raise HoldallError(
            "Some of this suspense is money in and some is money out.",
            "Choose items that go the same way, or write both off to one fund.",
        )
    return signs.pop()


def _head(
    session: Session, account_id: str, kind: JournalKind, words: str, undoes: str | None = None
) -> Journal:
    """Add the head of a new journal, made today by the author."""
    author: Author = session.info["author"]
    head = Journal(
        account_id=account_id,
        kind=kind,
        state=JournalState.PROPOSED,
        made_on=local_date(session.info["now"]),
        reason=words,
        made_by=author.user_id,
        made_by_name=author.name,
        undoes=undoes,
    )
    session.add(head)
    return head


def _write(session: Session, books: Books, head: Journal, legs: Sequence[_Leg]) -> Changed:
    """Write the legs of a journal, each with its VAT."""
    lines = []
    for place, leg in enumerate(legs, 1):
        code, vat = books.vat(leg.row)
        lines.append(
            JournalLine(
                account_id=head.account_id,
                journal_id=head.id,
                line_no=place,
                fund=leg.row.fund,
                account_reference=leg.row.account_reference.strip(),
                mop=JOURNAL_MOP,
                amount_pence=leg.row.pence,
                vat_code=code,
                vat_pence=vat,
                narrative=leg.row.narrative.strip(),
                receipt_id=leg.receipt_id,
            )
        )
    session.add_all(lines)
    return Changed.of(head, *lines)


def _proposed(session: Session, journal_id: str) -> Journal:
    record = session.get(Journal, journal_id)
    if record is None or record.deleted:
        raise NotFound("This journal is not here any more.", "Look at the fresh list.")
    if record.state != JournalState.PROPOSED:
        raise HoldallError(f"This journal is {record.state.value} already.", "Look at the fresh list.")
    return record


def _decide(session: Session, record: Journal, state: JournalState) -> Changed:
    """Move a proposed journal with all that hangs on it, in the author's name."""
    author: Author = session.info["author"]
    record.decided_by_name = author.name
    record.decided_at = session.info["now"]
    return _spread(session, record, state)


def _spread(session: Session, record: Journal, state: JournalState) -> Changed:
    """Give a journal, its lines and its allocations the same state."""
    parts: list[JournalLine | SuspenseAllocation] = [
        *session.scalars(
            select(JournalLine).where(JournalLine.journal_id == record.id, JournalLine.deleted.is_(False))
        ),
        *session.scalars(
            select(SuspenseAllocation).where(
                SuspenseAllocation.journal_id == record.id, SuspenseAllocation.deleted.is_(False)
            )
        ),
    ]
    record.state = state
    for part in parts:
        part.state = state
    return Changed.of(record, *parts)


def _postings(session: Session, journal_id: str) -> list[str]:
    """Return the postings that a journal takes from."""
    wanted = (JournalLine.journal_id == journal_id, JournalLine.receipt_id.is_not(None))
    rows = session.scalars(select(JournalLine.receipt_id).where(*wanted, JournalLine.deleted.is_(False)))
    return sorted({one for one in rows if one is not None})


def _has_undo(session: Session, journal_id: str) -> bool:
    """Say whether an undo of a journal waits or was approved."""
    found = session.scalar(
        select(func.count()).where(
            Journal.undoes == journal_id, Journal.state.in_(JOURNAL_HOLDS), Journal.deleted.is_(False)
        )
    )
    return bool(found)


def _lost_suspense(session: Session, journal_id: str) -> bool:
    """Say whether an item that a journal takes from was cancelled or removed meanwhile."""
    found = session.scalar(
        select(func.count())
        .select_from(SuspenseAllocation)
        .join(Suspense, Suspense.id == SuspenseAllocation.suspense_id)
        .where(
            SuspenseAllocation.journal_id == journal_id,
            SuspenseAllocation.deleted.is_(False),
            or_(Suspense.deleted.is_(True), Suspense.state != SuspenseState.HELD),
        )
    )
    return bool(found)


def _is_held(session: Session, receipt_id: str) -> bool:
    """Say whether a posting is a suspense item."""
    found = session.scalar(
        select(func.count()).where(
            Suspense.receipt_id == receipt_id,
            Suspense.state == SuspenseState.HELD,
            Suspense.deleted.is_(False),
        )
    )
    return bool(found)
