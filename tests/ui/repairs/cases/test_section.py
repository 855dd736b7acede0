"""The section of hazard cases by keyboard: the list, the case, one decision at a time."""

import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from models.repairs import Method, ReportState, WorkKind
from tests.ui import audit
from tests.ui.repairs.cases.keys import ALT, CTRL, ENTER, ESC, act, case, current, go, pick
from ui.theme import theme

# -- list and page ---------------------------------------------------------------------------------


def test_an_empty_section_says_what_it_is_for_and_how_to_begin(bare):
    section = bare.section
    assert section.none.isVisible()
    assert "promise page of a repair" in section.none.text.text()
    bare.press(ENTER)
    assert current(bare) is section.new_form


def test_the_section_is_reached_by_its_key_and_counts_what_is_due(filled):
    filled.press(Qt.Key.Key_2, modifier=ALT)
    assert filled.tab.section == "cases"
    link = filled.tab.built["cases"].head.bar.links["cases"]
    assert link.waiting == 1
    assert "1 hazard case due" in filled.tab.needs_me()


def test_the_list_opens_on_the_case_due_first(cases):
    listed = cases.section.list_card.list
    assert [listed.entry(n).text for n in (0, 2)] == ["Due within two working days", "Closed"]
    assert listed.value() == listed.entry(1).id
    assert listed.entry(1).detail == "Due Monday: Make it safe"


def test_a_case_shows_the_date_of_what_comes_next_first_and_biggest(cases):
    page = cases.section.page
    assert page.figure.text() == "Monday 21 December 2026"
    assert page.next.text() == "Make it safe"
    assert page.lead.text() == "Next, by the end of"
    cases.press(ENTER)
    assert page.first.hasFocus()
    assert page.reason.isHidden()
    page.why.click()
    cases.settle()
    assert page.reason.isVisible()
    assert "5 working days from the end of the look" in page.counted.text()
    assert "SI 2025/1042" in page.source.text()


def test_a_late_case_says_so_in_words(cases):
    from datetime import timedelta

    context = cases.shell.context
    later = context.now() + timedelta(days=9)
    context.clock = lambda: later
    cases.tab.refresh(None)
    cases.settle()
    page = cases.section.page
    assert page.lead.text() == "Was due, by the end of"
    assert cases.section.list_card.list.entry(0).text == "Late"
    assert "days late: Make it safe" in cases.section.list_card.list.entry(1).detail


def test_escape_and_enter_walk_the_acts_of_a_case(cases):
    cases.press(ENTER, Qt.Key.Key_M)
    assert current(cases) is cases.section.more
    assert cases.section.more.what.value() == "work"
    cases.press(ESC)
    assert current(cases) is cases.section.page
    cases.press(Qt.Key.Key_A)
    assert current(cases) is cases.section.forms["attempt"]


def test_the_evidence_pack_is_asked_for_by_its_button(cases, qtbot):
    with qtbot.waitSignal(cases.shell.preview_asked) as asked:
        cases.section.paper.click()
    report, options = asked.args
    assert report.name == "hazard-evidence"
    assert options == {"case": cases.section.case_id}


# -- acts ------------------------------------------------------------------------------------------


def test_done_work_makes_the_case_safe_by_three_keys(cases):
    cases.press(ENTER)
    cases.press(ENTER, modifier=CTRL)  # what comes next: the work
    form = cases.section.forms["work"]
    assert current(cases) is form
    assert form.which.value() == case(cases).works(WorkKind.SAFETY)[0].id
    cases.press(ENTER)
    pick(cases, 1)
    cases.press(ENTER, ENTER)
    assert case(cases).state is ReportState.MADE_SAFE
    assert current(cases) is cases.section.page


