"""The tables of the slice as they lie in resources/repairs: the tree, rules, bands and bank holidays.

Read once a run. Every table carries its version or its effective dates; what a repair was decided by is
kept with the repair.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import Any

from app.repairs.days import Calendar, Holiday, Unit
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
    starts: str  # "aware", "asked" or "concluded"
    source: str
    effective_from: date
    effective_to: date | None = None
    jurisdiction: str = "england"
    reading: str = ""

    def holds_on(self, day: date) -> bool:
        """Whether the rule is in force for a clock that starts on this day."""
        return self.effective_from <= day and (self.effective_to is None or day <= self.effective_to)


@dataclass(frozen=True)
class Hazard:
    """A kind of hazard and the day from which the law's clocks cover it."""

    code: str
    title: str
    effective_from: date


@dataclass(frozen=True)
class Defect:
    """A prescribed defect of the Right to Repair, with its period in working days."""

    code: str
    title: str
    amount: int
    season: tuple[str, str] | None


@dataclass(frozen=True)
class RightToRepair:
    """The Right to Repair as a table."""

    defects: dict[str, Defect]
    source: str
    effective_from: date
    tenures: tuple[str, ...]
    reading: str


@dataclass(frozen=True)
class Uplift:
    """A rule of the council that gives some people an earlier time."""

    id: str
    groups: tuple[str, ...]
    season: tuple[str, str] | None
    risks: tuple[str, ...]  # empty: anybody at risk, and those who did not say
    band: str
    why: str


@dataclass(frozen=True)
class BandTable:
    """The council's own times in one version."""

    id: str
    effective_from: date
    effective_to: date | None
    bands: dict[str, Rule]
    labels: dict[str, str]
    uplifts: tuple[Uplift, ...]


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
    rules: dict[str, Rule]
    hazards: dict[str, Hazard]
    right_to_repair: RightToRepair
    band_tables: tuple[BandTable, ...]
    risks: dict[str, Risk]
    consent_months: int

    def bands_on(self, day: date) -> BandTable:
        """The council's times for a report on this day; the oldest table for a day before all of them."""
        held = [t for t in self.band_tables if t.effective_from <= day]
        return max(held or self.band_tables, key=lambda t: t.effective_from)


@cache
def tables() -> Tables:
    """The tables this Holdall came with."""
    bands, rules = _json("bands.json"), _json("rules.json")
    calendars = read_calendars(_json("holidays.json"))
    rtr = rules["right_to_repair"]
    return Tables(
        tree=read_tree(_json("tree.json")),
        calendar=calendars[bands["division"]],
        calendars=calendars,
        rules={r["id"]: _rule(r) for r in rules["rules"]},
        hazards={
            h["code"]: Hazard(h["code"], h["title"], date.fromisoformat(h["effective_from"]))
            for h in rules["hazards"]
        },
        right_to_repair=RightToRepair(
            {d["code"]: Defect(d["code"], d["title"], d["amount"], _season(d)) for d in rtr["defects"]},
            rtr["source"],
            date.fromisoformat(rtr["effective_from"]),
            tuple(rtr["tenures"]),
            rtr["reading"],
        ),
        band_tables=tuple(_band_table(t, bands["jurisdiction"]) for t in bands["tables"]),
        risks={r["code"]: Risk(**r) for r in bands["risk"]},
        consent_months=bands["consent_months"],
    )


def read_calendars(raw: dict[str, Any]) -> dict[str, Calendar]:
    """The bank holidays of every division in a file of our shape."""
    return {
        key: Calendar(
            key,
            d["title"],
            date.fromisoformat(d["known_from"]),
            date.fromisoformat(d["known_until"]),
            {date.fromisoformat(h["day"]): Holiday(h["title"], h["substitute"]) for h in d["days"]},
            f"{raw['source']}, as of {raw['as_of']}",
        )
        for key, d in raw["divisions"].items()
    }


def _json(name: str) -> dict[str, Any]:
    text = resources.files("resources").joinpath("repairs", name).read_text("utf-8")
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
        "effective_to": _day(raw["effective_to"]),
    }
    return Rule(**{**raw, **dates, "unit": Unit(raw["unit"])})


def _band_table(raw: dict[str, Any], jurisdiction: str) -> BandTable:
    start, end = date.fromisoformat(raw["effective_from"]), _day(raw["effective_to"])
    bands = {
        b["code"]: Rule(
            id=f"{raw['id']}-{b['code'].upper()}",
            law=f"{b['label']} repair",
            title=f"{b['duty']} within {b['amount']} {b['unit'].replace('_', ' ')}",
            duty=b["duty"],
            promise=b["promise"],
            amount=b["amount"],
            unit=Unit(b["unit"]),
            starts="aware",
            source=raw["source"],
            effective_from=start,
            effective_to=end,
            jurisdiction=jurisdiction,
        )
        for b in raw["bands"]
    }
    uplifts = tuple(
        Uplift(
            u["id"],
            tuple(u["when"]["groups"]),
            _season(u["when"]),
            () if u["when"]["risk"] == "any" else tuple(u["when"]["risk"]),
            u["band"],
            u["why"],
        )
        for u in raw["uplift"]
    )
    return BandTable(raw["id"], start, end, bands, {b["code"]: b["label"] for b in raw["bands"]}, uplifts)
