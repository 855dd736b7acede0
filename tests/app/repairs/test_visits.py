"""Visits on the laptop: wishes inside what is promised, states in words, whom to ring, moves, calendars."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from icalendar import Calendar
from sqlalchemy import select

from app import calendar_file
from app.errors import HoldallError
from app.repairs import visit_views, visits
from app.repairs.papers.visit_words import visit_line
from models.repairs import (
    Contact,
    ContactKind,
    Notice,
    NoticeKind,
    NoticeState,
    Repair,
    Slot,
    State,
    Visit,
    VisitState,
)


@pytest.fixture
def asked(context, ask, slots):
    """A saved repair with a visit asked for in all slots; its id."""
    repair_id = ask(save=True)
    context.write("Ask", lambda s: visits.ask_visits(s, repair_id, slots))
    return repair_id


@pytest.fixture
def lead(store, second_officer, context):
    """Writes as a lead."""

    def write(work):
        with store.write(second_officer, "Lead", context.now()) as session:
            return work(session)

    return write


def seen(context, repair_id):
    return context.read(lambda s: visit_views.visit_view(s, repair_id))


def become(context, lead, repair_id, state, **fields):
    def work(session):
        visit = visits.visit_of(session, repair_id)
        for name, value in fields.items():
            setattr(visit, name, value)
        visit.state = state

    lead(work)


def board(context):
    return context.read(lambda s: visit_views.visit_board(s, context.now()))


def test_a_wish_says_until_which_day_it_keeps_the_promise_and_that_it_was_not_sent(context, asked):
    repair = context.read(lambda s: s.get(Repair, asked))
    visit = seen(context, asked)
    assert visit.latest_on == visits.last_day(repair) is not None
    assert not visit.sent
    assert "has not been sent yet" in visit_views.visit_note(visit, context.now(), context.today())


def test_a_slot_after_the_promise_is_refused_until_the_tenant_has_agreed(context, ask, lead):
    repair_id = ask(save=True)
    last = visits.last_day(context.read(lambda s: s.get(Repair, repair_id)))
    day = last + timedelta(days=3)
    made = Slot(day=day, starts=480, ends=720, label="Morning, 8 to 12", places=2, seen_at=context.now())
    lead(lambda s: s.add(made))
    with pytest.raises(HoldallError, match="is after what is promised"):
        context.write("Ask", lambda s: visits.ask_visits(s, repair_id, [made.id]))
    context.write("Ask", lambda s: visits.ask_visits(s, repair_id, [made.id], agreed_late=True))
    assert seen(context, repair_id).latest_on == day


@pytest.mark.parametrize("state", list(VisitState))
def test_nothing_but_a_confirmed_visit_is_called_booked(context, asked, lead, state):
    ways = {
        VisitState.RE_OFFERED: (VisitState.LOST, VisitState.RE_OFFERED),
        VisitState.CALL_TENANT: (VisitState.LOST, VisitState.CALL_TENANT),
    }
    for step in ways.get(state, (state,)):
        if step is not VisitState.REQUESTED:
            become(context, lead, asked, step)
    view = seen(context, asked)
    if state is VisitState.WITHDRAWN:
        assert view is None
        return
    chip = visit_views.VISIT_CHIPS[state][0]
    note = visit_views.visit_note(view, context.now(), context.today())
    for words in (chip, visit_line(view), note):
        said = words.lower().replace("not booked", "").replace("booked once a planner has confirmed it", "")
        assert ("booked" in said or "confirmed it" in said) == (state is VisitState.CONFIRMED), words


def test_a_list_that_is_too_old_makes_wishes_only(context, ask, lead):
    repair_id = ask(save=True)
    made = Slot(
        day=context.today() + timedelta(days=1),
        starts=480,
        ends=720,
        label="Morning, 8 to 12",
        places=2,
        seen_at=context.now() - timedelta(days=2),
        expires_at=context.now() - timedelta(hours=1),
    )
    lead(lambda s: s.add(made))
    context.write("Ask", lambda s: visits.ask_visits(s, repair_id, [made.id], agreed_late=True))
    assert "wishes only" in visit_views.visit_note(seen(context, repair_id), context.now(), context.today())


def test_a_lost_place_is_a_task_with_a_time_and_what_is_left(context, asked, lead, slots):
    by = datetime(2026, 12, 17, 16, 0, tzinfo=UTC)
    become(context, lead, asked, VisitState.LOST, lost_why="The place has gone")
    become(context, lead, asked, VisitState.RE_OFFERED, call_by=by, choices=slots[1:3])
    (card,) = board(context).to_ring
    words = visit_views.ring_words(card, date(2026, 12, 17))
    assert words.startswith(f"Ring {card.tenant} by 16:00 today: the place has gone. Left in time: ")
    assert [c.id for c in visit_views.alternatives(card.visit)] == slots[1:3]
    assert context.read(visit_views.visits_to_ring) == 1
    context.write("Instead", lambda s: visits.choose_instead(s, card.visit.id, slots[2]))
    view = seen(context, asked)
    assert (view.state, view.asking, view.call_by) == (VisitState.REQUESTED, slots[2], None)
    assert board(context).to_ring == ()
    assert context.read(visit_views.visits_to_ring) == 0


def test_who_did_not_answer_stays_on_the_list_with_a_note(context, asked, lead):
    become(context, lead, asked, VisitState.LOST)
    become(context, lead, asked, VisitState.CALL_TENANT)
    visit_id = seen(context, asked).id
    context.write("Rang", lambda s: visits.could_not_reach(s, visit_id))
    note = context.read(lambda s: s.scalars(select(Contact)).one())
    assert (note.kind, note.repair_id) == (ContactKind.CALLED, asked)
    assert len(board(context).to_ring) == 1


def test_the_board_groups_by_what_is_needed(context, ask, lead, slots):
    ids = [ask(save=True) for _ in range(3)]
    for number, repair_id in enumerate(ids):
        context.write("Ask", lambda s, r=repair_id, n=number: visits.ask_visits(s, r, [slots[n]]))
    become(context, lead, ids[1], VisitState.GRANTED)
    become(context, lead, ids[2], VisitState.CONFIRMED)
    made = board(context)
    groups = (made.waiting, made.held, made.booked)
    assert [[card.repair_id for card in group] for group in groups] == [[ids[0]], [ids[1]], [ids[2]]]
    assert not made.empty


def test_a_new_wish_after_a_booking_gives_the_booking_back(context, asked, lead, slots):
    lead(lambda s: visits.confirm_visit(s, asked))
    context.write("Ask", lambda s: visits.ask_visits(s, asked, slots[1:2]))
    view = seen(context, asked)
    assert (view.state, view.asking) == (VisitState.REQUESTED, slots[1])
    assert context.read(lambda s: s.get(Repair, asked)).state is State.READY
    assert context.read(lambda s: visits.places_left(s, slots[0])) == 1


def test_a_planner_moves_a_booking_and_takes_one_away_with_a_reason(context, asked, lead, slots):
    lead(lambda s: visits.confirm_visit(s, asked))
    visit_id = seen(context, asked).id
    lead(lambda s: visits.move_visit(s, visit_id, slots[2]))
    view = seen(context, asked)
    assert (view.state, view.asking, view.sequence) == (VisitState.CONFIRMED, slots[2], 1)
    with pytest.raises(HoldallError, match="Say why"):
        lead(lambda s: visits.take_away(s, visit_id, " "))
    lead(lambda s: visits.take_away(s, visit_id, "The plumber is ill"))
    view = seen(context, asked)
    assert (view.state, view.lost_why) == (VisitState.LOST, "The plumber is ill")
    with pytest.raises(HoldallError, match="held or booked"):
        lead(lambda s: visits.move_visit(s, visit_id, slots[1]))


@pytest.mark.parametrize(
    ("state", "problem", "words"),
    [
        (NoticeState.QUEUED, "", "Text waits to be sent"),
        (NoticeState.SENT, "", "Text sent, 14:05 on 17 December"),
        (NoticeState.DELIVERED, "", "Text arrived, 14:05 on 17 December"),
        (NoticeState.FAILED, "The number does not exist. Ring instead.", "Text did not arrive. The number"),
    ],
)
def test_what_became_of_a_message_is_said(state, problem, words):
    sent = datetime(2026, 12, 17, 14, 5, tzinfo=UTC)
    notice = Notice(kind=NoticeKind.CONFIRMED, channel="sms", state=state, sent_at=sent, problem=problem)
    assert visit_views.message_words(notice).startswith(words)


def test_a_visit_is_a_calendar_entry_that_names_nobody_and_is_tentative_until_booked(context, asked, lead):
    (card,) = board(context).waiting
    data = calendar_file.write([visits.event_of(card, "averwick")], "Repairs", context.now())
    (entry,) = Calendar.from_ical(data).walk("VEVENT")
    assert entry["STATUS"] == "TENTATIVE"
    assert entry["UID"] == f"{card.visit.id}@averwick"
    assert entry.decoded("DTSTART").hour * 60 == card.slot.starts
    assert card.tenant.encode() not in data
    lead(lambda s: visits.confirm_visit(s, asked))
    (card,) = board(context).booked
    assert visits.event_of(card, "averwick").status == "CONFIRMED"
    visit_id = card.visit.id
    assert context.read(lambda s: s.get(Visit, visit_id)).confirmed_at == context.now()
