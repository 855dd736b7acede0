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
from app.repairs.tables import EMERGENCY_HAZARD, Defect, Rule, Tables, Uplift
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
                "only_if": rule.only_if,
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
class Cold:
    """Severe weather on the day a repair is reported; `degrees` is the lowest forecast, None if not known."""

    degrees: int | None = None


@dataclass(frozen=True)
class Situation:
    """What triage found out: the outcome, whose home it is, who lives there, when we came to know."""

    outcome: TreeOutcome
    kind: str  # a models.repairs.Kind
    at_risk: bool  # somebody is, or they did not say
    risks: frozenset[str]
    aware_at: datetime
    facts: frozenset[str] = frozenset()  # what is known of the problem: "sole_facility"
    cold: Cold | None = None  # severe weather on the day, as a lead declared it


@dataclass(frozen=True)
class Promise:
    """Every deadline of a repair, the earliest first, and why its band is what it is.

    `reasons` holds every rule of the council that brought the date forward, the one that won first.
    """

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
    band, reasons = uplifted(situation, tables)
    hazard = covered_hazard(situation, tables)
    found: list[Rule] = []
    if hazard:
        found.append(tables.rule_on("AW-SIG-INV", day))
    if (defect := right_to_repair(situation, tables)) is not None:
        found.append(defect_rule(defect, tables))
    laws = [rule for rule in found if rule.holds_on(day)]
    table = tables.bands_on(day)  # the council's own time always holds: the oldest table reaches back
    own = [table.bands[band], *table.steps.get(band, ())]
    deadlines = [deadline(rule, situation.aware_at, tables.calendar) for rule in (*laws, *own)]
    deadlines.sort(key=lambda d: d.due_at)  # stable: a law stands before the council's own time
    return Promise(tuple(deadlines), band, hazard, reasons)


def uplifted(situation: Situation, tables: Tables) -> tuple[str, tuple[str, ...]]:
    """The band that ends earliest of those that apply, and why, the winner first; no reason for the
    outcome's own band."""
    day, calendar = local_date(situation.aware_at), tables.calendar
    table = tables.bands_on(day)

    def due(code: str) -> datetime:
        return deadline(table.bands[code], situation.aware_at, calendar).due_at

    own = table.band(situation.outcome.band)
    earlier: list[tuple[datetime, str, str]] = []
    for uplift in table.uplifts:
        if applies(uplift, situation, day):
            band = uplift.band or table.raised(own, uplift.raise_by)
            if band in table.bands and due(band) < due(own):
                earlier.append((due(band), band, uplift.why))
    earlier.sort(key=lambda found: found[0])  # stable: the table's own order decides between equals
    return (earlier[0][1], tuple(why for _, _, why in earlier)) if earlier else (own, ())


def band_for(situation: Situation, tables: Tables) -> tuple[str, str]:
    """The council's band, and why it is higher than the outcome's own ("" when it is not)."""
    band, reasons = uplifted(situation, tables)
    return band, reasons[0] if reasons else ""


def applies(uplift: Uplift, situation: Situation, day: date) -> bool:
    """Whether every condition of a council's rule is met. What people did not say counts as so: the
    earlier date is safe."""
    outcome = situation.outcome
    return (
        (not uplift.groups or outcome.group in uplift.groups)
        and (not uplift.problems or outcome.id in uplift.problems)
        and (not uplift.kinds or situation.kind in uplift.kinds)
        and (uplift.season is None or in_season(day, *uplift.season))
        and situation.facts.issuperset(uplift.facts)
        and _people(uplift, situation)
        and _weather(uplift, situation.cold)
    )


def _people(uplift: Uplift, situation: Situation) -> bool:
    if uplift.people is None:
        return True
    if not uplift.people:
        return situation.at_risk
    unsaid = situation.at_risk and not situation.risks
    return unsaid or bool(situation.risks.intersection(uplift.people))


def _weather(uplift: Uplift, cold: Cold | None) -> bool:
    if uplift.temp_below is not None:
        return cold is not None and (cold.degrees is None or cold.degrees < uplift.temp_below)
    return cold is not None or not uplift.cold_spell


def covered_hazard(situation: Situation, tables: Tables) -> str:
    """The hazard code when the law's investigation clock runs here, else "".

    It runs for tenants, from the day on which the law covers this kind of hazard, when the outcome may be
    significant for anybody or for the people who live there.
    """
    outcome = situation.outcome
    hazard = tables.hazard_on(outcome.hazard, local_date(situation.aware_at))
    if hazard is None or situation.kind != TENANT:
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
        defect = law.defects.get(code)
        if defect is None:
            continue
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
    """The 24-hour clocks of an emergency: the law's for a tenant's hazard, the council's own for the rest.

    Of the two readings of the law's time to make safe this is the earlier, the target
    (app.repairs.hazard_law.outer_reading has the other).
    """
    day = local_date(aware_at)
    if hazard == EMERGENCY_HAZARD and kind == TENANT and tables.hazard_on(hazard, day) is not None:
        rules = [tables.rule_on("AW-EMG-INV", day), tables.rule_on("AW-EMG-SAFE", day)]
    else:
        table = tables.bands_on(day)
        rules = [table.bands[table.band("emergency")], *table.steps.get("emergency", ())]
    found = [deadline(rule, aware_at, tables.calendar) for rule in rules]
    return tuple(sorted(found, key=lambda d: d.due_at))


def after_the_look(concluded_at: datetime, tables: Tables, emergency: bool = False) -> tuple[Deadline, ...]:
    """The clocks that start when an investigation concludes, the earliest first."""
    wanted = ["AW-SUM", "AW-SIG-SAFE", "AW-SUP-BEGIN", "AW-SUP-LONGSTOP"]
    if emergency:
        wanted.append("AW-UPGRADE")
    day = local_date(concluded_at)
    found = [deadline(tables.rule_on(rule_id, day), concluded_at, tables.calendar) for rule_id in wanted]
    return tuple(sorted(found, key=lambda d: d.due_at))


class ClockState(StrEnum):
    """How a clock stands, for lists and chips."""

    WAITING = "waiting"  # what starts it has not happened
    NOT_REQUIRED = "not_required"
    OPEN = "open"
    DUE_SOON = "due_soon"
    DUE_TODAY = "due_today"
    OVERDUE = "overdue"
    MET = "met"
    MET_LATE = "met_late"


def clock_state(
    due_at: datetime | None,
    now: datetime,
    met_at: datetime | None,
    calendar: Calendar,
    not_required: str = "",
) -> ClockState:
    """How a clock stands at `now`: due soon is within two working days or six hours.

    `due_at` is None for a clock that has not started; `not_required` says why a duty fell away. A duty that
    was met late stays so, whatever is said of it later.
    """
    if met_at is not None and due_at is not None:
        return ClockState.MET if met_at <= due_at else ClockState.MET_LATE
    if not_required:
        return ClockState.NOT_REQUIRED
    if due_at is None:
        return ClockState.WAITING
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
