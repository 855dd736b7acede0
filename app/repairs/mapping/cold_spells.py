"""Days of severe weather, as a lead declares them: by the council's own rules some dates come forward."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import HoldallError, NotFound
from app.repairs.mapping.service import must_keep
from app.repairs.records import now_of
from app.wording import date_year, day_month, local_date
from models.base import mark_deleted
from models.changes import Changed
from models.repairs import ColdSpell

LONGEST_DAYS = 120
DEGREES = range(-40, 16)


@dataclass(frozen=True)
class SpellView:
    """One cold spell."""

    id: str
    begins_on: date
    ends_on: date | None
    degrees: int | None
    source: str

    @property
    def words(self) -> str:
        """From when to when: "3 December to 9 December 2026", "since 3 December 2026"."""
        if self.ends_on is None:
            return f"Since {date_year(self.begins_on)}, still cold"
        if self.ends_on == self.begins_on:
            return date_year(self.begins_on)
        return f"{day_month(self.begins_on)} to {date_year(self.ends_on)}"

    @property
    def facts(self) -> str:
        """The lowest forecast and who said so."""
        degrees = f"down to {self.degrees} °C".replace("-", "\u2212") if self.degrees is not None else ""
        return ", ".join(part for part in (degrees, self.source) if part)

    def holds_on(self, day: date) -> bool:
        """Whether a day lies in it."""
        return self.begins_on <= day and (self.ends_on is None or day <= self.ends_on)


def spells(session: Session) -> list[SpellView]:
    """Every cold spell that was declared, newest first."""
    found = session.scalars(
        select(ColdSpell)
        .where(ColdSpell.deleted.is_(False))
        .order_by(ColdSpell.begins_on.desc(), ColdSpell.id)
    )
    return [SpellView(s.id, s.begins_on, s.ends_on, s.degrees, s.source) for s in found]


def declare(
    session: Session,
    begins_on: date,
    ends_on: date | None = None,
    degrees: int | None = None,
    source: str = "",
) -> Changed:
    """Declares days of severe weather; without an end they last until somebody ends them.

    Raises HoldallError for days the wrong way round, for too long a spell, and for days declared already.
    """
    must_keep(session)
    if ends_on is not None and ends_on < begins_on:
        raise HoldallError("The cold spell ends before it begins.", "Change one of the two days.")
    if ends_on is not None and (ends_on - begins_on).days > LONGEST_DAYS:
        raise HoldallError(f"A cold spell lasts at most {LONGEST_DAYS} days.", "Check both days.")
    if degrees is not None and degrees not in DEGREES:
        raise HoldallError(f"{degrees} °C is not a forecast of cold.", "Write whole degrees, like -5.")
    for other in spells(session):
        if (ends_on is None or other.begins_on <= ends_on) and other.holds_on(
            max(begins_on, other.begins_on)
        ):
            raise HoldallError(
                f"Some of these days are declared already: {other.words[:1].lower()}{other.words[1:]}.",
                "End that spell, or choose other days.",
            )
    record = ColdSpell(begins_on=begins_on, ends_on=ends_on, degrees=degrees, source=source.strip())
    session.add(record)
    return Changed.of(record)


def end(session: Session, spell_id: str) -> Changed:
    """Ends a cold spell today; one that has yet to begin is taken back."""
    must_keep(session)
    record, today = _spell(session, spell_id), local_date(now_of(session))
    if record.begins_on > today:
        mark_deleted(record)
    else:
        record.ends_on = today
    return Changed.of(record)


def take_back(session: Session, spell_id: str) -> Changed:
    """Takes a cold spell back that was declared by mistake; Undo brings it back."""
    must_keep(session)
    record = _spell(session, spell_id)
    mark_deleted(record)
    return Changed.of(record)


def _spell(session: Session, spell_id: str) -> ColdSpell:
    record = session.get(ColdSpell, spell_id)
    if record is None or record.deleted:
        raise NotFound("This cold spell is not there any more.", "Sync, or choose another one.")
    return record
