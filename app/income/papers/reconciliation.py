"""The reconciliation statement on paper: both balances, the sum, what is left, and who did what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date

from sqlalchemy.orm import Session

from app.context import Context
from app.income.amounts import figure
from app.income.board import Board, board, current_statement
from app.income.office import periods
from app.income.papers.common import AMOUNT, listing, moment, paper, stamp
from app.income.papers.reading import (
    CodeTotal,
    StageTotal,
    WrittenOff,
    bank_movement,
    book_movement,
    matched_by_stage,
    put_to_suspense,
    totals_by,
    write_offs,
)
from app.report import (
    Block,
    Column,
    Document,
    Heading,
    KeyFigure,
    KeyFigures,
    Note,
    Signature,
    Table,
    Text,
)
from app.wording import day, plural, pounds
from models.income import PeriodEvent, PeriodState, Receipt, Standing

_STAGES = {
    "exact": "Reference and amount",
    "slip": "Many receipts on one slip",
    "payout": "Card payout net of fees",
    "amount": "Amount that stands once",
    "rule": "By a rule",
    "typo": "Mistyped reference mended",
    "fuzzy": "Much alike in words, day and amount",
    "sum": "Receipts that add up",
    "hand": "By hand",
}


def reconciliation_statement(context: Context, options: dict[str, str]) -> Document:
    """Build the reconciliation statement; option `statement` is an id, else the newest open one.

    Without any statement it is a page that says what to do. Raises NotFound for an id that is not here.
    """
    statement_id = options.get("statement") or context.read(current_statement)
    if statement_id is None:
        return paper(
            context,
            "Reconciliation statement",
            "There is no bank statement yet.",
            "IR-none",
            [Note("What to do.", "Import a bank statement and the ledger’s rows on the Income tab first.")],
        )
    return context.read(lambda session: _statement(context, session, statement_id))


def _statement(context: Context, session: Session, statement_id: str) -> Document:
    seen = board(session, statement_id)
    head = seen.head
    unproved = head.standing == Standing.UNPROVED
    blocks = [
        *_standing(seen),
        _key_figures(seen),
        Heading("Bank − book + on its way = left to explain"),
        _sum(seen),
        *_movements(session, seen),
        Heading("What is left to explain"),
        *_left(seen),
        Heading("On its way to the bank"),
        *_on_its_way(seen),
        Heading("Put to suspense"),
        *_suspense(put_to_suspense(session, head.id), head.currency),
        Heading("Written off"),
        written_off_table(write_offs(session, [head.id]), head.currency),
        Heading("How the bank lines were matched"),
        _methods(seen, matched_by_stage(session, head.id)),
        Heading("Posted in these days, by fund"),
        _totals("Fund", totals_by(session, head, Receipt.fund), head.currency),
        Heading("Posted in these days, by method of payment"),
        _totals("Method", totals_by(session, head, Receipt.mop), head.currency),
        Heading("The steps of this period"),
        trail_table(periods.trail(session, head.period_id), head.currency),
        Note(
            "How to read this.",
            "The bank’s closing balance, less what the book says, plus receipts the bank has not had yet, is "
            "what nobody has explained. A proposed match counts on both sides. Suspense is in the book until "
            "it is moved to its fund; so is what was written off with a match. Amounts are worked out again "
            f"each time this is made. It shows what was stored on {stamp(context.now())}.",
        ),
        Signature((("Prepared by", head.prepared_by), ("Reviewed by", head.reviewed_by))),
    ]
    return paper(
        context,
        f"Reconciliation statement: {head.account_name}",
        f"{head.title}, {head.span}. {_state(seen)}{' Unproved.' if unproved else ''}",
        f"IR-{head.ends_on.isoformat()}-{head.number or 'x'}{', unproved' if unproved else ''}",
        blocks,
    )


def _state(seen: Board) -> str:
    return {
        PeriodState.OPEN: "The period is open.",
        PeriodState.REOPENED: "The period was closed and is open again.",
        PeriodState.PREPARED: "Prepared, waiting for review.",
        PeriodState.REVIEWED: "Reviewed.",
        PeriodState.CLOSED: "The period is closed.",
    }[PeriodState(seen.head.period_state)]


def _standing(seen: Board) -> list[Text]:
    head = seen.head
    if head.standing == Standing.PROVED:
        return [Text("Opening balance and movements make the closing balance.", lead="Proved.", tone="muted")]
    if head.standing == Standing.UNPROVED:
        words = f"{head.unproved_reason} {head.hint}".strip()
        return [Text(f"Taken on purpose, and marked for ever: {words}", lead="Unproved.")]
    difference = head.difference_pence
    told = f"It misses by {figure(difference, head.currency)}. " if difference else ""
    return [Text(f"{told}{head.hint} Nothing is matched against it.", lead="Kept apart.")]


def _key_figures(seen: Board) -> KeyFigures:
    sums, currency = seen.sums, seen.head.currency
    waiting = seen.waiting_for_second
    return KeyFigures(
        (
            KeyFigure(figure(sums.left, currency), "left to explain", plural(len(seen.parts), "item")),
            KeyFigure(f"{seen.matched_lines} of {seen.all_lines}", "bank lines matched", _waiting(waiting)),
            KeyFigure(f"{len(seen.proposals)}", "proposals waiting", "for an officer’s yes or no"),
            KeyFigure(figure(seen.suspense_pence, currency), "put to suspense", "up to its last day"),
        )
    )


def _waiting(count: int) -> str:
    return f"{plural(count, 'waits', 'wait')} to be confirmed" if count else "none waits to be confirmed"


def _sum(seen: Board) -> Table:
    sums = seen.sums
    return Table(
        (Column("The sum", width=3), Column("Amount", figures=True)),
        (
            ("Bank says, at the end of the statement", pounds(sums.bank)),
            ("Less: book says, suspense included", pounds(-sums.book)),
            ("Plus: on its way to the bank", pounds(sums.on_its_way)),
        ),
        total=("Left to explain", figure(sums.left, seen.head.currency)),
    )


def _left(seen: Board) -> list[Block]:
    rows = [
        (day(part.day) if part.day else "", part.words, part.note or "No note yet", pounds(part.pence))
        for part in seen.parts
    ]
    return listing(
        (Column("Date", width=0.6), Column("What", width=2.2), Column("Note", width=1.8), AMOUNT),
        rows,
        figure(seen.sums.left, seen.head.currency),
        "Nothing: every penny is explained.",
        "parts",
    )


def _on_its_way(seen: Board) -> list[Block]:
    proposed = {receipt_id for proposal in seen.proposals for receipt_id in proposal.receipt_ids}
    rests = {part.subject_id for part in seen.parts if part.kind == "rest"}
    rows = [
        (day(receipt.posted_on), receipt.narrative, receipt.reference, pounds(receipt.pence))
        for receipt in seen.receipts
        if receipt.id not in proposed and receipt.id not in rests
    ]
    return listing(
        (Column("Date", width=0.6), Column("Receipt", width=2.6), Column("Slip or ref"), AMOUNT),
        rows,
        figure(seen.sums.on_its_way, seen.head.currency),
        "No receipt is waiting for the bank.",
        "receipts",
    )


def _suspense(held: Sequence[tuple[date, str, str, int]], currency: str) -> list[Block]:
    return listing(
        (Column("Date", width=0.6), Column("Bank’s words", width=1.8), Column("Note", width=2.2), AMOUNT),
        [(day(booked_on), words, note, pounds(pence)) for booked_on, words, note, pence in held],
        figure(sum(pence for _, _, _, pence in held), currency),
        "No line of this statement was put to suspense.",
        "lines",
    )


def _methods(seen: Board, matched: Sequence[StageTotal]) -> Table:
    done = {one.stage: one for one in matched}
    proposed = Counter(proposal.stage for proposal in seen.proposals)
    there = {*done, *proposed}
    rows = []
    for stage in [*(known for known in _STAGES if known in there), *sorted(there - set(_STAGES))]:
        one = done.get(stage, StageTotal(stage, 0, 0, 0))
        counts = (f"{one.count:,}", f"{one.confirmed:,}", f"{proposed[stage]:,}")
        rows.append((stage_name(stage), *counts, pounds(one.pence)))
    total = (
        "All",
        f"{sum(one.count for one in matched):,}",
        f"{sum(one.confirmed for one in matched):,}",
        f"{len(seen.proposals):,}",
        figure(sum(one.pence for one in matched), seen.head.currency),
    )
    return Table(
        (
            Column("How", width=2.2),
            Column("Matched", figures=True),
            Column("Confirmed", figures=True),
            Column("Proposed", figures=True),
            AMOUNT,
        ),
        rows,
        total=total if rows else None,
        empty="No line is matched yet.",
    )


def stage_name(stage: str) -> str:
    """Return how a match was found, in words."""
    return _STAGES.get(stage, stage.replace("_", " ").capitalize())


def _movements(session: Session, seen: Board) -> list[Block]:
    """The way from opening to closing on both sides; nothing for a statement that is kept apart."""
    if seen.head.standing == Standing.APART:
        return []
    bank, book = bank_movement(session, seen.head), book_movement(session, seen)
    steps = [
        ("Opening balance", bank.opening, book.opening),
        ("Money in", bank.money_in, book.money_in),
        ("Money out", bank.money_out, book.money_out),
        ("Bank lines put to suspense", None, book.suspense),
        ("Written off with matches", None, book.written_off),
    ]
    if bank.other or book.other:
        steps.append(("Brought by an earlier import, or not explained", bank.other, book.other))
    rows = [
        (words, "" if bank_pence is None else pounds(bank_pence), pounds(book_pence))
        for words, bank_pence, book_pence in steps
    ]
    currency = seen.head.currency
    return [
        Heading("From opening to closing"),
        Table(
            (
                Column("Balances and movements", width=3),
                Column("Bank", figures=True),
                Column("Book", figures=True),
            ),
            rows,
            total=("Closing balance", figure(bank.closing, currency), figure(book.closing, currency)),
        ),
    ]


def _totals(title: str, totals: Sequence[CodeTotal], currency: str) -> Table:
    return Table(
        (
            Column(title, width=2.6),
            Column("Receipts", figures=True, width=0.8),
            Column("Matched", figures=True),
            AMOUNT,
        ),
        [
            (
                f"{one.code} {one.name}".strip() or "none given",
                f"{one.count:,}",
                pounds(one.matched_pence),
                pounds(one.pence),
            )
            for one in totals
        ],
        total=(
            "All",
            f"{sum(one.count for one in totals):,}",
            pounds(sum(one.matched_pence for one in totals)),
            figure(sum(one.pence for one in totals), currency),
        )
        if totals
        else None,
        empty="Nothing was posted in these days.",
    )


def written_off_table(found: Sequence[WrittenOff], currency: str) -> Table:
    """Return write-offs with their fund, reason and people; they add up."""
    return Table(
        (
            Column("Date", width=0.6),
            Column("Bank’s words", width=1.7),
            Column("Fund, why and by whom", width=2.6),
            AMOUNT,
        ),
        [
            (
                day(one.day),
                one.words,
                f"Fund {one.fund}: {one.reason} {_people(one)}",
                pounds(one.pence),
            )
            for one in found
        ],
        total=("All", "", "", figure(sum(one.pence for one in found), currency)) if found else None,
        empty="Nothing was written off.",
        row_header=1,
    )


def _people(one: WrittenOff) -> str:
    return f"{one.by}, confirmed by {one.confirmed_by}." if one.confirmed_by else f"{one.by}."


def trail_table(trail: Sequence[PeriodEvent], currency: str) -> Table:
    """Return the steps of a period: when, what it became, by whom, why, and what was left to explain then."""
    return Table(
        (
            Column("When", width=1.3),
            Column("Became", width=0.8),
            Column("By", width=1.1),
            Column("Reason", width=1.9),
            Column("Left to explain", figures=True, width=1.1),
        ),
        [
            (
                moment(one.made_at),
                one.state.value.capitalize(),
                one.made_by_name,
                one.reason,
                figure(one.left_pence, currency),
            )
            for one in trail
        ],
        empty="No step has been taken yet: the period is open.",
        row_header=1,
    )
