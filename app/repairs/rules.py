"""What a repair is promised: every clock that runs, the earliest first, each with the reasons for its date.

Pure functions over tables and arguments. When several rules apply the earliest date wins and each is shown.
Nobody's hazard is scored here: that is a qualified surveyor's work. It is tagged and given a date to be
looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any

from app.repairs.days import Calendar, Count, CountedDay, Unit, count_days, in_season, working_days_after
from app.repairs.tables import EMERGENCY_HAZARD, Defect, Rule, Tables
from app.repairs.tree import TreeOutcome
from app.wording import LONDON, local_date

DUE_SOON_DAYS = 2  # working days
DUE_SOON_HOURS = 6
TENANT = "tenant"


@dataclass(frozen=True)
class Deadline:
    """One date with all that made it: the rule, the start, and for days the count."""

    rule: Rule
    starts_at: datetime  # UTC
    due_at: datetime  # UTC; the last second of the due day in London, or the moment
    count: Count | None  # None for hours

    @property
    def day0(self) -> date:
        """The day in London on which the clock starts."""
        return local_date(self.starts_at)

    @property
    def due_on(self) -> date:
        """The day in London on which it is due."""
        return local_date(self.due_at)

    @property
    def warning(self) -> str:
        """What may still move the date; mostly empty."""
        return self.count.warning if self.count else ""

    @property
    def source_line(self) -> str:
        """The rule and its source in small print."""
        since = self.rule.effective_from
        reading = f" Read as: {self.rule.reading}." if self.rule.reading else ""
        return (
            f"Rule {self.rule.id}: {self.rule.law}, {self.rule.title}. Source: {self.rule.source}, "
            f"in force since {since.day} {since:%B %Y}.{reading}"
        )

    def as_json(self) -> dict[str, Any]:
        """The deadline as it is kept with the repair, so that it explains itself after the tables moved."""
        rule, count = self.rule, self.count
        return {
            "rule": {
                "id": rule.id,
                "law": rule.law,
                "title": rule.title,
                "duty": rule.duty,
                "promise": rule.promise,
                "amount": rule.amount,
                "unit": rule.unit.value,
                "starts": rule.starts,
                "source": rule.source,
                "effective_from": rule.effective_from.isoformat(),
                "jurisdiction": rule.jurisdiction,
                "reading": rule.reading,
            },
            "starts_at": self.starts_at.isoformat(),
            "due_at": self.due_at.isoformat(),
            "days": [[d.day.isoformat(), d.number, d.why] for d in count.days] if count else [],
            "warning": self.warning,
        }

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> Deadline:
        """The deadline that `as_json` wrote; raises KeyError, TypeError or ValueError for another shape."""
        fields = dict(raw["rule"])
        rule = Rule(
            **{
                **fields,
                "unit": Unit(fields["unit"]),
                "effective_from": date.fromisoformat(fields["effective_from"]),
            }
        )
        days = tuple(CountedDay(date.fromisoformat(d), n, why) for d, n, why in raw["days"])
        count = Count(days[-1].day, days, raw["warning"]) if days else None
        return cls(
            rule, datetime.fromisoformat(raw["starts_at"]), datetime.fromisoformat(raw["due_at"]), count
        )


def end_of_day(day: date) -> datetime:
    """The last second of a day in London, as a UTC moment."""
    midnight = datetime.combine(day + timedelta(days=1), time(0), LONDON)
    return midnight.astimezone(UTC) - timedelta(seconds=1)


def deadline(rule: Rule, starts_at: datetime, calendar: Calendar) -> Deadline:
    """When a rule's duty is due that starts at this moment. Hours are elapsed; days end at midnight."""
    if rule.unit is Unit.HOURS:
        return Deadline(
            rule, starts_at.astimezone(UTC), starts_at.astimezone(UTC) + timedelta(hours=rule.amount), None
        )
    count = count_days(local_date(starts_at), rule.amount, rule.unit, calendar)
    return Deadline(rule, starts_at.astimezone(UTC), end_of_day(count.due), count)


@dataclass(frozen=True)
class Situation:
    """What triage found out: the outcome, whose home it is, who lives there, when we came to know."""

    outcome: TreeOutcome
    kind: str  # a models.repairs.Kind
    at_risk: bool  # somebody is, or they did not say
    risks: frozenset[str]
    aware_at: datetime


@dataclass(frozen=True)
class Promise:
    """Every deadline of a repair, the earliest first, and why the first one holds in a few words."""

    deadlines: tuple[Deadline, ...]
    band: str
    hazard: str  # the hazard that a law covers here, or ""
    reasons: tuple[str, ...]

    @property
    def first(self) -> Deadline:
        """The date that is promised."""
        return self.deadlines[0]


def promise(situation: Situation, tables: Tables) -> Promise:
    """What is promised in a situation: hazard law, Right to Repair and the council's own time together."""
    day = local_date(situation.aware_at)
    band, why = band_for(situation, tables)
    hazard = covered_hazard(situation, tables)
    found: list[Rule] = []
    reasons: list[str] = [why] if why else []
    if hazard:
        found.append(tables.rules["AW-SIG-INV"])
    if (defect := right_to_repair(situation, tables)) is not None:
        found.append(defect_rule(defect, tables))
    found.append(tables.bands_on(day).bands[band])
    deadlines = [deadline(rule, situation.aware_at, tables.calendar) for rule in found if rule.holds_on(day)]
    deadlines.sort(key=lambda d: d.due_at)  # stable: a law stands before the council's own time
    return Promise(tuple(deadlines), band, hazard, tuple(reasons))


