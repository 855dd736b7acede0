"""The Inclusion tab by keyboard: the journeys an officer makes at the door of a library."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from app.context import Context
from app.inclusion import month, reading, sample
from models.inclusion import AgeBand, SessionState
from tests.app.inclusion.world import World, make_world, new_session
from tests.ui import audit
from ui.inclusion.tab import Tab
from ui.shell import Shell
from ui.theme import theme


@pytest.fixture
def world(context: Context) -> World:
    """One place, one open session, three people who have been there before."""
    made = make_world(context)
    week_ago = context.now() - timedelta(days=7)
    before = new_session(context, made.venue, week_ago)
    for name in made.people:
        made.mark(name, before, week_ago)
    return made


@pytest.fixture
def tab(qtbot: QtBot, shell: Shell) -> Iterator[Tab]:
    """The tab on its own, as large as the window gives it."""
    made = Tab(shell)
    qtbot.addWidget(made)
    shell.changed.connect(made.refresh)
    made.resize(1232, 628)
    with qtbot.waitActive(made):
        made.show()
        made.activateWindow()
    made.refresh(None)
    made.show_landing()
    yield made
    made.leave()


def at_register(tab: Tab, session_id: str) -> QWidget:
    """The register's search box, with the focus."""
    tab.open_register(session_id)
    assert tab.register.search.hasFocus()
    return tab.register.search


def named(tab: Tab, name: str) -> QWidget:
    """A widget by its object name."""
    found = tab.findChild(QWidget, name)
    assert found is not None, name
    return found


def here(tab: Tab) -> list[str]:
    """The names in the register, as shown."""
    return [one.name for one in tab.register.found.here] if tab.register.found else []


def stored(tab: Tab, session_id: str) -> reading.Register:
    """The register as it is stored."""
    return tab.shell.read(lambda s: reading.register(s, session_id))


def test_a_returner_is_marked_present_in_three_keys(qtbot: QtBot, world: World, tab: Tab) -> None:
    search = at_register(tab, world.session)
    for key in (Qt.Key.Key_G, Qt.Key.Key_W, Qt.Key.Key_Return):
        QTest.keyClick(QApplication.focusWidget(), key)
    qtbot.waitUntil(lambda: here(tab) == ["Gwen Ashdown"])
    assert search.text() == ""
    assert search.hasFocus()
    assert stored(tab, world.session).here[0].came_at == world.context.now()


def test_arrows_choose_another_and_accents_need_not_be_typed(qtbot: QtBot, world: World, tab: Tab) -> None:
    search = at_register(tab, world.session)
    QTest.keyClicks(search, "gw")
    assert [o.name for o in tab.register.offers.offers] == ["Gwen Ashdown", "Gwilym Wŷnne", "gw"]
    QTest.keyClick(search, Qt.Key.Key_Down)
    QTest.keyClick(search, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: here(tab) == ["Gwilym Wŷnne"])
    QTest.keyClicks(search, "wyr")
    QTest.keyClick(search, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: here(tab)[:1] == ["Siân Ŵyr-Barton"] or len(here(tab)) == 2)


def test_the_last_act_carries_undo(qtbot: QtBot, world: World, tab: Tab) -> None:
    search = at_register(tab, world.session)
    QTest.keyClicks(search, "gw")
    QTest.keyClick(search, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: len(here(tab)) == 1)
    table = tab.register.table
    model = table.model()
    cell = table.visualRect(model.index(0, len(table.columns) - 1))
    place = cell.center()
    place.setX(cell.right() - 30)
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    qtbot.waitUntil(lambda: here(tab) == [])
    assert search.hasFocus()


def test_plus_and_a_number_count_and_minus_takes_back(qtbot: QtBot, world: World, tab: Tab) -> None:
    search = at_register(tab, world.session)
    QTest.keyClicks(search, "+2+2+9")
    qtbot.waitUntil(lambda: stored(tab, world.session).counted == 3)
    qtbot.waitUntil(lambda: tab.register.pad.total.text() == "3")
    assert search.text() == ""
    QTest.keyClicks(search, "-")
    qtbot.waitUntil(lambda: stored(tab, world.session).counted == 2)
    assert stored(tab, world.session).tally[AgeBand.FROM_16] == 2
    assert here(tab) == []


def test_a_digit_without_plus_is_the_start_of_a_code(qtbot: QtBot, world: World, tab: Tab) -> None:
    search = at_register(tab, world.session)
    QTest.keyClicks(search, "7")
    assert search.text() == "7"
    assert stored(tab, world.session).counted == 0
    QTest.keyClick(search, Qt.Key.Key_Escape)
    QTest.keyClicks(search, "an-")
    assert search.text() == "an-"


