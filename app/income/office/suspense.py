"""Suspense: money in the book whose owner is unknown, how old it is, who chases it, whose it could be.

An item comes from a bank line (its match put it here) or from a posting that came without a fund. Its pence
leave it by journals (app.income.office.journals); what a journal took stays taken until it is refused or
undone. Amounts are signed pence: a bank charge nobody knows is a negative item.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, case, func, or_, select
from sqlalchemy.orm import Session

from app.errors import HoldallError, NotFound
from app.income.office.candidates import Candidate, candidates
from app.income.office.words import needed
from app.income.rules import stable_id
from models.base import mark_deleted
from models.changes import Author, Changed
from models.income import (
    JOURNAL_HOLDS,
    Account,
    BankLine,
    JournalState,
    Match,
    Note,
    Receipt,
    Suspense,
    SuspenseAllocation,
    SuspenseState,
)

__all__ = [
    "BANDS",
    "IMPORTER",
    "Band",
    "Candidate",
    "Item",
    "ageing",
    "assign",
    "band_of",
    "cancel_of_match",
    "cancel_of_receipt",
    "candidates",
    "held",
    "hold_line",
    "hold_receipt",
    "item_of",
    "items",
    "items_of",
    "note",
]

BANDS = ((7, "0 to 7 days"), (30, "8 to 30 days"), (90, "31 to 90 days"), (None, "over 90 days"))
IMPORTER = "Import"  # who wrote the note of an item that an import made
_STATES = ("open", "allocated", "all")


@dataclass(frozen=True)
class Item:
    """One suspense item as the list shows it; pence are signed.

    `remaining_pence` is what no journal has asked for, `waiting_pence` what journals that wait for approval
    hold. Both are still in the suspense fund. `notes`: oldest first.
    """

    id: str
    account_id: str
    account_name: str
    held_on: date
    age_days: int
    band: str
    amount_pence: int
    remaining_pence: int
    waiting_pence: int
    reference: str
    narrative: str
    owner_name: str
    chase_on: date | None
    overdue: bool
    notes: tuple[str, ...]
    owner_id: str = ""
    match_id: str = ""
    receipt_id: str = ""

    @property
    def held_pence(self) -> int:
        """What is still in the suspense fund: all but what approved journals gave to its owners."""
        return self.remaining_pence + self.waiting_pence

    @property
    def state(self) -> str:
        """Whether any of it is still in the suspense fund: open or allocated."""
        return "open" if self.held_pence else "allocated"


@dataclass(frozen=True)
class Band:
    """The items of one age: how many, and the pence still in suspense."""

    name: str
    count: int
    pence: int


def band_of(age_days: int) -> str:
    """Return the name of the age band that so many days fall in; money of a coming day is new."""
    return next(name for last, name in BANDS if last is None or age_days <= last)


def ageing(items: Sequence[Item]) -> tuple[Band, ...]:
    """Return the four bands, youngest first, also those that are empty; their pence add up to all held."""
    return tuple(
        Band(
            name,
            sum(item.band == name for item in items),
            sum(item.held_pence for item in items if item.band == name),
        )
        for _, name in BANDS
    )


def hold_line(session: Session, match: Match, line: BankLine) -> Suspense:
    """Add the item of a match that puts pence of a bank line to suspense, and return it.

    Its id follows from the match, so that the two are always one pair.
    """
    item = Suspense(
        id=stable_id(line.booked_on, "suspense", match.id),
        account_id=match.account_id,
        match_id=match.id,
        held_on=line.booked_on,
        amount_pence=match.amount_pence,
        reference=line.customer_reference,
        narrative=line.words[:200],
    )
    session.add(item)
    return item


def hold_receipt(session: Session, receipt: Receipt, words: str) -> Changed:
    """Hold a posting that came without a fund; `words` say what was missing and become its first note.

    Ids follow from the posting's, so that two officers who import one file with no network hold it once.
    A posting of nothing is not held.
    """
    if not receipt.amount_pence:
        return Changed()
    item_id = stable_id(receipt.posted_on, "suspense", receipt.id)
    known = session.get(Suspense, item_id)
    if known is not None:
        return _held_again(session, known)
    item = Suspense(
        id=item_id,
        account_id=receipt.account_id,
        receipt_id=receipt.id,
        held_on=receipt.posted_on,
        amount_pence=receipt.amount_pence,
        reference=receipt.reference,
        narrative=receipt.narrative,
        office=receipt.office or "",
        mop=(receipt.mop or "")[:5],
    )
    session.add(item)
    if not words.strip():
        return Changed.of(item)
    note = Note(
        id=stable_id(receipt.posted_on, "suspense note", receipt.id),
        account_id=receipt.account_id,
        subject_id=item.id,
        text=words.strip(),
        written_by=IMPORTER,
    )
    session.add(note)
    return Changed.of(item, note)


def _held_again(session: Session, item: Suspense) -> Changed:
    """Hold an item again whose posting came in once more after its import was reversed."""
    if item.state == SuspenseState.HELD and not item.deleted:
        return Changed()
    item.deleted = False
    item.state = SuspenseState.HELD
    freed = session.scalars(
        select(SuspenseAllocation).where(
            SuspenseAllocation.suspense_id == item.id,
            SuspenseAllocation.journal_id == "",
            SuspenseAllocation.deleted.is_(False),
        )
    ).all()
    for allocation in freed:
        mark_deleted(allocation)
    return Changed.of(item, *freed)


def items(session: Session, account_id: str | None, state: str, today: date) -> list[Item]:
    """Return the items of an account (None: of all), oldest first.

    `state`: "open" while any of it is in the suspense fund, "allocated" when approved journals gave it all
    away, or "all". What was cancelled, because its match was taken apart, is never among them.
    """
    if state not in _STATES:
        raise HoldallError(f"Suspense has no state “{state}”.", f"Ask for {', '.join(_STATES)}.")
    where: list[ColumnElement[bool]] = []
    if account_id is not None:
        where.append(Suspense.account_id == account_id)
    found = _items(session, where, today)
    return [item for item in found if state in ("all", item.state)]


def item_of(session: Session, item_id: str, today: date) -> Item:
    """Return one item that is still held. Raises NotFound."""
    found = _items(session, [Suspense.id == item_id], today)
    if not found:
        raise NotFound("This suspense item is not here any more.", "Look at the fresh list.")
    return found[0]


def items_of(session: Session, item_ids: Sequence[str], today: date) -> list[Item]:
    """Return the items with these ids, oldest first. Raises NotFound when one is not held any more."""
    found = _items(session, [Suspense.id.in_(item_ids)], today)
    if len(found) != len(set(item_ids)):
        raise NotFound("A suspense item of these is not here any more.", "Look at the fresh list.")
    return found


def assign(
    session: Session, item_id: str, owner_id: str | None, owner_name: str, chase_on: date | None
) -> Changed:
    """Say who chases an item and when to look again; no owner and no day take it off everybody's list."""
    record = held(session, item_id)
    name = owner_name.strip()
    if owner_id and not name:
        raise HoldallError("Who chases this item has no name.", "Choose a colleague from the list.")
    record.owner_id = owner_id or None
    record.owner_name = name
    record.chase_on = chase_on
    return Changed.of(record)


