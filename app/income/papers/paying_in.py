"""The paying-in summary on paper: what sites took, by site, day and method, and the cash by denomination."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, timedelta

from sqlalchemy.orm import Session

from app.context import Context
from app.errors import HoldallError
from app.income.office import cash
from app.income.office.chain import Chain, chains
from app.income.office.ereturn_views import EReturnView, last_taken, taken_between
from app.income.papers import common
from app.income.papers.common import AMOUNT, capped, day_option, paper, short_day, span
from app.report import (
    PENCE,
    BarChart,
    Block,
    Chart,
    Column,
    Document,
    Heading,
    KeyFigure,
    KeyFigures,
    Note,
    Table,
    Text,
)
from app.wording import day, money, plural, pounds, weekday_day
from models.income import EReturnKind, EReturnState

COUNTED = {EReturnState.SUBMITTED, EReturnState.AUTHORISED}
LONGEST_SPAN = 400  # days
_MOST_BARS = 14  # days; more than these nobody can read, and the chart is by site


def paying_in_summary(context: Context, options: dict[str, str]) -> Document:
    """Build the paying-in summary for a span of days: `from`, `to` (2026-12-07), `account` (an id), `site`.

    Without a span it is the week of the newest eReturn and the one before. Raises HoldallError for no span.
    """
    newest = context.read(last_taken) or context.today()
    given = day_option(options, "from"), day_option(options, "to")
    last = given[1] or max(given[0] or newest, _monday(newest) + timedelta(days=6))
    first = given[0] or _monday(last) - timedelta(days=7)
    if not timedelta(0) <= last - first <= timedelta(days=LONGEST_SPAN):
        raise HoldallError(
            f"{short_day(first)} to {short_day(last)} is no span that can be printed.",
            f"Choose a first day before the last one, and at most {LONGEST_SPAN} days.",
        )
    chains = context.read(lambda s: _chains(s, first, last, options, context.author.roles))
    site = f" at {options['site']}" if options.get("site") else ""
    return paper(
        context,
        f"Paying-in summary{site}",
        f"Cash and cheques taken {_from_to(first, last)}, from the eReturns of the sites.",
        f"PI-{first:%Y%m%d}-{last:%Y%m%d}",
        _blocks(chains, first, last),
    )


def _monday(of: date) -> date:
    return of - timedelta(days=of.weekday())


def _from_to(first: date, last: date) -> str:
    return f"on {span(first, last)}" if first == last else f"from {span(first, last)}"


def _chains(
    session: Session, first: date, last: date, options: Mapping[str, str], roles: Collection[str]
) -> list[Chain]:
    site = options.get("site")
    views = taken_between(session, first, last, options.get("account") or None, roles)
    return chains(session, [view for view in views if not site or view.site == site])


def _blocks(chains: Sequence[Chain], first: date, last: date) -> list[Block]:
    sent = [one for one in chains if one.ereturn.state in COUNTED]
    open_ones = [one.ereturn for one in chains if one.ereturn.state == EReturnState.IN_PROGRESS]
    if not sent:
        words = f"No eReturn was submitted for {span(first, last)}."
        if open_ones:
            words += f" {plural(len(open_ones), 'eReturn')} of these days still in progress."
        return [Text(words), Note("What to do.", "Submit them on the Income tab, or print another span.")]
    blocks: list[Block] = [_figures(sent, open_ones), *_chart(sent)]
    blocks += [Heading("By site"), _grouped(sent, "Site", lambda one: one.site)]
    blocks += [Heading("By day"), _grouped(sent, "Day", lambda one: weekday_day(one.taken_on))]
    blocks += [Heading("Every bag and slip"), *_list(sent)]
    blocks += [Heading("Cash by denomination"), _denominations([one.ereturn for one in sent])]
    if open_ones:
        blocks += [Heading("Not submitted yet"), _unsent(open_ones)]
    blocks.append(
        Note(
            "How to read this.",
            "Counted are eReturns that were submitted or authorised; those still in progress stand apart and "
            "are in no total. “At the bank” is what matched bank lines have taken of the receipts of a bag "
            "or slip. Weights follow the Royal Mint’s coin specifications; notes are not weighed.",
        )
    )
    return blocks


def _figures(sent: Sequence[Chain], open_ones: Sequence[EReturnView]) -> KeyFigures:
    waiting = sum(one.ereturn.state == EReturnState.SUBMITTED for one in sent)
    sites = {one.ereturn.site for one in sent}
    banked = sum(one.banked_pence for one in sent)
    return KeyFigures(
        (
            KeyFigure(money(_total(sent)), "paid in", f"by {plural(len(sites), 'site')}"),
            KeyFigure(f"{len(sent):,}", "eReturn" if len(sent) == 1 else "eReturns", _left(open_ones)),
            KeyFigure(f"{waiting:,}", "to be authorised", "by another person"),
            KeyFigure(money(sum(one.on_its_way for one in sent)), "on its way", f"{money(banked)} banked"),
        )
    )


def _left(open_ones: Sequence[EReturnView]) -> str:
    return f"{len(open_ones):,} more in progress" if open_ones else "none in progress"


def _total(chains: Sequence[Chain]) -> int:
    return sum(one.total_pence for one in chains)


def _chart(sent: Sequence[Chain]) -> list[Chart]:
    """Bars by day where there are several days that can be read, else by site; one alone is no chart."""
    days = sorted({one.ereturn.taken_on for one in sent})
    by_day = 1 < len(days) <= _MOST_BARS
    sums: dict[str, int] = defaultdict(int)
    full: dict[str, str] = {}
    for one in sorted(sent, key=lambda c: c.ereturn.taken_on):
        on = one.ereturn.taken_on
        name = f"{on:%a} {day(on)}" if by_day else one.ereturn.site
        full[name] = weekday_day(on) if by_day else name
        sums[name] += one.total_pence
    names, values = list(sums), list(sums.values())
    if len(names) == 1:
        return []
    most = max(range(len(values)), key=values.__getitem__)
    finding = f"{full[names[most]]} brought the most: {money(values[most])}"
    note = f"Taken {'on each day' if by_day else 'by each site'}; the tables below add up to the same."
    return [Chart(BarChart(names, values, current=most, unit=PENCE), title=finding, note=note)]


def _grouped(sent: Sequence[Chain], title: str, name: Callable[[EReturnView], str]) -> Table:
    rows: dict[str, list[int]] = {}
    for one in sent:
        sums = rows.setdefault(name(one.ereturn), [0, 0, 0])
        sums[0] += 1
        sums[1 if one.ereturn.kind == EReturnKind.CASH else 2] += one.total_pence
    return Table(
        (
            Column(title, width=2.4),
            Column("eReturns", figures=True),
            Column("Cash", figures=True),
            Column("Cheques", figures=True),
            Column("Together", figures=True),
        ),
        [(key, f"{n:,}", pounds(c), pounds(q), pounds(c + q)) for key, (n, c, q) in rows.items()],
        total=(
            "All",
            f"{len(sent):,}",
            pounds(sum(c for _, c, _ in rows.values())),
            pounds(sum(q for _, _, q in rows.values())),
            money(_total(sent)),
        ),
    )


def _list(sent: Sequence[Chain]) -> list[Block]:
    rows = []
    for one in sent:
        view = one.ereturn
        eyes = f"{view.submitted_by_name}\n{_authorised(view)}"
        rows.append(
            (
                day(view.taken_on),
                f"{view.site}, {view.kind.value}",
                f"{view.slip or 'no slip'}\n{view.number}",
                eyes,
                pounds(one.banked_pence),
                pounds(one.total_pence),
            )
        )
    shown, left_out = capped(rows, common.MOST_ROWS, "eReturns")
    table = Table(
        (
            Column("Taken", width=0.65),
            Column("Site", width=1.6),
            Column("Bag or slip", width=1.3),
            Column("Submitted, authorised", width=1.6),
            Column("At the bank", figures=True, width=1.0),
            AMOUNT,
        ),
        shown,
        total=None
        if left_out
        else (
            "All",
            "",
            "",
            "",
            pounds(sum(one.banked_pence for one in sent)),
            money(_total(sent)),
        ),
        row_header=1,
    )
    return [Text(left_out, lead="Not all."), table] if left_out else [table]


def _authorised(view: EReturnView) -> str:
    return view.decided_by_name if view.state == EReturnState.AUTHORISED else "not authorised yet"


def _denominations(views: Sequence[EReturnView]) -> Table:
    sums: dict[int, int] = defaultdict(int)
    for view in views:
        for one, pence in view.denominations.items():
            sums[one] += pence
    counted = {one: pence // one for one, pence in sums.items()}
    bags = {one.denomination: one for one in cash.coin_bags(counted)}
    rows = [
        (
            cash.name_of(one),
            f"{counted[one]:,}",
            _bags(bags.get(one)),
            _weight(one, counted),
            pounds(sums[one]),
        )
        for one in cash.DENOMINATIONS
        if sums.get(one)
    ]
    return Table(
        (
            Column("Notes and coins", width=1.4),
            Column("Number", figures=True, width=0.8),
            Column("Full bags and loose coins", width=1.8),
            Column("Weight", figures=True, width=0.9),
            AMOUNT,
        ),
        rows,
        total=("All cash", "", "", cash.weight_words(counted), money(sum(sums.values()))) if rows else None,
        empty="No cash was counted in these days.",
    )


def _bags(bags: cash.Bags | None) -> str:
    if bags is None:
        return ""
    loose = f"{bags.loose:,} loose" if bags.loose else ""
    full = plural(bags.full, "full bag") if bags.full else ""
    return ", ".join(part for part in (full, loose) if part)


def _weight(one: int, counted: dict[int, int]) -> str:
    return cash.weight_words({one: counted[one]}) if one in cash.COINS else ""


def _unsent(views: Sequence[EReturnView]) -> Table:
    return Table(
        (
            Column("Taken", width=0.65),
            Column("Site", width=1.6),
            Column("What is missing", width=3.0),
            Column("Counted", figures=True, width=0.9),
        ),
        [
            (
                day(view.taken_on),
                f"{view.site}, {view.kind.value}",
                " ".join(view.missing) or "Nothing: it can be submitted.",
                pounds(view.counted_pence),
            )
            for view in views
        ],
        row_header=1,
    )
