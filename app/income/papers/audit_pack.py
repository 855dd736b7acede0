"""The audit pack of a period on paper: every step, file, match and decision, with who and when, and proofs.

It prints what is stored and works out again what can be: proofs of statements, the evidence of every match,
the SHA-256 of each file that was imported and that of the whole view at a moment.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from app.context import Context
from app.income.amounts import figure
from app.income.office.as_at import as_at, sha256
from app.income.papers.audit_matches import matches, taken_apart
from app.income.papers.audit_reading import Audit, read_audit
from app.income.papers.audit_refunds import fees, refunds
from app.income.papers.common import AMOUNT, moment, moment_option, paper, span, stamp
from app.income.papers.reconciliation import trail_table, written_off_table
from app.report import (
    Block,
    Bullets,
    Column,
    Document,
    Facts,
    Heading,
    KeyFigure,
    KeyFigures,
    Note,
    Signature,
    Table,
    Text,
)
from app.wording import LONDON, day, plural, pounds
from models.income import EReturnState, PeriodState, Standing

MOST_MATCHES = 500
MOST_DIFFERENCES = 50
_BECAME = {
    PeriodState.OPEN: "It is open.",
    PeriodState.PREPARED: "It is prepared and waits for review.",
    PeriodState.REVIEWED: "It is reviewed.",
    PeriodState.CLOSED: "It is closed.",
    PeriodState.REOPENED: "It was closed and is open again.",
}


def audit_pack(context: Context, options: dict[str, str]) -> Document:
    """Build the audit pack of a period: options `period` or `statement` (ids), `at` (a moment of the past).

    Without them it is the period of the newest open statement, as it stands now. Without any statement it is
    a page that says what to do. Raises NotFound for an id that is not here, HoldallError for no moment.
    """
    at = moment_option(options, "at") or context.now()
    made = context.read(lambda session: _pack(context, session, options, at))
    if made is not None:
        return made
    return paper(
        context,
        "Audit pack",
        "There is no bank statement yet, so there is no period to audit.",
        "AP-none",
        [Note("What to do.", "Import a bank statement on the Income tab first.")],
    )


def _pack(context: Context, session: Session, options: dict[str, str], at: datetime) -> Document | None:
    seen = read_audit(session, options, MOST_MATCHES)
    if seen is None:
        return None
    period, account = seen.period, seen.account
    digest = sha256(as_at(session, at, account.id))
    unproved = any(one.standing == Standing.UNPROVED for one in seen.statements)
    blocks: list[Block] = [
        _figures(seen),
        Heading("Two pairs of eyes"),
        Text(two_people(seen)),
        trail_table(seen.trail, account.currency),
        *_statements(seen),
        *_files(seen),
        Heading("Payouts of payment providers"),
        _payouts(seen),
        *matches(seen),
        *taken_apart(seen),
        Heading("Rules that ran"),
        _rules(seen),
        Heading("Written off"),
        written_off_table(seen.write_offs, account.currency),
        Heading("Journals of these days"),
        _journals(seen),
        Heading("eReturns of these days"),
        _ereturns(seen),
        *refunds(seen),
        *fees(seen),
        *_verified(seen),
        *_as_at(seen, at, digest),
        Signature((("Audited by", ""),)),
    ]
    return paper(
        context,
        f"Audit pack: {account.name}",
        f"The period {span(period.starts_on, period.ends_on)}. {_BECAME[PeriodState(period.state)]}"
        f"{' It holds an unproved statement.' if unproved else ''}",
        f"AP-{period.ends_on.isoformat()}-{account.key[-8:]}{', unproved' if unproved else ''}",
        blocks,
    )


def two_people(seen: Audit) -> str:
    """Return whether the last preparing and the last reviewing of a period were by two people, in words."""
    prepared = next((one for one in reversed(seen.trail) if one.state == PeriodState.PREPARED), None)
    reviewed = next((one for one in reversed(seen.trail) if one.state == PeriodState.REVIEWED), None)
    if prepared is None:
        return "Nobody has prepared this period yet, so nobody has reviewed it."
    if reviewed is None or reviewed.made_at < prepared.made_at:
        return (
            f"{prepared.made_by_name} prepared it on {stamp(prepared.made_at)}. Nobody has reviewed it since."
        )
    who = "two people" if prepared.made_by != reviewed.made_by else "ONE AND THE SAME PERSON"
    return (
        f"{prepared.made_by_name} prepared it on {stamp(prepared.made_at)}, {reviewed.made_by_name} "
        f"reviewed it on {stamp(reviewed.made_at)}: {who}."
    )


def _figures(seen: Audit) -> KeyFigures:
    proved = sum(one.standing == Standing.PROVED for one in seen.statements)
    wrong, counts = len(seen.verified.differences), seen.counts
    return KeyFigures(
        (
            KeyFigure(f"{proved} of {len(seen.statements)}", "statements proved", "to the penny"),
            KeyFigure(
                f"{counts.hold:,}",
                "matches hold",
                f"{plural(counts.waiting, 'waits', 'wait')} for a second officer",
            ),
            KeyFigure(f"{counts.reversed:,}", "matches reversed", f"{counts.refused:,} proposals refused"),
            KeyFigure(f"{wrong:,}", "differences", "when worked out again"),
        )
    )


def _statements(seen: Audit) -> list[Block]:
    currency = seen.account.currency
    rows = []
    for one in seen.statements:
        rows.append(
            (
                f"{one.number or 'none'}, {span(one.starts_on, one.ends_on)}",
                f"{one.line_count:,}",
                _balance(one.opening_pence),
                _balance(one.closing_pence),
                {"proved": "Proved", "unproved": "UNPROVED", "apart": "Kept apart"}[one.standing],
            )
        )
    told = [
        Text(
            f"Statement {one.number or 'without a number'} misses its closing balance by "
            f"{figure(one.difference_pence or 0, currency)}. {one.hint} {one.unproved_by} took it all the "
            f"same on {moment(one.unproved_at)}: {one.unproved_reason}",
            lead="Unproved for ever.",
        )
        for one in seen.statements
        if one.standing == Standing.UNPROVED
    ]
    return [
        Heading("Bank statements and their proof"),
        Table(
            (
                Column("Statement", width=2.2),
                Column("Lines", figures=True, width=0.6),
                Column("Opening", figures=True),
                Column("Closing", figures=True),
                Column("Proof", width=0.9),
            ),
            rows,
            empty="This period has no statement.",
        ),
        *told,
    ]


def _balance(pence: int | None) -> str:
    return "not given" if pence is None else pounds(pence)


def _files(seen: Audit) -> list[Block]:
    blocks: list[Block] = [Heading("Imported files")]
    if not seen.files:
        return [*blocks, Text("No file brought anything of these days.", tone="muted")]
    for one in seen.files:
        record = one.record
        blocks += [
            Heading(record.name, level=3),
            Facts(
                (
                    (
                        f"{record.kind.value.capitalize()}, {record.format}",
                        f"Imported {moment(record.created_at)} by {record.imported_by}. {one.brought}.",
                    ),
                    ("SHA-256", f"{record.sha256}\n{record.size:,} bytes, {one.kept}"),
                )
            ),
        ]
    return blocks


def _payouts(seen: Audit) -> Table:
    currency = seen.account.currency
    rows = []
    for one in seen.payouts:
        proof = "Proved"
        if one.unproved_by:
            missing = figure(one.difference_pence or 0, currency)
            proof = f"Unproved by {missing}: {one.unproved_by} took it. {one.unproved_reason}"
        costs = one.fees_pence + one.refunds_pence + one.disputes_pence - one.other_pence
        rows.append(
            (
                f"{one.provider} {one.payout_id}\n{day(one.paid_on) if one.paid_on else 'no day'}",
                proof,
                pounds(one.gross_pence),
                pounds(-costs),
                pounds(one.net_pence),
            )
        )
    return Table(
        (
            Column("Payout", width=1.7),
            Column("Proof of its report", width=1.9),
            Column("Gross", figures=True),
            Column("Fees, refunds, other", figures=True, width=1.1),
            Column("Paid out", figures=True),
        ),
        rows,
        total=("All", "", "", "", figure(sum(one.net_pence for one in seen.payouts), currency))
        if rows
        else None,
        empty="No report of a payment provider is for these days.",
    )


def _rules(seen: Audit) -> Table:
    rows = []
    for one in seen.rules:
        rule = one.rule
        told = "It is no longer kept." if rule is None else f"{rule.description} It is {rule.state}.".strip()
        if rule is not None and rule.decided_by_name:
            told += f" {rule.decided_by_name} decided on it, {moment(rule.decided_at)}."
        rows.append((one.name, told, f"{one.postings:,}", f"{one.matches:,}"))
    return Table(
        (
            Column("Rule", width=1.2),
            Column("What is known of it", width=2.6),
            Column("Postings", figures=True, width=0.8),
            Column("Matches", figures=True, width=0.8),
        ),
        rows,
        empty="No rule touched a posting or found a match of these days.",
    )


def _journals(seen: Audit) -> Table:
    rows = []
    for one in seen.journals:
        legs = [
            f"Fund {line.fund}{f', {line.account_reference}' if line.account_reference else ''}: "
            f"{pounds(line.pence)}"
            for line in one.lines
        ]
        who = [f"Made: {one.made_by_name}, {day(one.made_on)}"]
        who.append(
            f"{one.state.value.capitalize()}: {one.decided_by_name}, {moment(one.decided_at)}"
            if one.decided_by_name
            else "Waits for another person"
        )
        kind = one.kind.value.replace("_", " ").capitalize()
        rows.append((f"{kind}: {one.reason}", "\n".join(legs), "\n".join(who), pounds(one.total_pence)))
    return Table(
        (Column("Why", width=1.7), Column("Lines", width=1.7), Column("Who and when", width=1.6), AMOUNT),
        rows,
        empty="No journal was made in these days.",
    )


def _ereturns(seen: Audit) -> Table:
    rows = []
    for one in seen.ereturns:
        view = one.ereturn
        who = (
            [f"Submitted: {view.submitted_by_name}, {moment(view.submitted_at)}"] if view.submitted_at else []
        )
        if view.decided_by_name:
            state = view.state.value.replace("_", " ").capitalize()
            who.append(f"{state}: {view.decided_by_name}, {moment(view.decided_at)}")
        elif view.state == EReturnState.SUBMITTED:
            who.append("Waits for another person")
        banked = f"At the bank: {pounds(one.banked_pence)}"
        rows.append(
            (
                f"{view.number}, {view.kind.value}\n{view.site}, {day(view.taken_on)}",
                f"{view.slip or 'No slip'}\n{banked}",
                "\n".join(who) or "In progress",
                pounds(one.total_pence),
            )
        )
    return Table(
        (
            Column("eReturn", width=1.7),
            Column("Bag or slip", width=1.3),
            Column("Who and when", width=2),
            AMOUNT,
        ),
        rows,
        empty="No site paid in on these days.",
    )


def _verified(seen: Audit) -> list[Block]:
    found = seen.verified
    counted = f"{plural(found.matches, 'match', 'matches')} and {plural(found.statements, 'statement')}"
    blocks: list[Block] = [
        Heading("Worked out again"),
        Text(f"{counted} of the whole store were worked out again."),
    ]
    if not found.differences:
        return [*blocks, Text("Not a penny differs from what was stored.", lead="No difference.")]
    words = [one.words for one in found.differences[:MOST_DIFFERENCES]]
    more = len(found.differences) - len(words)
    blocks += [Text("These records are not as they were.", lead="Differences."), Bullets(words)]
    return [*blocks, Text(f"{more:,} more are in the store.")] if more > 0 else blocks


def _as_at(seen: Audit, at: datetime, digest: str) -> list[Block]:
    exact = at.astimezone(LONDON).isoformat()
    return [
        Heading("The view at one moment"),
        Facts(
            (
                ("Moment", exact),
                ("Account", seen.account.key),
                ("SHA-256 of the view", digest),
            )
        ),
        Note(
            "How to check this.",
            f"The command “holdall-cli income as-at {exact} --account {seen.account.key}” works the view of "
            "that moment out again from the records, on this or any later day, and prints the same SHA-256. "
            "Another value means that a record of the past was changed.",
        ),
    ]
