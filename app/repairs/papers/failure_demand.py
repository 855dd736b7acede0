"""Failure demand on paper: what share of the calls are chases, about what, and which repairs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from app.context import Context
from app.errors import HoldallError
from app.repairs.homes.contacts import REASON_WORDS
from app.repairs.homes.demand import WEEKS, Demand, per_cent, read_demand
from app.repairs.papers.common import paper
from app.report import (
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
from app.wording import date_year, day, day_month, local_date, plural
from models.repairs import State

MOST_WEEKS = 26
HUE = "#8A5200"


def failure_demand(context: Context, options: dict[str, str]) -> Document:
    """The failure demand of whole weeks: options `from` and `to` are days (ISO), else the last eight weeks.

    Raises HoldallError for what is no day, or for more than half a year.
    """
    end = _day(options.get("to", "")) or context.today()
    start = _day(options.get("from", "")) or end - timedelta(days=7 * (WEEKS - 1))
    if start > end:
        raise HoldallError("The period ends before it begins.", "Give “from” before “to”.")
    if (end - start).days > 7 * MOST_WEEKS:
        raise HoldallError(f"The report shows at most {MOST_WEEKS} weeks.", "Choose a shorter period.")
    demand = context.read(lambda session: read_demand(session, start, end))
    return paper(
        context,
        "Failure demand",
        f"Monday {day_month(demand.start)} to Sunday {date_year(demand.end)}",
        f"FD-{demand.start.isoformat()}",
        _blocks(demand),
    )


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise HoldallError(f"“{text[:40]}” is not a day.", "Write it like 2026-12-14.") from None


def _blocks(demand: Demand) -> list[Block]:
    how = Note(
        "How to read this",
        "A call is a new report, a chase, something new about a repair, or a visit where nobody was let in. "
        "A chase asks what has become of a repair: it would not have come had the repair gone as it should. "
        f"Calls that we made ourselves ({demand.called:,}) are not counted. Drafts are not reports.",
    )
    if not demand.calls:
        return [Text("Nobody rang about a repair in these weeks."), how]
    return [
        KeyFigures(
            [
                KeyFigure(f"{demand.share} %", "of the calls are chases", _of(demand.chases, demand.calls)),
                KeyFigure(f"{demand.chases:,}", "chases", plural(len(demand.weeks), "week")),
                KeyFigure(f"{demand.reports:,}", "new reports", "emergencies included"),
                KeyFigure(f"{demand.repairs_chased:,}", "repairs were chased", "the ten most stand below"),
            ]
        ),
        *_weeks(demand),
        Heading("What they ring about"),
        _reasons(demand),
        Heading("The repairs that were chased most"),
        _chased(demand),
        Heading("By trade"),
        _trades(demand),
        how,
    ]


def _of(part: int, whole: int) -> str:
    return f"{part:,} of {whole:,}"


def _weeks(demand: Demand) -> list[Block]:
    labels = [day(week.monday) for week in demand.weeks]
    counts = [week.chases for week in demand.weeks]
    worst = max(range(len(counts)), key=lambda place: counts[place])
    finding = f"Most chases came in the week from {day_month(demand.weeks[worst].monday)}: {counts[worst]:,}"
    if not demand.chases:
        finding = "Nobody had to chase a repair"
    rows = [
        (
            f"{day(week.monday)} to {day(week.monday + timedelta(days=6))}",
            f"{week.reports:,}",
            f"{week.chases:,}",
            f"{week.updates:,}",
            f"{week.no_access:,}",
            f"{per_cent(week.chases, week.calls)} %" if week.calls else "",
        )
        for week in demand.weeks
    ]
    total = (
        "All",
        f"{demand.reports:,}",
        f"{demand.chases:,}",
        f"{sum(week.updates for week in demand.weeks):,}",
        f"{sum(week.no_access for week in demand.weeks):,}",
        f"{demand.share} %",
    )
    columns = (
        Column("Week", width=1.6),
        *(Column(t, figures=True) for t in ("Reports", "Chases", "Something new", "No access", "Share")),
    )
    chart = BarChart(labels, counts, current=worst if demand.chases else None, hue=HUE)
    note = "Chases by week, named by its Monday. The table gives the same figures."
    return [Chart(chart, finding, note=note), Table(columns, rows, total, caption="Calls by week")]


def _reasons(demand: Demand) -> Table:
    rows = [
        (REASON_WORDS[reason], f"{count:,}", f"{per_cent(count, demand.chases)} %" if demand.chases else "")
        for reason, count in demand.reasons
    ]
    figures = (Column("Chases", figures=True), Column("Share", figures=True))
    columns = (Column("Why they chase", width=3.0), *figures)
    return Table(columns, rows, ("All", f"{demand.chases:,}", ""))


def _chased(demand: Demand) -> Table:
    rows = [
        (c.reference, f"{c.title}\n{c.address}", _standing(c.state, c.target_at), f"{c.chases:,}")
        for c in demand.chased
    ]
    columns = (
        Column("Reference", width=1.2),
        Column("Repair", width=3.2),
        Column("Stands", width=1.4),
        Column("Chases", figures=True, width=0.8),
    )
    return Table(columns, rows, empty="No repair was chased.")


def _standing(state: State, target_at: datetime | None) -> str:
    if state is State.COMPLETED:
        return "mended"
    if state is State.CANCELLED:
        return "called off"
    return f"due {day(local_date(target_at))}" if target_at is not None else "no date"


def _trades(demand: Demand) -> Table:
    rows: Sequence[tuple[str, ...]] = [
        (each.trade, f"{each.reports:,}", f"{each.chases:,}") for each in demand.trades
    ]
    columns = (Column("Trade", width=3.0), Column("Reports", figures=True), Column("Chases", figures=True))
    return Table(columns, rows)
