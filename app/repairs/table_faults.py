"""What is wrong with a table that a council brings: every fault by its path, in words.

The shapes are those of resources/repairs: bank holidays (ours, or the file that GOV.UK publishes), bands,
rules. Pure: parsed JSON in, faults out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from app.repairs.days import MOST_DAYS, Unit
from app.repairs.tree import Fault

MOST_ROWS = 1_000
LONGEST = 200  # characters of any text
FEWEST_A_YEAR = 6  # fewer bank holidays in a year than this is a file that was cut short
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
_SEASON = re.compile(r"(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")


class Faults(list[Fault]):
    """Faults as they are found, with the checks that find them; each check returns the value or None."""

    def say(self, path: str, message: str) -> None:
        """Notes one fault."""
        self.append(Fault(path, message))

    def mapping(self, raw: Any, path: str) -> Mapping[str, Any] | None:
        """An object."""
        if isinstance(raw, Mapping):
            return raw
        self.say(path, "has to be an object with names and values")
        return None

    def rows(self, raw: Any, path: str, least: int = 0) -> Iterable[tuple[str, Mapping[str, Any]]]:
        """A list of objects, each with its path."""
        if not isinstance(raw, list):
            self.say(path, "has to be a list")
            return
        if not least <= len(raw) <= MOST_ROWS:
            self.say(path, f"has {len(raw):,} entries, from {least} to {MOST_ROWS:,} are taken")
            return
        for number, row in enumerate(raw):
            if (found := self.mapping(row, f"{path}[{number}]")) is not None:
                yield f"{path}[{number}]", found

    def text(self, row: Mapping[str, Any], key: str, path: str, empty: bool = False) -> str | None:
        """A short text."""
        value = row.get(key, "" if empty else None)
        if isinstance(value, str) and (empty or value.strip()) and len(value) <= LONGEST:
            return value
        self.say(f"{path}.{key}", f"has to be a text of at most {LONGEST} characters")
        return None

    def code(self, row: Mapping[str, Any], key: str, path: str) -> str | None:
        """A code: letters, digits, hyphens."""
        value = row.get(key)
        if isinstance(value, str) and _CODE.fullmatch(value):
            return value
        self.say(f"{path}.{key}", "has to be a code of letters, digits and hyphens")
        return None

    def day(self, row: Mapping[str, Any], key: str, path: str, empty: bool = False) -> date | None:
        """A day like 2026-12-25."""
        value = row.get(key)
        if value is None and empty:
            return None
        try:
            found = date.fromisoformat(value) if isinstance(value, str) and len(value) == 10 else None
        except ValueError:
            found = None
        if found is None or not 1990 <= found.year <= 2100:
            self.say(f"{path}.{key}", "has to be a day like 2026-12-25")
            return None
        return found

    def whole(self, row: Mapping[str, Any], key: str, path: str, least: int, most: int) -> int | None:
        """A whole number in bounds."""
        value = row.get(key)
        if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
            return value
        self.say(f"{path}.{key}", f"has to be a whole number from {least} to {most:,}")
        return None

    def flag(self, row: Mapping[str, Any], key: str, path: str) -> None:
        """true or false, or not there."""
        if not isinstance(row.get(key, False), bool):
            self.say(f"{path}.{key}", "has to be true or false")

    def one_of(self, row: Mapping[str, Any], key: str, path: str, known: Iterable[str]) -> str | None:
        """One of a few words."""
        value, names = row.get(key), list(known)
        if isinstance(value, str) and value in names:
            return value
        self.say(f"{path}.{key}", f"has to be one of {', '.join(names)}")
        return None

    def codes(
        self, row: Mapping[str, Any], key: str, path: str, known: Iterable[str] | None = None
    ) -> tuple[str, ...]:
        """A list of codes, each among those known."""
        value = row.get(key, [])
        if (
            not isinstance(value, list)
            or not all(isinstance(v, str) for v in value)
            or len(value) > MOST_ROWS
        ):
            self.say(f"{path}.{key}", "has to be a list of codes")
            return ()
        names = None if known is None else set(known)
        for each in value if names is not None else ():
            if each not in (names or ()):
                self.say(f"{path}.{key}", f"“{each[:40]}” is not known")
        return tuple(value)

    def once(self, seen: set[Any], value: Any, path: str) -> None:
        """A value that may not come twice."""
        if value is not None and value in seen:
            self.say(path, f"“{value}” is there twice")
        seen.add(value)


def holiday_faults(raw: Any, division: str) -> list[Fault]:
    """What is wrong with bank holidays in our shape; `division` is the one that the council counts by."""
    faults = Faults()
    root = faults.mapping(raw, "file")
    divisions = faults.mapping(root.get("divisions"), "divisions") if root is not None else None
    if root is None or divisions is None:
        return faults
    faults.day(root, "as_of", "file")
    faults.text(root, "source", "file")
    if division not in divisions:
        faults.say("divisions", f"“{division}”, the one we count by, is not there")
    for name, each in divisions.items():
        path = f"divisions.{str(name)[:40]}"
        if (found := faults.mapping(each, path)) is not None:
            _division(faults, found, path)
    return faults


def _division(faults: Faults, row: Mapping[str, Any], path: str) -> None:
    faults.text(row, "title", path)
    first, last = faults.day(row, "known_from", path), faults.day(row, "known_until", path)
    seen: set[Any] = set()
    years: dict[int, int] = {}
    for where, each in faults.rows(row.get("days"), f"{path}.days", 1):
        day = faults.day(each, "day", where)
        faults.text(each, "title", where)
        faults.flag(each, "substitute", where)
        faults.once(seen, day, f"{where}.day")
        if day is not None:
            years[day.year] = years.get(day.year, 0) + 1
            if first and last and not first <= day <= last:
                faults.say(f"{where}.day", "lies outside known_from and known_until")
    if first and last and not first < last:
        faults.say(path, "known_until has to come after known_from")
    elif first and last:
        for year in range(first.year, last.year + 1):
            if years.get(year, 0) < FEWEST_A_YEAR:
                faults.say(path, f"{year} has only {years.get(year, 0)} bank holidays: the list is cut short")


def band_faults(
    raw: Any,
    wanted: Iterable[str],
    kinds: Iterable[str],
    people: Iterable[str],
    divisions: Iterable[str] = (),
    jurisdictions: Iterable[str] = (),
) -> list[Fault]:
    """What is wrong with a council's bands. `wanted` are the bands that the questions lead to, `kinds` the
    kinds of home, `people` the codes of people at risk while the file has none of its own; `divisions` have
    bank holidays here, `jurisdictions` have rules."""
    faults = Faults()
    root = faults.mapping(raw, "file")
    if root is None:
        return faults
    faults.day(root, "as_of", "file", empty=True)
    for key, known in (("division", divisions), ("jurisdiction", jurisdictions)):
        if key in root:
            faults.one_of(root, key, "file", known)
    risks: set[Any] = set()
    for where, each in faults.rows(root.get("risk", []), "risk"):
        faults.once(risks, faults.code(each, "code", where), f"{where}.code")
        faults.text(each, "label", where)
        faults.text(each, "chip", where)
        for key in each.keys() - {"code", "label", "chip"}:
            faults.say(f"{where}.{str(key)[:40]}", "is not known here")
    risks = risks or set(people)
    if "consent_months" in root:
        faults.whole(root, "consent_months", "file", 1, 60)
    needed, homes = sorted({*wanted, "emergency"}), list(kinds)
    for where, table in faults.rows(root.get("tables"), "tables", 1):
        faults.code(table, "id", where)
        faults.text(table, "source", where)
        first, last = (
            faults.day(table, "effective_from", where),
            faults.day(table, "effective_to", where, True),
        )
        if first and last and last < first:
            faults.say(f"{where}.effective_to", "comes before effective_from")
        bands = _bands(faults, table, where)
        for code in needed:
            if code not in bands:
                faults.say(f"{where}.bands", f"band “{code}” is needed by the questions and is not there")
        for place, uplift in faults.rows(table.get("uplift", []), f"{where}.uplift"):
            _uplift(faults, uplift, place, bands, risks, homes)
    return faults


def _bands(faults: Faults, table: Mapping[str, Any], path: str) -> set[str]:
    found: set[Any] = set()
    units = [u.value for u in Unit]
    for where, band in faults.rows(table.get("bands"), f"{path}.bands", 1):
        faults.once(found, faults.code(band, "code", where), f"{where}.code")
        for key in ("label", "duty", "promise"):
            faults.text(band, key, where)
        for step in ("", "attend_", "make_safe_"):
            if step and f"{step}amount" not in band:
                continue
            unit = (
                faults.one_of(band, f"{step}unit", where, units)
                if f"{step}unit" in band or not step
                else None
            )
            least = 0 if (unit or band.get("unit")) == Unit.CALENDAR_DAYS else 1
            faults.whole(band, f"{step}amount", where, least, MOST_DAYS)
    return {code for code in found if code}


def _uplift(
    faults: Faults, row: Mapping[str, Any], path: str, bands: set[str], risks: set[Any], kinds: list[str]
) -> None:
    faults.code(row, "id", path)
    faults.text(row, "why", path)
    when, then = (
        faults.mapping(row.get("when"), f"{path}.when"),
        faults.mapping(row.get("then"), f"{path}.then"),
    )
    if when is not None:
        _conditions(faults, when, f"{path}.when", risks, kinds)
    if then is not None:
        if ("band" in then) == ("raise_by" in then):
            faults.say(f"{path}.then", "names either a band or raise_by")
        elif "band" in then:
            faults.one_of(then, "band", f"{path}.then", sorted(bands))
        else:
            faults.whole(then, "raise_by", f"{path}.then", 1, 9)


def _conditions(
    faults: Faults, when: Mapping[str, Any], path: str, risks: set[Any], kinds: list[str]
) -> None:
    for key in sorted(map(str, when)):
        where = f"{path}.{key[:40]}"
        if key in ("groups", "problem_in", "facts"):
            faults.codes(when, key, path)
        elif key == "kinds":
            faults.codes(when, key, path, kinds)
        elif key in ("sole_facility", "cold_spell"):
            faults.flag(when, key, path)
        elif key == "temp_below":
            faults.whole(when, key, path, -40, 40)
        elif key == "date_window":
            season_fault(faults, when[key], where)
        elif key == "people_any":
            if when[key] != "any":
                faults.codes(when, key, path, risks)
        else:
            faults.say(where, "is not a condition")


def season_fault(faults: Faults, raw: Any, path: str) -> None:
    """A yearly season: {"from": "11-01", "to": "02-29"}."""
    if (season := faults.mapping(raw, path)) is not None:
        for key in ("from", "to"):
            value = season.get(key)
            if not isinstance(value, str) or not _SEASON.fullmatch(value):
                faults.say(f"{path}.{key}", "has to be a month and a day like 11-01")


def rule_faults(raw: Any, known_rules: Iterable[str]) -> list[Fault]:
    """What is wrong with a table of rules, hazards and the Right to Repair. Rules of our own are not made
    here: an id is one of `known_rules`, as the program acts by them."""
    faults = Faults()
    root = faults.mapping(raw, "file")
    if root is None:
        return faults
    if not root.keys() & {"rules", "hazards", "right_to_repair"}:
        faults.say("file", "holds neither rules nor hazards nor right_to_repair")
    faults.day(root, "as_of", "file", empty=True)
    ids, units = sorted(known_rules), [u.value for u in Unit]
    for where, rule in faults.rows(root.get("rules", []), "rules"):
        faults.one_of(rule, "id", where, ids)
        for key in ("jurisdiction", "law", "title", "duty", "promise", "source"):
            faults.text(rule, key, where)
        for key in ("reading", "only_if", "reading_of"):
            faults.text(rule, key, where, empty=True)
        faults.one_of(rule, "unit", where, units)
        faults.whole(rule, "amount", where, 1, MOST_DAYS)
        faults.one_of(rule, "starts", where, ("aware", "asked", "concluded", "missed"))
        faults.day(rule, "effective_from", where)
        faults.day(rule, "effective_to", where, empty=True)
    seen: set[Any] = set()
    for where, hazard in faults.rows(root.get("hazards", []), "hazards"):
        faults.once(seen, faults.code(hazard, "code", where), f"{where}.code")
        faults.text(hazard, "title", where)
        faults.day(hazard, "effective_from", where)
    if "right_to_repair" in root:
        _right(faults, faults.mapping(root["right_to_repair"], "right_to_repair"))
    return faults


def _right(faults: Faults, row: Mapping[str, Any] | None) -> None:
    if row is None:
        return
    path = "right_to_repair"
    faults.text(row, "source", path)
    faults.text(row, "reading", path, empty=True)
    faults.day(row, "effective_from", path)
    if not faults.codes(row, "tenures", path):
        faults.say(f"{path}.tenures", "has to name who has the right")
    faults.whole(row, "cost_cap", path, 0, 10_000_000)
    if (pay := faults.mapping(row.get("compensation"), f"{path}.compensation")) is not None:
        for key in ("first", "day", "most"):
            faults.whole(pay, key, f"{path}.compensation", 0, 10_000_000)
    seen: set[Any] = set()
    for where, defect in faults.rows(row.get("defects"), f"{path}.defects", 1):
        faults.once(seen, faults.code(defect, "code", where), f"{where}.code")
        faults.text(defect, "title", where)
        faults.whole(defect, "amount", where, 1, MOST_DAYS)
        if defect.get("season") is not None:
            season_fault(faults, defect["season"], f"{where}.season")
