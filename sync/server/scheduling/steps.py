"""Which step is due for a visit: a function of the visit, its note and the day. It knows no clock and no
database, and where two workers read the same they decide the same."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from models.repairs import VisitState
from sync.server.scheduling.notes import Note


class Do(StrEnum):
    """The next thing to do for a visit."""

    NOTHING = "nothing"
    LOOK = "look"  # an answer was lost: see what the scheduler has
    RESERVE = "reserve"
    MOVE = "move"
    CONFIRM = "confirm"
    CANCEL = "cancel"
    OFFER = "offer"  # other slots, or a call
    CALL = "call"  # what was offered has passed
    EXPIRE = "expire"
    TELL = "tell"  # confirmed or moved
    TELL_GONE = "tell gone"


HOLDS = (VisitState.REQUESTED, VisitState.GRANTED, VisitState.CONFIRMED)


def due(
    visit: Mapping[str, Any], deleted: bool, note: Note, *, passed: bool, at_once: bool, offers_passed: bool
) -> Do:
    """The step that is due. `passed`: the day of its slot is over; `offers_passed`: all that was offered is;
    `at_once`: a held place is made a booking without a planner."""
    if note.asked is not None:
        return Do.LOOK
    if str(visit.get("state")) not in set(VisitState):
        return Do.NOTHING  # of a newer Holdall
    state, slot = VisitState(str(visit["state"])), str(visit["slot_id"])
    if deleted or state not in HOLDS:
        return _let_go(None if deleted else state, note, offers_passed)
    if passed:
        return Do.NOTHING if state is VisitState.CONFIRMED else Do.EXPIRE
    if note.held != slot:
        return Do.MOVE if note.ref else Do.RESERVE
    if state is VisitState.REQUESTED:
        return Do.RESERVE  # it is held already: that has only to be written
    if state is VisitState.GRANTED:
        return Do.CONFIRM if at_once else Do.NOTHING
    if note.booked != slot:
        return Do.CONFIRM
    if note.told is None or note.told.slot != slot:
        return Do.TELL
    return Do.NOTHING


def _let_go(state: VisitState | None, note: Note, offers_passed: bool) -> Do:
    """The step for a visit that holds nothing; None: it was removed."""
    if state is VisitState.LOST:
        return Do.OFFER
    if note.told is not None and state is not VisitState.EXPIRED:
        return Do.TELL_GONE
    if note.ref:
        return Do.CANCEL
    if state is VisitState.RE_OFFERED and offers_passed:
        return Do.CALL
    return Do.NOTHING