def note(session: Session, item_id: str, text: str) -> Changed:
    """Leave words on an item. Raises HoldallError for an empty or endless note."""
    words = needed(text, "The note", "The note is empty.", "Write a sentence, then save it.")
    record = held(session, item_id)
    author: Author = session.info["author"]
    made = Note(account_id=record.account_id, subject_id=record.id, text=words, written_by=author.name)
    session.add(made)
    return Changed.of(made)


def held(session: Session, item_id: str) -> Suspense:
    """Return the record of an item that is still held. Raises NotFound."""
    record = session.get(Suspense, item_id)
    if record is None or record.deleted or record.state != SuspenseState.HELD:
        raise NotFound("This suspense item is not here any more.", "Look at the fresh list.")
    return record


def cancel_of_match(session: Session, match_id: str) -> Changed:
    """Cancel the item of a match that is taken apart. Raises HoldallError when a journal took some of it."""
    return _cancel(session, Suspense.match_id == match_id, "its match stays", "take the match apart")


def cancel_of_receipt(session: Session, receipt_id: str) -> Changed:
    """Cancel the item of a posting whose import is reversed. Raises HoldallError when a journal took some."""
    return _cancel(session, Suspense.receipt_id == receipt_id, "its import stays", "reverse the import")


def _cancel(session: Session, which: ColumnElement[bool], stays: str, then: str) -> Changed:
    """Cancel one item by taking all its pence at once, as an allocation without a journal.

    The server grants pence once, so a colleague's journal and this cannot both come through.
    """
    item = session.scalars(
        select(Suspense).where(which, Suspense.state == SuspenseState.HELD, Suspense.deleted.is_(False))
    ).first()
    if item is None:
        return Changed()
    taken = session.scalar(
        select(func.count()).where(
            SuspenseAllocation.suspense_id == item.id,
            SuspenseAllocation.state.in_(JOURNAL_HOLDS),
            SuspenseAllocation.deleted.is_(False),
        )
    )
    if taken:
        raise HoldallError(
            f"A journal has given part of this suspense to its owner, so {stays}.",
            f"Refuse or undo the journal first, then {then}.",
        )
    item.state = SuspenseState.CANCELLED
    all_of_it = SuspenseAllocation(
        account_id=item.account_id,
        suspense_id=item.id,
        journal_id="",
        amount_pence=item.amount_pence,
        state=JournalState.APPROVED,
    )
    session.add(all_of_it)
    return Changed.of(item, all_of_it)


