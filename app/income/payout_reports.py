"""Payment providers' reports as the matching takes them: each payout with its figures and its payments.

A list that names no payout (GOV.UK Pay) is grouped by the bank credits it fits, and such a payout has no id:
the matching proposes it, and leaves it to a person.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.income.matching import OpenLine, Payout, PayoutPart
from app.income.matching.spoken import speaks_of_payout
from app.income.payouts import Credit, infer_payouts, is_list
from app.income.reading import SettlementLineRead, SettlementRead
from models.income import Settlement, SettlementLine

_FEE = "fee"


def payouts_of(reads: Sequence[tuple[str, SettlementRead]], lines: Sequence[OpenLine]) -> tuple[Payout, ...]:
    """Return the payouts of reports that were read, each pair its id and what it says.

    `lines` are the open bank lines, whose credits group the lists that name no payout.
    """
    found = [_payout(one_id, read) for one_id, read in reads if not is_list(read)]
    if len(found) == len(reads):
        return tuple(found)
    nets = {payout.net for payout in found}
    paid = [
        Credit(line.id, line.booked_on, line.pence)
        for line in lines
        if line.pence > 0 and line.pence not in nets and speaks_of_payout(line.words)
    ]
    for one_id, read in reads:
        if is_list(read) and paid:
            found += _inferred(one_id, read, paid)
    return tuple(found)


def payouts_in_store(session: Session, account_id: str, lines: Sequence[OpenLine]) -> tuple[Payout, ...]:
    """Return the payouts of an account's reports in the store that one of these open lines could be."""
    nets = {line.pence for line in lines}
    reports = [
        one
        for one in session.scalars(
            select(Settlement)
            .where(Settlement.deleted.is_(False))
            .where((Settlement.account_id == account_id) | Settlement.account_id.is_(None))
            .where(Settlement.unproved_by.is_(None))
            .order_by(Settlement.paid_on, Settlement.id)
        )
        if not one.payout_id or one.net_pence in nets
    ]
    if not reports:
        return ()
    by_report: dict[str, list[SettlementLineRead]] = {one.id: [] for one in reports}
    ids = list(by_report)
    for start in range(0, len(ids), 500):
        rows = session.scalars(
            select(SettlementLine)
            .where(
                SettlementLine.settlement_id.in_(ids[start : start + 500]), SettlementLine.deleted.is_(False)
            )
            .order_by(SettlementLine.settlement_id, SettlementLine.line_no, SettlementLine.id)
        )
        for row in rows:
            by_report[row.settlement_id].append(_line(row))
    return payouts_of([(one.id, _read(one, by_report[one.id])) for one in reports], lines)


def _payout(one_id: str, read: SettlementRead) -> Payout:
    net = read.net if read.stated_net is None else read.stated_net
    return Payout(
        one_id,
        read.provider,
        read.payout_id,
        read.paid_on,
        read.gross,
        read.fees,
        read.refunds,
        read.disputes,
        read.other,
        net,
        tuple(_part(line) for line in read.lines if line.kind != _FEE),
    )


def _part(line: SettlementLineRead) -> PayoutPart:
    return PayoutPart(line.kind, line.gross, line.fee, line.reference, line.psp_reference)


def _inferred(one_id: str, read: SettlementRead, paid: Sequence[Credit]) -> list[Payout]:
    """Return the payouts that a list without their ids holds, as days and amounts tell."""
    return [
        Payout(
            f"{one_id}:{one.credit_id}",
            read.provider,
            "",
            one.paid_on,
            one.gross,
            one.fee,
            one.refunds,
            0,
            0,
            one.pence,
            tuple(_part(read.lines[place]) for place in one.places if read.lines[place].kind != _FEE),
        )
        for one in infer_payouts(read.lines, paid)
    ]


def _line(row: SettlementLine) -> SettlementLineRead:
    return SettlementLineRead(
        row.line_no,
        row.kind,
        row.made_on,
        row.gross_pence,
        row.fee_pence,
        row.net_pence,
        row.reference,
        row.psp_reference,
        row.words,
    )


def _read(report: Settlement, lines: Sequence[SettlementLineRead]) -> SettlementRead:
    return SettlementRead(
        report.provider,
        report.payout_id,
        report.paid_on,
        report.currency,
        report.gross_pence,
        report.fees_pence,
        report.refunds_pence,
        report.disputes_pence,
        report.other_pence,
        report.net_pence if report.payout_id else None,
        tuple(lines),
    )
