"""A case that is opened by itself, its looks, findings and letter, by keyboard."""

from PySide6.QtWidgets import QApplication

from models.repairs import HazardReport, Trigger
from tests.ui.repairs.cases.keys import CTRL, ENTER, act, case, current, go, pick

# -- a look ----------------------------------------------------------------------------------------


def new_case(driver, trigger=1):
    """Opens a case of damp by keyboard."""
    driver.section.begin()
    driver.settle()
    pick(driver, trigger)
    driver.press(ENTER, ENTER)
    form = driver.section.new_form
    form.told.setFocus()
    driver.type("Mould behind the wardrobe")
    go(driver)
    for edit, words in (
        (form.address, "14 Tannery Row, Averwick"),
        (form.postcode, "av32qt"),
        (form.tenant, "Ffion"),
    ):
        edit.setText(words)
    go(driver)
    return driver.section.case_id


def test_a_case_is_opened_by_itself_and_its_first_act_is_the_look(bare):
    new_case(bare)
    seen = case(bare)
    assert seen.report.trigger is Trigger.STAFF_REPORT
    assert seen.report.postcode == "AV3 2QT"
    assert bare.section.page.figure.text() == "Tuesday 5 January 2027"
    assert bare.section.page.first.label() == "Plan the look"
    assert bare.section.page.first.hasFocus()


def test_a_refused_case_keeps_what_was_typed(bare):
    bare.section.begin()
    pick(bare, 1)
    bare.press(ENTER, ENTER)
    form = bare.section.new_form
    form.told.set_text("Mould")
    go(bare)
    form.address.setText("14 Tannery Row")
    form.postcode.setText("nonsense")
    go(bare)
    assert "not a postcode" in form.errors.accessibleName()
    assert form.address.text() == "14 Tannery Row"
    assert bare.shell.context.read(lambda s: s.query(HazardReport).count()) == 0


def test_a_look_is_planned_concluded_and_told(bare):
    new_case(bare)
    bare.press(ENTER, modifier=CTRL)
    form = bare.section.forms["plan"]
    assert current(bare) is form
    form.who.setText("Huw Bassett")
    go(bare)
    assert bare.section.page.first.label() == "What the look found"
    bare.press(ENTER, modifier=CTRL)
    look = bare.section.forms["conclude"]
    assert look.who.text() == "Huw Bassett"
    go(bare)
    pick(bare, 1)
    bare.press(ENTER, ENTER)
    look.safety.setFocus()
    bare.type("Wash the wall")
    go(bare)
    look.lasting.setFocus()
    bare.type("Fit a fan")
    go(bare)
    assert "the tenant is told this day" in look.lasting_by_field.problem
    for box, word in zip(look.lasting_by.boxes, ("20", "1", "2027"), strict=True):
        box.setText(word)
    go(bare)
    go(bare)
    seen = case(bare)
    assert seen.ended[0].investigator_name == "Huw Bassett"
    assert [one.words for one in seen.records.works] == ["Wash the wall", "Fit a fan"]
    assert bare.section.page.first.label() == "Send the findings"
    bare.press(ENTER, modifier=CTRL)
    findings = bare.section.findings
    assert current(bare) is findings
    assert "Fit a fan: by Wednesday 20 January 2027" in findings.letter.text.text()
    findings.copy.click()
    assert "We found a hazard" in QApplication.clipboard().text()
    go(bare)
    pick(bare, 2)
    go(bare)
    seen = case(bare)
    assert seen.ended[0].summary_sent_at is not None
    assert seen.duty("AW-SUM", seen.ended[0].id).state.value == "met"


def test_the_letter_can_be_seen_on_paper_before_it_goes(bare, qtbot):
    test_a_look_is_planned_concluded_and_told(bare)
    from app.repairs.cases import acts
    from app.repairs.cases.acts import Conclusion

    context = bare.shell.context
    what = Conclusion(concluded_at=context.now(), confirmed=False, notes="Dry now.")
    context.write("Look", lambda s: acts.conclude(s, bare.section.case_id, None, what))
    act(bare, "findings")
    with qtbot.waitSignal(bare.shell.preview_asked) as asked:
        bare.section.findings.paper.click()
    assert asked.args[0].name == "hazard-summary"
    assert set(asked.args[1]) == {"case", "look"}


def test_findings_that_lack_something_are_not_sent(bare):
    new_case(bare)
    act(bare, "conclude")
    look = bare.section.forms["conclude"]
    go(bare)
    pick(bare, 1)
    bare.press(ENTER, ENTER)
    look.safety.set_text("Wash the wall")
    go(bare)
    go(bare)
    go(bare)
    act(bare, "work")
    form = bare.section.forms["work"]
    form.which.set_value("add")
    go(bare)
    pick(bare, 2)
    bare.press(ENTER)
    form.words.set_text("Fit a fan")
    go(bare)
    go(bare)
    act(bare, "findings")
    findings = bare.section.findings
    assert findings.lacks.isVisible()
    assert "the date for “Fit a fan”" in findings.lacks.text.text()
    assert not findings.letter.isVisible()
    go(bare)
    assert findings.errors.isVisible()
    assert findings.at == 0


def test_an_emergency_without_work_is_not_taken(bare):
    new_case(bare)
    act(bare, "conclude")
    look = bare.section.forms["conclude"]
    go(bare)
    pick(bare, 2)
    bare.press(ENTER, ENTER)
    go(bare)
    assert "within 24 hours" in look.safety_field.problem


def test_a_second_hazard_has_boxes_of_its_own(bare):
    new_case(bare)
    act(bare, "conclude")
    look = bare.section.forms["conclude"]
    go(bare)
    pick(bare, 1)
    bare.press(ENTER)
    look.more.click()
    bare.settle()
    assert look.hazards[1].isVisible()
    look.hazards[1].hazard.setCurrentIndex(look.hazards[1].hazard.findData("excess_cold"))
    go(bare)
    look.safety.set_text("Heaters tonight")
    go(bare)
    go(bare)
    go(bare)
    seen = case(bare)
    assert {one.hazard for one in seen.hazards_of(seen.ended[0])} == {"damp_mould", "excess_cold"}


def test_a_tenant_may_ask_for_a_look_in_person_afterwards(cases):
    act(cases, "plan")
    pick(cases, 2)
    cases.press(ENTER)
    go(cases)
    assert case(cases).planned[-1].asked_at == cases.shell.context.now()
