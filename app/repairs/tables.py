"""The tables of the slice as they lie in resources/repairs: the tree, rules, bands and bank holidays.

Read once a run. Every table carries its version or its effective dates; what a repair was decided by is
kept with the repair.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib import resources
from typing import Any

from app.repairs.days import Calendar, Holiday, Unit, in_season
from app.repairs.tree import Tree, read_tree

EMERGENCY_HAZARD = "emergency_hazard"


@dataclass(frozen=True)
class Rule:
    """A duty with a clock: from which event, how long, by what law, for which days it holds."""

    id: str
    law: str
    title: str
    duty: str  # "look at it"
    promise: str  # "We promise to look at it by the end of"
    amount: int
    unit: Unit
    starts: str  # "aware", "asked", "concluded" or "missed" (its date is that of the duty that was missed)
    source: str
    effective_from: date
    effective_to: date | None = None
    jurisdiction: str = "england"
    reading: str = ""
    only_if: str = ""  # what has to be so for the duty to run at all; "" for always
    reading_of: str = ""  # the rule that this is another reading of

    @property
    def days(self) -> float:
        """A rough length in days, to tell an earlier band from a later one."""
        per = {Unit.HOURS: 1 / 24, Unit.WORKING_DAYS: 1.45, Unit.WEEKDAYS: 1.4, Unit.CALENDAR_DAYS: 1.0}
        return self.amount * per[self.unit]

    @property
    def public_id(self) -> str:
        """The id by which the rule is known outside: two readings of one rule share it."""
        return self.reading_of or self.id

    def holds_on(self, day: date) -> bool:
        """Whether the rule is in force for a clock that starts on this day."""
        return self.effective_from <= day and (self.effective_to is None or day <= self.effective_to)


@dataclass(frozen=True)
class Hazard:
    """A kind of hazard and the day from which the law's clocks cover it."""

    code: str
    title: str
    effective_from: date
    jurisdiction: str = "england"


@dataclass(frozen=True)
class Defect:
    """A prescribed defect of the Right to Repair, with its period in working days."""

    code: str
    title: str
    amount: int
    season: tuple[str, str] | None


@dataclass(frozen=True)
class RightToRepair:
    """The Right to Repair as a table; sums in pence."""

    defects: dict[str, Defect]
    source: str
    effective_from: date
    tenures: tuple[str, ...]
    reading: str
    cost_cap: int = 25_000
    compensation_first: int = 1_000
    compensation_day: int = 200
    compensation_most: int = 5_000

    def in_season(self, code: str, day: date) -> Defect:
        """The defect with this code, or its twin in whose season the day lies; raises KeyError."""
        defect = self.defects[code]
        twins = [d for d in self.defects.values() if d.title == defect.title]
        return next((d for d in twins if d.season is None or in_season(day, *d.season)), defect)


@dataclass(frozen=True)
class Uplift:
    """A rule of the council that gives an earlier time; every condition that is set has to be met."""

    id: str
    band: str  # the band it gives, or ""
    raise_by: int  # how many bands earlier, when it names none
    why: str
    groups: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()  # outcomes of the tree
    season: tuple[str, str] | None = None
    people: tuple[str, ...] | None = None  # None: whoever lives there; (): anybody at risk, or not told
    kinds: tuple[str, ...] = ()  # models.repairs.Kind
    facts: tuple[str, ...] = ()  # what has to be known of the problem: "sole_facility"
    cold_spell: bool = False  # severe weather that a lead declared
    temp_below: int | None = None  # degrees Celsius forecast in such weather


@dataclass(frozen=True)
class BandTable:
    """The council's own times in one version. `steps` are the earlier duties inside a band: being there,
    making safe."""

    id: str
    effective_from: date
    effective_to: date | None
    bands: dict[str, Rule]
    labels: dict[str, str]
    uplifts: tuple[Uplift, ...]
    steps: dict[str, tuple[Rule, ...]] = field(default_factory=dict)

    def band(self, code: str) -> str:
        """This band's code, or the shortest ordinary one when the table has no such band: the earlier date
        is safe."""
        if code in self.bands:
            return code
        ordinary = [c for c in self.bands if c != "emergency"] or list(self.bands)
        return min(ordinary, key=lambda c: self.bands[c].days)

    def raised(self, code: str, by: int) -> str:
        """The band that is this many steps earlier than another, at most the earliest; bands of one length
        are one step."""
        lengths = sorted({rule.days for rule in self.bands.values()}, reverse=True)
        wanted = lengths[min(len(lengths) - 1, lengths.index(self.bands[code].days) + by)]
        return next(c for c, rule in self.bands.items() if rule.days == wanted)


