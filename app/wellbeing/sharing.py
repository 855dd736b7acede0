"""What may leave the vault on paper: single lines that the person ticks, none of them ticked beforehand.

Single answers are never among them: a line is a finding, the figure of one area, the thing to talk about
or one note. The paper is made in memory and stored nowhere by Holdall.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from app.context import Context
from app.errors import HoldallError, NotFound
from app.report import Block, Chart, Column, Document, Heading, Note, Range, RangeBars, Table, Text
from app.wellbeing import rules
from app.wellbeing.entries import PrivateLife
from app.wellbeing.instrument import LOWEST
from app.wellbeing.rules import Score, Standing, Way
from app.wellbeing.service import Result
from app.wording import date_year, local_date, long_day

HUE = "#7A3E8E"
FINDING, TALK, NOTE = "finding", "talk", "note-"


@dataclass(frozen=True)
class Line:
    """One line that can be shared: its name, what kind of line it is, its words as they would be printed."""

    id: str
    label: str
    text: str


def lines_of(life: PrivateLife, shown: Result) -> tuple[Line, ...]:
    """Every line that could be shared of a result, in the order of the paper. Notes are numbered from the
    newest: note-1 is the newest."""
    lines = []
    if shown.last is not None:
        found = rules.finding(shown.standings, shown.last, mine=True)
        lines.append(Line(FINDING, "What the check found", found))
    for standing in shown.standings:
        if standing.now.mean is not None:
            lines.append(Line(standing.scale.key, standing.scale.label, area_words(standing, shown)))
    if shown.topic is not None and shown.topic.words:
        label = f"Words about {_inner(shown.topic.standing.scale.label)}"
        lines.append(Line(TALK, label, shown.topic.words))
    for number, note in enumerate(life.notes, 1):
        lines.append(Line(f"{NOTE}{number}", f"Note of {date_year(local_date(note.at))}", note.text))
    return tuple(lines)


def area_words(standing: Standing, shown: Result) -> str:
    """One area in words: "2.7 now, 3.5 in June. Lower than in June."."""
    figure = f"{rules.figure(standing.now)} of 5"
    before = standing.before
    if shown.last is None or before is None or before.mean is None:
        return f"{figure} now."
    change = rules.change_words(standing, shown.last)
    return f"{figure} now, {rules.figure(before)} {shown.last.phrase}. {change}."


def document(context: Context, life: PrivateLife, shown: Result, chosen: Collection[str]) -> Document:
    """The paper of the chosen lines and of nothing else.

    Raises HoldallError when nothing is chosen, NotFound for a line that is not there.
    """
    lines = {line.id: line for line in lines_of(life, shown)}
    unknown = [name for name in chosen if name not in lines]
    if unknown:
        raise NotFound(f"There is no line called “{unknown[0]}”.", f"The lines are: {', '.join(lines)}.")
    if not chosen:
        raise HoldallError(
            "Nothing is chosen, so there is nothing to put on paper.",
            f"Choose from these lines: {', '.join(lines)}.",
        )
    answered = local_date(shown.check.at)
    return Document(
        private=True,
        title="How work is for me",
        subtitle=(
            f"{context.author.name} chose these lines from a private check of {long_day(answered)}. "
            "The rest of the check stays with the person."
        ),
        council=context.council.name,
        telephone=context.council.telephone,
        made_on=context.today(),
        hue=HUE,
        author=context.author.name,
        blocks=tuple(_blocks(life, shown, [line for key, line in lines.items() if key in chosen])),
    )


def _blocks(life: PrivateLife, shown: Result, chosen: list[Line]) -> list[Block]:
    keys = {line.id for line in chosen}
    areas = [s for s in shown.standings if s.scale.key in keys]
    finding = next((line.text for line in chosen if line.id == FINDING), "")
    blocks: list[Block] = []
    if areas:
        blocks += [_chart(areas, shown, finding), _table(areas, shown)]
    elif finding:
        blocks.append(Text(finding, lead="Found:"))
    talk = next((line for line in chosen if line.id == TALK), None)
    if talk is not None:
        blocks += [Heading("What I would like to talk about"), Text(f"“{talk.text}”", lead=f"{talk.label}:")]
    notes = [line for line in chosen if line.id.startswith(NOTE)]
    if notes:
        blocks.append(Heading("My notes"))
        blocks += [Text(line.text, lead=f"{line.label}:") for line in notes]
    if areas:
        blocks.append(Note("How to read this.", reading_words(shown)))
    return blocks


def reading_words(shown: Result) -> str:
    """How the figures are to be read, in plain words."""
    words = (
        "Each area is the mean of some statements, from 1, lowest, to 5, best. It is one person’s own view "
        "at one time: not a diagnosis, not a measure of anybody, and not to be compared with other people."
    )
    if shown.last is not None:
        words += " A change of under half a point is too small to tell and reads “about the same”."
    return words


def _chart(areas: list[Standing], shown: Result, finding: str) -> Chart:
    rows = [
        Range(
            s.scale.label,
            s.scale.hint,
            tenths(s.now) or LOWEST * 10,
            tenths(s.before),
            rules.change_words(s, shown.last) if s.way is not Way.NEW else "",
        )
        for s in areas
    ]
    name = shown.last.name if shown.last else "last time"
    note = f"Longer is better. The upright mark is {name}." if shown.last else "Longer is better."
    return Chart(
        RangeBars(rows, hue=HUE, last_name=name), title=finding or "How work is, area by area", note=note
    )


def _table(areas: list[Standing], shown: Result) -> Table:
    if shown.last is None:
        return Table(
            [Column("Area"), Column("What it is about"), Column("Now", figures=True, width=0.4)],
            [[s.scale.label, s.scale.hint, rules.figure(s.now)] for s in areas],
        )
    columns = [
        Column("Area"),
        Column(shown.last.name, figures=True, width=0.5),
        Column("Now", figures=True, width=0.4),
        Column(f"Since {shown.last.name}"),
    ]
    rows = [
        [s.scale.label, rules.figure(s.before), rules.figure(s.now), rules.change_words(s, shown.last)]
        for s in areas
    ]
    return Table(columns, rows)


def tenths(score: Score | None) -> int | None:
    """A figure in tenths, rounded as it is shown: 2.7 is 27."""
    return None if score is None or score.mean is None else int(rules.figure(score).replace(".", ""))


def _inner(label: str) -> str:
    return label[:1].lower() + label[1:]
