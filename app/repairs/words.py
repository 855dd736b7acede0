"""Sentences of the slice: why this date, what to say to the tenant, how a repair is named."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from app.repairs.days import Calendar, Count, CountedDay, Unit, count_days
from app.repairs.rules import Deadline
from app.repairs.tables import Risk
from app.repairs.tree import Given, TreeExit, TreeOutcome, Way
from app.wording import clock_time, day_month, listed, long_day, weekday_day

SMALL = (
    "no",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
)
NOT_IN_TITLE = frozenset({"danger", "kind", "damp-since"})
TITLE_LIMIT = 200


def number_word(count: int) -> str:
    """A count in letters up to twelve, then in figures."""
    return SMALL[count] if count < len(SMALL) else f"{count:,}"


def counted(count: int, one: str) -> str:
    """ "three weekends", "one bank holiday"."""
    return f"{number_word(count)} {one}{'' if count == 1 else 's'}"


def unit_words(amount: int, unit: Unit) -> str:
    """ "10 working days", "24 hours", "1 day"."""
    name = {
        Unit.HOURS: "hour",
        Unit.WORKING_DAYS: "working day",
        Unit.WEEKDAYS: "weekday",
        Unit.CALENDAR_DAYS: "day",
    }[unit]
    return f"{amount} {name}{'' if amount == 1 else 's'}"


def how_counted(deadline: Deadline) -> str:
    """ "10 working days, counted from the day after you told us"."""
    words = unit_words(deadline.rule.amount, deadline.rule.unit)
    event = {"aware": "you told us", "asked": "you asked"}.get(deadline.rule.starts, "the look ended")
    if deadline.rule.starts == "missed":
        return "By the date of the safety work that cannot be done in time"
    if deadline.count is None:
        return f"{words} from the moment {event}, nights and weekends included"
    if not deadline.rule.amount:
        return f"The same day that {event}"
    return f"{words}, counted from the day after {event}"


def weekends(days: Sequence[CountedDay]) -> int:
    """How many weekends the skipped Saturdays and Sundays belong to."""
    return len({d.day.isocalendar()[:2] for d in days if d.day.weekday() >= 5})


def skipped_sentence(count: Count, calendar: Calendar) -> str:
    """Which days did not count, in one sentence: weekends by number, bank holidays by name of the day."""
    skipped = count.skipped
    ends = weekends(skipped)
    holidays = [d for d in skipped if d.day.weekday() < 5]
    if not skipped:
        return "No day is skipped."
    parts = ([counted(ends, "weekend")] if ends else []) + (
        [counted(len(holidays), "bank holiday")] if holidays else []
    )
    total = ends + len(holidays)
    text = f"{listed(parts)} {'is' if total == 1 else 'are'} skipped"
    text = text[0].upper() + text[1:]
    if not holidays:
        return f"{text}."
    return f"{text}: {listed([_holiday(d, calendar) for d in holidays])}."


def _holiday(day: CountedDay, calendar: Calendar) -> str:
    holiday = calendar.holidays.get(day.day)
    named = f" (for {day.why})" if holiday is not None and holiday.substitute else ""
    return f"{weekday_day(day.day)}{named}"


def holiday_short(title: str) -> str:
    """A bank holiday as a small label: "Christmas", "New Year", "Early May"."""
    return (
        title.removesuffix(" bank holiday").removesuffix("’s Day").removesuffix(" Day")
        if (title.startswith(("Christmas", "New Year")) or title.endswith("bank holiday"))
        else title
    )


def rule_name(rule_id: str) -> str:
    """A rule as a column names it: "Hazard law", "Right to Repair", "Urgent repair"."""
    if rule_id.startswith("AW-"):
        return "Hazard law"
    if rule_id.startswith("RTR-"):
        return "Right to Repair"
    rule_id = rule_id.removesuffix("-ATTEND").removesuffix("-SAFE")
    return f"{rule_id.rpartition('-')[2].title()} repair" if rule_id else ""


def due_words(deadline: Deadline) -> str:
    """The promised date as the big figure: "Tuesday 5 January 2027", "14:21 on Friday 18 December 2026"."""
    if deadline.count is None:
        return f"{clock_time(deadline.due_at)} on {long_day(deadline.due_on)}"
    return long_day(deadline.due_on)


def due_short(deadline: Deadline) -> str:
    """The promised date inside a sentence."""
    if deadline.count is None:
        return f"{clock_time(deadline.due_at)} on {weekday_day(deadline.due_on)}"
    return weekday_day(deadline.due_on)


def risk_words(risks: Sequence[str], at_risk: bool, withheld: bool, known: dict[str, Risk]) -> str:
    """Who is at risk, as a heading ends: "child under 5", "somebody at risk", "they did not say"."""
    labels = [known[code].label for code in risks if code in known]
    if labels:
        return listed([label[0].lower() + label[1:] for label in labels])
    if withheld:
        return "they did not say who lives there"
    return "somebody at risk at home" if at_risk else ""


def reason_heading(
    deadline: Deadline, outcome: TreeOutcome | None, who: str, uplift_reasons: Sequence[str]
) -> str:
    """Why this date, in a few words: "Significant hazard, child under 5"."""
    if deadline.rule.id == "AW-SIG-INV":
        by_people = outcome is not None and outcome.significant == "at_risk" and who
        return f"Significant hazard, {who}" if by_people else "Significant hazard, for anybody"
    if deadline.rule.law == "Right to Repair":
        return f"Right to Repair, {deadline.rule.title}"
    if deadline.rule.law == "Awaab’s Law":
        return f"Emergency, {deadline.rule.title}"
    reasons = f", {uplift_reasons[0]}" if uplift_reasons else ""
    return f"{deadline.rule.law}{reasons}"


def reason_text(deadline: Deadline, trade: str, tenant: str = "The tenant") -> str:
    """What happens by the date, and what follows from it; `tenant` is "You" on their own slip."""
    you = tenant == "You"
    who = trade.lower() if trade else "somebody from repairs"
    article = "An" if who[:1] in "aeiou" else "A"
    if deadline.rule.id == "AW-SIG-INV":
        gets = "You get" if you else "The tenant gets"
        return f"A surveyor looks first. {gets} the findings in writing within 3 working days of that."
    if deadline.rule.law == "Right to Repair":
        they = "you" if you else "they"
        return f"{article} {who} mends it. If the date is missed, {they} may ask for a second contractor."
    if deadline.rule.law == "Awaab’s Law":
        return "We look and make it safe, by night and at weekends too."
    return f"{article} {who} comes to mend it. The time is the council’s own."


def exit_words(exit_: TreeExit, telephone: str) -> str:
    """What to say to somebody whose repair leaves triage."""
    number = telephone if exit_.number == "{council}" else exit_.number
    if exit_.emergency:
        return f"Ring {number} now. It is {exit_.who}. Ring 999 if somebody is hurt."
    return exit_.say.replace("{number}", number)


def title_of(way: Way) -> str:
    """A repair's name from its answers: "Kitchen, damp and mould, larger than a hand"."""
    named = [g.answer.name for g in way.given if g.question.id not in NOT_IN_TITLE]
    if way.exit is not None and way.exit.emergency:
        return f"Emergency: {way.exit.title[0].lower()}{way.exit.title[1:]}"
    if not named:
        return "New repair"
    picked = [
        named[0],
        *(n[0].lower() + n[1:] for n in named[1:2]),
        *(n[0].lower() + n[1:] for n in named[-1:] if len(named) > 2),
    ]
    return ", ".join(picked)[:TITLE_LIMIT]


def path_of(given: Sequence[Given]) -> list[str]:
    """The answers in few words, as a chip shows them."""
    return [g.answer.name for g in given if g.question.id not in NOT_IN_TITLE]


def told_line(moment: datetime, today: date, name: str) -> str:
    """ "Told to Tomos Aldgate at 14:21 today"."""
    the_day = "today" if moment.date() == today else f"on {day_month(moment.date())}"
    return f"Told to {name} at {clock_time(moment)} {the_day}"


def counted_anew(deadline: Deadline, calendar: Calendar) -> date:
    """The day a deadline of days would be due by another list of bank holidays."""
    rule = deadline.rule
    return count_days(deadline.day0, rule.amount, rule.unit, calendar).due


def also_lines(deadlines: Sequence[Deadline]) -> list[str]:
    """The other dates that run beside the promised one, a sentence each."""
    return [f"{rule_name(each.rule.id)}: {each.rule.duty} by {due_short(each)}." for each in deadlines]