def test_lasting_work_can_be_ordered_and_given_a_day(cases):
    act(cases, "work")
    pick(cases, 2)
    cases.press(ENTER)
    pick(cases, 3)
    go(cases)
    go(cases)
    work = case(cases).works(WorkKind.SUPPLEMENTARY)[0]
    assert work.steps_at == cases.shell.context.now()
    act(cases, "work")
    pick(cases, 2)
    cases.press(ENTER)
    pick(cases, 3)
    go(cases)
    form = cases.section.forms["work"]
    assert form.at == 6
    go(cases)
    assert form.errors.isVisible()
    for box, word in zip(form.day.boxes, ("14", "1", "2027"), strict=True):
        box.setText(word)
    go(cases)
    assert str(case(cases).works(WorkKind.SUPPLEMENTARY)[0].planned_on) == "2027-01-14"


def test_an_attempt_to_get_in_is_written_down(cases):
    before = len(case(cases).records.attempts)
    cases.press(ENTER, Qt.Key.Key_A)
    pick(cases, 4)
    cases.press(ENTER)
    cases.section.forms["attempt"].words.setFocus()
    cases.type("No plasterer before Monday")
    go(cases)
    made = case(cases).records.attempts
    assert len(made) == before + 1
    assert made[-1].outcome == "specialist"
    assert made[-1].words == "No plasterer before Monday"


def test_a_word_to_the_tenant_is_kept(cases):
    cases.press(ENTER, Qt.Key.Key_T)
    pick(cases, 2)
    cases.press(ENTER)
    cases.type("Keep the wardrobe away from the wall.")
    go(cases)
    pick(cases, 3)
    go(cases)
    notice = case(cases).records.notices[-1]
    assert (notice.method, notice.words) == (Method.SMS, "Keep the wardrobe away from the wall.")


def test_a_delay_is_explained_and_moves_no_date(cases):
    due = case(cases).next.duty.duty.due_at
    act(cases, "delay")
    pick(cases, 1)
    cases.press(ENTER)
    cases.type("The plasterer is ill.")
    go(cases)
    pick(cases, 2)
    go(cases)
    after = case(cases).next.duty
    assert after.delay_reason == "The plasterer is ill."
    assert after.duty.due_at == due


def test_somewhere_else_to_stay_is_offered_and_answered(cases):
    act(cases, "elsewhere")
    cases.type("Flat 2, Castle Court, from tonight")
    go(cases)
    assert case(cases).offers[-1].accepted is None
    act(cases, "elsewhere")
    pick(cases, 2)
    cases.press(ENTER)
    assert case(cases).offers[-1].accepted is False


def test_compensation_asks_for_its_sum(cases):
    act(cases, "further")
    pick(cases, 2)
    cases.press(ENTER)
    form = cases.section.forms["further"]
    go(cases)
    assert "1 thing" in form.errors.title.text() or "2 things" in form.errors.title.text()
    form.sum.setText("150.00")
    form.words.set_text("Three weeks of damp")
    go(cases)
    assert case(cases).records.escalations[-1].compensation_pence == 150_00
    act(cases, "further")
    pick(cases, 1)
    cases.press(ENTER)
    pick(cases, 2)
    form.did.set_text("Paid")
    go(cases)
    assert case(cases).records.escalations[-1].resolved_on is not None


def test_closing_asks_a_reason_for_each_duty_that_is_open(cases):
    act(cases, "close")
    form = cases.section.forms["close"]
    assert len(form.fields) == len(case(cases).to_close) > 1
    go(cases)
    assert form.errors.isVisible()
    for _place, area in form.fields.values():
        area.set_text("The home is empty since today.")
    go(cases)
    cases.type("The tenant moved out.")
    go(cases)
    assert case(cases).state is ReportState.CLOSED
    assert cases.section.page.figure.text() == "17 December 2026"
    assert "The tenant moved out." in cases.section.page.next.text()


def test_a_closed_case_is_opened_again_with_a_reason(cases):
    closed = list(cases.section.cards)[-1]
    cases.section.open(closed)
    cases.settle()
    cases.press(ENTER, modifier=CTRL)
    assert current(cases) is cases.section.deck.words
    go(cases)
    assert "Say why" in cases.section.deck.words.field.problem
    cases.type("It smells burnt again")
    go(cases)
    assert case(cases).state is not ReportState.CLOSED


