"""Sentences about clocks that run: how each stands, both readings of the 24 hours, the Right to Repair."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.repairs.days import Calendar
from app.repairs.hours import change_in
from app.repairs.promises import ClockView
from app.repairs.right_to_repair import SECOND, Right, Stage
from app.repairs.rules import ClockState, Deadline
from app.repairs.tables import RightToRepair
from app.repairs.words import due_short, how_counted, rule_name, skipped_sentence, unit_words
from app.wording import listed, local_date, money, plural, weekday_day
from models.skew import Skew

STATES = {  # words, tone and icon of a chip
    ClockState.WAITING: ("Waits", "plain", None),
    ClockState.NOT_REQUIRED: ("Not required", "plain", None),
    ClockState.OPEN: ("Runs", "plain", None),
    ClockState.DUE_SOON: ("Due soon", "warn", "clock"),
    ClockState.DUE_TODAY: ("Due today", "warn", "clock"),
    ClockState.OVERDUE: ("Late", "danger", "clock"),
    ClockState.MET: ("Met", "good", "check"),
    ClockState.MET_LATE: ("Met late", "warn", "check"),
}


@dataclass(frozen=True)
class ClockLine:
    """One date as a row of the page shows it."""

    name: str  # "Urgent repair"
    due: str  # "Mend it by Tuesday 22 December"
    detail: str  # how it was counted, why it fell away, why it is late


def clock_line(clock: ClockView) -> ClockLine:
    """A duty as a row."""
    found = clock.deadline
    name = rule_name(found.rule.id)
    if found.rule.id.endswith(SECOND):
        name = "Second contractor"
    detail = f"{_first_up(how_counted(found))}."
    if clock.not_required:
        detail = clock.not_required
    elif clock.delay_reason:
        detail = f"Late because: {clock.delay_reason}"
    elif found.rule.reading and found.rule.id == "AW-EMG-SAFE":
        detail = "Counted from the moment we know of it: the earlier of two readings, and our target."
    return ClockLine(name, _first_up(f"{found.rule.duty} by {due_short(found)}"), detail)


def outer_line(outer: Deadline) -> ClockLine:
    """The later reading of the time to make an emergency safe, as a row."""
    return ClockLine(
        "Outer reading",
        _first_up(f"{outer.rule.duty} by {due_short(outer)}"),
        "Read the other way, the 24 hours begin when a look found the work, at the latest when the look is "
        "due. We keep the earlier time.",
    )


def emergency_sentence(found: Sequence[Deadline]) -> str:
    """By when an emergency is looked at and made safe: "Look at it and make it safe by 14:21 on …"."""
    by: dict[str, list[str]] = {}
    for each in found:
        by.setdefault(due_short(each), []).append(each.rule.duty)
    parts = [f"{listed(list(dict.fromkeys(duties)))} by {due}" for due, duties in by.items()]
    return f"{_first_up(listed(parts))}"


def hours_sentence(found: Deadline) -> str:
    """What hours run through, and what a change of the clocks does to the time on the wall."""
    change = change_in(found.starts_at, found.due_at)
    hours = "Hours run through nights, weekends and bank holidays."
    return f"{hours} {change.words}" if change else hours


def counted_sentence(found: Deadline, calendar: Calendar) -> str:
    """Which days were skipped, or what the hours run through."""
    return hours_sentence(found) if found.count is None else skipped_sentence(found.count, calendar)


def skew_sentence(skew: Skew) -> str:
    """What a wrong clock on this laptop does to a time that is counted in hours."""
    minutes = plural(max(1, round(abs(skew.seconds) / 60)), "minute")
    way = "ahead of" if skew.seconds > 0 else "behind"
    return (
        f"This laptop’s clock was {minutes} {way} the server’s at the last sync, so a time counted in hours "
        "may be wrong by as much. Put the clock right in its settings."
    )


def right_words(right: Right, law: RightToRepair) -> str:
    """How the Right to Repair stands, in a sentence or two; "" when there is nothing to say."""
    rate = (
        f"{_pounds(law.compensation_first)} and {_pounds(law.compensation_day)} for each day, "
        f"{_pounds(law.compensation_most)} at most"
    )
    first = weekday_day(right.first.due_on)
    if right.stage is Stage.FIRST:
        return f"If it is not mended by the end of {first}, they may ask for another contractor."
    if right.stage is Stage.MAY_ASK:
        more = unit_words(right.first.rule.amount, right.first.rule.unit)
        return f"The first period ended on {first}. They may ask for another contractor, who has {more}."
    if right.stage in (Stage.REFUSED, Stage.NOT_QUALIFYING):
        return right.why
    if right.second is None:
        return ""
    second = weekday_day(right.second.due_on)
    if right.stage is Stage.SECOND:
        asked = weekday_day(local_date(right.second.starts_at))
        return (
            f"Another contractor was asked for on {asked} and has until the end of {second}. "
            f"After that we owe {rate}."
        )
    if right.stage is Stage.OWED:
        return f"The second period ended on {second}. {_pounds(right.owed)} is owed so far: {rate}."
    if not right.owed:
        return ""
    return f"{_pounds(right.owed)} is owed: {rate}. It may be set off against arrears of rent."


def _pounds(pence: int) -> str:
    return money(pence).removesuffix(".00")


def _first_up(text: str) -> str:
    return text[:1].upper() + text[1:]
