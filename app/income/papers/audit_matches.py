"""The matches of an audit pack: those that hold, with their evidence, and those taken apart, with reasons."""

from __future__ import annotations

from app.income.amounts import figure
from app.income.evidence import sentences
from app.income.papers.audit_reading import Audit, MatchSeen
from app.income.papers.common import AMOUNT, moment
from app.income.papers.reconciliation import stage_name
from app.report import Block, Column, Heading, Table, Text
from app.wording import day, plural, pounds
from models.income import MatchKind, MatchState


def matches(seen: Audit) -> list[Block]:
    """Return every match that holds, with its receipts, evidence and people; what is not read is counted."""
    currency = seen.account.currency
    rows = [_match_row(one, currency) for one in seen.matches]
    left_out = ""
    if seen.counts.hold > len(rows):
        left_out = (
            f"The first {len(rows):,} of {seen.counts.hold:,} matches are printed here; all of them are in "
            "the store, and all are in the check below."
        )
    whole = seen.counts.hold == len(rows)
    return [
        Heading("Every match that holds"),
        *([Text(left_out, lead="Not all.")] if left_out else []),
        Table(
            _MATCH_COLUMNS,
            rows,
            total=("All", "", "", figure(seen.counts.pence, currency)) if rows and whole else None,
            empty="No line of this period is matched.",
        ),
    ]


_MATCH_COLUMNS = (
    Column("Bank line, receipts", width=1.9),
    Column("How, and the evidence kept with it", width=3.5),
    Column("Who and when", width=1.5),
    AMOUNT,
)


def _match_row(one: MatchSeen, currency: str) -> tuple[str, ...]:
    match, line = one.match, one.line
    given = [f"{ledger_id}: {narrative}, {pounds(pence)}" for ledger_id, narrative, pence in one.receipts[:8]]
    if len(one.receipts) > 8:
        given.append(f"and {plural(len(one.receipts) - 8, 'more receipt')}")
    who = [f"{match.matched_by_name}, {moment(match.created_at)}"]
    if match.confirmed_by_name:
        who.append(f"Confirmed: {match.confirmed_by_name}, {moment(match.confirmed_at)}")
    elif match.needs_second:
        who.append("Waits for a second officer")
    return (
        "\n".join([f"{day(line.booked_on)}, {line.words}", *given]),
        _evidence(one, currency),
        "\n".join(who),
        pounds(match.amount_pence),
    )


def _evidence(seen: MatchSeen, currency: str) -> str:
    """Return the evidence in sentences; who had to confirm stands in the column beside it."""
    match = seen.match
    if match.kind == MatchKind.SUSPENSE:
        return f"Put to suspense. {match.note}".strip()
    told = [f"{stage_name(match.stage)}."]
    told += [one.text for one in sentences(match.evidence, currency) if one.kind != "people"]
    return " ".join([*told, match.note]).strip()


def taken_apart(seen: Audit) -> list[Block]:
    """Return matches that were reversed and proposals that were refused, each with its reason."""
    rows = []
    for one in seen.taken_apart:
        match = one.match
        reversed_ = match.state == MatchState.REVERSED
        reason = match.reversed_reason if reversed_ else match.note or "No reason was given."
        who = match.reversed_by_name if reversed_ else match.matched_by_name
        at = match.reversed_at if reversed_ else match.created_at
        rows.append(
            (
                f"{day(one.line.booked_on)}, {one.line.words}",
                f"{'Taken apart' if reversed_ else 'Proposal refused'}: {reason}",
                f"{who or ''}\n{moment(at)}",
                pounds(match.amount_pence) if reversed_ else "",
            )
        )
    every = seen.counts.reversed + seen.counts.refused
    left_out = f"The first {len(rows):,} of {every:,} are printed here." if every > len(rows) else ""
    return [
        Heading("Matches taken apart, and proposals refused"),
        *([Text(left_out, lead="Not all.")] if left_out else []),
        Table(
            (
                Column("Bank line", width=2.0),
                Column("What and why", width=2.7),
                Column("Who and when", width=1.5),
                AMOUNT,
            ),
            rows,
            empty="No match of this period was taken apart.",
        ),
    ]
