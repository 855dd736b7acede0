"""What an audit pack reads of a period: its files, statements, matches, rules and decisions, as stored."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.income.board import current_statement
from app.income.matching import RULE
from app.income.office.chain import Chain, chains
from app.income.office.ereturn_views import taken_between
from app.income.office.journal_views import JournalView, journal
from app.income.office.periods import trail
from app.income.office.refunds import FeePosted, RefundView, fees_between, refunds_between
from app.income.papers.reading import WrittenOff, write_offs
from app.income.rule_names import names_in
from app.income.verify import Verified, verify
from app.wording import money, plural
from models import blobs
from models.errors import FileDamaged
from models.income import (
    ACTIVE,
    Account,
    BankLine,
    ImportedFile,
    Journal,
    Match,
    MatchReceipt,
    MatchState,
    Period,
    PeriodEvent,
    Receipt,
    Rule,
    Settlement,
    Statement,
)

_CHUNK = 500


@dataclass(frozen=True)
class FileSeen:
    """An imported file: its record, what it brought, and whether its kept bytes still have its SHA-256."""

    record: ImportedFile
    brought: str
    kept: str


@dataclass(frozen=True)
class MatchSeen:
    """A match with its bank line and the receipts it took from: (ledger id, narrative, pence)."""

    match: Match
    line: BankLine
    receipts: tuple[tuple[str, str, int], ...]


@dataclass(frozen=True)
class RuleRan:
    """A rule that touched postings of the period or proposed matches that hold: how many of each.

    `rule` is its record while it is kept.
    """

    name: str
    postings: int
    matches: int
    rule: Rule | None


@dataclass(frozen=True)
class Counts:
    """How many matches hold and their pence, how many of them wait, how many were reversed or refused."""

    hold: int
    pence: int
    waiting: int
    reversed: int
    refused: int


@dataclass(frozen=True)
class Audit:
    """Everything an audit pack prints of one period, read in one session."""

    account: Account
    period: Period
    trail: tuple[PeriodEvent, ...]
    statements: tuple[Statement, ...]
    files: tuple[FileSeen, ...]
    matches: tuple[MatchSeen, ...]  # those that hold
    taken_apart: tuple[MatchSeen, ...]  # reversed matches and proposals an officer said no to
    counts: Counts  # also of what is not read, because there is too much of it
    payouts: tuple[Settlement, ...]
    rules: tuple[RuleRan, ...]
    write_offs: tuple[WrittenOff, ...]
    journals: tuple[JournalView, ...]
    ereturns: tuple[Chain, ...]
    refunds: tuple[RefundView, ...]
    fees: tuple[FeePosted, ...]
    verified: Verified


def read_audit(session: Session, options: Mapping[str, str], most_matches: int) -> Audit | None:
    """Return the audit of the period named by `period` or `statement`, else of the current statement's.

    None when there is no statement at all; at most `most_matches` matches are read of each sort. Raises
    NotFound for an id that is not here.
    """
    period = _period(session, options)
    if period is None:
        return None
    account = session.get_one(Account, period.account_id)
    statements = tuple(
        session.scalars(
            select(Statement)
            .where(Statement.period_id == period.id, Statement.deleted.is_(False))
            .order_by(Statement.ends_on, Statement.number, Statement.id)
        )
    )
    ids = [statement.id for statement in statements]
    holds = [MatchState.ACCEPTED, MatchState.CONFIRMED]
    days = (period.starts_on, period.ends_on)
    return Audit(
        account,
        period,
        tuple(trail(session, period.id)),
        statements,
        tuple(_files(session, period, statements)),
        tuple(_matches(session, ids, holds, most_matches)),
        tuple(_matches(session, ids, [MatchState.REVERSED, MatchState.REJECTED], most_matches)),
        _counts(session, ids),
        tuple(
            session.scalars(
                select(Settlement)
                .where(*_paid_in(period))
                .order_by(Settlement.paid_on, Settlement.provider, Settlement.payout_id, Settlement.id)
            )
        ),
        tuple(_rules(session, period, ids)),
        tuple(write_offs(session, ids)),
        tuple(_journals(session, period)),
        tuple(chains(session, taken_between(session, *days, account.id))),
        tuple(refunds_between(session, account.id, *days)),
        tuple(fees_between(session, account.id, *days)),
        verify(session),
    )


def _counts(session: Session, statement_ids: Sequence[str]) -> Counts:
    rows = session.execute(
        select(Match.state, Match.needs_second, func.count(), func.sum(Match.amount_pence))
        .where(Match.statement_id.in_(statement_ids), Match.deleted.is_(False))
        .group_by(Match.state, Match.needs_second)
    ).all()

    def count(*states: MatchState) -> int:
        return sum(row[2] for row in rows if row[0] in states)

    return Counts(
        count(MatchState.ACCEPTED, MatchState.CONFIRMED),
        sum(row[3] for row in rows if row[0] in ACTIVE),
        sum(row[2] for row in rows if row[0] == MatchState.ACCEPTED and row[1]),
        count(MatchState.REVERSED),
        count(MatchState.REJECTED),
    )


def _period(session: Session, options: Mapping[str, str]) -> Period | None:
    if wanted := options.get("period"):
        period = session.get(Period, wanted)
        if period is None or period.deleted:
            raise NotFound("This period is not here.", "Choose a statement on the Income tab instead.")
        return period
    statement_id = options.get("statement") or current_statement(session)
    if statement_id is None:
        return None
    statement = session.get(Statement, statement_id)
    if statement is None or statement.deleted or statement.period_id is None:
        raise NotFound("This statement is not here.", "It may have been undone. Choose another one.")
    return session.get(Period, statement.period_id)


def _files(session: Session, period: Period, statements: Sequence[Statement]) -> Iterator[FileSeen]:
    """Yield the files that brought the period's statements, postings and payouts, in order of import."""
    of_statement: dict[str, list[Statement]] = defaultdict(list)
    for statement in statements:
        of_statement[statement.file_id].append(statement)
    posted = session.execute(
        select(Receipt.file_id, func.count(), func.sum(Receipt.amount_pence))
        .where(*_posted_in(period))
        .group_by(Receipt.file_id)
    )
    postings = {row[0]: (row[1], row[2]) for row in posted}
    paid = session.execute(
        select(Settlement.file_id, func.count()).where(*_paid_in(period)).group_by(Settlement.file_id)
    )
    payouts = {row[0]: row[1] for row in paid}
    wanted = sorted({*of_statement, *postings, *payouts})
    found: list[ImportedFile] = []
    for start in range(0, len(wanted), _CHUNK):
        some = select(ImportedFile).where(ImportedFile.id.in_(wanted[start : start + _CHUNK]))
        found += session.scalars(some)
    for record in sorted(found, key=lambda one: (one.created_at, one.name, one.id)):
        brought = _brought(record, of_statement[record.id], postings.get(record.id), payouts.get(record.id))
        yield FileSeen(record, brought, _kept(session, record))