def band_for(situation: Situation, tables: Tables) -> tuple[str, str]:
    """The council's band, and why it is higher than the outcome's own ("" when it is not)."""
    table = tables.bands_on(local_date(situation.aware_at))
    own = situation.outcome.band
    best, why = own, ""
    for uplift in table.uplifts:
        if not _applies(uplift.groups, uplift.season, uplift.risks, situation):
            continue
        if _span(table.bands[uplift.band]) < _span(table.bands[best]):
            best, why = uplift.band, uplift.why
    return best, why


def _applies(
    groups: tuple[str, ...], season: tuple[str, str] | None, risks: tuple[str, ...], situation: Situation
) -> bool:
    if situation.outcome.group not in groups:
        return False
    if season and not in_season(local_date(situation.aware_at), *season):
        return False
    if not risks:
        return situation.at_risk
    return bool(situation.risks.intersection(risks)) or (situation.at_risk and not situation.risks)


def _span(rule: Rule) -> float:
    """A rough length in days, to tell an earlier band from a later one."""
    per = {Unit.HOURS: 1 / 24, Unit.WORKING_DAYS: 1.45, Unit.WEEKDAYS: 1.4, Unit.CALENDAR_DAYS: 1.0}
    return rule.amount * per[rule.unit]


def covered_hazard(situation: Situation, tables: Tables) -> str:
    """The hazard code when the law's investigation clock runs here, else "".

    It runs for tenants, from the day on which the law covers this kind of hazard, when the outcome may be
    significant for anybody or for the people who live there.
    """
    outcome = situation.outcome
    hazard = tables.hazards.get(outcome.hazard)
    if hazard is None or situation.kind != TENANT:
        return ""
    if local_date(situation.aware_at) < hazard.effective_from:
        return ""
    significant = outcome.significant == "anyone" or (outcome.significant == "at_risk" and situation.at_risk)
    return hazard.code if significant else ""


def right_to_repair(situation: Situation, tables: Tables) -> Defect | None:
    """The prescribed defect whose season it is, or None; for council tenants only."""
    law = tables.right_to_repair
    day = local_date(situation.aware_at)
    if situation.kind not in law.tenures or day < law.effective_from:
        return None
    for code in situation.outcome.right_to_repair:
        defect = law.defects[code]
        if defect.season is None or in_season(day, *defect.season):
            return defect
    return None


def defect_rule(defect: Defect, tables: Tables) -> Rule:
    """A prescribed defect as a rule with a clock."""
    law = tables.right_to_repair
    return Rule(
        id=defect.code,
        law="Right to Repair",
        title=f"{defect.title[0].lower()}{defect.title[1:]}",
        duty="mend it",
        promise="We promise to mend it by the end of",
        amount=defect.amount,
        unit=Unit.WORKING_DAYS,
        starts="aware",
        source=law.source,
        effective_from=law.effective_from,
        reading=law.reading,
    )


def emergency_deadlines(aware_at: datetime, hazard: str, kind: str, tables: Tables) -> tuple[Deadline, ...]:
    """The 24-hour clocks of an emergency: the law's for a tenant's hazard, the council's own for the rest."""
    day = local_date(aware_at)
    if hazard == EMERGENCY_HAZARD and kind == TENANT and day >= tables.hazards[hazard].effective_from:
        rules = [tables.rules["AW-EMG-INV"], tables.rules["AW-EMG-SAFE"]]
    else:
        rules = [tables.bands_on(day).bands["emergency"]]
    return tuple(deadline(rule, aware_at, tables.calendar) for rule in rules)


def after_the_look(concluded_at: datetime, tables: Tables, emergency: bool = False) -> tuple[Deadline, ...]:
    """The clocks that start when an investigation concludes, the earliest first."""
    wanted = ["AW-SUM", "AW-SIG-SAFE", "AW-SUP-BEGIN", "AW-SUP-LONGSTOP"]
    if emergency:
        wanted.append("AW-UPGRADE")
    found = [deadline(tables.rules[rule_id], concluded_at, tables.calendar) for rule_id in wanted]
    return tuple(sorted(found, key=lambda d: d.due_at))


class ClockState(StrEnum):
    """How a clock stands, for lists and chips."""

    OPEN = "open"
    DUE_SOON = "due_soon"
    DUE_TODAY = "due_today"
    OVERDUE = "overdue"
    MET = "met"
    MET_LATE = "met_late"


def clock_state(due_at: datetime, now: datetime, met_at: datetime | None, calendar: Calendar) -> ClockState:
    """How a clock stands at `now`: due soon is within two working days or six hours."""
    if met_at is not None:
        return ClockState.MET if met_at <= due_at else ClockState.MET_LATE
    if now > due_at:
        return ClockState.OVERDUE
    today = local_date(now)
    if local_date(due_at) == today:
        return ClockState.DUE_TODAY
    if due_at <= soon_until(now, calendar) or due_at - now <= timedelta(hours=DUE_SOON_HOURS):
        return ClockState.DUE_SOON
    return ClockState.OPEN


def soon_until(now: datetime, calendar: Calendar) -> datetime:
    """The moment up to which a due date counts as soon."""
    return end_of_day(working_days_after(local_date(now), DUE_SOON_DAYS, calendar))


def earliest(deadlines: Iterable[Deadline]) -> Deadline | None:
    """The deadline that comes first, or None."""
    return min(deadlines, key=lambda d: d.due_at, default=None)