@dataclass(frozen=True)
class Risk:
    """Something about a person at home that can bring a date forward."""

    code: str
    label: str
    chip: str


@dataclass(frozen=True)
class Tables:
    """Everything that triage decides by."""

    tree: Tree
    calendar: Calendar
    calendars: dict[str, Calendar]
    rules: dict[str, Rule]  # the newest version of each, of our own jurisdiction where there is one
    hazards: dict[str, Hazard]
    right_to_repair: RightToRepair
    band_tables: tuple[BandTable, ...]
    risks: dict[str, Risk]
    consent_months: int
    rule_versions: tuple[Rule, ...] = ()
    jurisdiction: str = "england"
    notes: tuple[str, ...] = ()  # tables of the council that could not be read

    def rule_on(self, rule_id: str, day: date) -> Rule:
        """The version of a rule that holds for a clock starting on this day; the newest one when none
        does. Raises KeyError for an unknown id."""
        held = [
            r
            for r in self.rule_versions
            if r.id == rule_id and r.jurisdiction == self.jurisdiction and r.holds_on(day)
        ]
        return max(held, key=lambda r: r.effective_from, default=self.rules[rule_id])

    def hazard_on(self, code: str, day: date) -> Hazard | None:
        """The hazard when the law covers it on this day, else None."""
        hazard = self.hazards.get(code)
        covered = hazard and hazard.jurisdiction == self.jurisdiction and day >= hazard.effective_from
        return hazard if covered else None

    def bands_on(self, day: date) -> BandTable:
        """The council's times for a report on this day; the oldest table for a day before all of them."""
        held = [t for t in self.band_tables if t.effective_from <= day]
        return max(held or self.band_tables, key=lambda t: t.effective_from)


@cache
def tables() -> Tables:
    """The tables this Holdall came with."""
    return read_tables(*(built_in(name) for name in ("tree", "bands", "rules", "holidays")))


def read_tables(
    tree: dict[str, Any], bands: dict[str, Any], rules: dict[str, Any], holidays: dict[str, Any]
) -> Tables:
    """The tables of four files in the shapes of resources/repairs; raises KeyError, TypeError or ValueError
    for another shape (app.repairs.dated_tables names every fault by its path before that)."""
    calendars = read_calendars(holidays)
    versions = tuple(_rule(r) for r in rules["rules"])
    return Tables(
        tree=read_tree(tree),
        calendar=calendars[bands["division"]],
        calendars=calendars,
        rules={
            r.id: r
            for r in sorted(
                versions, key=lambda r: (r.jurisdiction == bands["jurisdiction"], r.effective_from)
            )
        },
        hazards={
            h["code"]: Hazard(
                h["code"],
                h["title"],
                date.fromisoformat(h["effective_from"]),
                h.get("jurisdiction", "england"),
            )
            for h in rules["hazards"]
        },
        right_to_repair=_right_to_repair(rules["right_to_repair"]),
        band_tables=tuple(band_table(t, bands["jurisdiction"]) for t in bands["tables"]),
        risks={r["code"]: Risk(**r) for r in bands["risk"]},
        consent_months=bands["consent_months"],
        rule_versions=versions,
        jurisdiction=bands["jurisdiction"],
    )


def _right_to_repair(raw: dict[str, Any]) -> RightToRepair:
    pay = raw["compensation"]
    return RightToRepair(
        {d["code"]: Defect(d["code"], d["title"], d["amount"], _season(d)) for d in raw["defects"]},
        raw["source"],
        date.fromisoformat(raw["effective_from"]),
        tuple(raw["tenures"]),
        raw.get("reading", ""),
        raw["cost_cap"],
        pay["first"],
        pay["day"],
        pay["most"],
    )


