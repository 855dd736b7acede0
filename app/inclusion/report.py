"""The paper of the slice: the digital inclusion month, and a blank sheet to sign in on."""

from __future__ import annotations

from datetime import date

from app.context import Context
from app.errors import NotFound
from app.inclusion import month as months
from app.inclusion import reading, rules, suppression
from app.inclusion.month import Month, Printed, Released
from app.report import (
    BarChart,
    Block,
    Chart,
    Column,
    Document,
    Heading,
    KeyFigure,
    KeyFigures,
    Report,
    Table,
    Text,
)
from app.wording import clock_time, date_year, day, local_date, long_day, plural

HUE = "#0B6A6A"
BLANK_ROWS = 12
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def month_document(context: Context, options: dict[str, str]) -> Document:
    """The month report. `month` ("2026-11") chooses the month, else the last whole one.

    A released month is printed from its release, so that the paper never changes; any other is a draft.
    """
    month = options.get("month") or rules.month_before(rules.month_of(context.today()))
    rules.month_start(month)
    released = context.read(lambda s: months.latest_release(s, month))
    figures = released.month if released else context.read(lambda s: months.figures(s, month))
    safe = months.printed(figures)
    return Document(
        title=f"Digital inclusion: {_month_year(month)}",
        subtitle=_subtitle(figures, released, context.today()),
        council=context.council.name,
        telephone=context.council.telephone,
        reference=f"DI-{month}, {f'version {released.number}' if released else 'draft'}",
        made_on=released.released_on if released else context.today(),
        hue=HUE,
        author=released.released_by if released else context.author.name,
        blocks=tuple(_month_blocks(figures, safe, released)),
    )


def _month_year(month: str) -> str:
    return f"{rules.month_start(month):%B %Y}"


def _month_name(month: str) -> str:
    return f"{rules.month_start(month):%B}"


def _subtitle(figures: Month, released: Released | None, today: date) -> str:
    count = len(figures.places)
    number = _NUMBERS[count] if count < len(_NUMBERS) else f"{count:,}"
    where = f"Sessions held in {number} {'place' if count == 1 else 'places'}."
    if released:
        return f"{where} Released by {released.released_by} on {date_year(released.released_on)}."
    still = f" {plural(figures.left_open, 'session')} still open." if figures.left_open else ""
    return f"{where} Draft of {date_year(today)}, not released yet.{still}"


def _month_blocks(figures: Month, safe: Printed, released: Released | None) -> list[Block]:
    if not figures.sessions:
        return [Text(f"No session was held in {_month_year(figures.month)}.")]
    blocks: list[Block] = [KeyFigures(key_figures(figures, safe))]
    comment = released.comment if released else ""
    blocks.append(trend_chart(figures, comment))
    blocks += [
        Heading(f"{_month_name(figures.month)}, place by place"),
        _places_table(figures, safe),
        Text(how_to_read(safe), lead="How to read this."),
        Heading(f"Ages in {_month_name(figures.month)}"),
        _ages_table(safe),
        Text(ages_words(safe)),
        Heading("Every session"),
        _sessions_table(figures),
    ]
    return blocks


def key_figures(figures: Month, safe: Printed) -> list[KeyFigure]:
    """The four figures at the top: sessions, people, visits, hours."""
    before = figures.trend[-2] if len(figures.trend) > 1 else None
    last = f"{before[1]:,} in {_month_name(before[0])}" if before else ""
    return [
        KeyFigure(f"{figures.sessions:,}", "session" if figures.sessions == 1 else "sessions", last),
        KeyFigure(
            suppression.shown(safe.people.total),
            "people, named",
            f"{suppression.shown(safe.first_time.total)} for the first time",
        ),
        KeyFigure(suppression.shown(safe.visits.total), "visits, no name", "counted on the keypad"),
        KeyFigure(suppression.shown(safe.hours.total), "hours of learning", "named people only"),
    ]


def trend_chart(figures: Month, comment: str = "") -> Chart:
    """Sessions by month, the reported month in full hue; months before the first session are left out."""
    trend = list(figures.trend)
    while len(trend) > 1 and not trend[0][1]:
        trend = trend[1:]
    note = f"{comment.strip()} " if comment.strip() else ""
    return Chart(
        BarChart(
            [_month_name(name) for name, _ in trend],
            [count for _, count in trend],
            current=len(trend) - 1,
            hue=HUE,
        ),
        title=_finding(trend),
        note=f"{note}The table gives {_month_name(figures.month)}, place by place.",
    )


def _finding(trend: list[tuple[str, int]]) -> str:
    (first, then), (last, now) = trend[0], trend[-1]
    if len(trend) == 1:
        return f"{plural(now, 'session')} in {_month_name(last)}"
    if now == then:
        return f"{plural(now, 'session')} in {_month_name(last)}, as many as in {_month_name(first)}"
    went = "grew" if now > then else "fell"
    return f"Sessions {went} from {then:,} in {_month_name(first)} to {now:,} in {_month_name(last)}"