def test_undo_takes_an_act_back_and_the_page_shows_it(cases):
    cases.press(ENTER)
    cases.press(ENTER, modifier=CTRL)
    cases.press(ENTER)
    pick(cases, 1)
    cases.press(ENTER, ENTER)
    assert case(cases).state is ReportState.MADE_SAFE
    _label, changed = cases.shell.context.undo()
    cases.shell.changed.emit(changed)
    cases.settle()
    assert cases.section.page.figure.text() == "Monday 21 December 2026"
    assert cases.section.page.next.text() == "Make it safe"


def test_a_photo_joins_the_evidence_of_a_case(cases, tmp_path):
    path = tmp_path / "wall.jpg"
    Image.new("RGB", (320, 200), "olive").save(path)
    cases.shell.choose_open = lambda *_given: str(path)
    act(cases, "photo")
    cases.settle()
    assert len(case(cases).photos) == 1
    path.write_bytes(b"%PDF-1.7")
    act(cases, "photo")
    cases.settle()
    assert cases.section.notice.isVisible()
    assert len(case(cases).photos) == 1


# -- from a repair ---------------------------------------------------------------------------------


def test_the_promise_of_a_repair_with_a_hazard_leads_to_its_case(filled, qtbot):
    shown = filled.by_reference("AV-20417")
    filled.tab.triage.open_repair(shown)
    filled.settle()
    promise = filled.tab.triage.promise
    assert not promise.case.isVisible()  # it is not saved yet
    promise.save.click()
    filled.settle()
    filled.tab.triage.open_repair(shown)
    filled.settle()
    assert promise.case.isVisible()
    with qtbot.waitSignal(filled.shell.open_asked) as asked:
        promise.case.button.click()
    type_name, case_id, _field = asked.args
    assert type_name == "repairs_hazard_report"
    assert filled.tab.open_record(type_name, case_id)
    filled.settle()
    section = filled.tab.built["cases"]
    assert section.page.view.repair_reference == "AV-20417"
    assert len(section.page.view.photos) == 3
    assert section.record() == ("repairs_hazard_report", case_id)


def test_an_emergency_leads_to_its_case_once_it_is_recorded(page):
    page.press(ENTER)
    page.answer(3)
    exit_page = page.tab.triage.interview.exit_page
    assert not exit_page.case.isVisible()
    exit_page.given.click()
    page.settle()
    assert exit_page.case.isVisible()


def test_a_repair_without_a_hazard_offers_no_case(filled):
    from sqlalchemy import select

    from models.repairs import Repair, State

    plain = filled.shell.context.read(
        lambda s: s.scalar(select(Repair.id).where(Repair.title.like("%fence%"), Repair.state == State.READY))
    )
    filled.tab.triage.open_repair(plain)
    filled.settle()
    assert not filled.tab.triage.promise.case.isVisible()


# -- for everybody ---------------------------------------------------------------------------------


@pytest.mark.parametrize("factor", [1.0, 2.0])
def test_every_part_of_the_section_is_named_reached_and_whole(cases, qtbot, factor):
    theme().set_factor(factor)
    tab, section = cases.tab, cases.section
    tab.resize(1232, 616)
    tab.set_compact(factor > 1)
    cases.settle()
    for key in ("list", "page", "more", *section.forms):
        if key == "page":
            section.open(next(iter(section.cards)))
        elif key != "list":
            section.act(key)
        cases.settle()
        assert audit.problems(tab) == [], key
        assert audit.cut_off(tab) == [], key
        section.back()


def test_one_column_leads_from_the_list_to_the_case_and_back(cases):
    theme().set_factor(2.0)
    cases.tab.set_compact(True)
    cases.settle()
    section = cases.section
    assert section.list_card.isVisible()
    assert not section.deck.isVisible()
    section.list_card.list.setFocus()
    cases.press(ENTER)
    assert section.deck.isVisible()
    assert not section.list_card.isVisible()
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_L)
    cases.settle()
    assert section.list_card.isVisible()
