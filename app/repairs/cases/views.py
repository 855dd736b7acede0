"""What the screens and papers see of hazard cases: plain, frozen views."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.repairs.cases import clocks, words
from app.repairs.cases.clocks import Duty, DutyState
from app.repairs.cases.reading import Records, records, records_of, report_of, row_key
from app.repairs.cases.telling import Missing, missing_to_close
from app.repairs.cases.timeline import Happening, timeline
from app.repairs.photos.keeping import PhotoView, photos_of
from models.repairs import (
    CaseNotice,
    Escalation,
    HazardReport,
    HazardWork,
    Investigation,
    InvestigationHazard,
    ReportState,
    WorkKind,
)

MOST_CASES = 400  # of a list, the ones due first
MOST_CLOSED = 20


@dataclass(frozen=True)
class DutyView:
    """A duty with how it stands now, the row that keeps its date, and the reason of a delay."""

    duty: Duty
    state: DutyState
    clock_id: str
    delay_reason: str

    @property
    def title(self) -> str:
        """What it asks."""
        return words.duty_title(self.duty)

    @property
    def line(self) -> str:
        """What became of it."""
        return words.duty_line(self.duty, self.state)


@dataclass(frozen=True)
class Next:
    """What has to happen next: the act (a key of the screen), its words, and the duty behind it."""

    act: str
    words: str
    duty: DutyView | None = None


@dataclass(frozen=True)
class CaseCard:
    """A case as a list shows it."""

    id: str
    reference: str
    title: str
    where: str
    state: ReportState
    hazard: str
    next: Next
    breached: bool

    @property
    def due_at(self) -> datetime | None:
        """When the next duty is due; None when none is open."""
        return self.next.duty.duty.due_at if self.next.duty else None


@dataclass(frozen=True)
class CaseView:
    """Everything a case page and its papers show."""

    records: Records
    duties: tuple[DutyView, ...]
    next: Next
    breaches: tuple[DutyView, ...]
    happenings: tuple[Happening, ...]
    photos: tuple[PhotoView, ...]
    to_close: tuple[Missing, ...]
    covered: bool  # whether the law's clocks run
    repair_reference: str

    @property
    def report(self) -> HazardReport:
        """The case itself."""
        return self.records.report

    @property
    def state(self) -> ReportState:
        """Where it stands, from its records."""
        return state_of(self.records)

    @property
    def where(self) -> str:
        """Address and postcode in one line."""
        return f"{self.report.address} {self.report.postcode}".strip()

    @property
    def planned(self) -> tuple[Investigation, ...]:
        """The looks that have not ended."""
        return tuple(one for one in self.records.looks if one.concluded_at is None)

    @property
    def ended(self) -> tuple[Investigation, ...]:
        """The looks that have ended, the newest last."""
        done = [one for one in self.records.looks if one.concluded_at is not None]
        return tuple(sorted(done, key=lambda one: one.concluded_at or one.created_at))

    @property
    def to_tell(self) -> tuple[Investigation, ...]:
        """The looks whose findings were not sent yet."""
        return tuple(one for one in self.ended if one.summary_sent_at is None)

    def hazards_of(self, look: Investigation) -> tuple[InvestigationHazard, ...]:
        """What a look found."""
        return self.records.hazards.get(look.id, ())

    def works(self, kind: WorkKind) -> tuple[HazardWork, ...]:
        """The works of a kind."""
        return tuple(one for one in self.records.works if one.kind is kind)

    def findings_notice(self, look: Investigation) -> CaseNotice | None:
        """The notice that sent a look's findings, or None."""
        return next((one for one in self.records.notices if one.investigation_id == look.id), None)

    @property
    def offers(self) -> tuple[Escalation, ...]:
        """Offers of somewhere else to stay."""
        return tuple(one for one in self.records.escalations if one.offered_at is not None)

    def duty(self, rule_id: str, look_id: str = "") -> DutyView | None:
        """A duty by its rule and look, or None."""
        key = clocks.key_of(rule_id, look_id)
        return next((one for one in self.duties if one.duty.key == key), None)


def state_of(found: Records) -> ReportState:
    """Where a case stands: closed by decision, else as its records say."""
    if found.report.closed_at is not None:
        return ReportState.CLOSED
    if clocks.made_safe_at(found.facts) is not None:
        return ReportState.MADE_SAFE
    return ReportState.UNDER_REVIEW if found.looks else ReportState.OPEN