def _places_table(figures: Month, safe: Printed) -> Table:
    columns = (safe.people, safe.first_time, safe.visits, safe.hours)
    rows = [
        [place.name, f"{place.sessions:,}", *(column.words()[n] for column in columns)]
        for n, place in enumerate(figures.places)
    ]
    return Table(
        [
            Column("Place", width=3.6),
            Column("Sessions", figures=True, width=1.1),
            Column("People, named", figures=True, width=1.6),
            Column("First time", figures=True, width=1.15),
            Column("Visits, no name", figures=True, width=1.6),
            Column("Hours", figures=True, width=0.9),
        ],
        rows,
        total=["All places", f"{figures.sessions:,}", *(suppression.shown(c.total) for c in columns)],
    )


def how_to_read(safe: Printed) -> str:
    """The words under the table of places."""
    words = (
        "A named person counts once, however often they come; a person who went to two places is shown "
        "where they went first. Visits counted without a name are never added to people. Hours use arrival "
        "and leaving times, or the length of the session where no leaving time was written down."
    )
    if safe.hides:
        words += (
            f" {suppression.HIDDEN} stands for a number from 1 to {suppression.THRESHOLD - 1}, or for one "
            "from which such a number could be worked out: it is kept back so that nobody can be picked out."
        )
    return words


def _ages_table(safe: Printed) -> Table:
    people, visits = safe.ages_people.words(), safe.ages_visits.words()
    return Table(
        [
            Column("Age", width=3),
            Column("People, named", figures=True, width=1.5),
            Column("Visits, no name", figures=True, width=1.5),
        ],
        [[words, people[n], visits[n]] for n, (words, _) in enumerate(rules.WIDE_BANDS)],
        total=[
            "All ages",
            suppression.shown(safe.ages_people.total),
            suppression.shown(safe.ages_visits.total),
        ],
    )


def ages_words(safe: Printed) -> str:
    """The words under the table of ages: what the columns count, and how many are 60 and over."""
    words = (
        "Named people stand at the age they reach this year; visits without a name at the age they say or "
        "look. The two columns count different things and are not added together."
    )
    older = safe.ages_people.cells[3:5]
    if safe.people.total and None not in older:
        sixty = sum(count or 0 for count in older)
        words += f" Of {safe.people.total:,} named people {sixty:,} are 60 and over."
    return words


def _sessions_table(figures: Month) -> Table:
    return Table(
        [
            Column("Day", width=1),
            Column("Time", width=1.6),
            Column("Place", width=3),
            Column("Kind", width=1.6),
        ],
        [[day(date.fromisoformat(held.day)), held.time, held.place, held.kind] for held in figures.held],
    )


def sheet_document(context: Context, options: dict[str, str]) -> Document:
    """A blank sheet to sign in on. `session` chooses the session by id, else today's or the next one.

    No name is printed on it: whoever signs sees nobody else's record.
    """
    now = context.now()
    session_id = options.get("session") or context.read(lambda s: reading.next_session(s, now))
    if not session_id:
        raise NotFound("There is no session to print a sheet for.", "Plan a session first.")
    chosen: str = session_id
    line = context.read(lambda s: reading.register(s, chosen)).session
    on = local_date(line.starts_at)
    return Document(
        title=f"{rules.KIND_WORDS[line.kind]}: please sign in",
        subtitle=(
            f"{line.venue}, {long_day(on)}, {clock_time(line.starts_at)} to {clock_time(line.ends_at)}. "
            f"Led by {line.lead}."
        ),
        council=context.council.name,
        telephone=context.council.telephone,
        reference=f"DI-{on.isoformat()}",
        made_on=context.today(),
        hue=HUE,
        author=context.author.name,
        blocks=(
            Text(
                "Write your name or your code. You may leave anything out; you will be helped all the same."
            ),
            Table(
                [
                    Column("", width=0.35),
                    Column("Name", width=3),
                    Column("Code", width=1.1),
                    Column("Came", width=0.8),
                    Column("Left", width=0.8),
                    Column("What would you like help with?", width=3.3),
                ],
                [[f"{n}\n\u00a0", "", "", "", "", ""] for n in range(1, BLANK_ROWS + 1)],
                row_header=None,
            ),
            Text(
                f"{context.council.name} keeps what you write to run these sessions and to count them, "
                "and passes on numbers only. Ask us at any time what we hold about you.",
                small=True,
            ),
        ),
    )


REPORTS = (
    Report("inclusion-month", "Digital inclusion month", month_document),
    Report("inclusion-sheet", "Sign-in sheet", sheet_document),
)
