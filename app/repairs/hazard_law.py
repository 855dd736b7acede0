"""Awaab's Law as dates: every clock of a hazard, both readings of the emergency's, what falls away and why.

SI 2025/1042, social landlords in England. Pure functions over tables and arguments; what is read two ways
is worked out both ways, and the earlier date is the target. Nobody's hazard is scored here.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from app.repairs.rules import Deadline, deadline
from app.repairs.tables import EMERGENCY_HAZARD, Tables
from app.wording import local_date

ELSEWHERE = "AW-ALT"  # somewhere else to live
AFTER_A_LOOK = ("AW-SUM", "AW-SUM-WAIVE", "AW-SIG-SAFE", "AW-SUP-BEGIN", "AW-SUP-LONGSTOP", "AW-UPGRADE")
AFTER_AN_EMERGENCY = ("AW-SUM", "AW-SUM-WAIVE", "AW-SUP-BEGIN", "AW-SUP-LONGSTOP")
TOLD_ANYWAY = "All work was done within the 3 working days. The tenant is told what was found and done."


def clocks(
    hazard: str,
    aware_at: datetime,
    tables: Tables,
    concluded_at: datetime | None = None,
    asked_at: datetime | None = None,
) -> tuple[Deadline, ...]:
    """Every date the law gives a tenant's hazard, the earliest first; none before the law covers it.

    `concluded_at` is the end of the look, `asked_at` the moment at which the tenant asked for a look in
    person after one that was not. `hazard` is a code of resources/repairs/rules.json.
    """
    day = local_date(aware_at)
    if tables.hazard_on(hazard, day) is None:
        return ()
    emergency = hazard == EMERGENCY_HAZARD
    found = _emergency(aware_at, concluded_at, tables) if emergency else [_of("AW-SIG-INV", aware_at, tables)]
    if concluded_at is not None:
        after = AFTER_AN_EMERGENCY if emergency else AFTER_A_LOOK
        found += [_of(rule_id, concluded_at, tables) for rule_id in after]
    if not emergency and asked_at is not None:
        found.append(_of("AW-SIG-RENEW", asked_at, tables))
    safety = next((d for d in found if d.rule.id in ("AW-SIG-SAFE", "AW-EMG-SAFE")), None)
    if safety is not None:
        found.append(alternative_home(safety, tables))
    return tuple(sorted(found, key=lambda d: d.due_at))


def _of(rule_id: str, starts_at: datetime, tables: Tables) -> Deadline:
    return deadline(tables.rule_on(rule_id, local_date(starts_at)), starts_at, tables.calendar)


def _emergency(aware_at: datetime, concluded_at: datetime | None, tables: Tables) -> list[Deadline]:
    safe = _of("AW-EMG-SAFE", aware_at, tables)
    return [_of("AW-EMG-INV", aware_at, tables), safe, outer_reading(safe, tables, concluded_at)]


def outer_reading(safe: Deadline, tables: Tables, concluded_at: datetime | None = None) -> Deadline:
    """The later reading of the time to make an emergency safe: 24 hours from the moment it was found.

    While the look has not ended, from the last moment at which it may end. It is shown beside the target and
    never takes its place.
    """
    look_by = safe.starts_at + timedelta(hours=tables.rule_on("AW-EMG-INV", safe.day0).amount)
    starts = max(safe.starts_at, concluded_at or look_by)
    rule = tables.rule_on("AW-EMG-SAFE-OUTER", local_date(starts))
    if concluded_at is None:
        rule = replace(rule, reading=f"{rule.reading}; the look has not ended, so from its own last moment")
    return deadline(rule, starts, tables.calendar)


def alternative_home(missed: Deadline, tables: Tables) -> Deadline:
    """Somewhere else to live, due when the safety work that cannot be done in time is due."""
    rule = tables.rule_on(ELSEWHERE, missed.day0)
    like = missed.rule
    by = "by" if missed.count is None else "by the end of"
    rule = replace(
        rule, amount=like.amount, unit=like.unit, promise=f"{rule.promise.removesuffix(' by')} {by}"
    )
    return Deadline(rule, missed.starts_at, missed.due_at, missed.count)


def renewed_look(asked_at: datetime, tables: Tables) -> Deadline:
    """A look in person, asked for by the tenant after one that was not in person."""
    return _of("AW-SIG-RENEW", asked_at, tables)


def summary_not_required(concluded_at: datetime, all_done_at: datetime | None, tables: Tables) -> str:
    """Why no findings in writing are needed: all work was done inside their own time; "" when they are.

    `all_done_at` is the moment the last work of any kind was done, None while some is open.
    """
    waiver = _of("AW-SUM-WAIVE", concluded_at, tables)
    return TOLD_ANYWAY if all_done_at is not None and all_done_at <= waiver.due_at else ""
