"""What an answer of the scheduler does to the note of a visit. Pure functions."""

from __future__ import annotations

from typing import Any

import msgspec

from sync.server.batch import Rec
from sync.server.scheduling import books
from sync.server.scheduling.adapter import Gone, Held
from sync.server.scheduling.notes import Asked, Note
from sync.server.scheduling.steps import Do

WARNINGS = 3  # that are kept


def replaced(note: Note, **values: Any) -> Note:
    """The note with some members changed."""
    return msgspec.structs.replace(note, **values)


def held(note: Note, do: Do, asked: Asked, answer: Held) -> Note:
    """The note once a place is held, moved or booked."""
    made = replaced(
        note, asked=None, ref=answer.ref, held=asked.slot, tries=0, warnings=_warnings(answer.warnings)
    )
    if do is Do.CONFIRM:
        return replaced(made, booked=asked.slot)
    return made if note.held == asked.slot else replaced(made, booked="")


def looked(note: Note, asked: Asked, answer: Held | Gone | None, slot: Rec | None) -> Note:
    """The note after a look at what became of a question whose answer was lost: only what the scheduler shows
    counts. The step is then due again, or not, by what the note says."""
    if not isinstance(answer, Held):
        return replaced(note, asked=None, ref="", held="", booked="", tries=0)
    same = slot is not None and answer.window is not None and answer.window.when == books.window_of(slot).when
    where = asked.slot if same else note.held if answer.window is not None else ""
    made = replaced(
        note, asked=None, ref=answer.ref, held=where, tries=0, warnings=_warnings(answer.warnings)
    )
    return made if made.booked == where else replaced(made, booked="")


def lost_why(why: str) -> str:
    """Why a visit is lost, as it stands in the record."""
    return f"The scheduler had no place left: {why}"[:200] if why else "The scheduler had no place left."


def _warnings(said: tuple[str, ...]) -> list[str]:
    return [text[:200] for text in said[:WARNINGS]]
