"""Wishes on the page of visits: what is promised first, later days only with their agreement, keys."""

from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from sqlalchemy import select

from models.repairs import Repair, Slot, VisitState
from tests.ui import audit
from ui.theme import theme

SHOWN = "AV-20417"
ENTER = Qt.Key.Key_Return


@pytest.fixture
def due_soon(filled):
    """The page of visits for a repair that is promised by tomorrow, with nothing asked for."""
    repair_id = filled.by_reference(SHOWN)

    def work(session):
        repair = session.get(Repair, repair_id)
        repair.target_at = filled.shell.context.now() + timedelta(days=1)

    filled.shell.context.write("Promise", work)
    return open_step(filled, repair_id)


def open_step(filled, repair_id):
    filled.tab.change(repair_id, "visits")
    filled.settle()
    step = filled.tab.interview.steps["visits"]
    for slot_id in list(step.chosen):
        step._toggle(slot_id)
        filled.settle()
    step.show_view(filled.view(repair_id), fresh=True)
    filled.settle()
    return step


def late_ones(step):
    return [slot_id for slot_id in step.buttons if step._late(slot_id)]


def test_later_days_wait_behind_a_word_and_are_only_for_those_who_agree(filled, due_soon):
    step = due_soon
    assert late_ones(step)
    assert not step.late_box.isVisible()
    step.more.setFocus()
    filled.press(Qt.Key.Key_Space)
    assert step.late_box.isVisible()
    assert "only if they agree" in step.late_head.text()
    assert QApplication.focusWidget() is step.buttons[late_ones(step)[0]]
    filled.press(Qt.Key.Key_Space)
    assert step.agreed.isVisible()
    assert filled.view().visit is None, "it is no wish before they agree"
    filled.tab.interview.go_on.click()
    filled.settle()
    assert filled.tab.interview.page_id == "visits"
    assert step.error.isVisible()
    assert QApplication.focusWidget() is step.agreed
    filled.press(Qt.Key.Key_Space)
    visit = filled.view().visit
    assert visit.asking == late_ones(step)[0]
    assert visit.latest_on == visit.slot.day
    filled.press(ENTER)
    assert filled.tab.pages.currentWidget() is filled.tab.promise


def test_taking_the_agreement_back_takes_the_later_days_back(filled, due_soon):
    step, told = due_soon, []
    filled.shell.told.connect(told.append)
    inside = next(i for i in step.buttons if not step._late(i))
    step._toggle(inside)
    step._toggle(late_ones(step)[0])
    filled.settle()
    assert [c.id for c in filled.view().visit.choices] == [inside]
    step.agreed.setChecked(True)
    filled.settle()
    assert [c.id for c in filled.view().visit.choices] == [inside, late_ones(step)[0]]
    step.agreed.setChecked(False)
    filled.settle()
    assert step.chosen == [inside]
    assert [c.id for c in filled.view().visit.choices] == [inside]
    assert told == [], "a later day was never asked for without them"


def test_with_nothing_left_in_time_the_later_days_show_at_once(filled):
    repair_id = filled.by_reference(SHOWN)

    def work(session):
        session.get(Repair, repair_id).target_at = filled.shell.context.now()

    filled.shell.context.write("Promise", work)
    step = open_step(filled, repair_id)
    assert step.late_box.isVisible()
    assert not step.more.isVisible()
    assert not step.inside.isVisible()


def test_the_first_places_have_number_keys_and_wishes_keep_their_order(filled):
    step = open_step(filled, filled.by_reference(SHOWN))
    ids = list(step.buttons)
    filled.press(Qt.Key.Key_4, Qt.Key.Key_2, Qt.Key.Key_9)
    assert step.chosen == [ids[3], ids[1], ids[8]]
    assert [c.id for c in filled.view().visit.choices] == step.chosen
    assert filled.view().visit.asking == ids[3]
    assert step.buttons[ids[3]].accessibleName().endswith("first wish")


def test_an_old_list_makes_wishes_only(filled):
    past = filled.shell.context.now() - timedelta(hours=1)

    def work(session):
        for slot in session.scalars(select(Slot)):
            slot.expires_at = past

    filled.shell.context.write("Old", work)
    step = open_step(filled, filled.by_reference(SHOWN))
    assert "wishes only" in step.seen.text()


def test_windows_of_any_name_stand_side_by_side(filled):
    step = open_step(filled, filled.by_reference(SHOWN))
    day = min(slot.day for slot in step._slots.values())

    def work(session):
        for starts, label in ((600, "Late morning, 10 to 14"), (1_020, "Evening, 17 to 20")):
            seen = filled.shell.context.now()
            session.add(Slot(day=day, starts=starts, ends=starts + 240, label=label, places=1, seen_at=seen))

    filled.shell.context.write("More", work)
    step = open_step(filled, filled.by_reference(SHOWN))
    places = [
        step.inside.cells.getItemPosition(step.inside.cells.indexOf(button))[:2]
        for button in step.buttons.values()
        if step.inside.cells.indexOf(button) >= 0
    ]
    assert len(places) == len(set(places)), "two buttons never share a place"
    assert sum(row == 0 for row, _ in places) == 5


def test_a_booked_visit_says_what_choosing_others_does(filled):
    repair_id = filled.shell.context.read(
        lambda s: s.scalar(select(Repair.id).where(Repair.state == "scheduled").order_by(Repair.id))
    )
    filled.tab.change(repair_id, "visits")
    filled.settle()
    step = filled.tab.interview.steps["visits"]
    assert filled.view().visit.state is VisitState.CONFIRMED
    assert "gives that place back" in step.booked.text()
    assert step.booked.isVisible()


@pytest.mark.parametrize("factor", [1.0, 2.0])
def test_later_days_have_names_and_keys_and_no_word_is_cut(filled, due_soon, factor):
    theme().install("light", factor)
    filled.tab.set_compact(factor == 2.0)
    filled.tab.resize(1240, 590)
    due_soon.more.click()
    due_soon._toggle(late_ones(due_soon)[0])
    filled.tab.interview.go_on.click()
    filled.settle()
    assert audit.problems(filled.tab) + audit.cut_off(filled.tab) == []
