"""What goes on paper: the slip a tenant takes home, and the team lead's week of repairs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from app.context import Context
from app.errors import HoldallError, NotFound
from app.repairs import rules, words
from app.repairs.tables import tables
from app.repairs.views import EmergencyView, RepairView, emergencies_between, repair_view
from app.repairs.worklist import RepairCard, card
from app.report import (
    BarChart,
    Block,
    Bullets,
    Chart,
    Column,
    Document,
    Facts,
    Heading,
    KeyFigure,
    KeyFigures,
    Note,
    Report,
    Table,
    Text,
)
from app.wording import clock_time, date_year, day, day_month, local_date, plural, weekday_day
from models.ids import is_id
from models.repairs import OPEN, Outcome, Repair, State, VisitState

HUE = "#8A5200"
NOTHING_YET = (State.DRAFT, State.CANCELLED)
OUTCOME_WORDS = {
    Outcome.GIVEN: "Number given",
    Outcome.CUT_OFF: "Call cut off",
    Outcome.RETRACTED: "No emergency after all",
    None: "Not recorded",
}


# -- the slip --------------------------------------------------------------------------------------


def slip(context: Context, options: dict[str, str]) -> Document:
    """The tenant's slip for one repair: `repair` is its id or reference; the newest promised one without.

    Raises NotFound when there is none.
    """
    wanted = options.get("repair", "")
    found = context.read(lambda s: _slip_repair(s, wanted, context.today()))
    return slip_of(found, context)


def _slip_repair(session: Session, wanted: str, today: date) -> RepairView:
    statement = select(Repair.id).where(Repair.deleted.is_(False))
    if is_id(wanted):
        statement = statement.where(Repair.id == wanted)
    elif wanted:
        statement = statement.where(Repair.reference == wanted.strip().upper()[:20])
    else:
        statement = statement.where(Repair.state.in_(OPEN)).order_by(Repair.reported_at.desc(), Repair.id)
    repair_id = session.scalars(statement.limit(1)).first()
    if repair_id is None:
        raise NotFound(
            f"There is no repair “{wanted}” here." if wanted else "There is no repair to print a slip for.",
            "Name its reference, like AV-20417." if wanted else "Save a repair first.",
        )
    return repair_view(session, repair_id, today)


def slip_of(repair: RepairView, context: Context) -> Document:
    """The slip of a repair that was read; says "asked for" until a visit is confirmed."""
    council = context.council
    if repair.first is None and repair.path.way.exit is None:
        raise HoldallError("This repair has no date yet.", "Answer the questions, then print the slip.")
    blocks = (
        _emergency_slip(repair, council.repairs_telephone)
        if repair.emergency
        else _promise_slip(repair, council.repairs_telephone)
    )
    return Document(
        title="Your repair",
        subtitle=repair.title,
        council=council.name,
        telephone=council.repairs_telephone,
        reference=repair.reference,
        made_on=context.today(),
        hue=HUE,
        blocks=[*blocks, _slip_facts(repair)],
    )


def _promise_slip(repair: RepairView, telephone: str) -> list[Block]:
    first = repair.first
    if first is None:
        return [Text(words.exit_words(repair.path.way.exit, telephone))] if repair.path.way.exit else []
    blocks: list[Block] = [
        KeyFigures(
            [
                KeyFigure(day_month(first.due_on), first.rule.promise, words.due_words(first)),
                KeyFigure(repair.reference, "your reference", "say it when you ring"),
            ]
        ),
        Heading("What happens next"),
        Bullets(_next_steps(repair, telephone), numbered=True),
        Heading("Why this date"),
        Text(f"{words.how_counted(first)[0].upper()}{words.how_counted(first)[1:]}."),
    ]
    if first.count is not None:
        blocks.append(Text(words.skipped_sentence(first.count, tables().calendar)))
    blocks.append(Text(first.source_line, tone="muted", small=True))
    if first.warning:
        blocks.append(Note("This date may move", first.warning))
    return [
        *blocks,
        Note("If it gets worse", f"Ring {telephone}, day or night. If you smell gas, ring 0800 111 999."),
    ]


def _next_steps(repair: RepairView, telephone: str) -> list[str]:
    first = repair.first
    steps = [words.reason_text(first, repair.trade, "You")] if first else []
    visit = repair.visit
    if visit is not None and visit.booked:
        booked = next(c for c in visit.choices if c.id == visit.asking)
        steps.append(f"A visit is booked: {weekday_day(booked.day)}, {booked.label.lower()}.")
    elif visit is not None and visit.state is VisitState.REQUESTED:
        wishes = [f"{weekday_day(c.day)}, {c.label.lower()}" for c in visit.choices]
        steps.append(f"You asked for: {'; or '.join(wishes)}. This is not booked yet.")
        tell = f"a text to {repair.telephone}" if repair.text_allowed and repair.telephone else "a call"
        steps.append(f"You get {tell} once a visit is booked.")
    else:
        steps.append("We ring you to agree a day.")
    steps.append(f"If nobody has come by then, ring {telephone} and say your reference.")
    return steps


def _emergency_slip(repair: RepairView, telephone: str) -> list[Block]:
    exit_ = repair.path.way.exit
    emergency = repair.emergency
    if exit_ is None or emergency is None:
        return []
    number = emergency.number or exit_.number.replace("{council}", telephone)
    blocks: list[Block] = [
        KeyFigures([KeyFigure(number, f"ring this now: {exit_.who}", "ring 999 if somebody is hurt")]),
        Heading("Do this"),
        Bullets(list(exit_.do)),
    ]
    if exit_.do_not:
        blocks += [Heading("Do not do this"), Bullets(list(exit_.do_not))]
    if repair.first is not None:
        blocks.append(Text(f"We make it safe by {words.due_words(repair.first)}."))
    return blocks


def _slip_facts(repair: RepairView) -> Facts:
    pairs = [
        ("Reference", repair.reference),
        ("Address", repair.where or "Not given"),
        ("Told us", f"{date_year(local_date(repair.reported_at))} at {clock_time(repair.reported_at)}"),
        ("Taken by", repair.officer),
    ]
    if repair.description:
        pairs.append(("What you told us", repair.description))
    if repair.photos:
        pairs.append(("Photos", f"{plural(len(repair.photos), 'photo')}, with the place data taken out"))
    return Facts(pairs)


# -- the week --------------------------------------------------------------------------------------


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

    @property
    def in_time(self) -> int:
        """How many of the mended were mended by their date."""
        return sum(1 for c in self.mended if c.completed_at and c.target_at and c.completed_at <= c.target_at)


def read_week(session: Session, day_in_it: date, context: Context) -> Week:
    """The week that a day lies in, as it stands now."""
    start = day_in_it - timedelta(days=day_in_it.weekday())
    end = start + timedelta(days=6)
    first, last = rules.end_of_day(start - timedelta(days=1)), rules.end_of_day(end)
    now, user = context.now(), context.author.user_id

    def cards(*where: ColumnElement[bool]) -> tuple[RepairCard, ...]:
        chosen = select(Repair).where(Repair.deleted.is_(False), *where)
        statement = chosen.order_by(Repair.target_at, Repair.id)
        return tuple(card(r, user, now) for r in session.scalars(statement))

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
    )


def week_report(context: Context, options: dict[str, str]) -> Document:
    """The team lead's week: `week` is any day of it (ISO), else the newest week with a repair.

    Raises HoldallError for a day that is no date.
    """
    the_day = _week_day(context, options.get("week", ""))
    week = context.read(lambda s: read_week(s, the_day, context))
    labels = tables().bands_on(week.start).labels
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
        *_bands(week, labels),
        Heading("Overdue"),
        _due_table(week.overdue, "Nothing is overdue."),
        Heading("Due in the next seven days"),
        _due_table(week.due_next, "Nothing is due in the next seven days."),
        Heading("Emergencies sent on"),
        _emergency_table(week.emergencies),
        Note(
            "How to read this",
            "A repair counts in the council’s own band; a law may set its date sooner: see “Time from”. "
            "In time means mended by the date that was promised. Drafts and repairs that were called off are "
            "left out.",
        ),
    ]
    return Document(
        title="Repairs week",
        subtitle=f"Monday {day_month(week.start)} to Sunday {date_year(week.end)}",
        council=context.council.name,
        telephone=context.council.repairs_telephone,
        reference=f"Repairs {week.start.isoformat()}",
        made_on=context.today(),
        hue=HUE,
        blocks=blocks,
    )


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


REPORTS: tuple[Report, ...] = (
    Report("repair-slip", "Repair slip for the tenant", slip),
    Report("repairs-week", "Repairs week", week_report),
)
