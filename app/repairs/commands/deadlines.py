"""`repairs deadlines`: the dates of a duty, each with day 0, every skipped day, its rule, source and reading.

Works by the tables this Holdall came with and opens no store. Before a law covers a hazard the list is empty,
and one sentence says why.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from app.errors import HoldallError, NotFound
from app.repairs import hazard_law, right_to_repair, rules, words
from app.repairs.moments import Moment, moment_of
from app.repairs.rules import Deadline
from app.repairs.tables import EMERGENCY_HAZARD, Hazard, Tables, tables
from app.told import Told
from app.wording import LONDON, date_year

Found = tuple[Sequence[Deadline], list[str]]


def run(options: argparse.Namespace) -> Told:
    """Works out the dates that were asked for; raises HoldallError in one sentence for odd input."""
    aware = moment_of(options.aware, "--aware")
    concluded = moment_of(options.concluded, "--concluded") if options.concluded else None
    asked = moment_of(options.asked, "--asked") if options.asked else None
    for name, moment in (("--concluded", concluded), ("--asked", asked)):
        if moment is not None and moment.before(aware):
            raise HoldallError(f"{name} is before --aware.", "Give the moments in the order they came.")
    work: dict[str, Callable[[], Found]] = {
        "awaab": lambda: _awaab(options.hazard, aware, concluded, asked, tables()),
        "right-to-repair": lambda: _right(options.code, aware, asked, tables()),
        "band": lambda: _band(options.band, aware, tables()),
    }
    found, notes = work[options.rule]()
    notes = [m.note for m in (aware, concluded, asked) if m is not None and m.note] + notes
    if not aware.timed and any(d.count is None and d.rule.starts == "aware" for d in found):
        notes.append("--aware is a day alone, so hours are counted from its midnight: give the time.")
    lines = [line for each in found for line in _in_words(each)]
    if not lines:
        return Told([], notes, notes if options.json else ())
    return Told([document(each) for each in found], lines, notes)


def document(found: Deadline) -> dict[str, Any]:
    """A deadline as the command prints it: `due` is the day in London, or the moment for hours.

    `due_at` is always the last moment, in UTC.
    """
    rule = found.rule
    hours = found.count is None
    return {
        "rule_id": rule.public_id,
        "due": found.due_at.astimezone(LONDON).isoformat() if hours else found.due_on.isoformat(),
        "day0": found.day0.isoformat(),
        "skipped": [{"date": d.day.isoformat(), "why": d.why} for d in found.count.skipped]
        if found.count
        else [],
        "source": rule.source,
        "reading": rule.reading,
        "target": not rule.reading_of or rule.id.endswith(right_to_repair.SECOND),
        "outer": bool(rule.reading_of) and not rule.id.endswith(right_to_repair.SECOND),
        "title": rule.title,
        "law": rule.law,
        "duty": rule.duty,
        "amount": rule.amount,
        "unit": rule.unit.value,
        "starts": rule.starts,
        "starts_at": found.starts_at.isoformat(),
        "due_at": found.due_at.isoformat(),
        "only_if": rule.only_if,
        "period": 2 if rule.id.endswith(right_to_repair.SECOND) else 1,
        "effective_from": rule.effective_from.isoformat(),
        "jurisdiction": rule.jurisdiction,
        "warning": found.warning,
    }


def _in_words(found: Deadline) -> list[str]:
    rule = found.rule
    lines = [f"{rule.public_id}  {words.due_words(found)}: {rule.duty}."]
    detail = [words.how_counted(found)]
    if found.count is not None:
        skipped = words.skipped_sentence(found.count, tables().calendar).rstrip(".")
        detail.append(f"{skipped[0].lower()}{skipped[1:]}")
    if rule.only_if:
        detail.append(f"only if {rule.only_if}")
    if rule.reading:
        detail.append(f"read as: {rule.reading}")
    lines.append(f"  {'; '.join(detail)}. {rule.source}.")
    return [*lines, f"  {found.warning}"] if found.warning else lines


# -- hazard law ------------------------------------------------------------------------------------


def _awaab(
    code: str | None, aware: Moment, concluded: Moment | None, asked: Moment | None, known: Tables
) -> Found:
    """The clocks of one hazard; without one, those of damp and of an emergency, as either may be so."""
    if code is not None and code not in known.hazards:
        raise NotFound(f"There is no hazard “{code[:40]}”.", f"There are {', '.join(known.hazards)}.")
    wanted = [code] if code else ["damp_mould", EMERGENCY_HAZARD]
    found: list[Deadline] = []
    for hazard in wanted:
        found += hazard_law.clocks(
            hazard, aware.at, known, concluded.at if concluded else None, asked.at if asked else None
        )
    if not found:
        return (), [_not_yet(known.hazards[wanted[0]], aware.day)]
    notes = [] if code else ["No hazard was named: these are the dates of damp and of an emergency."]
    return sorted(_once(found), key=lambda d: d.due_at), notes


def _once(found: Sequence[Deadline]) -> list[Deadline]:
    """Each date once where two hazards share a rule and its start."""
    return list({(d.rule.id, d.due_at): d for d in found}.values())


def _not_yet(hazard: Hazard, day: date) -> str:
    return (
        f"The law does not cover {hazard.title.lower()} on {date_year(day)}: "
        f"it does from {date_year(hazard.effective_from)}."
    )


# -- Right to Repair -------------------------------------------------------------------------------


def _right(code: str | None, aware: Moment, asked: Moment | None, known: Tables) -> Found:
    """The period of one prescribed defect, or of every one in season; with --asked the second period too."""
    law = known.right_to_repair
    wanted = (code or "").strip().upper()
    if wanted and wanted not in law.defects:
        codes = list(law.defects)
        raise NotFound(
            f"There is no prescribed defect “{wanted[:40]}”.", f"They run from {codes[0]} to {codes[-1]}."
        )
    if aware.day < law.effective_from:
        return (), [f"The Right to Repair began on {date_year(law.effective_from)}."]
    notes: list[str] = []
    if wanted:
        defects = [law.in_season(wanted, aware.day)]
        if defects[0].code != wanted:
            notes.append(
                f"{wanted} is not in season on {date_year(aware.day)}: {defects[0].code} holds instead."
            )
    else:
        in_season = [law.in_season(c, aware.day) for c in law.defects]
        defects = list({d.code: d for d in in_season}.values())
    found: list[Deadline] = []
    for defect in defects:
        first = rules.deadline(rules.defect_rule(defect, known), aware.at, known.calendar)
        found.append(first)
        if asked is not None and asked.at > first.due_at:
            found.append(right_to_repair.second_period(first, asked.at, known))
        elif asked is not None and wanted:
            raise HoldallError(
                "Another contractor can be asked for once the first period has ended.",
                f"It ends with {date_year(first.due_on)}.",
            )
    return found, notes


# -- the council's own -----------------------------------------------------------------------------


def _band(code: str | None, aware: Moment, known: Tables) -> Found:
    """The time of one band, or of every one, with the steps inside it."""
    table = known.bands_on(aware.day)
    wanted = (code or "").strip().lower()
    if wanted and wanted not in table.bands:
        raise NotFound(f"There is no band “{wanted[:40]}”.", f"There are {', '.join(table.bands)}.")
    found = [
        rules.deadline(rule, aware.at, known.calendar)
        for band in ([wanted] if wanted else table.bands)
        for rule in (*table.steps.get(band, ()), table.bands[band])
    ]
    return found, []
