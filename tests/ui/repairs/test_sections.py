"""The sections of the Repairs tab: their links and keys, and what each one passes in an audit."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.exceptions import TimeoutError as TookTooLong
from pytestqt.qtbot import QtBot

from app.context import Context, Council
from models.changes import Author
from models.store import Store
from tests.conftest import NOW
from tests.ui import audit
from ui.main_window import MainWindow
from ui.repairs.sections import SECTIONS
from ui.repairs.tab import Tab
from ui.theme import Mode, theme

ALT = Qt.KeyboardModifier.AltModifier
KEYS = [name.key for name in SECTIONS]
DEVICE = "0197d000-0000-7000-8000-000000000001"


@pytest.fixture
def filled() -> None:
    """Asks for the sample council."""


@pytest.fixture
def context(store: Store, tmp_path: Path) -> Context:
    """The context of a lead, to whom every act of every section is open."""
    lead = Author("u-1", "Tomos Aldgate", "team-1", frozenset({"officer", "lead"}), DEVICE)
    return Context(store, lead, tmp_path, Council(), lambda: NOW)


@pytest.fixture
def repairs(qtbot: QtBot, context: Context) -> Tab:
    """The Repairs tab in the whole window."""
    window = MainWindow(context)
    qtbot.addWidget(window, before_close_func=lambda w: w.shell.close())
    window.resize(1280, 720)
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    tab = window.open_tab("repairs")
    assert isinstance(tab, Tab)
    return tab


def settled(qtbot: QtBot, check: Callable[[], list[str]]) -> list[str]:
    try:
        qtbot.waitUntil(lambda: not check(), timeout=1_000)
    except TookTooLong:
        return check()
    return []


def audited(qtbot: QtBot, repairs: Tab, factor: float) -> dict[str, list[str]]:
    """What an audit of every section finds, by section."""
    theme().set_factor(factor)
    window = repairs.window()
    window.resize(1280, 720)
    found: dict[str, list[str]] = {}
    for key in KEYS:
        repairs.open_section(key)
        wrong = settled(qtbot, lambda: audit.problems(window) + audit.cut_off(window))
        wrong += audit.stray_windows(window)
        if wrong:
            found[key] = wrong
    return found


def press(qtbot: QtBot, repairs: Tab, key: Qt.Key, modifier: Qt.KeyboardModifier) -> None:
    qtbot.keyClick(QApplication.focusWidget() or repairs, key, modifier)
    qtbot.waitUntil(lambda: not repairs.shell.jobs.busy, timeout=5_000)


def test_the_tab_opens_on_the_repairs_and_builds_no_other_section(repairs: Tab, filled: None) -> None:
    assert repairs.section == "triage"
    assert list(repairs.built) == ["triage"]
    assert repairs.triage.head.bar.links["triage"].current


def test_alt_and_a_number_lead_to_each_section_and_back(qtbot: QtBot, repairs: Tab, filled: None) -> None:
    for number, wanted in enumerate(KEYS, 1):
        press(qtbot, repairs, getattr(Qt.Key, f"Key_{number}"), ALT)
        assert repairs.section == wanted
        assert repairs.stack.currentWidget() is repairs.current
        assert repairs.isAncestorOf(QApplication.focusWidget()), f"the keyboard is lost in {wanted}"
    press(qtbot, repairs, Qt.Key.Key_1, ALT)
    assert repairs.section == "triage"


def test_alt_and_a_number_lead_on_from_the_middle_of_an_interview_and_nothing_is_lost(
    qtbot: QtBot, repairs: Tab, filled: None
) -> None:
    repairs.triage.begin()
    answers = repairs.triage.interview.answers
    qtbot.waitUntil(lambda: any(row.hasFocus() for row in answers.rows))
    press(qtbot, repairs, Qt.Key.Key_9, Qt.KeyboardModifier.NoModifier)
    press(qtbot, repairs, Qt.Key.Key_2, ALT)
    assert repairs.section == "cases"
    press(qtbot, repairs, Qt.Key.Key_1, ALT)
    assert repairs.triage.pages.currentWidget() is repairs.triage.interview
    assert repairs.triage.interview.view is not None
    assert repairs.triage.interview.view.answers == {"danger": "none"}


def test_a_link_is_pressed_by_keyboard_and_says_where_one_is(
    qtbot: QtBot, repairs: Tab, filled: None
) -> None:
    link = repairs.triage.head.bar.links["homes"]
    link.setFocus()
    press(qtbot, repairs, Qt.Key.Key_Return, Qt.KeyboardModifier.NoModifier)
    assert repairs.section == "homes"
    links = repairs.current.head.bar.links
    assert "on show" in links["homes"].accessibleName()
    assert "on show" not in links["triage"].accessibleName()


def test_in_one_column_the_sections_stand_behind_one_button(qtbot: QtBot, repairs: Tab, filled: None) -> None:
    repairs.set_compact(True)
    repairs.triage.head.bar.all.setFocus()
    press(qtbot, repairs, Qt.Key.Key_Space, Qt.KeyboardModifier.NoModifier)
    assert repairs.stack.currentWidget() is repairs.sections_page
    press(qtbot, repairs, Qt.Key.Key_Tab, Qt.KeyboardModifier.NoModifier)
    press(qtbot, repairs, Qt.Key.Key_Return, Qt.KeyboardModifier.NoModifier)
    assert repairs.section == KEYS[1]


@pytest.mark.parametrize("factor", [1.0, 2.0])
def test_every_section_passes_the_audit_with_work_in_it(
    qtbot: QtBot, repairs: Tab, filled: None, factor: float
) -> None:
    assert audited(qtbot, repairs, factor) == {}


@pytest.mark.parametrize("factor", [1.0, 2.0])
def test_every_section_passes_the_audit_while_it_is_empty(qtbot: QtBot, repairs: Tab, factor: float) -> None:
    assert audited(qtbot, repairs, factor) == {}


@pytest.mark.parametrize("mode", [Mode.DARK, Mode.CONTRAST])
def test_every_section_passes_the_audit_in_the_other_looks(
    qtbot: QtBot, repairs: Tab, filled: None, mode: Mode
) -> None:
    theme().install(mode, 1.0)
    assert audited(qtbot, repairs, 1.0) == {}