def duty_views(found: Records, now: datetime) -> tuple[DutyView, ...]:
    """The duties of a case with how they stand at a moment, the earliest due first."""
    rows = {row_key(row): row for row in found.clocks}
    made = []
    for duty in clocks.duties(found.facts, found.known, found.promised):
        row = rows.get(duty.key)
        state = duty.state(now, found.known)
        made.append(DutyView(duty, state, row.id if row else "", row.delay_reason if row else ""))
    return tuple(made)


def next_of(found: Records, duties: tuple[DutyView, ...]) -> Next:
    """What has to happen next in a case; the duty due first, and of equals the look, then what makes safe."""
    if found.report.closed_at is not None:
        return Next("", "This case is closed")
    waiting = [one for one in duties if one.duty.open and one.state is not DutyState.WAITING]
    order = {rule: number for number, rule in enumerate((*clocks.LOOKS, *clocks.SAFETY, clocks.ELSEWHERE))}
    waiting.sort(key=lambda one: (one.duty.due_at, order.get(one.duty.rule_id, len(order))))
    if waiting:
        first = waiting[0]
        return Next(_act(found, first.duty), words.duty_title(first.duty), first)
    if not found.facts.concluded:
        planned = any(one.concluded_at is None for one in found.looks)
        return Next("conclude" if planned else "plan", "Look at it")
    if any(one.duty.not_required == clocks.WAIVED for one in duties) and not found.notices:
        return Next("tell", "Tell the tenant that the work is done")
    return Next("close", "Close the case")


def _act(found: Records, duty: Duty) -> str:
    """The act that meets a duty."""
    if duty.rule_id in clocks.LOOKS:
        return "conclude" if any(one.concluded_at is None for one in found.looks) else "plan"
    if duty.rule_id == clocks.SUMMARY:
        return "findings"
    if duty.rule_id == clocks.ELSEWHERE:
        return "elsewhere"
    return "work"


def case_view(session: Session, case_id: str, now: datetime) -> CaseView:
    """One case with everything around it; raises NotFound."""
    found = records(session, report_of(session, case_id))
    duties = duty_views(found, now)
    return CaseView(
        records=found,
        duties=duties,
        next=next_of(found, duties),
        breaches=tuple(one for one in duties if not one.duty.outer and one.state in clocks.LATE),
        happenings=timeline(found),
        photos=_photos(session, found.report),
        to_close=() if found.report.closed_at else tuple(missing_to_close(found)),
        covered=clocks.covered(found.facts, found.known),
        repair_reference=found.report.reference.removesuffix("-H") if found.report.repair_id else "",
    )


def case_cards(session: Session, now: datetime) -> tuple[CaseCard, ...]:
    """The cases of the list: the open ones by the date that comes first, then those closed last."""
    alive = HazardReport.deleted.is_(False)
    open_ = (
        select(HazardReport)
        .where(alive, HazardReport.closed_at.is_(None))
        .order_by(HazardReport.target_at.is_(None), HazardReport.target_at, HazardReport.id)
        .limit(MOST_CASES)
    )
    closed = (
        select(HazardReport)
        .where(alive, HazardReport.closed_at.is_not(None))
        .order_by(HazardReport.closed_at.desc(), HazardReport.id)
        .limit(MOST_CLOSED)
    )
    made = [_card(one, now) for one in records_of(session, [*session.scalars(open_)])]
    far = datetime.max.replace(tzinfo=now.tzinfo)
    made.sort(key=lambda one: (one.due_at or far, one.id))
    made += [_card(one, now) for one in records_of(session, [*session.scalars(closed)])]
    return tuple(made)


def _card(found: Records, now: datetime) -> CaseCard:
    report, duties = found.report, duty_views(found, now)
    return CaseCard(
        id=report.id,
        reference=report.reference,
        title=report.title,
        where=f"{report.address} {report.postcode}".strip(),
        state=state_of(found),
        hazard=report.hazard,
        next=next_of(found, duties),
        breached=any(not one.duty.outer and one.state in clocks.LATE for one in duties),
    )


def _photos(session: Session, report: HazardReport) -> tuple[PhotoView, ...]:
    """The photos of the repair it came from, then those of the case alone, counted through."""
    made = photos_of(session, report.repair_id) if report.repair_id else ()
    own = [one for one in photos_of(session, "", report.id) if one.id not in {each.id for each in made}]
    return (*made, *(replace(one, number=len(made) + at) for at, one in enumerate(own, 1)))


def waiting_cases(session: Session, until: datetime) -> int:
    """How many open cases have a duty due by a moment, late ones included; for the links and needs-me."""
    statement = select(func.count()).where(
        HazardReport.deleted.is_(False),
        HazardReport.closed_at.is_(None),
        HazardReport.target_at <= until,
    )
    return session.scalar(statement) or 0
