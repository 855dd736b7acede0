"""What somebody's words still ask an officer to answer: dangers heard that nobody recorded or settled.

`Repair.heard` keeps what reading gave: {"words", "rules", "offered" with scores in hundredths, "chosen",
"answers", "before", "settled": [{"rule", "words", "why", "by", "at"}]}. A rule is settled on the words it
fired on; other words ask again.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import HoldallError
from app.repairs.records import repair_of
from app.repairs.text.normalise import read_words
from app.repairs.text.tripwires import Level, Reason, trip
from models.repairs import Disclosure, Emergency, Repair

SOMEBODY = "somebody"  # at risk, but they did not agree that we keep who


class WordsUnsettled(HoldallError):
    """Their words tell of a danger that is neither on record nor settled."""


class Asked(Protocol):
    """What is known of who lives there: a repair, or the view of one."""

    @property
    def disclosure(self) -> Disclosure:
        """What came of asking."""

    @property
    def at_risk(self) -> bool:
        """Somebody is."""

    @property
    def risks(self) -> Sequence[str]:
        """Codes, with consent."""


def risks_asked(repair: Asked) -> frozenset[str] | None:
    """The people at risk as they were asked about; None while they were not, or would not say."""
    if repair.disclosure is not Disclosure.TOLD:
        return None
    return frozenset(repair.risks or ([SOMEBODY] if repair.at_risk else []))


def heard_in(repair: Repair) -> tuple[Reason, ...]:
    """Every rule that fires on the description as it stands."""
    if not repair.description.strip():
        return ()
    return _heard(repair.description, risks_asked(repair))


@lru_cache(maxsize=16)
def _heard(text: str, risks: frozenset[str] | None) -> tuple[Reason, ...]:
    """The same for a text: a page that is read again after each write asks about the same words."""
    return trip(read_words(text), risks)


def check_words(session: Session, repair_id: str) -> tuple[Reason, ...]:
    """The emergencies in the description that are neither on record nor settled; raises NotFound."""
    return open_reasons(session, repair_of(session, repair_id))


def open_reasons(session: Session, repair: Repair) -> tuple[Reason, ...]:
    """The same for a repair at hand."""
    reasons = [r for r in heard_in(repair) if r.level is Level.YES]
    if not reasons:
        return ()
    done = settled_pairs(session, repair)
    return tuple(r for r in reasons if (r.rule, r.words) not in done)


def settled_pairs(session: Session, repair: Repair) -> set[tuple[str, str]]:
    """Rules with the words they fired on that an officer has answered: recorded, or none and why."""
    statement = select(Emergency.heard_rule, Emergency.heard_words).where(
        Emergency.repair_id == repair.id, Emergency.deleted.is_(False), Emergency.heard_rule != ""
    )
    done = {(rule, words) for rule, words in session.execute(statement)}
    return done | {(each["rule"], each["words"]) for each in settled_of(repair)}


def settled_of(repair: Repair) -> list[dict[str, Any]]:
    """What was settled as no emergency, oldest first."""
    heard = repair.heard or {}
    return [each for each in heard.get("settled", []) if isinstance(each, dict)]


def must_be_settled(session: Session, repair: Repair) -> None:
    """Raises WordsUnsettled while the description tells of a danger that nobody has answered."""
    for reason in open_reasons(session, repair):
        raise WordsUnsettled(
            f"They say “{reason.words}”. {reason.title}: an emergency.",
            "Record the emergency, or say why it is none.",
        )
