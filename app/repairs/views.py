"""What the screens and papers see of repairs: plain, frozen views read in a few indexed queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.repairs import flow, hazard_law, people, promises, right_to_repair, rules, words
from app.repairs.dated_tables import tables_at
from app.repairs.homes.past import Memory, PastRepair, memory_of
from app.repairs.photos.keeping import PhotoView, photos_of
from app.repairs.promises import ClockView
from app.repairs.records import repair_of
from app.repairs.right_to_repair import Right
from app.repairs.rules import Deadline
from app.repairs.tables import Tables
from app.repairs.text.checking import open_reasons, settled_pairs
from app.repairs.text.tripwires import Reason
from app.repairs.tree import Tree, TreeOutcome
from app.repairs.trees import is_missing, tree_to_show
from app.repairs.visit_views import VisitView, visit_view
from models.repairs import (
    Disclosure,
    Emergency,
    Kind,
    Outcome,
    Repair,
    State,
)
from models.skew import Skew, skew_of


@dataclass(frozen=True)
class EmergencyView:
    """An emergency as it was noticed, and what came of it."""

    id: str
    repair_id: str
    title: str
    number: str  # as it was read out; "" while it was not
    noticed_at: datetime
    noticed_by: str
    outcome: Outcome | None
    given_at: datetime | None
    given_by: str


@dataclass(frozen=True)
class RepairView:
    """Everything the interview and the promise page show of one repair."""

    id: str
    reference: str
    title: str
    state: State
    kind: Kind
    tenant: str
    address: str
    postcode: str
    place_key: str
    property_id: str | None
    telephone: str
    text_allowed: bool
    email: str
    email_allowed: bool
    answers: dict[str, str]
    done: tuple[str, ...]
    description: str
    disclosure: Disclosure
    at_risk: bool
    risks: tuple[str, ...]
    household: str
    code: str
    trade: str
    band: str
    hazard: str
    reported_at: datetime
    target_at: datetime | None
    completed_at: datetime | None
    closing_note: str
    officer: str
    deadlines: tuple[Deadline, ...]
    reasons: tuple[str, ...]
    outcome: TreeOutcome | None
    tree: Tree  # the edition it was asked by
    path: flow.Path
    photos: tuple[PhotoView, ...]
    visit: VisitView | None
    emergency: EmergencyView | None
    memory: Memory
    kept_household: str  # who lives there as an earlier call was told, with consent
    kept_risks: tuple[str, ...]
    kept_until: date | None  # the last day on which that is kept
    clocks: tuple[ClockView, ...]  # every duty, those that fell away too
    tables: Tables
    right_dates: tuple[datetime | None, datetime | None]  # another contractor asked for; nobody let in
    unsettled: tuple[Reason, ...]  # dangers in their words that nobody has answered, while it is a draft
    settled: tuple[tuple[str, str], ...]  # rules with the words they fired on that somebody has answered
    chosen: str  # the outcome that was chosen from their words
    skew: Skew | None  # this laptop's clock, when a sync found it wrong

    @property
    def communal(self) -> bool:
        """Whether it is a shared part of a block."""
        return self.kind is Kind.COMMUNAL

    @property
    def first(self) -> Deadline | None:
        """The date that is promised."""
        return self.deadlines[0] if self.deadlines else None

    @property
    def past(self) -> tuple[PastRepair, ...]:
        """What was mended here before."""
        return self.memory.past

    @property
    def outer(self) -> Deadline | None:
        """The later of two readings of an emergency's time."""
        return _outer(self.deadlines, self.tables)

    @property
    def where(self) -> str:
        """Address and postcode in one line."""
        return f"{self.address} {self.postcode}".strip()

    @property
    def who_at_risk(self) -> str:
        """Who is at risk, in words; "" for nobody."""
        withheld = self.disclosure is Disclosure.WITHHELD
        return words.risk_words(self.risks, self.at_risk, withheld, self.tables.risks)

    def right(self, now: datetime) -> Right | None:
        """How the Right to Repair stands in this repair; None where there is none."""
        own = [c for c in self.clocks if c.deadline.rule.law == right_to_repair.LAW]
        first = next((c for c in own if not c.deadline.rule.id.endswith(right_to_repair.SECOND)), None)
        if first is None or self.state is State.CANCELLED:
            return None
        asked_at, refused_at = self.right_dates
        return right_to_repair.right_of(
            first.deadline,
            now,
            self.tables,
            asked_at,
            self.completed_at,
            refused_at,
            first.not_required,
        )