def test_every_key_of_the_pad_counts_its_own_band_by_mouse(qtbot: QtBot, world: World, tab: Tab) -> None:
    at_register(tab, world.session)
    for digit, key in tab.register.pad.keys.items():
        QTest.mouseClick(key, Qt.MouseButton.LeftButton)
        band = key.band
        qtbot.waitUntil(lambda b=band: stored(tab, world.session).tally[b] == 1)
        assert tab.register.search.hasFocus(), digit
    QTest.mouseClick(tab.register.pad.undo, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: stored(tab, world.session).counted == 9)


def test_a_new_person_takes_three_answers_and_no_mouse(qtbot: QtBot, world: World, tab: Tab) -> None:
    search = at_register(tab, world.session)
    QTest.keyClicks(search, "rhiannon peel")
    QTest.keyClick(search, Qt.Key.Key_Return)
    form = tab.register.person
    assert form.name.text() == "Rhiannon Peel"
    assert form.name.hasFocus()
    QTest.keyClick(form.name, Qt.Key.Key_Return)
    QTest.keyClicks(form.year, "1998")
    QTest.keyClick(form.year, Qt.Key.Key_Return)
    QTest.keyClicks(form.postcode, "av3")
    QTest.keyClick(form.postcode, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: here(tab) == ["Rhiannon Peel"])
    qtbot.waitUntil(search.hasFocus)
    found = stored(tab, world.session).here[0]
    card = tab.shell.read(lambda s: reading.person(s, found.person_id))
    assert (card.year_of_birth, card.postcode, found.first_time) == (1998, "AV3", True)


def test_what_is_wrong_in_a_new_person_is_said_and_nothing_is_lost(world: World, tab: Tab) -> None:
    at_register(tab, world.session)
    tab.register.ask_person()
    form = tab.register.person
    form.name.setText("Ann")
    form.year.setText("19xx")
    form.postcode.setText("nowhere")
    form.submit()
    assert "no year of birth" in form.year_field.problem
    assert "no postcode" in form.postcode_field.problem
    assert form.summary.isVisible()
    assert form.name.text() == "Ann"
    assert stored(tab, world.session).here == ()


def test_far_too_long_a_name_gets_a_sentence_and_keeps_the_form(qtbot: QtBot, world: World, tab: Tab) -> None:
    at_register(tab, world.session)
    tab.register.ask_person()
    form = tab.register.person
    form.name.setText("x" * 200_000)
    form.submit()
    qtbot.waitUntil(lambda: "200,000 characters" in form.name_field.problem)
    assert form.isVisible()
    assert stored(tab, world.session).here == ()


@pytest.mark.parametrize("bad", ["a\x00b", "half \ud800"])
def test_signs_that_cannot_be_kept_are_refused_or_left_out(
    qtbot: QtBot, world: World, tab: Tab, bad: str
) -> None:
    at_register(tab, world.session)
    tab.register.ask_person()
    form = tab.register.person
    form.name.setText(bad)
    form.submit()
    qtbot.waitUntil(lambda: bool(form.name_field.problem) or len(here(tab)) == 1)
    for one in stored(tab, world.session).here:
        assert "\x00" not in one.name
        one.name.encode("utf-8")


def test_somebody_alike_is_offered_while_the_name_is_typed(qtbot: QtBot, world: World, tab: Tab) -> None:
    at_register(tab, world.session)
    tab.register.ask_person()
    QTest.keyClicks(tab.register.person.name, "Gwilym Wynne")
    button = next(
        b
        for b in tab.register.person.findChildren(QPushButton)
        if b.accessibleName().startswith("It is this")
    )
    QTest.keyClick(button, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: here(tab) == ["Gwilym Wŷnne"])


def test_leaving_working_on_and_taking_out_from_one_form(qtbot: QtBot, world: World, tab: Tab) -> None:
    world.mark("Gwen Ashdown", at=world.context.now() - timedelta(minutes=30))
    at_register(tab, world.session)
    table = tab.register.table
    table.setFocus()
    table.choose_row(0)
    QTest.keyClick(table, Qt.Key.Key_Return)
    form = tab.register.one
    assert form.left.hasFocus()
    QTest.keyClicks(form.work, "NHS App")
    QTest.keyClick(form.left, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: stored(tab, world.session).without_leaving == 0)
    qtbot.waitUntil(lambda: stored(tab, world.session).here[0].working_on == "NHS App")
    assert stored(tab, world.session).minutes == 30
    tab.register.ask_one(world.people["Gwen Ashdown"])
    QTest.mouseClick(form.out, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: here(tab) == [])


