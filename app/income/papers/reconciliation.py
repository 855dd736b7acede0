"""The reconciliation statement on paper: the sum, the rest, what is on its way, how lines were matched."""

from __future__ import annotations

from app.context import Context
from app.errors import NotFound
from app.income.amounts import figure
from app.income.board import Board, board, current_statement
from app.income.settled import Settled, settled
from app.report import (
    Bullets,
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
from models.income import MatchKind, PeriodState, Standing

_HUE = "#1E6B3A"
_STAGES = {
    "exact": "Reference and amount",
    "slip": "Many receipts on one slip",
    "payout": "Card payout net of fees",
    "amount": "Amount that stands once",
    "hand": "By hand",
}


def reconciliation_statement(context: Context, options: dict[str, str]) -> Document:
    """Build the reconciliation statement; option `statement` is an id, else the newest open one.

    Raises NotFound when there is no statement yet.
    """
    statement_id = options.get("statement") or context.read(current_statement)
    if statement_id is None:
        raise NotFound("There is no bank statement yet.", "Import one on the Income tab first.")
    seen = context.read(lambda session: board(session, statement_id))
    matched = context.read(lambda session: settled(session, statement_id, limit=5_000))
    head = seen.head
    blocks = [
        *_standing(seen),
        _key_figures(seen, matched),
        Heading("Bank − book + on its way = left to explain"),
        _sum(seen),
        Heading("What is left to explain"),
        _left(seen),
        Heading("On its way to the bank"),
        _on_its_way(seen),
        Heading("In suspense"),
        _suspense(matched),
        Heading("How the bank lines were matched"),
        _methods(seen, matched),
        Note(
            "How to read this.",
            "The bank’s closing balance, less what the book says, plus receipts the bank has not had yet, is "
            "what nobody has explained. A proposed match counts on both sides. Suspense is in the book until "
            "it is moved to its fund. Amounts are worked out again each time this is made.",
        ),
        Signature((("Prepared by", head.prepared_by), ("Reviewed by", head.reviewed_by))),
    ]
    return Document(
        title=f"Reconciliation statement: {head.account_name}",
        subtitle=f"{head.title}, {head.span}. {_state(seen)}",
        council=context.council.name,
        telephone=context.council.telephone,
        reference=f"IR-{head.ends_on.isoformat()}-{head.number or 'x'}",
        made_on=context.today(),
        hue=_HUE,
        blocks=blocks,
        author=context.author.name,
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
        return [Text(f"Taken on purpose: {head.unproved_reason} {head.hint}".strip(), lead="Unproved.")]
    difference = head.difference_pence
    told = f"It misses by {figure(difference, head.currency)}. " if difference else ""
    return [Text(f"{told}{head.hint} Nothing is matched against it.", lead="Kept apart.")]


def _key_figures(seen: Board, matched: list[Settled]) -> KeyFigures:
    sums, currency = seen.sums, seen.head.currency
    waiting = seen.waiting_for_second
    return KeyFigures(
        (
            KeyFigure(figure(sums.left, currency), "left to explain", plural(len(seen.parts), "item")),
            KeyFigure(f"{seen.matched_lines} of {seen.all_lines}", "bank lines matched", _waiting(waiting)),
            KeyFigure(f"{len(seen.proposals)}", "proposals waiting", "for an officer’s yes or no"),
            KeyFigure(figure(seen.suspense_pence, currency), "in suspense", _suspense_count(matched)),
        )
    )


def _waiting(count: int) -> str:
    return f"{count} wait to be confirmed" if count else "none waits to be confirmed"


def _suspense_count(matched: list[Settled]) -> str:
    return plural(sum(one.kind == MatchKind.SUSPENSE for one in matched), "line")


def _sum(seen: Board) -> Table:
    sums = seen.sums
    return Table(
        (Column("", width=3), Column("Amount", figures=True)),
        (
            ("Bank says, at the end of the statement", pounds(sums.bank)),
            ("Less: book says, suspense included", pounds(-sums.book)),
            ("Plus: on its way to the bank", pounds(sums.on_its_way)),
        ),
        total=("Left to explain", figure(sums.left, seen.head.currency)),
    )


def _left(seen: Board) -> Table:
    rows = [
        (day(part.day) if part.day else "", part.words, part.note or "No note yet", pounds(part.pence))
        for part in seen.parts
    ]
    return Table(
        (Column("Date", width=0.6), Column("What", width=2.2), Column("Note", width=1.8), _AMOUNT),
        rows,
        total=("All", "", "", figure(seen.sums.left, seen.head.currency)) if rows else None,
        empty="Nothing: every penny is explained.",
        row_header=1,
    )


_AMOUNT = Column("Amount", figures=True, width=0.9)


def _on_its_way(seen: Board) -> Table:
    proposed = {receipt_id for proposal in seen.proposals for receipt_id in proposal.receipt_ids}
    rests = {part.subject_id for part in seen.parts if part.kind == "rest"}
    rows = [
        (day(receipt.posted_on), receipt.narrative, receipt.reference, pounds(receipt.pence))
        for receipt in seen.receipts
        if receipt.id not in proposed and receipt.id not in rests
    ]
    return Table(
        (Column("Date", width=0.6), Column("Receipt", width=2.6), Column("Slip or ref"), _AMOUNT),
        rows,
        total=("All", "", "", figure(seen.sums.on_its_way, seen.head.currency)) if rows else None,
        empty="No receipt is waiting for the bank.",
        row_header=1,
    )


def _suspense(matched: list[Settled]) -> Table:
    held = [one for one in matched if one.kind == MatchKind.SUSPENSE]
    rows = [(day(one.booked_on), one.words, one.note, pounds(one.pence)) for one in held]
    return Table(
        (Column("Date", width=0.6), Column("Bank’s words", width=1.8), Column("Note", width=2.2), _AMOUNT),
        rows,
        total=("All", "", "", pounds(sum(one.pence for one in held))) if rows else None,
        empty="Nothing on this statement is in suspense.",
        row_header=1,
    )


def _methods(seen: Board, matched: list[Settled]) -> Table | Bullets:
    rows = []
    for stage, title in _STAGES.items():
        of_stage = [one for one in matched if one.stage == stage and one.kind == MatchKind.RECEIPTS]
        proposed = [proposal for proposal in seen.proposals if proposal.stage == stage]
        if of_stage or proposed:
            confirmed = sum(bool(one.confirmed_by) for one in of_stage)
            total = pounds(sum(one.pence for one in of_stage))
            rows.append((title, str(len(of_stage)), str(confirmed), str(len(proposed)), total))
    settled_here = [one for one in matched if one.kind == MatchKind.RECEIPTS]
    return Table(
        (
            Column("How", width=2.2),
            Column("Matched", figures=True),
            Column("Confirmed", figures=True),
            Column("Proposed", figures=True),
            _AMOUNT,
        ),
        rows,
        total=(
            "All",
            str(len(settled_here)),
            str(sum(bool(one.confirmed_by) for one in settled_here)),
            str(len(seen.proposals)),
            figure(sum(one.pence for one in settled_here), seen.head.currency),
        )
        if rows
        else None,
        empty="No line is matched yet.",
    )
