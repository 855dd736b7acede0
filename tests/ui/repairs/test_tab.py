"""The list and the promise: what needs me first, one act away; every part named, reached and whole."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from sqlalchemy import select

from app.repairs import service
from models.repairs import Repair, State
from tests.ui import audit
from ui.repairs.strip import DayStrip, cells_of
from ui.theme import theme

ENTER = Qt.Key.Key_Return
CTRL = Qt.KeyboardModifier.ControlModifier


def open_shown(filled):
    filled.tab.open_repair(filled.by_reference("AV-20417"))
    filled.settle()
    return filled.tab.promise


def one(filled, *where):
    return filled.shell.context.read(lambda s: s.scalar(select(Repair.id).where(*where).limit(1)))


def test_an_empty_page_says_what_it_is_for_and_how_to_begin(page):
    assert page.tab.list_page.empty.isVisible()
    assert page.tab.needs_me() == []
    page.press(ENTER)
    assert page.tab.interview.page_id == "danger"


def test_the_list_opens_on_what_needs_me(filled):
    listed = filled.tab.list_page.list
    assert listed.entry(0).text == "Overdue"
    assert listed.value() == listed.entry(1).id
    assert filled.tab.needs_me() == ["2 repairs overdue", "6 repairs due soon", "2 repairs to finish"]


def test_arrow_and_enter_open_a_repair_where_it_stands(filled):
    listed = filled.tab.list_page.list
    listed.choose(filled.by_reference("AV-20417"))
    listed.setFocus()
    filled.press(ENTER)
    assert filled.tab.pages.currentWidget() is filled.tab.promise
    filled.press(Qt.Key.Key_Escape)
    assert filled.tab.pages.currentWidget() is filled.tab.list_page


def test_the_promise_says_the_date_and_why(filled):
    promise = open_shown(filled)
    assert promise.figure.text() == "Tuesday 5 January 2027"
    assert promise.promise_words.text() == "We promise to look at it by the end of"
    assert promise.reason.text() == "Significant hazard, child under 5"
    assert "Three weekends and three bank holidays are skipped" in promise.skipped.text()
    assert "SI 2025/1042" in promise.source.text()
    assert promise.visit_chip.text() == "Not booked yet"
    assert promise.photo_facts.text() == "3, with the place data taken out"
    spoken = promise.strip.accessibleDescription()
    assert "Thursday 17 December 2026: day 0" in spoken
    assert "Friday 25 December 2026: skipped, Christmas Day" in spoken
    assert "Tuesday 5 January 2027: day 10" in spoken


def test_why_this_date_folds_away_and_back(filled):
    promise = open_shown(filled)
    promise.why.click()
    assert not promise.strip.isVisible()
    promise.why.click()
    assert promise.strip.isVisible()


def test_the_words_to_say_are_copied_as_a_text(filled):
    promise = open_shown(filled)
    promise.copy.click()
    copied = QGuiApplication.clipboard().text()
    assert copied.startswith("We will send a surveyor by Tuesday 5 January. I have asked for Monday morning")
    assert "booked" in copied
    assert "is booked for" not in copied


def test_saving_leads_to_the_list_and_undo_makes_it_a_draft_again(filled):
    promise = open_shown(filled)
    repair_id = promise.view.id
    filled.press(ENTER, modifier=CTRL)
    assert filled.view(repair_id).state is State.READY
    _, changed = filled.shell.context.undo()
    filled.shell.changed.emit(changed)
    assert filled.view(repair_id).state is State.DRAFT


def test_a_saved_repair_is_mended_called_off_or_opened_for_changes(filled):
    ready = one(filled, Repair.state == State.READY, Repair.band == "routine")
    filled.tab.open_repair(ready)
    promise = filled.tab.promise
    assert not promise.save.isVisible()
    promise.told.reopen.click()
    filled.settle()
    assert filled.view(ready).state is State.DRAFT
    assert promise.save.isVisible()
    promise.save.click()
    filled.settle()
    filled.tab.open_repair(ready)
    promise.done.click()
    filled.settle()
    assert filled.view(ready).state is State.COMPLETED
    assert promise.promise_words.text() == "Mended on 17 December. It was promised by"
    other = one(filled, Repair.state == State.READY)
    filled.tab.open_repair(other)
    promise.off_asked.emit(other)
    filled.settle()
    assert filled.view(other).state is State.CANCELLED


def test_the_slip_and_the_week_are_asked_for_with_their_repair(filled):
    promise = open_shown(filled)
    with filled.qtbot.waitSignal(filled.shell.preview_asked) as asked:
        promise.slip.click()
    assert asked.args[0].name == "repair-slip"
    assert asked.args[1] == {"repair": promise.view.id}
    filled.tab.show_list()
    with filled.qtbot.waitSignal(filled.shell.preview_asked) as asked:
        filled.tab.list_page.week.click()
    assert asked.args[0].name == "repairs-week"


def test_change_on_the_promise_leads_to_the_visits_and_back(filled):
    open_shown(filled)
    filled.tab.promise.visit_change.click()
    assert filled.tab.interview.page_id == "visits"
    filled.tab.interview.go_on.click()
    filled.settle()
    assert filled.tab.pages.currentWidget() is filled.tab.promise


def test_find_opens_a_repair_and_knows_nothing_of_other_records(filled):
    repair_id = filled.by_reference("AV-20417")
    assert filled.tab.open_record("repairs_repair", repair_id)
    assert filled.tab.promise.view.id == repair_id
    assert not filled.tab.open_record("income_statement", "x")


def test_a_repair_that_is_gone_is_told_in_a_sentence(filled):
    with filled.qtbot.waitSignal(filled.shell.told) as told:
        filled.tab.open_repair("no such repair")
    assert "not on this laptop" in told.args[0].title


def test_an_emergency_left_open_is_the_first_in_the_list(filled):
    context = filled.shell.context
    repair_id = context.write("Begin", service.begin).repair_id
    context.write("Danger", lambda s: service.answer(s, repair_id, "danger", "gas"))
    filled.tab.refresh(None)
    assert filled.tab.list_page.list.entry(0).text == "Emergency, nothing recorded yet"
    assert filled.tab.needs_me()[0] == "1 emergency to record"
    filled.tab.open_repair(repair_id)
    assert filled.tab.interview.page_id == "exit"


def test_a_long_count_keeps_its_ends_and_says_how_much_is_left_out(filled, qtbot):
    planned = one(filled, Repair.band == "planned")
    first = filled.view(planned).first
    cells = cells_of(first)
    assert len(first.count.days) == 91
    assert [c.gap for c in cells if c.day is None] == [75]
    strip = DayStrip()
    qtbot.addWidget(strip)
    strip.show_deadline(first)
    assert strip.heightForWidth(300) > strip.heightForWidth(1200)
    assert "75 days more" in strip.accessibleDescription()


PAGES = ("list", "danger", "address", "household", "question", "visits", "promise", "exit")


def show(filled, name):
    tab, context = filled.tab, filled.shell.context
    if name == "list":
        tab.show_list()
    elif name in ("promise", "visits", "household", "address", "question"):
        open_shown(filled)
        if name != "promise":
            page_id = {"question": "damp-spread"}.get(name, name)
            tab.promise.change_asked.emit(tab.promise.view.id, page_id)
    else:
        repair_id = context.write("Begin", service.begin).repair_id
        if name == "exit":
            context.write("Danger", lambda s: service.answer(s, repair_id, "danger", "flood"))
        tab.open_repair(repair_id)
    filled.settle()


def test_every_part_of_every_page_has_a_name_a_role_a_key_of_its_own_and_a_tab_stop(filled):
    found = {}
    for name in PAGES:
        show(filled, name)
        found[name] = audit.problems(filled.tab)
    assert found == {name: [] for name in PAGES}


def test_no_word_is_cut_on_any_page_at_100_and_at_200_per_cent(filled):
    found = {}
    for factor, size in ((1.0, (1232, 616)), (2.0, (1240, 590))):
        theme().install("light", factor)
        filled.tab.set_compact(factor == 2.0)
        filled.tab.resize(*size)
        for name in PAGES:
            show(filled, name)
            filled.settle()
            found[name, factor] = audit.cut_off(filled.tab)
            assert filled.tab.minimumSizeHint().width() <= size[0], name
    assert found == {key: [] for key in found}
