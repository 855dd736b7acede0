"""The private vault of a sample officer: two checks half a year apart, and a note. It opens with the
published passphrase, as it holds nothing real."""

from __future__ import annotations

import random
from datetime import timedelta

from sqlalchemy.orm import Session

from app.context import Context
from app.sample_kit import at, sample_id
from app.wellbeing import service, vault
from app.wellbeing.instrument import HIGHEST, LOWEST, bundled
from app.wellbeing.rules import Answer
from app.wellbeing.vault import ACT, Ring
from app.workspace import SAMPLE_KDF, SAMPLE_PASSPHRASE

DAYS_BETWEEN = 189
NOTE = "Ask for the rota two weeks ahead instead of one."
KDF = {"ops": SAMPLE_KDF["time"], "memory_kib": SAMPLE_KDF["memory_kib"]}

# What each statement scores in the earlier check, by number; 6 − score is the answer where it is reversed.
_EARLIER = (
    {3: 2, 6: 3, 9: 2, 12: 3, 16: 3, 18: 2, 20: 3, 22: 3}  # demands 21 of 40
    | {2: 5, 10: 3, 15: 3, 19: 4, 25: 3, 30: 3}  # control 21 of 30
    | {8: 3, 23: 4, 29: 4, 33: 4, 35: 4}  # managers' support 19 of 25
    | {7: 4, 24: 4, 27: 5, 31: 4}  # colleagues' support 17 of 20
    | {5: 5, 14: 4, 21: 5, 34: 3}  # relationships 17 of 20
    | {1: 4, 4: 5, 11: 4, 13: 4, 17: 5}  # role 22 of 25
    | {26: 3, 28: 3, 32: 3}  # change 9 of 15
)
_LATER = (
    _EARLIER
    | {3: 3, 6: 4, 9: 3, 16: 4, 18: 3}  # demands 26
    | {2: 2, 10: 2, 19: 3}  # control 16
    | {8: 4}  # managers' support 20
    | {34: 4}  # relationships 18
)


def fill(context: Context, random: random.Random) -> None:
    """Writes the vault, both checks and the note into a store without a vault; the same bytes for the same
    source and day."""
    today = context.today()
    earlier = at(today - timedelta(days=DAYS_BETWEEN), 9, 4)
    made = vault.make(context.author, SAMPLE_PASSPHRASE, KDF, random.randbytes, sample_id(random))
    check_ids = [sample_id(random), sample_id(random)]
    note_id = sample_id(random)

    def first(session: Session) -> None:
        vault.keep(session, made)
        _answer(session, made.ring, check_ids[0], _EARLIER, random)
        service.keep_note(session, made.ring, NOTE, "control", note_id, random.randbytes)

    def second(session: Session) -> None:
        _answer(session, made.ring, check_ids[1], _LATER, random)

    later = min(at(today, 9, 12), context.now())
    for moment, work in ((earlier, first), (later, second)):
        with context.store.write(context.author, ACT, moment) as session:
            work(session)


def _answer(
    session: Session, ring: Ring, check_id: str, scored: dict[int, int], source: random.Random
) -> None:
    """One whole check, answered so that each statement scores as given."""
    service.start(session, ring, check_id, source.randbytes)
    for item in bundled().items:
        score = scored[item.number]
        code: Answer = LOWEST + HIGHEST - score if item.reversed else score
        service.answer(session, ring, check_id, item.number, code, source.randbytes)
    service.finish(session, ring, check_id, source.randbytes)
