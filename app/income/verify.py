"""Verification: every match worked out again from its line and receipts, every statement added up again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.income import rules
from app.income.evidence import extras_of, rebuild
from app.income.matching import SLIP, SUM, OpenLine, OpenReceipt, count_sets
from app.income.open_items import parts_of
from app.income.reading import LineRead, ReceiptRead
from app.income.verify_payouts import payouts_changed, settlement_changed
from models.income import (
    ACTIVE,
    Account,
    BankLine,
    Match,
    MatchKind,
    MatchReceipt,
    Receipt,
    Standing,
    Statement,
    WriteOff,
)


@dataclass(frozen=True)
class Difference:
    """Something that no longer agrees: the type and id of the record, and what, in words."""

    type: str
    id: str
    words: str


@dataclass(frozen=True)
class Verified:
    """The outcome: how many matches and statements were worked out again, and every difference."""

    matches: int
    statements: int
    differences: tuple[Difference, ...]


def verify(session: Session) -> Verified:
    """Work out every active match and every proved statement again; one changed penny is found."""
    accounts = {account.id: account for account in session.scalars(select(Account))}
    lines = {line.id: line for line in session.scalars(select(BankLine).where(BankLine.deleted.is_(False)))}
    receipts = {r.id: r for r in session.scalars(select(Receipt).where(Receipt.deleted.is_(False)))}
    found: list[Difference] = []
    found += [d for line in lines.values() if (d := _line_changed(accounts, line))]
    found += [d for receipt in receipts.values() if (d := _receipt_changed(accounts, receipt))]
    statements = _statements(session, found)
    reports, told = payouts_changed(session)
    found += [Difference(*one) for one in told]
    matches = session.scalars(select(Match).where(Match.state.in_(ACTIVE), Match.deleted.is_(False))).all()
    shares: dict[str, list[MatchReceipt]] = defaultdict(list)
    wanted = (MatchReceipt.state.in_(ACTIVE), MatchReceipt.deleted.is_(False))
    for share in session.scalars(select(MatchReceipt).where(*wanted)):
        shares[share.match_id].append(share)
    offs: dict[str, list[WriteOff]] = defaultdict(list)
    still = (WriteOff.state.in_(ACTIVE), WriteOff.deleted.is_(False))
    for written_off in session.scalars(select(WriteOff).where(*still).order_by(WriteOff.id)):
        offs[written_off.match_id].append(written_off)
    for match in matches:
        found += [
            Difference("income_match", match.id, words)
            for words in (
                *_match_changed(match, shares[match.id], offs[match.id], lines, receipts),
                *settlement_changed(match.evidence, reports),
            )
        ]
    found += _overdrawn(matches, lines)
    found += _overgiven(shares, receipts)
    return Verified(len(matches), statements, tuple(found))


def _line_changed(accounts: dict[str, Account], line: BankLine) -> Difference | None:
    read = LineRead(
        0,
        line.booked_on,
        line.value_on,
        line.amount_pence,
        line.mark,
        line.type_code,
        line.customer_reference,
        line.bank_reference,
        line.words,
    )
    account = accounts.get(line.account_id)
    if account is not None and rules.line_fingerprint(account.key, read) == line.fingerprint:
        return None
    return Difference(
        "income_bank_line", line.id, f"Bank line “{line.words[:60]}” is not as it was imported."
    )


def _receipt_changed(accounts: dict[str, Account], receipt: Receipt) -> Difference | None:
    read = ReceiptRead(
        0,
        receipt.ledger_id,
        receipt.posted_on,
        receipt.amount_pence,
        receipt.reference,
        receipt.fund,
        receipt.mop,
        receipt.narrative,
        receipt.psp_reference,
        receipt.internal_reference,
        receipt.office,
        receipt.vat_code,
        receipt.vat_pence,
    )
    account = accounts.get(receipt.account_id)
    if account is not None and rules.receipt_fingerprint(account.key, read) == receipt.fingerprint:
        return None
    return Difference("income_receipt", receipt.id, f"Receipt {receipt.ledger_id} is not as it was imported.")


def _statements(session: Session, found: list[Difference]) -> int:
    """Add up every proved statement that brought all its lines itself."""
    totals = (
        select(BankLine.statement_id, func.sum(BankLine.amount_pence))
        .where(BankLine.deleted.is_(False))
        .group_by(BankLine.statement_id)
    )
    sums = {row[0]: row[1] for row in session.execute(totals)}
    proved = session.scalars(
        select(Statement).where(
            Statement.standing == Standing.PROVED, Statement.deleted.is_(False), Statement.known_count == 0
        )
    ).all()
    for statement in proved:
        expected = (statement.closing_pence or 0) - (statement.opening_pence or 0)
        if sums.get(statement.id, 0) != expected:
            words = f"Statement {statement.number} no longer adds up to its closing balance."
            found.append(Difference("income_statement", statement.id, words))
    return len(proved)


def _match_changed(
    match: Match,
    shares: list[MatchReceipt],
    offs: list[WriteOff],
    lines: dict[str, BankLine],
    receipts: dict[str, Receipt],
) -> list[str]:
    """Return what about one match no longer follows from its line and receipts, in words."""
    line = lines.get(match.bank_line_id)
    if line is None:
        return ["The bank line of this match is not here."]
    evidence: dict[str, Any] = match.evidence
    if match.kind is MatchKind.SUSPENSE:
        kept = evidence["amounts"]["taken"] == [match.amount_pence]
        return [] if kept else ["The amount in suspense is not what its evidence says."]
    kept_back = sorted((off.amount_pence, off.fund) for off in offs)
    if kept_back != sorted((pence, fund) for pence, _, fund in evidence.get("write_offs", [])):
        return ["What was written off with this match is not what its evidence says."]
    if sum(share.amount_pence for share in shares) + sum(p for p, _ in kept_back) != match.amount_pence:
        return ["The receipts of this match do not add up to what it took from the bank line."]
    ids = evidence["receipts"]
    by_receipt = {share.receipt_id: share.amount_pence for share in shares}
    if [by_receipt.get(receipt_id) for receipt_id in ids] != evidence["amounts"]["taken"]:
        return ["The shares of this match are not what its evidence says."]
    if any(receipt_id not in receipts for receipt_id in ids):
        return ["A receipt of this match is not here."]
    opened = [
        _opened(receipts[receipt_id], pence)
        for receipt_id, pence in zip(ids, evidence["amounts"]["book"], strict=True)
    ]
    references = (line.customer_reference, line.bank_reference)
    bank, parts = evidence["amounts"]["bank"], parts_of(line.parts)
    whole = OpenLine(line.id, 0, line.booked_on, bank, line.words, references, parts)
    above = evidence["second_officer"]["above"]
    again = rebuild(match.stage, evidence["key"], whole, opened, above, extras_of(evidence))
    if not _within(whole.pence, line.amount_pence):
        return ["The evidence gives the bank line more than it had."]
    told = [
        f"The {part.replace('_', ' ')} of this match come out differently today."
        for part in again
        if part != "alternatives" and again[part] != evidence[part]
    ]
    return told + _sets_changed(evidence, receipts)


def _opened(receipt: Receipt, pence: int) -> OpenReceipt:
    """Return a receipt with the pence that were open when the match was made."""
    within = pence if _within(pence, receipt.amount_pence) else receipt.amount_pence
    return OpenReceipt(
        receipt.id,
        receipt.posted_on,
        within,
        receipt.reference,
        receipt.narrative,
        receipt.fund,
        receipt.mop,
        0,
        receipt.psp_reference,
        receipt.internal_reference,
    )


def _within(part: int, whole: int) -> bool:
    return abs(part) <= abs(whole) and (part > 0) == (whole > 0)


def _sets_changed(evidence: dict[str, Any], receipts: dict[str, Receipt]) -> list[str]:
    """Count again in how many ways the receipts that were open made up the amount of a slip."""
    if evidence["stage"] not in {SLIP, SUM}:
        return []
    kept = evidence["alternatives"]["of"]
    if any(receipt_id not in receipts for receipt_id, _ in kept):
        return ["A receipt that was counted for this match is not here."]
    pence = [_opened(receipts[receipt_id], open_pence).pence for receipt_id, open_pence in kept]
    if count_sets(pence, evidence["amounts"]["bank"]) - 1 != evidence["alternatives"]["count"]:
        return ["The number of other sets of receipts comes out differently today."]
    return []


def _overdrawn(matches: Sequence[Match], lines: dict[str, BankLine]) -> list[Difference]:
    """Return every bank line that gave away more than it has."""
    given: dict[str, int] = defaultdict(int)
    for match in matches:
        given[match.bank_line_id] += match.amount_pence
    return [
        Difference(
            "income_bank_line", line_id, f"“{lines[line_id].words[:60]}” is matched for more than it is."
        )
        for line_id, pence in given.items()
        if line_id in lines and not _within(pence, lines[line_id].amount_pence)
    ]


def _overgiven(shares: dict[str, list[MatchReceipt]], receipts: dict[str, Receipt]) -> list[Difference]:
    """Return every receipt that matches took more of than it is."""
    taken: dict[str, int] = defaultdict(int)
    for parts in shares.values():
        for share in parts:
            taken[share.receipt_id] += share.amount_pence
    return [
        Difference(
            "income_receipt", one_id, f"Receipt {receipts[one_id].ledger_id} is matched for more than it is."
        )
        for one_id, pence in taken.items()
        if one_id in receipts and pence and not _within(pence, receipts[one_id].amount_pence)
    ]