def _brought(
    record: ImportedFile, statements: Sequence[Statement], posted: tuple[int, int] | None, payouts: int | None
) -> str:
    parts = []
    for statement in statements:
        standing = {"proved": "proved", "unproved": "unproved", "apart": "kept apart"}[statement.standing]
        lines = plural(statement.line_count, "line")
        parts.append(f"statement {statement.number or 'without a number'}, {lines}, {standing}")
    if posted is not None:
        parts.append(f"{plural(posted[0], 'posting')} of these days, {money(posted[1])}")
    if payouts:
        parts.append(plural(payouts, "payout"))
    what = "; ".join(parts) or record.kind.value
    return what[:1].upper() + what[1:]


def _kept(session: Session, record: ImportedFile) -> str:
    """Return whether the bytes that were imported are here and still have their SHA-256."""
    try:
        data = blobs.get(session, record.sha256)
    except FileDamaged:
        return "kept, but damaged"
    if data is None:
        return "not on this laptop"
    same = hashlib.sha256(data).hexdigest() == record.sha256
    return "kept whole, its SHA-256 agrees" if same else "kept, but its SHA-256 is another"


def _matches(
    session: Session, statement_ids: Sequence[str], states: Sequence[MatchState], most: int
) -> list[MatchSeen]:
    rows = session.execute(
        select(Match, BankLine)
        .join(BankLine, BankLine.id == Match.bank_line_id)
        .where(Match.statement_id.in_(statement_ids), Match.state.in_(states), Match.deleted.is_(False))
        .order_by(BankLine.booked_on, BankLine.line_no, Match.created_at, Match.id)
        .limit(most)
    ).all()
    taken: dict[str, list[tuple[str, str, int]]] = defaultdict(list)
    ids = [match.id for match, _ in rows]
    for start in range(0, len(ids), _CHUNK):
        shares = session.execute(
            select(MatchReceipt.match_id, Receipt.ledger_id, Receipt.narrative, MatchReceipt.amount_pence)
            .join(Receipt, Receipt.id == MatchReceipt.receipt_id)
            .where(MatchReceipt.match_id.in_(ids[start : start + _CHUNK]), MatchReceipt.deleted.is_(False))
            .order_by(Receipt.posted_on, Receipt.line_no, Receipt.id)
        )
        for match_id, ledger_id, narrative, pence in shares:
            taken[match_id].append((ledger_id, narrative, pence))
    return [MatchSeen(match, line, tuple(taken[match.id])) for match, line in rows]