def read_calendars(raw: dict[str, Any]) -> dict[str, Calendar]:
    """The bank holidays of every division in a file of our shape."""
    return {
        key: Calendar(
            key,
            d["title"],
            date.fromisoformat(d["known_from"]),
            date.fromisoformat(d["known_until"]),
            {
                date.fromisoformat(h["day"]): Holiday(h["title"], h.get("substitute", False))
                for h in d["days"]
            },
            f"{raw['source']}, as of {raw['as_of']}",
            date.fromisoformat(raw["as_of"]),
        )
        for key, d in raw["divisions"].items()
    }


def built_in(name: str) -> dict[str, Any]:
    """One of the files this Holdall came with: "tree", "bands", "rules" or "holidays"."""
    text = resources.files("resources").joinpath("repairs", f"{name}.json").read_text("utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _season(raw: dict[str, Any]) -> tuple[str, str] | None:
    season = raw.get("season")
    return (season["from"], season["to"]) if season else None


def _rule(raw: dict[str, Any]) -> Rule:
    dates = {
        "effective_from": date.fromisoformat(raw["effective_from"]),
        "effective_to": _day(raw.get("effective_to")),
    }
    return Rule(**{**raw, **dates, "unit": Unit(raw["unit"])})


STEPS = (
    ("attend", "ATTEND", "be there", "We promise to be there by"),
    ("make_safe", "SAFE", "make it safe", "We promise to make it safe by"),
)


def band_table(raw: dict[str, Any], jurisdiction: str) -> BandTable:
    """One version of the council's times from its JSON form."""
    start, end = date.fromisoformat(raw["effective_from"]), _day(raw.get("effective_to"))

    def rule(band: dict[str, Any], **own: Any) -> Rule:
        unit = Unit(own["unit"])
        by = (
            own["promise"]
            if unit is Unit.HOURS
            else f"{own['promise'].removesuffix(' the end of')} the end of"
        )
        return Rule(
            id=f"{raw['id']}-{band['code'].upper()}{own['suffix']}",
            law=f"{band['label']} repair",
            title=f"{own['duty']} within {own['amount']} {own['unit'].replace('_', ' ')}",
            duty=own["duty"],
            promise=by,
            amount=own["amount"],
            unit=unit,
            starts="aware",
            source=raw["source"],
            effective_from=start,
            effective_to=end,
            jurisdiction=jurisdiction,
        )

    def steps(band: dict[str, Any]) -> tuple[Rule, ...]:
        return tuple(
            rule(
                band,
                amount=band[f"{key}_amount"],
                unit=band.get(f"{key}_unit", band["unit"]),
                suffix=f"-{suffix}",
                duty=duty,
                promise=promise,
            )
            for key, suffix, duty, promise in STEPS
            if f"{key}_amount" in band
        )

    bands = {
        b["code"]: rule(
            b, amount=b["amount"], unit=b["unit"], suffix="", duty=b["duty"], promise=b["promise"]
        )
        for b in raw["bands"]
    }
    return BandTable(
        raw["id"],
        start,
        end,
        bands,
        {b["code"]: b["label"] for b in raw["bands"]},
        tuple(_uplift(u) for u in raw.get("uplift", ())),
        {b["code"]: found for b in raw["bands"] if (found := steps(b))},
    )


def _uplift(raw: dict[str, Any]) -> Uplift:
    """{when: {groups, problem_in, date_window, people_any, kinds, facts, sole_facility, cold_spell,
    temp_below}, then: {band | raise_by}, why}: the shape of a council's own rule."""
    when, then = raw["when"], raw["then"]
    people, window = when.get("people_any"), when.get("date_window")
    return Uplift(
        id=raw["id"],
        band=then.get("band", ""),
        raise_by=then.get("raise_by", 0),
        why=raw["why"],
        groups=tuple(when.get("groups", ())),
        problems=tuple(when.get("problem_in", ())),
        season=(window["from"], window["to"]) if window else None,
        people=None if people is None else () if people == "any" else tuple(people),
        kinds=tuple(when.get("kinds", ())),
        facts=(*when.get("facts", ()), *(("sole_facility",) if when.get("sole_facility") else ())),
        cold_spell=when.get("cold_spell", False),
        temp_below=when.get("temp_below"),
    )
