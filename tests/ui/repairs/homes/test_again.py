"""A repair that is reported already is said in the interview, and becomes a chase with nothing lost."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from sqlalchemy import func, select

from app.repairs import flow, service
from models.repairs import Contact, ContactKind, Property, Repair
from tests.ui import audit
from ui.theme import theme

ENTER, ESCAPE = Qt.Key.Key_Return, Qt.Key.Key_Escape
CTRL = Qt.KeyboardModifier.ControlModifier
SINK = {"danger": "none", "kind": "tenant", "room": "kitchen", "kitchen": "sink"}
OLD = "AV-20412"


def home(filled, address):
    return filled.shell.context.read(
        lambda s: s.scalar(select(Property.id).where(Property.address.startswith(address)))
    )


def begun(filled, answers=SINK, address="14 Tannery", words=""):
    """A repair that was begun at a home, on show in the interview."""

    def work(session):
        repair_id = service.begin(session, home(filled, address)).repair_id
        for question, value in answers.items():
            service.answer(session, repair_id, question, value)
        if words:
            service.note(session, repair_id, {"description": words})
        return repair_id

    repair_id = filled.shell.context.write("Begin", work)
    filled.tab.open_repair(repair_id)
    filled.settle()
    return repair_id


@pytest.fixture
def asked(filled):
    """The page; what the shell is asked to open is opened in it."""
    filled.shell.open_asked.connect(lambda name, record, _f: filled.tab.window().open_record(name, record))
    return filled


def test_it_is_said_once_address_and_problem_are_known(asked):
    begun(asked, {key: SINK[key] for key in ("danger", "kind", "room")})
    again = asked.tab.interview.again
    assert not again.isVisible()
    repair_id = asked.tab.interview.view.id
    asked.shell.write("Answer", lambda s: service.answer(s, repair_id, "kitchen", "sink"))
    asked.settle()
    assert again.isVisible()
    assert OLD in again.banner.text.text()


def test_c_makes_it_a_chase_and_the_old_repair_is_shown(asked):
    repair_id = begun(asked, words="Still blocked. Nobody rang.")
    before = asked.shell.context.read(lambda s: s.scalar(select(func.count()).select_from(Contact)))
    asked.tab.interview.go_on.setFocus()
    asked.press(Qt.Key.Key_C)
    form = asked.tab.interview.again.form
    assert form.isVisible()
    assert not asked.tab.interview.work.isVisible()
    assert QApplication.focusWidget() is form.reason
    asked.press(Qt.Key.Key_Down)
    asked.press(ENTER, modifier=CTRL)
    assert asked.tab.promise.isVisible()
    assert asked.tab.promise.view.reference == OLD
    with asked.shell.context.store.read() as session:
        assert session.get(Repair, repair_id).deleted
        assert session.scalar(select(func.count()).select_from(Contact)) == before + 1
        contact = session.scalars(select(Contact).where(Contact.repair_id == asked.tab.promise.view.id)).one()
        assert contact.words.startswith("Still blocked. Nobody rang.")


def test_escape_goes_back_to_the_question_and_nothing_is_recorded(asked):
    repair_id = begun(asked)
    asked.tab.interview.again.chase.click()
    asked.press(ESCAPE)
    assert asked.tab.interview.work.isVisible()
    assert asked.tab.interview.view.id == repair_id
    assert asked.tab.interview.again.banner.isVisible()


def test_news_need_words_and_are_no_chase(asked):
    begun(asked)
    asked.tab.interview.again.news.click()
    form = asked.tab.interview.again.form
    asked.press(ENTER, modifier=CTRL)
    assert form.errors.isVisible()
    form.words.setFocus()
    asked.type("Now the bath too")
    asked.press(ENTER, modifier=CTRL)
    old_id = asked.by_reference(OLD)
    with asked.shell.context.store.read() as session:
        kinds = session.scalars(select(Contact.kind).where(Contact.repair_id == old_id)).all()
    assert kinds == [ContactKind.UPDATE]


def test_it_is_a_new_repair_after_all_is_taken_at_its_word(asked):
    begun(asked)
    asked.tab.interview.again.new.click()
    assert not asked.tab.interview.again.isVisible()
    asked.tab.interview.reload()
    assert not asked.tab.interview.again.isVisible()


def test_the_promise_says_it_too_and_saves_with_its_own_key_again_afterwards(asked):
    repair_id = begun(asked)
    asked.tab.show_promise(repair_id)
    promise = asked.tab.promise
    assert promise.again.isVisible()
    assert not promise.past.isVisible()
    promise.again.chase.click()
    assert not promise.save.isVisible(), "two acts never share a key"
    asked.press(ESCAPE)
    assert promise.save.isVisible()


def test_the_address_page_says_what_to_know_of_the_home(asked):
    begun(asked, {"danger": "none", "kind": "tenant"}, "1 Orchard")
    asked.tab.interview.go_to(flow.ADDRESS)
    notes = asked.tab.interview.steps[flow.ADDRESS].notes
    assert notes.isVisible()
    flag = notes.layout().itemAt(0).widget()
    assert flag.text.text() == "Under warranty until 31 March 2027: ring Forge Homes first."


def test_a_home_without_repairs_says_so_before_it_is_chosen(asked):
    begun(asked, {"danger": "none", "kind": "tenant"})
    step = asked.tab.interview.steps[flow.ADDRESS]
    asked.tab.interview.go_to(flow.ADDRESS)
    step.search.setFocus()
    asked.type("12 st brannoc")
    assert step.hits.entry(0).detail == "No repairs here: sold in October"


@pytest.mark.parametrize(("factor", "size"), [(1.0, (1232, 616)), (2.0, (1240, 590))])
def test_every_part_is_named_and_no_word_is_cut(asked, factor, size):
    theme().install("light", factor)
    asked.tab.set_compact(factor == 2.0)
    asked.tab.window().resize(*size)
    begun(asked)
    asked.settle()
    assert audit.problems(asked.tab) == []
    assert audit.cut_off(asked.tab) == []
    asked.tab.interview.again.chase.click()
    asked.settle()
    assert audit.problems(asked.tab) == []
    assert audit.cut_off(asked.tab) == []
