"""Visits by keyboard: whom to ring first, what is offered, what a planner does and nobody else, calendars."""

import pytest
from icalendar import Calendar
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from sqlalchemy import select

from models.repairs import Contact, ContactKind, Notice, Slot, State, VisitState
from tests.ui import audit
from ui.repairs.visits.rows import BOOKED, HELD, PASSED, RING, WAITING
from ui.theme import theme

ENTER, ESCAPE, DOWN, RIGHT = Qt.Key.Key_Return, Qt.Key.Key_Escape, Qt.Key.Key_Down, Qt.Key.Key_Right
CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def filled():
    """Only the name: the store is then a copy of the sample; the page is made by `officer` or `lead`."""


def repair_of(driver, one):
    return driver.view(one.card.repair_id)


def test_every_group_shows_and_whom_to_ring_comes_first_with_the_time(officer):
    section = officer.section
    order = [one.group for one in section.found.values()]
    assert order == sorted(order, key=[RING, WAITING, HELD, BOOKED, PASSED].index)
    assert set(order) == {RING, WAITING, HELD, BOOKED, PASSED}
    list_ = section.list_card.list
    assert QApplication.focusWidget() is list_
    first = section.found[list_.value()]
    assert first.group == RING
    assert list_.entry(1).detail.startswith("By 16:00 today.")
    assert "1 tenant to ring" in section.head.facts.text()
    assert "1 tenant to ring about a visit" in officer.tab.needs_me()


def test_the_page_says_whom_to_ring_by_when_and_what_is_left(officer):
    one = officer.first(RING)
    page = officer.section.page
    assert page.figure.text() == one.card.telephone
    assert page.note.text().startswith(f"Ring {one.card.tenant} by 16:00 today: ")
    assert "Left in time: " in page.note.text()
    assert len(page.offers) == 3
    assert QApplication.focusWidget() is page.offers[0]


def test_a_number_takes_a_place_that_is_offered_and_it_is_not_booked_yet(officer):
    one = officer.first(RING)
    wanted = one.card.visit.choices[1].id
    officer.press(Qt.Key.Key_2)
    visit_id = one.card.visit.id
    assert officer.group(visit_id) == WAITING
    now = officer.section.found[visit_id].card.visit
    assert (now.state, now.asking) == (VisitState.REQUESTED, wanted)
    assert "booked" not in officer.section.page.note.text().replace("not booked", "")


def test_nobody_answered_is_noted_and_the_visit_stays(officer):
    one = officer.first(RING)
    officer.press(Qt.Key.Key_R)
    officer.type("No answer, left a message")
    officer.press(ENTER, modifier=CTRL)
    notes = officer.shell.context.read(
        lambda s: s.scalars(select(Contact).where(Contact.repair_id == one.card.repair_id)).all()
    )
    called = [n.words for n in notes if n.kind is ContactKind.CALLED]
    assert called == ["No answer, left a message"]
    assert officer.group(one.card.visit.id) == RING
    assert not officer.section.page.calls.isHidden()


def test_other_days_lead_to_the_visits_page_of_that_repair(officer):
    one = officer.first(RING)
    officer.press(Qt.Key.Key_O)
    interview = officer.tab.triage.interview
    assert interview.isVisible()
    assert (interview.view.id, interview.page_id) == (one.card.repair_id, "visits")
    step = interview.steps["visits"]
    assert step.chosen == [], "what was offered is no wish of theirs"
    slot_id, button = next(iter(step.buttons.items()))
    button.setFocus()
    officer.press(Qt.Key.Key_1)
    assert repair_of(officer, one).visit.asking == slot_id
    assert repair_of(officer, one).visit.state is VisitState.REQUESTED


@pytest.mark.parametrize("group", [WAITING, HELD])
def test_a_lead_confirms_with_one_key_and_only_then_it_is_booked(lead, group):
    one = lead.first(group)
    assert repair_of(lead, one).visit.booked is False
    lead.press(ENTER, modifier=CTRL)
    assert repair_of(lead, one).visit.booked
    assert lead.group(one.card.visit.id) == BOOKED
    if one.group == HELD:
        assert repair_of(lead, one).state is State.SCHEDULED


