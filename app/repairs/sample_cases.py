"""Two hazard cases of the sample council: damp that is half-way, and an emergency that is closed.

They stand on repairs of the sample. Each step is written at its own moment and the clocks follow from it as
they would for an officer; ids come from a source of their own, so the rest of the sample stays as it is.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.context import Context
from app.repairs.cases import letters, opening
from app.repairs.cases.reading import report_of
from app.repairs.cases.settling import settle
from app.repairs.cases.views import case_view
from app.repairs.days import working_days_after
from app.repairs.tables import EMERGENCY_HAZARD, tables
from app.sample_kit import at, sample_id
from app.wording import local_date
from models.base import Record
from models.repairs import (
    AccessAttempt,
    CaseNotice,
    Emergency,
    HazardWork,
    Investigation,
    InvestigationHazard,
    InvestigationKind,
    Method,
    NotificationKind,
    Repair,
    ReportState,
    Severity,
    WorkKind,
)

SURVEYOR, ELECTRICIAN = "Huw Bassett", "Gareth Pym"
SHOWN = "AV-20417"  # the repair of the pictures has no case yet
SEED = "hazard cases"


def fill(context: Context) -> None:
    """Writes both cases on the repairs that are there; nothing where a repair they need is not."""
    _Maker(context).fill()


class _Maker:
    """Does one act after the other, each at its own moment."""

    def __init__(self, context: Context) -> None:
        self.real = self.now = context.now()
        self.source = random.Random(f"{SEED}/{context.today()}")  # noqa: S311  a sample, not a secret
        self.context = replace(context, clock=lambda: self.now)
        self.case_id = ""

    def fill(self) -> None:
        """Both cases."""
        damp = select(Repair.id, Repair.aware_at).where(
            Repair.hazard == "damp_mould", Repair.reference != SHOWN, Repair.deleted.is_(False)
        )
        electric = (
            select(Repair.id, Repair.aware_at)
            .join(Emergency, Emergency.repair_id == Repair.id)
            .where(Emergency.exit == "electric", Repair.hazard == EMERGENCY_HAZARD, Repair.deleted.is_(False))
        )
        for found, tell in ((damp, self.damp), (electric, self.electric)):
            row = self.context.read(partial(self._first, found))
            if row is not None:
                tell(*row)

    @staticmethod
    def _first(found: Select[str, datetime], session: Session) -> tuple[str, datetime] | None:
        row = session.execute(found.order_by(Repair.aware_at, Repair.id).limit(1)).first()
        return (row[0], row[1]) if row else None

    def open(self, repair_id: str, when: datetime) -> None:
        """Opens the case of a repair."""
        self.now = min(when, self.real)
        opened = self.context.write("Sample: a case", lambda s: opening.open_from_repair(s, repair_id))
        self.case_id = opened.case_id

    def act(self, when: datetime, *made: Record, also: Callable[[Session], object] | None = None) -> None:
        """Writes records of one act at a moment, never in the future, and lets the clocks follow."""
        self.now = min(when, self.real)
        if when > self.real:
            return

        def run(session: Session) -> None:
            session.add_all(made)
            if also is not None:
                also(session)
            settle(session, report_of(session, self.case_id))

        self.context.write("Sample: a case", run)

    def new(self, type_: Callable[..., Any], /, **values: Any) -> Any:
        """A record of the case with an id of the sample."""
        if type_ is not InvestigationHazard:
            values["report_id"] = self.case_id
        return type_(id=sample_id(self.source), **values)

    def later(self, start: datetime, days: int, hour: int, minute: int = 0) -> datetime:
        """A time of day some working days after a moment."""
        return at(working_days_after(local_date(start), days, tables().calendar), hour, minute)

    def found(self, look_id: str, hazard: str, words: str) -> InvestigationHazard:
        """A hazard that a look found, in the surveyor's words."""
        made: InvestigationHazard = self.new(
            InvestigationHazard, investigation_id=look_id, hazard=hazard, severity=Severity.HIGH, notes=words
        )
        return made

    def send(self, look_id: str, when: datetime, method: Method) -> None:
        """Sends the findings in the words of the letter."""
        if when > self.real:
            return
        view = self.context.read(lambda s: case_view(s, self.case_id, when))
        look = next(one for one in view.ended if one.id == look_id)
        text = letters.letter_of(view, look, self.context.council, local_date(when)).text
        notice = self.new(
            CaseNotice,
            investigation_id=look_id,
            kind=NotificationKind.RESULT,
            method=method,
            sent_at=when,
            sent_by_name=self.context.author.name,
            words=text,
        )

        def sent(session: Session) -> None:
            session.get_one(Investigation, look_id).summary_sent_at = when

        self.act(when, notice, also=sent)

    # -- damp, half-way: looked at, findings sent, not yet safe

    def damp(self, repair_id: str, aware: datetime) -> None:
        """Nobody was in at first; then a surveyor found damp and asked for work."""
        opened, planned = aware + timedelta(minutes=25), self.later(aware, 3, 10)
        again, ended = self.later(aware, 5, 10), self.later(aware, 5, 10, 40)
        self.open(repair_id, opened)
        look = self.new(
            Investigation,
            kind=InvestigationKind.STANDARD,
            scheduled_at=planned,
            investigator_name=SURVEYOR,
        )
        look_id = look.id
        told = self.new(
            CaseNotice,
            investigation_id=look_id,
            kind=NotificationKind.SCHEDULED,
            method=Method.SMS,
            sent_at=opened + timedelta(minutes=5),
            sent_by_name=self.context.author.name,
            words="Huw Bassett comes to look at the bedroom. Ring us if the day does not suit you.",
        )
        self.act(opened + timedelta(minutes=5), look, told)
        missed = self.new(
            AccessAttempt,
            at=planned,
            by_name=SURVEYOR,
            outcome="no_access",
            words="Knocked twice, left a card with a new day.",
        )

        def moved(session: Session) -> None:
            session.get_one(Investigation, look_id).scheduled_at = again

        self.act(planned + timedelta(minutes=20), missed, also=moved)
        self.act(
            ended + timedelta(minutes=30),
            self.found(look_id, "damp_mould", "Ceiling over the bed, and behind the wardrobe"),
            *self._damp_works(look_id, ended),
            also=lambda session: self._damp_found(session, look_id, ended),
        )
        self.send(look_id, self.later(ended, 1, 9, 30), Method.EMAIL)

    def _damp_works(self, look_id: str, ended: datetime) -> list[HazardWork]:
        lasting_on = working_days_after(local_date(ended), 12, tables().calendar)
        asked = (
            (WorkKind.SAFETY, "Wash and treat the ceiling and the outside wall", None),
            (WorkKind.SUPPLEMENTARY, "Insulate the loft hatch and fit an extractor fan", lasting_on),
        )
        return [
            self.new(HazardWork, investigation_id=look_id, kind=kind, words=words, planned_on=planned)
            for kind, words, planned in asked
        ]

    def _damp_found(self, session: Session, look_id: str, ended: datetime) -> None:
        look = session.get_one(Investigation, look_id)
        look.concluded_at, look.hazard_confirmed = ended, True
        look.work_needed = look.lasting_work_needed = True
        look.notes = "Warm air reaches a cold ceiling at the hatch. The fan in the bathroom is dead."
        report = report_of(session, self.case_id)
        report.further_work_required = True
        report.further_work_due_on = working_days_after(local_date(ended), 12, tables().calendar)

    # -- an emergency, closed: made safe in hours, told, closed

    def electric(self, repair_id: str, aware: datetime) -> None:
        """A burnt socket: made safe within three hours, the findings sent the next working day."""
        ended, done = aware + timedelta(hours=1, minutes=50), aware + timedelta(hours=3, minutes=5)
        self.open(repair_id, aware + timedelta(minutes=6))
        look = self.new(
            Investigation,
            kind=InvestigationKind.EMERGENCY,
            scheduled_at=aware + timedelta(hours=1, minutes=30),
            concluded_at=ended,
            investigator_name=ELECTRICIAN,
            hazard_confirmed=True,
            emergency_found=True,
            work_needed=True,
            lasting_work_needed=False,
            notes="The socket was loose in the wall and had burnt. No sign of water.",
        )
        work = self.new(
            HazardWork,
            investigation_id=look.id,
            kind=WorkKind.SAFETY,
            words="Make the circuit dead, renew the socket, test",
        )
        look_id, work_id = look.id, work.id
        self.act(ended, look, self.found(look_id, "electrical", "Burnt socket by the cooker"), work)

        def safe(session: Session) -> None:
            mended = session.get_one(HazardWork, work_id)
            mended.begun_at = mended.done_at = done

        self.act(done, also=safe)
        told = self.later(aware, 1, 10)
        self.send(look_id, told, Method.LETTER)
        self.act(told + timedelta(minutes=15), also=self._closed)

    def _closed(self, session: Session) -> None:
        report = report_of(session, self.case_id)
        report.closed_at, report.closed_by_name = self.now, self.context.author.name
        report.closing_note = "The socket is renewed and tested. The tenant has the findings."
        report.state = ReportState.CLOSED
