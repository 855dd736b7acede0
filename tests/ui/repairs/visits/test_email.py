"""An e-mail address on the address page: asked for, checked in one sentence, and said where it is used."""

from PySide6.QtCore import Qt

from app.repairs import service
from tests.ui.repairs.test_interview import to_address
from tests.ui.repairs.test_tab import open_shown

ENTER = Qt.Key.Key_Return


def at_the_fields(filled):
    interview = to_address(filled, "under5")
    filled.type("14 tan")
    filled.press(ENTER)
    return interview, interview.steps["address"]


def test_whether_we_may_write_is_asked_once_there_is_an_address(filled):
    interview, step = at_the_fields(filled)
    assert not step.writing.isVisible()
    step.email.setFocus()
    filled.type("ffion@averwick.london")
    assert step.writing.isVisible()
    filled.press(Qt.Key.Key_Tab, Qt.Key.Key_Space)
    filled.press(ENTER)
    assert interview.page_id == "description"
    assert filled.view().email == "ffion@averwick.london"
    assert filled.view().email_allowed


def test_what_is_no_address_keeps_the_page_and_says_so_at_its_field(filled):
    interview, step = at_the_fields(filled)
    step.email.setFocus()
    filled.type("ffion at home")
    filled.press(ENTER)
    assert interview.page_id == "address"
    assert "one @" in step.fields["email"].problem
    assert filled.view().email == "ffion at home"


def test_the_promise_says_how_they_are_told_a_text_first_then_a_letter_by_e_mail(filled):
    open_shown(filled)
    promise = filled.tab.promise
    assert promise.contact.text().startswith("Text 07700")
    repair_id = promise.view.id
    fields = {"text_allowed": False, "email": "ffion@averwick.london", "email_allowed": True}
    filled.shell.write("Change", lambda s: service.note(s, repair_id, fields))
    filled.settle()
    assert promise.contact.text().replace("\u200b", "") == "Write to ffion@averwick.london"
    assert "write to you" in promise.tenant_words()
