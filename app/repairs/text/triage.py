"""What somebody's words come to: an emergency or not, why, the likeliest leaves, the band, the law's clock.

Pure but for the clock's tables: the same words, risks and moment give the same answer.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from app.repairs import rules
from app.repairs.days import Unit
from app.repairs.rules import Deadline
from app.repairs.tables import EMERGENCY_HAZARD, Tables
from app.repairs.text.normalise import read_words
from app.repairs.text.ranking import Leaf, index_of
from app.repairs.text.tripwires import Level, Reason, highest, risks_heard, trip
from app.repairs.tree import Tree

HOURS_A_DAY = 24


@dataclass(frozen=True)
class Statutory:
    """The first clock of a law that runs: its rule, and its length in days of its unit."""

    rule: str
    days: int
    unit: str


@dataclass(frozen=True)
class Triage:
    """What words come to. `band` is None when nothing is likely."""

    emergency: Level
    reasons: tuple[Reason, ...]
    leaves: tuple[Leaf, ...]
    band: str | None
    hazard: str
    statutory: Statutory | None
    deadlines: tuple[Deadline, ...]
    risks: Mapping[str, str]  # risks that the words speak of, with the words


@dataclass(frozen=True)
class Heard:
    """What a page shows while somebody speaks: the rules that fired and the likeliest leaves."""

    reasons: tuple[Reason, ...]
    leaves: tuple[Leaf, ...]


def hear(
    text: str, tree: Tree, risks: Collection[str] | None = None, given: Mapping[str, str] | None = None
) -> Heard:
    """The rules that fire on a text and its likeliest leaves, without a date."""
    said = read_words(text)
    return Heard(trip(said, risks), index_of(tree).rank(said, given))


def triage(
    text: str,
    at: datetime,
    tree: Tree,
    tables: Tables,
    risks: Collection[str] | None = None,
    kind: str = rules.TENANT,
    given: Mapping[str, str] | None = None,
) -> Triage:
    """What a text comes to that was said at this moment.

    `risks` are the people at risk as they were asked about; None while nobody was asked. `given` are answers
    that stand already.
    """
    found, heard = hear(text, tree, risks, given), risks_heard(read_words(text))
    reasons, leaves = found.reasons, found.leaves
    level = highest(reasons)
    if level is Level.YES:
        dates = rules.emergency_deadlines(at, EMERGENCY_HAZARD, kind, tables)
        return Triage(
            level, reasons, leaves, "emergency", EMERGENCY_HAZARD, _statutory(dates, tables), dates, heard
        )
    outcome = tree.outcomes[leaves[0].outcome] if leaves else None
    if outcome is None:
        return Triage(level, reasons, leaves, None, "", None, (), heard)
    everybody = frozenset(risks or ()) | frozenset(heard)
    promised = rules.promise(rules.Situation(outcome, kind, bool(everybody), everybody, at), tables)
    return Triage(
        level,
        reasons,
        leaves,
        promised.band,
        promised.hazard,
        _statutory(promised.deadlines, tables),
        promised.deadlines,
        heard,
    )


def _statutory(deadlines: tuple[Deadline, ...], tables: Tables) -> Statutory | None:
    """The earliest of the deadlines that a law sets; None when only the council's own run."""
    for each in deadlines:
        rule = each.rule
        if rule.id.startswith("AW-") or rule.id in tables.right_to_repair.defects:
            hours = rule.unit is Unit.HOURS
            days = -(-rule.amount // HOURS_A_DAY) if hours else rule.amount
            return Statutory(rule.public_id, days, rule.unit.value)
    return None
