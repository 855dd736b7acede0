"""The promise page: other dates as rows, hours as a bar, a second contractor, delays; all by keyboard."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from app.repairs import flow, service
from app.repairs.dated_tables import import_table
from app.repairs.tables import built_in
from models.changes import Author
from models.repairs import Clock, Disclosure, TableKind
from models.skew import note_skew
from ui.repairs.hour_strip import HourStrip

SPACE, ENTER = Qt.Key.Key_Space, Qt.Key.Key_Return
HOME = {
    "tenant_name": "Ade Cole",
    "address": "3 Mill Lane",
    "postcode": "AV1 4BD",
    "telephone": "07700 900 122",
}
LEAK = {"danger": "none", "kind": "tenant", "room": "kitchen", "kitchen": "leak", "leak": "bowl"}
UNLOCKED = {"danger": "none", "kind": "tenant", "room": "kitchen", "kitchen": "window", "window": "open"}


def asked(page, answers, risks=(), save=True):
    """A repair that was asked about in one go; its id."""

    def work(session):
        repair_id = service.begin(session).repair_id
        service.answer(session, repair_id, "danger", answers["danger"])
        service.set_household(session, repair_id, Disclosure.TOLD, risks, "", bool(risks))
        for question, value in answers.items():
            if question != "danger":
                service.answer(session, repair_id, question, value)
        service.note(session, repair_id, HOME)
        service.finish_address(session, repair_id)
        for step in (flow.DESCRIPTION, *flow.LATER_STEPS):
            service.finish_step(session, repair_id, step)
        return repair_id

    context = page.shell.context
    repair_id = context.write("Ask", work)
    if save:
        context.write("Save", lambda s: service.save_repair(s, repair_id))
    return repair_id


def at(page, moment):
    page.shell.context.clock = lambda: moment


def shown(page, repair_id):
    page.tab.open_repair(repair_id)
    page.settle()
    return page.tab.promise


def press_on(page, button):
    button.setFocus()
    page.press(SPACE)


def test_the_other_dates_stand_below_in_rows_with_how_they_were_counted(page):
    promise = shown(page, asked(page, LEAK, save=False))
    assert promise.figure.text() == "Friday 18 December 2026"
    (urgent,) = promise.rows.lines
    assert (urgent.name, urgent.due) == ("Urgent repair", "Mend it by Tuesday 22 December")
    assert urgent.detail == "3 working days, counted from the day after you told us."
    assert not promise.right.isVisible(), "nothing runs before it is saved"


def test_another_contractor_is_asked_for_by_key_once_the_first_period_has_failed(page):
    repair_id = asked(page, LEAK)
    promise = shown(page, repair_id)
    assert "If it is not mended by the end of Friday 18 December" in promise.right.text.text()
    assert not promise.right.second.isVisible()
    at(page, datetime(2026, 12, 21, 9, 0, tzinfo=UTC))
    promise = shown(page, repair_id)
    assert "They may ask for another contractor, who has 1 working day." in promise.right.text.text()
    press_on(page, promise.right.second)
    assert "has until the end of Tuesday 22 December" in promise.right.text.text()
    assert [line.name for line in promise.rows.lines] == [
        "Right to Repair",
        "Urgent repair",
        "Second contractor",
    ]
    at(page, datetime(2027, 1, 1, 9, 0, tzinfo=UTC))
    promise = shown(page, repair_id)
    assert "£30 is owed so far: £10 and £2 for each day, £50 at most." in promise.right.text.text()
    press_on(page, promise.right.no_access)
    assert promise.right.text.text() == "Nobody was let in, so nothing is owed."
    page.shell.context.undo()
    assert "£30 is owed" in shown(page, repair_id).right.text.text()


def test_a_repair_that_costs_too_much_keeps_the_council_s_own_date(page):
    repair_id = asked(page, LEAK)
    promise = shown(page, repair_id)
    press_on(page, promise.right.costs)
    assert promise.right.text.text() == "It costs more than £250."
    assert not promise.right.acts.isVisible()
    assert promise.figure.text() == "Tuesday 22 December 2026"
    assert "It costs more than £250." in [line.detail for line in promise.rows.lines]


def test_a_delay_is_said_in_words_and_moves_no_date(page):
    repair_id = asked(page, LEAK)
    at(page, datetime(2026, 12, 21, 9, 0, tzinfo=UTC))
    promise = shown(page, repair_id)
    (button,) = promise.rows.delays.values()
    assert button.accessibleName() == "Say why it is late: Right to Repair, 3 days late"
    press_on(page, button)
    assert QApplication.focusWidget() is promise.rows.reason
    page.press(ENTER)
    assert promise.rows.field.error.text() == "Write it in a few words"
    page.type("The part comes on Monday")
    page.press(ENTER)
    assert not promise.rows.form.isVisible()
    assert promise.rows.lines[0].detail == "Late because: The part comes on Monday"
    assert promise.figure.text() == "Friday 18 December 2026"
    assert not promise.rows.delays


def test_hours_are_a_bar_across_the_night_on_which_the_clocks_go_back(page):
    at(page, datetime(2026, 10, 24, 20, 30, tzinfo=UTC))
    promise = shown(page, asked(page, UNLOCKED, ["over65"], save=False))
    assert promise.figure.text() == "20:30 on Sunday 25 October 2026"
    assert promise.hours.isVisible()
    assert not promise.strip.isVisible()
    spoken = promise.hours.accessibleDescription()
    assert spoken.startswith(
        "From 21:30 on Saturday 24 October 2026; Safe by 20:30 on Sunday 25 October 2026"
    )
    assert "The clocks go back on Sunday 25 October 2026" in spoken
    assert "the time on the clock is an hour earlier" in promise.skipped.text()
    press_on(page, promise.why)
    assert not promise.hours.isVisible()


@pytest.mark.parametrize(
    ("start", "hours"),
    [
        (datetime(2026, 10, 24, 20, 30, tzinfo=UTC), -1),
        (datetime(2027, 3, 27, 20, 30, tzinfo=UTC), 1),
        (datetime(2026, 12, 17, 14, 21, tzinfo=UTC), None),
    ],
)
def test_the_bar_is_drawn_at_any_width_and_knows_the_change_of_the_clocks(page, qtbot, start, hours):
    at(page, start)
    deadline = page.view(asked(page, UNLOCKED, ["over65"], save=False)).first
    strip = HourStrip()
    qtbot.addWidget(strip)
    strip.show_deadline(deadline, "Safe by", outer=None)
    assert (strip.change.hours if strip.change else None) == hours
    for width in (40, 200, 1200):
        strip.resize(width, strip.sizeHint().height())
        assert not strip.grab().isNull()


def test_an_emergency_shows_both_readings_and_keeps_the_earlier(page):
    page.press(Qt.Key.Key_N)
    page.press(Qt.Key.Key_1, ENTER)
    dates = page.tab.interview.exit_page.dates
    assert dates.isVisible()
    assert dates.promise.text() == "Look at it and make it safe by 14:21 on Friday 18 December"
    assert "Outer reading: make it safe by 14:21 on Saturday 19 December." in dates.outer.text()
    assert "We keep the earlier time." in dates.outer.text()
    assert "Outer reading 14:21 on Saturday 19 December 2026" in dates.strip.accessibleDescription()


def test_a_bank_holiday_that_came_later_is_said_and_the_promise_still_holds(page):
    repair_id = asked(page, LEAK)
    assert not shown(page, repair_id).dates.warning.isVisible()
    holidays = built_in("holidays")
    added = {"day": "2026-12-18", "title": "The jubilee", "substitute": False}
    holidays["divisions"]["england-and-wales"]["days"].append(added)
    context = page.shell.context
    lead = Author("u-2", "Sian Ellis", "team-1", frozenset({"lead"}), context.author.device_id)
    with context.store.write(lead, "Read in", context.now()) as session:
        import_table(session, TableKind.HOLIDAYS, json.dumps(holidays).encode(), "days.json")
    promise = shown(page, repair_id)
    assert promise.figure.text() == "Friday 18 December 2026"
    assert promise.dates.warning.text() == (
        "By the bank holidays as they are known now it would be 21 December. "
        "The date that was promised still holds."
    )
    assert shown(page, asked(page, LEAK, save=False)).figure.text() == "Monday 21 December 2026"


def test_an_old_list_of_bank_holidays_is_said_before_a_date_is_promised(page):
    at(page, datetime(2028, 2, 1, 9, 0, tzinfo=UTC))
    promise = shown(page, asked(page, LEAK, save=False))
    assert "The list of bank holidays is from 23 November 2026." in promise.dates.warning.text()


def test_the_states_of_the_rows_follow_the_clock(page):
    repair_id = asked(page, LEAK)
    context = page.shell.context
    context.write("Done", lambda s: service.complete(s, repair_id))
    assert context.read(lambda s: s.query(Clock).filter(Clock.met_at.is_(None)).count()) == 0
    promise = shown(page, repair_id)
    assert promise.promise_words.text() == "Mended on 17 December. It was promised by"
    assert promise.view.completed_at.date() == date(2026, 12, 17)
    assert promise.view.clocks[0].deadline.due_at - promise.view.completed_at > timedelta(hours=1)


def test_a_clock_that_a_sync_found_wrong_is_said_where_hours_are_promised(page):
    note_skew(page.shell.context.store, 3_660, datetime(2026, 12, 17, 9, 40, tzinfo=UTC))
    said = "This laptop’s clock was 61 minutes ahead of the server’s at the last sync"
    hours = shown(page, asked(page, UNLOCKED, ["over65"], save=False))
    assert said in hours.dates.warning.text()
    days = shown(page, asked(page, LEAK, save=False))
    assert said not in days.dates.warning.text()
    page.tab.show_list()
    page.press(Qt.Key.Key_N)
    page.press(Qt.Key.Key_1, ENTER)
    assert said in page.tab.interview.exit_page.dates.warning.text()
