"""What a person types or pastes that cannot be so: said in place, and nothing typed before it is lost."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from models.repairs import State
from tests.ui.repairs.test_interview import CTRL, ENTER, to_address, to_words

HOME = ("Ffion Wyn", "14 Tannery Row, Averwick", "07700 900417")


def typed_home(page, postcode):
    """The address page filled in by keys, for a home that is not in the list."""
    interview = to_address(page)
    step = interview.steps["address"]
    for box, text in ((step.name, HOME[0]), (step.address, HOME[1]), (step.telephone, HOME[2])):
        box.setFocus()
        page.type(text)
    step.postcode.setFocus()
    page.type(postcode)
    page.press(ENTER)
    return interview


@pytest.mark.parametrize("postcode", [" av3 2qt", "a v3 2 qt", "AV32  QT", "av3-2qt"])
def test_a_postcode_is_taken_with_its_spaces_anywhere(page, postcode):
    interview = typed_home(page, postcode)
    assert interview.page_id == "description"
    assert page.view().postcode == "AV3 2QT"


def test_what_is_no_postcode_is_said_at_its_box_and_everything_typed_stays(page):
    interview = typed_home(page, "AV3 2Q")
    step = interview.steps["address"]
    assert interview.page_id == "address"
    assert "Write it like AV3 2QT" in " ".join(said(step))
    kept = page.view()
    assert (kept.tenant, kept.postcode, kept.state) == (HOME[0], "AV3 2Q", State.DRAFT)
    step.postcode.setFocus()
    page.type("T")
    page.press(ENTER)
    assert interview.page_id == "description"


@pytest.mark.parametrize("bad", ["wet \x00 wall", "w" * 4_001])
def test_a_paste_that_no_record_can_hold_is_refused_and_the_words_before_it_stay(filled, bad):
    interview = to_words(filled)
    filled.type("The wall is wet")
    QGuiApplication.clipboard().setText(bad)
    filled.press(Qt.Key.Key_V, modifier=CTRL)
    assert interview.steps["description"].words.text().startswith("The wall is wet")
    assert "\x00" not in interview.steps["description"].words.text()
    assert len(interview.steps["description"].words.text()) <= 4_000
    filled.press(ENTER, modifier=CTRL)
    assert interview.page_id == "room"
    assert filled.view().description.startswith("The wall is wet")


def test_stray_quotation_marks_in_typed_words_are_kept_as_they_were(filled):
    words = 'The "boiler cupboard\' drips; 5" pipe, \\ and </b> {0} &amp;'
    interview = to_words(filled)
    filled.type(words)
    filled.press(ENTER, modifier=CTRL)
    assert interview.page_id == "room"
    assert filled.view().description == words


def said(step):
    from PySide6.QtWidgets import QLabel

    return [label.text() for label in step.findChildren(QLabel) if label.isVisible()]
