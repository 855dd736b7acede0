"""The team lead's week of repairs: reported, mended, overdue, due next, emergencies sent on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from app.context import Context
from app.errors import HoldallError
from app.repairs import returns, rules, words
from app.repairs.dated_tables import tables_at
from app.repairs.papers.common import HUE, paper
from app.repairs.returns import Share
from app.repairs.tables import BandTable
from app.repairs.views import EmergencyView, emergencies_between
from app.repairs.worklist import RepairCard, card
from app.report import (
    BarChart,
    Block,
    Chart,
    Column,
    Document,
    Heading,
    KeyFigure,
    KeyFigures,
    Table,
    Text,
)
from app.wording import clock_time, date_year, day, day_month, local_date
from models.repairs import OPEN, Outcome, Repair, State

NOTHING_YET = (State.DRAFT, State.CANCELLED)
OUTCOME_WORDS = {
    Outcome.GIVEN: "Number given",
    Outcome.CUT_OFF: "Call cut off",
    Outcome.RETRACTED: "No emergency after all",
    None: "Not recorded",
}


@dataclass(frozen=True)
class Week:
    """The figures of one week of repairs, Monday to Sunday."""

    start: date
    end: date
    reported: tuple[RepairCard, ...]
    mended: tuple[RepairCard, ...]
    open: tuple[RepairCard, ...]  # every open one, the earliest due first
    overdue: tuple[RepairCard, ...]
    due_next: tuple[RepairCard, ...]  # due within seven days from today
    emergencies: tuple[EmergencyView, ...]
    targets: dict[str, Share]  # completed this week within the council's own time, by band
    targets_year: dict[str, Share]  # the same since the return's year began
    year_from: date
    table: BandTable  # the council's own times as they hold in it

    @property
    def in_time(self) -> int:
        """How many of the mended were mended by their date."""
        return sum(1 for c in self.mended if c.completed_at and c.target_at and c.completed_at <= c.target_at)


def read_week(session: Session, day_in_it: date, context: Context) -> Week:
    """The week that a day lies in, as it stands now."""
    start = day_in_it - timedelta(days=day_in_it.weekday())
    end = start + timedelta(days=6)
    first, last = rules.end_of_day(start - timedelta(days=1)), rules.end_of_day(end)
    now, user, known = context.now(), context.author.user_id, tables_at(session)

    def cards(*where: ColumnElement[bool]) -> tuple[RepairCard, ...]:
        chosen = select(Repair).where(Repair.deleted.is_(False), *where)
        statement = chosen.order_by(Repair.target_at, Repair.id)
        return tuple(card(r, user, now, known.calendar) for r in session.scalars(statement))

    open_ = cards(Repair.state.in_(OPEN))
    soon = rules.end_of_day(context.today() + timedelta(days=7))
    return Week(
        start,
        end,
        cards(Repair.reported_at > first, Repair.reported_at <= last, Repair.state.not_in(NOTHING_YET)),
        cards(Repair.state == State.COMPLETED, Repair.completed_at > first, Repair.completed_at <= last),
        open_,
        tuple(c for c in open_ if c.target_at and c.target_at < now),
        tuple(c for c in open_ if c.target_at and now <= c.target_at <= soon),
        tuple(emergencies_between(session, start, end)),
        returns.shares(returns.completed(session, start, end)),
        returns.shares(returns.completed(session, returns.year_start(end), end)),
        returns.year_start(end),
        known.bands_on(start),
    )


def week_report(context: Context, options: dict[str, str]) -> Document:
    """The team lead's week: `week` is any day of it (ISO), else the newest week with a repair.

    Raises HoldallError for a day that is no date.
    """
    the_day = _week_day(context, options.get("week", ""))
    week = context.read(lambda s: read_week(s, the_day, context))
    blocks: list[Block] = [
        KeyFigures(
            [
                KeyFigure(str(len(week.reported)), "reported", "emergencies included"),
                KeyFigure(f"{week.in_time} of {len(week.mended)}", "mended in time", "mended this week"),
                KeyFigure(str(len(week.overdue)), "overdue", f"of {len(week.open)} open today"),
                KeyFigure(
                    str(len(week.emergencies)),
                    "emergency" if len(week.emergencies) == 1 else "emergencies",
                    "sent on at once",
                ),
            ]
        ),
        *_bands(week, week.table.labels),
        Heading("Overdue"),
        _due_table(week.overdue, "Nothing is overdue."),
        Heading("Due in the next seven days"),
        _due_table(week.due_next, "Nothing is due in the next seven days."),
        Heading("Emergencies sent on"),
        _emergency_table(week.emergencies),
        *_return(week, week.table),
        Text(
            "A repair counts in the council’s own band; a law may set its date sooner: see “Time from”. "
            "In time means mended by the date that was promised; for the return, by the end of the "
            "council’s own time, which a law may come before. Drafts, repairs that were called off and "
            "emergencies that were sent on by telephone are left out of the return. The list as CSV has the "
            "target of each repair.",
            lead="How to read this.",
            small=True,
        ),
    ]
    subtitle = f"Monday {day_month(week.start)} to Sunday {date_year(week.end)}"
    return paper(context, "Repairs week", subtitle, f"Repairs {week.start.isoformat()}", blocks)


def _week_day(context: Context, wanted: str) -> date:
    if wanted:
        try:
            return date.fromisoformat(wanted)
        except ValueError:
            raise HoldallError(f"“{wanted[:40]}” is not a day.", "Write it like 2026-12-14.") from None
    newest = context.read(
        lambda s: s.scalar(select(func.max(Repair.reported_at)).where(Repair.deleted.is_(False)))
    )
    return local_date(newest) if newest else context.today()


def _bands(week: Week, labels: dict[str, str]) -> list[Block]:
    reported = Counter(c.band for c in week.reported if c.band)
    others = sorted({c.band for c in (*week.reported, *week.mended, *week.open) if c.band} - labels.keys())
    labels = {**labels, **{code: code for code in others}}  # of times that have ended since
    codes = list(labels)
    if not reported:
        return [Text("No repair was reported in this week.")]
    largest = max(codes, key=lambda code: reported[code])
    finding = f"{labels[largest]} repairs were the most: {reported[largest]} of {sum(reported.values())}"
    spec = BarChart([labels[c] for c in codes], [reported[c] for c in codes], hue=HUE)
    rows = [
        [
            labels[code],
            str(reported[code]),
            str(_count(week.mended, code)),
            str(_count(week.open, code)),
            str(_count(week.due_next, code)),
            str(_count(week.overdue, code)),
        ]
        for code in codes
    ]
    groups = (week.mended, week.open, week.due_next, week.overdue)
    total = ["All", str(sum(reported.values())), *(str(sum(_count(g, c) for c in codes)) for g in groups)]
    columns = [
        Column("Band", width=1.6),
        *(Column(t, figures=True) for t in ("Reported", "Mended", "Open", "Due in 7 days", "Overdue")),
    ]
    return [
        Chart(spec, finding),
        Table(columns, rows, total, caption="Repairs by band"),
    ]


def _return(week: Week, table: BandTable) -> list[Block]:
    """What the regulator's return counts: by band, then the two measures, for the week and the year."""

    def row(name: str, target: str, this: Share, year: Share) -> list[str]:
        return [name, target, f"{this.met} of {this.of}", f"{year.met} of {year.of}", year.percent]

    nothing = Share(0, 0)
    seen = {code for code, share in week.targets_year.items() if share.of} | set(week.targets)
    codes = [*(c for c in table.bands if c in seen), *sorted(seen - set(table.bands))]
    rows = [
        row(
            table.labels.get(code, code or "No band"),
            returns.target_words(table, code),
            week.targets.get(code, nothing),
            week.targets_year.get(code, nothing),
        )
        for code in codes
    ]
    this, year = returns.measures(week.targets), returns.measures(week.targets_year)
    rows += [
        row(f"{name}: {what}", "as above", this[name], year[name])
        for name, what in (
            (returns.OTHER_MEASURE, "no emergency"),
            (returns.EMERGENCY_MEASURE, "emergency"),
        )
    ]
    since = f"{week.year_from.day} {week.year_from:%b %Y}"
    columns = [
        Column("Band", width=1.9),
        Column("Target", width=1.3),
        Column("This week", figures=True),
        Column(f"Since {since}", figures=True, width=1.3),
        Column("Share", figures=True, width=0.8),
    ]
    return [Table(columns, rows, caption="Mended within the council’s own time", empty="Nothing was mended.")]


def _count(cards: Sequence[RepairCard], band: str) -> int:
    return sum(1 for c in cards if c.band == band)


def _due_table(cards: Sequence[RepairCard], empty: str) -> Table:
    columns = [
        Column("Reference", width=1.3),
        Column("Repair", width=2.6),
        Column("Address", width=2.4),
        Column("Due", width=0.8),
        Column("Time from", width=1.5),
    ]
    rows = []
    for each in cards:
        due = day(each.target_on) if each.target_on else ""
        rows.append([each.reference, each.title, each.address, due, words.rule_name(each.target_rule)])
    return Table(columns, rows, empty=empty)


def _emergency_table(emergencies: Sequence[EmergencyView]) -> Table:
    columns = [
        Column("When", width=1.2),
        Column("What", width=2.4),
        Column("Number", width=1.4),
        Column("What came of it", width=1.6),
        Column("By", width=1.4),
    ]
    rows = [
        [
            f"{day(local_date(e.noticed_at))}, {clock_time(e.noticed_at)}",
            e.title,
            e.number or "Not given",
            OUTCOME_WORDS[e.outcome],
            e.given_by or e.noticed_by,
        ]
        for e in emergencies
    ]
    return Table(columns, rows, empty="No emergency was sent on in this week.")
