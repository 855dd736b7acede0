"""The duties of a hazard case: each with its clock, how it was met, or why it fell away.

Pure: facts of a case in, duties out, the earliest first. Dates come from app.repairs.rules (Landlord and
Tenant Act 1985 s10A, SI 2025/1042). Nothing is typed: whether a duty is met or late follows from looks, works
and notices. The day on which a summary is *sent* counts. A notice of delay moves no date.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from app.repairs import hazard_law
from app.repairs.hazard_law import alternative_home
from app.repairs.rules import ClockState, Deadline, clock_state, deadline
from app.repairs.tables import EMERGENCY_HAZARD, Tables
from app.wording import local_date
from models.repairs import InvestigationKind, Kind, WorkKind

INV, RENEW, SUMMARY = "AW-SIG-INV", "AW-SIG-RENEW", "AW-SUM"
SAFE, UPGRADE = "AW-SIG-SAFE", "AW-UPGRADE"
BEGIN, LONGSTOP = "AW-SUP-BEGIN", "AW-SUP-LONGSTOP"
EMERGENCY_INV, EMERGENCY_SAFE, OUTER = "AW-EMG-INV", "AW-EMG-SAFE", "AW-EMG-SAFE-OUTER"
ELSEWHERE = hazard_law.ELSEWHERE
LOOKS = (INV, RENEW, EMERGENCY_INV)
SAFETY = (SAFE, UPGRADE, EMERGENCY_SAFE)

NO_HAZARD = "The look found no hazard."
NO_SAFETY_WORK = "The look found no safety work to do."
NO_LASTING_WORK = "The look found no lasting work to do."
NO_EMERGENCY = "The look found no emergency; the clocks of a significant hazard run."
SUPERSEDED = "The look found an emergency: the 24-hour clock takes its place."
WAIVED = "All the work was done inside the 3 working days. The tenant still has to be told."
SAFE_IN_TIME = "The home was made safe in time."


DutyState = ClockState
LATE = (DutyState.OVERDUE, DutyState.MET_LATE)
UNMET = (DutyState.OPEN, DutyState.DUE_SOON, DutyState.DUE_TODAY, DutyState.OVERDUE)


@dataclass(frozen=True)
class Look:
    """An investigation as the duties see it."""

    id: str
    kind: InvestigationKind
    asked_at: datetime | None
    concluded_at: datetime | None
    in_person: bool
    confirmed: bool
    emergency: bool
    safety_needed: bool | None
    lasting_needed: bool | None
    hazards: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Work:
    """A piece of work as the duties see it; `look_id` None counts for every look."""

    look_id: str | None
    kind: WorkKind
    steps_at: datetime | None
    begun_at: datetime | None
    done_at: datetime | None


@dataclass(frozen=True)
class Told:
    """Findings that were sent: for which look, when."""

    look_id: str | None
    sent_at: datetime


@dataclass(frozen=True)
class Facts:
    """Everything that decides the duties of a case."""

    hazard: str
    emergency: bool
    kind: Kind
    aware_at: datetime
    looks: tuple[Look, ...] = ()
    works: tuple[Work, ...] = ()
    told: tuple[Told, ...] = ()  # findings sent
    offered_at: datetime | None = None  # somewhere else to stay

    @property
    def concluded(self) -> tuple[Look, ...]:
        """The looks that have ended, in that order."""
        ended = [one for one in self.looks if one.concluded_at is not None]
        return tuple(sorted(ended, key=_ended))


@dataclass(frozen=True)
class Duty:
    """One thing the law asks of this case: its date with reasons, and what became of it."""

    deadline: Deadline
    look_id: str = ""  # the look whose end started it; "" for one from awareness
    met_at: datetime | None = None
    not_required: str = ""  # why it fell away
    waits: bool = False  # it counts only from its date on
    outer: bool = False  # the later of two readings, shown beside the target

    @property
    def rule_id(self) -> str:
        """The rule."""
        return self.deadline.rule.id

    @property
    def key(self) -> str:
        """What tells it from the others of its case, on every laptop."""
        return key_of(self.rule_id, self.look_id)

    @property
    def due_at(self) -> datetime:
        """When it is due, in UTC."""
        return self.deadline.due_at

    @property
    def open(self) -> bool:
        """Whether it is still to be done; the outer reading never is by itself."""
        return self.met_at is None and not self.not_required and not self.outer

    def state(self, now: datetime, tables: Tables) -> DutyState:
        """How it stands at a moment."""
        waiting = self.waits and self.met_at is None and not self.not_required and now <= self.due_at
        due_at = None if waiting else self.due_at
        return clock_state(due_at, now, self.met_at, tables.calendar, self.not_required)


def key_of(rule_id: str, look_id: str) -> str:
    """The key of a duty: its rule, and the look it belongs to."""
    return f"{rule_id}|{look_id}"


def covered(facts: Facts, tables: Tables) -> bool:
    """Whether the law's clocks run: a tenant's home, and a hazard that the law covers on the day we knew."""
    if facts.kind is not Kind.TENANT:
        return False
    day = local_date(facts.aware_at)
    found = {code for look in facts.concluded if look.confirmed for code in look.hazards}
    emergency = facts.emergency or any(look.emergency for look in facts.concluded)
    codes = {facts.hazard, *found} | ({EMERGENCY_HAZARD} if emergency else set())
    return any(tables.hazard_on(code, day) is not None for code in codes)


def duties(facts: Facts, tables: Tables, promised: Mapping[str, Deadline] | None = None) -> tuple[Duty, ...]:
    """Every duty of a case, the earliest first; none where the law's clocks do not run.

    `promised` are the dates that were written down before, by `Duty.key`: one that starts at the same moment
    stays as it was promised, whatever the tables say since.
    """
    if not covered(facts, tables):
        return ()
    maker = _Maker(facts, tables, promised or {})
    maker.from_awareness()
    for look in facts.looks:
        maker.renewed(look)
    for look in facts.concluded:
        maker.findings(look)
        maker.safety(look)
        maker.lasting(look)
    maker.elsewhere()
    return tuple(sorted(maker.found, key=lambda one: (one.due_at, one.rule_id)))


class _Maker:
    """Collects the duties of one case."""

    def __init__(self, facts: Facts, tables: Tables, promised: Mapping[str, Deadline]) -> None:
        self.facts, self.tables, self.promised = facts, tables, promised
        self.found: list[Duty] = []

    def add(self, rule_id: str, starts_at: datetime, look_id: str = "", **more: Any) -> Duty:
        """Notes a duty that starts at a moment."""
        kept = self.promised.get(key_of(rule_id, look_id))
        if kept is None or kept.starts_at != starts_at:
            rule = self.tables.rule_on(rule_id, local_date(starts_at))
            kept = deadline(rule, starts_at, self.tables.calendar)
        duty = Duty(kept, look_id, **more)
        self.found.append(duty)
        return duty

    def from_awareness(self) -> None:
        """The look, and in an emergency making safe, from the moment we knew."""
        facts = self.facts
        first = facts.concluded[0] if facts.concluded else None
        met = first.concluded_at if first else None
        if not facts.emergency:
            self.add(INV, facts.aware_at, met_at=met)
            return
        self.add(EMERGENCY_INV, facts.aware_at, met_at=met)
        gone = ""
        if first is not None and not (first.confirmed and first.emergency):
            gone = NO_EMERGENCY if first.confirmed else NO_HAZARD
        elif first is not None and first.safety_needed is False:
            gone = NO_SAFETY_WORK
        done = safety_done(self.facts, first.id if first else None)
        self.add(EMERGENCY_SAFE, facts.aware_at, met_at=None if gone else done, not_required=gone)
        if first is not None and first.concluded_at is not None and not gone:
            self.add(OUTER, first.concluded_at, first.id, met_at=done, outer=True)

    def renewed(self, look: Look) -> None:
        """A look in person that was asked for after a remote one."""
        if look.kind is InvestigationKind.RENEWED and look.asked_at is not None:
            met = look.concluded_at if look.in_person else None
            self.add(RENEW, look.asked_at, look.id, met_at=met)

    def findings(self, look: Look) -> None:
        """The written summary; it may fall away when every work is done before its day."""
        sent = [one.sent_at for one in self.facts.told if one.look_id == look.id]
        duty = self.add(SUMMARY, _ended(look), look.id, met_at=min(sent, default=None))
        works = works_of(self.facts, look.id)
        if not sent and works and all(one.done_at and one.done_at <= duty.due_at for one in works):
            self.found[-1] = replace(duty, not_required=WAIVED)

    def safety(self, look: Look) -> None:
        """The work that makes safe; what is an emergency has 24 hours and not 5 working days."""
        if self.facts.emergency and look.emergency:
            if look is not self.facts.concluded[0]:  # a later look finds an emergency once more
                self.add(UPGRADE, _ended(look), look.id, **self.became(look))
            return
        more = self.became(look)
        if look.confirmed and look.emergency:
            self.add(UPGRADE, _ended(look), look.id, **more)
            more = {"not_required": SUPERSEDED}
        self.add(SAFE, _ended(look), look.id, **more)

    def became(self, look: Look) -> dict[str, Any]:
        """What became of the safety work that a look asks for."""
        if not look.confirmed:
            return {"not_required": NO_HAZARD}
        if look.safety_needed is False:
            return {"not_required": NO_SAFETY_WORK}
        return {"met_at": safety_done(self.facts, look.id)}

    def lasting(self, look: Look) -> None:
        """The work that keeps the hazard from coming back: begun or steps taken, and physically started."""
        gone = "" if look.confirmed else NO_HAZARD
        if not gone and look.lasting_needed is False:
            gone = NO_LASTING_WORK
        works = works_of(self.facts, look.id, WorkKind.SUPPLEMENTARY)
        begun = None if gone else _last(works, lambda w: _first(w.steps_at, w.begun_at, w.done_at))
        started = None if gone else _last(works, lambda w: _first(w.begun_at, w.done_at))
        self.add(BEGIN, _ended(look), look.id, met_at=begun, not_required=gone)
        self.add(LONGSTOP, _ended(look), look.id, met_at=started, not_required=gone)

    def elsewhere(self) -> None:
        """Somewhere else to stay, by the day of each safety duty that is missed."""
        for duty in [one for one in self.found if one.rule_id in SAFETY and not one.not_required]:
            in_time = duty.met_at is not None and duty.met_at <= duty.due_at
            offered = self.facts.offered_at
            gone = SAFE_IN_TIME if in_time and offered is None else ""
            kept = alternative_home(duty.deadline, self.tables)
            self.found.append(Duty(kept, duty.look_id, offered, gone, waits=True))


def works_of(facts: Facts, look_id: str | None, kind: WorkKind | None = None) -> list[Work]:
    """The works that a look asks for, with those that no look asked for."""
    mine = [one for one in facts.works if one.look_id in (None, look_id)]
    return [one for one in mine if kind is None or one.kind is kind]


def safety_done(facts: Facts, look_id: str | None) -> datetime | None:
    """When the last of the safety works was done; None while one is not, or there is none."""
    return _last(works_of(facts, look_id, WorkKind.SAFETY), lambda work: work.done_at)


def _ended(look: Look) -> datetime:
    assert look.concluded_at is not None  # noqa: S101  asked of looks that have ended only
    return look.concluded_at


def _first(*moments: datetime | None) -> datetime | None:
    return min((one for one in moments if one is not None), default=None)


def _last(works: Iterable[Work], moment: Callable[[Work], datetime | None]) -> datetime | None:
    moments = [moment(one) for one in works]
    return max(one for one in moments if one) if moments and all(moments) else None


def target(found: Iterable[Duty]) -> Duty | None:
    """The duty that comes first of those still open; one that only waits is none."""
    waiting = [one for one in found if one.open and not one.waits]
    return min(waiting, key=lambda one: one.due_at, default=None)


def breaches(found: Iterable[Duty], now: datetime, tables: Tables) -> tuple[Duty, ...]:
    """The duties that are late or were met late: never typed, always worked out. The outer reading is not one
    of its own."""
    return tuple(one for one in found if not one.outer and one.state(now, tables) in LATE)


def made_safe_at(facts: Facts) -> datetime | None:
    """When the home was made safe: every safety work done, after a look that found a hazard or before any
    look ended; None while a look asks for work that is not done."""
    moments: list[datetime] = []
    for look in facts.concluded:
        if not look.confirmed or look.safety_needed is False:
            continue
        done = safety_done(facts, look.id)
        if done is None:
            return None
        moments.append(done)
    if not facts.concluded and (done := safety_done(facts, None)) is not None:
        moments.append(done)
    return max(moments, default=None)
