"""The records of the income office as they were at a moment, read by the moments they keep.

`Past` answers for one moment. A row was present when it had been made and not yet removed: what was removed
later is still here as a tombstone whose `updated_at` is when that happened.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from app.wording import local_date
from models.base import Record
from models.income import (
    Account,
    BankLine,
    Journal,
    JournalState,
    Match,
    MatchKind,
    MatchReceipt,
    MatchState,
    Note,
    Period,
    PeriodEvent,
    PeriodState,
    Receipt,
    Standing,
    Statement,
    Suspense,
    SuspenseAllocation,
    WriteOff,
)


@dataclass(frozen=True)
class StatementRow:
    """A statement with the standing it had."""

    id: str
    number: str
    ends_on: date
    standing: Standing
    opening_pence: int | None
    closing_pence: int | None
    created_at: datetime


@dataclass(frozen=True)
class MatchRow:
    """A match that held its pence, with the state it had."""

    id: str
    bank_line_id: str
    kind: MatchKind
    state: MatchState
    pence: int
    stage: str
    matched_by: str
    confirmed_by: str
    needs_second: bool


class Past:
    """The records of a store as they were at one moment."""

    def __init__(self, session: Session, moment: datetime) -> None:
        self.session = session
        self.moment = moment
        self.day = local_date(moment)

    def accounts(self, account_id: str | None) -> Sequence[Any]:
        """Return the accounts that were known, or the one with this id, by key."""
        wanted = select(
            Account.id, Account.key, Account.name, Account.currency, Account.book_opening_pence
        ).where(self._present(Account))
        if account_id is not None:
            wanted = wanted.where(Account.id == account_id)
        return self.session.execute(wanted.order_by(Account.key, Account.id)).all()

    def statements(self, account_id: str) -> list[StatementRow]:
        """Return the statements that had been imported, by their last day."""
        rows = self.session.execute(
            select(
                Statement.id,
                Statement.number,
                Statement.ends_on,
                Statement.standing,
                Statement.unproved_at,
                Statement.opening_pence,
                Statement.closing_pence,
                Statement.created_at,
            )
            .where(Statement.account_id == account_id, self._present(Statement))
            .order_by(Statement.ends_on, Statement.id)
        )
        return [
            StatementRow(row[0], row[1], row[2], self._standing(row[3], row[4]), row[5], row[6], row[7])
            for row in rows
        ]

    def lines(self, account_id: str, statement_ids: Collection[str]) -> list[Any]:
        """Return the bank lines of some statements, in the order of the bank."""
        wanted = set(statement_ids)
        rows = self.session.execute(
            select(
                BankLine.id,
                BankLine.statement_id,
                BankLine.booked_on,
                BankLine.amount_pence,
                BankLine.words,
            )
            .where(BankLine.account_id == account_id, self._present(BankLine))
            .order_by(BankLine.booked_on, BankLine.statement_id, BankLine.line_no, BankLine.id)
        )
        return [row for row in rows if row.statement_id in wanted]

    def receipts(self, account_id: str, until: date) -> Sequence[Any]:
        """Return the postings that were in the book up to a day, in its order."""
        return self.session.execute(
            select(
                Receipt.id,
                Receipt.ledger_id,
                Receipt.posted_on,
                Receipt.amount_pence,
                Receipt.reference,
                Receipt.fund,
                Receipt.narrative,
            )
            .where(Receipt.account_id == account_id, Receipt.posted_on <= until, self._present(Receipt))
            .order_by(Receipt.posted_on, Receipt.line_no, Receipt.id)
        ).all()

    def matches(self, account_id: str) -> dict[str, MatchRow]:
        """Return the matches that held pence, by id."""
        rows = self.session.execute(
            select(
                Match.id,
                Match.bank_line_id,
                Match.kind,
                Match.state,
                Match.amount_pence,
                Match.stage,
                Match.matched_by_name,
                Match.confirmed_by_name,
                Match.needs_second,
                Match.confirmed_at,
                Match.reversed_at,
                Match.updated_at,
            )
            .where(Match.account_id == account_id, Match.amount_pence != 0, self._present(Match))
            .order_by(Match.id)
        )
        found = {}
        for row in rows:
            if row.state == MatchState.REVERSED and (row.reversed_at or row.updated_at) <= self.moment:
                continue
            confirmed = row.confirmed_by_name and (row.confirmed_at or row.updated_at) <= self.moment
            found[row.id] = MatchRow(
                row.id,
                row.bank_line_id,
                row.kind,
                MatchState.CONFIRMED if confirmed else MatchState.ACCEPTED,
                row.amount_pence,
                row.stage,
                row.matched_by_name,
                row.confirmed_by_name if confirmed else "",
                row.needs_second,
            )
        return found

    def shares(self, account_id: str, matches: Mapping[str, MatchRow]) -> dict[str, list[tuple[str, int]]]:
        """Return (receipt id, pence) of each match."""
        rows = self.session.execute(
            select(MatchReceipt.match_id, MatchReceipt.receipt_id, MatchReceipt.amount_pence)
            .where(MatchReceipt.account_id == account_id, self._present(MatchReceipt))
            .order_by(MatchReceipt.match_id, MatchReceipt.receipt_id)
        )
        found: dict[str, list[tuple[str, int]]] = defaultdict(list)
        for match_id, receipt_id, pence in rows:
            if match_id in matches:
                found[match_id].append((receipt_id, pence))
        return found

    def write_offs(self, account_id: str, matches: Mapping[str, MatchRow]) -> dict[str, int]:
        """Return the pence written off with each match that had any."""
        rows = self.session.execute(
            select(WriteOff.match_id, WriteOff.amount_pence).where(
                WriteOff.account_id == account_id, self._present(WriteOff)
            )
        )
        found: dict[str, int] = defaultdict(int)
        for match_id, pence in rows:
            if match_id in matches:
                found[match_id] += pence
        return found

    def suspense(self, account_id: str, matches: Mapping[str, MatchRow]) -> list[tuple[Any, int, int]]:
        """Return the items that were held, with what approved and what waiting journals had taken."""
        journals = self._journals(account_id)
        taken: dict[str, int] = defaultdict(int)
        waiting: dict[str, int] = defaultdict(int)
        cancelled: set[str] = set()
        for item_id, journal_id, pence in self.session.execute(
            select(
                SuspenseAllocation.suspense_id, SuspenseAllocation.journal_id, SuspenseAllocation.amount_pence
            ).where(SuspenseAllocation.account_id == account_id, self._present(SuspenseAllocation))
        ):
            if not journal_id:  # app.income.office.suspense cancels an item by taking all of it
                cancelled.add(item_id)
            elif journals.get(journal_id) == JournalState.APPROVED:
                taken[item_id] += pence
            elif journals.get(journal_id) == JournalState.PROPOSED:
                waiting[item_id] += pence
        rows = self.session.execute(
            select(
                Suspense.id,
                Suspense.match_id,
                Suspense.held_on,
                Suspense.amount_pence,
                Suspense.narrative,
            )
            .outerjoin(Receipt, Receipt.id == Suspense.receipt_id)
            .where(
                Suspense.account_id == account_id,
                self._present(Suspense),
                or_(Receipt.id.is_(None), self._present(Receipt)),
            )
            .order_by(Suspense.held_on, Suspense.id)
        )
        return [
            (row, taken[row.id], waiting[row.id])
            for row in rows
            if row.id not in cancelled and (row.match_id is None or row.match_id in matches)
        ]

    def periods(self, account_id: str) -> list[tuple[Any, PeriodState]]:
        """Return the periods that there were, each with the state its last step had given it."""
        steps: dict[str, PeriodState] = {}
        stepped: set[str] = set()
        for period_id, state, made_at in self.session.execute(
            select(PeriodEvent.period_id, PeriodEvent.state, PeriodEvent.made_at)
            .where(PeriodEvent.account_id == account_id, PeriodEvent.deleted.is_(False))
            .order_by(PeriodEvent.made_at, PeriodEvent.id)
        ):
            stepped.add(period_id)
            if made_at <= self.moment:
                steps[period_id] = state
        rows = self.session.execute(
            select(Period.id, Period.starts_on, Period.ends_on, Period.state, Period.updated_at)
            .where(Period.account_id == account_id, self._present(Period))
            .order_by(Period.starts_on, Period.id)
        )
        found = []
        for row in rows:
            kept = row.id not in stepped and row.updated_at <= self.moment  # closed before steps were kept
            state = row.state if kept else steps.get(row.id, PeriodState.OPEN)
            found.append((row, state))
        return found

    def notes(self, account_id: str) -> dict[str, list[str]]:
        """Return the notes that had been left, by what they are about, oldest first."""
        found: dict[str, list[str]] = defaultdict(list)
        for subject_id, text in self.session.execute(
            select(Note.subject_id, Note.text)
            .where(Note.account_id == account_id, self._present(Note))
            .order_by(Note.created_at, Note.id)
        ):
            found[subject_id].append(text)
        return found

    def _journals(self, account_id: str) -> dict[str, JournalState]:
        """Return the state that each journal had."""
        found = {}
        for row in self.session.execute(
            select(Journal.id, Journal.state, Journal.decided_at, Journal.undone_at).where(
                Journal.account_id == account_id, self._present(Journal)
            )
        ):
            state = JournalState.PROPOSED
            if row.decided_at is not None and row.decided_at <= self.moment:
                refused = row.state == JournalState.REFUSED
                state = JournalState.REFUSED if refused else JournalState.APPROVED
            if row.undone_at is not None and row.undone_at <= self.moment:
                state = JournalState.UNDONE
            found[row.id] = state
        return found

    def _standing(self, standing: Standing, unproved_at: datetime | None) -> Standing:
        if standing == Standing.UNPROVED and unproved_at is not None and unproved_at > self.moment:
            return Standing.APART
        return standing

    def _present(self, model: type[Record]) -> ColumnElement[bool]:
        """Say of rows of a type whether they were there: made by then, and not removed by then."""
        return and_(
            model.created_at <= self.moment,
            or_(model.deleted.is_(False), model.updated_at > self.moment),
        )
