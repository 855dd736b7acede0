"""Who lives at home: asked first, kept only with consent and until a day, offered again at the next call.

The question comes before the address. So what was agreed to is kept with the repair, and as a record of the
home as soon as its address is known. "Asked, not disclosed" is not "nobody": it counts as at risk, because
the earlier date is safe.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import HoldallError, NotFound
from app.repairs.dated_tables import tables_at
from app.repairs.records import author_of, now_of
from app.wording import local_date
from models.base import mark_deleted
from models.changes import Changed
from models.repairs import Disclosure, Household, Kind, Repair


def record(
    session: Session,
    repair: Repair,
    disclosure: Disclosure,
    risks: Sequence[str] = (),
    in_words: str = "",
    consent: bool = False,
) -> Changed:
    """Records the answer. With consent it is kept; without, only that somebody is at risk.

    Where the home is known already, its record follows: written with consent, taken away when people say who
    lives there and do not agree that it is kept. Raises HoldallError for a code that is not in the list.
    """
    known, told = tables_at(session), disclosure is Disclosure.TOLD
    unknown = [code for code in risks if code not in known.risks]
    if unknown:
        raise HoldallError(f"“{unknown[0]}” is not in the list of people at risk.", "Choose from the list.")
    repair.disclosure = disclosure
    repair.at_risk = bool(risks) if told else disclosure is Disclosure.WITHHELD
    repair.risks = sorted(set(risks)) if told and consent else []
    repair.household_words = in_words.strip() if told and consent else ""
    changed = Changed.of(repair)
    kept = household_at(session, repair.place_key, local_date(now_of(session)))
    if told and consent:
        changed |= keep(session, repair)
    elif told and kept is not None:
        mark_deleted(kept)
        changed |= Changed.of(kept)
    return changed


def keep(session: Session, repair: Repair) -> Changed:
    """Writes what was agreed to as the record of the home, now that its address is known.

    Nothing for a shared part of a block, without consent, or where the same is kept already.
    """
    if not repair.place_key or repair.kind is Kind.COMMUNAL or not (repair.risks or repair.household_words):
        return Changed()
    now, today = now_of(session), local_date(now_of(session))
    found = household_at(session, repair.place_key, today) or Household(place_key=repair.place_key)
    until = kept_until(session, today)
    same = (found.words, found.risks) == (repair.household_words, list(repair.risks))
    if same and found.expires_on == until:
        return Changed()
    found.words, found.risks = repair.household_words, list(repair.risks)
    found.consent_at, found.consent_by, found.expires_on = now, author_of(session).name, until
    session.add(found)
    return Changed.of(found)


def take_kept(session: Session, repair: Repair) -> Changed:
    """What an earlier call was told is still so: the repair takes it over, and it is kept for longer.

    Raises NotFound when nothing is kept for this home.
    """
    kept = household_at(session, repair.place_key, local_date(now_of(session)))
    if kept is None:
        raise NotFound("Nothing is kept about who lives here.", "Ask who lives there.")
    known = tables_at(session).risks
    risks = [code for code in kept.risks if code in known]
    return record(session, repair, Disclosure.TOLD, risks, kept.words, consent=True)


def end_kept(session: Session, repair: Repair) -> Changed:
    """It is not so any more, or they take their consent back: the home's record is taken away."""
    kept = household_at(session, repair.place_key, local_date(now_of(session)))
    if kept is None:
        return Changed()
    mark_deleted(kept)
    return Changed.of(kept)


def household_at(session: Session, key: str, today: date) -> Household | None:
    """Who lives at a place as far as they agreed that we keep it, and only until its day."""
    if not key:
        return None
    statement = select(Household).where(
        Household.place_key == key, Household.deleted.is_(False), Household.expires_on >= today
    )
    return session.scalars(statement.order_by(Household.expires_on.desc()).limit(1)).first()


def kept_until(session: Session, today: date) -> date:
    """Until which day an answer given today is kept."""
    return months_later(today, tables_at(session).consent_months)


def months_later(day: date, months: int) -> date:
    """The same day some months on; the last of the month where there is no such day."""
    year, month = divmod(day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(day.year + year, month + 1, min(day.day, last))
        except ValueError:
            continue
    raise ValueError("no such month")