def test_a_leaving_time_before_coming_is_said_at_its_field(qtbot: QtBot, world: World, tab: Tab) -> None:
    world.mark("Gwen Ashdown", at=world.context.now())
    at_register(tab, world.session)
    tab.register.ask_one(world.people["Gwen Ashdown"])
    tab.register.one.left.setText("13:00")
    tab.register.one.submit()
    qtbot.waitUntil(lambda: "before they came" in tab.register.one.left_field.problem)


def test_a_session_is_closed_with_a_note_locked_and_reopened_with_a_reason(
    qtbot: QtBot, world: World, tab: Tab
) -> None:
    world.mark("Gwen Ashdown")
    at_register(tab, world.session)
    QTest.mouseClick(named(tab, "inclusion-close-open"), Qt.MouseButton.LeftButton)
    form = tab.register.closing
    assert "1 person has no leaving time" in form.missing.text()
    form.note.setPlainText("Projector bulb is dead.")
    QTest.mouseClick(form.save, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: stored(tab, world.session).session.state is SessionState.CLOSED)
    qtbot.waitUntil(tab.register.locked.isVisible)
    assert stored(tab, world.session).note == "Projector bulb is dead."
    assert not tab.register.search.isVisible()
    assert not tab.register.pad.keys["1"].isEnabled()
    QTest.mouseClick(named(tab, "inclusion-reopen-open"), Qt.MouseButton.LeftButton)
    reason = tab.register.reopening.reason
    QTest.keyClick(reason, Qt.Key.Key_Return)
    assert "reason" in tab.register.reopening.reason_field.problem
    QTest.keyClicks(reason, "One left out")
    QTest.keyClick(reason, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: stored(tab, world.session).session.state is SessionState.OPEN)
    qtbot.waitUntil(tab.register.search.isVisible)


def test_a_note_is_saved_although_the_session_is_not_closed(qtbot: QtBot, world: World, tab: Tab) -> None:
    at_register(tab, world.session)
    tab.register.ask_close()
    tab.register.closing.note.setPlainText("Key is with the caretaker")
    tab.leave()
    qtbot.waitUntil(lambda: stored(tab, world.session).note == "Key is with the caretaker")


def test_nobody_came_is_said_before_an_empty_session_is_closed(qtbot: QtBot, world: World, tab: Tab) -> None:
    at_register(tab, world.session)
    tab.register.ask_close()
    tab.register.closing.submit()
    qtbot.waitUntil(lambda: "Nobody is marked" in tab.register.closing.end_field.problem)
    tab.register.closing.nobody.setChecked(True)
    tab.register.closing.submit()
    qtbot.waitUntil(lambda: stored(tab, world.session).nobody_came)


def test_from_nothing_to_an_open_register_by_keyboard(qtbot: QtBot, tab: Tab) -> None:
    assert tab.landing.empty.isVisible()
    QTest.keyClick(
        next(b for b in tab.landing.empty.findChildren(QPushButton) if b.isVisible()), Qt.Key.Key_Space
    )
    form = tab.venue
    assert form.name.hasFocus()
    QTest.keyClicks(form.name, "Canolfan Llyn Isaf")
    form.save.click()
    qtbot.waitUntil(tab.plan.isVisible)
    assert tab.plan.venue.currentText() == "Canolfan Llyn Isaf"
    tab.plan.end.setText("12:00")
    tab.plan.submit()
    assert "ends before" in tab.plan.end_field.problem
    tab.plan.end.setText("17:00")
    tab.plan.open_now.setChecked(True)
    QTest.keyClick(tab.plan.volunteers, Qt.Key.Key_Return)
    qtbot.waitUntil(tab.register.isVisible)
    assert tab.register.search.hasFocus()
    assert tab.register.head.title.text() == "Drop-in, Canolfan Llyn Isaf"


def test_the_landing_page_shows_what_needs_me_first(qtbot: QtBot, world: World, tab: Tab) -> None:
    tab.show_landing()
    assert tab.landing._first is not None
    assert tab.landing._first.hasFocus()
    assert any("left open" in words for words in tab.needs_me())
    QTest.keyClick(tab.landing._first, Qt.Key.Key_Return)
    assert tab.register.isVisible()
    assert tab.register.session_id == world.session


