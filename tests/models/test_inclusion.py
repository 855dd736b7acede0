"""What the inclusion records promise: folded names, written-once rows, a state machine."""

from __future__ import annotations

import pytest

from app.context import Context
from models.base import fields_of, policy_of
from models.errors import MoveRefused
from models.inclusion import OutreachSession, Person, SessionKind, SessionState, folded_name
from models.policy import Merge
from models.search import find


def test_the_searched_form_of_a_name_follows_every_change(context: Context) -> None:
    person = Person(name="Siân Ŵyr", code="7KQ4-7")
    context.write("Add", lambda s: s.add(person))

    def rename(session) -> None:
        session.get(Person, person.id).name = "Zoë O’Neill"

    context.write("Rename", rename)
    kept = context.read(lambda s: s.get(Person, person.id))
    assert kept is not None
    assert (kept.name, kept.folded) == ("Zoë O’Neill", " zoe oneill ")
    assert [hit.title for hit in context.read(lambda s: find(s, "zoe"))] == ["Zoë O’Neill"]


def test_names_in_both_unicode_forms_are_searched_alike() -> None:
    assert folded_name("Llŷr") == folded_name("Lly\u0302r") == " llyr "


@pytest.mark.parametrize("type_name", ["inclusion_attendance", "inclusion_press", "inclusion_release"])
def test_rows_that_two_laptops_write_apart_are_written_once(type_name: str) -> None:
    policy = policy_of(type_name)
    free = {name for name in fields_of(type_name) if policy.merge_of(name) is not Merge.APPEND}
    assert free <= {"left_at", "working_on", "created_at"}


def test_a_session_begins_planned_or_open_and_is_closed_from_open_alone(context: Context) -> None:
    start = context.now()

    def begin(state: SessionState):
        return lambda s: s.add(
            OutreachSession(
                title="T", venue_id="v", kind=SessionKind.COURSE, starts_at=start, ends_at=start, state=state
            )
        )

    context.write("Plan", begin(SessionState.PLANNED))
    with pytest.raises(MoveRefused):
        context.write("Close", begin(SessionState.CLOSED))

    def close(session) -> None:
        session.query(OutreachSession).one().state = SessionState.CLOSED

    with pytest.raises(MoveRefused):
        context.write("Close", close)
