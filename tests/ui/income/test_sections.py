"""The sections of the Income tab: their links and keys, and what each one passes in an audit."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.exceptions import TimeoutError as TookTooLong
from pytestqt.qtbot import QtBot

from app.context import Context
from tests.ui import audit
from ui.income.sections import SECTIONS
from ui.income.tab import Tab
from ui.main_window import MainWindow
from ui.theme import theme

ALT = Qt.KeyboardModifier.AltModifier
KEYS = [name.key for name in SECTIONS]


@pytest.fixture
def income(qtbot: QtBot, context: Context) -> Tab:
    """The Income tab in the whole window, over the sample week."""
    return opened(qtbot, context)


def opened(qtbot: QtBot, context: Context) -> Tab:
    window = MainWindow(context)
    qtbot.addWidget(window, before_close_func=lambda w: w.shell.close())
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    tab = window.open_tab("income")
    assert isinstance(tab, Tab)
    return tab


def settled(qtbot: QtBot, check: Callable[[], list[str]]) -> list[str]:
    try:
        qtbot.waitUntil(lambda: not check(), timeout=1_000)
    except TookTooLong:
        return check()
    return []


def test_the_tab_opens_on_reconcile_and_builds_no_other_section(income: Tab) -> None:
    assert income.section == "reconcile"
    assert list(income.built) == ["reconcile"]
    assert income.reconcile.head.bar.links["reconcile"].current


def test_alt_and_a_number_lead_to_each_section_and_back(qtbot: QtBot, income: Tab) -> None:
    for number, wanted in enumerate(KEYS, 1):
        qtbot.keyClick(QApplication.focusWidget() or income, getattr(Qt.Key, f"Key_{number}"), ALT)
        assert income.section == wanted
        assert income.stack.currentWidget() is income.current
        assert income.isAncestorOf(QApplication.focusWidget())
    qtbot.keyClick(QApplication.focusWidget() or income, Qt.Key.Key_1, ALT)
    assert income.section == "reconcile"


def test_a_link_is_pressed_by_keyboard_and_says_where_one_is(qtbot: QtBot, income: Tab) -> None:
    link = income.reconcile.head.bar.links["ereturns"]
    link.setFocus()
    qtbot.keyClick(link, Qt.Key.Key_Return)
    assert income.section == "ereturns"
    links = income.current.head.bar.links
    assert links["ereturns"].accessibleName().startswith("eReturns, section")
    assert "on show" in links["ereturns"].accessibleName()
    assert "on show" not in links["reconcile"].accessibleName()


def test_the_section_is_remembered_while_another_tab_is_looked_at(qtbot: QtBot, income: Tab) -> None:
    income.open_section("ereturns")
    window = income.window()
    assert isinstance(window, MainWindow)
    window.open_tab("repairs")
    window.open_tab("income")
    assert income.section == "ereturns"
    assert income.current.isVisible()


def test_in_one_column_the_sections_stand_behind_one_button(qtbot: QtBot, income: Tab) -> None:
    income.set_compact(True)
    button = income.reconcile.bench.middle.proposal.short_acts.sections
    assert button is not None
    button.click()
    assert income.stack.currentWidget() is income.sections_page
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    assert income.section == KEYS[1]
    assert income.current.head.bar.all.isVisible()


@pytest.mark.parametrize("factor", [1.0, 2.0])
def test_every_section_passes_the_audit_with_work_in_it(qtbot: QtBot, income: Tab, factor: float) -> None:
    assert audited(qtbot, income, factor) == {}


@pytest.mark.parametrize("factor", [1.0, 2.0])
def test_every_section_passes_the_audit_while_it_is_empty(
    qtbot: QtBot, bare: None, context: Context, factor: float
) -> None:
    assert audited(qtbot, opened(qtbot, context), factor) == {}


@pytest.fixture
def bare() -> None:
    """Asks for a fresh store."""


def audited(qtbot: QtBot, income: Tab, factor: float) -> dict[str, list[str]]:
    """What an audit of every section finds, by section."""
    theme().set_factor(factor)
    window = income.window()
    window.resize(1280, 720)
    found: dict[str, list[str]] = {}
    for key in KEYS:
        income.open_section(key)
        wrong = settled(qtbot, lambda: audit.problems(window) + audit.cut_off(window))
        wrong += audit.stray_windows(window)
        if wrong:
            found[key] = wrong
    return found


def test_the_acts_of_a_head_stand_at_the_right_with_and_without_facts(
    qtbot: QtBot, bare: None, context: Context
) -> None:
    income = opened(qtbot, context)
    income.window().resize(1280, 720)
    section = income.open_section("codes")
    assert not section.head.facts.isVisible()
    qtbot.waitUntil(lambda: section.head.acts.geometry().right() >= section.head.width() - 2)
    section.head.set_facts("Something waits.")
    qtbot.waitUntil(lambda: section.head.acts.geometry().right() >= section.head.width() - 2)