def _items(session: Session, where: Sequence[ColumnElement[bool]], today: date) -> list[Item]:
    """Read held items with what journals took of them and their notes."""
    state, pence = SuspenseAllocation.state, SuspenseAllocation.amount_pence
    taken = (
        select(
            SuspenseAllocation.suspense_id,
            func.sum(pence).label("all"),
            func.sum(case((state == JournalState.PROPOSED, pence), else_=0)).label("waiting"),
        )
        .where(state.in_(JOURNAL_HOLDS), SuspenseAllocation.deleted.is_(False))
        .group_by(SuspenseAllocation.suspense_id)
        .subquery()
    )
    rows = session.execute(
        select(
            Suspense,
            Account.name,
            Match.bank_line_id,
            Match.note,
            func.coalesce(taken.c.all, 0),
            func.coalesce(taken.c.waiting, 0),
        )
        .join(Account, Account.id == Suspense.account_id)
        .outerjoin(Match, Match.id == Suspense.match_id)
        .outerjoin(Receipt, Receipt.id == Suspense.receipt_id)
        .outerjoin(taken, taken.c.suspense_id == Suspense.id)
        .where(
            Suspense.state == SuspenseState.HELD,
            Suspense.deleted.is_(False),
            or_(Receipt.id.is_(None), Receipt.deleted.is_(False)),
            *where,
        )
        .order_by(Suspense.held_on, Suspense.id)
    ).all()
    sources = [line_id or record.receipt_id or "" for record, _, line_id, _, _, _ in rows]
    notes = _notes(session, [*(row[0].id for row in rows), *filter(None, sources)])
    found = []
    for (record, account_name, _, match_note, all_taken, waiting), source in zip(rows, sources, strict=True):
        written = sorted([*notes.get(source, ()), *notes.get(record.id, ())])
        words = ((match_note,) if match_note else ()) + tuple(text for _, text in written)
        found.append(_item(record, account_name, all_taken, waiting, words, today))
    return found


def _item(
    record: Suspense, account_name: str, taken: int, waiting: int, notes: tuple[str, ...], today: date
) -> Item:
    age = (today - record.held_on).days
    return Item(
        record.id,
        record.account_id,
        account_name,
        record.held_on,
        age,
        band_of(age),
        record.amount_pence,
        record.amount_pence - taken,
        waiting,
        record.reference,
        record.narrative,
        record.owner_name,
        record.chase_on,
        record.chase_on is not None and record.chase_on < today,
        notes,
        record.owner_id or "",
        record.match_id or "",
        record.receipt_id or "",
    )


def _notes(session: Session, subject_ids: Sequence[str]) -> dict[str, list[tuple[str, str]]]:
    """Return the notes on some subjects as (moment and id for their order, text)."""
    found: dict[str, list[tuple[str, str]]] = {}
    for start in range(0, len(subject_ids), 500):
        some = subject_ids[start : start + 500]
        rows = session.execute(
            select(Note.subject_id, Note.created_at, Note.id, Note.text).where(
                Note.subject_id.in_(some), Note.deleted.is_(False)
            )
        )
        for subject_id, made_at, note_id, text in rows:
            found.setdefault(subject_id, []).append((f"{made_at.isoformat()} {note_id}", text))
    return found
