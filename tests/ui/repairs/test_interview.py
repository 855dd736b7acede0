"""The interview by keyboard alone: numbers answer, Enter goes on, Esc goes back, nothing is lost."""

import io

from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from models.repairs import Disclosure, Outcome, State, VisitState

NEW = Qt.Key.Key_N
ENTER = Qt.Key.Key_Return
ESC = Qt.Key.Key_Escape
CTRL = Qt.KeyboardModifier.ControlModifier


def begin(page):
    page.press(NEW)
    return page.tab.interview


def to_address(page, risk="", answer="nobody"):
    """Nobody in danger, who lives there, a council tenant: the address page."""
    interview = begin(page)
    page.answer(9)
    household = interview.steps["household"]
    boxes = [household.risks[risk], household.consent] if risk else [getattr(household, answer)]
    for box in boxes:
        box.setFocus()
        page.press(Qt.Key.Key_Space)
    page.press(ENTER)
    page.answer(1)
    return interview


def to_words(page, risk="under5"):
    """The page of their words, for 14 Tannery Row."""
    interview = to_address(page, risk)
    page.type("14 tan")
    page.press(ENTER, ENTER)
    assert interview.page_id == "description"
    return interview


def to_tree(page, words=""):
    """The first question of the tree, for 14 Tannery Row with a child under 5."""
    interview = to_words(page)
    page.type(words)
    page.press(ENTER, modifier=CTRL)
    return interview


def test_a_whole_repair_is_taken_by_keyboard_alone(filled):
    interview = to_tree(filled, "Black mould beside the window.")
    filled.answer(1, 1, 1, 2, 2)
    assert interview.page_id == "photos"
    filled.press(ENTER)
    assert interview.page_id == "visits"
    filled.press(Qt.Key.Key_Space)
    interview.go_on.setFocus()
    filled.press(ENTER)
    promise = filled.tab.promise
    assert filled.tab.pages.currentWidget() is promise
    assert promise.figure.text() == "Tuesday 5 January 2027"
    repair_id = promise.view.id
    filled.press(ENTER, modifier=CTRL)
    saved = filled.view(repair_id)
    assert saved.state is State.READY
    assert saved.description == "Black mould beside the window."
    assert saved.risks == ("under5",)
    assert saved.visit.state is VisitState.REQUESTED
    assert filled.tab.pages.currentWidget() is filled.tab.list_page


def test_every_answer_is_in_the_store_before_the_interview_ends(filled):
    interview = to_tree(filled)
    filled.answer(1, 1)
    filled.press(Qt.Key.Key_1)
    filled.qtbot.waitUntil(lambda: filled.view().answers.get("damp-where") == "outside-wall", timeout=2_000)
    assert interview.page_id == "damp-where"
    assert filled.view().tenant == "Ffion Wŷn-Harte"


def test_saved_for_later_it_comes_back_at_the_open_question(filled):
    interview = to_tree(filled)
    filled.answer(1, 1, 1)
    repair_id = interview.view.id
    interview.later.click()
    filled.settle()
    assert filled.tab.pages.currentWidget() is filled.tab.list_page
    filled.tab.open_repair(repair_id)
    assert interview.page_id == "damp-since"
    assert interview.view.answers["damp-where"] == "outside-wall"


def test_escape_goes_back_page_by_page_and_loses_no_answer(filled):
    interview = to_tree(filled)
    filled.answer(1, 1, 1)
    before = dict(interview.view.answers)
    for expected in (
        "damp-where",
        "kitchen",
        "room",
        "description",
        "address",
        "kind",
        "household",
        "danger",
    ):
        filled.press(ESC)
        assert interview.page_id == expected
    assert interview.view.answers == before
    assert interview.answers.value() == "none"


def test_the_trail_and_change_lead_to_a_page_and_on_to_the_first_open_one(filled):
    interview = to_tree(filled)
    filled.answer(1, 1, 1)
    interview.go_to("room")
    filled.settle()
    filled.answer(2)
    assert interview.page_id == "bathroom"
    filled.answer(1)
    assert interview.page_id == "damp-since"
    assert interview.view.answers["damp-where"] == "outside-wall"


def test_enter_without_an_answer_says_what_to_do(page):
    interview = begin(page)
    page.press(ENTER)
    assert interview.page_id == "danger"
    assert "Choose an answer first" in interview.left_words.text()


