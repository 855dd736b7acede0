"""What a page may ask of the window, and typed values on their way to the store."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot
from sqlalchemy.orm import Session

from models.changes import Changed
from models.errors import HoldallError
from models.settings import get_setting, set_setting
from ui.shell import Autosave, Shell, changed_in
from ui.widgets import LineEdit

CHANGE = Changed(frozenset({"income_match"}), frozenset({"a"}))


def test_a_write_tells_every_page_before_it_calls_done(qtbot: QtBot, shell: Shell) -> None:
    order: list[str] = []
    shell.changed.connect(lambda changed: order.append(f"changed {sorted(changed.tables)}"))

    def work(session: Session) -> Changed:
        set_setting(session, "seen", 1)
        return CHANGE

    shell.write("Accept match", work, lambda _c: order.append("done"))
    qtbot.waitUntil(lambda: "done" in order)
    assert order == ["changed ['income_match']", "done"]
    assert shell.read(lambda session: get_setting(session, "seen")) == 1


def test_a_known_error_goes_to_the_banner_and_nothing_is_written(qtbot: QtBot, shell: Shell) -> None:
    def work(session: Session) -> Changed:
        set_setting(session, "seen", 2)
        raise HoldallError("This line is matched already.", "Look at the other match.")

    with qtbot.waitSignal(shell.told) as told:
        shell.write("Accept match", work)
    assert str(told.args[0]) == "This line is matched already. Look at the other match."
    assert shell.read(lambda session: get_setting(session, "seen")) is None


def test_a_page_may_take_a_known_error_itself(qtbot: QtBot, shell: Shell) -> None:
    seen: list[HoldallError] = []

    def work(job: Any) -> None:
        raise HoldallError("This is not a statement.")

    shell.fetch(work, None, seen.append, "Reading")
    qtbot.waitUntil(lambda: bool(seen))
    assert seen[0].title == "This is not a statement."


def test_the_undo_toast_comes_after_the_write(qtbot: QtBot, shell: Shell) -> None:
    with qtbot.waitSignal(shell.toast_asked) as asked:
        shell.write("Reverse", lambda session: CHANGE, undo_toast="Match reversed.")
    assert asked.args == ["Match reversed.", True]


def test_changes_are_found_in_a_result_a_tuple_and_an_attribute() -> None:
    other = Changed(frozenset({"repairs_repair"}), frozenset({"b"}))

    class Outcome:
        changed = CHANGE

    assert changed_in(CHANGE) == CHANGE
    assert changed_in(("id", CHANGE, other)) == (CHANGE | other)
    assert changed_in(Outcome()) == CHANGE
    assert changed_in("an id") is None


def test_files_are_asked_for_through_one_door_that_tests_can_hold(shell: Shell) -> None:
    shell.choose_open = lambda title, filters: "a.sta"
    shell.choose_save = lambda title, name, filters: ""
    found = shell.ask_open_file("Import statement", "Statements (*.sta)")
    assert found is not None
    assert found.name == "a.sta"
    assert shell.ask_save_file("Save as", "a.pdf") is None


@pytest.fixture
def saved() -> list[dict[str, Any]]:
    return []


def test_typing_is_written_half_a_second_after_the_last_key(
    qtbot: QtBot, saved: list[dict[str, Any]]
) -> None:
    autosave = Autosave(saved.append, delay=60)
    for letter in ("B", "Bi", "Bin"):
        autosave.touch("title", letter)
    autosave.touch("lead", "Tell us")
    assert saved == []
    qtbot.waitUntil(lambda: bool(saved), timeout=2000)
    assert saved == [{"title": "Bin", "lead": "Tell us"}]
    assert not autosave.waiting


def test_typing_without_a_pause_is_written_all_the_same(qtbot: QtBot, saved: list[dict[str, Any]]) -> None:
    autosave = Autosave(saved.append, delay=60_000, longest=60)
    autosave.touch("title", "B")
    autosave.touch("title", "Bi")
    assert saved == []
    qtbot.waitUntil(lambda: bool(saved), timeout=2000)
    assert saved == [{"title": "Bi"}]


def test_moving_the_focus_writes_at_once(qtbot: QtBot, saved: list[dict[str, Any]]) -> None:
    page = QWidget()
    column, first, second = QVBoxLayout(page), LineEdit(name="One"), LineEdit(name="Two")
    column.addWidget(first)
    column.addWidget(second)
    qtbot.addWidget(page)
    autosave = Autosave(saved.append, page, delay=60_000, longest=60_000)
    first.textEdited.connect(lambda text: autosave.touch("one", text))
    with qtbot.waitActive(page):
        page.show()
        page.activateWindow()
    first.setFocus()
    qtbot.keyClicks(first, "Gwen")
    assert saved == []
    qtbot.keyClick(first, Qt.Key.Key_Tab)
    assert saved == [{"one": "Gwen"}]


def test_hiding_the_page_writes_at_once(qtbot: QtBot, saved: list[dict[str, Any]]) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    autosave = Autosave(saved.append, page, delay=60_000, longest=60_000)
    page.show()
    autosave.touch("one", 1)
    page.hide()
    assert saved == [{"one": 1}]
    autosave.touch("one", 2)
    autosave.forget()
    autosave.flush()
    assert saved == [{"one": 1}]
