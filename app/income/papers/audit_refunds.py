"""Refunds and card fees of an audit pack: who asked, who authorised, why, and the provider's reference."""

from __future__ import annotations

from collections import Counter

from app.income.amounts import figure
from app.income.office.refunds import RefundView
from app.income.papers.audit_reading import Audit
from app.income.papers.common import AMOUNT, moment
from app.report import Block, Column, Heading, Table, Text
from app.wording import day, listed, plural, pounds
from models.income import RefundState

_WAY = {
    RefundState.REQUESTED: ("waits", "wait"),
    RefundState.AUTHORISED: ("is authorised", "are authorised"),
    RefundState.PAID: ("is paid", "are paid"),
    RefundState.FAILED: ("failed", "failed"),
    RefundState.REFUSED: ("was refused", "were refused"),
}


def refunds(seen: Audit) -> list[Block]:
    """Return every refund that was asked for, decided on or posted in the days of the period, counted."""
    table = Table(
        (
            Column("Payment, and why", width=2.2),
            Column("Who and when", width=1.9),
            Column("State", width=1.4),
            AMOUNT,
        ),
        [_refund_row(one) for one in seen.refunds],
        empty="No refund was asked for, decided on or posted in these days.",
    )
    heading = Heading("Refunds of these days")
    return [heading, Text(_counted(seen)), table] if seen.refunds else [heading, table]


def _counted(seen: Audit) -> str:
    """Return how many refunds are in which state, and what those that are paid come to, in words."""
    counts = Counter(one.state for one in seen.refunds)
    states = [
        f"{counts[state]:,} {_WAY[state][0] if counts[state] == 1 else _WAY[state][1]}"
        for state in RefundState
        if counts[state]
    ]
    paid = sum(one.pence for one in seen.refunds if one.state == RefundState.PAID)
    total = figure(paid, seen.account.currency)
    return f"{plural(len(seen.refunds), 'refund')}: {listed(states)}. {total} was paid back."


def _refund_row(one: RefundView) -> tuple[str, ...]:
    paid_in = f"{one.narrative or 'A posting that is not here'}, {pounds(one.receipt_pence)}"
    posted = f"Posted {day(one.posted_on)}, fund {one.fund or 'none'}" if one.posted_on else "Not in the book"
    who = [f"Asked: {one.requested_by_name}, {day(one.requested_on)}"]
    if one.decided_by_name:
        decided = "Refused" if one.state == RefundState.REFUSED else "Authorised"
        who.append(f"{decided}: {one.decided_by_name}, {moment(one.decided_at)}")
    else:
        who.append("Waits for another person")
    state = [one.state.value.capitalize()]
    if one.psp_reference:
        state.append(f"Provider’s reference {one.psp_reference}")
    return (
        "\n".join([paid_in, posted, one.reason]),
        "\n".join(who),
        "\n".join([*state, *one.notes]),
        pounds(one.pence),
    )


def fees(seen: Audit) -> list[Block]:
    """Return every card fee that was posted by hand in the days of the period, with their sum."""
    rows = [
        (
            f"{one.narrative}\n{one.ledger_id}",
            f"{day(one.posted_on)}, fund {one.fund}",
            one.psp_reference or "none",
            pounds(one.pence),
        )
        for one in seen.fees
    ]
    total = figure(sum(one.pence for one in seen.fees), seen.account.currency)
    heading = Heading("Card fees of these days")
    counted = Text(f"{plural(len(rows), 'card fee')} posted by hand, {total} in all.")
    table = Table(
        (
            Column("Payment", width=2.4),
            Column("Posted", width=1.3),
            Column("Provider’s reference", width=1.5),
            AMOUNT,
        ),
        rows,
        total=("All", "", "", total) if rows else None,
        empty="No card fee was posted by hand in these days.",
    )
    return [heading, counted, table] if rows else [heading, table]
