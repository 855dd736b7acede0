"""What they told us, on the promise: each answer is changed from there and one comes back, nothing lost."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.repairs import flow, service
from models.changes import Changed
from models.repairs import Repair, State
from ui.widgets import Button, Label

ENTER, ESC, SPACE, W = Qt.Key.Key_Return, Qt.Key.Key_Escape, Qt.Key.Key_Space, Qt.Key.Key_W
CTRL = Qt.KeyboardModifier.ControlModifier
DRAFT = "AV-20417"  # mould in a kitchen; three photos and three wishes
KEPT = ("answers", "done", "tenant", "address", "postcode", "telephone", "description", "household", "risks")


@pytest.fixture
def promise(filled):
    """The promise of the sample's draft, every page of it done."""
    repair_id = filled.by_reference(DRAFT)
    filled.tab.open_repair(repair_id)
    filled.tab.show_promise(repair_id)
    filled.settle()
    return filled.tab.promise


def change(page, promise, name):
    """Presses a word of the summary by key; the page it leads to."""
    link = next(b for b in promise.told.findChildren(Button) if b.objectName() == name and b.isVisible())
    link.setFocus()
    page.press(SPACE)
    assert page.tab.pages.currentWidget() is page.tab.interview
    return page.tab.interview


def told(view):
    return {name: getattr(view, name) for name in KEPT} | {
        "photos": [p.id for p in view.photos],
        "wishes": [slot.id for slot in view.visit.choices],
    }


def rows(promise):
    """The headings of the summary: each stands before its value."""
    found = []
    for facts in (promise.told.home, promise.told.repair):
        found += [label.text() for label in facts.findChildren(Label) if label.isVisible()][::2]
    return found


def test_every_answer_stands_in_the_summary(promise):
    assert rows(promise) == [
        "Danger",
        "Who lives there",
        "Kind of repair",
        "Address",
        "Contact",
        "In their words",
        "Here before",
        "Room",
        "Problem",
        "Where",
        "Since",
        "How far it has spread",
        "Photos",
        "Visits",
    ]
    values = [label.text() for label in promise.told.findChildren(Label)]
    assert "Nobody is in danger now" in values
    assert "Ffion Wŷn-Harte, 14 Tannery Row, Averwick AV3 2QT" in values
    assert set(promise.told.links) == {page.id for page in promise.view.path.pages if page.done}
    names = [b.accessibleName() for b in promise.told.links.values()]
    assert "Change who lives there" in names
    assert "Add photos" in names