def test_a_new_repair_left_before_any_answer_leaves_nothing_behind(page):
    begin(page)
    page.press(ESC)
    assert page.tab.list_page.pages.currentWidget() is page.tab.list_page.empty


def test_an_emergency_shows_the_number_and_records_who_gave_it(page):
    interview = begin(page)
    page.press(Qt.Key.Key_1)
    assert interview.view.emergency is None, "choosing alone records nothing"
    page.press(ENTER)
    assert interview.exit_page.number.text() == "0800 111 999"
    assert page.view().emergency.outcome is None
    page.press(ENTER)
    kept = page.view().emergency
    assert (kept.outcome, kept.given_by, kept.number) == (Outcome.GIVEN, "Tomos Aldgate", "0800 111 999")
    assert "The number was given today at 14:21 by Tomos Aldgate." in interview.exit_page.recorded.text.text()
    page.press(ENTER)
    assert page.tab.pages.currentWidget() is page.tab.list_page


def test_an_emergency_of_our_own_names_the_council_s_line(page):
    interview = begin(page)
    page.answer(5)
    number = page.shell.context.council.repairs_telephone
    assert interview.exit_page.number.text() == number
    page.press(ENTER)
    assert page.view().emergency.number == number


def test_no_emergency_after_all_asks_again_and_the_record_stays(page):
    interview = begin(page)
    page.answer(3)
    page.press(ESC)
    assert interview.page_id == "danger"
    assert interview.answers.value() is None
    assert page.view().state is State.DRAFT
    page.answer(9)
    assert interview.page_id == "household"


def test_the_emergency_line_is_on_top_of_the_list_and_of_every_question(page):
    assert page.tab.banner.isVisible()
    begin(page)
    page.answer(9)
    assert page.tab.banner.isVisible()
    assert "0800 111 999" in page.tab.banner.text.text()


def test_an_address_that_is_not_complete_says_so_above_and_at_its_field(page):
    interview = to_address(page)
    step = interview.steps["address"]
    step.fields["address"].editor.setFocus()
    page.type("14 Tannery Row")
    step.fields["postcode"].editor.setFocus()
    page.type("AV3 QT")
    page.press(ENTER)
    assert interview.page_id == "address"
    assert step.errors.isVisible()
    assert step.fields["postcode"].error.text() == "Write it like AV3 2QT"
    assert page.view().postcode == "AV3 QT", "what was typed is kept"
    step.fields["postcode"].editor.clear()
    step.fields["postcode"].editor.setFocus()
    page.type("av32qt")
    step.fields["tenant_name"].editor.setFocus()
    page.type("Sian Ellis")
    page.press(ENTER)
    assert interview.page_id == "description"
    assert page.view().postcode == "AV3 2QT"


def test_nobody_not_said_and_somebody_are_three_answers(page):
    interview = begin(page)
    page.answer(9)
    household = interview.steps["household"]
    page.press(ENTER)
    assert household.errors.isVisible(), "one of the three has to be said"
    household.risks["baby"].setChecked(True)
    household.withheld.setChecked(True)
    assert not household.risks["baby"].isChecked()
    household.nobody.setChecked(True)
    assert not household.withheld.isChecked()
    household.withheld.setChecked(True)
    page.press(ENTER)
    assert page.view().disclosure is Disclosure.WITHHELD
    assert page.view().at_risk


def test_the_day_until_which_it_is_kept_is_said_where_they_agree(page):
    interview = begin(page)
    page.answer(9)
    consent = interview.steps["household"].consent
    assert consent.text() == "They agree that we keep this until 17 December 2027"


def test_what_they_agreed_to_is_kept_for_the_home_once_it_is_known(filled):
    interview = to_tree(filled)
    kept = filled.view()
    assert kept.kept_risks == ("under5",)
    assert str(kept.kept_until) == "2027-12-17"
    assert interview.page_id == "room"


def test_what_an_earlier_call_was_told_is_offered_with_the_address(filled):
    interview = to_address(filled, answer="withheld")
    assert not interview.kept.isVisible(), "the home is not known yet"
    filled.type("14 tan")
    filled.press(ENTER)
    assert interview.kept.isVisible()
    assert interview.kept.text.text() == "Two adults, one child aged 3. Kept until 17 December 2027."
    interview.kept.still_so.setFocus()
    filled.press(Qt.Key.Key_Space)
    assert not interview.kept.isVisible()
    seen = filled.view()
    assert (seen.disclosure, seen.risks) == (Disclosure.TOLD, ("under5",))


