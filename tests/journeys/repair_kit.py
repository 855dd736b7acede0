"""One whole interview through the use cases, as the pages do it: for journeys without a window."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy.orm import Session

from app.repairs import flow, service
from models.repairs import Disclosure

Write = Callable[[str, Callable[[Session], Any]], Any]
ANSWERS = {
    "room": "kitchen",
    "kitchen": "damp",
    "damp-where": "outside-wall",
    "damp-since": "weeks",
    "damp-spread": "patch",
}
HOME = {
    "tenant_name": "Ffion Wŷn-Harte",
    "address": "14 Tannery Row, Averwick",
    "postcode": "AV3 2QT",
    "telephone": "07700 900417",
}


def begin(write: Write) -> str:
    """A repair of a tenant whom nobody endangers and who lives with a child under 5; gives its id."""

    def work(session: Session) -> str:
        repair_id = service.begin(session).repair_id
        service.answer(session, repair_id, "danger", "none")
        service.set_household(session, repair_id, Disclosure.TOLD, ("under5",), "", consent=True)
        service.answer(session, repair_id, "kind", "tenant")
        return repair_id

    return str(write("Begin", work))


def finish(write: Write, repair_id: str, words: str = "Wet wall", home: Mapping[str, str] = HOME) -> None:
    """The rest of it, up to the promise."""

    def work(session: Session) -> None:
        service.note(session, repair_id, {**HOME, **home})
        service.finish_address(session, repair_id)
        service.note(session, repair_id, {"description": words})
        for question, value in ANSWERS.items():
            service.answer(session, repair_id, question, value)
        for step in (flow.DESCRIPTION, *flow.LATER_STEPS):
            service.finish_step(session, repair_id, step)

    write("Ask", work)


def save(write: Write, repair_id: str) -> None:
    """The promise is made."""
    write("Save the repair", lambda session: service.save_repair(session, repair_id))


def take(write: Write, words: str = "Wet wall", **home: str) -> str:
    """All of it; gives the repair's id."""
    repair_id = begin(write)
    finish(write, repair_id, words, home)
    save(write, repair_id)
    return repair_id
