"""What is said to a tenant: nothing is booked that is not, and a date that has passed is owned up to."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from app.repairs import rights, service, visits
from app.repairs.papers.slip import slip_of
from app.repairs.tenant_words import tenant_words
from app.repairs.words import due_short
from models.repairs import Clock
from tests.app.repairs.conftest import MOULD, NOW
from tests.app.repairs.test_promises import LEAK
from tests.app.repairs.test_tables_reach import texts_of

LINE = "01632 960 100"
LATER = datetime(2027, 1, 6, 10, tzinfo=UTC)
WHEEZE = f" If anybody starts to wheeze, ring {LINE} and we come within 24 hours."


@pytest.fixture
def say(view):
    return lambda repair_id, now=NOW: tenant_words(view(repair_id), now, LINE)


def test_before_its_date_it_names_the_date_and_never_calls_a_wish_booked(context, ask, slots, say):
    repair_id = ask(save=True)
    assert say(repair_id) == (
        f"We will send a surveyor by Tuesday 5 January. We will ring you with a day.{WHEEZE}"
    )
    context.write("Ask", lambda s: visits.ask_visits(s, repair_id, slots[:2]))
    assert say(repair_id) == (
        "We will send a surveyor by Tuesday 5 January. "
        f"I have asked for Monday morning and will ring you once it is booked.{WHEEZE}"
    )


def test_a_booked_visit_is_said_to_be_booked(context, ask, slots, say, store, second_officer):
    repair_id = ask(save=True)
    context.write("Ask", lambda s: visits.ask_visits(s, repair_id, slots[:1]))
    with store.write(second_officer, "Confirm", context.now()) as session:
        visits.confirm_visit(session, repair_id)
    assert "A visit is booked for Monday morning." in say(repair_id)
    assert "ring you with a day" not in say(repair_id)


def test_after_its_date_it_says_sorry_and_what_happens_now_and_no_day_that_has_gone(context, ask, slots, say):
    repair_id = ask(save=True)
    context.write("Ask", lambda s: visits.ask_visits(s, repair_id, slots[:1]))
    said = say(repair_id, LATER)
    assert said == (
        "We promised to look at it by Tuesday 5 January, and we have not. I am sorry. "
        f"I will find out today when we can come, and ring you with a day.{WHEEZE}"
    )


def test_a_slip_that_is_printed_late_says_so(context, ask, view):
    repair_id = ask(save=True)
    in_time = texts_of(slip_of(view(repair_id), context).blocks)
    late = texts_of(slip_of(view(repair_id), replace(context, clock=lambda: LATER)).blocks)
    sorry = "We promised to look at it by Tuesday 5 January, and we have not. We are sorry."
    assert not any(sorry in words for words in in_time)
    assert any(words.startswith(sorry) and LINE in words for words in late)
    assert not any("If nobody has come by" in words for words in late)


def test_one_second_decides_whether_a_promise_is_late(ask, say):
    repair_id = ask(save=True)
    assert say(repair_id, datetime(2027, 1, 5, 23, 59, 59, tzinfo=UTC)).startswith("We will send")
    assert say(repair_id, datetime(2027, 1, 6, 0, 0, tzinfo=UTC)).startswith("We promised")


def test_a_duty_that_was_met_gives_way_to_the_next_one(context, ask, view, say):
    leak = ask(LEAK, risks=(), save=True)
    first, second, *_ = sorted(view(leak).clocks, key=lambda c: c.deadline.due_at)
    assert due_short(first.deadline) in say(leak)
    context.write("Meet", lambda s: setattr(s.get(Clock, first.id), "met_at", context.now()))
    assert due_short(second.deadline) in say(leak)
    assert due_short(first.deadline) != due_short(second.deadline)


def test_what_is_mended_or_called_off_is_not_promised_again(context, ask, say):
    mended, off = ask(save=True), ask(save=True)
    context.write("Done", lambda s: service.complete(s, mended))
    context.write("Off", lambda s: service.cancel(s, off))
    assert say(mended, LATER).startswith("It was mended on 17 December 2026. If it is not right, ring")
    assert say(off, LATER).startswith("This repair was called off.")


def test_a_repair_without_a_date_has_nothing_to_say_yet(ask, say):
    assert say(ask({key: MOULD[key] for key in ("danger", "kind", "room")})) == ""


def test_a_late_right_to_repair_offers_the_other_contractor_once(ask, say, store, first_officer):
    leak = ask(LEAK, risks=(), save=True)
    offer = "You may have another contractor: tell me and I ask for one now."
    assert offer not in say(leak)
    assert offer in say(leak, LATER)
    with store.write(first_officer, "Ask", LATER) as session:
        rights.ask_second(session, leak)
    assert offer not in say(leak, LATER)