@pytest.mark.parametrize("act", ["first", "move", "away"])
def test_an_officer_is_told_who_can_and_nothing_changes(officer, act):
    one = officer.first(HELD)
    page, section = officer.section.page, officer.section
    button = page.first if act == "first" else page.buttons[act]
    assert button.isEnabled()
    assert "Planners (leads) confirm" in page.planners.text()
    button.click()
    officer.settle()
    assert "role lead" in section.notice.text.text()
    assert repair_of(officer, one).visit.state is VisitState.GRANTED


def test_a_lead_moves_a_booking_with_the_arrows_and_the_act_says_where(lead):
    one = lead.first(BOOKED)
    form = lead.section.move_form
    lead.press(Qt.Key.Key_M)
    assert form.isVisible()
    assert QApplication.focusWidget() is form.table
    lead.press(DOWN, RIGHT)
    slot = form.slot()
    assert slot is not None
    assert f"{slot.day.day} {slot.day:%b}" in form.save.label()
    lead.press(ENTER, modifier=CTRL)
    moved = repair_of(lead, one).visit
    assert (moved.state, moved.asking) == (VisitState.CONFIRMED, slot.id)
    assert moved.sequence == one.card.visit.sequence + 1
    assert lead.group(one.card.visit.id) == BOOKED


def test_a_place_that_is_full_is_not_moved_to(lead):
    one = lead.first(BOOKED)
    slot_id = one.card.slot.id
    other = lead.shell.context.read(
        lambda s: s.scalars(select(Slot).where(Slot.day > one.card.slot.day).order_by(Slot.day)).first()
    )
    lead.shell.context.write("Full", lambda s: setattr(s.get(Slot, other.id), "places", 0))
    lead.section.read_again()
    lead.press(Qt.Key.Key_M)
    form = lead.section.move_form
    assert form.table.choose(other.day, other.label)
    assert "No place is left there" in form.late.text()
    lead.press(ENTER, modifier=CTRL)
    assert "Choose another place first" in form.error.text()
    assert form.isVisible()
    lead.press(ESCAPE)
    assert repair_of(lead, one).visit.asking == slot_id


def test_a_day_after_the_promise_is_said_before_it_is_moved_there(lead):
    one = lead.first(HELD)
    lead.press(Qt.Key.Key_M)
    table = lead.section.move_form.table
    late = next(
        place
        for day in table._places.weeks.days
        for place in day.places
        if place is not None and place.left and day.day > one.card.target_on
    )
    table.choose(late.day, late.window.label)
    assert "after what is promised" in lead.section.move_form.late.text()


def test_taking_a_visit_away_needs_a_reason_and_puts_it_first_again(lead):
    one = lead.first(BOOKED)
    lead.press(Qt.Key.Key_T)
    words = lead.section.deck.words
    lead.press(ENTER, modifier=CTRL)
    assert "Say why" in words.field.problem
    lead.type("The plumber is ill")
    lead.press(ENTER, modifier=CTRL)
    assert lead.group(one.card.visit.id) == RING
    assert "the plumber is ill" in lead.section.page.note.text()
    assert repair_of(lead, one).state is State.READY


def test_what_the_tenant_was_told_is_said_and_a_message_that_failed_in_red(lead):
    told = [one for one in lead.section.found.values() if one.group == BOOKED and one.card.visit.message]
    assert "arrived" in told[0].card.visit.message
    visit = told[0].card.visit

    def fail(session):
        made = Notice(
            visit_id=visit.id,
            repair_id=visit.repair_id,
            kind="moved",
            channel="sms",
            to="07700 900 000",
            queued_at=lead.shell.context.now(),
        )
        session.add(made)
        session.flush()
        made.state, made.problem = "failed", "Ring instead."

    lead.shell.context.write("Fail", fail)
    lead.section.read_again()
    lead.section.open(visit.id)
    line = lead.section.page.told.lines.itemAt(0).widget()
    assert line.text() == "Text did not arrive. Ring instead."
    assert line._tone == "danger"


