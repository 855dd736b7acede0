"""Past repairs asked again by another edition: which would get another code, band or date.

The answers are replayed. Where the edition asks otherwise, the leaf is found by its id, then by its code; a
repair that none of these finds is listed as one that has to be asked anew. Both sides are worked out by the
tables of today, so that only the edition makes a difference.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.repairs import rules
from app.repairs.dated_tables import tables_at
from app.repairs.promises import cold_on
from app.repairs.tree import Tree, TreeOutcome
from app.repairs.trees import edition_tree
from app.wording import local_date, plural
from models.repairs import Repair, State

LAST = 500


@dataclass(frozen=True)
class Moved:
    """One past repair that the edition would treat otherwise."""

    repair_id: str
    reference: str
    title: str
    reported_at: datetime
    code: tuple[str, str]  # as it is, as it would be
    band: tuple[str, str]
    due: tuple[datetime | None, datetime | None]
    exit: tuple[str, str]
    lost: bool = False  # no leaf of the edition fits

    @property
    def sentence(self) -> str:
        """What would be otherwise."""
        if self.lost:
            return "No leaf of this edition fits its answers or its code."
        parts = []
        for name, (was, now) in (("code", self.code), ("band", self.band), ("way out", self.exit)):
            if was != now:
                parts.append(f"{name} {was or 'none'} becomes {now or 'none'}")
        if self.due[0] != self.due[1]:
            later = self.due[0] and self.due[1] and self.due[1] > self.due[0]
            parts.append("a later date" if later else "an earlier date")
        words = "; ".join(parts)
        return f"{words[:1].upper()}{words[1:]}."


@dataclass(frozen=True)
class DryRun:
    """The last repairs under another edition."""

    edition: str
    looked_at: int
    replayed: int  # those whose answers fit the edition as they are
    moved: tuple[Moved, ...]

    def count(self, what: str) -> int:
        """How many differ in "code", "band", "due" or "exit", or are "lost"."""
        if what == "lost":
            return sum(m.lost for m in self.moved)
        return sum(not m.lost and getattr(m, what)[0] != getattr(m, what)[1] for m in self.moved)

    @property
    def summary(self) -> str:
        """The whole in one sentence."""
        if not self.looked_at:
            return "There is no past repair to ask again."
        if not self.moved:
            return f"None of the last {plural(self.looked_at, 'repair')} would be treated otherwise."
        parts = [
            f"{self.count(what):,} {words}"
            for what, words in (
                ("code", "get another code"),
                ("band", "another band"),
                ("due", "another date"),
                ("exit", "another way out"),
                ("lost", "would have to be asked anew"),
            )
            if self.count(what)
        ]
        return f"Of the last {plural(self.looked_at, 'repair')}: {', '.join(parts)}."


def dry_run(session: Session, tree: Tree, last: int = LAST) -> DryRun:
    """The last repairs that were asked to the end, newest first, under an edition."""
    statement = select(Repair).where(
        Repair.deleted.is_(False), Repair.state.not_in((State.DRAFT, State.CANCELLED))
    )
    repairs = list(session.scalars(statement.order_by(Repair.reported_at.desc()).limit(last)))
    by_code: dict[str, TreeOutcome] = {}
    for outcome in tree.outcomes.values():
        if outcome.code:
            by_code.setdefault(outcome.code, outcome)
    moved: list[Moved] = []
    replayed = 0
    for repair in repairs:
        way = tree.way(repair.answers)
        fits = way.question is None
        replayed += fits
        exit_ = way.exit.id if way.exit else (repair.exit or "" if not fits else "")
        found = way.outcome
        if found is None and not exit_:
            found = tree.outcomes.get(repair.outcome or "") or by_code.get(repair.code or "")
        one = _compare(session, repair, found, exit_)
        if one is not None:
            moved.append(one)
    return DryRun(tree.version, len(repairs), replayed, tuple(moved))


def _compare(session: Session, repair: Repair, found: TreeOutcome | None, exit_: str) -> Moved | None:
    was = edition_tree(session, repair.tree_version)
    old = was.outcomes.get(repair.outcome or "") if was is not None else None
    before = _dates(session, repair, old) if old is not None else (repair.band or "", repair.target_at)
    after = _dates(session, repair, found) if found is not None else ("", None)
    told = Moved(
        repair.id,
        repair.reference,
        repair.title,
        repair.reported_at,
        (repair.code or "", found.code if found is not None else ""),
        (before[0], after[0]),
        (before[1], after[1]),
        (repair.exit or "", exit_),
        lost=found is None and not exit_,
    )
    if told.lost:
        return told
    if repair.exit and exit_:
        return told if repair.exit != exit_ else None
    return told if _differs(told) else None


def _differs(told: Moved) -> bool:
    pairs = (told.code, told.band, told.due, told.exit)
    return any(was != now for was, now in pairs)


def _dates(session: Session, repair: Repair, outcome: TreeOutcome) -> tuple[str, datetime | None]:
    """Band and date of a repair with this outcome, by the tables of today; no date while it has no band."""
    known = tables_at(session)
    situation = rules.Situation(
        outcome,
        repair.kind.value,
        repair.at_risk,
        frozenset(repair.risks),
        repair.aware_at,
        frozenset(outcome.facts),
        cold_on(session, local_date(repair.aware_at)),
    )
    if outcome.band not in known.bands_on(local_date(repair.aware_at)).bands:
        return outcome.band, None
    promised = rules.promise(situation, known)
    first = rules.earliest(promised.deadlines)
    return promised.band, first.due_at if first else None
