"""The reconciliation as it stood at a past moment, from what the records say of themselves.

A record was there from `created_at` until it was removed; a match was confirmed and reversed, a journal
decided and undone, a period stepped on, at moments that are kept. Nothing done after the moment changes the
view, so it gives the same bytes whenever it is asked for. Proposals are no part of it. Three things are
outside: an act taken back by Undo before it was sent never was; work that another laptop did before the
moment counts once it has arrived; and the opening level of an account's book is as it is set today.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from app.errors import HoldallError
from app.income.office.as_at_records import MatchRow, Past, StatementRow
from models.income import MatchKind, MatchState, PeriodState, Standing
from models.types import UtcDateTime, canonical_json


@dataclass(frozen=True)
class StatementThen:
    """The latest trusted statement that had been imported."""

    id: str
    number: str
    ends_on: date
    standing: Standing


@dataclass(frozen=True)
class LineThen:
    """A bank line with pence that no match had taken; `left_pence` of `pence`."""

    id: str
    booked_on: date
    pence: int
    left_pence: int
    words: str
    notes: tuple[str, ...]


@dataclass(frozen=True)
class ReceiptThen:
    """A posting with pence that no match had taken: on its way to the bank."""

    id: str
    ledger_id: str
    posted_on: date
    pence: int
    left_pence: int
    reference: str
    fund: str
    narrative: str
    notes: tuple[str, ...]


@dataclass(frozen=True)
class SuspenseThen:
    """A suspense item: what no journal had asked for, and what journals that waited held."""

    id: str
    held_on: date
    amount_pence: int
    remaining_pence: int
    waiting_pence: int
    narrative: str
    notes: tuple[str, ...]


@dataclass(frozen=True)
class MatchThen:
    """A match that held its pence: accepted, or confirmed by then."""

    id: str
    bank_line_id: str
    kind: MatchKind
    state: MatchState
    pence: int
    stage: str
    matched_by: str
    confirmed_by: str
    waits: bool
    receipts: tuple[tuple[str, int], ...]
    written_off_pence: int


@dataclass(frozen=True)
class PeriodThen:
    """A period and how far it had come."""

    id: str
    starts_on: date
    ends_on: date
    state: PeriodState


@dataclass(frozen=True)
class AccountThen:
    """One account: bank - book + on its way = left, and the parts that make it up.

    `bank_pence` is the closing balance of the latest trusted statement imported by then, None without one;
    the book counts postings up to that statement's last day, suspense and write-offs of matches included.
    `left_pence` is the sum of the open lines plus `gap_pence`, what balances before the first statement
    do not explain.
    """

    id: str
    key: str
    name: str
    currency: str
    statement: StatementThen | None
    bank_pence: int | None
    book_pence: int
    suspense_pence: int
    written_off_pence: int
    on_its_way_pence: int
    left_pence: int | None
    gap_pence: int
    open_lines: tuple[LineThen, ...]
    open_receipts: tuple[ReceiptThen, ...]
    suspense: tuple[SuspenseThen, ...]
    matches: tuple[MatchThen, ...]
    periods: tuple[PeriodThen, ...]
    apart: tuple[str, ...]


@dataclass(frozen=True)
class AsAt:
    """The moment, and every account that was known then, by its key."""

    moment: datetime
    accounts: tuple[AccountThen, ...]


def as_at(session: Session, moment: datetime, account_id: str | None = None) -> AsAt:
    """Return the reconciliation as it stood at a moment (aware), of one account or of all.

    Raises HoldallError for an account that was not known then.
    """
    past = Past(session, moment)
    accounts = past.accounts(account_id)
    if account_id is not None and not accounts:
        raise HoldallError(
            "This account was not known at that moment.", "Choose a later moment, or another account."
        )
    return AsAt(moment, tuple(_account(past, record) for record in accounts))


def document(view: AsAt) -> dict[str, Any]:
    """Return a view as plain JSON data: pence as integers, days and moments as ISO text."""
    return {
        "moment": UtcDateTime().to_wire(view.moment),
        "accounts": _plain(view.accounts),
    }


def canonical(view: AsAt) -> bytes:
    """Return the bytes of a view: JSON with sorted keys and no spaces, UTF-8, the same each time."""
    return canonical_json(document(view)).encode()


def sha256(view: AsAt) -> str:
    """Return the SHA-256 of the canonical bytes, as 64 hex digits."""
    return hashlib.sha256(canonical(view)).hexdigest()


def _plain(value: Any) -> Any:
    """Return JSON data for what the dataclasses here hold."""
    if isinstance(value, str):
        return str(value)
    if value is None or isinstance(value, int):
        return value
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, date):
        return value.isoformat()
    return {name: _plain(item) for name, item in vars(value).items()}


def _account(past: Past, account: Any) -> AccountThen:
    """Return one account as it stood."""
    statements = past.statements(account.id)
    trusted = [one for one in statements if one.standing != Standing.APART]
    latest = max(trusted, key=lambda one: (one.ends_on, one.created_at, one.id), default=None)
    matches = past.matches(account.id)
    shares, offs = past.shares(account.id, matches), past.write_offs(account.id, matches)
    notes = past.notes(account.id)
    all_lines = past.lines(account.id, [one.id for one in trusted])
    postings = past.receipts(account.id, latest.ends_on if latest is not None else past.day)
    lines = _lines(all_lines, matches, notes)
    receipts = _receipts(postings, shares, notes)
    held = sum(match.pence for match in matches.values() if match.kind == MatchKind.SUSPENSE)
    written_off = sum(offs.values())
    book = account.book_opening_pence + sum(one.amount_pence for one in postings) + held + written_off
    on_its_way = sum(one.left_pence for one in receipts)
    bank = None if latest is None else _closing(latest, all_lines)
    left = None if bank is None else bank - book + on_its_way
    return AccountThen(
        account.id,
        account.key,
        account.name,
        account.currency,
        None if latest is None else StatementThen(latest.id, latest.number, latest.ends_on, latest.standing),
        bank,
        book,
        held,
        written_off,
        on_its_way,
        left,
        0 if left is None else left - sum(line.left_pence for line in lines),
        lines,
        receipts,
        _suspense(past, account.id, matches, notes),
        tuple(_match(match, shares.get(match.id, ()), offs.get(match.id, 0)) for match in matches.values()),
        tuple(PeriodThen(p.id, p.starts_on, p.ends_on, state) for p, state in past.periods(account.id)),
        tuple(one.id for one in statements if one.standing == Standing.APART),
    )


def _closing(latest: StatementRow, lines: Sequence[Any]) -> int:
    """Return what the bank said, or what the lines of an unproved statement come to."""
    if latest.closing_pence is not None:
        return latest.closing_pence
    own: int = sum(line.amount_pence for line in lines if line.statement_id == latest.id)
    return (latest.opening_pence or 0) + own


def _lines(
    lines: Sequence[Any], matches: Mapping[str, MatchRow], notes: Mapping[str, Sequence[str]]
) -> tuple[LineThen, ...]:
    """Return the lines with pence left."""
    taken: Counter[str] = Counter()
    for match in matches.values():
        taken[match.bank_line_id] += match.pence
    return tuple(
        LineThen(line.id, line.booked_on, line.amount_pence, left, line.words, tuple(notes.get(line.id, ())))
        for line in lines
        if (left := line.amount_pence - taken[line.id])
    )


def _receipts(
    postings: Sequence[Any],
    shares: Mapping[str, Sequence[tuple[str, int]]],
    notes: Mapping[str, Sequence[str]],
) -> tuple[ReceiptThen, ...]:
    """Return the postings with pence left."""
    taken: Counter[str] = Counter()
    for parts in shares.values():
        for receipt_id, pence in parts:
            taken[receipt_id] += pence
    return tuple(
        ReceiptThen(
            one.id,
            one.ledger_id,
            one.posted_on,
            one.amount_pence,
            left,
            one.reference,
            one.fund,
            one.narrative,
            tuple(notes.get(one.id, ())),
        )
        for one in postings
        if (left := one.amount_pence - taken[one.id])
    )


def _suspense(
    past: Past, account_id: str, matches: Mapping[str, MatchRow], notes: Mapping[str, Sequence[str]]
) -> tuple[SuspenseThen, ...]:
    return tuple(
        SuspenseThen(
            one.id,
            one.held_on,
            one.amount_pence,
            one.amount_pence - taken - waiting,
            waiting,
            one.narrative,
            tuple(notes.get(one.id, ())),
        )
        for one, taken, waiting in past.suspense(account_id, matches)
    )


def _match(match: MatchRow, shares: Sequence[tuple[str, int]], written_off: int) -> MatchThen:
    return MatchThen(
        match.id,
        match.bank_line_id,
        match.kind,
        match.state,
        match.pence,
        match.stage,
        match.matched_by,
        match.confirmed_by,
        match.needs_second and match.state == MatchState.ACCEPTED,
        tuple(shares),
        written_off,
    )