def test_a_key_leads_to_the_summary_and_tab_through_its_words(filled, promise):
    filled.press(W)
    first = QApplication.focusWidget()
    assert first is promise.told.links["danger"]
    assert not first.visibleRegion().isEmpty(), "it was scrolled to"
    filled.press(Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is promise.told.links["household"]


@pytest.mark.parametrize("way", ["on", "back"])
def test_each_answer_is_looked_at_and_one_comes_back_with_nothing_lost(filled, promise, way):
    before = told(filled.view(promise.view.id))
    names = [b.objectName() for b in promise.told.links.values()]
    assert len(names) == 12
    for name in names:
        interview = change(filled, promise, name)
        assert interview.left_words.text() == "Then back to the promise"
        key = ESC
        if way == "on":
            key = ENTER
            interview.go_on.setFocus()
            if interview.page_id == flow.DESCRIPTION:
                filled.press(ENTER, modifier=CTRL)
                key = None
        if key is not None:
            filled.press(key)
        assert filled.tab.pages.currentWidget() is promise, name
    assert told(filled.view(promise.view.id)) == before


def test_each_answer_of_the_tree_is_changed_and_one_comes_back_to_the_promise(filled, promise):
    repair_id = promise.view.id
    for page in ("damp-spread", "damp-since", "damp-where", "kitchen"):
        before = filled.view(repair_id)
        change(filled, promise, promise.told.links[page].objectName())
        values = [answer.value for answer in before.tree.questions[page].answers]
        number = 1 + (values.index(before.answers[page]) + 1) % len(values)
        filled.answer(number)
        after = filled.view(repair_id)
        assert after.answers[page] == values[number - 1] != before.answers[page]
        kept = {q: a for q, a in before.answers.items() if q != page}
        assert kept.items() <= after.answers.items(), "nothing else is lost"
        if after.path.next_page.id != flow.PROMISE:
            assert filled.tab.interview.page_id == after.path.next_page.id, "only what is new is asked"
            break
        assert filled.tab.pages.currentWidget() is promise
    assert page == "kitchen"


def test_the_people_the_home_and_their_words_are_changed_from_the_summary(filled, promise):
    repair_id = promise.view.id
    before = told(filled.view(repair_id))
    household = change(filled, promise, "repairs-told-who-lives-there").steps["household"]
    household.risks["over65"].setFocus()
    filled.press(SPACE, ENTER)
    assert filled.tab.pages.currentWidget() is promise
    address = change(filled, promise, "repairs-told-contact").steps["address"]
    address.fields["telephone"].editor.setFocus()
    address.fields["telephone"].editor.selectAll()
    filled.type("07700 900 555")
    filled.press(ENTER)
    assert filled.tab.pages.currentWidget() is promise
    words = change(filled, promise, "repairs-told-in-their-words").steps["description"]
    words.words.setFocus()
    filled.press(Qt.Key.Key_End, modifier=CTRL)
    filled.type(" It smells.")
    filled.press(ENTER, modifier=CTRL)
    assert filled.tab.pages.currentWidget() is promise
    step = change(filled, promise, "repairs-told-visits").steps["visits"]
    assert step.chosen == before["wishes"]
    filled.press(ESC)
    assert filled.tab.pages.currentWidget() is promise
    after = told(filled.view(repair_id))
    changed = {name for name, value in after.items() if value != before[name]}
    assert changed == {"risks", "telephone", "description"}
    assert after["telephone"] == "07700 900 555"
    assert after["description"] == before["description"] + " It smells."


def to_words(page, promise):
    """The page of their words from the summary, once the likeliest repairs stand there."""
    page.tab.show_promise(promise.view.id)
    page.settle()
    step = change(page, promise, "repairs-told-in-their-words").steps["description"]
    page.qtbot.waitUntil(lambda: bool(step.answers.rows), timeout=5_000)
    return step


def test_an_answer_changed_after_a_likely_repair_was_chosen_outlives_the_words(filled, promise):
    repair_id = promise.view.id
    to_words(filled, promise).answers.rows[0].setFocus()
    filled.press(Qt.Key.Key_1, ENTER)
    view = filled.view(repair_id)
    assert view.chosen
    spread = "spots" if view.answers["damp-spread"] != "spots" else "patch"
    filled.shell.context.write("Change", lambda s: service.answer(s, repair_id, "damp-spread", spread))
    step = to_words(filled, promise)
    assert step.answers.value() is None, "it would undo the answer given since"
    filled.press(ENTER, modifier=CTRL)
    assert filled.view(repair_id).answers["damp-spread"] == spread


def test_a_danger_told_from_the_summary_is_an_emergency_at_once(filled, promise):
    change(filled, promise, "repairs-told-danger")
    filled.answer(1)
    assert filled.tab.interview.page_id == flow.EXIT
    assert filled.tab.interview.exit_page.number.text() == "0800 111 999"


def test_a_saved_repair_is_read_only_until_it_is_opened_for_changes(filled, promise):
    repair_id = promise.view.id
    filled.press(ENTER, modifier=CTRL)
    filled.tab.open_repair(repair_id)
    assert promise.view.state is State.READY
    assert promise.told.links == {}
    filled.press(W)
    assert QApplication.focusWidget() is promise.told.reopen
    filled.press(SPACE)
    assert filled.view(repair_id).state is State.DRAFT
    assert promise.told.links["room"].isVisible()


def test_a_repair_with_a_visit_under_way_is_only_read(filled):
    repair_id = filled.by_reference("AV-20414")

    def book(session):
        repair = session.get(Repair, repair_id)
        repair.state = State.SCHEDULED
        return Changed.of(repair)

    filled.shell.context.write("Book", book)
    filled.tab.open_repair(repair_id)
    told_card = filled.tab.promise.told
    assert not told_card.reopen.isVisible()
    assert told_card.links == {}
    assert told_card.note.text() == "A visit is under way, so the answers stay as they are."


@pytest.mark.qt_log_ignore("This plugin does not support")
def test_the_rest_stands_under_more_and_is_taken_by_keys(filled, promise):
    repair_id = promise.view.id
    filled.press(ENTER, modifier=CTRL)
    filled.tab.open_repair(repair_id)
    filled.press(Qt.Key.Key_M)
    menu = promise.more.menu_of_papers
    assert [a.text() for a in promise.more.offered][-2:] == ["Change the answers", "Call it off"]
    QTest.keyClick(menu, Qt.Key.Key_Up)
    QTest.keyClick(menu, Qt.Key.Key_Return)
    filled.settle()
    assert filled.view(repair_id).state is State.CANCELLED


def test_the_cards_of_the_promise_show_whole_in_a_low_window(filled, promise):
    filled.tab.window().resize(1232, 616)
    filled.settle()
    room = promise.pane.viewport().height()
    for card in (promise.photos, promise.contact, promise.copy):
        low = card.mapTo(promise.pane.viewport(), card.rect().bottomLeft()).y()
        assert low <= room, f"{low} px of {room}"
