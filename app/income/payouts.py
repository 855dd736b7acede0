"""Payouts of payment providers: the proof of what a report states, and payouts inferred where none is named.

Every function is pure. Pence are signed as in app.income.reading: a fee is a positive cost.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

from app.income.amounts import figure
from app.income.days import working_days_between
from app.income.reading import SettlementLineRead, SettlementRead

MOST_FEE_POINTS = 400  # a provider keeps at most 4 per cent back ...
MOST_FEE_EACH = 50  # ... and 50 pence a payment; more is a gap, not a fee
LONGEST_LAG = 5  # working days between the last payment of a payout and its credit
LONGEST_RUN = 7  # days that one payout covers
SAME_POINTS = 5  # what rounding moves a fee by
NEAR_POINTS = 25  # fees this close to the usual one are as plausible as it


@dataclass(frozen=True)
class PayoutProof:
    """The arithmetic of one payout: `difference` is the stated net less what its lines make, in pence.

    `difference` is None when the report states no net; `hint` names the likeliest reason, or is empty.
    """

    ok: bool
    difference: int | None
    hint: str


def is_list(read: SettlementRead) -> bool:
    """Say whether a report is a list of payments that names no payout, so that there is nothing to prove."""
    return not read.payout_id and read.stated_net is None


def prove_payout(read: SettlementRead) -> PayoutProof:
    """Prove that the lines of a payout make the net its report states, or say what most likely breaks it.

    A list without a payout proves when none of its rows is odd: it states no total to prove it by.
    """
    if read.stated_net is None:
        if read.problems:
            return PayoutProof(False, None, str(read.problems[0]))
        told = "" if is_list(read) else "Its report does not state what was paid out."
        return PayoutProof(is_list(read), None, told)
    made = sum(line.net for line in read.lines)
    difference = read.stated_net - made
    if difference:
        return PayoutProof(False, difference, _likeliest(difference, read))
    if read.problems:
        return PayoutProof(False, 0, str(read.problems[0]))
    return PayoutProof(True, 0, "")


def proof_words(read: SettlementRead, proof: PayoutProof) -> str:
    """Return what a person is told of a payout that does not prove, with its pence."""
    which = f"Payout {read.payout_id}" if read.payout_id else "The list of payments"
    if not proof.difference:
        return f"{which} does not prove: {proof.hint}" if proof.hint else f"{which} does not prove."
    stated = figure(read.stated_net or 0, read.currency)
    made, off = figure(read.net, read.currency), figure(abs(proof.difference), read.currency)
    told = f"{which} states {stated}, but its lines make {made}: {off} apart."
    return f"{told} {proof.hint}".strip()


def _likeliest(difference: int, read: SettlementRead) -> str:
    """Return a sentence on the line that most likely makes a payout miss its net, or ""."""
    if read.problems:
        return str(read.problems[0])
    for line in read.lines:
        if line.net and difference == -2 * line.net:
            return f"Line {line.file_line} may have the wrong sign: turning it round settles the difference."
    for line in read.lines:
        if line.net and difference == -line.net:
            return f"Line {line.file_line} may be there twice: it is exactly the difference."
    for line in read.lines:
        if line.net and difference == line.net:
            return f"A line like line {line.file_line} may be missing: it is exactly the difference."
    if difference % 9 == 0:
        return "The difference divides by nine, so two digits may have changed places."
    return "Refunds or fees that the report does not itemise may be the difference." if difference < 0 else ""


class Credit(NamedTuple):
    """A bank credit that may be a payout: what names it, its day, its pence."""

    id: str
    day: date
    pence: int


@dataclass(frozen=True)
class InferredPayout:
    """Which payments a bank credit paid, as their days and amounts tell: nothing names it.

    `gross` less `refunds` less `fee` is `pence`; `fee_points` is the fee in hundredths of a per cent.
    `alternatives`: how many other runs of days fit this credit with a fee as usual. `places` are the places
    of its lines in what was given.
    """

    credit_id: str
    paid_on: date
    pence: int
    first_day: date
    last_day: date
    places: tuple[int, ...]
    gross: int
    refunds: int
    fee: int
    fee_points: int
    alternatives: int


class _Run(NamedTuple):
    """A run of days that may be what a credit paid: places in the list of days, its fee in hundredths."""

    start: int
    end: int
    fee: int
    points: int


@dataclass(frozen=True)
class _Day:
    """The payments of one day: their places, what was taken, what was given back, known fees, and the sum."""

    day: date
    places: tuple[int, ...]
    gross: int
    refunds: int
    net: int


def infer_payouts(
    lines: Sequence[SettlementLineRead], bank_credits: Sequence[Credit]
) -> list[InferredPayout]:
    """Group payments into the bank credits that paid them, by day and amount, with the fee each kept back.

    A payout covers whole days, at most LONGEST_RUN, in order, without gaps that held payments of another; it
    is credited within LONGEST_LAG working days. Among all ways the most credits are explained, then with fees
    nearest to the usual one, then with the fewest payments left over. Credits nothing fits are left out.
    """
    days = _days(lines)
    ordered = sorted(bank_credits, key=lambda credit: (credit.day, credit.id))
    runs = [_runs(days, credit) for credit in ordered]
    usual = _usual_points(runs)
    chosen = _chain(days, runs, usual)
    return [
        _inferred(days, ordered[place], run, runs[place], usual)
        for place, run in enumerate(chosen)
        if run is not None
    ]


def _days(lines: Sequence[SettlementLineRead]) -> list[_Day]:
    by_day: dict[date, list[int]] = defaultdict(list)
    for place, line in enumerate(lines):
        by_day[line.made_on].append(place)
    made = []
    for day in sorted(by_day):
        places = by_day[day]
        taken = sum(lines[place].gross for place in places if lines[place].gross > 0)
        net = sum(lines[place].net for place in places)
        gross = sum(lines[place].gross for place in places)
        made.append(_Day(day, tuple(places), taken, taken - gross, net))
    return made


def _runs(days: Sequence[_Day], credit: Credit) -> list[_Run]:
    """Return every run of days that a credit may have paid."""
    found: list[_Run] = []
    stamps = [one.day for one in days]
    last = bisect_right(stamps, credit.day) - 1
    first = bisect_left(stamps, credit.day - timedelta(days=2 * LONGEST_LAG + LONGEST_RUN))
    for end in range(last, first - 1, -1):
        if working_days_between(days[end].day, credit.day) > LONGEST_LAG:
            break
        gross = net = count = 0
        for start in range(end, -1, -1):
            if (days[end].day - days[start].day).days >= LONGEST_RUN:
                break
            gross, net = gross + days[start].gross, net + days[start].net
            count += len(days[start].places)
            fee = net - credit.pence
            if 0 <= fee <= gross * MOST_FEE_POINTS // 10_000 + MOST_FEE_EACH * count and gross:
                found.append(_Run(start, end, fee, (fee * 10_000 + gross // 2) // gross))
    return found


def _usual_points(runs: Sequence[Sequence[_Run]]) -> int:
    """Return the fee, in hundredths of a per cent, that the most credits could have had."""
    best = (0, 0, 0)
    for one in sorted({run.points for several in runs for run in several}):
        distances = [min(abs(run.points - one) for run in several) for several in runs if several]
        near = [distance for distance in distances if distance <= NEAR_POINTS]
        best = max(best, (len(near), -sum(near), one))
    return best[2]


def _chain(days: Sequence[_Day], runs: Sequence[Sequence[_Run]], usual: int) -> list[_Run | None]:
    """Return one run, or None, for each credit, such that runs follow each other and explain the most.

    `best[n]` is the best way to use the first n days. A score is (credits explained, how far fees are off the
    usual one as a negative number, pence covered); a chain is (the chain before, its last run).
    """
    best: list[tuple[tuple[int, int, int], Any]] = [((0, 0, 0), None)] * (len(days) + 1)
    for several in runs:
        fresh: list[tuple[tuple[int, int, int], Any]] = [(score, (chain, None)) for score, chain in best]
        for run in several:
            (explained, off, covered), chain = best[run.start]
            pence = sum(one.net for one in days[run.start : run.end + 1])
            score = (explained + 1, off - max(0, abs(run.points - usual) - SAME_POINTS), covered + pence)
            if score > fresh[run.end + 1][0]:
                fresh[run.end + 1] = (score, (chain, run))
        for place in range(1, len(fresh)):
            if fresh[place - 1][0] > fresh[place][0]:
                fresh[place] = fresh[place - 1]
        best = fresh
    chain = best[-1][1]
    chosen: list[_Run | None] = []
    while chain is not None:
        chain, run = chain
        chosen.append(run)
    return chosen[::-1]


def _inferred(
    days: Sequence[_Day], credit: Credit, run: _Run, runs: Sequence[_Run], usual: int
) -> InferredPayout:
    members = days[run.start : run.end + 1]
    others = sum(one != run and abs(one.points - usual) <= NEAR_POINTS for one in runs)
    return InferredPayout(
        credit.id,
        credit.day,
        credit.pence,
        members[0].day,
        members[-1].day,
        tuple(place for one in members for place in one.places),
        sum(one.gross for one in members),
        sum(one.refunds for one in members),
        run.fee + sum(one.gross - one.refunds - one.net for one in members),
        run.points,
        others,
    )