def test_what_is_not_so_any_more_is_not_kept_and_undo_brings_it_back(filled):
    interview = to_address(filled)
    filled.type("14 tan")
    filled.press(ENTER)
    interview.kept.ended.setFocus()
    filled.press(Qt.Key.Key_Space)
    assert not interview.kept.isVisible()
    assert filled.view().kept_risks == ()
    assert not filled.view().at_risk
    filled.shell.context.undo()
    assert filled.view().kept_risks == ("under5",)


def test_past_repairs_at_the_address_are_noticed(filled):
    interview = to_tree(filled)
    assert interview.past.isVisible()
    assert "here in the last year" in interview.past.text.text()


def test_a_photo_comes_in_without_its_place(filled, tmp_path):
    interview = to_tree(filled)
    filled.answer(1, 1, 1, 2, 2)
    exif = Image.Exif()
    exif.get_ifd(0x8825)[1] = "N"
    out = io.BytesIO()
    Image.new("RGB", (50, 40), "tan").save(out, "JPEG", exif=exif)
    (tmp_path / "by the window.jpg").write_bytes(out.getvalue())
    (tmp_path / "not a photo.jpg").write_bytes(b"%PDF-1.7")
    asked = [str(tmp_path / "by the window.jpg"), str(tmp_path / "not a photo.jpg")]
    filled.shell.choose_many = lambda title, filters: [asked.pop(0)]
    filled.press(Qt.Key.Key_A)
    filled.qtbot.waitUntil(lambda: bool(filled.view().photos), timeout=5_000)
    assert [p.caption for p in filled.view().photos] == ["by the window"]
    with filled.qtbot.waitSignal(filled.shell.told, timeout=5_000) as told:
        filled.press(Qt.Key.Key_A)
    assert "is not a photo" in told.args[0].title
    assert len(filled.view().photos) == 1
    assert interview.page_id == "photos"


def test_visits_are_ranked_in_the_order_of_choosing_and_at_most_three(filled):
    interview = to_tree(filled)
    filled.answer(1, 1, 1, 2, 2)
    filled.press(ENTER)
    step = interview.steps["visits"]
    buttons = list(step.buttons.items())
    for _, button in buttons[:4]:
        button.click()
        filled.settle()
    wanted = [slot_id for slot_id, _ in (*buttons[:2], buttons[3])]
    assert step.chosen == wanted
    assert [c.id for c in filled.view().visit.choices] == wanted
    assert buttons[0][1].accessibleName().endswith("first wish")
    buttons[0][1].click()
    filled.settle()
    assert [c.id for c in filled.view().visit.choices] == wanted[1:]
    for _, button in (buttons[1], buttons[3]):
        button.click()
        filled.settle()
    assert filled.view().visit is None


def to_description(page):
    interview = to_words(page)
    page.type("As they said it.")
    interview.flush()
    page.settle()
    return interview


def test_text_that_is_too_long_is_told_in_a_sentence_and_what_was_kept_stays(filled):
    interview = to_description(filled)
    with filled.qtbot.waitSignal(filled.shell.told, timeout=5_000) as told:
        interview.steps["description"].words.setPlainText("x" * 4_001)
        interview.flush()
    assert "4,001 characters" in told.args[0].title
    filled.settle()
    assert filled.view().description == "As they said it."


def test_a_paste_of_a_million_characters_is_refused_before_it_is_laid_out(filled):
    interview = to_description(filled)
    QApplication.clipboard().setText("x" * 1_000_000)
    interview.steps["description"].words.paste()
    assert "1,000,000 characters" in interview.steps["description"].field.error.text()
    assert interview.steps["description"].words.text() == "As they said it."


def test_undo_of_the_new_repair_leads_back_to_the_list(page):
    begin(page)
    _, changed = page.shell.context.undo()
    page.shell.changed.emit(changed)
    assert page.tab.pages.currentWidget() is page.tab.list_page


def test_every_number_key_chooses_its_answer_and_moves_the_focus_there(page):
    interview = begin(page)
    for number in range(1, 10):
        page.press(Qt.Key.Key_0 + number)
        assert interview.answers.rows[number - 1].isChecked()
        assert QApplication.focusWidget() is interview.answers.rows[number - 1]