def test_the_one_chosen_and_all_booked_go_into_a_calendar_that_names_nobody(officer, tmp_path):
    one, target = officer.first(HELD), tmp_path / "visit.ics"
    asked = []
    officer.shell.choose_save = lambda title, name, filters: asked.append(name) or str(target)
    officer.press(Qt.Key.Key_C)
    (entry,) = Calendar.from_ical(target.read_bytes()).walk("VEVENT")
    assert (entry["STATUS"], one.card.tenant in target.read_text()) == ("TENTATIVE", False)
    assert entry["UID"].startswith(one.card.visit.id)
    officer.section.all_booked.click()
    officer.settle()
    entries = Calendar.from_ical(target.read_bytes()).walk("VEVENT")
    booked = [each for each in officer.section.found.values() if each.group == BOOKED]
    assert len(entries) == len(booked)
    assert {entry["STATUS"] for entry in entries} == {"CONFIRMED"}
    assert asked == [f"visit-{one.card.reference}.ics", "visits-booked.ics"]


def test_the_two_weeks_are_reached_by_a_key_and_walked_by_arrows(officer):
    officer.press(Qt.Key.Key_W)
    table = officer.section.weeks.table
    assert QApplication.focusWidget() is table
    first = table.place()
    officer.press(DOWN)
    second = table.place()
    assert second.day > first.day
    assert second.window == first.window
    for _ in range(12):
        officer.press(DOWN)
        assert table.place() is not None, "closed days are passed over"
    words = table.currentIndex().data(Qt.ItemDataRole.AccessibleTextRole)
    assert words == table.place().words
    assert "places left" in words


def test_a_place_leads_to_the_visit_that_stands_in_it(officer):
    one = officer.first(BOOKED)
    officer.first(HELD)
    slot = one.card.slot
    officer.press(Qt.Key.Key_W)
    officer.section.weeks.table.choose(slot.day, slot.label)
    officer.press(ENTER)
    assert officer.section.found[officer.section.visit_id].card.visit.asking == slot.id


def test_a_day_that_passed_says_so_and_asks_for_other_days(officer):
    officer.first(PASSED)
    page = officer.section.page
    assert page.note.text().startswith("The day has passed without an answer from the planners.")
    assert page.first.label() == "Choose other days"


def test_an_empty_section_says_where_visits_come_from_and_leads_there(bare):
    section = bare.section
    assert section.none.isVisible()
    assert not section.panes.isVisible()
    bare.press(ENTER)
    assert bare.tab.section == "triage"


def test_a_record_of_a_visit_a_message_and_a_slot_leads_here(officer):
    one = officer.first(BOOKED)
    tab = officer.tab
    tab.open_section("triage")
    assert tab.open_record("repairs_visit", one.card.visit.id)
    assert tab.section == "visits"
    assert tab.record() == ("repairs_visit", one.card.visit.id)
    notice = officer.shell.context.read(lambda s: s.scalars(select(Notice)).first())
    assert tab.open_record("repairs_notice", notice.id)
    assert officer.section.visit_id == notice.visit_id
    assert tab.open_record("repairs_slot", one.card.slot.id)
    assert officer.section.weeks.table.place().day == one.card.slot.day
    assert not tab.open_record("repairs_visit", "nothing")


@pytest.mark.parametrize("factor", [1.0, 1.25, 2.0])
def test_every_view_has_names_keys_and_tab_stops_and_no_word_is_cut(lead, factor):
    theme().install("light", factor)
    compact = factor == 2.0
    lead.tab.set_compact(compact)
    lead.tab.resize(1240, 590)
    found = {}
    section = lead.section
    for group in (RING, WAITING, HELD, BOOKED, PASSED):
        lead.first(group)
        found[group] = audit.problems(lead.tab) + audit.cut_off(lead.tab)
    lead.first(HELD)
    for act in ("move", "away"):
        section.act(act)
        lead.settle()
        found[act] = audit.problems(lead.tab) + audit.cut_off(lead.tab)
        section.back()
    section.show_weeks()
    lead.settle()
    found["weeks"] = audit.problems(lead.tab) + audit.cut_off(lead.tab)
    section._to_list()
    lead.settle()
    found["list"] = audit.problems(lead.tab) + audit.cut_off(lead.tab)
    assert found == {key: [] for key in found}
    assert lead.tab.minimumSizeHint().width() <= 1240
