"""Every tab, empty and with two weeks of work: names, roles, tab stops, keys, sizes, no word cut off."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pytestqt.exceptions import TimeoutError as TookTooLong
from pytestqt.qtbot import QtBot

from app import sample
from app.context import Context
from tests.ui import audit
from ui.main_window import MainWindow
from ui.tabs import TABS
from ui.theme import theme

KEYS = [spec.key for spec in TABS]


def settled(qtbot: QtBot, check: Callable[[], list[str]]) -> list[str]:
    """What a check finds once the page has had a second to lay itself out."""
    try:
        qtbot.waitUntil(lambda: not check(), timeout=1000)
    except TookTooLong:
        return check()
    return []


@pytest.mark.parametrize("key", KEYS)
def test_every_focusable_part_of_a_tab_has_a_name_a_role_and_a_tab_stop(
    qtbot: QtBot, window: MainWindow, key: str
) -> None:
    window.open_tab(key)
    assert settled(qtbot, lambda: audit.problems(window)) == []
    assert audit.stray_windows(window) == []


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("factor", [1.0, 2.0])
def test_no_word_of_an_empty_tab_is_cut_off(
    qtbot: QtBot, window: MainWindow, key: str, factor: float
) -> None:
    theme().set_factor(factor)
    window.resize(1280, 720)
    window.open_tab(key)
    assert settled(qtbot, lambda: audit.cut_off(window)) == []


def test_every_tab_passes_with_two_weeks_of_work_in_it(qtbot: QtBot, context: Context) -> None:
    sample.fill(context)
    window = MainWindow(context)
    qtbot.addWidget(window)
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    found: dict[str, list[str]] = {}
    for factor in (1.0, 2.0):
        theme().set_factor(factor)
        window.resize(1280, 720)
        for key in KEYS:
            window.open_tab(key)
            wrong = settled(qtbot, lambda: audit.problems(window)) + settled(
                qtbot, lambda: audit.cut_off(window)
            )
            if wrong:
                found[f"{key} at {factor:.0%}"] = wrong
    window.close()
    assert found == {}
