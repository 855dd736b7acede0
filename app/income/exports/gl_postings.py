"""What was posted in a period, and the rows it makes in the general ledger."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.income.vat import vat_code_of, vat_within
from app.wording import LONDON
from models.income import (
    ACTIVE,
    Account,
    BankLine,
    Fund,
    Journal,
    JournalLine,
    JournalState,
    Match,
    Receipt,
    Suspense,
    SuspenseState,
    VatCode,
    WriteOff,
)

FUND, VAT, BANK = "fund", "VAT", "bank"
VAT_CONTROL = "VAT"  # the fund whose GL code VAT goes to; without one, this word itself


class Posting(NamedTuple):
    """One posting of a period: its bank account ("" for a journal), fund, VAT code, pence and VAT."""

    account_id: str
    fund: str
    vat_code: str
    pence: int
    vat: int


class GlRow(NamedTuple):
    """One row of a batch in pence: `gross` signed, of which `vat`; a `debit` or a `credit`, never negative.

    `kind` is fund, VAT or bank; the row of a fund posts its gross less VAT, which rows of VAT post.
    """

    row: int
    kind: str
    gl_code: str
    fund: str
    name: str
    vat_code: str
    postings: int
    gross: int
    vat: int
    debit: int
    credit: int


@dataclass(frozen=True)
class Postings:
    """The postings of a period with the codes they are kept in."""

    postings: tuple[Posting, ...]
    funds: dict[str, Fund]
    accounts: dict[str, Account]


def postings_of(session: Session, start: date, end: date) -> Postings:
    """Return what was posted from `start` to `end`: receipts, suspense, write-offs and approved journals."""
    funds = {one.code: one for one in session.scalars(select(Fund).where(Fund.deleted.is_(False)))}
    rates = select(VatCode.code, VatCode.rate).where(VatCode.deleted.is_(False))
    by_code = {row[0]: row[1] for row in session.execute(rates)}
    accounts = {one.id: one for one in session.scalars(select(Account).where(Account.deleted.is_(False)))}
    found = [
        *_receipts(session, start, end, funds, by_code),
        *_suspense(session, start, end, accounts),
        *_write_offs(session, start, end),
        *_journals(session, start, end),
    ]
    return Postings(tuple(found), funds, accounts)


def rows_of_postings(found: Postings) -> tuple[GlRow, ...]:
    """Return the rows: funds, then VAT, then the bank accounts that balance them; in the order of codes."""
    funds: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    vats: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    banks: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for one in found.postings:
        sums = funds[one.fund, one.vat_code]
        sums[0] += 1
        sums[1] += one.pence
        sums[2] += one.vat
        if one.vat:
            vats[one.vat_code][0] += 1
            vats[one.vat_code][1] += one.vat
        if one.account_id:
            banks[one.account_id][0] += 1
            banks[one.account_id][1] += one.pence
    rows: list[GlRow] = []

    def add(kind: str, words: tuple[str, str, str, str], count: int, gross: int, vat: int = 0) -> None:
        posts = (gross - vat) if kind == FUND else gross
        credit = -posts if kind == BANK else posts
        gl_code, fund, name, code = map(_plain, words)
        sides = (max(-credit, 0), max(credit, 0))
        rows.append(GlRow(len(rows) + 1, kind, gl_code, fund, name, code, count, gross, vat, *sides))

    for (code, vat_code), (count, gross, vat) in sorted(funds.items()):
        fund = found.funds.get(code)
        gl_code, name = (fund.gl_code, fund.name) if fund is not None else ("", "")
        add(FUND, (gl_code, code, name, vat_code), count, gross, vat)
    control = found.funds.get(VAT_CONTROL)
    for vat_code, (count, vat) in sorted(vats.items()):
        gl_code = (control.gl_code if control else "") or VAT_CONTROL
        add(VAT, (gl_code, "", "VAT control", vat_code), count, vat)
    for account_id, (count, gross) in sorted(banks.items(), key=lambda one: _name(found, one[0])):
        account = found.accounts.get(account_id)
        add(BANK, (account.gl_code if account else "", "", _name(found, account_id), ""), count, gross)
    return tuple(rows)


def _plain(text: str) -> str:
    """Return text as any kind of file gives it back: no control characters, single spaces."""
    return " ".join("".join(ch if ch.isprintable() else " " for ch in text).split())


def _name(found: Postings, account_id: str) -> str:
    account = found.accounts.get(account_id)
    return account.name if account is not None else account_id


def _receipts(
    session: Session, start: date, end: date, funds: dict[str, Fund], rates: dict[str, int]
) -> Iterator[Posting]:
    """Yield receipts: VAT as posted, and where a posting tells none, worked out by its fund's code."""
    columns = (Receipt.account_id, Receipt.fund, Receipt.vat_code, Receipt.amount_pence, Receipt.vat_pence)
    wanted = select(*columns).where(Receipt.deleted.is_(False), Receipt.posted_on.between(start, end))
    for account_id, fund_code, vat_code, pence, vat in session.execute(wanted):
        if vat or vat_code:
            yield Posting(account_id, fund_code, vat_code, pence, vat)
            continue
        fund = funds.get(fund_code)
        code = vat_code_of("", fund.vat_code, fund.vat_override) if fund is not None else ""
        yield Posting(account_id, fund_code, code, pence, vat_within(pence, rates.get(code, 0)))


def _suspense(session: Session, start: date, end: date, accounts: dict[str, Account]) -> Iterator[Posting]:
    """Yield what matches put from bank lines to suspense; suspense of imported rows is a receipt already."""
    wanted = select(Suspense.account_id, Suspense.amount_pence).where(
        Suspense.match_id.is_not(None),
        Suspense.state == SuspenseState.HELD,
        Suspense.deleted.is_(False),
        Suspense.held_on.between(start, end),
    )
    for account_id, pence in session.execute(wanted):
        account = accounts.get(account_id)
        yield Posting(account_id, account.suspense_fund if account else "SP", "", pence, 0)


def _write_offs(session: Session, start: date, end: date) -> Iterator[Posting]:
    """Yield fees and differences that matches wrote off, by the day of their bank line."""
    wanted = (
        select(WriteOff.account_id, WriteOff.fund, WriteOff.amount_pence)
        .join(Match, Match.id == WriteOff.match_id)
        .join(BankLine, BankLine.id == Match.bank_line_id)
        .where(
            WriteOff.state.in_(ACTIVE),
            WriteOff.deleted.is_(False),
            Match.deleted.is_(False),
            BankLine.booked_on.between(start, end),
        )
    )
    for account_id, fund, pence in session.execute(wanted):
        yield Posting(account_id, fund, "", pence, 0)


def _journals(session: Session, start: date, end: date) -> Iterator[Posting]:
    """Yield the legs of journals by the London day of approval; an undone one stays, its undo follows."""
    first = datetime.combine(start, time(0), LONDON)
    after = datetime.combine(end + timedelta(days=1), time(0), LONDON)
    wanted: Any = (
        select(JournalLine.fund, JournalLine.vat_code, JournalLine.amount_pence, JournalLine.vat_pence)
        .join(Journal, Journal.id == JournalLine.journal_id)
        .where(
            Journal.state.in_([JournalState.APPROVED, JournalState.UNDONE]),
            Journal.deleted.is_(False),
            JournalLine.deleted.is_(False),
            Journal.decided_at >= first,
            Journal.decided_at < after,
        )
    )
    for fund, vat_code, pence, vat in session.execute(wanted):
        yield Posting("", fund, vat_code, pence, vat)