def repair_view(session: Session, repair_id: str, today: date) -> RepairView:
    """One repair with everything around it; raises NotFound."""
    r = repair_of(session, repair_id)
    tree = tree_to_show(session, r)
    known = tables_at(session)
    clocks, reasons = _dates(session, r, tree, known)
    dates = tuple(clock.deadline for clock in clocks if not clock.not_required)
    kept = people.household_at(session, r.place_key, today)
    memory = memory_of(session, r, today)
    return RepairView(
        id=r.id,
        reference=r.reference,
        title=r.title,
        state=r.state,
        kind=r.kind,
        tenant=r.tenant_name,
        address=r.address,
        postcode=r.postcode,
        place_key=r.place_key,
        property_id=r.property_id,
        telephone=r.telephone,
        text_allowed=r.text_allowed,
        email=r.email,
        email_allowed=r.email_allowed,
        answers=dict(r.answers),
        done=tuple(r.done_steps),
        description=r.description,
        disclosure=r.disclosure,
        at_risk=r.at_risk,
        risks=tuple(r.risks),
        household=r.household_words,
        code=r.code or "",
        trade=r.trade or "",
        band=r.band or "",
        hazard=r.hazard or "",
        reported_at=r.reported_at,
        target_at=r.target_at,
        completed_at=r.completed_at,
        closing_note=r.closing_note,
        officer=r.officer_name,
        deadlines=dates,
        reasons=reasons,
        outcome=tree.outcomes.get(r.outcome or ""),
        tree=tree,
        path=flow.path(tree, r.answers, r.done_steps, r.kind is Kind.COMMUNAL),
        photos=photos_of(session, r.id),
        visit=visit_view(session, r.id),
        emergency=emergency_of(session, r.id),
        memory=memory,
        kept_household=kept.words if kept else "",
        kept_risks=tuple(kept.risks) if kept else (),
        kept_until=kept.expires_on if kept else None,
        clocks=clocks,
        tables=known,
        right_dates=(r.second_asked_at, r.access_refused_at),
        unsettled=open_reasons(session, r) if r.state is State.DRAFT else (),
        settled=tuple(sorted(settled_pairs(session, r))),
        chosen=str((r.heard or {}).get("chosen", "")),
        skew=skew_of(session.connection()),
    )


def _dates(
    session: Session, repair: Repair, tree: Tree, known: Tables
) -> tuple[tuple[ClockView, ...], tuple[str, ...]]:
    """The dates as they were promised once saved, else as the tables give them now; and why a band rose."""
    outcome = tree.outcomes.get(repair.outcome or "")
    reasons: tuple[str, ...] = ()
    if outcome is not None:
        reasons = rules.promise(promises.situation_of(session, repair), known).reasons
    if repair.state is not State.DRAFT:
        return promises.clock_views(session, repair.id), reasons
    dates = () if is_missing(tree) else promises.deadlines_of(session, repair)
    return tuple(ClockView("", each) for each in dates), reasons


def _outer(dates: Sequence[Deadline], known: Tables) -> Deadline | None:
    """The later reading beside the law's time to make an emergency safe."""
    safe = next((d for d in dates if d.rule.id == "AW-EMG-SAFE"), None)
    return hazard_law.outer_reading(safe, known) if safe is not None else None


def emergency_of(session: Session, repair_id: str) -> EmergencyView | None:
    """The newest emergency of a repair that was not taken back, or None."""
    statement = select(Emergency).where(
        Emergency.repair_id == repair_id,
        Emergency.deleted.is_(False),
        or_(Emergency.outcome.is_(None), Emergency.outcome != Outcome.RETRACTED),
    )
    found = session.scalars(statement.order_by(Emergency.noticed_at.desc()).limit(1)).first()
    return emergency_view(found) if found else None


def emergency_view(e: Emergency) -> EmergencyView:
    """An emergency as screens and papers see it."""
    return EmergencyView(
        e.id,
        e.repair_id,
        e.title,
        e.number or "",
        e.noticed_at,
        e.noticed_by_name,
        e.outcome,
        e.given_at,
        e.given_by_name or "",
    )


def emergencies_between(session: Session, start: date, end: date) -> list[EmergencyView]:
    """Emergencies noticed on days from `start` to `end`, oldest first."""
    first, last = rules.end_of_day(start - timedelta(days=1)), rules.end_of_day(end)
    statement = select(Emergency).where(
        Emergency.noticed_at > first, Emergency.noticed_at <= last, Emergency.deleted.is_(False)
    )
    return [
        emergency_view(e) for e in session.scalars(statement.order_by(Emergency.noticed_at, Emergency.id))
    ]
