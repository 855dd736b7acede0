"""The written summary of a look: what the law asks it to say, in plain words, and what is still missing.

It says whether a hazard was found and which; what is done and by when; if nothing, why; and how to reach the
landlord. It cites the statutory instrument and no number of a regulation: sources number them differently.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from app.context import Council
from app.errors import HoldallError
from app.repairs.cases import clocks, words
from app.repairs.cases.views import CaseView
from app.repairs.days import Unit
from app.wording import clock_time, date_year, listed, local_date, long_day
from models.repairs import HazardWork, Investigation, WorkKind

LAW = "Section 10A of the Landlord and Tenant Act 1985 and SI 2025/1042 ask us to write this to you."
LOOKED = {True: "visited your home", False: "looked at what you told us, without a visit"}
LONGEST = 4_000  # characters, as a notice keeps its words


@dataclass(frozen=True)
class Step:
    """Something we do, and the day by which."""

    what: str
    by: str
    kind: str


@dataclass(frozen=True)
class Letter:
    """A summary, ready to be printed: to whom, what was found, what follows, how to reach us."""

    name: str
    address: str
    reference: str
    written_on: date
    looked: str
    finding: str
    findings: tuple[str, ...]
    steps: tuple[Step, ...]
    why_none: str
    surveyor: str
    next: tuple[str, ...]
    contact: str
    law: str = LAW

    @property
    def text(self) -> str:
        """The letter as plain text, for an e-mail and for the record."""
        lines = [self.name, self.address, date_year(self.written_on), f"Our reference: {self.reference}", ""]
        lines += [f"Dear {self.name},", "", self.looked, "", self.finding]
        lines += [f"- {one}" for one in self.findings]
        if self.surveyor:
            lines += ["", f"The surveyor wrote: “{self.surveyor}”"]
        lines += ["", "What we do, and by when" if self.steps else "Why no work follows"]
        lines += [f"- {one.what}: by {one.by}." for one in self.steps] or [self.why_none]
        lines += ["", *self.next, "", self.contact, "", self.law]
        return "\n".join(lines)[:LONGEST]


def missing(view: CaseView, look: Investigation, council: Council) -> list[str]:
    """The required parts that are not there yet, each as words that end "it lacks …"."""
    lacks: list[str] = []
    if look.concluded_at is None:
        return ["the end of the look"]
    if not view.report.tenant_name.strip():
        lacks.append("the name of the tenant")
    if not view.report.address.strip():
        lacks.append("the address")
    if not council.repairs_telephone.strip():
        lacks.append("a telephone number to reach the landlord")
    if not look.hazard_confirmed:
        return lacks if look.notes.strip() else [*lacks, "the reason why no hazard was found"]
    if not view.hazards_of(look):
        lacks.append("the hazard that was found")
    works = _works(view, look)
    if not works and not look.notes.strip():
        lacks.append("the reason why no work is planned")
    lacks += [f"the date for “{work.words}”" for work in works if not _by(view, look, work)]
    return lacks


def letter_of(view: CaseView, look: Investigation, council: Council, today: date) -> Letter:
    """The summary of a look. Raises HoldallError, naming what is missing, while a required part is."""
    lacks = missing(view, look, council)
    if lacks or look.concluded_at is None:
        raise HoldallError(
            f"The findings cannot be written yet: the letter lacks {listed(lacks)}.",
            "Write it in the case, then look at the letter again.",
        )
    on = long_day(local_date(look.concluded_at))
    works = _works(view, look)
    return Letter(
        name=view.report.tenant_name,
        address=view.where,
        reference=view.report.reference,
        written_on=today,
        looked=f"On {on}, {look.investigator_name or 'our surveyor'} {LOOKED[look.in_person]}. "
        "This letter says what was found and what we do about it.",
        finding=_finding(look),
        findings=_found(view, look),
        steps=tuple(Step(work.words, _by(view, look, work), _kind_words(work)) for work in works),
        why_none="" if works else look.notes.strip(),
        surveyor=look.notes.strip() if works else "",
        next=_next(view, look, council),
        contact=f"To reach us, ring {council.repairs_telephone}, day or night, and say your reference, "
        f"{view.report.reference}. You can also write to {council.name}.",
    )


def _works(view: CaseView, look: Investigation) -> list[HazardWork]:
    """The works the letter speaks of: those the look asks for, and those done before it."""
    if not look.hazard_confirmed:
        return []
    mine = [one for one in view.records.works if one.investigation_id in (None, look.id)]
    return sorted(mine, key=lambda one: (one.kind is not WorkKind.SAFETY, one.planned_on or date.max))


def _finding(look: Investigation) -> str:
    if not look.hazard_confirmed:
        return "We found no hazard."
    return "We found a hazard, and it is an emergency:" if look.emergency_found else "We found a hazard:"


def _found(view: CaseView, look: Investigation) -> tuple[str, ...]:
    if not look.hazard_confirmed:
        return ()
    return tuple(
        f"{words.hazard_title(one.hazard)}{f': {one.notes}' if one.notes else ''}"
        for one in view.hazards_of(look)
    )


def _kind_words(work: HazardWork) -> str:
    return "To make it safe" if work.kind is WorkKind.SAFETY else "So that it does not come back"


def _by(view: CaseView, look: Investigation, work: HazardWork) -> str:
    """The day by which a work is done: done already, the planned day, else the law's day to make safe."""
    if work.done_at is not None:
        return f"{long_day(local_date(work.done_at))}, and it is done"
    if work.planned_on is not None:
        return long_day(work.planned_on)
    if work.kind is not WorkKind.SAFETY:
        return ""
    for rule in (clocks.UPGRADE, clocks.SAFE):
        found = view.duty(rule, look.id)
        if found is not None and not found.duty.not_required:
            return _law_day(found.duty)
    first = view.duty(clocks.EMERGENCY_SAFE)
    return _law_day(first.duty) if first is not None and not first.duty.not_required else ""


def _law_day(duty: clocks.Duty) -> str:
    day = long_day(duty.deadline.due_on)
    return f"{clock_time(duty.due_at)} on {day}" if duty.deadline.rule.unit is Unit.HOURS else day


def _next(view: CaseView, look: Investigation, council: Council) -> tuple[str, ...]:
    lines: list[str] = []
    if look.hazard_confirmed and look.work_needed:
        lines.append(
            "If we cannot make it safe in time, we offer you somewhere to stay at our cost until it is safe."
        )
    if not look.in_person:
        lines.append("If you want us to look in person, tell us: we come within 10 working days of that.")
    lines.append(
        f"If it gets worse, or somebody feels ill from it, ring {council.repairs_telephone} at once. "
        "If somebody is in danger, ring 999."
    )
    return tuple(lines)


def lacks_words(lacks: Sequence[str]) -> str:
    """What a letter lacks, as a sentence; "" when nothing."""
    return f"The letter lacks {listed(list(lacks))}." if lacks else ""