def test_two_records_of_one_person_are_joined_from_the_landing_page(
    qtbot: QtBot, world: World, tab: Tab
) -> None:
    from tests.app.inclusion.world import person

    person(world.context, "Gwen Ashdown")
    tab.show_landing()
    button = next(b for b in tab.landing.findChildren(QPushButton) if b.text().startswith("One person"))
    QTest.keyClick(button, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: not tab.shell.read(lambda s: reading.landing(s, world.context.now())).pairs)


def test_a_place_and_a_person_are_saved_as_they_are_typed(qtbot: QtBot, world: World, tab: Tab) -> None:
    assert tab.open_record("inclusion_venue", world.venue)
    QTest.keyClicks(tab.venue.address, "4 Hadley Street")
    tab.leave()
    qtbot.waitUntil(
        lambda: tab.shell.read(lambda s: reading.venue(s, world.venue)).address == "4 Hadley Street"
    )
    gwen = world.people["Gwen Ashdown"]
    assert tab.open_record("inclusion_person", gwen)
    tab.card.postcode.setFocus()
    QTest.keyClicks(tab.card.postcode, "AV5")
    tab.leave()
    qtbot.waitUntil(lambda: tab.shell.read(lambda s: reading.person(s, gwen)).postcode == "AV5")
    assert not tab.open_record("inclusion_person", "0197d000-0000-7000-8000-00000000dead")


def test_the_month_report_is_released_from_the_screen(qtbot: QtBot, world: World, tab: Tab) -> None:
    held = new_session(world.context, world.venue, world.context.now() - timedelta(days=30))
    world.mark("Gwen Ashdown", held, world.context.now() - timedelta(days=30))
    tab.open_month()
    assert not tab.month.release.isVisibleTo(tab)
    assert "still open" in tab.month.why.text()
    tab.open_register(held)
    tab.register.ask_close()
    tab.register.closing.submit()
    qtbot.waitUntil(lambda: stored(tab, held).session.state is SessionState.CLOSED)
    tab.open_month()
    tab.month.release.click()
    qtbot.waitUntil(lambda: tab.shell.read(lambda s: month.latest_release(s, "2026-11")) is not None)
    qtbot.waitUntil(lambda: "Nothing has changed" in tab.month.why.text())
    words = [tab.month.places.model().index(0, n).data() for n in range(6)]
    assert words == ["Hadley Street Library", "1", "[c]", "[c]", "0", "[c]"]


def test_the_figures_are_saved_as_a_spreadsheet(qtbot: QtBot, world: World, tab: Tab, tmp_path) -> None:
    tab.open_month()
    tab.shell.choose_save = lambda *_: str(tmp_path / "month.csv")
    tab.month.csv.click()
    assert (tmp_path / "month.csv").read_bytes().startswith(b"\xef\xbb\xbfPlace")
    told = []
    tab.shell.told.connect(told.append)
    tab.shell.choose_save = lambda *_: str(tmp_path / "none" / "month.csv")
    tab.month.csv.click()
    assert "could not be written" in str(told[0])


@pytest.mark.parametrize(("look", "factor"), [("light", 1.0), ("contrast", 2.0)])
def test_every_page_of_the_tab_passes_the_audit(context: Context, tab: Tab, factor: float, look: str) -> None:
    sample.fill(context, random.Random(1))
    theme().install(look, factor)
    tab.set_compact(factor == 2.0)
    tab.show_landing()
    found = {"landing": audit.problems(tab)}
    line = tab._landing()[0].today[0]
    tab.open_register(line.id)
    found["register"] = audit.problems(tab)
    QTest.keyClicks(tab.register.search, "gw")
    found["offers"] = audit.problems(tab)
    tab.register.ask_person()
    found["person"] = audit.problems(tab)
    tab.register.ask_close()
    found["close"] = audit.problems(tab)
    tab.register.ask_one(tab.register.found.here[0].person_id)
    found["one"] = audit.problems(tab)
    tab.open_month()
    found["month"] = audit.problems(tab)
    tab.ask_plan("")
    found["plan"] = audit.problems(tab)
    tab.ask_venue("")
    found["venue"] = audit.problems(tab)
    assert {name: words for name, words in found.items() if words} == {}


def test_the_pad_takes_digits_of_its_own_where_the_window_is_narrow(
    qtbot: QtBot, world: World, tab: Tab
) -> None:
    tab.set_compact(True)
    at_register(tab, world.session)
    assert not tab.register.pad.isVisible()
    tab.register.pad_button.click()
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_8)
    qtbot.waitUntil(lambda: stored(tab, world.session).tally[AgeBand.FROM_65] == 1)
    tab.register.pad_button.click()
    assert tab.register.search.hasFocus()
