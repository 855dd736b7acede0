"""The page of their words: danger first, the likeliest repairs by number, nothing passed over in silence."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from app.repairs import service
from models.repairs import State
from tests.ui import audit
from tests.ui.repairs.test_interview import CTRL, ENTER, ESC, to_words
from tests.ui.repairs.test_tab import open_shown
from ui.theme import theme

TAB = Qt.Key.Key_Tab
GAS = "I can smell gass in the hall"
TAP = "the kitchen tap drips all night"


@pytest.fixture
def step(filled):
    """The page of their words for a home with a child under 5, and the driver in front of it."""
    interview = to_words(filled)
    return interview.steps["description"]


def say(page, step, words):
    """Types words and waits until they were read."""
    page.type(words)
    page.qtbot.waitUntil(lambda: step.heard is not None and not step.timer.isActive(), timeout=5_000)
    page.settle()


def test_the_likeliest_repairs_show_while_they_speak_each_with_the_words_that_decided(filled, step):
    assert not step.answers.isVisible(), "nothing was said yet"
    say(filled, step, TAP)
    rows = [row.answer for row in step.answers.rows]
    assert rows[0].key == "tap-drip"
    assert "“tap”" in rows[0].hint
    assert "“drips”" in rows[0].hint
    assert len(rows) <= 6
    assert rows[-1].text == "None of these"


def test_tab_and_a_number_choose_a_repair_and_enter_goes_on_to_what_is_still_open(filled, step):
    interview = filled.tab.interview
    say(filled, step, TAP)
    filled.press(TAB, Qt.Key.Key_1, ENTER)
    seen = filled.view()
    assert seen.answers["kitchen"] == "tap"
    assert seen.code == "AV2203"
    assert interview.page_id == "photos"
    filled.press(ESC)
    assert interview.page_id == "tap"
    interview.go_to("description")
    filled.settle()
    filled.qtbot.waitUntil(lambda: bool(step.answers.rows), timeout=5_000)
    assert step.answers.value() == "tap-drip", "what was chosen is still chosen"


def test_none_of_these_and_nothing_chosen_ask_the_questions(filled, step):
    interview = filled.tab.interview
    say(filled, step, TAP)
    filled.press(ENTER, modifier=CTRL)
    assert interview.page_id == "room"
    assert filled.view().description == TAP
    filled.press(ESC)
    filled.qtbot.waitUntil(lambda: bool(step.answers.rows), timeout=5_000)
    last = len(step.answers.rows)
    filled.press(TAB, Qt.Key.Key_0 + last, ENTER)
    assert interview.page_id == "room"


def test_numbers_are_text_while_the_words_are_typed(filled, step):
    say(filled, step, "flat 3 tap drips")
    assert step.words.text() == "flat 3 tap drips"
    assert step.answers.value() is None


def test_a_danger_shows_at_once_and_leads_to_its_number(filled, step):
    interview = filled.tab.interview
    say(filled, step, GAS)
    (card,) = step.cards.cards
    assert card.title.text() == "This is an emergency: they smell gas, or gas escapes"
    assert card.isVisible()
    card.record.click()
    filled.settle()
    assert interview.page_id == "exit"
    assert interview.exit_page.number.text() == "0800 111 999"
    assert filled.view().state is State.EMERGENCY_DIVERTED


def test_no_emergency_after_all_comes_back_to_their_words(filled, step):
    interview = filled.tab.interview
    say(filled, step, GAS)
    step.cards.cards[0].record.click()
    filled.settle()
    filled.press(ESC)
    assert interview.page_id == "description"
    assert filled.view().state is State.DRAFT
    assert step.words.text() == GAS
    filled.press(ENTER, modifier=CTRL)
    assert interview.page_id == "room", "recorded and taken back is an answer"


def test_continue_does_not_pass_over_a_danger(filled, step):
    interview = filled.tab.interview
    say(filled, step, GAS)
    filled.press(ENTER, modifier=CTRL)
    assert interview.page_id == "description"
    assert step.errors.isVisible()
    card = step.cards.cards[0]
    card.none.click()
    assert card.why.hasFocus()
    filled.press(ENTER)
    assert card.why_field.error.text() == "Say in a few words why it is no emergency"
    filled.type("It was the drains, she says")
    filled.press(ENTER)
    assert not step.cards.isVisible()
    filled.press(ENTER, modifier=CTRL)
    assert interview.page_id == "room"


def test_a_reason_being_typed_survives_more_words(filled, step):
    say(filled, step, GAS)
    card = step.cards.cards[0]
    card.none.click()
    filled.type("The drains")
    step.words.setFocus()
    say(filled, step, " and the tap drips")
    filled.qtbot.waitUntil(lambda: "tap drips" in filled.view().description, timeout=5_000)
    assert step.cards.cards == [card]
    assert card.why.text() == "The drains"


def test_a_question_is_amber_and_no_settles_it(filled, step):
    say(filled, step, "there is no smell of gas")
    (card,) = step.cards.cards
    assert card.title.text() == "Ask: Do they smell gas now?"
    assert not card.sure
    card.none.click()
    filled.settle()
    assert step.cards.cards == []


def test_a_child_at_home_makes_a_loss_an_emergency(filled, step):
    say(filled, step, "no heating since last night")
    assert [card.reason.exit for card in step.cards.cards] == ["heating"]
    assert step.cards.danger


def test_words_changed_at_the_end_are_looked_at_before_the_repair_is_saved(filled):
    promise = open_shown(filled)
    repair_id = promise.view.id
    context = filled.shell.context
    context.write("Type", lambda s: service.note(s, repair_id, {"description": "Sparks from the socket"}))
    filled.tab.refresh(None)
    filled.settle()
    (card,) = promise.heard.cards
    assert card.isVisible()
    with filled.qtbot.waitSignal(filled.shell.told, timeout=5_000) as told:
        filled.press(ENTER, modifier=CTRL)
    assert "Sparks" in told.args[0].title
    assert filled.view(repair_id).state is State.DRAFT
    card.record.click()
    filled.settle()
    assert filled.tab.interview.page_id == "exit"
    assert filled.view(repair_id).emergency.title.startswith("Sparks")


def test_every_part_has_a_name_and_no_word_is_cut_at_100_and_at_200_per_cent(filled, step):
    for factor, size in ((1.0, (1232, 616)), (2.0, (1240, 590))):
        theme().install("light", factor)
        filled.tab.set_compact(factor == 2.0)
        filled.tab.resize(*size)
        for words in (TAP, GAS, "there is no smell of gas"):
            step.words.setFocus()
            step.words.selectAll()
            say(filled, step, words)
            if step.cards.danger:
                step.cards.cards[0].none.click()
            QApplication.processEvents()
            assert audit.problems(filled.tab) == []
            assert audit.cut_off(filled.tab) == []
            assert filled.tab.minimumSizeHint().width() <= size[0]


def test_odd_text_is_read_without_harm(filled, step):
    for words in ('"; DROP TABLE x; --', "🔥🔥🔥", "x" * 3_900):
        step.words.setPlainText(words)
        filled.qtbot.waitUntil(lambda: not step.timer.isActive(), timeout=5_000)
        filled.settle()
        assert step.words.text() == words


def test_the_five_likeliest_repairs_are_in_sight_in_a_low_window(filled, step):
    say(filled, step, "Black mould beside the window, it smells damp and comes back")
    rows = step.answers.rows
    assert len(rows) == 6
    pane = filled.tab.interview.pane
    for row in rows:
        assert row.height() >= 24
        low = row.mapTo(pane.viewport(), row.rect().bottomLeft()).y()
        assert low <= pane.viewport().height(), row.text()
    assert "“mould”" in rows[0].beside(rows[0].width())