def _rules(session: Session, period: Period, statement_ids: Sequence[str]) -> list[RuleRan]:
    """Return the rules that postings and matches of the period name, with their records where still kept."""
    postings: Counter[str] = Counter()
    rows = session.execute(
        select(Receipt.rules, func.count())
        .where(*_posted_in(period), Receipt.rules != "")
        .group_by(Receipt.rules)
    )
    records = list(session.scalars(select(Rule)))
    known = {rule.name for rule in records}
    for names, count in rows:
        for name in set(names_in(names, known)):
            postings[name] += count
    matched: Counter[str] = Counter()
    evidence = select(Match.evidence).where(
        Match.statement_id.in_(statement_ids),
        Match.stage == RULE,
        Match.state.in_(ACTIVE),
        Match.deleted.is_(False),
    )
    for kept_evidence in session.scalars(evidence):
        for field in kept_evidence.get("fields", ()):
            if field["field"] == "rule":
                matched.update(field["value"])
    kept = {rule.name: rule for rule in records if not rule.deleted}
    return [
        RuleRan(name, postings[name], matched[name], kept.get(name)) for name in sorted({*postings, *matched})
    ]


def _journals(session: Session, period: Period) -> list[JournalView]:
    """Return the journals made on days of the period, in the order they were made."""
    ids = session.scalars(
        select(Journal.id)
        .where(
            Journal.account_id == period.account_id,
            Journal.made_on >= period.starts_on,
            Journal.made_on <= period.ends_on,
            Journal.deleted.is_(False),
        )
        .order_by(Journal.made_on, Journal.created_at, Journal.id)
    ).all()
    return [journal(session, one) for one in ids]


def _posted_in(period: Period) -> tuple[ColumnElement[bool], ...]:
    return (
        Receipt.account_id == period.account_id,
        Receipt.posted_on >= period.starts_on,
        Receipt.posted_on <= period.ends_on,
        Receipt.deleted.is_(False),
    )


def _paid_in(period: Period) -> tuple[ColumnElement[bool], ...]:
    return (
        Settlement.account_id == period.account_id,
        Settlement.paid_on >= period.starts_on,
        Settlement.paid_on <= period.ends_on,
        Settlement.deleted.is_(False),
    )
